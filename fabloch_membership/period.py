"""Periods and prorata of memberships: plain dates and decimals, no ORM."""

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from dateutil.relativedelta import relativedelta


def rolling_end(start: date, months: int) -> date:
    """Return the last day of the `months` months that begin on `start`.

    A month that lacks the day of `start` counts until its own last day, so that a member never gets less than
    the months paid for.

    >>> rolling_end(date(2026, 3, 15), 12)
    datetime.date(2027, 3, 14)
    >>> rolling_end(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    target = start + relativedelta(months=months)
    if target.day < start.day:
        return target.replace(day=calendar.monthrange(target.year, target.month)[1])
    return target - timedelta(days=1)


def months_between(start: date, end: date) -> int:
    """Return how many monthly anniversaries of `start` have passed on `end` (0 before the first).

    >>> months_between(date(2026, 1, 1), date(2026, 12, 31))
    11
    >>> months_between(date(2026, 1, 1), date(2027, 1, 1))
    12
    """
    delta = relativedelta(end, start)
    return delta.years * 12 + delta.months


def remaining_months(date_from: date, date_to: date, day: date) -> tuple[int, int]:
    """Return (months left, months in all) of the period `date_from`–`date_to`, the month of `day` counting whole.

    >>> remaining_months(date(2026, 1, 1), date(2026, 12, 31), date(2026, 10, 20))
    (3, 12)
    """
    total = months_between(date_from, date_to + timedelta(days=1))
    return total - months_between(date_from, day), total


def prorata(price: float, remaining: int, total: int, rounding: float) -> float:
    """Return `price` × `remaining` / `total`, computed exactly and rounded half up to `rounding`.

    >>> prorata(50.0, 7, 12, 0.01)
    29.17
    """
    step = Decimal(str(rounding))
    share = Decimal(str(price)) * remaining / total
    return float((share / step).quantize(Decimal(1), ROUND_HALF_UP) * step)
