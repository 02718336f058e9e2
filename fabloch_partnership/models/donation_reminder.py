from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from odoo.addons.fabloch_finance.batches import committed

BATCH = 100
# Nobody is written to about a promise of long ago, whatever the settings become.
LATEST_DAYS = 90


class DonationReminder(models.Model):
    """A mail about a promise that didn't come: one row a gift, so that each is reminded of once, whatever happens.

    The row and the mail (queued for Odoo's own mail sender) are made in one transaction: a process that is killed
    leaves both or none, and the unique index stops a second one.
    """

    _name = "fabloch.donation.reminder"
    _description = "Reminder of a promise"
    _order = "id desc"
    _rec_name = "donation_id"

    donation_id = fields.Many2one("fabloch.donation", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="donation_id.company_id", store=True)
    date = fields.Date("Sent on", required=True, readonly=True)

    _once = models.UniqueIndex("(donation_id)", "The donor was reminded of this promise already.")

    @api.model
    def _cron_remind(self):
        """Mail the donors whose promise is late by the days of the settings; in batches that are committed."""
        due = []
        Donation = self.env["fabloch.donation"]
        for company in self.env["res.company"].search([("gift_remind_after", ">", 0)]):
            due += Donation.search(self._due_domain(company), order="date, id").ids
        for batch in committed(self.env, split_every(BATCH, due, list)):
            # A gift that came since the search is left in peace.
            self._send(Donation.browse(batch).filtered(lambda donation: donation.state == "pledged"))

    @api.model
    def _due_domain(self, company):
        """Return the domain of the promises of `company` to remind of today.

        A receipt that is posted or partly paid is the accountant's business.
        """
        today = fields.Date.context_today(self)
        last = today - timedelta(days=company.gift_remind_after)
        return (
            Domain("company_id", "=", company.id)
            & Domain("date", "<=", last)
            & Domain("date", ">=", last - timedelta(days=LATEST_DAYS))
            & self._remindable_domain()
        )

    @api.model
    def _remindable_domain(self):
        """Return the domain of the promises that may be reminded of, whatever their day."""
        return (
            Domain("state", "=", "pledged")
            & Domain("nature", "=", "cash")
            & Domain("origin", "=", "gift")
            & Domain("payment", "not in", ("partial", "paid"))
            & Domain("partner_id.active", "=", True)
            & Domain("partner_id.membership_mail_opt_out", "=", False)
            & Domain("partner_id.email", "not in", [False, ""])
            & Domain("reminder_ids", "=", False)
        )

    @api.model
    def _remind_by_hand(self, donations):
        """Mail about those of these promises that are late and may be reminded of; return those mailed about.

        :raise AccessError: when the user isn't of those who record gifts
        """
        donations.check_access("write")
        late = Domain("date", "<", fields.Date.context_today(self)) & self._remindable_domain()
        return self.sudo()._send(donations.sudo().search(late & Domain("id", "in", donations.ids), order="date, id"))

    @api.model
    def _send(self, donations):
        """Mail about these promises, those left out that were reminded of already; return those mailed about."""
        if not donations:
            return donations
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_donation_reminder (donation_id, company_id, date, create_uid, create_date)
                SELECT id, company_id, %(today)s, %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM fabloch_donation
                 WHERE id IN %(ids)s
                 ORDER BY id
                    ON CONFLICT DO NOTHING
             RETURNING donation_id
                """,
                today=fields.Date.context_today(self),
                uid=self.env.uid,
                ids=tuple(donations.ids),
            )
        )
        self.invalidate_model()
        donations.invalidate_recordset(["reminder_ids"])
        to_mail = donations.browse([donation_id for (donation_id,) in rows])
        if to_mail:
            template = self.env.ref("fabloch_partnership.mail_template_gift_late")
            template.send_mail_batch(to_mail.ids, force_send=False)
        return to_mail


class Donation(models.Model):
    """The reminders of a promise."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    reminder_ids = fields.One2many("fabloch.donation.reminder", "donation_id", "Reminders", readonly=True)

    def _opt_out_url(self):
        """Return the address on which the donor says no to such mails: the member's own (see fabloch_membership)."""
        self.ensure_one()
        partner_id = self.partner_id.id
        token = self.env["fabloch.membership"]._opt_out_token(partner_id)
        return f"{self.get_base_url()}/membership/unsubscribe/{partner_id}/{token}"
