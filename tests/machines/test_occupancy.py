"""What is taken: the database's own refusal, workshops and what stands in them, pools, buffers, closures."""

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MachinesCase

OVERLAPS = """
    SELECT count(*) FROM fabloch_occupancy a
      JOIN fabloch_occupancy b ON a.machine_id = b.machine_id AND a.unit = b.unit AND a.id < b.id
       AND a.start < b.stop AND b.start < a.stop
"""


@tagged("post_install", "-at_install")
class TestOccupancy(MachinesCase):
    def _overlaps(self):
        self.env.flush_all()
        self.env.cr.execute(OVERLAPS)
        return self.env.cr.fetchone()[0]

    def _rows(self, machine):
        """[(unit, kind, start, stop)] as Auray's clock says, in order."""
        rows = self.env["fabloch.occupancy"].search([("machine_id", "=", machine.id)], order="start, unit")
        return [
            (row.unit, row.kind, f"{self._local(row.start):%H:%M}", f"{self._local(row.stop):%H:%M}") for row in rows
        ]

    def _local(self, moment):
        from odoo.addons.fabloch_machines import periods

        return periods.to_local(moment, "Europe/Paris")

    def _close(self, machines, start, stop, **vals):
        return self.env["fabloch.closure"].create(
            {
                "name": "Cleaning",
                "machine_ids": [(6, 0, machines.ids)],
                "start": self._at(f"2026-03-10 {start}"),
                "stop": self._at(f"2026-03-10 {stop}"),
                **vals,
            }
        )

    # -- The database --------------------------------------------------------------------------------------------

    def _insert(self, start, stop, unit=1):
        self.env.cr.execute(
            "INSERT INTO fabloch_occupancy (machine_id, unit, start, stop, kind, company_id)"
            " VALUES (%s, %s, %s, %s, 'training', %s)",
            [
                self.laser.id,
                unit,
                self._at(f"2026-03-10 {start}"),
                self._at(f"2026-03-10 {stop}"),
                self.company.id,
            ],
        )

    def test_the_database_refuses_a_row_that_overlaps(self):
        self._book("14:00", "15:00")
        self.env.flush_all()
        for start, stop in (("14:59", "15:30"), ("13:00", "14:01"), ("14:10", "14:20"), ("14:00", "15:00")):
            with (
                self.subTest(start=start),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.ExclusionViolation),
                self.env.cr.savepoint(),
            ):
                self._insert(start, stop)
        self._insert("13:00", "14:00")
        self._insert("15:00", "16:00")
        self._insert("14:00", "15:00", unit=2)

    def test_nobody_writes_occupancy(self):
        booking = self._book("14:00", "15:00")
        manager = self._user("manager", "fabloch_machines.group_machines_manager")
        row = booking.occupancy_ids.with_user(manager)
        self.assertEqual(row.kind, "booking")
        with self.assertRaises(AccessError):
            row.write({"unit": 2})
        with self.assertRaises(AccessError):
            row.unlink()
        with self.assertRaises(AccessError):
            row.copy({"unit": 2})
        with self.assertRaises(AccessError):
            booking.with_user(manager).write({"occupancy_ids": [(5,)]})

    # -- Workshops -----------------------------------------------------------------------------------------------

    def test_a_machine_that_comes_into_a_booked_workshop_is_taken_with_it(self):
        workshop = self._machine("Workshop", kind="workshop")
        self._book("14:00", "15:00", workshop)
        new = self._machine("New saw", workshop_id=workshop.id)
        self.assertEqual(self._rows(new), [(1, "booking", "14:00", "15:00")])
        with self.assertRaisesRegex(UserError, "New saw is taken"):
            self._book("14:30", "15:30", new)

    def test_a_booked_machine_does_not_come_into_a_workshop_booked_at_the_same_time(self):
        workshop = self._machine("Workshop", kind="workshop")
        self._book("14:00", "15:00", workshop)
        self._book("14:30", "15:30")
        with self.assertRaisesRegex(UserError, "Laser 1 is taken"):
            self.laser.workshop_id = workshop

    def test_a_machine_that_changes_workshops_is_free_of_the_first_and_taken_with_the_second(self):
        first, second = self._machine("First", kind="workshop"), self._machine("Second", kind="workshop")
        self.laser.workshop_id = first
        self._book("10:00", "11:00", first)
        self._book("14:00", "15:00", second)
        self.assertEqual(self._rows(self.laser), [(1, "booking", "10:00", "11:00")])
        self.laser.workshop_id = second
        self.assertEqual(self._rows(self.laser), [(1, "booking", "14:00", "15:00")])
        self.laser.workshop_id = False
        self.assertEqual(self._rows(self.laser), [])
        self.assertEqual(self._overlaps(), 0)

    def test_a_closed_workshop_closes_what_comes_into_it(self):
        workshop = self._machine("Workshop", kind="workshop")
        self._close(workshop, "14:00", "15:00")
        self.laser.workshop_id = workshop
        with self.assertRaisesRegex(UserError, "maintenance"):
            self._book("14:00", "15:00")

    def test_two_workshops_at_once_are_no_obstacle_to_each_other(self):
        first, second = self._machine("First", kind="workshop"), self._machine("Second", kind="workshop")
        self._book("14:00", "15:00", first)
        self._book("14:00", "15:00", second)

    def test_an_archived_machine_is_not_taken_with_its_workshop_and_is_again_when_it_comes_back(self):
        workshop = self._machine("Workshop", kind="workshop")
        self.laser.workshop_id = workshop
        self.laser.active = False
        booking = self._book("14:00", "15:00", workshop)
        self.assertEqual(booking.occupancy_ids.machine_id, workshop)
        self.laser.active = True
        with self.assertRaises(UserError):
            self._book("14:00", "15:00")

    # -- Pools -----------------------------------------------------------------------------------------------------

    def test_units_with_bookings_ahead_are_not_taken_away(self):
        pool = self._machine("Printers", capacity=3)
        bookings = [self._book("14:00", "15:00", pool) for _number in range(3)]
        with self.assertRaisesRegex(UserError, "unit 3 of Printers"):
            pool.capacity = 2
        bookings[2].action_cancel()
        pool.capacity = 2
        with self.assertRaisesRegex(UserError, "2 units, of which 0 are free"):
            self._book("14:00", "15:00", pool)
        pool.capacity = 3
        self._book("14:00", "15:00", pool)

    def test_a_unit_added_to_a_pool_of_a_booked_workshop_is_taken_with_it(self):
        workshop = self._machine("Workshop", kind="workshop")
        pool = self._machine("Printers", capacity=2, workshop_id=workshop.id)
        self._book("14:00", "15:00", workshop)
        pool.capacity = 3
        self.assertEqual([unit for unit, *_rest in self._rows(pool)], [1, 2, 3])

    # -- Buffers and closures ------------------------------------------------------------------------------------

    def test_a_buffer_stands_between_two_bookings(self):
        self.laser.write({"buffer_minutes": 15, "slot_minutes": 15})
        self._book("14:00", "15:00")
        self.assertEqual(self._rows(self.laser), [(1, "booking", "14:00", "15:00"), (1, "buffer", "15:00", "15:15")])
        for start, stop in (("15:00", "16:00"), ("13:00", "14:00")):
            with self.subTest(start=start), self.assertRaises(UserError):
                self._book(start, stop)
        self._book("15:15", "16:00")
        self._book("13:00", "13:45")
        self.assertEqual(self._overlaps(), 0)

    def test_a_closure_takes_the_time_that_bookings_leave_and_refuses_what_comes(self):
        self.laser.buffer_minutes = 30
        self._book("14:00", "15:00")
        closure = self._close(self.laser, "15:00", "17:00")
        self.assertEqual(
            [row for row in self._rows(self.laser) if row[1] == "maintenance"], [(1, "maintenance", "15:30", "17:00")]
        )
        with self.assertRaisesRegex(UserError, "in maintenance from"):
            self._book("16:00", "17:00")
        closure.unlink()
        self._book("16:00", "17:00")

    def test_a_booking_with_a_buffer_is_made_right_before_a_closure(self):
        self.laser.write({"buffer_minutes": 15, "slot_minutes": 15})
        self._close(self.laser, "15:00", "16:00")
        with self.assertRaises(UserError):
            self._book("14:00", "15:00")  # the buffer needs its time, too
        self._book("13:45", "14:45")
        self.assertEqual(self._overlaps(), 0)

    def test_a_closure_does_not_lie_on_a_booking_and_moves_with_its_dates(self):
        self._book("14:00", "15:00")
        with self.assertRaisesRegex(UserError, "1 bookings lie in this period"):
            self._close(self.laser, "14:30", "15:30")
        closure = self._close(self.laser, "10:00", "11:00", kind="closure")
        closure.write({"start": self._at("2026-03-10 11:00"), "stop": self._at("2026-03-10 12:00")})
        self._book("10:00", "11:00")
        with self.assertRaisesRegex(UserError, "is closed from"):
            self._book("11:00", "12:00")

    def test_overlapping_closures_share_the_time(self):
        first = self._close(self.laser, "10:00", "12:00")
        self._close(self.laser, "11:00", "13:00")
        self.assertEqual(self._overlaps(), 0)
        self.assertEqual(len(self._rows(self.laser)), 2)
        first.stop = self._at("2026-03-10 11:30")
        self.assertEqual([row[2:] for row in self._rows(self.laser)], [("10:00", "11:30"), ("11:30", "13:00")])
        first.unlink()
        self.assertEqual(self._rows(self.laser), [(1, "maintenance", "11:00", "13:00")])
