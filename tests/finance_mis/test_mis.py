from datetime import date

from hypothesis import given

from odoo.tests import HttpCase, tagged

from tests.finance.random_ledger import RandomLedgerCase, by_prefix, entries, moves_by_hand, properties

PARTS = ("own", "private", "public")


@tagged("post_install", "-at_install")
class TestMis(RandomLedgerCase):
    """The MIS Builder templates give the figures of the reports and of the ledger."""

    def setUp(self):
        super().setUp()
        self.follow_up = self.env.ref("fabloch_finance_mis.report_self_financing")
        self.statement = self.env.ref("fabloch_finance_mis.report_income_statement")

    def _evaluate(self, report, date_from="2024-01-01", date_to="2026-12-31", companies=None):
        self.env.flush_all()
        self.env.invalidate_all()
        aep = report._prepare_aep(companies or self.company + self.branch)
        found = report.evaluate(aep, date_from, date_to)
        names = set(report.kpi_ids.mapped("name"))
        return {
            name: round(float(value or 0.0), 2) if name != "rate" else value
            for name, value in found.items()
            if name in names
        }

    # -- properties ------------------------------------------------------------------------------------------------

    @properties
    @given(entries=entries, by_hand=moves_by_hand, by_prefix=by_prefix)
    def test_self_financing_is_ours(self, entries, by_hand, by_prefix):
        with self._random_ledger(entries, by_hand, by_prefix):
            self.env.ref("fabloch_finance.revenue_stream_technical").account_prefixes = "71, 72, 79"
            ours = self.Stream._self_financing("2024-01-01", "2026-12-31")
            mis = self._evaluate(self.follow_up)
            self.assertEqual(mis["self_financing"], round(ours["self_financing"], 2))
            self.assertEqual(mis["revenue"], round(ours["revenue"], 2))
            if ours["rate"]:
                self.assertAlmostEqual(mis["rate"], ours["rate"])
            by_code = {row["code"]: round(row["amount"], 2) for row in ours["streams"]}
            for name, amount in mis.items():
                if name.startswith("stream_"):
                    self.assertEqual(amount, by_code.pop(name.removeprefix("stream_"), 0.0), name)
            self.assertEqual(mis["without_stream"], by_code.pop(None, 0.0))
            self.assertEqual(mis["other_streams"], by_code.pop("of_the_test", 0.0))
            self.assertEqual(by_code, {})
            for kind in PARTS:
                expected = sum(row["amount"] for row in ours["streams"] if row["kind"] == kind)
                self.assertEqual(mis[kind], round(expected, 2), kind)

    @properties
    @given(entries=entries)
    def test_income_statement_has_every_account_once(self, entries):
        with self._random_ledger(entries):
            mis = self._evaluate(self.statement, "2025-01-01", "2025-12-31")
            self.env.cr.execute(
                """
                SELECT account.code_store->>%(root)s, item.credit - item.debit
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                 WHERE item.parent_state = 'posted'
                   AND item.company_id IN %(companies)s
                   AND item.date BETWEEN '2025-01-01' AND '2025-12-31'
                """,
                {"root": str(self.company.id), "companies": (self.company.id, self.branch.id)},
            )
            items = self.env.cr.fetchall()
            result = sum(amount for code, amount in items if code[0] in "67")
            self.assertEqual(mis["surplus"], round(float(result), 2))
            self.assertEqual(mis["outside"], 0.0)

    # -- the layout ------------------------------------------------------------------------------------------------

    def test_every_account_of_the_chart_is_in_one_line(self):
        """One euro more on each account than on the one before, so that none can be lost or counted twice."""
        accounts = self._accounts()
        codes = [code for code in sorted(accounts) if code[0] in "67"]
        lines = [(code, float(number)) for number, code in enumerate(codes, 1)]
        self._entry(*lines, date="2025-05-01")
        mis = self._evaluate(self.statement, "2025-01-01", "2025-12-31")
        self.assertEqual(mis["total_income"], sum(amount for code, amount in lines if code[0] == "7"))
        self.assertEqual(mis["total_expenses"], -sum(amount for code, amount in lines if code[0] == "6"))
        self.assertEqual(mis["outside"], 0.0)
        kpis = self.statement.get_kpis_by_account_id(self.company)
        for code in codes:
            names = {kpi.name for kpi in kpis[accounts[code].id]} - {"outside", "sponsorship"}
            self.assertEqual(len(names), 1, (code, names))

    def test_lines_have_the_association_s_groups(self):
        self._entry(
            ("756200", 10.0),
            ("707000", 20.0),
            ("706100", 30.0),
            ("706300", 40.0),
            ("741200", 50.0),
            ("754110", 60.0),
            ("754200", 70.0),
            ("755100", 80.0),
            ("789400", 90.0),
            ("641100", -5.0),
            ("645100", -6.0),
            ("689400", -7.0),
            ("657100", -8.0),
            ("613200", -9.0),
            date="2025-05-01",
        )
        mis = self._evaluate(self.statement, "2025-01-01", "2025-12-31")
        expected = {
            "membership_fees": 10.0,
            "sales_goods": 20.0,
            "sales_services": 70.0,
            "sponsorship": 40.0,
            "public_funding": 50.0,
            "manual_gifts": 60.0,
            "patronage": 70.0,
            "contributions": 80.0,
            "dedicated_funds_used": 90.0,
            "operating_income": 450.0,
            "wages": 5.0,
            "social_charges": 6.0,
            "dedicated_funds_carried": 7.0,
            "financial_aid": 8.0,
            "external_charges": 9.0,
            "operating_expenses": 35.0,
            "surplus": 415.0,
        }
        self.assertEqual({name: mis[name] for name in expected}, expected)

    # -- accounts moved, other companies, drafts -------------------------------------------------------------------

    def test_account_moved_by_hand_moves_in_mis(self):
        self._entry(("706100", 100.0), ("741200", 300.0), date="2025-05-01")
        self.assertEqual(self._evaluate(self.follow_up)["self_financing"], 100.0)
        self._accounts()["706100"].fabloch_revenue_stream_id = self.env.ref("fabloch_finance.revenue_stream_public")
        mis = self._evaluate(self.follow_up)
        self.assertEqual((mis["self_financing"], mis["stream_machine"], mis["stream_public"]), (0.0, 0.0, 400.0))
        self.env.ref("fabloch_finance.revenue_stream_public").self_financing = True
        self.assertEqual(self._evaluate(self.follow_up)["self_financing"], 400.0)

    def test_stream_set_by_hand_then_archived_still_counts(self):
        stream = self.Stream.create({"name": "Café", "code": "coffee", "kind": "own"})
        self._accounts()["706100"].fabloch_revenue_stream_id = stream
        stream.active = False
        self._entry(("706100", 100.0), date="2025-05-01")
        mis = self._evaluate(self.follow_up)
        self.assertEqual((mis["self_financing"], mis["other_streams"]), (100.0, 100.0))
        self.assertEqual(self.Stream._self_financing("2025-01-01", "2025-12-31")["self_financing"], 100.0)

    def test_drafts_and_other_companies_are_left_out(self):
        self._entry(("756200", 1.0), date="2025-05-01")
        self._entry(("756200", 10.0), date="2025-05-01", post=False)
        self._entry(("756200", 100.0), date="2025-05-01", company=self.other)
        self.assertEqual(self._evaluate(self.follow_up)["self_financing"], 1.0)
        self.assertEqual(self._evaluate(self.follow_up, companies=self.other)["self_financing"], 100.0)

    # -- the reports that are delivered ----------------------------------------------------------------------------

    def test_columns_are_fiscal_years(self):
        self._end_years_on("8", 31)
        instance = self.env.ref("fabloch_finance_mis.instance_self_financing")
        instance.date = date(2026, 3, 10)
        periods = instance.period_ids.filtered("type")
        self.assertEqual(
            [(period.date_from, period.date_to) for period in periods.sorted("sequence")],
            [(date(2025, 9, 1), date(2026, 8, 31)), (date(2024, 9, 1), date(2025, 8, 31))],
        )
        self.assertTrue(all(periods.mapped("valid")))

    def test_both_years_and_their_change_are_shown_to_those_who_read_the_items(self):
        self._entry(("706100", 150.0), ("741200", 50.0), date="2026-02-01")
        self._entry(("706100", 100.0), ("741200", 300.0), date="2025-05-01")
        self._entry(("706100", 999.0), date="2025-05-01", company=self.other)
        accountant = self._user("mis_accountant", "fabloch_finance.group_finance_manager")
        reader = self._user("mis_reader", "fabloch_finance.group_finance_board,account.group_account_readonly")
        instance = self.env.ref("fabloch_finance_mis.instance_self_financing")
        instance.date = date(2026, 3, 10)
        for user in (accountant, reader):
            matrix = instance.with_user(user).compute()
            rows = {row["label"]: [cell.get("val") for cell in row["cells"]] for row in matrix["body"]}
            self.assertEqual(rows["Self-financing"][:2], [150.0, 100.0])
            self.assertEqual(rows["All revenue"][:2], [200.0, 400.0])
            self.assertEqual(rows["Self-financing rate"][:2], [0.75, 0.25])
            self.assertAlmostEqual(rows["Self-financing"][2], 0.5)
            self.assertAlmostEqual(rows["Self-financing rate"][2], 0.5)

    def test_branches_count_with_their_company(self):
        values = {"kind": "entry", "date": "2026-02-01", "currency": "EUR", "lines": [("756200", 700)]}
        self._make(values | {"company": 0})
        self._make(values | {"company": 2})
        instance = self.env.ref("fabloch_finance_mis.instance_self_financing")
        instance.date = date(2026, 3, 10)
        accountant = self._user("mis_branches", "fabloch_finance.group_finance_manager")
        accountant.company_ids = self.company + self.branch
        for companies, expected in ((self.company, 7.0), (self.company + self.branch, 14.0)):
            matrix = instance.with_user(accountant).with_context(allowed_company_ids=companies.ids).compute()
            rows = {row["label"]: [cell.get("val") for cell in row["cells"]] for row in matrix["body"]}
            self.assertEqual(rows["Self-financing"][0], expected)

    def test_menus_are_for_those_who_read_the_items(self):
        menus = self.env.ref("fabloch_finance_mis.self_financing_menu") | self.env.ref(
            "fabloch_finance_mis.income_statement_menu"
        )
        for groups, seen in (
            ("fabloch_finance.group_finance_board", False),
            ("fabloch_finance.group_finance_manager", True),
            ("fabloch_finance.group_finance_board,account.group_account_readonly", True),
        ):
            user = self._user(f"mis_menu_{len(groups)}", groups)
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(set(menus.ids) <= set(visible), seen, groups)

    def test_cost_does_not_grow_with_the_items(self):
        def read():
            self.env.invalidate_all()
            self.follow_up.evaluate(self.follow_up._prepare_aep(self.company), "2024-01-01", "2026-12-31")

        self._entry(("756200", 1.0))
        read()
        before = self.env.cr.sql_log_count
        read()
        few = self.env.cr.sql_log_count - before
        for month in range(1, 13):
            self._entry(("706100", 1.0), ("756200", 1.0), ("741200", 1.0), date=f"2025-{month:02}-05")
        self.env.flush_all()
        read()
        before = self.env.cr.sql_log_count
        read()
        self.assertEqual(self.env.cr.sql_log_count - before, few)


@tagged("post_install", "-at_install")
class TestMisScreen(RandomLedgerCase, HttpCase):
    def test_both_menus_open_on_figures(self):
        """The widget has no id of its own: without one in the context it broke on opening."""
        self._user("mis_reader", "fabloch_finance.group_finance_manager")
        for name in ("self_financing", "income_statement"):
            self.browser_js(
                f"/odoo/action-fabloch_finance_mis.{name}_action",
                "console.log('test successful')",
                ready="Boolean(document.querySelector('.oe_mis_builder_content td'))",
                login="mis_reader",
            )
