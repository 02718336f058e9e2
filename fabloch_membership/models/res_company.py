from odoo import fields, models

DEFAULT_RENEWAL_DAYS = 30


class ResCompany(models.Model):
    _inherit = "res.company"

    membership_invoice_now = fields.Boolean(
        "Invoice fees at once",
        default=True,
        help="A confirmed membership is invoiced immediately; otherwise with the next invoicing run.",
    )
    membership_active_unpaid = fields.Boolean(
        "Active before payment", help="A confirmed membership runs even though its fee isn't paid yet."
    )
    membership_remind_before = fields.Integer(
        "Days before the end", default=DEFAULT_RENEWAL_DAYS, help="Mail sent that many days before; none at 0."
    )
    membership_remind_on = fields.Boolean("Mail on the last day", default=True)
    membership_remind_after = fields.Integer(
        "Days after the end", default=15, help="Mail sent that many days after; none at 0."
    )

    _membership_remind_positive = models.Constraint(
        "CHECK (membership_remind_before >= 0 AND membership_remind_after >= 0)",
        "The days before and after the end of a membership are 0 or more.",
    )

    def _membership_renewal_days(self):
        """Return how many days before its end a membership is to renew."""
        return self.membership_remind_before or DEFAULT_RENEWAL_DAYS
