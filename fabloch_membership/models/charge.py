from odoo import fields, models


class Charge(models.Model):
    _inherit = "fabloch.charge"

    membership_id = fields.Many2one(
        "fabloch.membership", "Membership", readonly=True, index="btree_not_null", ondelete="restrict"
    )

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
        state = self.invoice_line_id.move_id.payment_state
        if credited or state == "reversed":
            return "refunded"
        return "paid" if state in ("paid", "in_payment") else "unpaid"
