"""The voted budget beside the ledger and the forecast; who may change it, and how it is revised."""

from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from tests.common import rights_of

from .test_forecast import TODAY, ForecastCase


class BudgetCase(ForecastCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Budget = cls.env["fabloch.budget"]
        cls.BudgetReport = cls.env["fabloch.budget.report"]
        cls.accountant = cls._user("budget_accountant", "fabloch_finance.group_finance_manager")
        cls.board = cls._user("budget_board", "fabloch_finance.group_finance_board")

    @classmethod
    def _stream(cls, code):
        return cls.env.ref(f"fabloch_finance.revenue_stream_{code}")

    @classmethod
    def _budget(cls, amounts, vote=True, **vals):
        budget = cls.Budget.create(
            {
                "company_id": cls.company.id,
                "line_ids": [
                    Command.create({"stream_id": cls._stream(code).id, "amount": amount})
                    for code, amount in amounts.items()
                ],
                **vals,
            }
        )
        if vote:
            budget.action_vote()
        return budget

    def _figures(self, year="2026"):
        """{stream code: (budget, actual, difference, forecast, expected, expected difference, share)}."""
        # Within one transaction, what was read of a row stays read.
        self.BudgetReport.invalidate_model()
        rows = self.BudgetReport.search([("company_id", "=", self.company.id), ("fiscal_year", "=", year)])
        return {
            row.stream_id.code: (
                row.budget,
                row.actual,
                row.difference,
                row.forecast,
                row.expected,
                row.expected_difference,
                round(row.share, 2),
            )
            for row in rows
        }


@tagged("post_install", "-at_install")
class TestBudgetReport(BudgetCase):
    def test_every_stream_with_any_figure_has_a_row(self):
        self._budget({"machine": 1000.0, "training": 300.0})
        self._entry(("706100", 250.0), ("756200", 60.0), date="2026-02-01")
        self._charge(40.0, product=1)
        self._charge(100.0)
        self.assertEqual(
            self._figures(),
            {
                "machine": (1000.0, 250.0, -750.0, 100.0, 350.0, -650.0, 25.0),
                "training": (300.0, 0.0, -300.0, 0.0, 0.0, -300.0, 0.0),
                "membership": (0.0, 60.0, 60.0, 0.0, 60.0, 60.0, 0.0),
                "workshop": (0.0, 0.0, 0.0, 40.0, 40.0, 40.0, 0.0),
            },
        )

    def test_revenue_without_stream_has_a_row_too(self):
        account = self.env["account.account"].create({"name": "Odd", "code": "799999", "account_type": "income"})
        self._stream("technical").account_prefixes = "71, 72, 78"
        self._entry((account.code, 5.0), date="2026-02-01")
        self.assertEqual(self._figures()[False][1], 5.0)

    def test_only_what_is_voted_counts(self):
        budget = self._budget({"machine": 1000.0}, vote=False)
        self.assertFalse(self._figures())
        budget.action_vote()
        self.assertEqual(self._figures()["machine"][0], 1000.0)
        budget.action_revise()
        self.assertEqual(self._figures()["machine"][0], 1000.0, "the revision isn't voted yet")
        budget.revision_ids.line_ids.amount = 800.0
        budget.revision_ids.action_vote()
        self.assertEqual(self._figures()["machine"][0], 800.0)

    def test_rates_of_a_group_are_ratios_of_sums(self):
        self._budget({"machine": 1000.0, "training": 1.0})
        self._entry(("706100", 500.0), ("706200", 1.0), date="2026-02-01")
        [(share,)] = self.BudgetReport._read_group(
            [("company_id", "=", self.company.id), ("fiscal_year", "=", "2026")], [], ["share:avg"]
        )
        self.assertAlmostEqual(share, 100 * 501 / 1001)

    def test_a_year_that_ends_in_summer(self):
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        budget = self._budget({"machine": 100.0})
        self.assertEqual(
            (budget.name, budget.date_from, budget.date_to), ("Budget 2025-2026", date(2025, 9, 1), date(2026, 8, 31))
        )
        self._entry(("706100", 30.0), date="2025-09-01")
        self._entry(("706100", 7.0), date="2025-08-31")
        self.assertEqual(self._figures("2025-2026")["machine"][:2], (100.0, 30.0))
        self.assertEqual(self._figures("2024-2025")["machine"][:2], (0.0, 7.0))
        for age, year in ((0, "2025-2026"), (1, "2024-2025")):
            rows = self.BudgetReport.search([("fiscal_year_age", "=", age)])
            self.assertEqual(set(rows.mapped("fiscal_year")), {year})
            self.assertEqual(set(rows.mapped("fiscal_year_age")), {age})

    def test_kinds_stand_in_the_order_in_which_they_are_read(self):
        self._budget({"membership": 10, "public": 20, "other": 30, "giving": 40})
        kinds = [kind for [kind] in self.env["fabloch.budget.report"]._read_group([("kind", "!=", False)], ["kind"])]
        self.assertEqual(kinds, [kind for kind in ("own", "private", "public", "other") if kind in kinds])
        self.assertGreater(len(kinds), 1)

    def test_the_rows_behind_sum_to_the_figures(self):
        self._entry(("706100", 30.0), ("756200", 4.0), date="2026-02-01")
        self._entry(("706100", 9.0), date="2025-02-01")
        self._charge(10.0)
        self._charge(5.0, product=1)
        row = self.BudgetReport.search([("fiscal_year", "=", "2026"), ("stream_id.code", "=", "machine")])
        for action, amount in ((row.action_open_actual(), 30.0), (row.action_open_forecast(), 10.0)):
            found = self.env[action["res_model"]].with_user(self.board).search(action["domain"])
            self.assertEqual(sum(found.mapped("amount")), amount)

    def test_the_queries_do_not_grow_with_the_budgets(self):
        def cost():
            self.BudgetReport.search([])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = self.BudgetReport.search([])
            rows.mapped("expected"), rows.mapped("stream_id.name")
            return self.cr.sql_log_count - before

        self._budget({"machine": 100.0})
        few = cost()
        streams = self.env["fabloch.revenue.stream"].search([])
        for year in range(2010, 2015):
            self._budget({stream.code: 10.0 for stream in streams}, date_from=f"{year}-01-01")
        self.assertEqual(cost(), few)

    def test_another_company_sees_nothing(self):
        self._budget({"machine": 100.0})
        other = self._company("Other association of the test")
        abroad = self._user("budget_abroad", "fabloch_finance.group_finance_manager", company=other)
        for model in ("fabloch.budget", "fabloch.budget.line", "fabloch.budget.report"):
            self.assertFalse(self.env[model].with_user(abroad).with_context(allowed_company_ids=other.ids).search([]))


@tagged("post_install", "-at_install")
class TestBudget(BudgetCase):
    def test_a_voted_budget_is_locked(self):
        budget = self._budget({"machine": 100.0}).with_user(self.accountant)
        self.assertEqual((budget.state, budget.vote_date), ("voted", TODAY))
        attempts = {
            "line": lambda: budget.line_ids.write({"amount": 1.0}),
            "note": lambda: budget.write({"note": "Changed"}),
            "new line": lambda: (
                self.env["fabloch.budget.line"]
                .with_user(self.accountant)
                .create({"budget_id": budget.id, "stream_id": self._stream("training").id, "amount": 1.0})
            ),
            "new line by default": lambda: (
                self.env["fabloch.budget.line"]
                .with_user(self.accountant)
                .with_context(default_budget_id=budget.id)
                .create({"stream_id": self._stream("sale").id, "amount": 1.0})
            ),
            "no line": lambda: budget.line_ids.unlink(),
            "deleted": lambda: budget.unlink(),
            "voted again": lambda: budget.action_vote(),
            "filled": lambda: budget._fill(),
        }
        for what, attempt in attempts.items():
            with self.subTest(what), self.assertRaisesRegex(UserError, "voted on"), self.env.cr.savepoint():
                attempt()

    def test_a_line_does_not_move_into_a_voted_budget(self):
        voted = self._budget({"machine": 100.0})
        draft = self._budget({"training": 100.0}, vote=False, date_from="2025-01-01").with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "voted on"):
            draft.line_ids.budget_id = voted

    def test_nobody_sets_the_state(self):
        draft = self._budget({"machine": 100.0}, vote=False).with_user(self.accountant)
        with self.assertRaises(AccessError):
            draft.state = "voted"
        with self.assertRaises(AccessError):
            draft.create({"state": "voted", "vote_date": TODAY})
        self.assertEqual(draft.with_context(default_state="voted").create({"date_from": "2024-01-01"}).state, "draft")

    def test_one_voted_budget_for_a_year(self):
        self._budget({"machine": 100.0})
        second = self._budget({"machine": 200.0}, vote=False)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            second.action_vote()

    def test_a_budget_without_line_is_not_voted(self):
        with self.assertRaisesRegex(UserError, "no line"):
            self._budget({})

    def test_a_budget_is_for_a_whole_year(self):
        with self.assertRaisesRegex(ValidationError, "whole fiscal year"):
            self._budget({}, vote=False, date_from="2026-02-01")

    def test_one_line_for_each_stream(self):
        budget = self._budget({"machine": 100.0}, vote=False)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            budget.line_ids.copy()

    def test_a_revision_takes_the_place_of_what_was_voted(self):
        budget = self._budget({"machine": 100.0}).with_user(self.accountant)
        revision = self.Budget.browse(budget.action_revise()["res_id"]).with_user(self.accountant)
        self.assertEqual((revision.state, revision.revised_id, revision.amount), ("draft", budget, 100.0))
        self.assertEqual(budget.action_revise()["res_id"], revision.id, "one revision at a time")
        revision.line_ids.amount = 90.0
        revision.action_vote()
        self.assertEqual((budget.state, revision.state), ("replaced", "voted"))
        self.assertEqual(budget.line_ids.amount, 100.0, "what was voted stays readable")
        with self.assertRaises(UserError):
            budget.action_revise()

    def test_a_revision_keeps_the_year_and_the_company(self):
        budget = self._budget({"machine": 100.0})
        revision = self.Budget.browse(budget.action_revise()["res_id"])
        for change in ({"date_from": date(2027, 1, 1)}, {"company_id": self._company("Other association").id}):
            with self.assertRaisesRegex(ValidationError, "another year"), self.env.cr.savepoint():
                revision.write(change)
        revision.action_vote()
        self.assertEqual(self._figures()["machine"][0], 100.0)

    def test_the_copy_for_next_year(self):
        budget = self._budget({"machine": 100.0})
        following = self.Budget.browse(budget.action_copy_to_next_year()["res_id"])
        self.assertEqual((following.name, following.state, following.amount), ("Budget 2027", "draft", 100.0))
        with self.assertRaisesRegex(UserError, "exists already"):
            budget.action_copy_to_next_year()

    def test_start_from_last_year_s_figures(self):
        self._entry(("706100", 1234.56), ("756200", 100.0), date="2025-06-01")
        self._entry(("706100", 77.0), date="2026-02-01")
        budget = self._budget({"machine": 1.0, "training": 300.0}, vote=False)
        wizard = (
            self.env["fabloch.budget.fill"].with_user(self.accountant).create({"budget_id": budget.id, "change": 10})
        )
        wizard.action_fill()
        self.assertEqual(
            {line.stream_id.code: (line.amount_before, line.amount) for line in budget.line_ids},
            {"machine": (1234.56, 1360.0), "training": (0.0, 300.0), "membership": (100.0, 110.0)},
        )
        budget._fill()
        self.assertEqual(budget.line_ids.filtered(lambda line: line.stream_id.code == "machine").amount, 1234.56)

    def test_nothing_to_start_from(self):
        with self.assertRaisesRegex(UserError, "Nothing is posted"):
            self._budget({}, vote=False, date_from="2020-01-01")._fill()

    def test_a_stream_of_another_company_is_refused(self):
        other = self._company("Other association of the test")
        theirs = self.env["fabloch.revenue.stream"].create({"name": "Theirs", "code": "theirs", "company_id": other.id})
        with self.assertRaisesRegex(ValidationError, "Theirs"):
            self._budget({}, vote=False, line_ids=[Command.create({"stream_id": theirs.id, "amount": 1.0})])
        budget = self._budget(
            {}, vote=False, company_id=other.id, line_ids=[Command.create({"stream_id": theirs.id, "amount": 1.0})]
        )
        with self.assertRaisesRegex(ValidationError, "Theirs"):
            budget.company_id = self.company

    def test_the_accountant_writes_and_the_board_reads(self):
        budget = self._budget({"machine": 100.0}, vote=False)
        for records in (budget, budget.line_ids):
            self.assertEqual(rights_of(records.with_user(self.accountant)), "rwcu")
            self.assertEqual(rights_of(records.with_user(self.board)), "r")
        for attempt in (budget.action_vote, budget.action_copy_to_next_year):
            with self.assertRaises(AccessError):
                getattr(budget.with_user(self.board), attempt.__name__)()
        self.assertEqual(rights_of(self.BudgetReport.with_user(self.board)), "r")
        self.assertEqual(rights_of(self.Budget.with_user(self._user("budget_clerk", "base.group_user"))), "")

    def test_the_year_before_costs_one_query_for_any_number_of_lines(self):
        streams = self.env["fabloch.revenue.stream"].search([])
        budget = self._budget({stream.code: 10.0 for stream in streams}, vote=False)
        few = self._budget({"machine": 10.0}, vote=False, date_from="2025-01-01")
        costs = []
        for ids in (few.line_ids.ids, budget.line_ids.ids):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["fabloch.budget.line"].browse(ids).mapped("amount_before")
            costs.append(self.cr.sql_log_count - before)
        self.assertEqual(costs[0], costs[1])


@tagged("post_install", "-at_install")
class TestBudgetTour(BudgetCase, HttpCase):
    def test_from_the_budget_to_the_amounts_behind(self):
        self._entry(("706100", 250.0), date="2026-02-01")
        self._entry(("706100", 150.0), date="2025-02-01")
        self._charge(40.0)
        self.start_tour("/odoo", "fabloch_finance_budget", login="budget_accountant")
        budget = self.Budget.search([("company_id", "=", self.company.id)])
        self.assertEqual((budget.state, budget.amount), ("voted", 150.0))
