"""What the demonstration's members and visitors book, and what becomes of it. Plain Python; nothing here overlaps.

The same on every computer for a given moment: three full months, the current one up to now, and two weeks ahead.
"""

import random
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from .. import periods
from ..holidays import french_holidays

HOLIDAYS = {
    "new_year": "Jour de l'an",
    "labour": "Fête du Travail",
    "victory": "Victoire de 1945",
    "national": "Fête nationale",
    "assumption": "Assomption",
    "all_saints": "Toussaint",
    "armistice": "Armistice de 1918",
    "christmas": "Noël",
    "easter_monday": "Lundi de Pâques",
    "ascension": "Ascension",
    "whit_monday": "Lundi de Pentecôte",
}
MONTHS_BEFORE = 3
WEEKS_AHEAD = 2
HOUR = 60
DAY = 24 * HOUR
# Machine -> (how often it is wanted, usual minutes, share of the bookings with consumables, their quantities).
WANTED = {
    "laser_1": (7, (60, 90, 90, 120, 150), 0.6, (1, 2, 3)),
    "laser_2": (5, (30, 60, 60, 90, 120), 0.4, (1, 1, 2)),
    "printers": (11, (120, 180, 240, 360, 18 * HOUR), 0.8, (40, 85, 120, 210)),
    "cnc": (3, (60, 120, 180), 0.5, (1, 2)),
    "vinyl": (5, (30, 60, 90), 0.7, (1, 2, 4)),
    "embroidery": (3, (60, 120, 180), 0, ()),
    "electronics": (6, (60, 120, 180, 240), 0, ()),
    "bench": (4, (120, 180, 240), 0, ()),
    "joinery": (2, (120, 180), 0, ()),
}
BOOKINGS_A_DAY = (4, 7)  # of an open day
REGULARS = 0.6  # share of the bookings that one member in five makes
VISITORS = 0.08  # share of the bookings
# Share of the bookings that ends otherwise than by being used.
CANCELLED, LATE, NO_SHOW = 0.06, 0.03, 0.03


class Bookable(NamedTuple):
    """A machine: its hours, how it is booked, and what is taken with it."""

    hours: periods.Hours
    capacity: int
    slot: int
    buffer: int
    overnight: bool
    inside: tuple  # (machine, capacity), itself included
    authorised: frozenset | None  # who may book it; everybody when None


class User(NamedTuple):
    key: str
    members: tuple  # (first day, last day) of memberships; none for a visitor


class Visit(NamedTuple):
    """A booking and its story; moments are naive UTC."""

    machine: str
    user: str
    start: datetime
    stop: datetime
    units: int
    made: datetime
    outcome: str  # used, cancelled, late, no_show, hold
    ended: datetime | None  # when it was cancelled, or nobody came
    arrived: datetime | None
    consumables: float
    series: bool


def first_day(today):
    """Return the first day of the bookings."""
    return today.replace(day=1) - relativedelta(months=MONTHS_BEFORE)


def visits(now, machines, users, school):
    """Return the list of `Visit`, by the moment at which they were made.

    :param datetime now: naive UTC.
    :param dict machines: {name: `Bookable`}; the workshop is called "workshop".
    :param list users: of `User`; visitors have no membership.
    :param str school: who comes every Tuesday afternoon.
    """
    return _Planner(now, machines, users).plan(school)


