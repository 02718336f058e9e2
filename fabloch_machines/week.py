"""The picture of a machine's week: plain data for a template to draw, no ORM. Moments are naive UTC."""

import math
from datetime import date, datetime, time, timedelta

from . import periods

# What is drawn over the open hours, in this order.
LAYERS = (("closed", ("maintenance", "closure")), ("booked", ("booking", "training")))


def days(hours: periods.Hours, monday: date) -> list[tuple]:
    """Return (day, start, stop, open periods) for each day of the week of `monday`."""
    found = []
    for number in range(7):
        day = monday + timedelta(days=number)
        start = periods.to_utc(datetime.combine(day, time.min), hours.tz)
        stop = periods.to_utc(datetime.combine(day + timedelta(days=1), time.min), hours.tz)
        found.append((day, start, stop, periods.open_periods(hours, start, stop)))
    return found


def shown_hours(week_days, taken, tz):
    """Return the hours of the day from and to which the picture goes: all that is open or taken lies between."""
    shown = []
    for _day, start, stop, opened in week_days:
        for period in [*opened, *_clip_each(taken, start, stop)]:
            shown += [_hour(moment, start, tz) for moment in period]
    return (int(min(shown)), math.ceil(max(shown))) if shown else (8, 20)


def draw(week_day, rows, capacity, low, high, tz):
    """Return what one day is drawn from.

    :param rows: (unit, start, stop, kind)
    :return: "day", "start", "stop", minutes "open" and "booked" of all the units together, and "bars": what lies over
        which part of the width, in percent, from the hour `low` to `high`, and over how much of the height.
    """
    day, start, stop, opened = week_day
    bars = [{"kind": "open", "height": 100, **_place(period, start, low, high, tz)} for period in opened]
    minutes = {}
    for layer, kinds in LAYERS:
        taken = _clip_each([row[1:3] for row in rows if row[3] in kinds], start, stop)
        minutes[layer] = round(sum((end - begin).total_seconds() for begin, end in taken) / 60)
        bars += [
            {"kind": layer, "height": round(100 * count / capacity), **_place(period, start, low, high, tz)}
            for period, count in _layers(taken)
        ]
    return {
        "day": day,
        "start": start,
        "stop": stop,
        "open": periods.overlap_minutes(opened, start, stop) * capacity,
        "booked": minutes["booked"],
        "closed": bool(minutes["closed"]),
        "bars": bars,
    }


def _hour(moment, day_start, tz):
    """Return the hour of the day, 0 to 24, that the clock in `tz` shows at `moment`; 24 at the end of the day."""
    local, day = periods.to_local(moment, tz), periods.to_local(day_start, tz)
    return min(24.0, max(0.0, (local - day).total_seconds() / 3600))


def _place(period, day_start, low, high, tz):
    """Return where a period of a day is drawn, as percentages of the width that stands for `low` to `high` hours."""
    left, right = (100 * (_hour(moment, day_start, tz) - low) / (high - low) for moment in period)
    return {"left": round(left, 2), "width": round(max(right - left, 0.5), 2)}


def _clip_each(taken, start, stop):
    """Return each of the periods within [start, stop), without joining them: they are on several units."""
    return [(max(begin, start), min(end, stop)) for begin, end in taken if begin < stop and end > start]


def _layers(taken):
    """Return the stretches of time with how many of the periods lie over each."""
    cuts = sorted({moment for period in taken for moment in period})
    layers = []
    for begin, end in zip(cuts, cuts[1:], strict=False):
        count = sum(first <= begin and end <= last for first, last in taken)
        if count:
            layers.append(((begin, end), count))
    return layers
