"""Gifts: promised, received, in the books, undone."""

from odoo.tests import tagged

from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestDonationMoney(DonationCase):
    def test_a_promise_has_its_number_and_nothing_in_the_books(self):
        gift = self._gift(amount=100)
        self.assertFalse(gift.name)
        gift.action_confirm()
        self.assertEqual(gift.state, "pledged")
        self.assertRegex(gift.name, r"^DON/2026/\d{4}$")
        self.assertFalse(gift.move_id)

    def test_a_cheque_is_received_when_it_is_paid(self):
        gift = self._gift(amount=100)
        self._receive(gift, payment_mode="cheque", memo="cheque 123")
        self.assertEqual((gift.state, gift.payment, gift.payment_mode), ("received", "paid", "cheque"))
        self.assertEqual(str(gift.date_received), "2026-03-10")
        income = gift.move_id.invoice_line_ids
        self.assertEqual(income.account_id, self.company.gift_individual_account_id)
        self.assertEqual(-income.balance, 100.0)
        self.assertEqual(gift.move_id.journal_id, self.company.gift_journal_id)
