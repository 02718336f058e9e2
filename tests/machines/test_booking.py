"""Bookings: what they take, what they may not be, and their ends."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestBooking(MachinesCase):
    def test_confirming_takes_the_machine_and_charges_the_cheapest_units(self):
        booking = self._book("14:00", "15:30")
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(booking.occupancy_ids.mapped("unit"), [1])
        self.assertEqual(
            booking.charge_ids.mapped(lambda charge: (charge.quantity, charge.price_unit)), [(1, 20), (1, 12)]
        )
        self.assertEqual(booking.amount, 32.0)
        self.assertIn("next cheapest", booking.price_explanation)

    def test_a_taken_period_is_refused_with_the_nearest_free_one(self):
        self._book("14:00", "15:00")
        with self.assertRaisesRegex(UserError, r"taken from .*14:00.* to .*15:00.*\n.*nearest free period.*15:00"):
            self._book("14:00", "15:00", partner=self.yann)

    def test_the_fifth_booking_of_a_pool_of_four_is_refused(self):
        printers = self._machine("Printers", capacity=4)
        for number in range(4):
            booking = self._book("14:00", "15:00", printers)
            self.assertEqual(booking.occupancy_ids.unit, number + 1)
        with self.assertRaisesRegex(UserError, "4 units, of which 0 are free"):
            self._book("14:30", "15:30", printers)

    def test_a_workshop_and_what_stands_in_it_exclude_each_other(self):
        workshop = self._machine("Workshop", kind="workshop")
        inside = self._machine("Saw", workshop_id=workshop.id)
        self._book("14:00", "15:00", workshop)
        with self.assertRaisesRegex(UserError, "taken"):
            self._book("14:30", "15:30", inside)
        self._book("16:00", "17:00", inside)
        with self.assertRaisesRegex(UserError, "Saw is taken"):
            self._book("16:30", "17:30", workshop)

    def test_moving_frees_and_takes_and_prices_anew(self):
        booking = self._book("14:00", "15:00")
        booking.write({"start": self._at("2026-03-10 16:00"), "stop": self._at("2026-03-10 18:00")})
        self.assertEqual(booking.amount, 40.0)
        self._book("14:00", "15:00", partner=self.yann)
        with self.assertRaises(UserError):
            self._book("17:00", "18:00", partner=self.yann)

    def test_cancelled_in_time_costs_nothing_late_the_policys_share(self):
        early = self._book("2026-03-12 14:00", "2026-03-12 15:00")
        early.action_cancel("Ill")
        self.assertEqual((early.state, early.amount, early.charge_ids.state), ("cancelled", 0.0, "waived"))
        late = self._book("16:00", "17:00")
        late.action_cancel()
        self.assertEqual((late.amount, late.charge_ids.state), (10.0, "to_invoice"))
        self._book("16:00", "17:00", partner=self.yann)

    def test_an_expired_hold_is_no_obstacle(self):
        hold = self._book("14:00", "15:00", confirm=False)
        with self.assertRaises(UserError):
            self._book("14:00", "15:00", partner=self.yann)
        hold.sudo().hold_until = self._at("2026-03-10 08:59")
        self._book("14:00", "15:00", partner=self.yann)
        self.assertEqual(hold.state, "cancelled")

    def test_who_comes_on_another_day_is_not_checked_in(self):
        tomorrow = self._book("2026-03-11 14:00", "2026-03-11 15:00")
        with self.assertRaisesRegex(UserError, "is for Wed 11 Mar, 14:00: check in on that day"):
            tomorrow.action_check_in()
        today = self._book("14:00", "15:00")
        today.action_check_in()
        self.assertTrue(today.arrived_at)
