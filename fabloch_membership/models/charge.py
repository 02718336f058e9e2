from odoo import fields, models


class Charge(models.Model):
    _inherit = "fabloch.charge"

    membership_id = fields.Many2one("fabloch.membership", readonly=True, index="btree_not_null", ondelete="restrict")

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
