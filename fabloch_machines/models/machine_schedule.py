from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .. import clock, periods

# How far around the wanted time the nearest free period is looked for.
NEAREST_DAYS = 14


class MachineSchedule(models.Model):
    """When machines are open and free."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    def _free_periods(self, start, stop, units=1):
        """Return the periods in which these machines are open and free: one query on occupancy for all of them.

        :param datetime start, stop: the window; naive, UTC.
        :param int units: how many units of a pool have to be free at each instant.
        :return: {machine: [(start, stop), …]}; naive, UTC, in order, without overlap.
        """
        taken = self._taken(start, stop)
        free = {}
        for machine in self:
            settings = self._settings(machine.id)
            opened = periods.open_periods(settings.hours, start, stop) if settings.in_service else []
            for inside_id, capacity in settings.inside:
                # A workshop is taken with everything in it.
                needed = units if inside_id == machine.id else capacity
                opened = periods.free_periods(opened, taken[inside_id], capacity, needed)
            free[machine] = opened
        return free

    def _taken(self, start, stop, leave_out=None, release=False, closed=None):
        """Return what is taken of these machines, and of those in these workshops, between two moments.

        :param leave_out: bookings whose own occupancy doesn't count (they are about to move).
        :param bool release: somebody is about to take these machines: wait for who is doing so, and end the expired
            holds that are met. The exclusion constraint alone would be right, but of two who insert at the same
            instant PostgreSQL ends one as a deadlock, after a second.
        :param dict closed: filled with when closures begin, {machine id: [start, …]}: no set-up time runs into one.
        :return: {machine id: [(unit, start, stop), …]}. Holds that have expired take nothing.
        """
        machine_ids = {inside_id for machine in self for inside_id, _capacity in self._settings(machine.id).inside}
        taken = defaultdict(list)
        if not machine_ids:
            return taken
        self.env["fabloch.occupancy"].flush_model()
        self.env["fabloch.booking"].flush_model(["state", "hold_until"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.machine_id, o.unit, o.start, o.stop, o.closure_id,
                       CASE WHEN o.booking_id IN (
                           SELECT id FROM fabloch_booking WHERE state = 'hold' AND hold_until <= %(now)s
                       ) THEN o.booking_id END
                  FROM %(turn)s turn
                  LEFT JOIN fabloch_occupancy o
                    ON tsrange(o.start, o.stop) && tsrange(%(start)s::timestamp, %(stop)s::timestamp)
                   AND o.machine_id IN %(machines)s
                   %(leave_out)s
                """,
                turn=self._turn_sql(machine_ids) if release else SQL("(VALUES (1))"),
                start=start,
                stop=stop,
                machines=tuple(machine_ids),
                now=clock.now(),
                leave_out=SQL("AND (o.booking_id IS NULL OR o.booking_id NOT IN %s)", tuple(leave_out.ids))
                if leave_out and leave_out.ids
                else SQL(),
            )
        )
        expired = set()
        for machine_id, unit, begin, end, closure_id, expired_id in rows:
            if machine_id is None:
                continue  # nothing is taken: the row of the turn alone
            if closure_id and closed is not None:
                closed.setdefault(machine_id, []).append(begin)
            if expired_id:
                expired.add(expired_id)
            else:
                taken[machine_id].append((unit, begin, end))
        if release and expired:
            self.env["fabloch.booking"].sudo().browse(sorted(expired))._expire()
        return taken

    @api.model
    def _turn_sql(self, machine_ids):
        """Return the SQL of one row that is there once this transaction has its turn with these machines."""
        return SQL(
            "(SELECT count(*) FROM (SELECT pg_advisory_xact_lock(hashtext('fabloch_occupancy'), id)"
            " FROM unnest(%s::integer[]) id) mine)",
            sorted(machine_ids),
        )

    def _nearest_free(self, start, stop, units=1, leave_out=None, taken=None):
        """Return the free period of this machine nearest to [`start`, `stop`), as long as that; None within two weeks.

        It begins on a slot, and in time for the notice. Naive, UTC.

        :param taken: what `_taken` has told of the two weeks around already, or would: nothing is read then.
        """
        self.ensure_one()
        settings = self._settings(self.id)
        if not settings.in_service:
            return None
        now = clock.now()
        earliest = max(now + timedelta(minutes=settings.notice), start - timedelta(days=NEAREST_DAYS))
        length = stop - start
        first, last = earliest, max(start, now) + timedelta(days=NEAREST_DAYS) + length
        if settings.horizon:
            last = min(last, now + timedelta(days=settings.horizon) + length)
        if first + length > last:
            return None
        margin = timedelta(minutes=settings.buffer)
        if taken is None:
            taken = self._taken(first - margin, last + margin, leave_out)
        opened = [(first, last)] if settings.overnight else periods.open_periods(settings.hours, first, last)
        own = taken[self.id]
        for inside_id, _capacity in settings.inside:
            if inside_id != self.id:
                opened = periods.subtract(opened, [(begin - margin, end) for _unit, begin, end in taken[inside_id]])
        if margin:
            # The buffer after the new booking has to be free as well.
            own = [(unit, begin - margin, end) for unit, begin, end in own]
        found = periods.nearest_on_units(
            opened, own, settings.capacity, units, start, stop, settings.slot, settings.tz, earliest
        )
        if found and settings.overnight:
            hours = periods.open_periods(settings.hours, *found)
            if not periods.open_edges(hours, *found):
                return None
        return found

    def _open_minutes(self, start, stop):
        """Return for how many minutes of [start, stop) this machine is open, by its hours alone."""
        self.ensure_one()
        return periods.overlap_minutes(periods.open_periods(self._settings(self.id).hours, start, stop), start, stop)
