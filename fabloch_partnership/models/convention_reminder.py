from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, format_date, split_every

from odoo.addons.fabloch_finance.batches import committed

from .convention_deadline import LATEST_DAYS

BATCH = 100


class Deadline(NamedTuple):
    """What an activity is raised for, once."""

    kind: str
    convention_id: int
    date: object
    commitment_id: int | None = None
    instalment_id: int | None = None
    name: str | None = None
    due: object = None  # the activity's own day, when it isn't `date`


class ConventionReminder(models.Model):
    """An activity about a deadline of a convention: one row each, so that each is raised once, whatever happens.

    The row and the activity are made in one transaction, and the unique index stops a second one.
    """

    _name = "fabloch.convention.reminder"
    _description = "Reminder of a convention"
    _order = "id desc"
    _rec_name = "convention_id"

    convention_id = fields.Many2one("fabloch.convention", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="convention_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("notice", "Notice"),
            ("renewal", "Renewal to agree on"),
            ("end", "End"),
            ("commitment", "Commitment"),
            ("instalment", "Instalment"),
            ("report", "Financial report"),
        ],
        required=True,
        readonly=True,
    )
    commitment_id = fields.Many2one(
        "fabloch.convention.commitment", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    instalment_id = fields.Many2one(
        "fabloch.convention.instalment", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null", help="Empty once it is done."
    )

    _once = models.UniqueIndex(
        "(convention_id, kind, COALESCE(commitment_id, 0), COALESCE(instalment_id, 0), date)",
        "This activity was raised already.",
    )

    @api.model
    def _cron_deadlines(self):
        """Close the activities of what is done meanwhile, then raise those that are due; in batches that are committed.

        A day without server is caught up.
        """
        settled, due = self._settled(), self._due()
        steps = [(self._close, batch) for batch in split_every(BATCH, settled.ids, list)]
        steps += [(self._raise, batch) for batch in split_every(BATCH, due, list)]
        for step, batch in committed(self.env, steps, size=lambda step: len(step[-1])):
            step(batch)

    @api.model
    def _settled(self):
        """Return the reminders whose activity is open though there is nothing to do any more."""
        self.flush_model()
        self.env["mail.activity"].flush_model(["active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT reminder.id
                  FROM fabloch_convention_reminder reminder
                  JOIN mail_activity activity ON activity.id = reminder.activity_id AND activity.active
             LEFT JOIN (%(deadlines)s) deadline
                    ON deadline.open IS NOT FALSE AND %(same)s
                 WHERE reminder.kind != 'report' AND deadline.id IS NULL
              ORDER BY reminder.id
                """,
                deadlines=self.env["fabloch.convention.deadline"]._table_query,
                same=_SAME,
            )
        )
        return self.browse([reminder_id for (reminder_id,) in rows])

    @api.model
    def _due(self):
        """Return the deadlines that an activity is to be raised for today."""
        self.flush_model()
        self.env["res.company"].flush_model(["convention_notice_days"])
        today = fields.Date.context_today(self)
        return [
            Deadline(*row)
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT deadline.kind, deadline.convention_id, deadline.date, deadline.commitment_id,
                           deadline.instalment_id, deadline.name
                      FROM (%(deadlines)s) deadline
                      JOIN res_company company ON company.id = deadline.company_id
                     WHERE deadline.open
                       AND CASE deadline.kind
                           WHEN 'notice' THEN deadline.date <= %(today)s::date + company.convention_notice_days
                                          AND deadline.date >= %(oldest)s
                           WHEN 'renewal' THEN deadline.date <= %(today)s::date + company.convention_notice_days
                           WHEN 'end' THEN deadline.date <= %(today)s AND deadline.date >= %(oldest)s
                           WHEN 'commitment' THEN deadline.date <= %(today)s
                           ELSE deadline.is_late END
                       AND NOT EXISTS (SELECT FROM fabloch_convention_reminder reminder WHERE %(same)s)
                  ORDER BY deadline.date, deadline.id
                    """,
                    deadlines=self.env["fabloch.convention.deadline"]._table_query,
                    today=today,
                    oldest=today - timedelta(days=LATEST_DAYS),
                    same=_SAME,
                )
            )
        ]

    @api.model
    def _raise(self, deadlines):
        """Raise an activity for each of these, those left out that were raised already."""
        if not deadlines:
            return self
        self.flush_model()
        conventions = self.env["fabloch.convention"].browse([deadline.convention_id for deadline in deadlines])
        conventions.flush_recordset(["company_id"])
        columns = SQL("convention_id, kind, commitment_id, instalment_id, date")
        values = SQL(", ").join(
            SQL(
                "(%s::integer, %s, %s::integer, %s::integer, %s::date)",
                each.convention_id,
                each.kind,
                each.commitment_id or None,
                each.instalment_id or None,
                each.date,
            )
            for each in deadlines
        )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_convention_reminder (%(columns)s, company_id, create_uid, create_date)
                SELECT raised.*, convention.company_id, %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (VALUES %(values)s) AS raised (%(columns)s)
                  JOIN fabloch_convention convention ON convention.id = raised.convention_id
                    ON CONFLICT DO NOTHING
             RETURNING id, %(columns)s
                """,
                columns=columns,
                values=values,
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
        new = {row[1:]: row[0] for row in rows}
        todo = self.env.ref("mail.mail_activity_data_todo")
        raised, vals_list = [], []
        for each in deadlines:
            key = (each.convention_id, each.kind, each.commitment_id or None, each.instalment_id or None, each.date)
            if key in new:
                raised.append(new.pop(key))
                vals_list.append(self._prepare_activity_vals(each, todo))
        # They wait on the user's screen: no mail for each of them.
        activities = self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)
        reminders = self.browse(raised)
        for reminder, activity in zip(reminders, activities, strict=True):
            reminder.activity_id = activity
        return reminders

    @api.model
    def _prepare_activity_vals(self, deadline, todo):
        """Values of the activity of this deadline, for whoever follows the convention, in that person's language.

        :param todo: the type of the activity.
        """
        convention = self.env["fabloch.convention"].browse(deadline.convention_id)
        user = convention._follower()
        env = self.with_context(lang=user.lang or self.env.lang).env
        words = {
            "partner": convention.partner_id.name,
            "day": format_date(env, deadline.due or deadline.date),
            "what": (deadline.name or "").split("\n", 1)[0],
        }
        if deadline.kind == "notice":
            summary = env._("%(partner)s: give notice by %(day)s, or it is renewed tacitly", **words)
        elif deadline.kind == "renewal":
            summary = env._("%(partner)s: agree on the renewal by %(day)s", **words)
        elif deadline.kind == "end":
            summary = env._("%(partner)s: the convention ends on %(day)s, renew it or let it go", **words)
        elif deadline.kind == "commitment":
            summary = env._("%(partner)s: %(what)s, due on %(day)s", **words)
        elif deadline.kind == "instalment":
            summary = env._("%(partner)s: late instalment of %(day)s, %(what)s", **words)
        else:
            words["year"] = format_date(env, deadline.date)
            summary = env._(
                "%(partner)s: financial report of the grant for the year to %(year)s, due by %(day)s", **words
            )
        return {
            "res_model_id": self.env["ir.model"]._get_id("fabloch.convention"),
            "res_id": convention.id,
            "activity_type_id": todo.id,
            "summary": summary,
            "date_deadline": deadline.due or deadline.date,
            "user_id": user.id,
            "automated": True,
        }

    @api.model
    def _raise_reports(self, rows):
        """Raise the activities of the financial reports: (convention, end of the year, last day of the report)."""
        # The same year may be asked for by several instalments of one convention.
        unique = {(convention.id, year_end): due for convention, year_end, due in rows}
        self._raise(
            [Deadline("report", convention_id, year_end, due=due) for (convention_id, year_end), due in unique.items()]
        )

    @api.model
    def _close(self, reminder_ids):
        """Close the activities of these reminders: what they were about is done, or over."""
        activities = self.browse(reminder_ids).activity_id
        activities.action_feedback(feedback=self.env._("Settled meanwhile: closed by itself."))


_SAME = SQL(
    """reminder.kind = deadline.kind AND reminder.convention_id = deadline.convention_id
       AND reminder.date = deadline.date
       AND COALESCE(reminder.commitment_id, 0) = COALESCE(deadline.commitment_id, 0)
       AND COALESCE(reminder.instalment_id, 0) = COALESCE(deadline.instalment_id, 0)"""
)


class Convention(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    reminder_ids = fields.One2many("fabloch.convention.reminder", "convention_id", "Reminders", readonly=True)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"reminder_ids"}

    def _follower(self):
        """Return the user whom the activities of this convention are for: who follows it, or the settings' one."""
        self.ensure_one()
        candidates = [self.user_id, self.company_id.convention_user_id, self.company_signatory_id, self.create_uid]
        return next((user for user in candidates if user.active and not user.share), self.env.user)
