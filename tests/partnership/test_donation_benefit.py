"""What the donor may deduct: an estimate, exact to the cent."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.fabloch_partnership import benefit

from .common import TODAY
from .donation_common import DonationCase

cents = st.integers(1, 10**10).map(lambda number: Decimal(number) / 100)


@tagged("post_install", "-at_install")
class TestBenefit(DonationCase):
    def _company(self, amount, others=0, turnover=0):
        return benefit.company(amount, others, 60, 2_000_000, 40, benefit.ceiling(20000, "0.5", turnover))

    def test_an_individual_deducts_two_thirds(self):
        self.assertEqual(benefit.individual("33.33", 66).reduction, Decimal("22.00"))
        self.assertEqual(benefit.individual("0.01", 66), benefit.Benefit(Decimal("0.01"), Decimal(0), Decimal(0)))

    def test_a_company_under_the_ceiling(self):
        found = self._company(20000)
        self.assertEqual((found.reduction, found.cost, found.carried), (12000, 8000, 0))

    def test_the_turnover_raises_the_ceiling(self):
        self.assertEqual(self._company(30000).carried, 10000)
        self.assertEqual(self._company(30000, turnover=5_000_000).carried, 5000)
        self.assertEqual(self._company(30000, turnover=6_000_000).carried, 0)

    def test_earlier_gifts_of_the_year_take_their_place(self):
        found = self._company(5000, others=18000)
        self.assertEqual((found.reduction, found.carried), (1200, 3000))
        self.assertEqual(self._company(5000, others=20000).reduction, 0)

    def test_beyond_two_millions_the_rate_is_lower(self):
        found = self._company(3_000_000, turnover=1_000_000_000)
        self.assertEqual(found.reduction, 1_600_000)

    @settings(max_examples=200, deadline=None)
    @given(parts=st.lists(cents, min_size=1, max_size=6), turnover=st.integers(0, 10**10))
    def test_gifts_one_by_one_sum_to_all_at_once(self, parts, turnover):
        whole = self._company(sum(parts), turnover=turnover)
        found = [self._company(part, sum(parts[:rank]), turnover) for rank, part in enumerate(parts)]
        self.assertEqual(sum(each.reduction for each in found), whole.reduction)
        self.assertTrue(all(each.reduction + each.cost == part for each, part in zip(found, parts, strict=True)))
        self.assertTrue(all(0 <= each.carried <= part for each, part in zip(found, parts, strict=True)))

    def test_the_form_says_that_it_is_an_estimate(self):
        gift = self._gift(amount=100)
        self.assertEqual(gift.benefit_amount, 66.0)
        self.assertIn("Information only", gift.benefit_note)
        self.assertIn("20 %", gift.benefit_note)

    def test_the_other_gifts_of_the_fiscal_year_count(self):
        self.patron.write({"fiscalyear_last_month": 6, "fiscalyear_last_day": 30})
        self._receive(self._gift(self.patron, 15000, date="2025-06-30"), date="2025-06-30")
        self._receive(self._gift(self.patron, 18000, date="2025-07-01"), date="2025-07-01")
        gift = self._gift(self.patron, 5000, date=TODAY)
        self.assertEqual(gift.benefit_amount, 1200.0)
        self.assertIn("carried over 5 years", gift.benefit_note)
        self.patron.turnover = 10_000_000
        self.assertEqual(gift.benefit_amount, 3000.0)
