"""The self-financing dashboard: every figure of the ledger against plain SQL, and who sees what."""

import json
from datetime import date
from unittest.mock import patch

from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.fabloch_finance.dashboard import Card, Chart, Pivot, Table, compared, now
from odoo.addons.fabloch_finance.models.spreadsheet_dashboard_revenue import SpreadsheetDashboard
from odoo.addons.spreadsheet_dashboard.models.spreadsheet_dashboard import SpreadsheetDashboard as OdooDashboard

from tests.dashboard import DashboardMixin

from .ledger import LedgerCase

YEARS = {
    "2026": {
        "756200": 9000.25,
        "706100": 4000.5,
        "708300": 700.0,
        "754200": 2000.0,
        "741200": 15000.0,
        "764000": 120.4,
    },
    "2025": {"756200": 8000.1, "706100": 2000.0, "708300": 900.0, "754200": 1000.0, "741200": 21000.0},
    "2024": {"756200": 7000.0, "741200": 25000.0},
}
# The streams by the beginning of their accounts, as the French chart has them.
PREFIXES = {
    "Memberships": "756%",
    "Machine use": "7061%",
    "Workshop rental": "7083%",
    "Gifts and patronage": "754%",
    "Public funding": "74%",
    "Other income": "76%",
}
SELF_FINANCING = ("756%", "7061%", "7083%", "754%")


