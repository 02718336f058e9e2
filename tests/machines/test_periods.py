"""Opening hours and free times of machines, against a brute force that looks at every minute."""

import doctest
import time as clock
from datetime import datetime, timedelta
from unittest import TestCase
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.fabloch_machines import periods as machine_periods
from odoo.addons.fabloch_machines.periods import (
    Hours,
    aligned,
    clip,
    first_uncovered,
    free_periods,
    free_units,
    intersect,
    merge,
    month_cuts,
    nearest,
    nearest_on_units,
    next_opening,
    open_edges,
    open_periods,
    overlap_minutes,
    subtract,
    to_local,
    to_utc,
)

PARIS = "Europe/Paris"
UTC = ZoneInfo("UTC")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

SPRING = datetime(2026, 3, 29)
AUTUMN = datetime(2026, 10, 25)

# Days on which the clock changes: by night, over midnight, by half an hour, by a whole day; and zones where it doesn't.
CHANGES = (
    (PARIS, SPRING),
    (PARIS, AUTUMN),
    ("America/Santiago", datetime(2026, 4, 5)),  # from 24:00 back to 23:00
    ("America/Santiago", datetime(2026, 9, 6)),  # from 0:00 to 1:00
    ("Africa/Cairo", datetime(2026, 4, 24)),
    ("Africa/Cairo", datetime(2026, 10, 30)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5)),  # half an hour
    ("Australia/Lord_Howe", datetime(2026, 10, 4)),
    ("America/St_Johns", datetime(2010, 11, 7)),  # from 0:01 back to 23:01: midnight twice
    ("America/St_Johns", datetime(2010, 3, 14)),  # from 0:01 to 1:01
    ("Pacific/Apia", datetime(2011, 12, 30)),  # the day that Samoa skipped
    ("Asia/Kolkata", datetime(2026, 6, 1)),
    ("UTC", datetime(2026, 6, 1)),
)

# A short stretch of time for the properties of lists of periods.
ORIGIN = datetime(2026, 6, 1, 6)
WINDOW = 150
MINUTES = [ORIGIN + n * MINUTE for n in range(WINDOW)]

many = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def wall(utc, tz):
    """The local clock, by another way than the module's."""
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(tz)).replace(tzinfo=None, fold=0)


def on_step(utc, step, tz):
    local = wall(utc, tz)
    return (local.hour * 60 + local.minute) % step == 0 and local.second == local.microsecond == 0


def held(periods, instant):
    return any(start <= instant < stop for start, stop in periods)


def held_minutes(periods):
    return {minute for minute in MINUTES if held(periods, minute)}


def as_periods(minutes):
    """The list of periods that holds exactly these minutes, which are in order."""
    periods = []
    for minute in minutes:
        if periods and periods[-1][1] == minute:
            periods[-1] = (periods[-1][0], minute + MINUTE)
        else:
            periods.append((minute, minute + MINUTE))
    return periods


def open_minutes(hours, start, stop):
    """The open minutes from `start` to `stop`, by a watchman who walks through all of them.

    He goes by the latest time that the clock has shown so far: when it goes back, doors that are open stay open and
    doors that are shut stay shut until the clock is past that time again.
    """
    found = []
    latest = datetime.min
    minute = start - 2 * DAY
    while minute < stop:
        latest = max(latest, wall(minute, hours.tz))
        if minute >= start:
            of_day = latest.hour * 60 + latest.minute
            week = (latest.toordinal() - 1) // 7 % 2
            by_week = hours.always or any(
                day == latest.weekday() and parity in (None, week) and round(60 * first) <= of_day < round(60 * last)
                for day, first, last, parity in hours.weekly
            )
            if (by_week and not held(hours.closed, minute)) or held(hours.opened, minute):
                found.append(minute)
        minute += MINUTE
    return found


