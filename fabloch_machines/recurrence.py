"""Repetitions (RFC 5545) by the clock on the wall: plain Python, no ORM.

What repeats is what the clock shows: 9:00 stays 9:00 when the time changes.
"""

from datetime import date, datetime, time
from itertools import islice
from typing import NamedTuple

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from . import periods

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = {"day": DAILY, "week": WEEKLY, "month": MONTHLY}
NAMES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}


class Rule(NamedTuple):
    """Every `interval` days, weeks or months (`unit`), until the day `until` or `count` times."""

    unit: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()  # 0 = Monday; of a week's rule
    position: int = 0  # of a month's rule: its 1st, 2nd, … or last (-1) such weekday, not its date
    until: date | None = None
    count: int | None = None


def position_in_month(day: date) -> int:
    """Return which of its month's days of the same name `day` is: 1 to 4, or -1 for a fifth, which is the last one."""
    found = (day.day - 1) // 7 + 1
    return found if found < 5 else -1


def occurrences(rule: Rule, start: datetime, most: int) -> list[datetime]:
    """Return the local moments at which `rule` begins, from the local moment `start` on; `most` at the most.

    >>> occurrences(Rule("week", weekdays=(1,), count=2), datetime(2026, 3, 24, 9), 10)
    [datetime.datetime(2026, 3, 24, 9, 0), datetime.datetime(2026, 3, 31, 9, 0)]
    """
    found = rrule(
        FREQUENCIES[rule.unit],
        dtstart=start,
        interval=rule.interval,
        byweekday=_days(rule, start) or None,
        until=datetime.combine(rule.until, time.max) if rule.until else None,
        count=rule.count if not rule.until else None,
    )
    return list(islice(found, most))


def to_text(rule: Rule, start: datetime, tz: str) -> str:
    """Return `rule` with its first moment (local) in `tz` as iCalendar writes it.

    >>> to_text(Rule("week", weekdays=(1,), count=2), datetime(2026, 3, 24, 9), "Europe/Paris")
    'DTSTART;TZID=Europe/Paris:20260324T090000\\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2'
    """
    parts = [f"FREQ={NAMES[rule.unit]}"]
    if rule.interval > 1:
        parts.append(f"INTERVAL={rule.interval}")
    if days := _days(rule, start):
        parts.append("BYDAY=" + ",".join(f"{day.n or ''}{CODES[day.weekday]}" for day in days))
    if rule.until:
        # Beside a DTSTART with a time zone, UNTIL is in UTC.
        last = periods.to_utc(datetime.combine(rule.until, time(23, 59, 59)), tz)
        parts.append(f"UNTIL={last:%Y%m%dT%H%M%SZ}")
    else:
        parts.append(f"COUNT={rule.count}")
    return f"DTSTART;TZID={tz}:{start:%Y%m%dT%H%M%S}\nRRULE:{';'.join(parts)}"


def _days(rule, start):
    if rule.unit == "week":
        return [weekday(day) for day in rule.weekdays]
    if rule.unit == "month" and rule.position:
        return [weekday(start.weekday(), rule.position)]
    return []
