"""A receipt and the books: what undoes a gift there doesn't leave its receipt untouched."""

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .donation_common import DonationCase
from .receipt_case import ReceiptCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestReceiptGift(DonationCase, ReceiptCase):
    def _received(self, **vals):
        gift = DonationCase._gift.__func__(type(self), **vals)
        self._receive(gift)
        gift.payment_mode = gift.payment_mode or "cheque"
        return gift

    def _issued(self, gift):
        receipt = self.Receipt._issue(gift, render=False)
        self.env.cr.flush()
        self.assertFalse(receipt.to_check)
        return receipt

    def test_a_cheque_that_bounces_flags_the_receipt(self):
        gift = self._received()
        receipt = self._issued(gift)
        gift.move_id.matched_payment_ids.action_draft()
        self.env.cr.flush()
        self.assertTrue(receipt.to_check)
        self.assertEqual(len(receipt.activity_ids), 1)
        self.assertEqual(receipt.state, "live", "a person decides")

    def test_a_part_given_back_flags_the_receipt(self):
        gift = self._received()
        receipt = self._issued(gift)
        refund = gift.move_id._reverse_moves([{"invoice_date": "2026-03-10", "date": "2026-03-10"}])
        refund.invoice_line_ids.price_unit = 30
        refund.action_post()
        self.env.cr.flush()
        self.assertTrue(receipt.to_check)
        self.assertIn("given back", receipt.check_reason)
        self.assertTrue(receipt.activity_ids)

    def test_a_gift_on_a_receipt_is_not_cancelled(self):
        gift = self._received(partner=self.patron, amount=500, nature="goods", description="Établi", payment_mode=False)
        self._issued(gift)
        with self.assertRaisesRegex(UserError, "cancel that receipt first"):
            gift.action_cancel("wrong")

    def test_seconded_staff_stand_on_the_receipt(self):
        gift = DonationCase._gift.__func__(
            type(self),
            partner=self.patron,
            amount=1500,
            nature="skills",
            skill_days=2.5,
            skill_people=2,
            skill_day_cost=300,
            description="Encadrement de l'atelier bois",
        )
        self._receive(gift)
        receipt = self.Receipt._issue(gift)
        self.assertEqual(receipt.amount_in_kind, 1500)
        text = self._text(receipt)
        self.assertIn("Encadrement de l'atelier bois", text)
        self.assertIn("Personnel mis à disposition : 2 personnes, 2,5 j par personne", text)
