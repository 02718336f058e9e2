"""The demonstration keeps the rules of the house, whatever the moment at which it is made."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from odoo.addons.fabloch_machines import periods
from odoo.addons.fabloch_machines.demo import visits

TZ = "Europe/Paris"
# Every weekday, month end, both changes of the clock, a leap day, a public holiday, at many hours.
NOWS = [datetime(2026, 1, 1, 2, 10) + timedelta(days=number * 23, hours=number * 5) for number in range(32)]
NOWS += [datetime(2026, 12, 25, 11, 0), datetime(2028, 2, 29, 23, 30), datetime(2026, 3, 29, 1, 0)]
NOWS += [datetime(2026, 11, 24, hour, 7) for hour in (3, 9, 15, 22)]
WEEK = ((1, 9, 18), (2, 9, 18), (3, 9, 21), (4, 9, 18), (5, 10, 17))


def bookables(now):
    """The machines as the park has them, without a database."""
    today = now.date()
    days = visits.french_closing_days(today - timedelta(days=200), today + timedelta(days=400))
    closed = tuple((midnight(day), midnight(day + timedelta(days=1))) for day, _name in days)
    hours = periods.Hours(TZ, tuple((day, first, last, None) for day, first, last in WEEK), closed)
    some = frozenset(f"member_{number}" for number in range(0, 80, 3))

    def machine(name, capacity=1, slot=30, buffer=0, overnight=False, inside=(), authorised=None):
        return visits.Bookable(hours, capacity, slot, buffer, overnight, ((name, capacity), *inside), authorised)

    return {
        "workshop": machine("workshop", slot=60, overnight=True, inside=(("cnc", 1), ("vinyl", 1), ("bench", 2))),
        "laser_1": machine("laser_1", authorised=some),
        "laser_2": machine("laser_2", authorised=some),
        "printers": machine("printers", 4, 60, overnight=True),
        "cnc": machine("cnc", slot=60, buffer=30, authorised=some),
        "vinyl": machine("vinyl"),
        "bench": machine("bench", 2, 60),
        "embroidery": machine("embroidery"),
        "electronics": machine("electronics", slot=60),
        "joinery": machine("joinery", slot=60)._replace(
            hours=hours._replace(weekly=((3, 14, 18, None), (4, 14, 18, None), (5, 9, 12, None)))
        ),
    }


def midnight(day):
    return periods.to_utc(datetime.combine(day, time()), TZ)


def users():
    always = ((date(2020, 1, 1), date(2030, 12, 31)),)
    members = [visits.User(f"member_{number}", always) for number in range(80)]
    return members + [visits.User("visitor_1", ()), visits.User("visitor_2", ())]


def plan(now):
    return visits.visits(now, bookables(now), users(), "school")


def test_nothing_overlaps_and_all_lies_in_the_opening_hours_at_any_moment():
    for now in NOWS:
        machines, taken = bookables(now), {}
        for visit in plan(now):
            machine = machines[visit.machine]
            opened = periods.open_periods(
                machine.hours, visit.start - timedelta(days=1), visit.stop + timedelta(days=1)
            )
            if machine.overnight:
                assert periods.open_edges(opened, visit.start, visit.stop), (now, visit)
            else:
                assert periods.first_uncovered(opened, visit.start, visit.stop) is None, (now, visit)
            assert periods.aligned(visit.start, machine.slot, TZ), (now, visit)
            for name, capacity in machine.inside:
                units = visit.units if name == visit.machine else capacity
                taken.setdefault(name, []).append((visit.start, visit.stop + timedelta(minutes=machine.buffer), units))
        for name, rows in taken.items():
            for moment, _stop, _units in rows:
                busy = sum(units for start, stop, units in rows if start <= moment < stop)
                assert busy <= machines[name].capacity, (now, name, moment)


def test_stories_are_told_in_order_and_none_is_told_of_the_future():
    for now in NOWS:
        for visit in plan(now):
            assert visit.made <= now
            assert visit.made < visit.start
            assert visit.ended is None or visit.made < visit.ended <= now
            assert visit.arrived is None or visit.arrived <= now
            assert not (visit.arrived and visit.outcome != "used")
            assert not (visit.consumables and visit.stop > now)
            assert visit.outcome != "no_show" or visit.start <= visit.ended
            assert visit.outcome != "late" or visit.ended < visit.start


def test_every_moment_has_its_scenes():
    for now in NOWS:
        found = plan(now)
        today = periods.to_local(now, TZ).date()
        first = visits.first_day(today)
        assert [visit for visit in found if visit.start <= now < visit.stop and visit.arrived], now
        assert {visit.outcome for visit in found} == {"used", "cancelled", "late", "no_show", "hold"}, now
        assert len({visit.user for visit in found if visit.user.startswith("member")}) >= 60, now
        assert {visit.user for visit in found} >= {"visitor_1", "visitor_2", "school"}, now
        assert len([visit for visit in found if visit.series]) > 6, now
        assert any(visit.start > now + timedelta(days=8) for visit in found), now
        months = {periods.to_local(visit.start, TZ).date().replace(day=1) for visit in found}
        assert len([month for month in months if first <= month < today.replace(day=1)]) == 3, now
        laser = bookables(now)["laser_1"].hours
        if periods.open_periods(laser, now, now + timedelta(minutes=1)):
            assert any(visit.machine != "printers" and visit.start <= now < visit.stop for visit in found), now


def test_the_same_moment_gives_the_same_bookings():
    assert plan(NOWS[7]) == plan(NOWS[7])


def test_public_holidays_are_those_of_the_law():
    found = dict(visits.french_closing_days(date(2026, 1, 1), date(2026, 12, 31)))
    assert len(found) == 11
    assert found[date(2026, 4, 6)] == "Lundi de Pâques"
    assert all(day < later for day, later in pairwise(found))
