from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

STATUSES = [
    ("draft", "To negotiate"),
    ("in_signature", "In signature"),
    ("upcoming", "Upcoming"),
    ("running", "Running"),
    ("to_renew", "To renew"),
    ("expired", "Expired"),
    ("terminated", "Terminated"),
]
# Without a notice, an end is looked at that long before.
RENEW_AHEAD = relativedelta(months=2)
# Ended before its start: it never takes effect.
NEVER_STARTS = Domain("state", "=", "terminated") & Domain.custom(
    to_sql=lambda model, alias, query: SQL(
        "%s < %s", SQL.identifier(alias, "last_day"), SQL.identifier(alias, "date_start")
    ),
    predicate=lambda convention: convention.last_day < convention.date_start,
)


class ConventionStatus(models.Model):
    """Whether a convention runs: it follows from its signature, its dates and today, without any job."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    agreed_end = fields.Date(
        "End as agreed",
        compute="_compute_agreed_end",
        store=True,
        help="The last day that the convention and its signed amendments say, before any tacit renewal.",
    )
    last_day = fields.Date(
        "Runs until",
        compute="_compute_last_day",
        store=True,
        recursive=True,
        help="The last day, amendments and tacit renewals included; empty when it is renewed without limit.",
    )
    term_end = fields.Date(
        "End of the term", compute="_compute_term", help="The end of the term that runs today, or of the last one."
    )
    notice_date = fields.Date(
        "Notice by",
        compute="_compute_term",
        help="The last day on which either side can say that it does not renew.",
    )
    status = fields.Selection(STATUSES, compute="_compute_status", search="_search_status")
    is_running = fields.Boolean("Runs today", compute="_compute_status", search="_search_is_running")

    @api.depends("date_end", "amendment_ids.state", "amendment_ids.signed_on", "amendment_ids.date_end")
    def _compute_agreed_end(self):
        for convention in self:
            in_force = convention.amendment_ids.filtered(lambda each: each.state in ("signed", "terminated"))
            latest = in_force.sorted(lambda each: (each.signed_on or each.date_start, each.id))[-1:]
            convention.agreed_end = latest.date_end or convention.date_end

    @api.depends(
        "agreed_end", "tacit_renewal", "renewal_months", "renewal_limit", "terminated_on", "amended_id.last_day"
    )
    def _compute_last_day(self):
        for convention in self:
            if convention.amended_id:
                # An amendment lasts as long as what it amends.
                convention.last_day = convention.amended_id.last_day
            else:
                convention.last_day = convention.terminated_on or convention._agreed_last_day()

    def _agreed_last_day(self):
        """Return the last day that the signed texts give, or False when they renew it without limit."""
        self.ensure_one()
        if not (self.tacit_renewal and self.agreed_end):
            return self.agreed_end
        if not self.renewal_limit:
            return False
        return _add_months(self.agreed_end, self.renewal_months * self.renewal_limit)

    def _compute_term(self):
        today = fields.Date.context_today(self)
        for convention in self:
            convention.term_end = term_end = convention._term_end(today)
            convention.notice_date = term_end and convention._notice_of(term_end)

    def _notice_of(self, term_end):
        """Return the last day of the notice for the term that ends on `term_end`."""
        return _add_months(term_end, -self.notice_months)

    def _term_end(self, day):
        """Return the end of the term that runs on `day`; of the last term when the convention is over."""
        self.ensure_one()
        end = self.last_day or self.agreed_end
        if self.tacit_renewal and not self.terminated_on and self.agreed_end:
            end = self.agreed_end
            terms = 0
            while end < day and (not self.last_day or end < self.last_day):
                terms += 1
                end = _add_months(self.agreed_end, terms * self.renewal_months)
        return end

    @api.depends("state", "date_start", "last_day", "date_end", "tacit_renewal", "notice_months", "next_ids.state")
    @api.depends_context("tz")
    def _compute_status(self):
        today = fields.Date.context_today(self)
        for convention in self:
            convention.status = convention._status_on(today)
            convention.is_running = convention.status in ("running", "to_renew")

    def _status_on(self, day):
        """Return the status on the day `day`."""
        self.ensure_one()
        if self.state in ("draft", "in_signature"):
            return self.state
        if self.last_day and self.last_day < (day if self.state == "signed" else max(day, self.date_start)):
            return "terminated" if self.state == "terminated" else "expired"
        if self.date_start > day:
            return "upcoming"
        return "to_renew" if self._is_to_renew(day) else "running"

    def _is_to_renew(self, day):
        if self.state == "terminated" or self.tacit_renewal or self.amended_id:
            return False
        if any(following.state != "draft" for following in self.next_ids):
            return False
        ahead = relativedelta(months=self.notice_months) if self.notice_months else RENEW_AHEAD
        return day >= self.last_day - ahead

    @api.model
    def _running_domain(self, day=None):
        """Domain of the conventions that run on `day` (default: today)."""
        day = day or fields.Date.context_today(self)
        return (
            Domain("state", "in", ("signed", "terminated"))
            & Domain("date_start", "<=", day)
            & (Domain("last_day", "=", False) | Domain("last_day", ">=", day))
        )

    def _search_is_running(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        domain = self._running_domain()
        return domain if (operator == "in") == (True in value) else ~domain

    def _search_status(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "draft": Domain("state", "=", "draft"),
            "in_signature": Domain("state", "=", "in_signature"),
            "upcoming": Domain("state", "in", ("signed", "terminated"))
            & Domain("date_start", ">", today)
            & (Domain("last_day", "=", False) | Domain("last_day", ">=", today))
            & ~NEVER_STARTS,
            "expired": Domain("state", "=", "signed") & Domain("last_day", "<", today),
            "terminated": Domain("state", "=", "terminated") & (Domain("last_day", "<", today) | NEVER_STARTS),
        }
        found = Domain.OR(domain for status, domain in domains.items() if status in value)
        if {"running", "to_renew"}.intersection(value):
            running = self._running_domain(today)
            if not {"running", "to_renew"}.issubset(value):
                # Few conventions run without tacit renewal and near their end: Python knows the notice of each.
                fixed = Domain("tacit_renewal", "=", False) & Domain("amended_id", "=", False)
                near = self.search(running & Domain("state", "=", "signed") & fixed)
                to_renew = Domain("id", "in", near.filtered(lambda each: each._is_to_renew(today)).ids)
                running &= to_renew if "to_renew" in value else ~to_renew
            found |= running
        return found if operator == "in" else ~found


def _add_months(day, months):
    """Return `day` so many months later (or earlier), the end of a month staying the end of a month."""
    moved = day + relativedelta(months=months)
    return date_utils.end_of(moved, "month") if day == date_utils.end_of(day, "month") else moved
