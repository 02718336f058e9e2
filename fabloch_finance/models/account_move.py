from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "fabloch.books"]

    fabloch_run_id = fields.Many2one(
        "fabloch.invoicing.run",
        "Invoicing run",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    fabloch_charge_count = fields.Integer("Charges", compute="_compute_fabloch_charge_count")

    @api.depends("invoice_line_ids.fabloch_charge_id")
    def _compute_fabloch_charge_count(self):
        for move in self:
            move.fabloch_charge_count = len(move.invoice_line_ids.fabloch_charge_id)

    def action_open_fabloch_charges(self):
        """Open the charges that this invoice bears."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.charge_action_all")
        action.update(domain=[("id", "in", self.invoice_line_ids.fabloch_charge_id.ids)], context={})
        return action

    # -- What was charged is what is invoiced ----------------------------------------------------------

    def _post(self, soft=True):
        self._check_fabloch_charges()
        return super()._post(soft=soft)

    def _check_fabloch_charges(self):
        """Hold each invoice to its charges, to the cent: payer, currency, each line, and the sum."""
        for move in self.sudo():
            lines = move.invoice_line_ids.filtered("fabloch_charge_id")
            sign = 1 if move.move_type == "out_invoice" else -1
            for line in lines:
                charge = line.fabloch_charge_id
                if (
                    move.partner_id != charge.invoice_partner_id
                    or move.currency_id != charge.currency_id
                    or move.currency_id.compare_amounts(sign * line.price_subtotal, charge.amount)
                ):
                    raise UserError(
                        self.env._(
                            "This invoice doesn't say what was charged for “%(charge)s”: %(amount)s to %(payer)s. "
                            "Put it back, or delete the line: the charge can then be changed, waived or invoiced.",
                            charge=charge.display_name,
                            amount=formatLang(self.env, charge.amount, currency_obj=charge.currency_id),
                            payer=charge.invoice_partner_id.display_name,
                        )
                    )
            others = move.invoice_line_ids - lines
            charged = sum(lines.fabloch_charge_id.mapped("amount")) * sign
            if lines and move.currency_id.compare_amounts(
                move.amount_untaxed, charged + sum(others.mapped("price_subtotal"))
            ):
                raise UserError(
                    self.env._(
                        "The lines of this invoice don't sum to its total, because taxes are rounded globally. "
                        "Choose “Round per Line” in the accounting settings of %s.",
                        move.company_id.name,
                    )
                )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        reversals = super()._reverse_moves(default_values_list, cancel)
        # Each line of a credit note remembers the charge that it takes back.
        for move in reversals.filtered("reversed_entry_id"):
            originals = move.reversed_entry_id.invoice_line_ids
            if originals.fabloch_charge_id:
                for original, line in zip(originals.sorted(), move.invoice_line_ids.sorted(), strict=True):
                    line.sudo().fabloch_credited_charge_id = original.fabloch_charge_id
        return reversals

    def button_draft(self):
        self._check_fabloch_credits()
        return super().button_draft()

    def button_cancel(self):
        self._check_fabloch_credits()
        return super().button_cancel()

    def _check_fabloch_credits(self):
        """A credit note stays as long as what it took back is invoiced again."""
        charges = self.sudo().invoice_line_ids.fabloch_credited_charge_id
        for again in charges.replacement_ids.filtered(lambda charge: charge.state != "waived"):
            raise UserError(
                self.env._(
                    "This credit note took back “%s”, which is charged again since. Waive or credit that charge first.",
                    again.display_name,
                )
            )
