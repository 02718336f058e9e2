"""Promised gifts stand apart from unpaid invoices, and are never reminded of as a debt."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestPromiseReport(DonationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Promise = cls.env["fabloch.promise.report"]
        cls.donor.email = "mona@example.com"

    def _rows(self, gifts):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Promise.search([("donation_id", "in", gifts.ids)])

    def test_a_gift_is_no_unpaid_invoice_and_never_dunned(self):
        gift = self._gift(date="2026-01-10")
        gift.action_expect("2026-01-10")
        self.assertEqual((gift.move_id.move_type, gift.move_id.state), ("out_receipt", "posted"))
        with freeze_time("2026-03-10"):
            self.assertFalse(self.env["fabloch.unpaid.report"].search([("move_id", "=", gift.move_id.id)]))
            self.assertFalse(gift.move_id.fabloch_is_late)
            [notice] = self.env["fabloch.payment.reminder"]._remind(gift.move_id)
            self.assertTrue(notice.problem)
            self.assertFalse(self.env["fabloch.payment.reminder"].search([("move_id", "=", gift.move_id.id)]))
            row = self._rows(gift)
            self.assertEqual((row.amount, row.age, row.days_late), (100, "31_60", 59))

    def test_what_came_is_no_promise_any_more(self):
        draft, received, pledged = self._gift(), self._gift(), self._gift(amount=40)
        received.action_confirm()
        pledged.action_confirm()
        self._receive(received)
        self.assertEqual(self._rows(draft | received | pledged).mapped("donation_id"), pledged)

    def test_age_follows_the_expected_day(self):
        gift = self._gift(date=TODAY)
        gift.action_confirm()

        @settings(max_examples=40, deadline=None)
        @given(st.integers(-300, 500))
        def check(days):
            with freeze_time(fields.Date.to_date(TODAY) + timedelta(days=days)):
                expected = next(
                    key
                    for last, key in ((0, "0"), (30, "1_30"), (60, "31_60"), (90, "61_90"), (10**6, "91"))
                    if days <= last
                )
                self.assertEqual(self._rows(gift).age, expected)

        check()

    def test_the_gentle_mail_goes_once_by_hand_too(self):
        gift = self._gift(date="2026-03-01")
        gift.action_confirm()
        with freeze_time("2026-03-05"):
            rows = self._rows(gift).with_user(self.officer)
            self.assertEqual(rows.action_remind()["params"]["type"], "success")
            self.assertEqual(str(self._rows(gift).reminded_on), "2026-03-05")
            self.assertEqual(rows.action_remind()["params"]["type"], "warning")
        self.assertEqual(len(gift.reminder_ids), 1)
        board = self._user("promise_board", "fabloch_finance.group_finance_board")
        self.assertTrue(self._rows(gift).with_user(board).read(["amount", "donor_kind", "partner_id"]))
        with self.assertRaises(AccessError):
            self._rows(gift).with_user(board).action_remind()
