from collections import defaultdict
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from hypothesis import given

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.fabloch_finance.report.revenue_report import RevenueReport

from .ledger import LedgerCase
from .random_ledger import REVENUE_CODES, RandomLedgerCase, by_prefix, entries, moves_by_hand, properties


@tagged("post_install", "-at_install")
class TestRevenueReport(RandomLedgerCase):
    """The report is the ledger's class 7, whatever entered it, cut by stream, fiscal year and month."""

    # -- the invariant ---------------------------------------------------------------------------------------------

    @properties
    @given(entries=entries, by_hand=moves_by_hand, by_prefix=by_prefix)
    def test_sum_of_streams_is_class_7_to_the_cent(self, entries, by_hand, by_prefix):
        with self._random_ledger(entries, by_hand, by_prefix):
            ledger = self._class_7()
            expected = defaultdict(Decimal)
            for (company, code, day), amount in ledger.items():
                stream = self._stream_of(code, {} if company == self.other.id else by_hand)
                expected[company, stream, day.strftime("%m"), str(day.year)] += amount
            report = self.Report.with_context(allowed_company_ids=self.companies.ids)
            found = {
                (company.id, stream.code, month, year): amount
                for company, stream, month, year, amount in report._read_group(
                    [("company_id", "in", self.companies.ids)],
                    ["company_id", "stream_id", "month", "fiscal_year"],
                    ["amount:sum"],
                )
            }
            self.assertEqual(
                {key: round(amount, 2) for key, amount in found.items() if round(amount, 2)},
                {key: float(amount) for key, amount in expected.items() if amount},
            )
            figures = self.Stream._self_financing("2024-01-01", "2026-12-31")
            self.assertAlmostEqual(
                figures["revenue"],
                float(sum(amount for (company, *_rest), amount in ledger.items() if company != self.other.id)),
                places=2,
            )

    # -- columns ---------------------------------------------------------------------------------------------------

    def test_row_tells_commercial_partner_account_and_stream(self):
        self._entry(("756200", 12.5, self.contact), date="2026-03-10")
        row = self.Report.search([("company_id", "=", self.company.id)])
        self.assertEqual(row.amount, 12.5)
        self.assertEqual(row.partner_id, self.partner)
        self.assertEqual(row.account_id, self._accounts()["756200"])
        self.assertEqual(row.stream_id.code, "membership")
        self.assertEqual((row.kind, row.self_financing), ("own", True))
        self.assertEqual((row.fiscal_year, row.month, row.date), ("2026", "03", date(2026, 3, 10)))
        self.assertEqual(row.currency_id, self.company.currency_id)

    def test_fiscal_year_is_the_one_that_odoo_gives(self):
        days = [
            "2024-02-28",
            "2024-02-29",
            "2024-03-01",
            "2025-02-28",
            "2025-03-01",
            "2025-08-31",
            "2025-09-01",
            "2025-12-31",
        ]
        for day in days:
            self._entry(("756200", 1.0), date=day)
        for month, day in (("12", 31), ("8", 31), ("2", 28), ("6", 30), ("4", 15)):
            self._end_years_on(month, day)
            self.Report.invalidate_model()
            for row in self.Report.search([("company_id", "=", self.company.id)]):
                year = self.company.compute_fiscalyear_dates(row.date)
                years = sorted({year["date_from"].year, year["date_to"].year})
                self.assertEqual(row.fiscal_year, "-".join(map(str, years)), (month, day, row.date))

    def test_filters_of_fiscal_years(self):
        self._end_years_on("8", 31)
        for day, amount in (("2024-08-31", 1.0), ("2024-09-01", 10.0), ("2025-08-31", 100.0), ("2025-09-01", 1000.0)):
            self._entry(("756200", amount), date=day)
        today = fields.Date.to_date("2026-03-10")
        with patch.object(fields.Date, "context_today", lambda record, timestamp=None: today):
            for age, expected in ((0, 1000.0), (1, 110.0), (2, 1.0)):
                rows = self.Report.search([("company_id", "=", self.company.id), ("fiscal_year_age", "=", age)])
                self.assertEqual(sum(rows.mapped("amount")), expected)
                self.assertEqual(set(rows.mapped("fiscal_year_age")), {age})

    def test_off_balance_entries_are_no_revenue(self):
        accounts = self._accounts()
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-03-10",
                "line_ids": [
                    Command.create({"account_id": accounts["875000"].id, "balance": -500.0}),
                    Command.create({"account_id": accounts["864000"].id, "balance": 500.0}),
                ],
            }
        )
        move.action_post()
        self.assertFalse(self.Report.search([("company_id", "=", self.company.id)]))

    def test_branch_counts_with_its_company(self):
        values = {"kind": "entry", "date": "2026-03-10", "currency": "EUR", "company": 2}
        self._make(values | {"lines": [("706100", 3000)]})
        figures = self.Stream._self_financing("2026-01-01", "2026-12-31")
        self.assertEqual([(row["code"], row["amount"]) for row in figures["streams"]], [("machine", 30.0)])

    # -- who sees what ---------------------------------------------------------------------------------------------

    def test_board_reads_every_column_without_accounting_rights(self):
        self._entry(("756200", 10.0, self.contact))
        board = self._user("report_board", "fabloch_finance.group_finance_board")
        report = self.Report.with_user(board)
        row = report.search([])
        values = row.web_read(
            {
                name: {"fields": {"display_name": {}}} if report._fields[name].type == "many2one" else {}
                for name in ("date", "stream_id", "account_id", "partner_id", "move_id", "company_id", "amount")
            }
        )[0]
        self.assertIn("Membership fees with counterpart", values["account_id"]["display_name"])
        self.assertEqual(values["partner_id"]["display_name"], "Chantier du Loch")
        for group in ("stream_id", "account_id", "partner_id", "fiscal_year", "month", "kind", "date:month"):
            groups = report.formatted_read_group([], [group], ["amount:sum"])
            self.assertEqual([found["amount:sum"] for found in groups], [10.0], group)

    def test_nobody_else_reads_it(self):
        for login, groups in (
            ("report_portal", "base.group_portal"),
            ("report_employee", "base.group_user"),
            ("report_public", "base.group_public"),
        ):
            with self.assertRaises(AccessError):
                self.Report.with_user(self._user(login, groups)).search([])

    def test_other_company_is_unseen(self):
        self._entry(("756200", 10.0))
        self._entry(("756200", 99.0), company=self.other)
        board = self._user("report_board_one", "fabloch_finance.group_finance_board")
        report = self.Report.with_user(board).with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(report.search([]).mapped("amount"), [10.0])
        hidden = self.Report.sudo().search([("company_id", "=", self.other.id)])
        self.assertEqual(len(hidden), 1)
        with self.assertRaises(AccessError):
            hidden.with_user(board).read(["amount"])

    # -- cost ------------------------------------------------------------------------------------------------------

    def test_queries_do_not_grow_with_the_ledger(self):
        def read():
            self.env.invalidate_all()
            return self.Report._read_group(
                [("company_id", "=", self.company.id)], ["stream_id", "date:month"], ["amount:sum"]
            )

        self._entry(("756200", 1.0))
        read()
        with self.assertQueryCount(1):
            read()
        for month in range(1, 13):
            self._entry(*((code, 1.0) for code in REVENUE_CODES), date=f"2026-{month:02}-05")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertGreater(len(read()), 12 * 8)

    def test_upper_addon_adds_a_column_through_the_hooks(self):
        self._entry(("756200", 10.0, self.contact))
        select, tables = RevenueReport._select_columns, RevenueReport._from_tables
        with (
            patch.object(
                RevenueReport, "_select_columns", lambda report: select(report) | {"label": SQL("country.code")}
            ),
            patch.object(
                RevenueReport,
                "_from_tables",
                lambda report: [
                    *tables(report),
                    SQL("LEFT JOIN res_country country ON country.id = partner.country_id"),
                ],
            ),
        ):
            self.partner.country_id = self.env.ref("base.fr")
            self.env.flush_all()
            self.assertEqual(self.Report.search([("company_id", "=", self.company.id)]).label, "FR")


