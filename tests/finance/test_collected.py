"""Receipts collected: what was paid, when it was paid, without tax, to the cent."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from .ledger import LedgerCase

DAY = date(2026, 3, 10)
CENT = Decimal("0.01")

invoices = st.fixed_dictionaries(
    {
        "lines": st.lists(st.tuples(st.integers(1, 99_999), st.booleans()), min_size=1, max_size=5),
        # Cuts of the total, in ten-thousandths, and whether each part is paid or credited.
        "cuts": st.lists(st.integers(1, 9_999), max_size=5, unique=True),
        "credited": st.sampled_from([None, None, 0, 1]),
        "refund": st.booleans(),
    }
)


@tagged("post_install", "-at_install")
class TestCollected(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Collected = cls.env["fabloch.collected.report"]
        cls.partner = cls.env["res.partner"].create({"name": "Anna"})
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.misc = cls.env["account.chart.template"].with_company(cls.company).ref("general")
        cls.tax = cls.env["account.tax"].search(
            [("company_id", "=", cls.company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 20)], limit=1
        )

    def _invoice(self, *lines, move_type="out_invoice", day=DAY):
        """A posted invoice of lines (account code, amount, taxed or not)."""
        accounts = self._accounts()
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.partner.id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": f"Line on {code}",
                            "account_id": accounts[code].id,
                            "price_unit": amount,
                            "tax_ids": [Command.set(self.tax.ids if taxed else [])],
                        }
                    )
                    for code, amount, taxed in lines
                ],
            }
        )
        move.action_post()
        return move

    def _settle(self, invoice, amount, day, journal=None, account="512001"):
        """An entry that settles `amount` of an invoice, in the bank journal by default; a credit note is paid back."""
        journal = journal or self.bank
        trade = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        sign = 1 if invoice.move_type == "out_invoice" else -1
        other = journal.default_account_id or self._accounts()[account]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": other.id, "balance": sign * amount}),
                    Command.create(
                        {"account_id": trade.account_id.id, "partner_id": self.partner.id, "balance": -sign * amount}
                    ),
                ],
            }
        )
        move.action_post()
        (move.line_ids.filtered(lambda line: line.account_id == trade.account_id) | trade).reconcile()
        return move

    def _rows(self, **period):
        self.env.flush_all()
        return self.Collected.search([("company_id", "=", self.company.id)], order="date, id")

    # -- Cases -------------------------------------------------------------------------------------------------

    def test_an_unpaid_invoice_is_not_collected(self):
        self._invoice(("706100", 100.0, False))
        self.assertFalse(self._rows())

    def test_the_paid_share_counts_on_its_day_without_tax(self):
        invoice = self._invoice(("706100", 100.0, True), ("707000", 80.0, False))
        self.assertEqual(invoice.amount_total, 200.0)
        self._settle(invoice, 50.0, date(2026, 12, 31))
        self._settle(invoice, 150.0, date(2027, 1, 2))
        rows = [(str(row.date), row.account_id.code, row.amount, row.calendar_year) for row in self._rows()]
        self.assertCountEqual(
            rows,
            [
                ("2026-12-31", "706100", 25.0, "2026"),
                ("2026-12-31", "707000", 20.0, "2026"),
                ("2027-01-02", "706100", 75.0, "2027"),
                ("2027-01-02", "707000", 60.0, "2027"),
            ],
        )
        self.assertEqual(set(self._rows().mapped("sale_date")), {DAY})

    def test_a_payment_made_before_the_invoice_counts_on_the_day_of_the_payment(self):
        self._settle(self._invoice(("706100", 100.0, False)), 100.0, date(2026, 1, 5))
        self.assertEqual([(row.date, row.amount) for row in self._rows()], [(date(2026, 1, 5), 100.0)])

    def test_what_a_credit_note_settles_was_never_collected(self):
        invoice = self._invoice(("706100", 100.0, False))
        self._settle(invoice, 60.0, DAY)
        credit = self._invoice(("706100", 40.0, False), move_type="out_refund")
        (credit | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(self._rows().mapped("amount"), [60.0])

    def test_a_credit_note_paid_back_counts_below_zero(self):
        credit = self._invoice(("706100", 40.0, True), move_type="out_refund")
        self.assertFalse(self._rows())
        self._settle(credit, 48.0, date(2026, 5, 2))
        self.assertEqual([(row.date, row.amount) for row in self._rows()], [(date(2026, 5, 2), -40.0)])

    def test_a_debt_given_up_was_never_collected(self):
        invoice = self._invoice(("706100", 100.0, False))
        self._settle(invoice, 100.0, DAY, journal=self.misc, account="607000")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(self._rows())

    def test_a_bank_entry_counts_whole_on_its_day(self):
        self._entry(("707000", 30.0), journal_id=self.bank.id, date="2026-04-01")
        self.assertEqual([(row.date, row.amount) for row in self._rows()], [(date(2026, 4, 1), 30.0)])

    def test_a_grant_notified_counts_on_its_day(self):
        self._entry(("741200", 500.0), date="2026-04-01")
        self.assertEqual(self._rows().mapped("amount"), [500.0])

    def test_a_draft_or_cancelled_entry_counts_for_nothing(self):
        self._entry(("707000", 30.0), journal_id=self.bank.id, post=False)
        self.assertFalse(self._rows())

    # -- Property ----------------------------------------------------------------------------------------------

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )
    @given(invoices)
    def test_payments_sum_to_the_untaxed_total(self, values):
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            move_type = "out_refund" if values["refund"] else "out_invoice"
            lines = [("706100", cents / 100, taxed) for cents, taxed in values["lines"]]
            invoice = self._invoice(*lines, move_type=move_type)
            total = round(invoice.amount_total * 100)
            bounds = sorted({total * cut // 10_000 for cut in values["cuts"]} | {0, total})
            parts = [after - before for before, after in zip(bounds, bounds[1:], strict=False)]
            credited = values["credited"] if values["credited"] is not None and len(parts) > 1 else None
            expected, done = {}, 0
            sign = -1 if values["refund"] else 1
            for index, part in enumerate(parts):
                day = DAY + timedelta(days=index)
                is_money = index != credited
                self._settle(invoice, part / 100, day, journal=None if is_money else self.misc, account="607000")
                if is_money:
                    expected[day] = sum(
                        self._part(cents, done + part, total) - self._part(cents, done, total)
                        for cents, _taxed in values["lines"]
                    )
                done += part
            self.assertEqual(invoice.amount_residual, 0.0)
            found = {
                day: Decimal(str(round(amount, 2)))
                for day, amount in self.Collected._read_group(
                    [("company_id", "=", self.company.id)], ["date:day"], ["amount:sum"]
                )
            }
            self.assertEqual(found, {day: sign * amount for day, amount in expected.items()})
            if credited is None:
                self.assertEqual(sum(found.values()), sign * Decimal(str(invoice.amount_untaxed)).quantize(CENT))
        finally:
            self.env.flush_all()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _part(self, cents, done, total):
        """What `done` of `total` cents settles of a line of `cents`, rounded half up."""
        return (Decimal(cents) * done / total / 100).quantize(CENT, ROUND_HALF_UP)

    # -- Access --------------------------------------------------------------------------------------------------

    def test_the_board_reads_its_company_only(self):
        self._entry(("707000", 30.0), journal_id=self.bank.id)
        other = self._company("Other association of the test")
        self._entry(("707000", 7.0), company=other)
        board = self._user("collected_board", "fabloch_finance.group_finance_board")
        self.assertEqual(self.Collected.with_user(board).search([]).mapped("amount"), [30.0])
        nobody = self._user("collected_nobody", "base.group_user")
        self.assertFalse(self.Collected.with_user(nobody).has_access("read"))