@st.composite
def period_lists(draw, origin=ORIGIN, window=WINDOW, max_size=8):
    """Periods in any order, overlapping or touching as it comes."""
    bounds = st.tuples(st.integers(0, window - 1), st.integers(1, window // 2))
    return [
        (origin + first * MINUTE, origin + min(first + length, window) * MINUTE)
        for first, length in draw(st.lists(bounds, max_size=max_size))
    ]


@st.composite
def taken_rows(draw, capacity, origin=ORIGIN, window=WINDOW, max_size=12):
    """Rows of units; the unit after the last one is gone."""
    return [
        (draw(st.integers(1, capacity + 1)), start, stop)
        for start, stop in draw(period_lists(origin, window, max_size))
    ]


@st.composite
def calendars(draw, tz, around):
    """Hours with rows by the minute on the days around a day, closings and openings."""
    rows = []
    for _n in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, 24 * 60 - 1))
        last = draw(st.one_of(st.just(24 * 60), st.integers(first + 1, 24 * 60)))
        weekday = (around + draw(st.integers(-1, 1)) * DAY).weekday()
        rows.append((weekday, first / 60, last / 60, draw(st.sampled_from([None, None, 0, 1]))))
    exceptions = period_lists(around - DAY, 3 * 24 * 60, 3)
    return Hours(tz, tuple(rows), tuple(draw(exceptions)), tuple(draw(exceptions)), draw(st.booleans()))


@st.composite
def moments(draw, origin=ORIGIN, window=WINDOW):
    """An instant to the second, on a whole minute more often than not."""
    seconds = draw(st.sampled_from([0, 0, 0, 1, 30, 59]))
    return origin + draw(st.integers(-30, window + 30)) * MINUTE + timedelta(seconds=seconds)


