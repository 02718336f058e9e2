from decimal import Decimal

import psycopg2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, FinanceCase


@tagged("post_install", "-at_install")
class TestCharge(FinanceCase):
    def test_price_follows_the_pricelist_of_the_user_and_then_stays(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Members",
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 25})],
            }
        )
        self.payer.specific_property_product_pricelist = pricelist
        charge = self.Charge.create({"partner_id": self.payer.id, "product_id": self.product.id})
        self.assertEqual(charge.price_unit, 15.0)
        self.product.list_price = 100.0
        charge.invalidate_recordset()
        self.assertEqual(charge.amount, 15.0, "what was quoted is what is charged")

    def test_the_company_pays_for_its_people_at_its_invoice_address(self):
        company = self._payers("Menuiserie", is_company=True)
        person = self.env["res.partner"].create({"name": "Erwan", "parent_id": company.id})
        self.assertEqual(self._charges(person).invoice_partner_id, company)
        desk = self.env["res.partner"].create(
            {"name": "Accounts", "parent_id": company.id, "type": "invoice", "city": "Baden"}
        )
        self.assertEqual(self._charges(person).invoice_partner_id, desk)

    def test_the_contact_counts_the_charges_that_its_button_opens(self):
        company = self._payers("Menuiserie", is_company=True)
        person = self.env["res.partner"].create({"name": "Erwan", "parent_id": company.id})
        self._charges(person, amounts=[1, 2])
        self._charges(company)
        self.assertEqual((company | person).mapped("fabloch_charge_count"), [3, 2])
        for partner in company | person:
            opened = self.Charge.search(partner.action_open_fabloch_charges()["domain"])
            self.assertEqual(len(opened), partner.fabloch_charge_count)

    def test_a_charge_of_zero_has_nothing_to_invoice(self):
        self.assertEqual(self._charges(amounts=[0.0]).state, "waived")

    def test_a_waiver_needs_its_reason_and_can_be_taken_back(self):
        charge = self._charges()
        with self.assertRaisesRegex(ValidationError, "auditor"), self.env.cr.savepoint():
            charge.action_waive(" ")
        charge.action_waive("Machine broke down")
        self.assertEqual(charge.state, "waived")
        charge._invoice(TODAY)
        self.assertFalse(charge.invoice_id)
        charge.action_unwaive()
        self.assertEqual((charge.state, charge.waived_reason), ("to_invoice", False))

    def test_an_invoiced_charge_is_neither_changed_nor_deleted(self):
        charge = self._charges()
        charge._invoice(TODAY)
        for forbidden in (
            lambda: charge.write({"price_unit": 1}),
            lambda: charge.write({"name": "Other"}),
            lambda: charge.action_waive("No"),
            charge.unlink,
        ):
            with self.assertRaisesRegex(UserError, charge.invoice_id.name), self.env.cr.savepoint():
                forbidden()

    def test_a_discount_is_a_percentage(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation):
            with self.env.cr.savepoint():
                self._charges(discount=101)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(
                st.decimals("0.01", "9999.99", places=2),
                st.decimals("0.01", "500", places=2),
                st.decimals("0", "99", places=2),
                st.sampled_from(["none", "excluded", "included"]),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_charge_equals_invoice_line_to_the_cent(self, rows):
        taxes = {
            "none": [],
            "excluded": self._tax(False).ids,
            "included": self._tax(True).ids,
        }
        charges = self.Charge.create(
            [
                {
                    "partner_id": self.payer.id,
                    "product_id": self.product.id,
                    "price_unit": float(price),
                    "quantity": float(quantity),
                    "discount": float(discount),
                    "tax_ids": [Command.set(taxes[tax])],
                    "date": TODAY,
                }
                for price, quantity, discount, tax in rows
            ]
        ).filtered(lambda charge: charge.state == "to_invoice")
        with self.env.cr.savepoint() as savepoint:
            charges._invoice(TODAY)
            for charge in charges:
                self.assertEqual(charge.amount, charge.invoice_line_id.price_subtotal)
                cents = Decimal(str(charge.amount)) * 100
                self.assertEqual(cents, cents.to_integral_value())
            savepoint.rollback()

    def _tax(self, included):
        name = f"Fablab test 20 % {included}"
        Tax = self.env["account.tax"]
        return Tax.search([("name", "=", name)], limit=1) or Tax.create(
            {
                "name": name,
                "amount": 20,
                "type_tax_use": "sale",
                "price_include_override": "tax_included" if included else "tax_excluded",
            }
        )

    def test_board_reads_and_outsiders_see_nothing(self):
        charge = self._charges()
        board = self._user("board", "fabloch_finance.group_finance_board")
        self.assertEqual(charge.with_user(board).amount, 20.0)
        with self.assertRaises(AccessError):
            charge.with_user(board).write({"date": TODAY})
        portal = self._user("portal_user", "base.group_portal")
        with self.assertRaises(AccessError):
            charge.with_user(portal).read(["name"])
        employee = self._user("employee", "base.group_user")
        with self.assertRaises(AccessError):
            charge.with_user(employee).read(["name"])

    def test_no_company_sees_the_charges_of_another(self):
        charge = self._charges()
        other = self.env["res.company"].create({"name": "Other fablab"})
        user = self._user("elsewhere", "fabloch_finance.group_finance_user")
        user.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        Charge = self.Charge.with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertFalse(Charge.search([("id", "=", charge.id)]))
        with self.assertRaises(AccessError):
            Charge.browse(charge.id).write({"date": TODAY})
