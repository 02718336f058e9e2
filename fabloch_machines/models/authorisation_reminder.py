from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.fabloch_finance.batches import committed

BATCH = 100


class AuthorisationReminder(models.Model):
    """A mail that says that an authorisation is about to end: one row a mail, so that each is sent once.

    The row and the mail (queued for Odoo's own mail sender) are made in one transaction: a process that is killed
    leaves both or none. The unique index holds the day in question: who used the machines since, or whose end was put
    off, is warned again before the new day.
    """

    _name = "fabloch.authorisation.reminder"
    _description = "Reminder of an authorisation"
    _order = "id desc"
    _rec_name = "authorisation_id"

    authorisation_id = fields.Many2one(
        "fabloch.authorisation", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="authorisation_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="authorisation_id.company_id", store=True)
    kind = fields.Selection([("expiring", "Ends soon"), ("unused", "About to be lost")], required=True, readonly=True)
    deadline = fields.Date("Last day", required=True, readonly=True)
    date = fields.Date("Sent on", required=True, readonly=True)

    _once = models.UniqueIndex(
        "(authorisation_id, kind, deadline)", "This mail was sent already for this authorisation and day."
    )

    @api.model
    def _cron_remind(self):
        """Mail those whose authorisation ends soon, or is soon lost for not being used; in committed batches.

        A day without server is caught up, never past the day itself.
        """
        for batch in committed(self.env, split_every(BATCH, self._due(), list)):
            self._send(batch)

    @api.model
    def _due(self):
        """Return the list of (authorisation id, kind, last day) that a mail is due for. One query."""
        Authorisation = self.env["fabloch.authorisation"]
        today = fields.Date.context_today(self)
        Authorisation.flush_model()
        self.flush_model()
        self.env["res.partner"].flush_model(["active", "email"])
        return self.env.execute_query(
            SQL(
                """
                WITH current AS (
                    SELECT held.id, held.date_end, %(lost)s AS lost_on, %(days)s AS days, %(status)s AS status
                      FROM fabloch_authorisation AS held
                      JOIN res_partner AS person ON person.id = held.partner_id
                     WHERE held.revoked_on IS NULL AND person.active AND COALESCE(person.email, '') != ''
                       AND NOT %(followed)s
                ), wanted AS (
                    SELECT id, 'expiring' AS kind, date_end AS deadline FROM current
                     WHERE status = 'expiring' AND days > 0
                     UNION ALL
                    SELECT id, 'unused', lost_on FROM current
                     WHERE status IN ('valid', 'expiring') AND days > 0 AND lost_on <= %(today)s::date + days
                       AND lost_on < COALESCE(date_end, 'infinity'::date)
                )
                SELECT id, kind, deadline FROM wanted
                 WHERE NOT EXISTS (
                    SELECT FROM fabloch_authorisation_reminder AS sent
                     WHERE sent.authorisation_id = wanted.id AND sent.kind = wanted.kind
                       AND sent.deadline = wanted.deadline)
                 ORDER BY deadline, id
                """,
                lost=Authorisation._lost_on_sql("held"),
                days=Authorisation._category_sql("held", "authorisation_reminder_days"),
                status=Authorisation._status_sql("held", today),
                followed=Authorisation._followed_sql("held"),
                today=today,
            )
        )

    @api.model
    def _send(self, due):
        """Mail about these (authorisation id, kind, last day), those left out that were mailed about already.

        :return: the authorisations that were mailed about.
        """
        Authorisation = self.env["fabloch.authorisation"]
        if not due:
            return Authorisation
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_authorisation_reminder
                       (authorisation_id, partner_id, company_id, kind, deadline, date, create_uid, create_date)
                SELECT held.id, held.partner_id, held.company_id, wanted.kind, wanted.deadline, %(today)s, %(uid)s,
                       now() AT TIME ZONE 'UTC'
                  FROM (VALUES %(due)s) AS wanted (id, kind, deadline)
                  JOIN fabloch_authorisation AS held ON held.id = wanted.id
                 ORDER BY held.id
                    ON CONFLICT DO NOTHING
             RETURNING authorisation_id, kind
                """,
                due=SQL(", ").join(SQL("(%s, %s, %s::date)", *row) for row in due),
                today=fields.Date.context_today(self),
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
        mailed = Authorisation
        for kind in ("expiring", "unused"):
            to_mail = Authorisation.browse([authorisation_id for authorisation_id, found in rows if found == kind])
            if to_mail:
                template = self.env.ref(f"fabloch_machines.mail_template_authorisation_{kind}")
                template.send_mail_batch(to_mail.ids, force_send=False)
            mailed |= to_mail
        mailed.invalidate_recordset(["reminder_ids"])
        return mailed


class Authorisation(models.Model):
    _inherit = "fabloch.authorisation"

    reminder_ids = fields.One2many("fabloch.authorisation.reminder", "authorisation_id", "Mails sent", readonly=True)
