from odoo import Command, fields, models
from odoo.exceptions import UserError


class Charge(models.Model):
    """Credit notes for charges, whatever else stands on their invoices."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    def _credit(self, percent, reason):
        """Take back `percent` of these invoiced charges: one posted credit note an invoice, set off against it.

        A draft invoice is left to the accountant: its line is deleted or changed there.

        :param float percent: more than 0, up to 100, of each charge.
        :param str reason: what the credit note says.
        :return: the credit notes.
        :raises UserError: when an invoice is a draft, or a charge was credited already.
        """
        moves = self.env["account.move"].sudo()
        for charge in self:
            if charge.invoice_id.state != "posted":
                raise UserError(
                    self.env._(
                        "The invoice of “%s” is still a draft: post it, or delete its line, then try again.",
                        charge.display_name,
                    )
                )
            if not charge.currency_id.is_zero(charge.amount_credited):
                raise UserError(self.env._("“%s” was credited already: see the credit note.", charge.display_name))
        for invoice, charges in self.sudo().grouped("invoice_id").items():
            note = moves.with_company(invoice.company_id).create(charges._prepare_credit_note_vals(percent, reason))
            note.action_post()
            moves += note
            owed, given = (
                move.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled)
                for move in (invoice, note)
            )
            if owed and given:
                (owed + given).reconcile()
        return moves

    def _prepare_credit_note_vals(self, percent, reason):
        """Values of the credit note that takes back `percent` of these charges, which stand on one invoice."""
        invoice = self.invoice_id
        lines = []
        for charge in self:
            vals = charge._prepare_invoice_line_vals(1)
            del vals["fabloch_charge_id"]
            kept = (100 - (charge.discount or 0.0)) * percent / 100
            lines.append(Command.create({**vals, "discount": 100 - kept, "fabloch_credited_charge_id": charge.id}))
        return {
            "move_type": "out_refund" if invoice.move_type == "out_invoice" else "out_invoice",
            "journal_id": invoice.journal_id.id,
            "partner_id": invoice.partner_id.id,
            "currency_id": invoice.currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "reversed_entry_id": invoice.id,
            "ref": reason,
            "invoice_line_ids": lines,
        }
