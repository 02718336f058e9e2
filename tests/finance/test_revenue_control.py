from datetime import date
from unittest.mock import patch

from hypothesis import given

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from odoo.addons.fabloch_finance.report.revenue_report import RevenueReport

from .random_ledger import RandomLedgerCase, by_prefix, entries, moves_by_hand, properties


@tagged("post_install", "-at_install")
class TestRevenueControl(RandomLedgerCase):
    """The control sums the ledger by itself, and names the accounts that are in no stream or in one sum only."""

    def setUp(self):
        super().setUp()
        self.Control = self.env["fabloch.revenue.control"]

    def _control_2026(self):
        return self.Stream._control(date(2026, 1, 1), date(2026, 12, 31))

    def _line(self, year="2026"):
        self.env.invalidate_all()
        return self.Control.search([("company_id", "=", self.company.id), ("fiscal_year", "=", year)])

    # -- properties ------------------------------------------------------------------------------------------------

    @properties
    @given(entries=entries, by_hand=moves_by_hand, by_prefix=by_prefix)
    def test_control_finds_class_7_in_the_streams(self, entries, by_hand, by_prefix):
        with self._random_ledger(entries, by_hand, by_prefix):
            self.env.ref("fabloch_finance.revenue_stream_technical").account_prefixes = "71, 72, 79"
            ledger = self._class_7()
            found = self.Stream._control(date(2024, 1, 1), date(2025, 12, 31))
            ours = {key: amount for key, amount in ledger.items() if key[0] != self.other.id and key[2].year < 2026}
            self.assertAlmostEqual(found["class_7"], float(sum(ours.values())), places=2)
            self.assertAlmostEqual(found["streams"], found["class_7"], places=2)
            self.assertEqual((found["difference"], found["elsewhere"]), (0.0, []))
            nowhere = {code for _company, code, _day in ours if not self._stream_of(code, by_hand)}
            self.assertEqual({row["code"] for row in found["without_stream"]}, nowhere)
            lines = self.Control.search([("company_id", "in", self.companies.ids)])
            self.assertEqual(
                {(line.company_id.id, line.fiscal_year) for line in lines},
                {(company, str(day.year)) for company, _code, day in ledger},
            )
            for line in lines:
                expected = sum(
                    amount
                    for (company, _code, day), amount in ledger.items()
                    if (company, str(day.year)) == (line.company_id.id, line.fiscal_year)
                )
                self.assertAlmostEqual(line.class_7, float(expected), places=2)
                self.assertAlmostEqual(line.streams, line.class_7, places=2)
                self.assertEqual(line.difference, 0.0)
                self.assertNotEqual(line.state, "differs")

    # -- what it names ---------------------------------------------------------------------------------------------

    def test_equal(self):
        self._entry(("756200", 60.0), ("741200", 40.0))
        self.assertEqual(
            self._control_2026(),
            {"class_7": 100.0, "streams": 100.0, "difference": 0.0, "without_stream": [], "elsewhere": []},
        )
        line = self._line()
        self.assertEqual((line.state, line.class_7, line.without_stream_count), ("equal", 100.0, 0))

    def test_account_without_stream_is_named(self):
        self.env.ref("fabloch_finance.revenue_stream_other").account_prefixes = "75, 77"
        self._entry(("764000", 40.0), ("756200", 60.0))
        found = self._control_2026()
        self.assertEqual([(row["code"], row["amount"]) for row in found["without_stream"]], [("764000", 40.0)])
        self.assertEqual(found["difference"], 0.0)
        line = self._line()
        self.assertEqual(
            (line.state, line.without_stream_count, line.without_stream_amount), ("without_stream", 1, 40.0)
        )
        self.assertTrue(line.without_stream_accounts.startswith("764000 "))
        accounts = self.env["fabloch.revenue.control.account"].search(
            [*line.action_open_accounts()["domain"], ("problem", "!=", False)]
        )
        self.assertEqual([(row.code, row.problem) for row in accounts], [("764000", "without_stream")])

    def test_class_7_account_that_is_no_income_differs(self):
        self._entry(("758300", 25.0), ("756200", 75.0))
        self._accounts()["758300"].account_type = "equity"
        found = self._control_2026()
        self.assertEqual((found["class_7"], found["streams"], found["difference"]), (100.0, 75.0, 25.0))
        self.assertEqual([(row["code"], row["amount"]) for row in found["elsewhere"]], [("758300", 25.0)])
        line = self._line()
        self.assertEqual((line.state, line.difference, line.elsewhere_count), ("differs", 25.0, 1))
        self.assertIn("758300", line.elsewhere_accounts)

    def test_income_account_of_another_class_differs(self):
        self._entry(("756200", 75.0), ("607000", 5.0))
        self._accounts()["607000"].account_type = "income"
        found = self._control_2026()
        self.assertEqual([(row["code"], row["amount"]) for row in found["elsewhere"]], [("607000", -5.0)])
        self.assertEqual([row["code"] for row in found["without_stream"]], ["607000"])
        self.assertEqual(self._line().state, "differs")

    def test_two_faults_that_offset_each_other_still_differ(self):
        self._entry(("758300", 25.0), ("607000", 25.0), ("756200", 75.0))
        self._accounts()["758300"].account_type = "equity"
        self._accounts()["607000"].account_type = "income"
        self.assertEqual(self._control_2026()["difference"], 0.0)
        self.assertEqual(len(self._control_2026()["elsewhere"]), 2)
        self.assertEqual(self._line().state, "differs")

    def test_a_fault_of_the_report_itself_is_seen(self):
        self._entry(("756200", 75.0))
        with patch.object(RevenueReport, "_where_clause", lambda report: SQL("FALSE")):
            self.assertEqual(self._control_2026()["difference"], 75.0)
            self.assertEqual(self._line().state, "differs")
        select = RevenueReport._select_columns
        with patch.object(
            RevenueReport, "_select_columns", lambda report: select(report) | {"amount": SQL("-2 * item.balance")}
        ):
            self.assertEqual(self._control_2026()["difference"], -75.0)
            account = self.env["fabloch.revenue.control.account"].search([("company_id", "=", self.company.id)])
            self.assertEqual(account.problem, "differs")

    def test_class_of_income_is_the_company_s(self):
        self._entry(("756200", 75.0), ("764000", 5.0))
        self.company.fabloch_income_prefix = "75"
        self.assertEqual([row["code"] for row in self._control_2026()["elsewhere"]], ["764000"])
        self.company.fabloch_income_prefix = "75, 76"
        self.assertEqual(self._control_2026()["elsewhere"], [])
        self.assertEqual(self.branch.fabloch_income_prefix, "75, 76")
        for wrong in ("7%", ",", "7-"):
            with self.assertRaises(ValidationError):
                self.company.fabloch_income_prefix = wrong

    # -- who sees what, and the cost -------------------------------------------------------------------------------

    def test_board_reads_and_others_do_not(self):
        self._entry(("756200", 10.0))
        self._entry(("756200", 99.0), company=self.other)
        board = self._user("control_board", "fabloch_finance.group_finance_board")
        self.assertEqual(self.Stream.with_user(board)._control(date(2026, 1, 1), date(2026, 12, 31))["class_7"], 10.0)
        self.assertEqual(self.Control.with_user(board).search([]).mapped("class_7"), [10.0])
        accounts = self.env["fabloch.revenue.control.account"].with_user(board).search([])
        self.assertEqual(accounts.mapped("code"), ["756200"])
        for login, groups in (("control_portal", "base.group_portal"), ("control_employee", "base.group_user")):
            user = self._user(login, groups)
            with self.assertRaises(AccessError):
                self.Stream.with_user(user)._control(date(2026, 1, 1), date(2026, 12, 31))
            with self.assertRaises(AccessError):
                self.Control.with_user(user).search([])

    def test_control_costs_one_query(self):
        self._entry(("756200", 10.0))
        self._control_2026()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self._control_2026()

    # -- the accounts' search --------------------------------------------------------------------------------------

    @properties
    @given(by_hand=moves_by_hand, by_prefix=by_prefix)
    def test_accounts_are_found_by_the_stream_they_belong_to(self, by_hand, by_prefix):
        with self._random_ledger([], by_hand, by_prefix):
            Account = self.env["account.account"]
            self.env.ref("fabloch_finance.revenue_stream_public").active = False
            accounts = Account.search([("company_ids", "in", self.company.ids)])
            own = ("company_ids", "in", self.company.ids)
            for stream in self.Stream.with_context(active_test=False).search([]):
                expected = accounts.filtered(lambda account, of=stream: account.fabloch_effective_stream_id == of)
                self.assertEqual(Account.search([own, ("fabloch_effective_stream_id", "=", stream.id)]), expected)
                self.assertEqual(
                    Account.search([own, ("fabloch_effective_stream_id.code", "=", stream.code)]), expected
                )
            ticked = accounts.filtered("fabloch_effective_stream_id.self_financing")
            self.assertEqual(Account.search([own, ("fabloch_effective_stream_id.self_financing", "=", True)]), ticked)
            nowhere = accounts.filtered(lambda account: not account.fabloch_effective_stream_id)
            self.assertEqual(Account.search([own, ("fabloch_effective_stream_id", "=", False)]), nowhere)
            self.assertEqual(Account.search([own, ("fabloch_effective_stream_id", "!=", False)]), accounts - nowhere)


@tagged("post_install", "-at_install")
class TestRevenueControlTour(RandomLedgerCase, HttpCase):
    def test_accountant_reads_the_year_and_its_control(self):
        self.env.ref("fabloch_finance.revenue_stream_other").account_prefixes = "75, 77"
        year = self.company._fabloch_fiscal_year()
        self._entry(("756200", 60.0), ("764000", 40.0), date=year.date_from)
        self._entry(("756200", 50.0), date=self.company._fabloch_fiscal_year(ago=1).date_from)
        self._user("control_tour", "fabloch_finance.group_finance_manager")
        self.start_tour("/odoo", "fabloch_finance_revenue_year", login="control_tour")
