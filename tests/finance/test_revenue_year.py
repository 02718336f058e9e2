from collections import defaultdict
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .random_ledger import RandomLedgerCase, by_prefix, entries, moves_by_hand, properties

TODAY = date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestRevenueYear(RandomLedgerCase):
    """Each stream of a fiscal year stands beside the year before, whole and up to the same day."""

    def setUp(self):
        super().setUp()
        self.YearReport = self.env["fabloch.revenue.year.report"].with_context(allowed_company_ids=self.companies.ids)
        self._set_today(TODAY)

    def _set_today(self, today):
        patcher = patch.object(fields.Date, "context_today", lambda record, timestamp=None: today)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _rows(self, **domain):
        wanted = [("company_id", "=", self.company.id), *((name, "=", value) for name, value in domain.items())]
        return {row.stream_id.code: row for row in self.YearReport.search(wanted)}

    # -- properties ------------------------------------------------------------------------------------------------

    @properties
    @given(
        entries=entries, by_hand=moves_by_hand, by_prefix=by_prefix, end_month=st.sampled_from(["12", "12", "8", "2"])
    )
    def test_years_sum_to_class_7_and_follow_one_another(self, entries, by_hand, by_prefix, end_month):
        with self._random_ledger(entries, by_hand, by_prefix):
            self._end_years_on(end_month, {"12": 31, "8": 31, "2": 28}[end_month])
            ledger, to_date = defaultdict(Decimal), defaultdict(Decimal)
            for (company, _code, day), amount in self._class_7().items():
                year = self.env["res.company"].browse(company)._fabloch_fiscal_year(day)
                ledger[company, year.date_to.year] += amount
                # This year up to today and those that are over; the one before the present one up to the same day.
                to_date[company, year.date_to.year, day <= TODAY, day <= date(2025, 3, 10)] += amount
            rows = self.YearReport.search([("company_id", "in", self.companies.ids)])
            sums = defaultdict(float)
            amounts = {}
            for row in rows:
                company, year = row.company_id.id, int(row.fiscal_year[-4:])
                amounts[company, year, row.stream_id] = row.amount
                for name in ("amount", "amount_before", "amount_to_date", "amount_before_to_date"):
                    sums[company, year, name] += row[name]
                self.assertAlmostEqual(row.change, row.amount - row.amount_before, places=2)
            years = set(ledger)
            self.assertEqual({(row.company_id.id, int(row.fiscal_year[-4:])) for row in rows}, years)
            for company, year in years:
                before = (company, year - 1)
                self.assertAlmostEqual(sums[company, year, "amount"], float(ledger[company, year]), places=2)
                self.assertAlmostEqual(
                    sums[company, year, "amount_before"], float(ledger.get(before, 0)), places=2, msg=(company, year)
                )
                for name, of, until in (("amount_to_date", year, 2), ("amount_before_to_date", year - 1, 3)):
                    expected = sum(amount for key, amount in to_date.items() if key[:2] == (company, of) and key[until])
                    self.assertAlmostEqual(sums[company, year, name], float(expected), places=2, msg=(name, year))
            for row in rows:
                before = amounts.get((row.company_id.id, int(row.fiscal_year[-4:]) - 1, row.stream_id), 0.0)
                self.assertAlmostEqual(row.amount_before, before, places=2)

    # -- figures ---------------------------------------------------------------------------------------------------

    def test_year_in_progress_is_compared_at_the_same_day(self):
        self._entry(("756200", 300.0), date="2025-02-01")
        self._entry(("756200", 900.0), date="2025-11-01")
        self._entry(("756200", 330.0), date="2026-03-10")
        self._entry(("756200", 20.0), date="2026-12-01")
        row = self._rows(fiscal_year="2026")["membership"]
        self.assertEqual((row.amount, row.amount_before, row.change), (350.0, 1200.0, -850.0))
        self.assertEqual((row.amount_to_date, row.amount_before_to_date, row.change_to_date), (330.0, 300.0, 30.0))
        self.assertAlmostEqual(row.change_to_date_rate, 0.1)
        self.assertEqual(row.fiscal_year_age, 0)

    def test_year_that_is_over_is_compared_whole(self):
        self._entry(("756200", 100.0), date="2024-12-31")
        self._entry(("756200", 150.0), date="2025-12-31")
        row = self._rows(fiscal_year="2025")["membership"]
        self.assertEqual((row.amount_to_date, row.amount_before_to_date), (150.0, 100.0))
        self.assertAlmostEqual(row.change_to_date_rate, row.change_rate)
        self.assertAlmostEqual(row.change_rate, 0.5)

    def test_the_29th_of_february_counts_with_the_28th(self):
        same_day = self.YearReport._same_day_before
        self.assertEqual(same_day(date(2025, 2, 28)), date(2024, 2, 29))
        self.assertEqual(same_day(date(2024, 2, 29)), date(2023, 2, 28))
        self.assertEqual(same_day(date(2024, 2, 28)), date(2023, 2, 28))
        self.assertEqual(same_day(date(2026, 3, 1)), date(2025, 3, 1))

    def test_stream_that_stopped_keeps_its_row(self):
        self._entry(("754200", 80.0), date="2025-02-01")
        self._entry(("756200", 10.0), date="2026-02-01")
        rows = self._rows(fiscal_year="2026")
        self.assertEqual((rows["giving"].amount, rows["giving"].amount_before), (0.0, 80.0))
        self.assertEqual(rows["giving"].change_rate, -1.0)
        self.assertEqual(rows["membership"].amount_before, 0.0)

    def test_rate_of_a_total_is_the_ratio_of_the_sums(self):
        self._entry(("756200", 1000.0), ("706100", 10.0), date="2025-02-01")
        self._entry(("756200", 1000.0), ("706100", 30.0), date="2026-02-01")
        [[rate, to_date]] = self.YearReport._read_group(
            [("company_id", "=", self.company.id), ("fiscal_year", "=", "2026")],
            [],
            ["change_rate:avg", "change_to_date_rate:avg"],
        )
        self.assertAlmostEqual(float(rate), 20 / 1010)
        self.assertAlmostEqual(float(to_date), 20 / 1010)

    def test_kinds_come_in_the_order_in_which_they_are_read(self):
        self.env.ref("fabloch_finance.revenue_stream_other").account_prefixes = "75, 77"
        self._entry(("764000", 1.0), ("789400", 1.0), ("741200", 1.0), ("754200", 1.0), ("756200", 1.0))
        groups = self.YearReport.formatted_read_group([("company_id", "=", self.company.id)], ["kind"], ["amount:sum"])
        self.assertEqual([group["kind"] for group in groups], ["own", "private", "public", "other", "none"])

    def test_fiscal_years_need_not_be_calendar_years(self):
        self._end_years_on("8", 31)
        self._entry(("756200", 100.0), date="2024-12-31")
        self._entry(("756200", 7.0), date="2025-08-31")
        self._entry(("756200", 150.0), date="2025-12-31")
        row = self._rows(fiscal_year_age=0)["membership"]
        self.assertEqual((row.fiscal_year, row.amount, row.amount_before), ("2025-2026", 150.0, 107.0))
        self.assertEqual(row.amount_before_to_date, 100.0)
        self.assertEqual(sum(self.Report.search(row.action_open_items()["domain"]).mapped("amount")), 257.0)

    def test_a_click_opens_the_items_of_both_years(self):
        self._entry(("756200", 10.0), ("706100", 5.0), date="2025-02-01")
        self._entry(("756200", 20.0), date="2026-02-01")
        self._entry(("756200", 99.0), date="2024-02-01")
        board = self._user("year_board", "fabloch_finance.group_finance_board")
        action = self._rows(fiscal_year="2026")["membership"].with_user(board).action_open_items()
        self.assertEqual(sum(self.Report.with_user(board).search(action["domain"]).mapped("amount")), 30.0)

    # -- who sees what, and the cost -------------------------------------------------------------------------------

    def test_board_reads_and_others_do_not(self):
        self._entry(("756200", 10.0))
        self._entry(("756200", 99.0), company=self.other)
        report = self.env["fabloch.revenue.year.report"].with_context(allowed_company_ids=self.company.ids)
        board = self._user("year_reader", "fabloch_finance.group_finance_board")
        self.assertEqual(report.with_user(board).search([]).mapped("amount"), [10.0])
        hidden = report.sudo().search([("company_id", "=", self.other.id)])
        self.assertEqual(len(hidden), 1)
        with self.assertRaises(AccessError):
            hidden.with_user(board).read(["amount"])
        for login, groups in (("year_portal", "base.group_portal"), ("year_employee", "base.group_user")):
            with self.assertRaises(AccessError):
                report.with_user(self._user(login, groups)).search([])

    def test_one_query_whatever_the_streams_and_years(self):
        def read():
            self.env.invalidate_all()
            return self.YearReport._read_group(
                [("company_id", "=", self.company.id)],
                ["fiscal_year", "stream_id"],
                ["amount:sum", "amount_before:sum"],
            )

        for year in (2024, 2025, 2026):
            self._entry(("756200", 1.0), ("706100", 1.0), ("741200", 1.0), date=f"{year}-02-01")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(len(read()), 9)
