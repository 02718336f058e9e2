"""Sales to members: a natural person whose membership runs, confirmed and settled, on the day of the sale."""

from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import MembershipCase


@tagged("post_install", "-at_install")
class TestMemberSales(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.membership_active_unpaid = True
        cls.goods = cls.account.copy({"code": "707990"})
        stream = cls.env["fabloch.revenue.stream"].create(
            {"name": "Goods", "code": "goods", "account_prefixes": "70799", "sale_of_goods": True, "lucrative": True}
        )
        cls.bank = cls.env["account.journal"].create({"name": "Till", "code": "TILL", "type": "cash"})
        cls.domain = [("stream_id", "=", stream.id)]

    def _sell(self, partner, amount, day="2026-03-10"):
        """A cash sale on that day, without an invoice."""
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.bank.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": self.goods.id, "partner_id": partner.id, "balance": -amount}),
                    Command.create({"account_id": self.bank.default_account_id.id, "balance": amount}),
                ],
            }
        ).action_post()

    def _from_members(self):
        self.env.flush_all()
        rows = self.env["fabloch.collected.report"].search(self.domain)
        return sorted(rows.filtered("from_member").mapped("amount"))

    def test_only_sales_within_the_membership_are_to_a_member(self):
        self._membership(start=date(2026, 2, 1), confirm=True)
        for amount, day in ((1, "2026-01-31"), (2, "2026-02-01"), (4, "2026-03-10")):
            self._sell(self.anna, amount, day)
        self._sell(self.yann, 8)
        self.assertEqual(self._from_members(), [2.0, 4.0])

    def test_a_cancelled_or_draft_membership_makes_no_member(self):
        self._membership(start=date(2026, 1, 1))
        self._sell(self.anna, 1)
        cancelled = self._membership(self.yann, start=date(2026, 1, 1), confirm=True)
        cancelled.sudo().write({"cancel_date": "2026-03-01", "cancel_reason": "Left"})
        self._sell(self.yann, 2, "2026-02-28")
        self._sell(self.yann, 4, "2026-03-01")
        self.assertEqual(self._from_members(), [2.0])

    def test_a_body_is_no_member_but_the_person_that_it_covers_is(self):
        body = self._partners("Chantier", is_company=True)
        self.rolling.seats = 2
        self._membership(body, start=date(2026, 1, 1), confirm=True, beneficiary_ids=[Command.set(self.yann.ids)])
        self._sell(body, 1)
        self._sell(self.yann, 2)
        self.assertEqual(self._from_members(), [2.0])

    def test_the_gauge_compares_them_with_ten_percent_of_the_receipts(self):
        self._membership(start=date(2026, 1, 1), confirm=True)

        def gauge(code):
            self.env.flush_all()
            report = self.env["fabloch.threshold.report"]
            report.invalidate_model()
            return report.search(
                [("company_id", "=", self.company.id), ("code", "=", code), ("fiscal_year", "=", "2026")]
            )

        before = gauge("member_sales")
        amounts = before.amount, before.base_amount, gauge("lucrative").member_amount
        self._sell(self.anna, 30)
        self._sell(self.yann, 70)
        after = gauge("member_sales")
        self.assertAlmostEqual(after.amount - amounts[0], 30.0, places=2)
        self.assertAlmostEqual(after.base_amount - amounts[1], 100.0, places=2)
        self.assertAlmostEqual(after.limit_amount, round(after.base_amount * 0.1, 2), places=2)
        self.assertAlmostEqual(gauge("lucrative").member_amount - amounts[2], 30.0, places=2)
        action = after.action_open_rows()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertAlmostEqual(sum(rows.mapped("amount")), after.amount, places=2)
