"""What payers owe, by age, and what waits on their accounts."""

from datetime import timedelta

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .unpaid import TODAY, UnpaidCase


def age_of(days_late):
    """The age of an item, as the issue says it: not due, 1–30, 31–60, 61–90, more than 90 days."""
    if days_late <= 0:
        return "0"
    for last, key in ((30, "1_30"), (60, "31_60"), (90, "61_90")):
        if days_late <= last:
            return key
    return "91"


@tagged("post_install", "-at_install")
class TestUnpaidReport(UnpaidCase):
    def test_age_is_that_of_the_due_date_on_the_day_of_reading(self):
        invoice = self._move(self.anna, 100, days_late=0)

        @settings(max_examples=60, deadline=None)
        @given(st.integers(-400, 900))
        def check(days):
            with freeze_time(TODAY + timedelta(days=days)):
                self.env.invalidate_all()
                row = self._rows(invoice)
                self.assertEqual((row.age, row.days_late), (age_of(days), max(days, 0)))

        check()
        for days in (0, 1, 30, 31, 60, 61, 90, 91):
            with freeze_time(TODAY + timedelta(days=days)):
                self.env.invalidate_all()
                self.assertEqual(self._rows(invoice).age, age_of(days), days)

    def test_total_is_what_the_receivable_accounts_say(self):
        one = self._move(self.anna, 100.10, days_late=5)
        self._move(self.anna, 33.33, days_late=45)
        self._move(self.yann, 10.01, days_late=-5)
        self._move(self.yann, 4.44, kind="out_refund")
        paid = self._move(self.yann, 70, days_late=100)
        self._pay(paid)
        self._pay(one, amount=60.0)
        [[owed]] = self.env["account.move.line"]._read_group(
            [("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")], [], ["balance:sum"]
        )
        [[total]] = self.Unpaid._read_group([], [], ["amount:sum"])
        self.assertAlmostEqual(total, owed, 2)
        self.assertAlmostEqual(total, 100.10 - 60 + 33.33 + 10.01 - 4.44, 2)
        self.assertFalse(self._rows(paid))
        by_age = dict(self.Unpaid._read_group([], ["age"], ["amount:sum"]))
        self.assertEqual(
            {age: round(amount, 2) for age, amount in by_age.items()},
            {"1_30": 40.10, "31_60": 33.33, "0": 10.01, "credit": -4.44},
        )

    def test_each_instalment_has_its_own_age(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 40}),
                ],
            }
        )
        invoice = self._move(self.anna, 100, days_late=35, invoice_payment_term_id=term.id, invoice_date_due=False)
        self.assertEqual(self._rows(invoice).mapped(lambda row: (row.amount, row.age)), [(50, "31_60"), (50, "0")])

    def test_money_that_waits_is_shown_with_what_is_owed(self):
        invoice = self._move(self.anna, 100)
        self._move(self.anna, 30, kind="out_refund")
        payment = self.env["account.payment"].create(
            {"partner_id": self.anna.id, "amount": 20, "payment_type": "inbound", "partner_type": "customer"}
        )
        payment.action_post()
        rows = self._rows(self.anna)
        known = {row.kind: (row.amount, row.age) for row in rows}
        # Without an entry of its own a payment waits nowhere in the books.
        credit = 50 if payment.move_id else 30
        self.assertEqual(known["invoice"], (100, "1_30"))
        self.assertEqual(known["refund"], (-30, "credit"))
        self.assertEqual(self._rows(invoice).payer_credit, credit)
        self.assertEqual(self._rows(invoice).status, "credit")
        self.assertFalse(self._rows(self.yann))

    def test_payment_on_account_waits_with_its_payer(self):
        invoice = self._move(self.yann, 100)
        self._entry(("411100" if "411100" in self._accounts() else "411000", 40, self.yann))
        row = self._rows(self.yann).filtered(lambda row: row.kind == "payment")
        self.assertEqual((row.amount, row.age, row.status), (-40, "credit", False))
        self.assertEqual(self._rows(invoice).payer_credit, 40)

    def test_debt_without_invoice_is_listed_and_never_reminded(self):
        entry = self._entry(("411100" if "411100" in self._accounts() else "411000", -75, self.yann))
        row = self._rows(self.yann)
        self.assertEqual((row.kind, row.amount, row.status, row.payer_credit), ("entry", 75, False, 0))
        with freeze_time(TODAY + timedelta(days=40)):
            self.env.invalidate_all()
            self.assertEqual((self._rows(self.yann).age, self._rows(self.yann).status), ("31_60", False))
            self.assertNotIn("", self._told(entry).values())
            self.assertFalse(self._mails(self.yann))

    def test_grants_and_suppliers_are_no_unpaid_invoices(self):
        self._entry(("741400" if "741400" in self._accounts() else "741000", 500))
        self._move(self.anna, 80, kind="in_invoice")
        self.assertFalse(self.Unpaid.search([]))

    def test_board_reads_and_others_do_not(self):
        self._move(self.anna, 100)
        board = self._user("board", "fabloch_finance.group_finance_board")
        self.assertEqual(self.Unpaid.with_user(board).search([]).mapped("partner_id.name"), ["Anna"])
        employee = self._user("employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.Unpaid.with_user(employee).search([])

    def test_another_company_sees_nothing(self):
        self._move(self.anna, 100)
        other = self._company("Another one")
        board = self._user("elsewhere", "fabloch_finance.group_finance_user", company=other)
        self.assertFalse(self.Unpaid.with_user(board).with_context(allowed_company_ids=other.ids).search([]))

    def test_list_costs_the_same_for_five_and_for_fifty(self):
        counts = []
        for size in (1, 5, 45):
            for payer in self._payers(*(f"Payer {size} {number}" for number in range(size))):
                self._move(payer, 10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Unpaid.search([]).read(["partner_id", "move_id", "amount", "level", "status", "phone", "payer_credit"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)
