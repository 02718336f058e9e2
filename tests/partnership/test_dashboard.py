"""Gifts and conventions on the dashboard: every figure against plain SQL; today's conventions whatever the year."""

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from tests.dashboard import DashboardMixin

from .receipt_case import ReceiptCase


@tagged("post_install", "-at_install")
class TestDashboard(DashboardMixin, ReceiptCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10"))
        cls.Receipt._issue(cls._gift(cls.patron, 1500.0, "2025-06-03"), render=False)
        cls._gift(cls.donor, 80.0, "2025-06-04")
        cls.Receipt._issue(cls._gift(cls.patron, 2000.5, "2026-02-03"), render=False)
        cls.Receipt._issue(cls._gift(cls.donor, 60.0, "2026-02-03"), render=False)
        returned = cls._gift(cls.patron, 500.0, "2026-02-10").sudo()
        returned.amount_refunded = 120.0
        cls.env.flush_all()
        returned.write({"state": "received", "date_received": "2026-02-10"})
        cls._gift(cls.donor, 45.0, "2026-12-10").sudo().write({"state": "pledged", "date_received": False})
        cls._gift(cls.patron, 999.0, "2026-02-10").sudo().write({"state": "cancelled"})
        for vals, state in (
            ({"date_start": "2025-01-01", "date_end": "2026-12-31"}, "signed"),
            ({"date_start": "2025-01-01", "date_end": "2026-04-15"}, "signed"),
            ({"date_start": "2025-01-01", "date_end": "2026-03-31", "partner_id": cls.patron.id}, "signed"),
            ({"date_start": "2024-01-01", "date_end": "2025-12-31"}, "signed"),
            ({"date_start": "2026-04-01", "date_end": "2026-12-31"}, "in_signature"),
        ):
            convention = cls._convention(**{"tacit_renewal": False, **vals})
            convention.sudo().write({"state": state, "signed_on": convention.date_start})
        cls.board = new_test_user(
            cls.env, "dashboard_board", "fabloch_finance.group_finance_board", company_id=cls.company.id
        )

    def _gifts(self, year, kinds=("company", "individual")):
        """Yet to come, received, on a live receipt: from the gifts and the receipts themselves."""
        [[promised, received]] = self._sql(
            """
            SELECT COALESCE(SUM(amount) FILTER (WHERE state = 'pledged'), 0),
                   COALESCE(SUM(amount - COALESCE(amount_refunded, 0)) FILTER (WHERE state = 'received'), 0)
              FROM fabloch_donation
             WHERE company_id = %s AND donor_kind = ANY(%s) AND EXTRACT(YEAR FROM COALESCE(date_received, date)) = %s
            """,
            self.company.id,
            list(kinds),
            year,
        )
        [[receipted]] = self._sql(
            """
            SELECT COALESCE(SUM(line.amount), 0) FROM fabloch_tax_receipt_line line
              JOIN fabloch_tax_receipt receipt ON receipt.id = line.receipt_id AND receipt.state = 'live'
             WHERE receipt.company_id = %s AND receipt.kind = ANY(%s) AND EXTRACT(YEAR FROM line.date) = %s
            """,
            self.company.id,
            list(kinds),
            year,
        )
        return float(promised), float(received), float(receipted)

    def _conventions(self, condition):
        [[number]] = self._sql(
            f"SELECT COUNT(*) FROM fabloch_convention WHERE company_id = %s AND {condition}", self.company.id
        )
        return number

    def test_every_figure_is_that_of_the_gifts_and_conventions(self):
        self._open(self.board, "2026", "2025")
        self._check_definitions()
        gifts = {
            "Patronage of companies": self._gifts(2026, ["company"]),
            "Gifts of individuals": self._gifts(2026, ["individual"]),
            "Gifts, together": self._gifts(2026),
            "Companies, the year before": self._gifts(2025, ["company"]),
            "Individuals, the year before": self._gifts(2025, ["individual"]),
            "Together, the year before": self._gifts(2025),
        }
        self.assertEqual(gifts["Gifts, together"], (45.0, 2440.5, 2060.5), "the test's own figures")
        self.assertEqual(gifts["Together, the year before"], (0.0, 1580.0, 1500.0))
        running = self._conventions("state = 'signed' AND '2026-03-10' BETWEEN date_start AND last_day")
        # Without a notice, two months ahead.
        to_renew = self._conventions(
            "state = 'signed' AND date_start <= '2026-03-10' AND last_day BETWEEN '2026-03-10' AND '2026-05-10'"
        )
        signing = self._conventions("state = 'in_signature'")
        self.assertEqual((running, to_renew, signing), (3, 2, 1), "the test's own figures")
        cards = {
            "Gifts received": (gifts["Gifts, together"][1], gifts["Gifts, together"][0]),
            "Conventions running today": (running, to_renew),
        }
        expected = self._check(cards, {"Patronage and gifts": gifts})
        (_label, [signing_cell]), (_label, [running_cell]), (_label, [to_renew_cell]), *ending = self._tables()[
            "Conventions today"
        ]
        for cell, figure in ((signing_cell, signing), (running_cell, running), (to_renew_cell, to_renew)):
            self.assertEqual(self._figure(f"dashboard!{cell}"), figure)
            expected[f"dashboard!{cell}"] = figure
        # The first that ends stands first; dates are days since 1899-12-30.
        for (_label, [cell]), name, day in zip(
            ending, ("Chantier naval", "Ville d'Auray"), (46112, 46127), strict=False
        ):
            partner = chr(ord(cell[0]) - 2) + cell[1:]
            expected |= {f"dashboard!{cell}": day, f"dashboard!{partner}": name}
        self._check_in_browser("dashboard_board", (None, expected))

    def test_report_is_the_board_s_and_the_company_s(self):
        Report = self.env["fabloch.donation.report"]
        self.assertTrue(Report.with_user(self.board).search([]))
        with self.assertRaises(AccessError):
            Report.with_user(new_test_user(self.env, "dashboard_employee", "base.group_user")).search([])
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        there = self.env["fabloch.donation"].create(
            {"partner_id": self.donor.id, "amount": 7.0, "company_id": other.id}
        )
        there.sudo().write({"state": "received", "date_received": "2026-02-02"})
        self.assertIn(7.0, Report.sudo().search([]).mapped("received"))
        self.assertNotIn(7.0, Report.with_user(self.board).search([]).mapped("received"))
