from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from odoo.addons.fabloch_finance.batches import committed

BATCH = 100
# A member who left long ago isn't written to any more, whatever the settings become.
LATEST_DAYS = 30


class MembershipReminder(models.Model):
    """A mail about the end of a membership: one row a mail, so that each is sent once, whatever happens.

    The row and the mail (queued for Odoo's own mail sender) are made in one transaction: a process that is killed
    leaves both or none, and the unique index stops a second one.
    """

    _name = "fabloch.membership.reminder"
    _description = "Membership reminder"
    _order = "id desc"
    _rec_name = "membership_id"

    membership_id = fields.Many2one("fabloch.membership", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="membership_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="membership_id.company_id", store=True)
    kind = fields.Selection(
        [("before", "Before the end"), ("on", "On the last day"), ("after", "After the end")],
        required=True,
        readonly=True,
    )
    date = fields.Date("Sent on", required=True, readonly=True)

    _once = models.UniqueIndex("(membership_id, kind)", "This mail was sent already for this membership.")

    @api.model
    def _cron_remind(self):
        """Mail those whose membership ends soon, today, or ended lately; in batches that are committed.

        A day without server is caught up, as long as the mail still makes sense: the one before the end is never sent
        after it.
        """
        work = []
        wants = Domain("membership_remind_on", "=", True)
        wants |= Domain("membership_remind_before", ">", 0) | Domain("membership_remind_after", ">", 0)
        for company in self.env["res.company"].search(wants):
            today = self.env["fabloch.membership"].with_company(company)._today()
            for kind, domain in self._due_domains(company, today).items():
                due = self.env["fabloch.membership"].search(domain, order="date_end, id").ids
                work += [(kind, batch) for batch in split_every(BATCH, due, list)]
        for kind, batch in committed(self.env, work, size=lambda step: len(step[-1])):
            self._send(self.env["fabloch.membership"].browse(batch), kind)

    @api.model
    def _due_domains(self, company, today):
        """Return {kind: domain of the memberships of `company` to mail about on the day `today`}."""
        before, after = company.membership_remind_before, company.membership_remind_after
        one_day = timedelta(days=1)
        periods = {}  # kind: first and last date of the end
        if before:
            periods["before"] = (today + one_day, today + timedelta(days=before))
        if company.membership_remind_on:
            grace = timedelta(days=min(after or 7, 7))
            periods["on"] = (today - grace + one_day, today)
        if after:
            periods["after"] = (today - timedelta(days=after + LATEST_DAYS), today - timedelta(days=after))
        common = (
            Domain("company_id", "=", company.id)
            & Domain("confirm_date", "!=", False)
            & Domain("cancel_date", "=", False)
            & Domain("in_order", "=", True)
            & Domain("is_renewed", "=", False)
            & Domain("partner_id.active", "=", True)
            & Domain("partner_id.membership_mail_opt_out", "=", False)
            & Domain("partner_id.email", "not in", [False, ""])
        )
        return {
            kind: common
            & Domain("date_end", ">=", first)
            & Domain("date_end", "<=", last)
            & Domain("reminder_ids", "not any", [("kind", "=", kind)])
            for kind, (first, last) in periods.items()
        }

    @api.model
    def _send(self, memberships, kind):
        """Mail about these memberships, those left out who got this kind of mail already.

        :return: the memberships that were mailed about.
        """
        if not memberships:
            return memberships
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_membership_reminder
                       (membership_id, partner_id, company_id, kind, date, create_uid, create_date)
                SELECT id, partner_id, company_id, %(kind)s, %(today)s, %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM fabloch_membership
                 WHERE id IN %(ids)s
                 ORDER BY id
                    ON CONFLICT DO NOTHING
             RETURNING membership_id
                """,
                kind=kind,
                today=memberships._today(),
                uid=self.env.uid,
                ids=tuple(memberships.ids),
            )
        )
        self.invalidate_model()
        memberships.invalidate_recordset(["reminder_ids"])
        to_mail = memberships.browse([membership_id for (membership_id,) in rows])
        if to_mail:
            template = self.env.ref(f"fabloch_membership.mail_template_{kind}")
            template.send_mail_batch(to_mail.ids, force_send=False)
        return to_mail
