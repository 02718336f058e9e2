"""Thresholds: what each gauge counts, against the limit of its year; one warning, whatever runs."""

from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import BaseCase, HttpCase, tagged

from ..common import race, run_python, scratch_database, spawn
from .ledger import LedgerCase

TODAY = date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestThresholdScreen(LedgerCase, HttpCase):
    def test_each_gauge_shows_the_percentage(self):
        self._user("gauge_reader", "fabloch_finance.group_finance_board")
        self.browser_js(
            "/odoo/action-fabloch_finance.threshold_report_action",
            """const shown = [...document.querySelectorAll(".o_gauge_value")].map((value) => value.innerText);
            console.log(shown.every((text) => /^([\\d.,]+%|–)$/.test(text)) ? "test successful" : `error ${shown}`)""",
            ready="Boolean(document.querySelector('.o_kanban_record .o_gauge_value'))",
            login="gauge_reader",
        )


@tagged("post_install", "-at_install")
class TestThreshold(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.object(fields.Date, "context_today", staticmethod(lambda record, timestamp=None: TODAY))
        )
        cls.Gauge = cls.env["fabloch.threshold.report"]
        cls.Warning = cls.env["fabloch.threshold.warning"]
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.company.fabloch_invoicing_user_id = cls._user("limit_accountant", "fabloch_finance.group_finance_manager")
        cls.env["fabloch.legal.parameter"].search(
            [("code", "in", ("lucrative_threshold", "public_money_threshold", "gift_accounts_threshold"))]
        ).unlink()
        for code, value, start in (
            ("lucrative_threshold", "1000", "2024-01-01"),
            ("lucrative_threshold", "2000", "2026-01-01"),
            ("lucrative_threshold", "9000", "2026-06-01"),
            ("public_money_threshold", "5000", "2020-01-01"),
            ("gift_accounts_threshold", "3000", "2020-01-01"),
        ):
            cls.env["fabloch.legal.parameter"].create(
                {"code": code, "name": code, "value": value, "date_from": start, "source": f"Test {start}"}
            )

    def _gauge(self, code, year="2026", company=None):
        self.env.flush_all()
        self.Gauge.invalidate_model()
        return self.Gauge.search(
            [("company_id", "=", (company or self.company).id), ("code", "=", code), ("fiscal_year", "=", year)]
        )

    def _bank(self, code, amount, day="2026-02-01"):
        return self._entry((code, amount), journal_id=self.bank.id, date=day)

    def test_every_gauge_of_this_year_is_there_without_an_entry(self):
        gauges = self.Gauge.search([("company_id", "=", self.company.id)])
        self.assertEqual(sorted(gauges.mapped("code")), ["gifts", "lucrative", "member_sales", "public_money"])
        self.assertEqual(set(gauges.mapped("is_current")), {True})
        self.assertEqual(set(gauges.mapped("level")), {"ok"})
        self.assertEqual((gauges[0].date_from, gauges[0].date_to), (date(2026, 1, 1), date(2026, 12, 31)))

    def test_what_is_ticked_counts_against_the_limit_of_the_day(self):
        for code, amount in (("706100", 100), ("707000", 200), ("708300", 30), ("706300", 4), ("756200", 9000)):
            self._bank(code, amount)
        gauge = self._gauge("lucrative")
        # The limit of June isn't in force yet; that of 2024 isn't any more.
        self.assertEqual((gauge.amount, gauge.limit_amount, gauge.left_amount), (334.0, 2000.0, 1666.0))
        self.assertEqual((gauge.share, gauge.level, gauge.source), (0.167, "ok", "Test 2026-01-01"))
        self.Stream.search([("code", "=", "sale")]).lucrative = False
        self.assertEqual(self._gauge("lucrative").amount, 134.0)

    def test_levels_change_at_80_percent_and_over_the_limit(self):
        for amount, level in ((1599.99, "ok"), (0.01, "warning"), (400.0, "warning"), (0.01, "over")):
            self._bank("706100", amount)
            self.assertEqual(self._gauge("lucrative").level, level)

    def test_a_year_that_is_over_has_the_limit_of_its_end(self):
        self._bank("706100", 1000.01, "2025-05-01")
        gauge = self._gauge("lucrative", "2025")
        self.assertEqual((gauge.limit_amount, gauge.level, gauge.is_current), (1000.0, "over", False))
        self._bank("706100", 10, "2020-05-01")
        unknown = self._gauge("lucrative", "2020")
        self.assertEqual((unknown.limit_amount, unknown.share, unknown.level), (0.0, 0.0, "ok"))

    def test_grants_and_gifts_are_the_income_of_the_exercise(self):
        self._entry(("741200", 4000), ("730000", 1000), ("754110", 1000), ("754200", 1400), ("755100", 50))
        grants, gifts = self._gauge("public_money"), self._gauge("gifts")
        self.assertEqual((grants.amount, grants.limit_amount, grants.level), (5000.0, 5000.0, "warning"))
        self.assertEqual((gifts.amount, gifts.limit_amount, gifts.level), (2400.0, 3000.0, "warning"))

    def test_lucrative_receipts_follow_the_calendar_whatever_the_exercise(self):
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        self._bank("706100", 10, "2025-12-31")
        self._bank("706100", 200, "2026-01-01")
        self._entry(("741200", 3000), date="2025-09-01")
        self._entry(("741200", 500), date="2025-08-31")
        self.assertEqual([self._gauge("lucrative", year).amount for year in ("2025", "2026")], [10.0, 200.0])
        grants = self._gauge("public_money", "2025-2026")
        self.assertEqual((grants.amount, grants.is_current), (3000.0, True))
        self.assertEqual((grants.date_from, grants.date_to), (date(2025, 9, 1), date(2026, 8, 31)))

    def test_an_exercise_that_ends_in_february_begins_on_1_march(self):
        self.company.write({"fiscalyear_last_month": "2", "fiscalyear_last_day": 28})
        self._entry(("741200", 10), date="2024-02-29")
        self._entry(("741200", 200), date="2024-03-01")
        leap, after = (self._gauge("public_money", year) for year in ("2023-2024", "2024-2025"))
        self.assertEqual((leap.amount, leap.date_from, leap.date_to), (10.0, date(2023, 3, 1), date(2024, 2, 29)))
        self.assertEqual((after.amount, after.date_from, after.date_to), (200.0, date(2024, 3, 1), date(2025, 2, 28)))

    def test_the_limit_of_sales_to_members_is_a_share_of_all_receipts(self):
        self._bank("756200", 700)
        self._bank("741200", 300)
        self._bank("789400", 5000)  # brings nothing in
        gauge = self._gauge("member_sales")
        self.assertEqual((gauge.base_amount, gauge.limit_amount, gauge.amount), (1000.0, 100.0, 0.0))

    def test_each_gauge_opens_the_rows_that_make_it(self):
        for code, amount in (("706100", 100), ("707000", 200), ("741200", 3000), ("754200", 40), ("756200", 7)):
            self._bank(code, amount)
        for gauge in self.Gauge.search([("company_id", "=", self.company.id)]):
            action = gauge.action_open_rows()
            rows = self.env[action["res_model"]].search(action["domain"])
            self.assertAlmostEqual(sum(rows.mapped("amount")), gauge.amount, places=2, msg=gauge.code)
            self.assertTrue(gauge.meaning and gauge.advice and gauge.source and gauge.name)

    def test_a_branch_counts_with_its_company(self):
        branch = self.env["res.company"].create({"name": "Branch of the test", "parent_id": self.company.id})
        self.env.user.company_ids += branch
        journal = self.env["account.journal"].create(
            {"name": "Branch", "code": "BRB", "type": "bank", "company_id": branch.id}
        )
        accounts = self._accounts()
        self.env["account.move"].with_context(allowed_company_ids=[branch.id, self.company.id]).create(
            {
                "move_type": "entry",
                "date": "2026-03-01",
                "journal_id": journal.id,
                "line_ids": [
                    Command.create({"account_id": accounts["706100"].id, "balance": -30.0}),
                    Command.create({"account_id": accounts["471000"].id, "balance": 30.0}),
                ],
            }
        ).action_post()
        self.assertEqual(self._gauge("lucrative").amount, 30.0)

    # -- Warnings --------------------------------------------------------------------------------------------------

    def _warn(self):
        self.env.flush_all()
        self.env["fabloch.threshold.warning"]._cron_warn()
        return self.Warning.search([("company_id", "=", self.company.id)], order="id")

    def test_one_warning_at_each_level(self):
        self.assertFalse(self._warn())
        self._bank("706100", 1700)
        warning = self._warn()
        self.assertEqual((warning.code, warning.fiscal_year, warning.level), ("lucrative", "2026", "warning"))
        activity = warning.activity_ids
        self.assertEqual(activity.user_id, self.company.fabloch_invoicing_user_id)
        self.assertIn("close to the limit", activity.summary)
        self.assertIn("1,700.00", activity.summary.replace("\N{NO-BREAK SPACE}", " "))
        self._bank("706100", 100)
        self.assertEqual(self._warn(), warning)
        activity.action_done()
        self.assertEqual(self._warn(), warning)
        self._bank("706100", 1000)
        self.assertEqual(self._warn().mapped("level"), ["warning", "over"])
        self._bank("706100", -1000)
        self.assertEqual(len(self._warn()), 2)

    def test_passed_at_once_is_told_once(self):
        self._bank("706100", 5000)
        self._bank("741200", 5001)
        self.assertEqual(
            sorted(self._warn().mapped(lambda warning: (warning.code, warning.level))),
            [("lucrative", "over"), ("public_money", "over")],
        )
        self._bank("706100", -3300)
        self.assertEqual(len(self._warn()), 2)

    def test_each_company_has_its_own(self):
        other = self._company("Other association of the test")
        self._entry(("706100", 5000), company=other, date="2026-02-01")
        self._bank("706100", 1700)
        self.assertEqual(self._warn().company_id, self.company)
        self.assertEqual(self.Warning.search([("company_id", "=", other.id)]).level, "over")
        board = self._user("limit_board", "fabloch_finance.group_finance_board")
        for model in (self.Warning, self.Gauge):
            self.assertEqual(model.with_user(board).search([]).company_id, self.company)
            self.assertFalse(model.with_user(board).has_access("create"))

    def test_warnings_cost_the_same_for_one_and_for_many(self):
        companies = [self.company, *(self._company(f"Association {number}") for number in range(4))]
        counts = []
        for chosen in (companies[:1], companies[1:]):
            for company in chosen:
                self._entry(("706100", 5000), ("741200", 6000), company=company, date="2026-02-01")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Warning._cron_warn()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        # Who acts is asked once a company.
        self.assertLessEqual(counts[1], counts[0] + 6 * 3, counts)


