from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

STATUSES = [
    ("valid", "Valid"),
    ("expiring", "Ends soon"),
    ("upcoming", "Upcoming"),
    ("expired", "Expired"),
    ("unused", "Lost: not used"),
    ("withdrawn", "Withdrawn"),
]
# In these the person may use the machines.
VALID_STATUSES = ["valid", "expiring"]


class AuthorisationStatus(models.Model):
    """The status of an authorisation: it follows from today's date, so it is never stored and needs no job.

    The rule stands twice, for records (`_status_on`) and for the database (`_status_sql`); a test holds them to each
    other.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.authorisation"

    status = fields.Selection(
        STATUSES,
        compute="_compute_status",
        search="_search_status",
        help="Follows from its dates, the last use of the machines, and today.",
    )
    lost_on = fields.Date(
        "Lost if not used by",
        compute="_compute_status",
        help="Last day, unless its machines are used again; empty when the category takes nothing away.",
    )

    @api.depends("date", "date_end", "revoked_on", "partner_id", "category_id", "next_ids.revoked_on")
    def _compute_status(self):
        today = fields.Date.context_today(self)
        last_used = self._last_used()
        for authorisation in self:
            authorisation.lost_on = authorisation._lost_on(last_used.get(authorisation))
            authorisation.status = authorisation._status_on(today, authorisation.lost_on)

    def _lost_on(self, last_used):
        """Return the last day on which this authorisation holds without being used again; False: no such day."""
        months = self.category_id.authorisation_unused_months
        if not (months and self.date):
            return False
        return max(self.date, last_used or self.date) + relativedelta(months=months)

    def _status_on(self, today, lost_on):
        """Return the status of this authorisation on the day `today`. See `_status_sql`."""
        if self.revoked_on:
            return "withdrawn"
        if not self.date or self.date > today:
            return "upcoming"
        if self.date_end and self.date_end < today:
            return "expired"
        if lost_on and lost_on < today:
            return "unused"
        soon = fields.Date.add(today, days=self.category_id.authorisation_reminder_days)
        # Whoever has the next one already has nothing to worry about.
        if self.date_end and self.date_end <= soon and not self._is_followed():
            return "expiring"
        return "valid"

    def _is_followed(self):
        return any(not following.revoked_on for following in self.next_ids)

    @api.model
    def _column(self, alias, name):
        return SQL.identifier(alias, name, to_flush=self._fields[name])

    @api.model
    def _category_sql(self, alias, name):
        """Return the SQL of the field `name` of the category, for the rows of `alias`."""
        category = self.env["fabloch.machine.category"]
        return SQL(
            "(SELECT %s FROM fabloch_machine_category AS policy WHERE policy.id = %s)",
            SQL.identifier("policy", name, to_flush=category._fields[name]),
            self._column(alias, "category_id"),
        )

    @api.model
    def _lost_on_sql(self, alias):
        """Return the SQL of `lost_on`, for the rows of `alias`. See `_lost_on`."""
        self.env["fabloch.booking"].flush_model(["partner_id", "category_id", "state", "stop"])
        return SQL(
            """(GREATEST(%(date)s, (
                    SELECT MAX(used.stop)::date FROM fabloch_booking AS used
                     WHERE used.partner_id = %(partner)s AND used.category_id = %(category)s
                       AND used.state = 'confirmed'))
                + make_interval(months => NULLIF(%(months)s, 0)))::date""",
            date=self._column(alias, "date"),
            partner=self._column(alias, "partner_id"),
            category=self._column(alias, "category_id"),
            months=self._category_sql(alias, "authorisation_unused_months"),
        )

    @api.model
    def _followed_sql(self, alias):
        return SQL(
            "EXISTS (SELECT FROM fabloch_authorisation AS following WHERE %s = %s AND %s IS NULL)",
            self._column("following", "previous_id"),
            SQL.identifier(alias, "id"),
            self._column("following", "revoked_on"),
        )

    @api.model
    def _status_sql(self, alias, today=None):
        """Return the SQL of the status on the day `today`, for the rows of `alias`. See `_status_on`."""
        return SQL(
            """CASE
                WHEN %(revoked)s IS NOT NULL THEN 'withdrawn'
                WHEN %(start)s > %(today)s::date THEN 'upcoming'
                WHEN %(end)s < %(today)s::date THEN 'expired'
                WHEN %(lost)s < %(today)s::date THEN 'unused'
                WHEN %(end)s <= %(today)s::date + %(days)s AND NOT %(followed)s THEN 'expiring'
                ELSE 'valid' END""",
            revoked=self._column(alias, "revoked_on"),
            start=self._column(alias, "date"),
            end=self._column(alias, "date_end"),
            lost=self._lost_on_sql(alias),
            days=self._category_sql(alias, "authorisation_reminder_days"),
            followed=self._followed_sql(alias),
            today=today or fields.Date.context_today(self),
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "status":
            return self._status_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        statuses = tuple(status for status in value if status)
        if not statuses:
            return Domain.FALSE
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s IN %s", model._status_sql(alias), statuses),
            predicate=lambda authorisation: authorisation.status in statuses,
        )
