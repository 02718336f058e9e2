"""Random journal entries of several companies, for the properties of what is read from the ledger."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tools import SQL

from .ledger import LedgerCase

REVENUE_CODES = [
    "706000",
    "706100",
    "706300",
    "708300",
    "707000",
    "709600",
    "741200",
    "754200",
    "755100",
    "756200",
    "764000",
    "789400",
]
CODES = [*REVENUE_CODES, "607000", "689400", "411100", "875000"]
CENT = Decimal("0.01")
entry_numbers = count()

entries = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["entry", "entry", "invoice", "credit_note", "reversed", "draft", "cancelled"]),
            "lines": st.lists(
                st.tuples(st.sampled_from(CODES), st.integers(-999_999, 999_999).filter(bool)), min_size=1, max_size=4
            ),
            "date": st.dates(date(2024, 1, 1), date(2026, 12, 31)),
            "currency": st.sampled_from(["EUR", "EUR", "USD"]),
            "company": st.sampled_from([0, 0, 1, 2]),
        }
    ),
    min_size=1,
    max_size=6,
)
moves_by_hand = st.dictionaries(
    st.sampled_from(REVENUE_CODES), st.sampled_from(["membership", "public", "other", False]), max_size=3
)
by_prefix = st.lists(st.sampled_from(["70610", "7562", "7541, 7542", "741", "7896", "7"]), max_size=1)
# A prefix that a delivered stream has too is refused: none of these is.
properties = settings(
    max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)


class RandomLedgerCase(LedgerCase):
    """Two associations, a branch of the first one, and what makes their entries, invoices and credit notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._company("Other association of the test")
        cls.branch = cls.env["res.company"].create({"name": "Branch of the test", "parent_id": cls.company.id})
        cls.env.cr.precommit.clear()  # Odoo would load a chart on the branch, in the middle of a test
        cls.env.user.company_ids += cls.branch
        cls.branch_journal = cls.env["account.journal"].create(
            {"name": "Branch", "code": "BRA", "type": "general", "company_id": cls.branch.id}
        )
        cls.companies = cls.company + cls.other + cls.branch
        dollar = cls.env.ref("base.USD")
        dollar.active = True
        cls.env["res.currency.rate"].create(
            [
                {"name": "2023-01-01", "rate": 1.25, "currency_id": dollar.id, "company_id": company.id}
                for company in cls.company + cls.other
            ]
        )
        cls.partner = cls.env["res.partner"].create({"name": "Chantier du Loch", "is_company": True})
        cls.contact = cls.env["res.partner"].create({"name": "Anna", "parent_id": cls.partner.id})

    # -- helpers ---------------------------------------------------------------------------------------------------

    def _make(self, values):
        """One random journal entry, invoice or credit note; a branch, which has one journal, makes entries only."""
        company = self.companies[values["company"]]
        root = company.root_id
        accounts = self._accounts(root)
        Move = self.env["account.move"].with_context(allowed_company_ids=(company | root).ids).with_company(company)
        currency = self.env.ref(f"base.{values['currency']}")
        lines = [(accounts[code], cents / 100) for code, cents in values["lines"]]
        off_balance = all(account.account_type == "off_balance" for account, _amount in lines)
        if not off_balance:
            lines = [line for line in lines if line[0].account_type != "off_balance"]
        if values["kind"] in ("invoice", "credit_note") and company == root:
            lines = [line for line in lines if line[0].internal_group in ("income", "expense")]
            if not lines:
                return
            lines += [(accounts["706000"], 30_000.0)]  # an invoice is not negative
            move = Move.create(
                {
                    "move_type": "out_invoice" if values["kind"] == "invoice" else "out_refund",
                    "partner_id": self.contact.id,
                    "invoice_date": values["date"],
                    "date": values["date"],
                    "currency_id": currency.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Line",
                                "account_id": account.id,
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for account, amount in lines
                    ],
                }
            )
        else:
            counterpart = accounts["861000" if off_balance else "471000"]
            rate = 1.25 if values["currency"] == "USD" else 1.0
            lines = [(account, amount, round(amount / rate, 2)) for account, amount in lines]
            lines += [(counterpart, -sum(line[1] for line in lines), -sum(line[2] for line in lines))]
            move = Move.create(
                {
                    "move_type": "entry",
                    **({"journal_id": self.branch_journal.id} if company == self.branch else {}),
                    "date": values["date"],
                    "ref": f"Random {next(entry_numbers)}",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "currency_id": currency.id,
                                "amount_currency": -amount,
                                "balance": -balance,
                                "partner_id": self.contact.id,
                            }
                        )
                        for account, amount, balance in lines
                    ],
                }
            )
        if values["kind"] == "draft":
            return
        move.action_post()
        if values["kind"] == "reversed":
            move._reverse_moves([{"date": values["date"], "invoice_date": values["date"]}], cancel=True)
        elif values["kind"] == "cancelled":
            move.button_draft()
            move.button_cancel()

    def _class_7(self):
        """{(company, account code, date): credit less debit} of posted items of class 7, by SQL of its own."""
        self.env.flush_all()
        root = {company.id: company.root_id.id for company in self.companies}
        self.env.cr.execute(
            SQL(
                """
                SELECT item.company_id, account.id, account.code_store, item.date, SUM(item.credit - item.debit)
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE move.state = 'posted' AND item.company_id IN %s
              GROUP BY 1, 2, 3, 4
                """,
                tuple(self.companies.ids),
            )
        )
        return {
            (company, code, day): Decimal(str(amount)).quantize(CENT)
            for company, _account, codes, day, amount in self.env.cr.fetchall()
            if (code := codes[str(root[company])]).startswith("7")
        }

    def _stream_of(self, code, by_hand):
        """The stream that an account of the test's first company belongs to, by another road than the report's."""
        if code in by_hand:
            return by_hand[code] or self._longest_prefix(code)
        return self._longest_prefix(code)

    def _longest_prefix(self, code):
        prefixes = {
            prefix.strip(): stream.code
            for stream in self.Stream.search([("account_prefixes", "!=", False)])
            for prefix in stream.account_prefixes.split(",")
        }
        found = [(len(prefix), stream) for prefix, stream in prefixes.items() if code.startswith(prefix)]
        return max(found, default=(0, None))[1]

    def _end_years_on(self, month, day):
        """Has every company's fiscal years end on that day: one step at a time, for Odoo compares the branches."""
        for company in self.company + self.other:
            for vals in (
                {"fiscalyear_last_day": 1},
                {"fiscalyear_last_month": month},
                {"fiscalyear_last_day": day},
            ):
                company.write(vals)

    def _move_accounts(self, by_hand):
        """Puts accounts of the first company in streams by hand."""
        accounts = self._accounts()
        for code, stream in by_hand.items():
            accounts[code].fabloch_revenue_stream_id = stream and self.env.ref(
                f"fabloch_finance.revenue_stream_{stream}"
            )

    @contextmanager
    def _random_ledger(self, entries, by_hand=None, by_prefix=()):
        """The entries, for as long as it lasts, with the accounts moved between streams."""
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            self._move_accounts(by_hand or {})
            for prefixes in by_prefix:
                self.Stream.create(
                    {"name": "Of the test", "code": "of_the_test", "kind": "own", "account_prefixes": prefixes}
                )
            for values in entries:
                self._make(values)
            yield
        finally:
            self.env.flush_all()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