def nearest_by_minute(fits, start, step, tz, earliest, first, last):
    """The start that `nearest` must find, among all the whole minutes from `first` to `last`."""
    found = [
        first + n * MINUTE
        for n in range((last - first) // MINUTE + 1)
        if first + n * MINUTE >= earliest and on_step(first + n * MINUTE, step, tz) and fits(first + n * MINUTE)
    ]
    return max(found, key=lambda each: (-abs(each - start), each), default=None)


@tagged("post_install", "-at_install")
class TestClock(TestCase):
    def test_examples_of_the_module_hold(self):
        failed, tried = doctest.testmod(machine_periods)
        self.assertEqual(failed, 0)
        self.assertGreater(tried, 0)

    def test_local_time_follows_the_season(self):
        self.assertEqual(to_utc(datetime(2026, 1, 15, 9), PARIS), datetime(2026, 1, 15, 8))
        self.assertEqual(to_utc(datetime(2026, 7, 15, 9), PARIS), datetime(2026, 7, 15, 7))
        self.assertEqual(to_local(datetime(2026, 1, 15, 8), PARIS), datetime(2026, 1, 15, 9))

    def test_a_time_that_spring_skips_is_the_moment_of_the_jump(self):
        for minute in (0, 1, 30, 59):
            self.assertEqual(to_utc(datetime(2026, 3, 29, 2, minute), PARIS), datetime(2026, 3, 29, 1))
        self.assertEqual(to_utc(datetime(2026, 3, 29, 1, 59), PARIS), datetime(2026, 3, 29, 0, 59))
        self.assertEqual(to_utc(datetime(2026, 3, 29, 3), PARIS), datetime(2026, 3, 29, 1))
        self.assertEqual(to_utc(datetime(2026, 3, 29, 2, 30, 15, 7), PARIS), datetime(2026, 3, 29, 1))

    def test_a_time_that_autumn_repeats_is_the_first(self):
        self.assertEqual(to_utc(datetime(2026, 10, 25, 2, 0), PARIS), datetime(2026, 10, 25, 0, 0))
        self.assertEqual(to_utc(datetime(2026, 10, 25, 2, 59), PARIS), datetime(2026, 10, 25, 0, 59))
        self.assertEqual(to_utc(datetime(2026, 10, 25, 2, 59, fold=1), PARIS), datetime(2026, 10, 25, 0, 59))
        self.assertEqual(to_utc(datetime(2026, 10, 25, 3, 0), PARIS), datetime(2026, 10, 25, 2, 0))
        self.assertEqual(to_local(datetime(2026, 10, 25, 1, 30), PARIS), datetime(2026, 10, 25, 2, 30))
        self.assertEqual(to_local(datetime(2026, 10, 25, 1, 30), PARIS).fold, 0)

    def test_a_night_across_the_change_lasts_five_or_seven_hours(self):
        for day, hours in ((SPRING, 5), (AUTUMN, 7), (SPRING + 7 * DAY, 6)):
            night = to_utc(day - HOUR, PARIS), to_utc(day + 5 * HOUR, PARIS)
            self.assertEqual(night[1] - night[0], hours * HOUR)
            self.assertEqual(overlap_minutes([night], *night), hours * 60)

    @some
    @given(change=st.sampled_from(CHANGES), minutes=st.integers(-2 * 24 * 60, 2 * 24 * 60))
    def test_to_utc_is_the_first_instant_that_shows_the_time_or_a_later_one(self, change, minutes):
        tz, day = change
        local = day + minutes * MINUTE
        minute = day + minutes * MINUTE - 26 * HOUR
        while wall(minute, tz) < local:
            minute += MINUTE
        self.assertEqual(to_utc(local, tz), minute)

    @many
    @given(
        change=st.sampled_from(CHANGES),
        seconds=st.integers(-2 * 24 * 3600, 2 * 24 * 3600),
        step=st.sampled_from([1, 5, 7, 15, 30, 50, 60, 1440]),
    )
    def test_aligned_reads_the_dial(self, change, seconds, step):
        tz, day = change
        for utc in (day + timedelta(seconds=seconds), day + seconds // 60 * MINUTE, day + seconds // 3600 * HOUR):
            self.assertEqual(aligned(utc, step, tz), on_step(utc, step, tz))

    def test_steps_begin_anew_at_midnight_and_know_seconds(self):
        midnight = to_utc(datetime(2026, 6, 2), PARIS)
        self.assertTrue(aligned(midnight, 50, PARIS))
        self.assertTrue(aligned(midnight - 40 * MINUTE, 50, PARIS))  # 23:20
        self.assertFalse(aligned(midnight + 10 * MINUTE, 50, PARIS))
        self.assertFalse(aligned(midnight + timedelta(seconds=1), 50, PARIS))
        self.assertFalse(aligned(midnight + timedelta(microseconds=1), 50, PARIS))
        self.assertTrue(aligned(datetime(2026, 6, 2, 0, 0), 60, PARIS))
        self.assertFalse(aligned(datetime(2026, 6, 2, 0, 0), 60, "Asia/Kolkata"))

    def test_months_are_cut_at_local_midnight(self):
        self.assertEqual(
            month_cuts(datetime(2025, 12, 31, 22), datetime(2026, 4, 30), PARIS),
            [
                datetime(2025, 12, 31, 23),
                datetime(2026, 1, 31, 23),
                datetime(2026, 2, 28, 23),
                datetime(2026, 3, 31, 22),
            ],
        )

    def test_a_cut_lies_strictly_inside(self):
        cut = datetime(2026, 4, 30, 22)
        self.assertEqual(month_cuts(cut, cut + DAY, PARIS), [])
        self.assertEqual(month_cuts(cut - DAY, cut, PARIS), [])
        self.assertEqual(month_cuts(cut - MINUTE, cut + MINUTE, PARIS), [cut])

    def test_a_month_that_begins_twice_is_cut_the_first_time(self):
        """On 2009-11-01 in St. John's, a minute after midnight, it was 23:01 of October again."""
        tz = "America/St_Johns"
        midnight = datetime(2009, 11, 1, 2, 30)
        self.assertEqual(to_local(midnight + 30 * MINUTE, tz), datetime(2009, 10, 31, 23, 30))
        self.assertEqual(month_cuts(midnight - DAY, midnight + DAY, tz), [midnight])
        self.assertEqual(month_cuts(midnight + 30 * MINUTE, midnight + DAY, tz), [])

    @some
    @given(
        tz=st.sampled_from([tz for tz, _day in CHANGES]),
        start=st.datetimes(datetime(2009, 1, 1), datetime(2027, 1, 1)),
        days=st.integers(1, 400),
    )
    def test_cuts_are_the_only_changes_of_month(self, tz, start, days):
        start = start.replace(second=0, microsecond=0)
        stop = start + days * DAY
        cuts = month_cuts(start, stop, tz)
        self.assertTrue(all(start < cut < stop for cut in cuts))
        for cut in cuts:
            self.assertNotEqual(wall(cut, tz).month, wall(cut - MINUTE, tz).month)
        bounds = [start, *cuts, stop]
        for first, last in zip(bounds, bounds[1:], strict=False):
            self.assertEqual(wall(first, tz).month, wall(last - MINUTE, tz).month)


@tagged("post_install", "-at_install")
class TestLists(TestCase):
    def assertMinutes(self, periods, minutes):
        """`periods` is the sorted, merged list of exactly these minutes."""
        self.assertEqual(periods, as_periods(sorted(minutes)))

    def test_touching_periods_become_one(self):
        nine, ten, noon = ORIGIN, ORIGIN + HOUR, ORIGIN + 3 * HOUR
        self.assertEqual(merge([(ten, noon), (nine, ten)]), [(nine, noon)])
        self.assertEqual(merge([(nine, nine), (noon, ten)]), [])
        self.assertEqual(merge(iter([(nine, noon), (nine, ten)])), [(nine, noon)])

    @many
    @given(one=period_lists(), other=period_lists())
    def test_lists_agree_with_sets_of_minutes(self, one, other):
        self.assertMinutes(merge(one), held_minutes(one))
        self.assertMinutes(subtract(one, other), held_minutes(one) - held_minutes(other))
        self.assertMinutes(intersect(one, other), held_minutes(one) & held_minutes(other))

    @many
    @given(periods=period_lists(), first=st.integers(0, WINDOW), last=st.integers(0, WINDOW))
    def test_questions_about_a_stretch_agree_with_its_minutes(self, periods, first, last):
        start, stop = ORIGIN + first * MINUTE, ORIGIN + last * MINUTE
        inside = [minute for minute in sorted(held_minutes(periods)) if start <= minute < stop]
        self.assertMinutes(clip(periods, start, stop), inside)
        self.assertEqual(overlap_minutes(periods, start, stop), len(inside))
        uncovered = [minute for minute in MINUTES if start <= minute < stop and minute not in inside]
        self.assertEqual(first_uncovered(periods, start, stop), uncovered[0] if uncovered else None)
        if start < stop:
            self.assertEqual(
                open_edges(periods, start, stop),
                held(periods, start) and (held(periods, stop - MINUTE) or held(periods, stop)),
            )

    def test_minutes_are_whole_and_seconds_add_up(self):
        half = timedelta(seconds=30)
        periods = [(ORIGIN, ORIGIN + half), (ORIGIN + HOUR, ORIGIN + HOUR + half)]
        self.assertEqual(overlap_minutes(periods, ORIGIN, ORIGIN + DAY), 1)
        self.assertEqual(overlap_minutes(periods[:1], ORIGIN, ORIGIN + DAY), 0)

    def test_an_overnight_rental_leaves_at_closing_time_at_the_latest(self):
        monday = (datetime(2026, 6, 1, 8), datetime(2026, 6, 1, 16))
        tuesday = (datetime(2026, 6, 2, 8), datetime(2026, 6, 2, 16))
        opened = [monday, tuesday]
        self.assertTrue(open_edges(opened, monday[0], tuesday[1]))
        self.assertTrue(open_edges(opened, monday[1] - MINUTE, tuesday[0] + MINUTE))
        self.assertFalse(open_edges(opened, monday[1], tuesday[1]), "It comes when the door closes")
        self.assertTrue(open_edges(opened, monday[0], tuesday[0]), "It leaves when the door opens")
        self.assertFalse(open_edges(opened, monday[0], tuesday[0] - timedelta(seconds=1)))
        self.assertFalse(open_edges(opened, monday[0], tuesday[1] + timedelta(seconds=1)))
        self.assertEqual(first_uncovered(opened, monday[0], tuesday[1]), monday[1])


@tagged("post_install", "-at_install")
class TestOpening(TestCase):
    # A late lab: 22:00–24:00 and 0:00–6:00, every day.
    NIGHT = Hours(PARIS, tuple((day, *row) for day in range(7) for row in ((22.0, 24.0, None), (0.0, 6.0, None))))

    def test_hours_can_be_the_key_of_a_cache(self):
        self.assertEqual(hash(self.NIGHT), hash(Hours(*self.NIGHT)))
        self.assertEqual(Hours(PARIS), Hours(PARIS, (), (), (), False))

    def test_the_night_in_which_summer_time_begins_is_an_hour_shorter(self):
        self.assertEqual(
            open_periods(self.NIGHT, datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12)),
            [(datetime(2026, 3, 28, 21), datetime(2026, 3, 29, 4))],
        )

    def test_the_night_in_which_summer_time_ends_is_an_hour_longer(self):
        self.assertEqual(
            open_periods(self.NIGHT, datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12)),
            [(datetime(2026, 10, 24, 20), datetime(2026, 10, 25, 5))],
        )

    def test_hours_within_the_hour_that_changes(self):
        hours = Hours(PARIS, ((6, 2.25, 2.5, None),))
        self.assertEqual(open_periods(hours, SPRING, SPRING + DAY), [], "That quarter of an hour never is")
        self.assertEqual(
            open_periods(hours, AUTUMN - HOUR, AUTUMN + DAY),
            [(datetime(2026, 10, 25, 0, 15), datetime(2026, 10, 25, 0, 30))],
            "It is open once, the first time",
        )

    def test_hours_are_whole_minutes(self):
        hours = Hours("UTC", ((0, 8 + 1 / 3, 9.983333, None),))
        self.assertEqual(
            open_periods(hours, datetime(2026, 6, 1), datetime(2026, 6, 2)),
            [(datetime(2026, 6, 1, 8, 20), datetime(2026, 6, 1, 9, 59))],
        )

    def test_two_weeks_take_turns_over_the_new_year_too(self):
        hours = Hours("UTC", ((0, 8.0, 9.0, 0), (0, 10.0, 11.0, 1)))
        # Odoo counts the weeks from the year 1 on: that of 2026-06-01 is of the second kind, and the 53rd of 2026
        # isn't followed by another of its kind.
        opened = open_periods(hours, datetime(2026, 6, 1), datetime(2027, 6, 1))
        self.assertEqual(len(opened), 53)
        self.assertEqual([start.hour for start, _stop in opened], ([10, 8] * 27)[:53])

    def test_a_sunday_is_of_the_week_that_began_on_monday(self):
        hours = Hours("UTC", tuple((day, 8.0, 9.0, 1) for day in range(7)))
        opened = open_periods(hours, datetime(2026, 5, 25), datetime(2026, 6, 15))
        self.assertEqual([start.day for start, _stop in opened], list(range(1, 8)))

    def test_a_day_that_begins_before_its_eve_has_ended(self):
        """On 2010-11-07 in St. John's, a minute after midnight, it was 23:01 of the day before again."""
        hours = Hours("America/St_Johns", ((6, 0.0, 24.0, None),))
        midnight = datetime(2010, 11, 7, 2, 30)
        for days in (0, 1, 2):
            start = midnight - days * DAY + 25 * MINUTE
            stop = midnight + 35 * MINUTE
            self.assertEqual(open_periods(hours, start, stop), [(max(start, midnight), stop)])

    def test_closings_beat_the_week_and_openings_beat_closings(self):
        day = datetime(2026, 6, 1)
        closing, opening = (day + 10 * HOUR, day + 20 * HOUR), (day + 11 * HOUR, day + 12 * HOUR)
        hours = Hours("UTC", ((0, 8.0, 18.0, None),), (closing,), (opening,))
        expected = [(day + 8 * HOUR, day + 10 * HOUR), opening]
        self.assertEqual(open_periods(hours, day, day + DAY), expected)
        expected = [(day, day + 10 * HOUR), opening, (day + 20 * HOUR, day + DAY)]
        self.assertEqual(open_periods(hours._replace(always=True), day, day + DAY), expected)

    @many
    @given(data=st.data(), change=st.sampled_from(CHANGES))
    def test_open_periods_agree_with_a_watchman(self, data, change):
        tz, day = change
        hours = data.draw(calendars(tz, day))
        start = day + data.draw(st.integers(-24 * 60, 24 * 60)) * MINUTE
        stop = start + data.draw(st.integers(0, 30 * 60)) * MINUTE
        self.assertEqual(open_periods(hours, start, stop), as_periods(open_minutes(hours, start, stop)))

    @some
    @given(data=st.data(), change=st.sampled_from(CHANGES))
    def test_a_stretch_of_the_list_is_the_list_of_the_stretch(self, data, change):
        """What is cached for a month answers for a day of it."""
        tz, day = change
        hours = data.draw(calendars(tz, day))
        start = day + data.draw(st.integers(-24 * 60, 24 * 60)) * MINUTE
        stop = start + data.draw(st.integers(1, 30 * 60)) * MINUTE
        month = open_periods(hours, day - 15 * DAY, day + 15 * DAY)
        self.assertEqual(open_periods(hours, start, stop), clip(month, start, stop))

    def test_next_opening_is_now_or_later_or_never(self):
        monday = datetime(2026, 6, 1)
        hours = Hours("UTC", ((0, 8.0, 18.0, None),))
        self.assertEqual(next_opening(hours, monday), monday + 8 * HOUR)
        self.assertEqual(next_opening(hours, monday + 9 * HOUR), monday + 9 * HOUR)
        self.assertEqual(next_opening(hours, monday + 18 * HOUR), monday + 7 * DAY + 8 * HOUR)
        holidays = hours._replace(closed=((monday, monday + 60 * DAY),))
        self.assertEqual(next_opening(holidays, monday), monday + 63 * DAY + 8 * HOUR)
        self.assertIsNone(next_opening(holidays, monday, days=63))
        self.assertIsNone(next_opening(Hours("UTC"), monday))
        for days in range(1, 60):
            opening = (monday + days * DAY, monday + days * DAY + HOUR)
            self.assertEqual(next_opening(Hours("UTC", opened=(opening,)), monday), opening[0])

    @some
    @given(data=st.data(), change=st.sampled_from(CHANGES))
    def test_next_opening_is_the_start_of_the_open_periods(self, data, change):
        tz, day = change
        hours = data.draw(calendars(tz, day))
        utc = day + data.draw(st.integers(-24 * 60, 24 * 60)) * MINUTE
        opened = open_periods(hours, utc, utc + 40 * DAY)
        self.assertEqual(next_opening(hours, utc, days=40), opened[0][0] if opened else None)


