"""A day at the reception, with that one right; and the board, which looks and changes nothing."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestReception(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category.write({"late_cancel_percent": 50.0, "no_show_percent": 50.0})
        cls.pla = cls._service("PLA", 0.05)
        cls.category.consumable_ids = cls.pla
        cls.pack = cls._service("Pack", 100.0, fabloch_pack_hours=10)
        cls.reception = cls._user("reception_only")
        cls.board = cls._user("board_only", groups="fabloch_finance.group_finance_board")

    def _wizards(self, user, booking):
        """(model, context, values, method) of each wizard of the reception."""
        return [
            (
                "fabloch.booking.consumable",
                {"active_id": booking.id},
                {
                    "booking_id": booking.id,
                    "line_ids": [Command.create({"product_id": self.pla.id, "quantity": 100})],
                },
                "action_add",
            ),
            (
                "fabloch.pack.sell",
                {"active_model": "res.partner", "active_id": self.anna.id},
                {
                    "partner_id": self.anna.id,
                    "product_id": self.pack.id,
                },
                "action_sell",
            ),
            (
                "fabloch.authorisation.grant",
                {},
                {
                    "partner_ids": [Command.set(self.anna.ids)],
                    "category_ids": [Command.set(self.category.ids)],
                },
                "action_grant",
            ),
            ("fabloch.booking.cancel", {}, {"booking_ids": [Command.set(booking.ids)], "waive": True}, "action_cancel"),
        ]

    def test_a_day_at_the_reception(self):
        Booking = self.Booking.with_user(self.reception)
        booking = Booking.create(self._vals("2026-03-12 10:00", "2026-03-12 11:00"))
        booking.action_confirm()
        booking.write({"start": booking.start + timedelta(hours=1), "stop": booking.stop + timedelta(hours=1)})
        for model, context, vals, method in self._wizards(self.reception, booking):
            with self.subTest(model):
                wizard = self.env[model].with_user(self.reception).with_context(**context).create(vals)
                wizard.read()
                getattr(wizard, method)()
        self.assertEqual((booking.state, booking.amount), ("cancelled", 5.0))
        late = Booking.create({**self._vals("2026-03-10 10:00", "2026-03-10 11:00", partner=self.yann)})
        late.action_confirm()
        late.action_invoice()
        self.assertEqual(late.action_open_invoices()["res_id"], late.sudo().charge_ids.invoice_id.id)
        with freeze_time(self._at("2026-03-10 10:30")):
            late.action_no_show()
        self.assertEqual(late.amount, 10.0)
        late.invalidate_recordset()
        late.read()
        self.anna.with_user(self.reception).action_open_allowances()

    def test_the_board_looks_and_changes_nothing(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        booking.with_user(self.board).read()
        self.laser.with_user(self.board).read()
        for model, context, vals, _method in self._wizards(self.board, booking):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.board).with_context(**context).create(vals)
        for name in ("action_cancel", "action_check_in", "action_invoice"):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(booking.with_user(self.board), name)()
        with self.assertRaises(AccessError):
            booking.with_user(self.board).write({"start": booking.start + timedelta(hours=1)})
