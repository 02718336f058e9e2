"""What the engine tells Odoo beforehand changes nothing but the time: the same invoices, field by field."""

from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from .common import TODAY, FinanceCase

# What two invoices made one after the other differ in: ids, moments, and their numbers.
LEFT_OUT = {
    *("id", "create_date", "write_date", "access_token", "name", "payment_reference", "sequence_number"),
    *("move_id", "move_name", "highest_name", "fabloch_charge_id", "fabloch_run_id", "line_ids", "invoice_line_ids"),
}
CENTS = st.integers(-9_000, 20_000).filter(bool)


@tagged("post_install", "-at_install")
class TestSameInvoices(FinanceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tags = cls.env["account.account.tag"].create(
            [{"name": f"Box {number}", "applicability": "taxes"} for number in range(3)]
        )
        cls.pound = cls.env.ref("base.GBP")
        cls.pound.active = True
        cls.env["res.currency.rate"].create({"currency_id": cls.pound.id, "name": TODAY, "rate": 0.8371})
        plain = cls._tax(20, tags[0])
        cls.taxes = [
            cls.env["account.tax"],
            plain,
            plain | cls._tax(5.5, tags[1]),
            cls._tax(20, tags[1], price_include_override="tax_included"),
            cls._tax(10, tags[2], tax_exigibility="on_payment"),
        ]
        cls.products = [cls.product, cls._product("Tagged", account_tag_ids=[Command.set(tags[2].ids)])]
        cls.products[1].property_account_income_id = cls.income_account

    @classmethod
    def _tax(cls, amount, tag, **vals):
        if vals.get("tax_exigibility"):
            waiting = {"name": "Waiting for the payment", "code": "445999", "account_type": "liability_current"}
            account = cls.env["account.account"].create({**waiting, "reconcile": True})
            vals["cash_basis_transition_account_id"] = account.id
        tax = cls.env["account.tax"].create(
            {"name": f"{amount} {tag.name} {len(vals)}", "amount": amount, "type_tax_use": "sale", **vals}
        )
        repartition = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        repartition.filtered(lambda line: line.repartition_type == "base").tag_ids = tag
        return tax

    def _made(self, charges):
        """All stored fields of the invoices of these charges and of their lines, and why others weren't made."""
        run = charges._invoice(TODAY)
        self.env.flush_all()
        self.env.invalidate_all()
        moves = run.invoice_ids.sorted(lambda move: move.currency_id.name)
        reasons = run.failure_ids.mapped("reason")
        return reasons, [[self._stored(record) for record in (move, *move.line_ids)] for move in moves]

    def _stored(self, record):
        facts = {
            name: record[name].ids if field.relational else record[name]
            for name, field in record._fields.items()
            if field.store and field.type != "one2many" and name not in LEFT_OUT
        }
        if record._name == "account.move.line" and record.display_type != "payment_term":
            facts["name"] = record.name
        return facts

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.data())
    def test_the_invoices_are_those_that_odoo_makes_by_itself(self, data):
        rounding = data.draw(st.sampled_from(["round_per_line", "round_globally"]))
        self.company.tax_calculation_rounding_method = rounding
        currencies = data.draw(st.sampled_from([self.company.currency_id, self.company.currency_id | self.pound]))
        vals_list = [
            {
                "partner_id": data.draw(st.sampled_from((self.payer | self.other_payer).ids)),
                "invoice_partner_id": self.payer.id,
                "product_id": data.draw(st.sampled_from(self.products)).id,
                "name": f"Charge {number}",
                "price_unit": cents / 100,
                "quantity": data.draw(st.sampled_from([1, 1.5, 3])),
                "discount": data.draw(st.sampled_from([0, 10, 33.33])),
                "tax_ids": [Command.set(data.draw(st.sampled_from(self.taxes)).ids)],
                "currency_id": data.draw(st.sampled_from(currencies.ids)),
                "date": TODAY,
            }
            for number, cents in enumerate(data.draw(st.lists(CENTS, min_size=1, max_size=5)))
        ]
        self.env.cr.execute("SAVEPOINT example")
        try:
            self._assert_same(vals_list)
        finally:
            self.env.invalidate_all()
            self.env.cr.execute("ROLLBACK TO SAVEPOINT example")

    def _assert_same(self, vals_list):
        ours = self._made(self.Charge.create(vals_list))
        with patch.object(type(self.Charge), "_known_line_vals", lambda charge, sign: {}):
            self.assertEqual(ours, self._made(self.Charge.create(vals_list)))
