"""Opening hours and free times of machines: plain datetimes, no ORM.

A period is a (start, stop) tuple with start < stop; it holds its start and not its stop. Every datetime is naive UTC,
as Odoo stores it, unless it is called local: then it is what a clock on the wall shows. Lists of periods may come in
any order, overlapping or not; those that are returned are sorted, and two that overlap or touch have become one.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

Period = tuple[datetime, datetime]
Taken = tuple[int, datetime, datetime]  # (unit number, start, stop)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)

# How far `next_opening` reads at a time.
LOOKAHEAD = timedelta(days=14)


class Hours(NamedTuple):
    """When something is open: what follows from a calendar, as plain data that can be the key of a cache."""

    # Time zone of `weekly`, such as "Europe/Paris".
    tz: str
    # (weekday from 0 = Monday, from and to in local hours, week parity or None for every week); `to` may be 24.0.
    weekly: tuple[tuple[int, float, float, int | None], ...] = ()
    # Closed whatever the week says: public holidays, exceptional closings.
    closed: tuple[Period, ...] = ()
    # Open exceptionally, on a closing too.
    opened: tuple[Period, ...] = ()
    # Open day and night: `weekly` is left aside, `closed` still holds.
    always: bool = False


# Wall clock


def to_local(utc: datetime, tz: str) -> datetime:
    """Return what the clock on a wall in `tz` shows at the instant `utc`, naive.

    >>> to_local(datetime(2026, 7, 1, 12, 0), "Europe/Paris")
    datetime.datetime(2026, 7, 1, 14, 0)
    """
    zone = ZoneInfo(tz)
    return zone.fromutc(utc.replace(tzinfo=zone)).replace(tzinfo=None, fold=0)


def to_utc(local: datetime, tz: str) -> datetime:
    """Return the first instant at which the clock on a wall in `tz` shows `local` or has jumped over it.

    A time that is shown twice, in autumn, is thus the first of the two; one that is never shown, in spring, is the
    moment of the jump.

    >>> to_utc(datetime(2026, 10, 25, 2, 30), "Europe/Paris")
    datetime.datetime(2026, 10, 25, 0, 30)
    >>> to_utc(datetime(2026, 3, 29, 2, 30), "Europe/Paris")
    datetime.datetime(2026, 3, 29, 1, 0)
    """
    zone = ZoneInfo(tz)
    local = local.replace(tzinfo=None, fold=0)
    utc = local - zone.utcoffset(local)
    if to_local(utc, tz) == local:
        return utc
    return _clock_change(local - zone.utcoffset(local.replace(fold=1)), utc, tz)


def aligned(utc: datetime, step_minutes: int, tz: str) -> bool:
    """Return whether the clock in `tz` shows a whole number of steps of `step_minutes` minutes since 0:00.

    The steps are those of the dial, so 8:00 is on a step of 30 minutes on the days of a clock change as well.
    """
    return not _past_step(utc, step_minutes, tz)


def month_cuts(start: datetime, stop: datetime, tz: str) -> list[datetime]:
    """Return the instants strictly between `start` and `stop` at which a month begins in `tz`.

    >>> month_cuts(datetime(2026, 3, 20), datetime(2026, 5, 1), "Europe/Paris")
    [datetime.datetime(2026, 3, 31, 22, 0), datetime.datetime(2026, 4, 30, 22, 0)]
    """
    cuts = []
    month = to_local(start, tz).date().replace(day=1)
    while True:
        month = (month + 31 * DAY).replace(day=1)
        cut = to_utc(datetime.combine(month, time.min), tz)
        if cut >= stop:
            return cuts
        # The clock may go back over midnight: the month has then begun before a `start` that shows its eve.
        if cut > start:
            cuts.append(cut)


# Lists of periods


def merge(periods: Iterable[Period]) -> list[Period]:
    """Return the instants that any of `periods` holds, as a list of periods; the empty ones are left out."""
    merged = []
    for start, stop in sorted(periods):
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged


def subtract(periods: Iterable[Period], holes: Iterable[Period]) -> list[Period]:
    """Return the instants of `periods` that are in none of `holes`, as a list of periods."""
    left = []
    holes = merge(holes)
    following = 0
    for start, stop in merge(periods):
        while following < len(holes) and holes[following][1] <= start:
            following += 1
        # The last hole that reaches into a period may reach into the next one too: `following` stays on it.
        while following < len(holes) and holes[following][0] < stop:
            hole_start, hole_stop = holes[following]
            if start < hole_start:
                left.append((start, hole_start))
            start = hole_stop
            if hole_stop >= stop:
                break
            following += 1
        if start < stop:
            left.append((start, stop))
    return left


def intersect(periods: Iterable[Period], others: Iterable[Period]) -> list[Period]:
    """Return the instants that both `periods` and `others` hold, as a list of periods."""
    common = []
    periods, others = merge(periods), merge(others)
    one = other = 0
    while one < len(periods) and other < len(others):
        start = max(periods[one][0], others[other][0])
        stop = min(periods[one][1], others[other][1])
        if start < stop:
            common.append((start, stop))
        if periods[one][1] == stop:
            one += 1
        else:
            other += 1
    return common


def clip(periods: Iterable[Period], start: datetime, stop: datetime) -> list[Period]:
    """Return what lies between `start` and `stop` of `periods`, as a list of periods."""
    return intersect(periods, [(start, stop)])


def overlap_minutes(periods: Iterable[Period], start: datetime, stop: datetime) -> int:
    """Return the whole minutes that `periods` hold between `start` and `stop`.

    The seconds of all of them are added up first; an instant that two periods hold counts once.
    """
    overlap = sum((last - first for first, last in clip(periods, start, stop)), timedelta())
    return overlap // timedelta(minutes=1)


# Opening hours


def open_periods(hours: Hours, start: datetime, stop: datetime) -> list[Period]:
    """Return the periods between `start` and `stop` in which `hours` is open.

    Hours that are open across a change of the clock last as long as they really do: from 0:00 to 6:00 in Paris, that
    is five hours in the night in which summer time begins and seven in the one in which it ends.
    """
    if start >= stop:
        return []
    week = [(start, stop)] if hours.always else _weekly_periods(hours, start, stop)
    return clip(subtract(week, hours.closed) + list(hours.opened), start, stop)


def next_opening(hours: Hours, utc: datetime, days: int = 366) -> datetime | None:
    """Return the first instant from `utc` on at which `hours` is open: `utc` itself if it is open then.

    None if it doesn't open in the next `days` times 24 hours.
    """
    end = utc + days * DAY
    while utc < end:
        stop = min(utc + LOOKAHEAD, end)
        periods = open_periods(hours, utc, stop)
        if periods:
            return periods[0][0]
        utc = stop
    return None


def open_edges(opened: Iterable[Period], start: datetime, stop: datetime) -> bool:
    """Return whether one can come at `start` and leave at `stop`, whatever is closed in between.

    Coming needs an open instant. One leaves from the moment at which the door opens to the very time of closing.
    """
    opened = list(opened)
    return any(first <= start < last for first, last in opened) and any(first <= stop <= last for first, last in opened)


def first_uncovered(opened: Iterable[Period], start: datetime, stop: datetime) -> datetime | None:
    """Return the first instant from `start` until before `stop` that isn't open; None if all are."""
    uncovered = subtract([(start, stop)], opened)
    return uncovered[0][0] if uncovered else None


