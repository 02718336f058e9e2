"""Cancellation: what the wizard says is what happens, and invoices are credited to the cent."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.fabloch_machines import clock

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestCancel(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls._user("desk")

    def _wizard(self, bookings, **vals):
        return (
            self.env["fabloch.booking.cancel"]
            .with_user(self.desk)
            .with_context(active_model="fabloch.booking", active_ids=bookings.ids)
            .create(vals)
        )

    def _invoice(self, bookings):
        charges = bookings.charge_ids.with_context(fabloch_invoice_ahead=True)
        charges._invoice("2026-03-31", invoice_date="2026-03-10")
        return charges.invoice_id

    def _tax(self, **vals):
        tax = self.env["account.tax"].create({"name": f"VAT {vals}", "amount": 20, "type_tax_use": "sale", **vals})
        (self.hour | self.half_hour).taxes_id = [Command.set(tax.ids)]

    def test_says_what_is_kept_before_it_is_done(self):
        early = self._book("2026-03-12 14:00", "2026-03-12 15:00")
        late = self._book("16:00", "17:30")
        wizard = self._wizard(early | late, reason="Ill")
        self.assertEqual(
            wizard.line_ids.mapped(lambda line: (line.booking_id, line.policy, line.kept, line.dropped)),
            [(early, "In time: free", 0.0, 20.0), (late, "Late: 50 % kept", 16.0, 16.0)],
        )
        wizard.action_cancel()
        self.assertEqual((early.state, late.state), ("cancelled", "cancelled"))
        self.assertEqual((early.amount, late.amount), (0.0, 16.0))
        self.assertEqual(late.cancel_reason, "Ill")

    def test_without_cost_is_the_staffs(self):
        late = self._book("16:00", "17:00")
        form = Form(
            self.env["fabloch.booking.cancel"]
            .with_user(self.desk)
            .with_context(active_model="fabloch.booking", active_ids=late.ids)
        )
        form.waive = True
        wizard = form.save()
        self.assertEqual((wizard.line_ids.policy, wizard.kept), ("Without cost", 0.0))
        wizard.action_cancel()
        self.assertEqual((late.amount, late.charge_ids.state), (0.0, "waived"))
        portal = new_test_user(self.env, "outside", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.env["fabloch.booking.cancel"].with_user(portal).create({})

    def test_one_of_two_bookings_of_a_monthly_invoice(self):
        kept, cancelled = (
            self._book("2026-03-12 09:00", "2026-03-12 10:30"),
            self._book("2026-03-13 14:00", "2026-03-13 17:00"),
        )
        invoice = self._invoice(kept | cancelled)
        self.assertEqual((len(invoice), invoice.amount_total), (1, 92.0))
        wizard = self._wizard(cancelled, reason="Machine broken", waive=True)
        self.assertEqual((wizard.credited, wizard.line_ids.invoices), (60.0, invoice.name))
        wizard.action_cancel()
        note = cancelled.charge_ids.credit_line_ids.move_id
        self.assertEqual((note.move_type, note.state, note.amount_total), ("out_refund", "posted", 60.0))
        self.assertEqual((note.amount_residual, invoice.amount_residual), (0.0, 32.0), "set off")
        self.assertEqual(sum(cancelled.charge_ids.mapped("amount_credited")), 60.0)
        self.assertFalse(sum(kept.charge_ids.mapped("amount_credited")))
        self.assertEqual((kept.amount, cancelled.amount), (32.0, 0.0))
        self.assertIn(cancelled.name, note.ref)

    def test_a_late_share_of_an_invoice_is_credited_to_the_cent(self):
        self.category.late_cancel_percent = 33.33
        self.hour.list_price = 12.35
        for vals in ({}, {"price_include_override": "tax_excluded"}, {"price_include_override": "tax_included"}):
            if vals:
                self._tax(**vals)
            booking = self._book("16:00", "17:00")
            invoice = self._invoice(booking)
            wizard = self._wizard(booking)
            expected = booking.charge_ids.amount - wizard.credited
            kept = wizard.kept
            wizard.action_cancel()
            note = booking.charge_ids.credit_line_ids.move_id
            self.assertEqual(booking.currency_id.compare_amounts(booking.amount, expected), 0)
            self.assertEqual(booking.currency_id.compare_amounts(kept, booking.amount), 0)
            self.assertEqual(
                booking.currency_id.compare_amounts(
                    invoice.amount_total,
                    invoice.amount_residual + note.amount_total,
                ),
                0,
            )

    def test_late_costs_the_same_before_and_after_the_invoice(self):
        self.category.late_cancel_percent = 50
        self.hour.list_price = 12.35
        before, after = self._book("16:00", "17:00"), self._book("17:00", "18:00")
        invoice = self._invoice(after)
        (before | after).action_cancel()
        self.assertEqual((before.amount, after.amount), (6.18, 6.18))
        self.assertEqual(invoice.amount_residual, 6.18)

    def test_a_discount_given_by_hand_is_kept_under_the_late_share(self):
        booking = self._book("16:00", "17:00")
        booking.charge_ids.discount = 10
        wizard = self._wizard(booking)
        self.assertEqual((wizard.kept, wizard.line_ids.dropped), (9.0, 9.0))
        wizard.action_cancel()
        self.assertEqual((booking.amount, booking.charge_ids.discount), (9.0, 55.0))

    def test_a_draft_invoice_is_no_obstacle(self):
        self.company.fabloch_invoicing_post = False
        gone, late = self._book("2026-03-12 14:00", "2026-03-12 15:00"), self._book("16:00", "17:00")
        draft = self._invoice(gone | late)
        self.assertEqual(draft.state, "draft")
        wizard = self._wizard(gone | late)
        self.assertEqual((wizard.credited, wizard.kept), (0.0, 10.0))
        wizard.action_cancel()
        self.assertEqual((gone.charge_ids.state, late.charge_ids.state), ("waived", "to_invoice"))
        self.assertEqual((gone.amount, late.amount), (0.0, 10.0))
        self.assertFalse(draft.exists())

    def test_what_the_accountant_credited_already_counts(self):
        booking = self._book("16:00", "17:00")
        invoice = self._invoice(booking)
        booking.charge_ids._credit(100, "A gesture")
        self.assertEqual(self._wizard(booking).credited, 0.0)
        booking.action_cancel()
        self.assertEqual((booking.amount, invoice.amount_residual), (0.0, 0.0))
        self.assertEqual(len(booking.charge_ids.credit_line_ids), 1)

    def test_what_is_over_is_cancelled_without_cost_only(self):
        booking = self._book("10:00", "11:00")
        with clock.at(self._at("2026-03-10 12:00")):
            wizard = self._wizard(booking)
            self.assertTrue(wizard.is_over)
            with self.assertRaisesRegex(UserError, "is over"):
                wizard.action_cancel()
            wizard.waive = True
            wizard.action_cancel()
        self.assertEqual((booking.state, booking.amount), ("cancelled", 0.0))

    def test_a_no_show_keeps_its_share(self):
        self.category.no_show_percent = 80
        booking = self._book("10:00", "11:00")
        with clock.at(self._at("2026-03-10 10:30")):
            booking.action_no_show()
        self.assertEqual((booking.amount, booking.charge_ids.state), (16.0, "to_invoice"))
