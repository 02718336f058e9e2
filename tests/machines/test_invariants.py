"""Whatever is done in whatever order: no overlap, occupancy as the live bookings say, charges as they were quoted."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MachinesCase
from .test_occupancy import OVERLAPS

MACHINES = ("laser", "pool", "workshop", "saw")
WORDS = ("create", "book", "confirm", "move", "cancel", "no_show", "close", "reopen", "layout")
# As often as it takes for something to be there to move, cancel or miss.
ACTS = ("create", "create", "book", "book", "book", "confirm", "confirm", "move", "move", *WORDS[4:])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.sampled_from(MACHINES),
        st.integers(0, 5),  # which booking
        st.sampled_from((0, 0, 0, 2, 4, 7, 10)),  # half hours after 9:00
        st.integers(1, 5),  # half hours
        st.integers(1, 2),  # units of the pool
    ),
    min_size=8,
    max_size=12,
)


@tagged("post_install", "-at_install")
class TestInvariants(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.laser.buffer_minutes = 30
        cls.pool = cls._machine("Printers", capacity=2)
        cls.workshop = cls._machine("Workshop", kind="workshop")
        cls.saw = cls._machine("Saw", workshop_id=cls.workshop.id)

    def test_any_sequence_leaves_it_consistent(self):
        done, refused = Counter(), Counter()

        @settings(
            max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(STEPS)
        def run(steps):
            savepoint = self.env.cr.savepoint()
            self.bookings, self.closures, self.quoted = self.Booking, self.env["fabloch.closure"], {}
            try:
                for step in steps:
                    try:
                        with self.env.cr.savepoint():
                            acted = self._step(*step)
                            self.env.flush_all()
                        done[step[0]] += bool(acted)
                    except UserError:
                        self.env.invalidate_all()
                        refused[step[0]] += 1
                    self._check()
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all()
                self.env.registry.clear_cache()

        run()
        print(f"\ndone {dict(done)}; refused {dict(refused)}")
        # A sequence that is always refused would prove nothing.
        self.assertFalse(set(WORDS) - {word for word, count in done.items() if count})

    def _step(self, word, machine, index, begin, length, units):
        """Do it; returns whether there was something to do it to."""
        machine = getattr(self, machine)
        # Some bookings began this morning: nobody may have come to these.
        start = self._at("2026-03-10 09:00") + timedelta(minutes=30 * begin)
        stop = start + timedelta(minutes=30 * length)
        if word in ("create", "book"):
            booking = self.Booking.create(
                {
                    "machine_id": machine.id,
                    "partner_id": (self.anna | self.yann)[index % 2].id,
                    "start": start,
                    "stop": stop,
                    "units": units if machine == self.pool else 1,
                }
            )
            quote = self._quote(booking)
            if word == "book":
                booking.action_confirm()
                self.quoted[booking.id] = quote
            self.bookings |= booking
            return True
        if word == "close":
            self.closures |= self.closures.create(
                {"name": "Cleaning", "machine_ids": [(6, 0, machine.ids)], "start": start, "stop": stop}
            )
            return True
        if word == "reopen":
            if not self.closures:
                return False
            closure = self.closures[index % len(self.closures)]
            self.closures -= closure
            closure.unlink()
            return True
        if word == "layout":
            self.saw.workshop_id = False if self.saw.workshop_id else self.workshop
            return True
        if not self.bookings:
            return False
        booking = self.bookings[index % len(self.bookings)]
        if word == "confirm":
            quote = self._quote(booking)
            booking.action_confirm()
            self.quoted[booking.id] = quote
        elif word == "move":
            booking.write({"start": start, "stop": stop})
            if booking.state == "confirmed":
                self.quoted[booking.id] = self._quote(booking)
        elif word == "cancel":
            booking.action_cancel()
        else:
            booking.action_no_show()
        return True

    def _quote(self, booking):
        return booking.machine_id._quote(booking.partner_id, booking.start, booking.stop, booking.units).total

    def _check(self):
        self.env.flush_all()
        self.env.cr.execute(OVERLAPS)
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.env.cr.execute(
            "SELECT booking_id, machine_id, kind, start, stop, count(*) FROM fabloch_occupancy"
            " WHERE booking_id IN %s GROUP BY 1, 2, 3, 4, 5",
            [tuple(self.bookings.ids) or (0,)],
        )
        self.assertEqual({row[:-1]: row[-1] for row in self.env.cr.fetchall()}, self._needed())
        for closure in self.closures:
            self._check_closed(closure)
        live = self.bookings.filtered(lambda booking: booking.state == "confirmed")
        self.env.cr.execute(
            "SELECT COALESCE(sum(amount), 0) FROM fabloch_charge"
            " WHERE booking_id IN %s AND NOT COALESCE(waived, FALSE)",
            [tuple(live.ids) or (0,)],
        )
        charged = float(self.env.cr.fetchone()[0])
        self.assertAlmostEqual(charged, sum(self.quoted[booking.id] for booking in live), places=2)

    def _needed(self):
        """What the live bookings need, in plain words: {(booking, machine, kind, start, stop): units}."""
        needed = {}
        for booking in self.bookings:
            if booking.state not in ("hold", "confirmed"):
                continue
            needed[booking.id, booking.machine_id.id, "booking", booking.start, booking.stop] = booking.units
            if booking.machine_id == self.laser:
                free = booking.stop + timedelta(minutes=30)
                needed[booking.id, self.laser.id, "buffer", booking.stop, free] = 1
            if booking.machine_id == self.workshop and self.saw.workshop_id:
                needed[booking.id, self.saw.id, "booking", booking.start, booking.stop] = 1
        return needed

    def _check_closed(self, closure):
        """Every minute of a closure is taken, on all the units, by it or by what was there before."""
        machines = closure.machine_ids | (
            self.saw if self.workshop in closure.machine_ids and self.saw.workshop_id else self.saw.browse()
        )
        minutes = (closure.stop - closure.start).total_seconds() / 60
        # A set-up time that ends with its booking leaves a gap as long as itself: nothing fits into it.
        for machine in machines - self.laser:
            self.env.cr.execute(
                "SELECT COALESCE(sum(EXTRACT(EPOCH FROM least(stop, %s) - greatest(start, %s)) / 60), 0)"
                " FROM fabloch_occupancy WHERE machine_id = %s AND start < %s AND stop > %s",
                [closure.stop, closure.start, machine.id, closure.stop, closure.start],
            )
            self.assertEqual(float(self.env.cr.fetchone()[0]), minutes * machine.capacity, machine.name)
