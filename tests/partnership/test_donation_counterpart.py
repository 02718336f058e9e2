"""What the donor gets leaves it a gift up to a share of it and, for an individual, up to a cap in the year."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import TODAY
from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestDonationCounterpart(DonationCase):
    def test_a_company_gets_a_quarter_at_most(self):
        gift = self._gift(self.patron, 1000, counterpart_value=250)
        gift.action_confirm()
        with self.assertRaisesRegex(ValidationError, "250.01.*1,000.00.*250.00"):
            gift.counterpart_value = 250.01
        with self.assertRaisesRegex(ValidationError, "sponsorship"):
            gift.amount = 999.99

    def test_an_individual_gets_a_quarter_and_the_cap_at_most(self):
        self.assertEqual(self._gift(amount=100).counterpart_limit, 25.0)
        self.assertEqual(self._gift(amount=1000).counterpart_limit, 73.0)
        with self.assertRaisesRegex(ValidationError, "Invoice it instead"):
            self._gift(amount=100, counterpart_value=25.01).action_confirm()

    def test_the_cap_is_for_all_gifts_of_a_calendar_year(self):
        self._receive(self._gift(amount=400, counterpart_value=50))
        self.assertEqual(self._gift(amount=400).counterpart_limit, 23.0)
        self.assertEqual(self._gift(amount=400, date="2027-01-01").counterpart_limit, 73.0)
        with self.assertRaises(ValidationError):
            self._gift(amount=400, counterpart_value=23.01).action_confirm()
        self._gift(amount=400, counterpart_value=23).action_confirm()

    def test_a_promise_of_two_gifts_in_one_batch_counts_both(self):
        gifts = self._gift(amount=400, counterpart_value=40) | self._gift(amount=400, counterpart_value=40)
        with self.assertRaises(ValidationError):
            gifts.action_confirm()

    def test_a_cancelled_gift_frees_its_counterparts(self):
        gift = self._gift(amount=400, counterpart_value=70)
        gift.action_confirm()
        gift.action_cancel("Moved away")
        self.assertEqual(self._gift(amount=400).counterpart_limit, 73.0)

    def test_the_year_of_the_payment_counts(self):
        self._receive(self._gift(amount=400, counterpart_value=70, date="2025-12-31"))
        late = self._gift(amount=400, counterpart_value=70, date="2025-12-30")
        late.action_confirm()
        with self.assertRaises(ValidationError):
            self._receive(late)

    def test_the_form_says_the_limit_before_it_is_saved(self):
        with Form(self.Donation.with_user(self.officer)) as form:
            form.partner_id = self.patron
            form.amount = 400
            form.counterpart_value = 101
            self.assertEqual((form.counterpart_limit, form.counterpart_ok), (100.0, False))
            form.counterpart_value = 100
            self.assertTrue(form.counterpart_ok)

    def test_a_law_that_changes_holds_from_its_day(self):
        self.env["fabloch.legal.parameter"].create(
            {
                "code": "gift_individual_counterpart_cap",
                "name": "Cap",
                "value": "80",
                "date_from": "2026-06-01",
                "source": "Test",
            }
        )
        self.assertEqual(self._gift(amount=1000).counterpart_limit, 73.0)
        self.assertEqual(self._gift(amount=1000, date="2026-06-01").counterpart_limit, 80.0)

    def test_over_the_limit_it_is_invoiced_instead(self):
        product = self._product("Logo on the wall")
        self.company.sponsorship_product_id = product
        gift = self._gift(self.patron, 1000, counterpart_value=900, counterpart_description="Logo for a year")
        gift.with_user(self.officer).action_invoice_instead()
        charge = gift.charge_id
        self.assertEqual((charge.product_id, charge.partner_id, charge.amount), (product, self.patron, 1000.0))
        self.assertIn("Logo for a year", charge.name)
        self.assertEqual((gift.state, charge.state), ("cancelled", "to_invoice"))
        with self.assertRaisesRegex(UserError, "cancelled"):
            gift.action_invoice_instead()
        self.assertEqual(charge._invoice(TODAY).invoice_ids.amount_untaxed, 1000.0)

    def test_what_is_in_the_books_is_not_invoiced_instead(self):
        gift = self._gift(self.patron, 1000)
        self._receive(gift)
        with self.assertRaisesRegex(UserError, "in the books"):
            gift.action_invoice_instead()

    @settings(max_examples=60, deadline=None)
    @given(amount=st.integers(1, 10**7), value=st.integers(0, 10**7), company=st.booleans())
    def test_the_limit_is_exact_to_the_cent(self, amount, value, company):
        gift = self.Donation.new(
            {
                "partner_id": self.patron.id if company else self.donor.id,
                "amount": amount / 100,
                "counterpart_value": value / 100,
                "date": TODAY,
                "company_id": self.company.id,
            }
        )
        allowed = value * 4 <= amount and (company or value <= 7300)
        self.assertEqual(gift.counterpart_ok, allowed)