PREPARE = """
company = env["res.company"].create({"name": "Racing association", "country_id": env.ref("base.fr").id})
env.user.company_ids += company
cr.commit()  # Odoo loads the country's usual chart then
env["account.chart.template"].try_loading("fr_association", company)
accounts = env["account.account"].with_company(company).search([("company_ids", "in", company.ids)])
by_code = {account.code: account.id for account in accounts}
move = env["account.move"].with_company(company).with_context(allowed_company_ids=company.ids).create(
    {
        "move_type": "entry",
        "line_ids": [
            (0, 0, {"account_id": by_code["741200"], "balance": -200000}),
            (0, 0, {"account_id": by_code["471000"], "balance": 200000}),
        ],
    }
)
move.action_post()
"""
WARN = """
print("ready", flush=True)
input()
at_last(lambda: env["fabloch.threshold.warning"]._cron_warn())
"""
COUNT = """
warnings = env["fabloch.threshold.warning"].search([("company_id.name", "=", "Racing association")])
print(warnings.mapped("level"), len(warnings.activity_ids))
"""


@tagged("post_install", "-at_install")
class TestThresholdRace(BaseCase):
    def test_two_workers_warn_once(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            race([spawn(WARN, name), spawn(WARN, name)])
            self.assertEqual(run_python(COUNT, name), "['over'] 1")
