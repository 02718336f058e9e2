"""Where the parts meet: money through moves, waivers, consumables, packs and maintenance, one after the other."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestMoney(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category.write({"late_cancel_percent": 50.0, "no_show_percent": 50.0})
        cls.pla = cls._service("PLA", 0.05)
        cls.category.consumable_ids = cls.pla

    def _owed(self, booking):
        return sum(charge.amount for charge in booking.charge_ids if charge.state == "to_invoice")

    def _move(self, booking, hours=2):
        booking.write({"start": booking.start + timedelta(hours=hours), "stop": booking.stop + timedelta(hours=hours)})

    # -- Waivers ---------------------------------------------------------------------------------------------------

    def test_what_was_waived_by_hand_stays_waived_when_the_booking_moves(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.charge_ids.action_waive("The laser was misaligned")
        self._move(booking)
        self.assertFalse(self._owed(booking))
        self.assertEqual(booking.amount, 0.0)
        self.assertEqual(set(booking.charge_ids.mapped("waived_reason")), {"The laser was misaligned"})
        self._move(booking)
        self.assertFalse(self._owed(booking))
        self.assertEqual(len(booking.charge_ids), 1, "the waived charge of before is replaced, not piled up")

    # -- Consumables -----------------------------------------------------------------------------------------------

    def test_consumables_follow_a_move_by_name_and_day(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        charge = booking._add_consumables([(self.pla, 200)])
        other = self._machine("Laser 2", self.category)
        booking.write({"start": self._at("2026-03-13 10:00"), "stop": self._at("2026-03-13 11:00")})
        self.assertEqual(str(charge.date), "2026-03-13")
        self.assertIn("03/13/2026", charge.name)
        booking.machine_id = other
        self.assertIn("Laser 2", charge.name)
        self.assertEqual(charge.amount, 10.0)
        booking.partner_id = self.yann
        self.assertEqual((charge.partner_id, charge.invoice_partner_id), (self.yann, self.yann))
        self.assertEqual(booking.amount, 30.0)

    def test_consumables_moved_then_cancelled_then_invoiced(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking._add_consumables([(self.pla, 200)])
        self._move(booking)
        booking.action_cancel("no time")
        booking.action_invoice()
        self.assertEqual(booking.amount, 10.0)
        self.assertEqual(sum(booking.charge_ids.invoice_id.mapped("amount_untaxed")), 10.0)

    # -- Invoiced --------------------------------------------------------------------------------------------------

    def test_no_show_of_an_invoiced_booking(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.action_invoice()
        with freeze_time(self._at("2026-03-12 10:30")):
            booking.action_no_show()
        self.assertEqual(booking.amount, 10.0)

    def test_moved_at_the_same_price_then_cancelled(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.action_invoice()
        self._move(booking)
        self.assertEqual(booking.amount, 20.0)
        booking.action_cancel()
        self.assertEqual(booking.amount, 0.0)
        self.assertFalse(self._owed(booking))

    def test_credited_moved_and_not_invoiced_twice(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.action_invoice()
        first = booking.charge_ids
        first._credit(100, "goodwill")
        self._move(booking)
        self.assertEqual(booking.amount, 20.0)
        with self.assertRaisesRegex(UserError, "charged anew"):
            first.action_reinvoice()

    def test_credited_cancelled_and_not_invoiced_again(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.action_invoice()
        first = booking.charge_ids
        booking.action_cancel()
        with self.assertRaisesRegex(UserError, "was cancelled"):
            first.action_reinvoice()

    def test_reinvoiced_then_moved(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.action_invoice()
        first = booking.charge_ids
        first._credit(100, "wrong address")
        first.action_reinvoice()
        self._move(booking)
        self.assertEqual(booking.amount, 20.0)
        with self.assertRaisesRegex(UserError, "charged anew"):
            first.action_reinvoice()
        booking.action_cancel()
        self.assertEqual(booking.amount, 0.0)
        self.assertFalse(self._owed(booking))

    def test_a_waiver_is_no_free_ticket_to_a_longer_booking(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.charge_ids.action_waive("The laser was misaligned")
        with self.assertRaisesRegex(UserError, "more than what was waived"):
            booking.stop += timedelta(hours=3)

    def test_a_part_that_is_waived_is_not_charged_by_a_move(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:30")
        self.assertEqual(len(booking.charge_ids), 2)
        booking.charge_ids[0].action_waive("The laser was misaligned")
        with self.assertRaisesRegex(UserError, "A part of the price"):
            self._move(booking)

    def test_consumables_moved_to_a_visitor_are_invoiced_as_his(self):
        self._enrol(self.anna, self._member_plan({self.hour: 15.0}))
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        charge = booking._add_consumables([(self.pla, 200)])
        self.assertFalse(charge.immediate)
        booking.partner_id = self.yann
        self.assertTrue(charge.immediate)

    # -- Rentals -----------------------------------------------------------------------------------------------------

    def test_open_minutes_follow_a_move_of_an_invoiced_booking(self):
        self.laser.always_open = True
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.action_invoice()
        before = booking.open_minutes
        self._move(booking, 24)
        self.assertEqual(booking.open_minutes, before)