# Free times of one or more units


def free_periods(opened: Iterable[Period], taken: Iterable[Taken], capacity: int, units: int = 1) -> list[Period]:
    """Return the periods of `opened` in which, at every instant, `units` of the `capacity` units or more are free.

    Which units those are may change within a period: this is what a planner shows. Whether a booking fits, which
    stays on its units, is the question of `free_units` and `nearest_on_units`.

    :param taken: (unit number from 1 to `capacity`, start, stop); other numbers, of units that are gone, don't count
    """
    free = _free_by_unit(opened, taken, capacity)
    return merge(_shared_ranges([period for periods in free for period in periods], units))


def free_units(taken: Iterable[Taken], capacity: int, start: datetime, stop: datetime) -> list[int]:
    """Return the numbers, ascending from 1 to `capacity`, of the units that are free from `start` until `stop`.

    :param taken: (unit number, start, stop)
    """
    busy = {unit for unit, first, last in taken if first < stop and start < last}
    return [unit for unit in range(1, capacity + 1) if unit not in busy]


def nearest(
    free: Iterable[Period],
    start: datetime,
    stop: datetime,
    step_minutes: int,
    tz: str,
    earliest: datetime,
) -> Period | None:
    """Return the period as long as `start`–`stop` that lies in one of `free` and begins nearest to `start`.

    It begins at `earliest` or after, on a step of `step_minutes` minutes (see `aligned`). Of two that are as near, it
    is the later one. None if there isn't any. What it lasts is real time: the hour that the clock skips isn't counted.
    """
    return _nearest_start(_start_ranges(merge(free), stop - start), start, stop, step_minutes, tz, earliest)


def nearest_on_units(
    opened: Iterable[Period],
    taken: Iterable[Taken],
    capacity: int,
    units: int,
    start: datetime,
    stop: datetime,
    step_minutes: int,
    tz: str,
    earliest: datetime,
) -> Period | None:
    """Return the period that `nearest` would, in which `units` of the `capacity` units stay free from start to stop.

    All of it lies in one period of `opened`.

    :param taken: (unit number from 1 to `capacity`, start, stop); other numbers, of units that are gone, don't count
    """
    length = stop - start
    starts = [each for periods in _free_by_unit(opened, taken, capacity) for each in _start_ranges(periods, length)]
    return _nearest_start(_shared_ranges(starts, units), start, stop, step_minutes, tz, earliest)


