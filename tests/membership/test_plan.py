"""Plans: their periods, prorata and proposal."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_membership import period

from .common import TODAY, MembershipCase

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@tagged("post_install", "-at_install")
class TestPeriod(MembershipCase):
    @given(start=DAYS, months=st.integers(1, 60))
    def test_rolling_periods_never_lose_a_month(self, start, months):
        end = period.rolling_end(start, months)
        following = end + timedelta(days=1)
        self.assertGreaterEqual(end, start)
        self.assertEqual(
            (following.year * 12 + following.month) - (start.year * 12 + start.month) in (months, months + 1), True
        )
        # The anniversary, or the 1st after a month that lacks that day.
        self.assertIn(following.day, (start.day, 1))
        self.assertGreaterEqual((following - start).days, 28 * months)

    @given(start=DAYS, lengths=st.lists(st.integers(1, 24), min_size=2, max_size=8))
    def test_following_periods_have_no_gap_and_no_overlap(self, start, lengths):
        covered = []
        for months in lengths:
            end = period.rolling_end(start, months)
            covered.append((start, end))
            start = end + timedelta(days=1)
        for (_first, last), (following, _end) in zip(covered, covered[1:], strict=False):
            self.assertEqual(following - last, timedelta(days=1))

    @given(
        price=st.decimals(0, 10000, places=2),
        remaining=st.integers(0, 24),
        total=st.integers(1, 24),
        rounding=st.sampled_from([0.01, 0.05, 1.0]),
    )
    def test_prorata_is_exact_to_half_a_rounding_step(self, price, remaining, total, rounding):
        found = period.prorata(float(price), remaining, total, rounding)
        exact = Fraction(price) * remaining / total
        step = Fraction(Decimal(str(rounding)))
        self.assertLessEqual(abs(Fraction(Decimal(str(found))) - exact), step / 2)
        self.assertEqual((Decimal(str(found)) / Decimal(str(rounding))) % 1, 0)
        self.assertEqual(period.prorata(float(price), total, total, 0.01), float(price))

    def test_prorata_rounds_half_up(self):
        self.assertEqual(period.prorata(0.05, 1, 2, 0.01), 0.03)
        self.assertEqual(period.prorata(1.005, 1, 1, 0.01), 1.01)

    @given(day=st.dates(date(2024, 1, 1), date(2028, 12, 31)))
    def test_months_left_in_a_calendar_year_include_the_current_one(self, day):
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        self.assertEqual(period.remaining_months(first, last, day), (13 - day.month, 12))


@tagged("post_install", "-at_install")
class TestPlan(MembershipCase):
    def test_rolling_plan_runs_from_the_day_of_joining(self):
        membership = self._membership()
        self.assertEqual((membership.date_start, membership.date_end), (TODAY, date(2027, 3, 9)))
        self.assertEqual(membership.price, 30.0)

    def test_fixed_plan_ends_with_the_fiscal_year_and_costs_the_months_left(self):
        membership = self._membership(plan=self.fixed)
        self.assertEqual((membership.date_start, membership.date_end), (TODAY, date(2026, 12, 31)))
        self.assertEqual(membership.price, 100.0, "10 of 12 months of 120 €")
        membership.date_start = date(2026, 12, 31)
        self.assertEqual(membership.price, 10.0)

    def test_fixed_plan_follows_the_company_s_own_fiscal_year(self):
        self.company.write({"fiscalyear_last_day": 31, "fiscalyear_last_month": "8"})
        membership = self._membership(plan=self.fixed)
        self.assertEqual(membership.date_end, date(2026, 8, 31))
        self.assertEqual(membership.price, 60.0, "March to August: 6 of 12 months")

    def test_fixed_plan_without_prorata_costs_the_whole_fee(self):
        self.fixed.prorata = False
        self.assertEqual(self._membership(plan=self.fixed).price, 120.0)

    def test_price_is_fixed_once_confirmed(self):
        membership = self._membership(plan=self.fixed, confirm=True)
        self.fixed.product_id.list_price = 240.0
        membership.date_start = date(2026, 2, 1)
        self.assertEqual(membership.price, 100.0)
        self.assertEqual(membership.charge_ids.amount, 100.0)

    def test_plan_for_the_category_is_proposed_before_one_for_everybody(self):
        firm = self._plan("Firm", 200.0, category_ids=[(6, 0, self.sme.ids)], sequence=1000)
        propose = self.env["fabloch.membership.plan"]._propose
        self.assertEqual(propose(self.sme, self.company), firm)
        everybody = propose(self.individual, self.company)
        self.assertTrue(everybody)
        self.assertFalse(everybody.category_ids & self.sme)

    def test_code_of_a_used_category_stays(self):
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self.individual.code = "other"
        with self.assertRaisesRegex(UserError, "archive it"):
            self.individual.unlink()

    def test_numbers_below_zero_are_refused(self):
        for name in ("seats", "grace_days"):
            with (
                self.subTest(name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.rolling[name] = -1
                self.env.flush_all()

    def test_fee_made_from_a_plan_falls_in_the_category_of_its_counterpart(self):
        for counterpart, name in ((True, "product_category_fee"), (False, "product_category_fee_gift")):
            product = (
                self.env["product.product"].with_context(fabloch_fee_counterpart=counterpart).create({"name": name})
            )
            self.assertEqual(product.categ_id, self.env.ref(f"fabloch_membership.{name}"))

    def test_accounts_of_the_fees_follow_the_association_chart(self):
        company = self.env["res.company"].create({"name": "Asso", "country_id": self.env.ref("base.fr").id})
        charts = self.env["account.chart.template"].with_company(company)
        charts.try_loading("fr_association", company=company, install_demo=False)
        for name, code in (("product_category_fee", "7562"), ("product_category_fee_gift", "7561")):
            category = self.env.ref(f"fabloch_membership.{name}").with_company(company)
            self.assertTrue(category.property_account_income_categ_id.with_company(company).code.startswith(code))