@tagged("post_install", "-at_install")
class TestFree(TestCase):
    def test_one_unit_is_free_when_open_and_not_taken(self):
        opened = [(ORIGIN, ORIGIN + 8 * HOUR)]
        taken = [(1, ORIGIN + HOUR, ORIGIN + 2 * HOUR)]
        self.assertEqual(free_periods(opened, taken, 1), subtract(opened, [taken[0][1:]]))

    def test_a_planner_shows_free_where_no_booking_fits(self):
        """Two units, each taken for one half of the time: always one is free, and none throughout."""
        start, middle, stop = ORIGIN, ORIGIN + HOUR, ORIGIN + 2 * HOUR
        opened, taken = [(start, stop)], [(1, start, middle), (2, middle, stop)]
        self.assertEqual(free_periods(opened, taken, 2), opened)
        self.assertEqual(free_units(taken, 2, start, stop), [])
        self.assertEqual(free_units(taken, 2, start, middle), [2])
        self.assertEqual(nearest(opened, start, stop, 15, PARIS, start), (start, stop))
        self.assertIsNone(nearest_on_units(opened, taken, 2, 1, start, stop, 15, PARIS, start))

    def test_a_unit_that_is_gone_takes_no_room(self):
        opened = [(ORIGIN, ORIGIN + HOUR)]
        self.assertEqual(free_periods(opened, [(3, *opened[0])], 2, 2), opened)
        self.assertEqual(free_units([(3, *opened[0])], 2, *opened[0]), [1, 2])
        self.assertEqual(free_periods(opened, [], 2, 3), [], "Three of two units are never free")

    @many
    @given(data=st.data(), opened=period_lists(), capacity=st.integers(1, 4), units=st.integers(1, 5))
    def test_free_periods_agree_with_a_count_at_every_minute(self, data, opened, capacity, units):
        taken = data.draw(taken_rows(capacity))
        free = [
            minute
            for minute in MINUTES
            if held(opened, minute)
            and sum(not held([row[1:] for row in taken if row[0] == unit], minute) for unit in range(1, capacity + 1))
            >= units
        ]
        self.assertEqual(free_periods(opened, iter(taken), capacity, units), as_periods(free))

    @many
    @given(data=st.data(), capacity=st.integers(1, 4), first=st.integers(0, WINDOW - 1), length=st.integers(1, 60))
    def test_free_units_are_free_at_every_minute(self, data, capacity, first, length):
        taken = data.draw(taken_rows(capacity))
        minutes = MINUTES[first : first + length]
        free = [
            unit
            for unit in range(1, capacity + 1)
            if not any(held([row[1:] for row in taken if row[0] == unit], minute) for minute in minutes)
        ]
        self.assertEqual(free_units(iter(taken), capacity, minutes[0], minutes[-1] + MINUTE), free)