def _clock_change(before: datetime, after: datetime, tz: str) -> datetime:
    """Return the first instant with the UTC offset of `after`, which isn't that of `before`."""
    offset = _offset(after, tz)
    # Clocks change on a whole second.
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if _offset(middle, tz) == offset:
            after = middle
        else:
            before = middle
    return after


def _offset(utc: datetime, tz: str) -> timedelta:
    return to_local(utc, tz) - utc


def _past_step(utc: datetime, step_minutes: int, tz: str) -> timedelta:
    """Return the time that the clock shows beyond the last step of `step_minutes` minutes since 0:00."""
    local = to_local(utc, tz)
    return (local - datetime.combine(local, time.min)) % timedelta(minutes=step_minutes)


def _step_at_or_before(utc: datetime, step_minutes: int, tz: str) -> datetime:
    while True:
        step = utc - _past_step(utc, step_minutes, tz)
        if _offset(step, tz) == _offset(utc, tz):
            return step
        # There is no step since the change of the clock: look before it.
        utc = _clock_change(step, utc, tz) - INSTANT


def _step_at_or_after(utc: datetime, step_minutes: int, tz: str) -> datetime:
    while True:
        past = _past_step(utc, step_minutes, tz)
        if not past:
            return utc
        local = to_local(utc, tz)
        midnight = datetime.combine(local + DAY, time.min)
        # Steps begin anew at midnight, where the last one of the day may be cut short.
        step = utc + min(timedelta(minutes=step_minutes) - past, midnight - local)
        if _offset(step, tz) == _offset(utc, tz):
            return step
        utc = _clock_change(utc, step, tz)


def _week_parity(day: date) -> int:
    """Return the week of a two-week calendar that `day` is in, 0 or 1, counted as Odoo's working schedules do."""
    return int(math.floor((day.toordinal() - 1) / 7) % 2)


def _weekly_periods(hours: Hours, start: datetime, stop: datetime) -> list[Period]:
    """Return the periods of the weekly hours on the days from `start` to `stop`, whole, and on the next one."""
    periods = []
    day = to_local(start, hours.tz).date()
    # Where the clock goes back over midnight, the next day has begun before a `stop` that shows its eve.
    last = to_local(stop, hours.tz).date() + DAY
    while day <= last:
        midnight = datetime.combine(day, time.min)
        parity = _week_parity(day)
        for weekday, hour_from, hour_to, week in hours.weekly:
            if weekday == day.weekday() and week in (None, parity):
                opening = midnight + timedelta(minutes=round(hour_from * 60))
                closing = midnight + timedelta(minutes=round(hour_to * 60))
                periods.append((to_utc(opening, hours.tz), to_utc(closing, hours.tz)))
        day += DAY
    return periods


def _free_by_unit(opened: Iterable[Period], taken: Iterable[Taken], capacity: int) -> list[list[Period]]:
    """Return, for each unit from 1 to `capacity`, its list of free periods in `opened`."""
    opened = merge(opened)
    busy = defaultdict(list)
    for unit, start, stop in taken:
        busy[unit].append((start, stop))
    return [subtract(opened, busy[unit]) for unit in range(1, capacity + 1)]


def _start_ranges(free: list[Period], length: timedelta) -> list[tuple[datetime, datetime]]:
    """Return the (first, last) starts, both included, of what lasts `length` and fits in one of `free`."""
    return [(start, stop - length) for start, stop in free if stop - length >= start]


def _shared_ranges(ranges: list[tuple[datetime, datetime]], depth: int) -> list[tuple[datetime, datetime]]:
    """Return the (first, last) ranges, both included, whose instants are in `depth` of `ranges` or more."""
    shared = []
    begin, count = None, 0
    # At the same instant, what begins sorts before what ends.
    bounds = [(first, False) for first, _last in ranges] + [(last, True) for _first, last in ranges]
    for instant, ends in sorted(bounds):
        if ends:
            if count == depth:
                shared.append((begin, instant))
            count -= 1
        else:
            count += 1
            if count == depth:
                begin = instant
    return shared


def _nearest_start(
    ranges: list[tuple[datetime, datetime]],
    start: datetime,
    stop: datetime,
    step_minutes: int,
    tz: str,
    earliest: datetime,
) -> Period | None:
    """Return the period as long as `start`–`stop` whose start is in one of `ranges`, on a step and nearest."""
    starts = []
    for first, last in ranges:
        first = max(first, earliest)
        wanted = min(max(start, first), last)
        for step in (_step_at_or_before(wanted, step_minutes, tz), _step_at_or_after(wanted, step_minutes, tz)):
            if first <= step <= last:
                starts.append(step)
    if not starts:
        return None
    found = min(starts, key=lambda step: (abs(step - start), start - step))
    return found, found + (stop - start)
