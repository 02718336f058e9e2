from datetime import date, timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time
from odoo.tools.i18n import format_list

from .. import periods, recurrence
from .booking_repeat import WEEKDAYS

MOST = 366
MONDAY = date(2024, 1, 1)


class BookingRepeatRule(models.TransientModel):
    """The rule of a repeating booking: whether it makes sense, what follows from it, how people say it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking.repeat"

    def _rule_text(self):
        """Return what this rule says: Every Tuesday, 9:00–12:00, until 30 June 2026."""
        self.ensure_one()
        tz = self._tz()
        times = "–".join(
            format_time(self.env, moment, tz=tz, time_format="short") for moment in (self.start, self.stop)
        )
        if self.end == "until":
            end = self.env._("until %s", format_date(self.env, self.until, date_format="d MMMM y"))
        else:
            end = self.env._("%s times", self.count)
        return f"{self._days_text()}, {times}, {end}"

    def _days_text(self):
        if self.unit == "day":
            return self.env._("Every day") if self.interval == 1 else self.env._("Every %s days", self.interval)
        if self.unit == "week":
            days = format_list(self.env, [self._weekday_text(number) for number in self._weekdays()])
            if self.interval == 1:
                return self.env._("Every %s", days)
            return self.env._("Every %(interval)s weeks on %(days)s", interval=self.interval, days=days)
        day = self._month_day_text()
        if self.interval == 1:
            return self.env._("Every month, %s", day)
        return self.env._("Every %(interval)s months, %(day)s", interval=self.interval, day=day)

    def _month_day_text(self):
        local = self._local(self.start)
        if self.month_by == "date":
            return self.env._("on day %s", local.day)
        words = {
            1: self.env._("the first %s"),
            2: self.env._("the second %s"),
            3: self.env._("the third %s"),
            4: self.env._("the fourth %s"),
            -1: self.env._("the last %s"),
        }
        return words[self._rule().position] % self._weekday_text(local.weekday())

    def _weekday_text(self, number):
        return format_date(self.env, MONDAY + timedelta(days=number), date_format="EEEE")

    # -- What follows from it ----------------------------------------------------------------------------------------

    def _check_rule(self):
        if not self.start < self.stop:
            raise UserError(self.env._("The first booking ends after it starts: correct its times."))
        if self.interval < 1:
            raise UserError(self.env._("Every how many? Give a number from 1 on."))
        if self.unit == "week" and not self._weekdays():
            raise UserError(self.env._("On which days of the week? Tick at least one."))
        if self.end == "until" and not self.until:
            raise UserError(self.env._("Until when? Give the last day, or how many times."))
        if self.end == "until" and self.until < self._local(self.start).date():
            raise UserError(self.env._("The last day lies before the first booking: correct one of them."))
        if self.end == "count" and not 1 <= self.count <= MOST:
            raise UserError(self.env._("How many times? Give a number from 1 to %s.", MOST))

    def _moments(self):
        """Return the (start, stop) of all the dates; naive, UTC."""
        first, last = self._local(self.start), self._local(self.stop)
        found = recurrence.occurrences(self._rule(), first, MOST + 1)
        if len(found) > MOST:
            raise UserError(
                self.env._("That makes more than %s bookings in one go: end it earlier, and repeat it then.", MOST)
            )
        if not found:
            raise UserError(self.env._("No date follows from that rule: its end comes before its first day."))
        tz = self._tz()
        return [(periods.to_utc(start, tz), periods.to_utc(start + (last - first), tz)) for start in found]

    def _rule(self):
        """Return the `recurrence.Rule` of this wizard."""
        by_weekday = self.unit == "month" and self.month_by == "weekday"
        return recurrence.Rule(
            unit=self.unit,
            interval=self.interval,
            weekdays=self._weekdays() if self.unit == "week" else (),
            position=recurrence.position_in_month(self._local(self.start)) if by_weekday else 0,
            until=self.until if self.end == "until" else None,
            count=self.count if self.end == "count" else None,
        )

    def _weekdays(self):
        return tuple(number for number, name in enumerate(WEEKDAYS) if self[name])

    def _tz(self):
        return self.env["fabloch.machine"]._settings(self.machine_id._origin.id).tz

    def _local(self, moment):
        return periods.to_local(moment, self._tz())