@tagged("post_install", "-at_install")
class TestSelfFinancingReport(LedgerCase):
    """The rate of each fiscal year beside the year before."""

    def setUp(self):
        super().setUp()
        self._entry(("756200", 300.0), ("741200", 700.0), date="2024-05-01")
        self._entry(("756200", 400.0), ("754200", 200.0), ("741200", 300.0), ("764000", 100.0), date="2025-05-01")
        self._entry(("756200", 10.0), date="2027-05-01")
        self.rows = self.env["fabloch.self.financing.report"].search([("company_id", "=", self.company.id)])

    def test_each_year_stands_beside_the_one_before(self):
        figures = [
            (row.fiscal_year, row.revenue, round(row.rate, 4), row.has_previous, round(row.previous_rate, 4))
            for row in self.rows
        ]
        self.assertEqual(
            figures,
            [("2027", 10.0, 1.0, False, 0.0), ("2025", 1000.0, 0.6, True, 0.3), ("2024", 1000.0, 0.3, False, 0.0)],
        )
        this_year = self.rows[1]
        self.assertAlmostEqual(this_year.rate_change, 0.3)
        self.assertEqual(
            (this_year.own_amount, this_year.private_amount, this_year.public_amount, this_year.other_amount),
            (400.0, 200.0, 300.0, 100.0),
        )
        self.assertEqual(this_year.self_financing_amount, 600.0)

    def test_it_agrees_with_the_method(self):
        figures = self.Stream._self_financing("2025-01-01", "2025-12-31")
        self.assertEqual(figures["revenue"], self.rows[1].revenue)
        self.assertAlmostEqual(figures["rate"], self.rows[1].rate)

    def test_board_opens_the_streams_of_both_years(self):
        board = self._user("rate_board", "fabloch_finance.group_finance_board")
        action = self.rows[1].with_user(board).action_open_streams()
        items = self.Report.with_user(board).search(action["domain"])
        self.assertEqual(sum(items.mapped("amount")), 2000.0)

    def test_portal_does_not_read_it(self):
        portal = self._user("rate_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.rows.with_user(portal).read(["rate"])
