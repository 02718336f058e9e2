from odoo import api, fields, models


class Charge(models.Model):
    _inherit = "fabloch.charge"

    membership_id = fields.Many2one(
        "fabloch.membership", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    @api.model
    def _engine_fields(self):
        # A charge pays for the membership that it was made for, and no other one.
        return super()._engine_fields() | {"membership_id"}

    def _reinvoice_vals(self):
        return {**super()._reinvoice_vals(), "membership_id": self.membership_id.id}

    def _is_coverable(self):
        # A company may offer fees to its people.
        return bool(self.membership_id) or super()._is_coverable()

    def _waive_of_cancelled_memberships(self):
        """Give up the fees that came back from an invoice after their membership was cancelled: nobody owes them."""
        today = self.env["fabloch.membership"]._today()
        due = self.sudo().filtered(
            lambda charge: (
                charge.state == "to_invoice"
                and charge.membership_id.cancel_date
                and charge.membership_id.cancel_date <= today
            )
        )
        for membership, charges in due.grouped("membership_id").items():
            charges.action_waive(self.env._("Membership cancelled: %s", membership.cancel_reason))

    def _membership_payment(self):
        """Return what became of this charge, as a key of `fabloch.membership.payment`.

        A charge that a credit note took back whole doesn't count as paid, even when its invoice was.
        """
        self.ensure_one()
        if self.state == "waived":
            return "nothing"
        if self.state == "to_invoice":
            return "to_invoice"
        credited = self.currency_id.compare_amounts(abs(self.amount_credited), abs(self.amount)) >= 0
        invoice = self.invoice_line_id.move_id
        if credited or invoice.payment_state == "reversed":
            return "refunded"
        # An invoice that was put back to draft keeps its payments, but is none until it is posted again.
        paid = invoice.state == "posted" and invoice.payment_state in ("paid", "in_payment")
        return "paid" if paid else "unpaid"
