from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, format_datetime

from .. import clock, periods

# A moment as people say it: the day of the week first, since that is what they plan by.
MOMENT = "EEE d MMM, HH:mm"


class Firm(str):
    """A reason against a booking that no manager's exception overrides."""


class Verdict(NamedTuple):
    """Whether something may be booked: the reason against it if there is one, or else the units to take."""

    reason: str | None
    waivable: bool  # a manager may book against it, with a reason
    units: dict  # {machine id: [unit, …]}
    free_from: datetime  # when the units are free again, buffer included
    nearest: tuple | None  # the nearest free period (UTC), where proposing one makes sense


class MachineVerdict(models.Model):
    """Every rule of booking, in one place: screens, portal, imports, moves and previews all ask here."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    @api.model
    def _verdicts(self, requests, bookings=None, beaten=(), rules=True, propose=True, explain=True, preview=False):
        """Return a `Verdict` for each `QuoteRequest`, the earlier ones being booked before the later ones.

        A handful of queries whatever the number of requests; all machines are of one company.

        :param bookings: the bookings that ask, when they exist: what they took before doesn't count.
        :param beaten: rows (machine id, (unit, start, stop)) known to be taken beside those in the database.
        :param bool rules: False asks only whether the period is free.
        :param bool propose: look for the nearest free period for those that are refused.
        :param bool explain: False says only that a period is taken, not by what: that costs a query for each.
        :param bool preview: nothing is about to be taken: write nothing.
        """
        if not requests:
            return []
        if any(request.stop <= request.start or request.units < 1 for request in requests):
            raise UserError(self.env._("A booking ends after it starts, and takes at least one unit: correct it."))
        machines = self.union(*(request.machine for request in requests))
        settings_of = {machine: self._settings(machine.id) for machine in machines}
        margin = timedelta(minutes=max(settings.buffer for settings in settings_of.values()))
        closed = {}
        taken = machines._taken(
            min(request.start for request in requests),
            max(request.stop for request in requests) + margin,
            bookings,
            release=bookings is not None and not preview,
            closed=closed,
        )
        for machine_id, row in beaten:
            taken[machine_id].append(row)
        asks = self._rule_checks(requests, bookings) if rules else [lambda *args: None] * len(requests)
        verdicts = []
        for request, ask in zip(requests, asks, strict=True):
            settings = settings_of[request.machine]
            # What sets up for a maintenance or a closing is the maintenance itself.
            ahead = [begin for inside_id, _c in settings.inside for begin in closed.get(inside_id, ())]
            free_from = min(
                [request.stop + timedelta(minutes=settings.buffer), *(b for b in ahead if b >= request.stop)]
            )
            reason, units = ask(request, settings), {}
            waivable = not isinstance(reason, Firm)
            # A period that is taken is what a person has to hear first: no exception helps there.
            for machine_id, capacity in settings.inside:
                needed = request.units if machine_id == request.machine.id else capacity
                free = periods.free_units(taken[machine_id], capacity, request.start, free_from)
                units[machine_id] = free[:needed]
                if len(free) < needed:
                    reason, waivable = self.env._("%s is taken.", request.machine.name), False
                    if explain:
                        reason = self._taken_reason(request, machine_id, capacity, len(free))
                    break
            nearest = None
            if reason and propose:
                nearest = self._nearest_bookable(request, bookings, beaten, rules)
                reason = "\n".join(filter(None, [reason, self._proposal(request, settings, nearest)]))
            if not reason or waivable:
                for machine_id, found in units.items():
                    taken[machine_id] += [(unit, request.start, free_from) for unit in found]
            verdicts.append(Verdict(reason, waivable, units, free_from, nearest))
        return verdicts

    @api.model
    def _nearest_bookable(self, request, bookings, beaten, rules):
        """Return the nearest free period (UTC) for `request`, if it stands every rule; None otherwise."""
        nearest = request.machine._nearest_free(request.start, request.stop, request.units, bookings)
        if not nearest:
            return None
        start, stop = nearest
        proposed = request._replace(start=start, stop=stop, kept=False)
        [verdict] = self._verdicts([proposed], bookings, beaten, rules, propose=False)
        return None if verdict.reason else nearest

    @api.model
    def _rule_checks(self, requests, bookings):
        """Return, for each request, a function of (request, settings) that gives the reason against it, or None.

        What needs the database is asked here, at once for all of them. Upper addons add their own rules; a reason
        that is `Firm` can't be overridden by a manager.
        """
        Authorisation = self.env["fabloch.authorisation"]
        authorised = Authorisation._authorised(requests)
        quota_left = self._quota_used(requests, bookings)

        def check(request, settings):
            reason = (
                self._check_service(request, settings)
                or self._check_duration(request, settings)
                or self._check_time(request, settings)
                or self._check_hours(request, settings)
            )
            # A form that is being filled in may not say yet who books.
            if reason or not request.partner:
                return reason
            return (None if request in authorised else Authorisation._missing_reason(request)) or self._check_quota(
                request, settings, quota_left
            )

        return [check] * len(requests)

    # -- The rules, each with its numbers ----------------------------------------------------------------------------

    def _check_service(self, request, settings):
        if not settings.in_service:
            return self.env._("%s is out of service: choose another machine.", request.machine.name)
        return None

    def _check_duration(self, request, settings):
        name = request.machine.name
        minutes = (request.stop - request.start).total_seconds() / 60
        if minutes < settings.shortest:
            return self.env._(
                "The shortest booking of %(machine)s is %(shortest)s, and this one lasts %(asked)s: make it longer.",
                machine=name,
                shortest=_span(settings.shortest),
                asked=_span(minutes),
            )
        if settings.longest and minutes > settings.longest:
            return self.env._(
                "The longest booking of %(machine)s is %(longest)s, and this one lasts %(asked)s: make it shorter.",
                machine=name,
                longest=_span(settings.longest),
                asked=_span(minutes),
            )
        if not periods.aligned(request.start, settings.slot, settings.tz) or minutes % settings.slot:
            return self.env._(
                "%(machine)s is booked in slots of %(slot)s, and this booking goes from %(start)s for %(asked)s: "
                "begin and end on a slot.",
                machine=name,
                slot=_span(settings.slot),
                start=f"{periods.to_local(request.start, settings.tz):%H:%M}",
                asked=_span(minutes),
            )
        return None

    def _check_time(self, request, settings):
        now = clock.now()
        if request.kept and request.stop > now:
            return None
        start = periods.to_local(request.start, settings.tz)
        today = periods.to_local(now, settings.tz)
        if start.date() < today.date() or (request.start < now and not self._is_staff()):
            return self.env._(
                "%s is over: bookings are made for today or later.", self._moment(request.start, settings.tz)
            )
        if settings.notice and request.start < now + timedelta(minutes=settings.notice):
            return self.env._(
                "%(machine)s is booked at least %(notice)s ahead: from %(earliest)s on.",
                machine=request.machine.name,
                notice=_span(settings.notice),
                earliest=self._moment(now + timedelta(minutes=settings.notice), settings.tz),
            )
        if settings.horizon and request.start > now + timedelta(days=settings.horizon):
            return self.env._(
                "%(machine)s is booked at most %(days)s days ahead: until %(latest)s.",
                machine=request.machine.name,
                days=settings.horizon,
                latest=self._moment(now + timedelta(days=settings.horizon), settings.tz),
            )
        return None

    def _check_hours(self, request, settings):
        day_before, day_after = request.start - timedelta(days=1), request.stop + timedelta(days=1)
        opened = periods.open_periods(settings.hours, day_before, day_after)
        if settings.overnight:
            if periods.open_edges(opened, request.start, request.stop):
                return None
            shut = request.start
            if periods.open_edges(opened, request.start, request.start + timedelta(minutes=1)):
                shut = request.stop
        else:
            shut = periods.first_uncovered(opened, request.start, request.stop)
            if shut is None:
                return None
        day = periods.to_local(shut, settings.tz).date()
        midnight = periods.to_utc(datetime.combine(day, datetime.min.time()), settings.tz)
        next_midnight = periods.to_utc(datetime.combine(day + timedelta(days=1), datetime.min.time()), settings.tz)
        of_day = periods.clip(opened, midnight, next_midnight)
        if not of_day:
            return self.env._(
                "%(machine)s is closed on %(day)s.", machine=request.machine.name, day=format_date(self.env, day)
            )
        return self.env._(
            "%(machine)s is open %(hours)s on %(day)s, and this booking goes from %(start)s to %(stop)s.",
            machine=request.machine.name,
            day=format_date(self.env, day),
            hours=", ".join(
                f"{periods.to_local(start, settings.tz):%H:%M}–{periods.to_local(stop, settings.tz):%H:%M}"
                for start, stop in of_day
            ),
            start=self._moment(request.start, settings.tz),
            stop=self._moment(request.stop, settings.tz),
        )

    def _check_quota(self, request, settings, used):
        if not settings.quota:
            return None
        key = (request.partner.id, settings.category_id, _week(request, settings))
        minutes = round((request.stop - request.start).total_seconds() / 60) * request.units
        if used[key] + minutes > settings.quota:
            return self.env._(
                "%(person)s may book %(category)s for %(quota)s a week; %(used)s are booked already, "
                "and this booking asks for %(asked)s: shorten it, or choose another week.",
                person=request.partner.name,
                category=request.machine.category_id.name,
                quota=_span(settings.quota),
                used=_span(used[key]),
                asked=_span(minutes),
            )
        used[key] += minutes
        return None

    @api.model
    def _quota_used(self, requests, bookings):
        """Return {(partner id, category id, monday): minutes booked in that week}, in one query if there is a quota."""
        used = defaultdict(int)
        limited = [request for request in requests if request.partner and self._settings(request.machine.id).quota]
        if not limited:
            return used
        settings = [self._settings(request.machine.id) for request in limited]
        week = timedelta(days=8)
        self.env["fabloch.booking"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, category_id,
                       date_trunc('week', start AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date,
                       SUM(EXTRACT(EPOCH FROM stop - start) / 60 * units)::integer
                  FROM fabloch_booking
                 WHERE partner_id IN %(partners)s AND category_id IN %(categories)s
                   AND start >= %(first)s AND start < %(last)s
                   AND (state = 'confirmed' OR state = 'hold' AND hold_until > %(now)s)
                   AND id NOT IN %(own)s
                 GROUP BY 1, 2, 3
                """,
                tz=settings[0].tz,
                partners=tuple({request.partner.id for request in limited}),
                categories=tuple({found.category_id for found in settings}),
                first=min(request.start for request in limited) - week,
                last=max(request.start for request in limited) + week,
                now=clock.now(),
                own=tuple(bookings.ids if bookings else ()) or (0,),
            )
        )
        used.update({(partner_id, category_id, monday): minutes for partner_id, category_id, monday, minutes in rows})
        return used

    def _taken_reason(self, request, machine_id, capacity, free):
        """Say what is in the way, as far as the user may know it."""
        tz = self._settings(request.machine.id).tz
        row = (
            self.env["fabloch.occupancy"]
            .sudo()
            .search(
                [("machine_id", "=", machine_id), ("start", "<", request.stop), ("stop", ">", request.start)],
                order="kind, start",
                limit=1,
            )
        )
        name = self.browse(machine_id).sudo().name
        if capacity > 1 and machine_id == request.machine.id and row.kind in ("booking", "buffer", False):
            return self.env._(
                "%(machine)s has %(capacity)s units, of which %(free)s are free from %(start)s to %(stop)s, "
                "and %(units)s are asked.",
                machine=name,
                capacity=capacity,
                free=free,
                units=request.units,
                start=self._moment(request.start, tz),
                stop=self._moment(request.stop, tz),
            )
        if not row:
            return self.env._("%s needs its set-up time before the next booking.", name)
        values = {
            "machine": name,
            "start": self._moment(row.start, tz),
            "stop": self._moment(row.stop, tz),
        }
        if row.kind == "maintenance":
            return self.env._("%(machine)s is in maintenance from %(start)s to %(stop)s.", **values)
        if row.kind == "closure":
            return self.env._("%(machine)s is closed from %(start)s to %(stop)s.", **values)
        if row.booking_id and self._is_staff():
            return self.env._(
                "%(machine)s is taken from %(start)s to %(stop)s by %(person)s (%(number)s).",
                **values,
                person=row.booking_id.partner_id.display_name,
                number=row.booking_id.name,
            )
        return self.env._("%(machine)s is taken from %(start)s to %(stop)s.", **values)

    def _proposal(self, request, settings, nearest):
        if not nearest or nearest[0] == request.start:
            return None
        return self.env._(
            "The nearest free period as long as this one: %(start)s to %(stop)s.",
            start=self._moment(nearest[0], settings.tz),
            stop=self._moment(nearest[1], settings.tz),
        )

    @api.model
    def _is_staff(self):
        # The person counts, not the rights that the portal's code takes for a moment.
        return self.env.user._is_internal()

    @api.model
    def _moment(self, moment, tz):
        return format_datetime(self.env, moment, tz=tz, dt_format=MOMENT)


def _span(minutes):
    """Return a number of minutes as people say it: 30 min, 2 h, 5 h 30."""
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def _week(request, settings):
    day = periods.to_local(request.start, settings.tz).date()
    return day - timedelta(days=day.weekday())
