"""What is to come and isn't in the ledger yet: each amount once, on the stream where it will be posted."""

from collections import defaultdict
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .ledger import LedgerCase

TODAY = date(2026, 3, 10)


class ForecastCase(LedgerCase):
    """10 March 2026; products whose income account is their own, their category's, and the company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.company.write({"fabloch_invoicing_post": True, "fabloch_invoicing_send": False})
        cls.Forecast = cls.env["fabloch.forecast.report"]
        cls.Charge = cls.env["fabloch.charge"]
        accounts = cls._accounts()
        workshop = cls.env["product.category"].create(
            {"name": "Workshop", "property_account_income_categ_id": accounts["708300"].id}
        )
        no_account = cls.env["product.category"].create({"name": "Nothing said"})
        cls.products = cls.env["product.product"].create(
            [
                {"name": name, "type": "service", "taxes_id": [Command.clear()], **vals}
                for name, vals in {
                    "Machine": {"property_account_income_id": accounts["706100"].id, "categ_id": workshop.id},
                    "Workshop": {"categ_id": workshop.id},
                    "Anything": {"categ_id": no_account.id},
                }.items()
            ]
        )
        cls.payers = cls.env["res.partner"].create(
            [
                {"name": f"Payer {number}", "street": "1 rue du Test", "zip": "56400", "city": "Auray"}
                for number in range(8)
            ]
        )

    @classmethod
    def _charge(cls, amount=20.0, payer=0, product=0, **vals):
        return cls.Charge.create(
            {
                "partner_id": cls.payers[payer].id,
                "product_id": cls.products[product].id,
                "name": f"Charge of {amount}",
                "price_unit": amount,
                "date": TODAY,
                **vals,
            }
        )

    def _rows(self, **domain):
        return self.Forecast.search(
            [("company_id", "=", self.company.id), *((name, "=", value) for name, value in domain.items())]
        )

    def _by_stream(self, model, year="2026", **domain):
        """{stream code: amount} of a report, zeros left out."""
        rows = self.env[model]._read_group(
            [
                ("company_id", "=", self.company.id),
                ("fiscal_year", "=", year),
                *((name, "=", value) for name, value in domain.items()),
            ],
            ["stream_id"],
            ["amount:sum"],
        )
        return {stream.code: round(amount, 2) for stream, amount in rows if round(amount, 2)}

    def _draft_only(self, charges):
        """Put charges on an invoice that waits for the accountant."""
        self.company.fabloch_invoicing_post = False
        invoices = charges._invoice(TODAY).invoice_ids
        self.company.fabloch_invoicing_post = True
        return invoices


charges = st.lists(
    st.fixed_dictionaries(
        {
            "cents": st.integers(-99_999, 99_999).filter(bool),
            "product": st.integers(0, 2),
            "day": st.dates(date(2025, 11, 1), date(2026, 12, 31)),
            "currency": st.sampled_from(["EUR", "EUR", "USD"]),
            "becomes": st.sampled_from(["charge", "charge", "draft", "posted", "waived", "credited", "cancelled"]),
        }
    ),
    min_size=1,
    max_size=8,
)


@tagged("post_install", "-at_install")
class TestForecast(ForecastCase):
    @settings(
        max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(charges=charges)
    def test_once_all_is_invoiced_the_actual_has_risen_by_the_forecast_to_the_cent(self, charges):
        dollar = self.env.ref("base.USD")
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            dollar.active = True
            self.env["res.currency.rate"].create(
                {"name": "2023-01-01", "rate": 1.27, "currency_id": dollar.id, "company_id": self.company.id}
            )
            made = self.Charge
            for number, values in enumerate(charges):
                charge = self._charge(
                    values["cents"] / 100,
                    payer=number,
                    product=values["product"],
                    date=values["day"],
                    currency_id=self.env.ref(f"base.{values['currency']}").id,
                )
                made += charge
                if values["becomes"] == "waived":
                    charge.action_waive("Nothing came of it")
                elif values["becomes"] != "charge" and values["day"] <= TODAY:
                    if values["becomes"] == "draft":
                        self._draft_only(charge)
                        continue
                    invoice = charge._invoice(TODAY).invoice_ids
                    if values["becomes"] == "credited":
                        charge._credit(100, "Given back")
                    elif values["becomes"] == "cancelled":
                        invoice.button_draft()
                        invoice.button_cancel()
            before, forecast = self._by_stream("fabloch.revenue.report"), self._by_stream(self.Forecast._name)
            drafts = made.invoice_id.filtered(lambda move: move.state == "draft")
            drafts.action_post()
            with freeze_time("2026-12-31"):
                made._invoice()
            expected = defaultdict(float, before)
            for stream, amount in forecast.items():
                expected[stream] += amount
            self.assertEqual(
                self._by_stream("fabloch.revenue.report"),
                {stream: round(amount, 2) for stream, amount in expected.items() if round(amount, 2)},
            )
            self.assertFalse(self._rows(), "nothing more is expected")
        finally:
            self.env.flush_all()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def test_the_account_is_the_one_that_the_invoice_takes(self):
        for product in range(3):
            charge = self._charge(10.0, product=product, payer=product)
            row = self._rows(source="charge", res_id=charge.id)
            account = row.account_id
            charge._invoice(TODAY)
            self.assertTrue(account)
            self.assertEqual(charge.invoice_line_id.account_id, account)

    def test_a_category_that_says_no_account_falls_back_on_the_company(self):
        category = self.products[1].categ_id
        category.property_account_income_categ_id = False
        charge = self._charge(10.0, product=1)
        self.assertEqual(self._rows().account_id, self.products[1]._get_product_accounts()["income"])
        self.assertEqual(self._rows().res_id, charge.id)

    def test_no_account_is_shown_without_stream(self):
        self.company.income_account_id = False
        self.env["ir.default"].search([("field_id.name", "=", "property_account_income_categ_id")]).unlink()
        self._charge(10.0, product=2)
        self.assertEqual((self._rows().account_id.id, self._rows().stream_id.id, self._rows().amount), (0, 0, 10.0))

    def test_what_is_covered_waived_or_postable_elsewhere_is_not_revenue(self):
        self._charge(10.0).action_waive("Broken machine")
        deferred = self._accounts()["487000"]
        self.products[0].property_account_income_id = deferred
        self._charge(30.0)
        self.assertFalse(self._rows())

    def test_a_charge_on_a_draft_invoice_counts_once_as_that_draft(self):
        charge = self._charge(40.0)
        self.assertEqual(self._rows().mapped("source"), ["charge"])
        invoice = self._draft_only(charge)
        row = self._rows()
        self.assertEqual(
            (row.source, row.amount, row.res_model, row.res_id), ("draft_invoice", 40.0, "account.move", invoice.id)
        )
        invoice.action_post()
        self.assertFalse(self._rows())

    def test_a_draft_without_charge_and_a_draft_credit_note_count(self):
        income = self._accounts()["706100"]
        for move_type, price in (("out_invoice", 100.0), ("out_refund", 30.0)):
            self.env["account.move"].create(
                {
                    "move_type": move_type,
                    "partner_id": self.payers[0].id,
                    "invoice_line_ids": [
                        Command.create({"name": "By hand", "account_id": income.id, "price_unit": price, "tax_ids": []})
                    ],
                }
            )
        self.assertEqual(self._by_stream(self.Forecast._name), {"machine": 70.0})
        self.assertEqual(set(self._rows().mapped("date")), {TODAY})

    def test_an_entry_posted_by_itself_falls_in_its_year_and_another_draft_does_not(self):
        self._entry(("741200", 500.0), date="2027-01-01", post=False, auto_post="at_date")
        self._entry(("741200", 70.0), date="2026-04-01", post=False)
        self.assertEqual(
            [(row.amount, row.fiscal_year, row.source) for row in self._rows()], [(500.0, "2027", "scheduled_entry")]
        )

    def test_what_is_late_falls_today(self):
        self._charge(10.0, date="2025-12-20")
        row = self._rows()
        self.assertEqual(
            (row.date, row.due_date, row.is_late, row.fiscal_year), (TODAY, date(2025, 12, 20), True, "2026")
        )

    def test_the_fiscal_year_may_end_in_summer(self):
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        self._charge(10.0, date="2026-08-31")
        self._charge(20.0, date="2026-09-01")
        self.assertEqual(self._by_stream(self.Forecast._name, "2025-2026"), {"machine": 10.0})
        self.assertEqual(self._by_stream(self.Forecast._name, "2026-2027"), {"machine": 20.0})
        self.assertEqual(self._rows(fiscal_year_age=0).amount, 10.0)
        self.assertEqual(self._rows(fiscal_year_age=-1).amount, 20.0)

    def test_each_row_opens_what_it_comes_from(self):
        charge = self._charge(10.0)
        action = self._rows().action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("fabloch.charge", charge.id))
        row = self._rows()
        charge.unlink()
        with self.assertRaises(UserError):
            row.action_open()

    def test_the_id_of_a_row_does_not_change_with_the_others(self):
        self._charge(10.0)
        row = self._rows()
        self._charge(5.0, date="2026-03-11", payer=1)
        self._entry(("741200", 500.0), date="2027-01-01", post=False, auto_post="at_date")
        self.assertEqual(self._rows(amount=10.0), row)

    def test_fifty_charges_cost_the_queries_of_five(self):
        def cost(number):
            for each in range(number):
                self._charge(10.0 + each, payer=each % 8, product=each % 3)
            self._rows()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = self._rows()
            rows.mapped("label"), rows.mapped("stream_id.name")
            return self.cr.sql_log_count - before

        self.assertEqual(cost(5), cost(45))

    def test_the_board_reads_its_company_only_and_writes_nothing(self):
        self._charge(10.0)
        other = self._company("Other association of the test")
        board = self._user("forecast_board", "fabloch_finance.group_finance_board")
        abroad = self._user("forecast_abroad", "fabloch_finance.group_finance_board", company=other)
        clerk = self._user("forecast_clerk", "base.group_user")
        self.assertEqual(self._rows().with_user(board).search([]).mapped("amount"), [10.0])
        there = self.Forecast.with_user(abroad).with_context(allowed_company_ids=other.ids)
        self.assertFalse(there.search([]))
        with self.assertRaises(AccessError):
            self.Forecast.with_user(clerk).search([])
