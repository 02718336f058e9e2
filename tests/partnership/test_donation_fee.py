"""A fee is a gift only without tangible counterpart; paid together, only the rest is one."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import TODAY
from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestDonationFee(DonationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fee = cls._product("Fee", list_price=30.0, property_account_income_id=cls.income_account.id)
        cls.plan = cls.env["fabloch.membership.plan"].create({"name": "Makers", "product_id": fee.id})
        cls.friends = cls.plan.copy({"name": "Friends", "tangible_counterpart": False})

    def _split(self, plan=None, total=100.0, user=None, **vals):
        wizard = self.env["fabloch.donation.split"].with_user(user or self.officer)
        return wizard.create(
            {
                "partner_id": self.donor.id,
                "plan_id": (plan or self.plan).id,
                "total": total,
                "date": TODAY,
                "journal_id": self.bank.id,
                **vals,
            }
        )

    def test_what_is_over_the_fee_is_the_gift(self):
        wizard = self._split(memo="cheque 77")
        self.assertEqual((wizard.fee, wizard.gift, wizard.receiptable), (30.0, 70.0, 70.0))
        wizard.action_split()
        membership = self.env["fabloch.membership"].search([("partner_id", "=", self.donor.id)])
        gift = self.Donation.search([("partner_id", "=", self.donor.id)])
        self.assertEqual((membership.payment, membership.price), ("paid", 30.0))
        self.assertEqual((gift.state, gift.amount, gift.origin), ("received", 70.0, "gift"))
        self.assertEqual(gift.membership_id, membership)
        self.assertEqual(gift.date_received, TODAY)
        payment = self.env["account.payment"].search([("partner_id", "=", self.donor.id)])
        self.assertEqual((payment.amount, payment.memo), (100.0, "cheque 77"))

    def test_less_than_the_fee_is_refused(self):
        with self.assertRaisesRegex(UserError, "29.99.*30.00"):
            self._split(total=29.99).action_split()

    def test_the_fee_alone_makes_no_gift(self):
        self._split(total=30).action_split()
        self.assertFalse(self.Donation.search([("partner_id", "=", self.donor.id)]))

    def test_all_or_nothing(self):
        self.company.gift_individual_account_id = False
        with self.assertRaises(UserError), self.cr.savepoint():
            self._split().action_split()
        self.assertFalse(self.env["fabloch.membership"].search([("partner_id", "=", self.donor.id)]))

    def test_a_fee_without_counterpart_may_be_receipted_with_the_gift(self):
        wizard = self._split(self.friends)
        self.assertEqual(wizard.receiptable, 100.0)
        wizard.action_split()
        gifts = self.Donation.search([("partner_id", "=", self.donor.id)])
        self.assertEqual(sorted(gifts.mapped(lambda gift: (gift.origin, gift.amount))), [("fee", 30.0), ("gift", 70.0)])
        self.assertEqual(set(gifts.mapped("state")), {"received"})
        self.assertFalse(gifts.filtered(lambda gift: gift.origin == "fee").move_id)
        self.assertFalse(gifts._ineligible_reasons())

    def test_a_fee_with_counterpart_is_never_a_gift(self):
        membership = self._membership(self.plan)
        self.assertFalse(membership.fee_is_gift)
        with self.assertRaisesRegex(UserError, "tangible counterpart"):
            membership.action_fee_as_gift()

    def _membership(self, plan):
        membership = self.env["fabloch.membership"].create(
            {"partner_id": self.donor.id, "plan_id": plan.id, "date_start": TODAY}
        )
        membership._confirm(TODAY, invoice=True)
        return membership

    def test_a_fee_is_received_when_its_invoice_is_paid(self):
        membership = self._membership(self.friends)
        membership.with_user(self.officer).action_fee_as_gift()
        gift = membership.donation_ids
        self.assertEqual((gift.state, gift.amount, gift.payment), ("pledged", 30.0, "expected"))
        with self.assertRaisesRegex(UserError, "membership fee"):
            self._receive(gift)
        with self.assertRaisesRegex(UserError, "already"):
            membership.action_fee_as_gift()
        invoice = membership.charge_ids.invoice_id
        payments = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": "2026-03-15", "journal_id": self.bank.id})
            ._create_payments()
        )
        self.assertEqual((gift.state, str(gift.date_received)), ("received", "2026-03-15"))
        payments.action_draft()
        self.assertEqual(gift.state, "pledged")

    def test_a_fee_that_is_credited_is_no_gift_any_more(self):
        membership = self._membership(self.friends)
        membership.action_fee_as_gift()
        gift = membership.donation_ids
        refund = membership.charge_ids.invoice_id._reverse_moves([{"invoice_date": TODAY}], cancel=True)
        self.assertTrue(refund)
        self.assertEqual((gift.state, gift.payment), ("cancelled", "refunded"))

    def test_the_plan_that_opens_rights_later_stops_the_receipt(self):
        membership = self._membership(self.friends)
        membership.action_fee_as_gift()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=membership.charge_ids.invoice_id.ids
        ).create({"journal_id": self.bank.id})._create_payments()
        gift = membership.donation_ids
        self.assertFalse(gift._ineligible_reasons())
        self.friends.tangible_counterpart = True
        self.assertIn("tangible", gift._ineligible_reasons()[gift])

    def test_the_window_proposes_the_plan_of_the_member(self):
        category = self.env["fabloch.member.category"].create({"name": "Makers", "code": "makers_test"})
        self.plan.category_ids = category
        self.donor.member_category_id = category
        with Form(self.env["fabloch.donation.split"].with_user(self.officer)) as form:
            self.assertFalse(form.plan_id)
            form.partner_id = self.donor
            self.assertEqual(form.plan_id, self.plan)
            form.total = 45
            form.journal_id = self.bank
            self.assertEqual((form.fee, form.gift), (30.0, 15.0))
