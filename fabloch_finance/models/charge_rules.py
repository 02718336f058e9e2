from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import arguments

# What an invoice line states: once invoiced, these never change on the charge.
INVOICED_FIELDS = {
    "company_id",
    "currency_id",
    "date",
    "discount",
    "invoice_partner_id",
    "name",
    "partner_id",
    "price_unit",
    "product_id",
    "product_uom_id",
    "quantity",
    "tax_ids",
}

# Only the engine and the actions below set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {
    "amount",
    "amount_credited",
    "credit_line_ids",
    "invoice_id",
    "invoice_line_id",
    "invoice_line_ids",
    "origin_charge_id",
    "replacement_ids",
    "state",
    "waived",
    "waived_by_id",
    "waived_on",
    "waived_reason",
}


class Charge(models.Model):
    """What may be done to a charge, and when."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    def write(self, vals):
        self._check_engine_fields([vals])
        if INVOICED_FIELDS.intersection(vals):
            self._check_not_invoiced(self.env._("changed"))
        return super().write(vals)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "These fields of a charge follow from its invoice or from an action and can't be set: %s. "
            "Use the buttons of the charge.",
            ", ".join(names),
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invoiced(self):
        self._check_not_invoiced(self.env._("deleted"))
        kept = self.filtered("invoice_line_ids")
        if kept:
            raise UserError(
                self.env._(
                    "The charge “%s” stands on a cancelled invoice, which the books keep. "
                    "Waive it instead of deleting it.",
                    kept[0].display_name,
                )
            )

    def _check_not_invoiced(self, verb):
        for charge in self.filtered("invoice_line_id"):
            raise UserError(
                self.env._(
                    "The charge “%(charge)s” is on the invoice %(invoice)s and can't be %(verb)s. "
                    "Delete or cancel that invoice while it is a draft, or make a credit note.",
                    charge=charge.display_name,
                    invoice=charge.invoice_id.display_name,
                    verb=verb,
                )
            )

    def action_waive(self, reason=False):
        """Give up these charges: they will not be invoiced.

        :param str reason: why; kept on the charge for the auditor, with the day and the user.
        :raises UserError: when one is invoiced (a credit note is the way then) or waived already.
        :raises ValidationError: without a reason.
        """
        self._check_not_invoiced(self.env._("waived"))
        for charge in self.filtered("waived"):
            raise UserError(
                self.env._(
                    "“%(charge)s” is waived already: %(reason)s",
                    charge=charge.display_name,
                    reason=charge.waived_reason,
                )
            )
        self.check_access("write")
        self.sudo().write(
            {
                "waived": True,
                "waived_reason": arguments.words(self.env, reason) or False,
                "waived_by_id": self.env.uid,
                "waived_on": fields.Date.context_today(self),
            }
        )

    def action_unwaive(self):
        """Take a waiver back: the charges are to be invoiced again. The reason of the waiver stays readable."""
        self.check_access("write")
        self.sudo().write({"waived": False})

    def action_reinvoice(self):
        """Charge again what a credit note has fully taken back; the credited charge stays as it was.

        :return: the new charges, to be invoiced.
        :raises UserError: when a charge is not invoiced, or not credited to the cent.
        """
        for charge in self:
            if charge.state != "invoiced" or charge.currency_id.compare_amounts(charge.amount, charge.amount_credited):
                raise UserError(
                    self.env._(
                        "“%s” is not fully credited, so invoicing it again would bill it twice. "
                        "Post a credit note for the whole line first, or add a charge for the difference.",
                        charge.display_name,
                    )
                )
        self.check_access("write")
        again = self.sudo().create([charge.copy_data(charge._reinvoice_vals())[0] for charge in self])
        return again.sudo(self.env.su)

    def _reinvoice_vals(self):
        """Values that the charge which takes the place of this credited one keeps; upper addons add their links."""
        self.ensure_one()
        return {"origin_charge_id": self.id}

    def action_open_invoice(self):
        """Open the invoice that bears this charge."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.invoice_id.id,
            "view_mode": "form",
        }
