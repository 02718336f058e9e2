"""What bookings and closures take: units, workshops and their machines, buffers; what the database refuses."""

from psycopg2 import IntegrityError
from psycopg2.errors import ExclusionViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MachinesCase

# Pairs of rows that take one unit at one time, counted without the constraint's help.
OVERLAPS = """
    SELECT count(*) FROM fabloch_occupancy a JOIN fabloch_occupancy b
        ON a.id < b.id AND a.machine_id = b.machine_id AND a.unit = b.unit AND a.start < b.stop AND b.start < a.stop
"""


@tagged("post_install", "-at_install")
class TestOccupancy(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workshop = cls._machine("Workshop", kind="workshop")
        cls.saw = cls._machine("Saw", workshop_id=cls.workshop.id)
        cls.printers = cls._machine("Printers", capacity=4, workshop_id=cls.workshop.id)

    def _rows(self, record):
        return sorted((row.machine_id.name, row.unit, row.kind) for row in record.occupancy_ids)

    def _close(self, machines, start, stop, **vals):
        period = self._vals(start, stop)
        return self.env["fabloch.closure"].create(
            {
                "name": "Belt",
                "machine_ids": machines.ids,
                "start": period["start"],
                "stop": period["stop"],
                **vals,
            }
        )

    def _refused(self, pattern, *args, **kwargs):
        with self.assertRaisesRegex(UserError, pattern), self.cr.savepoint():
            self._book(*args, **kwargs)

    # -- Workshops ---------------------------------------------------------------------------------------------------

    def test_a_workshop_takes_all_units_of_all_that_stands_in_it(self):
        booking = self._book("14:00", "15:00", self.workshop)
        self.assertEqual(
            self._rows(booking),
            sorted(
                [("Saw", 1, "booking"), ("Workshop", 1, "booking")]
                + [("Printers", unit, "booking") for unit in range(1, 5)]
            ),
        )

    def test_one_unit_of_a_pool_inside_holds_the_workshop(self):
        self._book("14:00", "15:00", self.printers)
        self._refused("Printers is taken from .*14:00.*15:00", "14:30", "15:30", self.workshop)

    def test_a_machine_put_into_a_booked_workshop_is_taken_with_it(self):
        booking = self._book("14:00", "15:00", self.workshop)
        self.laser.workshop_id = self.workshop
        self.assertIn(("Laser 1", 1, "booking"), self._rows(booking))
        self._refused("Laser 1 is taken", "14:00", "15:00", self.laser)

    def test_a_new_machine_in_a_booked_workshop_is_taken_with_it(self):
        self._book("14:00", "15:00", self.workshop)
        router = self._machine("Router", workshop_id=self.workshop.id)
        self._refused("Router is taken", "14:00", "15:00", router)

    def test_a_booked_machine_isnt_put_into_a_workshop_booked_at_the_same_time(self):
        self._book("14:00", "15:00", self.workshop)
        self._book("14:30", "15:30", self.laser)
        with self.assertRaisesRegex(UserError, "Laser 1 is taken"), self.cr.savepoint():
            self.laser.workshop_id = self.workshop

    def test_a_machine_taken_out_of_a_booked_workshop_is_free(self):
        booking = self._book("14:00", "15:00", self.workshop)
        self.saw.workshop_id = False
        self.assertNotIn("Saw", {name for name, _unit, _kind in self._rows(booking)})
        self._book("14:00", "15:00", self.saw)

    def test_a_machine_moved_between_two_booked_workshops(self):
        other = self._machine("Attic", kind="workshop")
        here, there = self._book("14:00", "15:00", self.workshop), self._book("16:00", "17:00", other)
        self.saw.workshop_id = other
        self.assertNotIn(("Saw", 1, "booking"), self._rows(here))
        self.assertIn(("Saw", 1, "booking"), self._rows(there))

    def test_archived_in_a_booked_workshop_and_restored(self):
        self.saw.active = False
        self._book("14:00", "15:00", self.workshop)
        self.saw.active = True
        self._refused("Saw is taken", "14:00", "15:00", self.saw)

    def test_a_workshop_stands_in_no_other(self):
        from odoo.exceptions import ValidationError

        other = self._machine("Attic", kind="workshop")
        with self.assertRaisesRegex(ValidationError, "can't stand in another"), self.cr.savepoint():
            other.workshop_id = self.workshop
        with self.assertRaisesRegex(ValidationError, "move them first"), self.cr.savepoint():
            self.workshop.kind = "machine"

    # -- Capacity ------------------------------------------------------------------------------------------------------

    def test_a_unit_that_is_booked_isnt_taken_away(self):
        bookings = [self._book("14:00", "15:00", self.printers) for _number in range(3)]
        with self.assertRaisesRegex(UserError, "is on unit 3 of Printers"), self.cr.savepoint():
            self.printers.capacity = 2
        self.printers.capacity = 3
        bookings[2].action_cancel(waive=True)
        self.printers.capacity = 2
        self._refused("2 units, of which 0 are free", "14:00", "15:00", self.printers)

    def test_a_smaller_pool_in_a_booked_workshop(self):
        booking = self._book("14:00", "15:00", self.workshop)
        self.printers.capacity = 2
        self.assertEqual(len(booking.occupancy_ids), 4)

    def test_a_larger_pool_in_a_booked_workshop_or_a_maintenance(self):
        self._book("14:00", "15:00", self.workshop)
        self._close(self.printers, "16:00", "17:00")
        self.printers.capacity = 5
        self._refused("5 units, of which 0 are free", "14:00", "15:00", self.printers)
        self._refused("Printers is in maintenance", "16:00", "17:00", self.printers)

    # -- Buffers -------------------------------------------------------------------------------------------------------

    def test_fifteen_minutes_between_two_bookings(self):
        self.laser.write({"buffer_minutes": 15, "slot_minutes": 15})
        booking = self._book("14:00", "15:00")
        self.assertEqual(self._rows(booking), [("Laser 1", 1, "booking"), ("Laser 1", 1, "buffer")])
        self._refused("Laser 1 is taken from .*15:00.* to .*15:15", "15:00", "16:00")
        self._refused("needs its set-up time before the next booking", "13:00", "14:00")
        self._book("15:15", "16:00")
        self._book("12:45", "13:45")

    def test_the_last_booking_of_the_day_needs_no_open_buffer(self):
        self.laser.buffer_minutes = 30
        self._book("17:00", "18:00")

    def test_a_booking_may_end_where_a_maintenance_begins_whichever_came_first(self):
        self.laser.buffer_minutes = 30
        closure = self._close(self.laser, "15:00", "17:00")
        first = self._book("14:00", "15:00")
        self.assertEqual(self._rows(first), [("Laser 1", 1, "booking")])
        closure.unlink()
        early = self._book("10:00", "11:00")
        closure = self._close(self.laser, "11:00", "12:00")
        self.assertEqual(self._rows(early), [("Laser 1", 1, "booking")])
        early.write({"start": self._at("2026-03-10 10:30")})
        early.action_cancel(waive=True)
        # What a cancelled booking had beside a maintenance stays in maintenance.
        self._refused("in maintenance", "11:00", "11:30")

    # -- Closures ------------------------------------------------------------------------------------------------------

    def test_a_closure_is_refused_over_bookings_and_takes_all_units(self):
        booking = self._book("14:00", "15:00", self.printers)
        with (
            self.assertRaisesRegex(UserError, "1 bookings lie in this period.*14:00.*Maintenance"),
            self.cr.savepoint(),
        ):
            self._close(self.printers, "14:30", "16:00")
        closure = self._close(self.printers, "15:00", "16:00")
        self.assertEqual(len(closure.occupancy_ids), 4)
        self._refused("Printers is in maintenance from .*15:00.* to .*16:00", "15:30", "16:30", self.printers)
        self._refused("Printers is in maintenance", "15:30", "16:30", self.workshop)
        with self.assertRaisesRegex(UserError, "in maintenance"), self.cr.savepoint():
            booking.write({"stop": self._at("2026-03-10 15:30")})

    def test_a_workshop_that_closes_closes_what_stands_in_it(self):
        self._close(self.workshop, "14:00", "16:00", kind="closure")
        self._refused("Saw is closed from", "15:00", "16:00", self.saw)

    def test_two_closures_over_each_other(self):
        first = self._close(self.laser, "10:00", "12:00")
        self._close(self.laser, "11:00", "13:00", kind="closure")
        self._refused("Laser 1 is closed from", "12:00", "13:00")
        first.unlink()
        self._book("10:00", "11:00")
        self._refused("Laser 1 is closed from .*11:00", "11:00", "12:00")

    def test_a_moved_closure_leaves_to_the_other_what_both_took(self):
        first = self._close(self.laser, "10:00", "12:00")
        self._close(self.laser, "11:00", "13:00")
        period = self._vals("16:00", "17:00")
        first.write({"start": period["start"], "stop": period["stop"]})
        self._refused("in maintenance", "11:00", "12:00")
        self._book("10:00", "11:00")

    def test_a_hold_that_is_over_doesnt_stop_a_maintenance(self):
        hold = self._book("14:00", "15:00", confirm=False)
        with freeze_time("2026-03-10 09:00:00"):
            self._close(self.laser, "14:00", "15:00")
        self.assertEqual(hold.state, "cancelled")

    # -- The database itself -------------------------------------------------------------------------------------------

    def test_an_overlapping_row_is_refused_by_the_database(self):
        row = self._book("14:00", "15:00").occupancy_ids
        insert = """
            INSERT INTO fabloch_occupancy (machine_id, unit, start, stop, kind, company_id)
            VALUES (%s, %s, %s, %s, 'training', %s)
        """
        for start, stop in (("14:59", "16:00"), ("13:00", "14:01"), ("14:15", "14:30"), ("13:00", "16:00")):
            period = self._vals(start, stop)
            with self.subTest(start), mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation):
                self.cr.execute(insert, [row.machine_id.id, 1, period["start"], period["stop"], self.company.id])
        for start, stop in (("15:00", "16:00"), ("13:00", "14:00")):
            period = self._vals(start, stop)
            self.cr.execute(insert, [row.machine_id.id, 1, period["start"], period["stop"], self.company.id])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.cr.execute("UPDATE fabloch_occupancy SET start = start - interval '1 minute' WHERE id = %s", [row.id])

    def test_the_message_of_the_database_is_a_persons(self):
        row = self._book("14:00", "15:00").occupancy_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation) as refused, self.cr.savepoint():
            row.sudo().copy()
        self.assertIn("Somebody else has just taken this period", self.Booking._sql_error_to_message(refused.exception))

    def test_nobody_writes_occupancy(self):
        booking = self._book("14:00", "15:00")
        manager = self._user("manager", "fabloch_machines.group_machines_manager,base.group_system")
        rows = booking.occupancy_ids.with_user(manager)
        for operation in (lambda: rows.copy(), lambda: rows.write({"unit": 2}), lambda: rows.unlink()):
            with self.assertRaises(AccessError):
                operation()
        with self.assertRaises(AccessError):
            booking.with_user(manager).write({"occupancy_ids": [(5,)]})
        self.cr.execute(OVERLAPS)
        self.assertEqual(self.cr.fetchone(), (0,))
