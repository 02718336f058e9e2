from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.fabloch_finance.report.unpaid_report import AGE_OF_DAYS_LATE
from odoo.addons.fabloch_finance.report.unpaid_report import AGES as UNPAID_AGES

from ..models.donation import NATURES

AGES = [("0", "Not late"), *UNPAID_AGES[1:5]]


class PromiseReport(models.Model):
    """Gifts that are promised and didn't come, by age: what the association hopes for, apart from what it is owed.

    One row a gift; the amount is what is still missing of it. A promise binds nobody: it gets at most one gentle mail
    (fabloch.donation.reminder), never a payment reminder.
    """

    _name = "fabloch.promise.report"
    _description = "Promised gifts"
    _auto = False
    _rec_name = "donation_id"
    _order = "date, id"
    _depends = {
        "fabloch.donation": [
            "amount",
            "company_id",
            "convention_id",
            "date",
            "donor_kind",
            "move_id",
            "nature",
            "origin",
            "partner_id",
            "state",
        ],
        "fabloch.donation.reminder": ["date", "donation_id"],
        "account.move": ["amount_residual", "state"],
        "res.company": ["currency_id"],
    }

    donation_id = fields.Many2one("fabloch.donation", "Gift", readonly=True)
    partner_id = fields.Many2one("res.partner", "Donor", readonly=True)
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    donor_kind = fields.Selection(related="donation_id.donor_kind")
    nature = fields.Selection(NATURES, readonly=True)
    convention_id = fields.Many2one("fabloch.convention", readonly=True)
    date = fields.Date("Expected on", readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="max", help="Days since it was expected; 0 before that.")
    age = fields.Selection(AGES, readonly=True)
    amount = fields.Monetary("Still to come", readonly=True)
    reminded_on = fields.Date(readonly=True, aggregator="max", help="The day of its only mail.")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT promise.*, %(age)s AS age
              FROM (
                       SELECT donation.id,
                              donation.id AS donation_id,
                              donation.partner_id,
                              donation.nature,
                              donation.convention_id,
                              donation.date,
                              GREATEST(%(today)s - donation.date, 0) AS days_late,
                              CASE WHEN donation.nature = 'cash' AND move.state = 'posted'
                                   THEN move.amount_residual ELSE donation.amount END AS amount,
                              reminder.date AS reminded_on,
                              donation.company_id,
                              company.currency_id
                         FROM fabloch_donation donation
                         JOIN res_company company ON company.id = donation.company_id
                    LEFT JOIN account_move move ON move.id = donation.move_id
                    LEFT JOIN fabloch_donation_reminder reminder ON reminder.donation_id = donation.id
                        WHERE donation.state = 'pledged'
                          AND donation.origin = 'gift'
                   ) promise
            """,
            age=AGE_OF_DAYS_LATE,
            today=fields.Date.context_today(self),
        )

    def action_open_donation(self):
        """Open the gift of this row."""
        self.ensure_one()
        return self.donation_id.get_formview_action()

    def action_remind(self):
        """Send the gentle mail about those of these promises that may get it; tell how many did."""
        sent = self.env["fabloch.donation.reminder"]._remind_by_hand(self.donation_id)
        left = len(self.donation_id) - len(sent)
        message = self.env._("Mails sent: %s.", len(sent))
        if left:
            message += " " + self.env._(
                "Gifts left in peace: %s. They aren't late, aren't money, were reminded of already, or the donor has no"
                " e-mail or wants no such mail.",
                left,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
