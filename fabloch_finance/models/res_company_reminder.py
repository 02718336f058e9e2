from odoo import fields, models


class ResCompany(models.Model):
    """When and in whose name unpaid invoices are reminded of."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    fabloch_remind_auto = fields.Boolean(
        "Automatic reminders", help="Every day, those who are to be reminded are, with nobody clicking."
    )
    fabloch_remind_days_1 = fields.Integer(
        "First reminder", default=7, required=True, help="Days after the due date of the invoice."
    )
    fabloch_remind_days_2 = fields.Integer(
        "Second reminder", default=15, required=True, help="Days after the first reminder, at least."
    )
    fabloch_remind_days_3 = fields.Integer(
        "Last reminder", default=15, required=True, help="Days after the second reminder, at least."
    )
    fabloch_remind_user_id = fields.Many2one(
        "res.users",
        "Reminders signed by",
        help="Signs the mails, and is asked to act when a payer can't be reminded. Otherwise: whoever sends them.",
    )
    fabloch_remind_email = fields.Char(
        "Reminders sent from", help="Address of the sender, to which payers answer. Empty: the company's."
    )

    _fabloch_remind_days_positive = models.Constraint(
        "CHECK (fabloch_remind_days_1 > 0 AND fabloch_remind_days_2 > 0 AND fabloch_remind_days_3 > 0)",
        "At least one day goes by before a payment reminder: write 1 or more.",
    )

    def _fabloch_reminder_user(self):
        """Return who is asked to act when a payer can't be reminded: the one of the settings, or an accountant."""
        self.ensure_one()
        company = self.sudo()
        users = company.fabloch_remind_user_id | company.fabloch_invoicing_user_id
        return self._fabloch_follow_up_user(users, group=None)
