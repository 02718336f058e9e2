from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.fabloch_finance.batches import committed

BATCH = 100


class ResCompany(models.Model):
    """When a company is reminded of the end of its mandates."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    mandate_remind_before = fields.Integer(
        "Days before the end of a mandate",
        default=60,
        help="An activity asks that many days before for the next election or appointment; none at 0.",
    )

    _mandate_remind_positive = models.Constraint(
        "CHECK (mandate_remind_before >= 0)", "The days before the end of a mandate are 0 or more."
    )


class MandateReminder(models.Model):
    """The activity before the end of a mandate: once for each end, whatever happens."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.mandate"

    reminded_end = fields.Date(
        "Reminded of the end on", readonly=True, copy=False, help="The end of which the reminder was raised."
    )

    @api.model
    def _cron_remind(self):
        """Raise the activities of the mandates that end soon, in batches that are committed."""
        work = []
        for company in self.env["res.company"].search([("mandate_remind_before", ">", 0)]):
            work += self.with_company(company)._to_remind().ids
        for batch in committed(self.env, split_every(BATCH, work, list)):
            self.browse(batch)._remind()

    @api.model
    def _to_remind(self):
        """Return the mandates of the current company that end soon, weren't reminded of, and that none follows."""
        today = fields.Date.context_today(self)
        last = today + timedelta(days=self.env.company.mandate_remind_before)
        domain = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("date_from", "<=", today)
            & Domain("date_to", ">=", today)
            & Domain("date_to", "<=", last)
        )
        ending = self.search(domain).filtered(lambda mandate: mandate.reminded_end != mandate.date_to)
        later = self.search(
            Domain("company_id", "=", self.env.company.id)
            & Domain("partner_id", "in", ending.partner_id.ids)
            & Domain("date_from", ">", today)
        )
        followed = {mandate._seat() for mandate in later}
        return ending.filtered(lambda mandate: mandate._seat() not in followed)

    def _remind(self):
        """Raise the activity of each of these mandates, those left out that another process reminds of meanwhile."""
        mandates = self.try_lock_for_update().filtered(lambda mandate: mandate.reminded_end != mandate.date_to)
        for (user, end), ending in mandates.grouped(lambda each: (each._remind_whom(), each.date_to)).items():
            spoken = ending.with_context(lang=user.lang, mail_activity_quick_update=True)
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=end,
                summary=spoken.env._("A mandate ends: who sits there next?"),
                user_id=user.id,
            )
            ending.reminded_end = end

    def _remind_whom(self):
        """Return the user who follows this mandate, or whoever does in the place of one who left."""
        self.ensure_one()
        users = self.user_id | self.convention_id.user_id | self.company_id.convention_signatory_id
        return users.filtered("active")[:1] or self.env.user