class _Planner:
    """Fills the days one after the other; `taken` is what is booked: {(machine, unit): [(start, stop)]}."""

    def __init__(self, now, machines, users):
        self.now, self.machines = now.replace(second=0, microsecond=0), machines
        self.tz = machines["laser_1"].hours.tz
        self.today = periods.to_local(now, self.tz).date()
        self.first = first_day(self.today)
        self.last = self.today + timedelta(days=7 * WEEKS_AHEAD - self.today.weekday() + 6)
        self.chance = random.Random("L'atelier du Loch")
        self.wanted = {name: usual for name, usual in WANTED.items() if name in machines}
        self.members = [user for user in users if user.members]
        self.visitors = [user for user in users if not user.members]
        self.turns = Counter()
        self.taken = defaultdict(list)
        self.minutes = Counter()  # (user, machine, monday): what quotas are about
        self.found = []

    def plan(self, school):
        # The scenes of today come first: whatever else is booked makes room for them.
        self._print_over_today()
        self._here_now()
        self._school(school)
        self._rentals()
        day = self.first
        while day <= self.last:
            self._day(day)
            day += timedelta(days=1)
        self._on_hold()
        return sorted(self.found, key=lambda visit: (visit.made, visit.start, visit.machine, visit.user))

    # -- Scenes ------------------------------------------------------------------------------------------------------

    def _print_over_today(self):
        """A long print that runs now, whatever the hour: begun before today, over after it."""
        start = self._open_day(self.today - timedelta(days=1), -1)
        stop = self._open_day(self.today + timedelta(days=1), 1)
        start = self._utc(start, 15)
        self._add("printers", self._member("printers", start), start, self._utc(stop, 12), arrived=start)

    def _here_now(self):
        """Somebody at the laser at this moment if it is open, and at the electronics bench."""
        for name, before, after in (("laser_1", 1, 3), ("electronics", 2, 2)):
            machine = self.machines[name]
            slot = timedelta(minutes=machine.slot)
            local = periods.to_local(self.now, self.tz)
            local = local.replace(minute=local.minute - local.minute % machine.slot % 60)
            for back in range(before, -1, -1):
                start = periods.to_utc(local, self.tz) - back * slot
                stop = periods.to_utc(local, self.tz) + after * slot
                while stop > self.now and not self._fits(name, start, stop):
                    stop -= slot
                if stop > self.now and start <= self.now and self._is_open(machine, start, stop):
                    self._add(name, self._member(name, start), start, stop, arrived=start - timedelta(minutes=4))
                    break

    def _school(self, school):
        """Every Tuesday afternoon on all the printers but one, made in one go sixty days ago."""
        made = self._made(self.today - timedelta(days=60))
        day = self.today - timedelta(days=60)
        while day <= self.today + timedelta(days=25):
            start = self._utc(day, 14)
            if day.weekday() == 1 and start > made and self._fits("printers", start, self._utc(day, 16), 2):
                self._add("printers", school, start, self._utc(day, 16), units=2, made=made, series=True)
            day += timedelta(days=1)

    def _rentals(self):
        """The workshop: some half days, a day now and then, a week in each month."""
        months = {}
        day = self.first
        while day <= self.last:
            months.setdefault(day.replace(day=1), []).append(day)
            day += timedelta(days=1)
        for number, days in enumerate(months.values()):
            for index, (weekday, hour, minutes) in enumerate(
                ((1, 10, 7 * DAY), (2, 9, 240), (3, 14, 240), (4, 9, 240), (4, 10, DAY))
            ):
                candidates = [day for day in days[index * 5 :] if day.weekday() == weekday]
                for day in candidates[:1]:
                    start = self._utc(day, hour)
                    stop = self._utc(day + timedelta(minutes=minutes - minutes % DAY), hour)
                    stop += timedelta(minutes=minutes % DAY)
                    if self._fits("workshop", start, stop):
                        self._add("workshop", self._member("workshop", start, number), start, stop)

    def _on_hold(self):
        """Two bookings that somebody is about to confirm."""
        for name in ("laser_2", "vinyl"):
            day = self._open_day(self.today + timedelta(days=1), 1)
            for hour in range(10, 17):
                start, stop = self._utc(day, hour), self._utc(day, hour + 1)
                if self._fits(name, start, stop):
                    user = self._member(name, start)
                    self._add(name, user, start, stop, made=self.now - timedelta(minutes=5), outcome="hold")
                    break

    # -- Days --------------------------------------------------------------------------------------------------------

    def _day(self, day):
        """The usual bookings of one day, fewer the further ahead it is."""
        wanted = self.chance.randint(*BOOKINGS_A_DAY)
        ahead = (day - self.today).days
        if ahead > 6:
            wanted = wanted * 2 // 3
        for _number in range(wanted):
            name = self.chance.choices(list(self.wanted), [usual[0] for usual in self.wanted.values()])[0]
            minutes = self.chance.choice(WANTED[name][1])
            visitor = self.chance.random() < VISITORS
            for start, stop in self._proposals(name, day, minutes):
                if self._fits(name, start, stop):
                    user = self._user(name, start, visitor)
                    if user and self._within_quota(name, user, start, stop):
                        self._add(name, user, start, stop, outcome=self._outcome())
                        break

    def _proposals(self, name, day, minutes):
        """Half a dozen periods of that day, chosen at random among those that begin on a slot while it is open."""
        machine = self.machines[name]
        begin, end = self._utc(day, 0), self._utc(day + timedelta(days=1), 0)
        opened = periods.open_periods(machine.hours, begin, end)
        length = timedelta(minutes=minutes)
        starts = []
        for first, last in opened:
            last = last if machine.overnight else last - length
            while first <= last:
                starts.append(first)
                first += timedelta(minutes=max(machine.slot, 30))
        return [(start, start + length) for start in self.chance.sample(starts, min(6, len(starts)))]

    def _outcome(self):
        value = self.chance.random()
        for outcome, share in (("cancelled", CANCELLED), ("late", LATE), ("no_show", NO_SHOW)):
            if value < share:
                return outcome
            value -= share
        return "used"

    # -- People ------------------------------------------------------------------------------------------------------

    def _user(self, name, start, visitor):
        if visitor and self.machines[name].authorised is None and self.visitors:
            self.turns["visitors"] += 1
            return self.visitors[self.turns["visitors"] % len(self.visitors)].key
        return self._member(name, start)

    def _member(self, name, start, skip=0):
        """One of the members of that day who may: a regular one, or one of those who have had the fewest turns."""
        day = periods.to_local(start, self.tz).date()
        authorised = self.machines[name].authorised
        able = [
            user.key
            for user in self.members
            if (authorised is None or user.key in authorised)
            and any(first <= day <= last for first, last in user.members)
        ]
        if self.chance.random() < REGULARS:
            return self.chance.choice(able[::5])
        fewest = sorted(able, key=lambda key: (self.turns[key], key))[: 8 + skip]
        chosen = self.chance.choice(fewest)
        self.turns[chosen] += 1
        return chosen

    def _within_quota(self, name, user, start, stop):
        """Nobody comes near a weekly quota of twelve hours."""
        day = periods.to_local(start, self.tz).date()
        key = (user, name[:5], day - timedelta(days=day.weekday()))
        minutes = (stop - start) // timedelta(minutes=1)
        if name.startswith("laser") and self.minutes[key] + minutes > 5 * HOUR:
            return False
        self.minutes[key] += minutes
        return True

    # -- Periods -----------------------------------------------------------------------------------------------------

    def _utc(self, day, hour):
        return periods.to_utc(datetime.combine(day, time(hour)), self.tz)

    def _open_day(self, day, step):
        """Return the first day from `day` on, in steps of `step`, that is open at noon and in the afternoon."""
        hours = self.machines["laser_1"].hours
        while not self._covers(hours, self._utc(day, 10), self._utc(day, 17)):
            day += timedelta(days=step)
        return day

    def _covers(self, hours, start, stop):
        opened = periods.open_periods(hours, start - timedelta(days=1), stop + timedelta(days=1))
        return periods.first_uncovered(opened, start, stop) is None

    def _is_open(self, machine, start, stop):
        if not machine.overnight:
            return self._covers(machine.hours, start, stop)
        opened = periods.open_periods(machine.hours, start - timedelta(days=1), stop + timedelta(days=1))
        return periods.open_edges(opened, start, stop)

    def _fits(self, name, start, stop, units=1):
        machine = self.machines[name]
        if not self._is_open(machine, start, stop):
            return False
        return all(
            len(self._free(inside, capacity, start, stop + timedelta(minutes=machine.buffer)))
            >= (units if inside == name else capacity)
            for inside, capacity in machine.inside
        )

    def _free(self, name, capacity, start, stop):
        return [
            unit
            for unit in range(1, capacity + 1)
            if all(last <= start or stop <= first for first, last in self.taken[name, unit])
        ]

    def block(self, name, start, stop):
        for unit in range(1, self.machines[name].capacity + 1):
            self.taken[name, unit].append((start, stop))

    # -- Stories -----------------------------------------------------------------------------------------------------

    def _made(self, day):
        """When what is used on `day` was booked: on the Sunday evening before, or a while ago."""
        sunday = day - timedelta(days=day.weekday() + 1)
        return min(self._utc(sunday, 20), self.now - timedelta(hours=2))

    def _add(self, name, user, start, stop, units=1, made=None, outcome="used", arrived=None, series=False):
        machine = self.machines[name]
        free_from = stop + timedelta(minutes=machine.buffer)
        for inside, capacity in machine.inside:
            needed = units if inside == name else capacity
            for unit in self._free(inside, capacity, start, free_from)[:needed]:
                self.taken[inside, unit].append((start, free_from))
        made = made or self._made(periods.to_local(start, self.tz).date())
        ended = None
        if outcome == "cancelled":
            # Early enough for any policy of theirs, and already done.
            ended = min(made + timedelta(hours=12), self.now - timedelta(hours=1))
            if start - ended < timedelta(hours=50):
                outcome, ended = "used", None
        elif outcome == "late":
            ended = start - timedelta(minutes=90)
            if not made < ended <= self.now:
                outcome, ended = "used", None
        elif outcome == "no_show":
            ended = start + timedelta(minutes=30)
            if ended > self.now:
                outcome, ended = "used", None
        used = outcome == "used" and start <= self.now
        if used and not arrived:
            arrived = start + timedelta(minutes=self.chance.choice((-6, -3, 0, 0, 2, 5)))
        consumables = 0
        if name in WANTED and used and stop <= self.now and self.chance.random() < WANTED[name][2]:
            consumables = self.chance.choice(WANTED[name][3])
        self.found.append(
            Visit(
                machine=name,
                user=user,
                start=start,
                stop=stop,
                units=units,
                made=made,
                outcome=outcome,
                ended=ended,
                arrived=arrived if used and arrived <= self.now else None,
                consumables=consumables,
                series=series,
            )
        )


def french_closing_days(first, last):
    """Return the public holidays of France between two days, as (day, name)."""
    days = [(day, HOLIDAYS[code]) for year in range(first.year, last.year + 1) for day, code in french_holidays(year)]
    return sorted((day, name) for day, name in days if first <= day <= last)
