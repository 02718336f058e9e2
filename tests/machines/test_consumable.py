"""Consumables: charged with their booking, at the person's prices of its day."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestConsumable(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plywood = cls._service("Plywood", 8.0)
        cls.filament = cls._service("Filament", 0.05)
        cls.other = cls._service("Something else", 1.0)
        cls.category.consumable_ids = cls.plywood | cls.filament
        cls.desk = cls._user("desk")
        cls.booking = cls._book("2026-03-12 14:00", "2026-03-12 15:00")

    def _wizard(self, booking=None):
        booking = booking or self.booking
        return Form(
            self.env["fabloch.booking.consumable"]
            .with_user(self.desk)
            .with_context(active_model="fabloch.booking", active_id=booking.id)
        )

    def test_several_at_once_at_the_persons_prices_of_the_day(self):
        plan = self._member_plan({self.plywood: 6.0})
        # A member on the day of the booking, not today.
        self._enrol(self.anna, plan, "2026-03-12")
        with self._wizard() as form:
            with form.line_ids.new() as line:
                line.product_id = self.plywood
                line.quantity = 2
                self.assertEqual((line.price_unit, line.amount), (6.0, 12.0))
            with form.line_ids.new() as line:
                line.product_id = self.filament
                line.quantity = 120
        form.record.action_add()
        charges = self.booking._consumable_charges()
        self.assertEqual(charges.mapped("amount"), [12.0, 6.0])
        self.assertEqual(charges.mapped("date"), [date(2026, 3, 12)] * 2)
        self.assertEqual(charges.invoice_partner_id, self.anna)
        self.assertFalse(charges.rate_id)
        self.assertIn("Plywood (Laser 1, 03/12/2026)", charges[0].name)
        self.assertEqual(self.booking.amount, 38.0)

    def test_only_what_the_category_offers_and_more_than_nothing(self):
        for wrong, message in (
            ([(self.other, 1)], "isn't a consumable of “Laser”"),
            ([(self.plywood, 0)], "more than 0"),
            ([(self.plywood, -1)], "more than 0"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self.booking._add_consumables(wrong)
        hold = self._book("16:00", "17:00", confirm=False)
        with self.assertRaisesRegex(UserError, "isn't confirmed"):
            hold._add_consumables([(self.plywood, 1)])

    def test_kept_when_the_booking_is_cancelled_and_due_at_once(self):
        charge = self.booking._add_consumables([(self.plywood, 1)])
        self.booking.action_cancel("Ill")
        self.assertEqual((charge.state, charge.date), ("to_invoice", date(2026, 3, 10)))
        self.assertEqual(self.booking.amount, 8.0)

    def test_removed_while_not_invoiced(self):
        first, second = self.booking._add_consumables([(self.plywood, 1), (self.filament, 1)])
        first.with_user(self.desk).action_remove_consumable()
        self.assertFalse(first.exists())
        second.with_context(fabloch_invoice_ahead=True)._invoice("2026-03-31")
        with self.assertRaisesRegex(UserError, "is on the invoice"):
            second.with_user(self.desk).action_remove_consumable()
        with self.assertRaisesRegex(UserError, "is no consumable"):
            self.booking._time_charges().action_remove_consumable()

    def test_follows_the_booking_to_another_day(self):
        charge = self.booking._add_consumables([(self.plywood, 1)])
        self.booking.write({"start": self._at("2026-03-13 14:00"), "stop": self._at("2026-03-13 15:00")})
        self.assertEqual(charge.date, date(2026, 3, 13))

    def test_follows_the_booking_to_another_person(self):
        plan = self._member_plan({self.plywood: 6.0})
        self._enrol(self.yann, plan)
        charge = self.booking._add_consumables([(self.plywood, 1)])
        self.booking.partner_id = self.yann
        self.assertEqual((charge.partner_id, charge.invoice_partner_id, charge.price_unit), (self.yann, self.yann, 6.0))

    def test_the_board_adds_nothing(self):
        board = self._user("board", "fabloch_finance.group_finance_board")
        with self.assertRaises(AccessError):
            self.booking.with_user(board)._add_consumables([(self.plywood, 1)])
        with self.assertRaises(AccessError):
            self.env["fabloch.booking.consumable"].with_user(board).create(
                {
                    "booking_id": self.booking.id,
                    "line_ids": [Command.create({"product_id": self.plywood.id})],
                }
            )