@tagged("post_install", "-at_install")
class TestDashboard(DashboardMixin, LedgerCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-11-20"))
        cls.payers = cls.env["res.partner"].create([{"name": f"Payer {number:02}"} for number in range(12)])
        for year, amounts in YEARS.items():
            for number, (code, amount) in enumerate(amounts.items()):
                cls._entry((code, amount), date=f"{year}-{2 + number:02}-11")
        for number, payer in enumerate(cls.payers):
            cls._entry(("706100", 100.0 + 7 * number, payer), date="2026-10-05")
        cls._entry(("706100", 99999.0), date="2026-10-06", post=False)
        cls.board = cls._user("dashboard_board", "fabloch_finance.group_finance_board")

    def _amount(self, year, *prefixes):
        [[amount]] = self._sql(
            """
            SELECT COALESCE(SUM(line.credit - line.debit), 0)
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN account_account account ON account.id = line.account_id
             WHERE move.state = 'posted' AND line.company_id = %s AND EXTRACT(YEAR FROM move.date) = %s
               AND account.code_store->>%s LIKE ANY(%s)
            """,
            self.company.id,
            int(year),
            str(self.company.id),
            list(prefixes),
        )
        return float(amount)

    def _expected(self, year="2026", year_before="2025"):
        def figures(*prefixes):
            this_year, that_year = self._amount(year, *prefixes), self._amount(year_before, *prefixes)
            return this_year, that_year, this_year / that_year - 1 if that_year else ""

        rate, rate_before = (
            self._amount(name, *SELF_FINANCING) / self._amount(name, "7%") for name in (year, year_before)
        )
        payers = self._sql(
            """
            SELECT SUM(line.credit - line.debit) AS amount
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN account_account account ON account.id = line.account_id
             WHERE move.state = 'posted' AND line.company_id = %s AND EXTRACT(YEAR FROM move.date) = %s
               AND account.code_store->>%s LIKE '70%%' AND line.partner_id IS NOT NULL
          GROUP BY line.partner_id ORDER BY amount DESC LIMIT 10
            """,
            self.company.id,
            int(year),
            str(self.company.id),
        )
        own = self._amount(year, "756%", "70%")
        cards = {
            "Self-financing rate": (rate, rate_before),
            "Self-financing": (self._amount(year, *SELF_FINANCING), self._amount(year, "7%")),
        }
        tables = {
            "Revenue by stream": {
                **{label: figures(prefix) for label, prefix in PREFIXES.items()},
                "Revenue, together": figures("7%"),
                "of which self-financing": figures(*SELF_FINANCING),
                "Self-financing rate": (rate, rate_before, (rate - rate_before) * 100),
            }
        }
        return cards, tables, [(float(amount), float(amount) / own * 100) for [amount] in payers]

    def test_every_figure_is_that_of_the_ledger(self):
        """As it opens; of the year before; of both together, when there is no year before."""
        self._open(self.board, "2026", "2025")
        self._check_definitions()
        cards, tables, payers = self._expected()
        self.assertAlmostEqual(cards["Self-financing rate"][0], 0.5345, 4, "the test's own figures")
        opened = self._check(cards, tables)
        places = self._tables()["Ten best payers"]
        self.assertEqual(len(places), 10)
        for (_label, addresses), figures in zip(places, payers, strict=True):
            opened |= {f"dashboard!{xc}": figure for xc, figure in zip(addresses, figures, strict=True)}
        first = places[0][1][0]
        opened[f"dashboard!{chr(ord(first[0]) - 1)}{first[1:]}"] = "Payer 11"

        self._open(self.board, "2025", "2024")
        cards, tables, payers = self._expected("2025", "2024")
        self.assertFalse(payers)
        before = self._check(cards, tables) | {f"dashboard!{first}": ""}

        (_label, (this_year, that_year, change)) = self._tables()["Revenue by stream"][0]
        both = {
            f"dashboard!{this_year}": self._amount("2026", "756%") + self._amount("2025", "756%"),
            f"dashboard!{that_year}": "",
            f"dashboard!{change}": "",
        }
        self._check_in_browser("dashboard_board", (None, opened), (["2025"], before), (["2026", "2025"], both))

    def test_charts_are_those_of_the_ledger(self):
        self._open(self.board, "2026", "2025")
        months = self._sql(
            """
            SELECT date_trunc('month', line.date)::date, LEFT(account.code_store->>%s, 4), SUM(-line.balance)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.parent_state = 'posted' AND line.company_id = %s AND EXTRACT(YEAR FROM line.date) = 2026
               AND account.code_store->>%s LIKE '7%%'
          GROUP BY 1, 2
            """,
            str(self.company.id),
            self.company.id,
            str(self.company.id),
        )
        streams = {prefix.rstrip("%"): label for label, prefix in PREFIXES.items()}
        expected = {}
        for month, code, amount in months:
            [label] = [label for prefix, label in streams.items() if code.startswith(prefix)]
            expected[(month, label)] = float(amount)
        self.assertEqual(self._chart_points("Revenue by stream, month by month"), expected)
        kinds = {"own": ("756%", "70%"), "private": ("754%",), "public": ("74%",), "other": ("76%",)}
        expected = {
            (year, kind): amount
            for year in YEARS
            for kind, prefixes in kinds.items()
            if (amount := self._amount(year, *prefixes))
        }
        self.assertEqual(self._chart_points("Own revenue and subsidies, the last fiscal years"), expected)

    def test_years_to_choose_from(self):
        snapshot = self._open(self.board, "2026", "2025")
        [choice] = snapshot["globalFilters"]
        self.assertEqual(choice["defaultValue"], {"operator": "in", "strings": ["2026"]})
        self.assertEqual([self.data[f"D{row}"] for row in (1, 2, 3)], ['="2026"', '="2025"', '="2024"'])
        self.assertEqual(choice["rangesOfAllowedValues"], ["Data!D1:D3"])
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        self._open(self.board, "2026", "2025")
        self.assertEqual((self.data["D1"], self.data["E1"]), ('="2026-2027"', '="2025-2026"'))
        self.assertEqual(self.snapshot["globalFilters"][0]["defaultValue"]["strings"], ["2026-2027"])

    def test_colours_follow_the_kind_and_not_the_place(self):
        self._open(self.board, "2026", "2025")
        colours = self._charts()["Own revenue and subsidies, the last fiscal years"]["metaData"]["colours"]
        self.assertEqual(len(set(colours.values())), 4)
        of_streams = self._charts()["Revenue by stream, month by month"]["metaData"]["colours"]
        self.assertEqual(set(of_streams), set(PREFIXES))
        self.assertEqual(of_streams["Memberships"], colours["Own revenue"])
        self.assertEqual(of_streams["Public funding"], colours["Public funding"])

    def test_what_the_reader_may_not_read_is_left_out(self):
        pieces = SpreadsheetDashboard._fabloch_pieces
        secret = [
            Pivot("secret", "ir.config_parameter", ("__count",), by_year=False),
            Card(5, "Secret card", now("secret", "__count"), "count", "", "", "fabloch_finance.revenue_report_menu"),
            Table(
                5,
                "Secret table",
                ("", "", ""),
                [compared("Secret", "secret", "__count", format="count")],
                "base.menu_tests",
            ),
            Chart(5, "Secret chart", "ir.config_parameter", "__count", ("key",), "base.menu_tests"),
        ]
        with patch.object(SpreadsheetDashboard, "_fabloch_pieces", lambda dashboard: [*pieces(dashboard), *secret]):
            shown = json.dumps(self._open(self.board, "2026", "2025"))
        self.assertNotIn("ecret", shown)
        self.assertNotIn("ir.config_parameter", shown)
        self.assertIn("Revenue by stream", shown)

    def test_only_the_board_opens_it(self):
        employee = self._user("dashboard_employee", "base.group_user")
        dashboard = self.env.ref("fabloch_finance.dashboard_self_financing")
        self.assertFalse(dashboard.with_user(employee).has_access("read"))
        self.assertTrue(dashboard.with_user(self.board).has_access("read"))
        menu = self.env.ref("fabloch_finance.dashboard_self_financing_menu")
        self.assertEqual(menu.action.params, {"dashboard_id": dashboard.id})
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.board).load_menus(False))
        self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(employee).load_menus(False))

    def test_other_dashboards_are_served_as_they_are(self):
        other = self.env["spreadsheet.dashboard"].create(
            {
                "name": "Other",
                "dashboard_group_id": self.env.ref("fabloch_finance.spreadsheet_dashboard_group_fablab").id,
            }
        )
        self.assertEqual(
            other._get_serialized_readonly_dashboard(), OdooDashboard._get_serialized_readonly_dashboard(other)
        )

    def test_cost_does_not_grow_with_the_ledger(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._open(self.board, "2026", "2025")
            return self.cr.sql_log_count - before

        count()
        cost = count()
        for month in range(1, 13):
            self._entry(*((code, 1.0) for code in YEARS["2026"]), date=f"{date(2025, month, 3)}")
        self.env.flush_all()
        self.assertLessEqual(count(), cost)
