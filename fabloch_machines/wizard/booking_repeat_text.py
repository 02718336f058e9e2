from datetime import date, timedelta

from odoo import models
from odoo.tools import format_date, format_time
from odoo.tools.i18n import format_list

MONDAY = date(2024, 1, 1)


class BookingRepeatText(models.TransientModel):
    """The rule of a repeating booking as people say it."""

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
