"""Figures by fiscal year: members, new, renewed, lapsed and fees, beside the year before."""

from datetime import date

from odoo.tests import tagged

from .common import MembershipCase


@tagged("post_install", "-at_install")
class TestReport(MembershipCase):
    def _figures(self, year, *domain):
        names = [
            "members",
            "new_members",
            "renewed_members",
            "returned_members",
            "lapsed_members",
            "members_before",
        ]
        [row] = self.env["fabloch.membership.report"]._read_group(
            [("fiscal_year", "=", year), ("company_id", "=", self.company.id), *domain],
            [],
            [*(f"{name}:count_distinct" for name in names), "amount:sum", "amount_before:sum"],
        )
        return row

    def _taken(self, partner, plan=None, **vals):
        return self._membership(partner, plan, settled_elsewhere=True, **vals)

    def test_new_renewed_returned_and_lapsed(self):
        stays, leaves, comes, returns = self._partners("Stays", "Leaves", "Comes", "Returns")
        for partner, years in ((stays, (2024, 2025)), (leaves, (2024,)), (comes, (2025,)), (returns, (2023, 2025))):
            for year in years:
                self._taken(partner, start=date(year, 1, 1), date_end=date(year, 12, 31), price=10.0 + year - 2020)
        # members, new, renewed, returned, lapsed, members before, fees, fees before
        self.assertEqual(self._figures("2023"), (1, 1, 0, 0, 0, 0, 13.0, 0.0))
        self.assertEqual(self._figures("2024"), (2, 2, 0, 0, 1, 1, 28.0, 13.0))
        self.assertEqual(self._figures("2025"), (3, 1, 1, 1, 1, 2, 45.0, 28.0))
        self.assertEqual(self._figures("2026"), (0, 0, 0, 0, 3, 3, 0, 45.0))
        self.assertFalse(self.env["fabloch.membership.report"].search([("fiscal_year", "=", "2027")]))

    def test_year_from_october_to_september_counts_once(self):
        self._taken(self.anna, start=date(2024, 10, 1), date_end=date(2025, 9, 30))
        self.assertEqual(self._figures("2024")[0], 1)
        self.assertEqual(self._figures("2025")[0], 0)
        self.assertEqual(self._figures("2025")[4], 1, "not renewed in 2025")

    def test_two_years_count_twice_and_a_month_where_it_stands(self):
        self._taken(self.anna, start=date(2024, 10, 1), date_end=date(2026, 9, 30))
        self._taken(self.yann, start=date(2025, 3, 1), date_end=date(2025, 3, 31))
        self.assertEqual([self._figures(year)[0] for year in ("2024", "2025", "2026")], [1, 2, 0])
        self.assertEqual([self._figures(year)[6] for year in ("2024", "2025", "2026")], [30.0, 30.0, 0])

    def test_two_plans_of_one_member_count_once_in_the_total(self):
        for plan in (self.rolling, self.fixed):
            self._taken(self.anna, plan, start=date(2025, 1, 1))
        self.assertEqual(self._figures("2025")[0], 1)
        self.assertEqual(self._figures("2025", ("plan_id", "=", self.fixed.id))[0], 1)
        self.assertEqual(self._figures("2025")[6], 150.0)

    def test_unpaid_cancelled_at_once_and_refunded_do_not_count(self):
        self._membership(self.anna, confirm=True)
        self._taken(self.yann).action_cancel("Never began", date=date(2026, 3, 10))
        self.assertEqual(self._figures("2026")[0], 0)

    def test_year_follows_the_company_s_own(self):
        self.company.write({"fiscalyear_last_day": 31, "fiscalyear_last_month": "8"})
        self._taken(self.anna, start=date(2025, 9, 1), date_end=date(2026, 8, 31))
        self.assertEqual(self._figures("2025-2026")[0], 1)

    def test_year_ends_are_those_of_odoo_itself(self):
        for month, day in (("2", 28), ("2", 29), ("6", 30), ("12", 31), ("3", 15)):
            self.company.write({"fiscalyear_last_day": day, "fiscalyear_last_month": month})
            for start in (date(2024, 2, 29), date(2023, 3, 1), date(2025, 2, 28)):
                with self.subTest(month=month, day=day, start=start):
                    membership = self._taken(self._partners("P"), start=start, date_end=start)
                    self.env.invalidate_all()  # the figures' rows have no lasting id
                    line = self.env["fabloch.membership.report"].search(
                        [("partner_id", "=", membership.partner_id.id), ("members", "!=", 0)]
                    )
                    year = self.company.compute_fiscalyear_dates(start)
                    self.assertEqual((line.date_from, line.date_to), (year["date_from"], year["date_to"]))

    def test_category_of_the_year_stays_as_it_was(self):
        self._taken(self.anna, start=date(2025, 1, 1))
        self.anna.member_category_id = self.sme
        self._taken(self.anna, self.fixed, start=date(2026, 1, 1))
        self.assertEqual(self._figures("2025", ("category_id", "=", self.individual.id))[0], 1)
        self.assertEqual(self._figures("2026", ("is_business", "=", True))[0], 1)

    def test_revenue_is_known_by_member_category(self):
        self._running()
        [(category, amount)] = self.env["fabloch.revenue.report"]._read_group(
            [("partner_id", "=", self.anna.id)], ["member_category_id"], ["amount:sum"]
        )
        self.assertEqual((category, amount), (self.individual, 30.0))
