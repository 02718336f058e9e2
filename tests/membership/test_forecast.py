"""Renewals due: what the members of today would bring again, told apart from what is signed."""

from datetime import date

from odoo.tests import freeze_time, tagged

from .common import MembershipCase


@tagged("post_install", "-at_install")
class TestRenewalForecast(MembershipCase):
    def _due(self, partner=None):
        rows = self.env["fabloch.forecast.report"].search(
            [
                ("company_id", "=", self.company.id),
                ("source", "=", "renewal"),
                ("partner_id", "=", (partner or self.anna).id),
            ]
        )
        rows.invalidate_recordset()
        return [(row.date, row.amount, row.fiscal_year) for row in rows]

    def test_a_renewal_falls_on_the_day_after_the_end_at_the_plan_s_price(self):
        membership = self._running(start=date(2025, 6, 1), price=12.0)
        self.assertEqual(self._due(), [(date(2026, 6, 1), 30.0, "2026")])
        row = self.env["fabloch.forecast.report"].search([("source", "=", "renewal"), ("res_id", "=", membership.id)])
        self.assertEqual((row.firm, row.account_id, row.label), (False, self.account, "Rolling"))
        self.assertEqual(row.action_open()["res_model"], "fabloch.membership")

    def test_a_year_of_the_calendar_renews_in_the_next_fiscal_year(self):
        self._running(plan=self.fixed)
        self.assertEqual(self._due(), [(date(2027, 1, 1), 120.0, "2027")])

    def test_once_renewed_it_is_a_charge_and_no_renewal_due(self):
        membership = self._running(start=date(2025, 6, 1))
        draft = membership._renew(confirm=False)
        self.assertEqual(len(self._due()), 1, "a draft is charged when it is confirmed")
        draft._confirm(invoice=False)
        rows = self.env["fabloch.forecast.report"].search(
            [("company_id", "=", self.company.id), ("partner_id", "=", self.anna.id)]
        )
        self.assertEqual([(row.source, row.amount) for row in rows], [("charge", 30.0)])

    def test_neither_unpaid_nor_cancelled_nor_long_over(self):
        self._membership(start=date(2025, 6, 1), confirm=True)
        self.assertFalse(self._due())
        cancelled = self._running(self.yann, start=date(2025, 6, 1))
        cancelled.action_cancel("Left", date(2026, 4, 1))
        self.assertFalse(self._due(self.yann))
        [rozenn] = self._partners("Rozenn")
        self._running(rozenn, start=date(2025, 2, 1))
        self.assertFalse(self._due(rozenn))

    def test_within_the_grace_it_falls_today(self):
        self.rolling.grace_days = 60
        self._running(start=date(2025, 3, 1))
        self.assertEqual(self._due(), [(date(2026, 3, 10), 30.0, "2026")])
        with freeze_time("2026-05-01"):
            self.assertFalse(self._due(), "the grace is over")

    def test_nobody_renews_into_an_archived_plan(self):
        self._running(start=date(2025, 6, 1))
        self.rolling.active = False
        self.assertFalse(self._due())
