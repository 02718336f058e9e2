from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_time

from .. import clock, periods
from .machine_verdict import _span

PHASES = [("now", "Now"), ("coming", "Coming"), ("past", "Past")]
# After so long (minutes) a person who hasn't come is late.
LATE = 10


class BookingToday(models.Model):
    """Bookings as the reception sees them today: who comes when, and what to look at."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    phase = fields.Selection(
        PHASES, compute="_compute_phase", search="_search_phase", group_expand=True, help="By the present moment."
    )
    today = fields.Boolean(
        compute="_compute_today",
        search="_search_today",
        help="Runs today by the clock of the opening hours, and takes its machine or would have.",
    )
    today_times = fields.Char("When", compute="_compute_desk")
    today_price = fields.Char("Price or prepaid", compute="_compute_desk")
    desk_warning = fields.Text("To look at", compute="_compute_desk", help="What the reception should see to.")
    desk_state = fields.Selection(
        [
            ("expected", "Expected"),
            ("late", "Late"),
            ("here", "Here"),
            ("left", "Left"),
            ("unnoted", "Nobody noted"),
            ("hold", "On hold"),
            ("no_show", "No-show"),
            ("cancelled", "Cancelled"),
        ],
        "At the reception",
        compute="_compute_desk",
    )

    @api.depends("start", "stop", "state")
    def _compute_phase(self):
        now = clock.now()
        for booking in self:
            if booking.state not in ("hold", "confirmed") or not booking.stop or booking.stop <= now:
                booking.phase = "past"
            else:
                booking.phase = "now" if booking.start <= now else "coming"

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "phase":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "CASE WHEN %(state)s NOT IN ('hold', 'confirmed') OR %(stop)s <= %(now)s THEN 'past'"
            " WHEN %(start)s <= %(now)s THEN 'now' ELSE 'coming' END",
            state=self._field_to_sql(alias, "state", query),
            start=self._field_to_sql(alias, "start", query),
            stop=self._field_to_sql(alias, "stop", query),
            now=clock.now(),
        )

    def _search_phase(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = clock.now()
        live = Domain("state", "in", ["hold", "confirmed"]) & Domain("stop", ">", now)
        phases = {
            "past": ~live,
            "now": live & Domain("start", "<=", now),
            "coming": live & Domain("start", ">", now),
        }
        return Domain.OR(phases[phase] for phase in value if phase)

    @api.model
    def _today_bounds(self, company):
        """Return from when until when (naive UTC) it is today by the clock of the company's opening hours."""
        tz = company.resource_calendar_id.tz or "UTC"
        day = periods.to_local(clock.now(), tz).date()
        return tuple(periods.to_utc(datetime.combine(each, time.min), tz) for each in (day, day + timedelta(days=1)))

    @api.depends("start", "stop", "state")
    def _compute_today(self):
        for booking in self:
            booking.today = booking in booking.filtered_domain(self._search_today("in", [True]))

    def _search_today(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = clock.now()
        domain = Domain("state", "in", ["confirmed", "no_show"]) | (
            Domain("state", "=", "hold") & Domain("hold_until", ">", now)
        )
        bounds = [(company.id, *self._today_bounds(company)) for company in self.env.companies.sudo()]
        domain &= Domain.OR(
            Domain("company_id", "=", company_id) & Domain("start", "<", stop) & Domain("stop", ">", start)
            for company_id, start, stop in bounds
        )
        return domain if True in value else ~domain

    @api.depends("start", "stop", "state", "hold_until", "arrived_at", "amount", "prepaid_minutes", "partner_id")
    @api.depends_context("lang")
    def _compute_desk(self):
        now = clock.now()
        for booking in self:
            if not (booking.start and booking.stop and booking.machine_id):
                booking.today_times = booking.today_price = booking.desk_warning = booking.desk_state = False
                continue
            booking.desk_state = booking._desk_state(now)
            booking.today_times = booking._desk_times(now)
            booking.today_price = booking._desk_price()
            booking.desk_warning = "\n".join(booking._desk_warnings(now)) or False

    def _desk_state(self, now):
        if self.state != "confirmed":
            return self.state
        if self.arrived_at:
            return "here" if self.stop > now else "left"
        if self.stop <= now:
            return "unnoted"
        return "late" if self.start + timedelta(minutes=LATE) <= now else "expected"

    def _desk_times(self, now):
        """Return the hours as the clock at the machine shows them, with the day where it isn't today."""
        tz = self._tz()
        today = periods.to_local(now, tz).date()
        texts = []
        for moment in (self.start, self.stop):
            text = format_time(self.env, moment, tz=tz, time_format="HH:mm")
            day = periods.to_local(moment, tz).date()
            if day != today:
                text = f"{format_date(self.env, day, date_format='EEE d')} {text}"
            texts.append(text)
        return " – ".join(texts)

    def _desk_price(self):
        if self.state == "hold":
            return False
        price = self.env._("Prepaid: %s", _span(self.prepaid_minutes)) if self.prepaid_minutes else ""
        if not price or not self.currency_id.is_zero(self.amount):
            price = " · ".join(filter(None, [price, self.currency_id.format(self.amount)]))
        return price

    def _desk_warnings(self, now):
        """Return what the reception should see to, a sentence each; upper addons add theirs."""
        warnings = []
        tz = self._tz()
        if self.state == "hold":
            until = format_time(self.env, self.hold_until, tz=tz, time_format="HH:mm") if self.hold_until else ""
            warnings.append(self.env._("Not confirmed: held until %s", until))
        if self.state in ("hold", "confirmed"):
            status = self.membership_status
            if status == "expired" or status == "cancelled":
                warnings.append(self.env._("The membership has ended"))
            elif status == "waiting":
                warnings.append(self.env._("The membership isn't paid"))
            elif status in ("draft", "upcoming"):
                warnings.append(self.env._("The membership isn't running yet"))
            elif status == "none" and not self.visitor:
                warnings.append(self.env._("No membership"))
        if self.desk_state == "late":
            minutes = int((now - self.start).total_seconds() // 60)
            warnings.append(self.env._("Late by %s", _span(minutes)))
        if self.state == "confirmed" and not self.machine_id.sudo()._settings(self.machine_id.id).in_service:
            warnings.append(self.env._("The machine is out of service"))
        return warnings