@tagged("post_install", "-at_install")
class TestNearest(TestCase):
    def test_what_is_wanted_comes_first(self):
        free = [(ORIGIN, ORIGIN + 8 * HOUR)]
        wanted = (ORIGIN + HOUR, ORIGIN + 2 * HOUR)
        self.assertEqual(nearest(free, *wanted, 15, PARIS, ORIGIN), wanted)

    def test_of_two_as_near_the_later_is_proposed(self):
        wanted = (ORIGIN + 4 * HOUR, ORIGIN + 5 * HOUR)
        free = subtract([(ORIGIN, ORIGIN + 9 * HOUR)], [wanted])
        self.assertEqual(nearest(free, *wanted, 15, PARIS, ORIGIN), (wanted[1], wanted[1] + HOUR))
        off_step = (wanted[0] + 30 * MINUTE, wanted[1] + 30 * MINUTE)
        found = nearest([(ORIGIN, ORIGIN + 9 * HOUR)], *off_step, 60, PARIS, ORIGIN)
        self.assertEqual(found, (wanted[1], wanted[1] + HOUR))

    def test_the_past_is_not_proposed(self):
        free = [(ORIGIN, ORIGIN + 3 * HOUR)]
        now = ORIGIN + timedelta(seconds=1)
        self.assertEqual(
            nearest(free, ORIGIN, ORIGIN + HOUR, 15, PARIS, now), (ORIGIN + 15 * MINUTE, ORIGIN + 75 * MINUTE)
        )
        self.assertIsNone(nearest(free, ORIGIN, ORIGIN + HOUR, 15, PARIS, ORIGIN + 3 * HOUR))

    def test_midnight_is_a_step_even_if_the_last_one_of_the_day_is_cut_short(self):
        midnight = to_utc(datetime(2026, 6, 2), PARIS)
        free = [(midnight - 39 * MINUTE, midnight + 15 * MINUTE)]  # from 23:21; the step before is 23:20
        found = nearest(free, midnight - 30 * MINUTE, midnight - 20 * MINUTE, 50, PARIS, midnight - DAY)
        self.assertEqual(found, (midnight, midnight + 10 * MINUTE))

    def test_the_last_step_before_spring_skips_some(self):
        """At 3:15, with steps of 50 minutes, 2:30 is the last one on the dial and 1:40 the last one that there was."""
        start = to_utc(SPRING + 3 * HOUR + 15 * MINUTE, PARIS)
        found = nearest([(start - 2 * HOUR, start + MINUTE)], start, start + MINUTE, 50, PARIS, start - DAY)
        self.assertEqual(to_local(found[0], PARIS), SPRING + HOUR + 40 * MINUTE)

    def test_the_hour_that_autumn_repeats_has_its_steps_twice(self):
        """At 2:45, with steps of 40 minutes, the next one is 2:00, a quarter of an hour later."""
        start = to_utc(AUTUMN + 2 * HOUR + 45 * MINUTE, PARIS)
        found = nearest([(start, start + DAY)], start, start + HOUR, 40, PARIS, start)
        self.assertEqual(found[0], start + 15 * MINUTE)
        self.assertEqual(to_local(found[0], PARIS), AUTUMN + 2 * HOUR)

    def test_touching_periods_are_one_stretch(self):
        free = [(ORIGIN + HOUR, ORIGIN + 2 * HOUR), (ORIGIN, ORIGIN + HOUR)]
        wanted = (ORIGIN, ORIGIN + 2 * HOUR)
        self.assertEqual(nearest(free, *wanted, 15, PARIS, ORIGIN), wanted)

    def test_nothing_is_found_in_gaps_that_are_too_short(self):
        self.assertIsNone(nearest([(ORIGIN, ORIGIN + HOUR - MINUTE)], ORIGIN, ORIGIN + HOUR, 15, PARIS, ORIGIN))
        self.assertIsNone(nearest([], ORIGIN, ORIGIN + HOUR, 15, PARIS, ORIGIN))

    def test_a_booking_for_two_stays_on_the_same_two_units(self):
        opened = [(ORIGIN, ORIGIN + 8 * HOUR)]
        taken = [(1, ORIGIN, ORIGIN + HOUR), (2, ORIGIN + HOUR, ORIGIN + 2 * HOUR), (3, *opened[0])]
        wanted = (ORIGIN, ORIGIN + 2 * HOUR)
        found = nearest_on_units(opened, taken, 3, 2, *wanted, 30, PARIS, ORIGIN)
        self.assertEqual(found, (ORIGIN + 2 * HOUR, ORIGIN + 4 * HOUR))
        self.assertEqual(free_units(taken, 3, *found), [1, 2])

    @many
    @given(
        free=period_lists(),
        start=moments(),
        length=st.integers(1, 60),
        earliest=moments(),
        step=st.sampled_from([1, 5, 15, 30, 50]),
        tz=st.sampled_from([PARIS, "Asia/Kathmandu"]),
    )
    def test_nearest_agrees_with_a_trial_of_every_minute(self, free, start, length, earliest, step, tz):
        length *= MINUTE

        def fits(first):
            return all(held(free, first + n * MINUTE) for n in range(length // MINUTE))

        expected = nearest_by_minute(fits, start, step, tz, earliest, ORIGIN, MINUTES[-1])
        found = nearest(free, start, start + length, step, tz, earliest)
        self.assertEqual(found, expected and (expected, expected + length))

    @many
    @given(
        data=st.data(),
        opened=period_lists(),
        capacity=st.integers(1, 4),
        units=st.integers(1, 4),
        start=moments(),
        length=st.integers(1, 60),
        earliest=moments(),
        step=st.sampled_from([1, 5, 15, 30, 50]),
    )
    def test_nearest_on_units_agrees_with_a_trial_of_every_minute(
        self, data, opened, capacity, units, start, length, earliest, step
    ):
        length *= MINUTE
        taken = data.draw(taken_rows(capacity, max_size=6))

        def fits(first):
            minutes = [first + n * MINUTE for n in range(length // MINUTE)]
            if not all(held(opened, minute) for minute in minutes):
                return False
            busy = {unit for unit, begin, end in taken if any(begin <= minute < end for minute in minutes)}
            return len(set(range(1, capacity + 1)) - busy) >= units

        expected = nearest_by_minute(fits, start, step, PARIS, earliest, ORIGIN, MINUTES[-1])
        found = nearest_on_units(opened, taken, capacity, units, start, start + length, step, PARIS, earliest)
        self.assertEqual(found, expected and (expected, expected + length))

    @some
    @given(
        data=st.data(),
        change=st.sampled_from(CHANGES),
        length=st.integers(1, 300),
        step=st.sampled_from([1, 15, 30, 50, 60, 90, 720, 1440]),
    )
    def test_steps_are_those_of_the_dial_when_the_clock_changes(self, data, change, length, step):
        tz, day = change
        window = 3 * 24 * 60
        length *= MINUTE
        free = merge(data.draw(period_lists(day - DAY, window, 3)))
        start, earliest = data.draw(moments(day - DAY, window)), data.draw(moments(day - DAY, window // 2))

        def fits(first):
            return any(begin <= first and first + length <= end for begin, end in free)

        expected = nearest_by_minute(fits, start, step, tz, earliest, day - DAY, day + 2 * DAY)
        found = nearest(free, start, start + length, step, tz, earliest)
        self.assertEqual(found, expected and (expected, expected + length))

    def test_a_night_across_the_change_keeps_its_real_length(self):
        for day, hours in ((SPRING, 5), (AUTUMN, 7)):
            start, stop = to_utc(day - HOUR, PARIS), to_utc(day + 5 * HOUR, PARIS)
            free = [(start + HOUR, stop + DAY)]
            found = nearest(free, start, stop, 60, PARIS, start)
            self.assertEqual(found[1] - found[0], hours * HOUR)
            self.assertEqual(to_local(found[0], PARIS), day)
            # From 0:00, the five or seven hours contain the change as well.
            self.assertEqual(to_local(found[1], PARIS), day + 6 * HOUR)

    def test_a_month_with_two_hundred_bookings_is_searched_at_once(self):
        first = datetime(2026, 10, 10)
        hours = Hours(PARIS, tuple((day, *row) for day in range(7) for row in ((9.0, 12.5, None), (14.0, 19.0, None))))
        opened = open_periods(hours, first, first + 30 * DAY)
        capacity = 10
        taken = [
            (n % capacity + 1, first + n * 3 * HOUR + n * MINUTE, first + n * 3 * HOUR + 5 * HOUR) for n in range(200)
        ]
        wanted = (first + 15 * DAY, first + 15 * DAY + 3 * HOUR)
        spent = []
        for _n in range(5):
            began = clock.perf_counter()
            found = nearest_on_units(opened, taken, capacity, 9, *wanted, 15, PARIS, first)
            spent.append(clock.perf_counter() - began)
        self.assertGreaterEqual(len(free_units(taken, capacity, *found)), 9)
        # It takes a millisecond or two; the best of five, so that a busy machine doesn't count.
        self.assertLess(min(spent), 0.02)
