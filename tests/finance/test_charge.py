from decimal import Decimal

import psycopg2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
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
        self.assertEqual((charge.state, charge.waived_reason), ("to_invoice", "Machine broke down"))
        self.assertEqual(charge.waived_by_id, self.env.user)
        charge.action_waive("Again")
        with self.assertRaisesRegex(UserError, "waived already: Again"):
            charge.action_waive("And again")

    def test_the_waive_button_asks_why(self):
        charges = self._charges(amounts=[1, 2])
        wizard = self.env["fabloch.charge.waive"].with_context(active_ids=charges.ids).create({"reason": "Gift"})
        wizard.action_waive()
        self.assertEqual(charges.mapped("waived_reason"), ["Gift", "Gift"])

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
            run = charges._invoice(TODAY)
            self.assertFalse(run.failure_ids)
            self.assertEqual(run.amount, self.company.currency_id.round(sum(charges.mapped("amount"))))
            for charge in charges:
                self.assertEqual(charge.amount, charge.invoice_line_id.price_subtotal)
                cents = Decimal(str(charge.amount)) * 100
                self.assertEqual(cents, cents.to_integral_value())
            savepoint.rollback()

    def test_a_price_with_tax_is_another_price_where_no_tax_applies(self):
        abroad = self.env["account.tax"].create({"name": "Fablab test 0 %", "amount": 0})
        included = self._tax(True)
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        abroad.write(
            {"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": [Command.link(included.id)]}
        )
        self.product.write({"list_price": 120, "taxes_id": [Command.set(included.ids)]})
        self.payer.property_account_position_id = position
        charge = self.Charge.create({"partner_id": self.payer.id, "product_id": self.product.id, "date": TODAY})
        self.assertEqual((charge.tax_ids, charge.price_unit, charge.amount), (abroad, 100.0, 100.0))

    def test_a_price_of_half_a_cent_stays_whole(self):
        self.product.list_price = 20
        charge = self._charges(amounts=[0.125], quantity=100)
        self.assertEqual(charge.amount, 12.5)
        charge._invoice(TODAY)
        self.assertEqual(charge.invoice_id.amount_untaxed, 12.5)

    def test_prices_of_many_cost_no_more_queries_than_those_of_a_few(self):
        counts = []
        for size in (2, 5, 50):
            payers = self._payers(*(f"Payer {number}" for number in range(size)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Charge.create([{"partner_id": payer.id, "product_id": self.product.id} for payer in payers])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_a_new_charge_follows_its_user_until_it_is_saved(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Members",
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 25})],
            }
        )
        self.other_payer.specific_property_product_pricelist = pricelist
        form = Form(self.Charge)
        form.partner_id = self.payer
        form.product_id = self.product
        self.assertEqual(form.price_unit, 20.0)
        form.partner_id = self.other_payer
        self.assertEqual(form.price_unit, 15.0)
        charge = form.save()
        with Form(charge) as form:
            form.partner_id = self.payer
        self.assertEqual(charge.price_unit, 15.0)

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

    def test_what_follows_from_the_engine_is_not_written_by_hand(self):
        desk = self._user("desk", "fabloch_finance.group_finance_user")
        invoiced, other = self._charges(), self._charges(self.other_payer)
        invoiced._invoice(TODAY)
        line = invoiced.invoice_line_id.with_user(desk)
        for record, vals in (
            (invoiced, {"state": "to_invoice"}),
            (other, {"state": "waived"}),
            (other, {"amount": 1}),
            (other, {"amount_credited": 20}),
            (other, {"waived": True}),
            (other, {"origin_charge_id": invoiced.id}),
            (other, {"invoice_line_ids": [Command.link(line.id)]}),
            (invoiced, {"invoice_line_ids": [Command.unlink(line.id)]}),
            (line, {"fabloch_charge_id": False}),
            (line, {"fabloch_charge_id": other.id}),
            (line, {"fabloch_credited_charge_id": other.id}),
        ):
            with self.assertRaises(AccessError, msg=vals), self.env.cr.savepoint():
                record.with_user(desk).write(vals)
        forged = {
            "move_type": "out_invoice",
            "partner_id": self.payer.id,
            "invoice_line_ids": [Command.create({"name": "x", "price_unit": 0.01, "fabloch_charge_id": other.id})],
        }
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.env["account.move"].with_user(desk).create(forged)
        del forged["invoice_line_ids"][0][2]["fabloch_charge_id"]
        for link in ("fabloch_charge_id", "fabloch_credited_charge_id"):
            moves = self.env["account.move"].with_user(desk).with_context(**{f"default_{link}": other.id})
            with self.assertRaises(AccessError, msg=link), self.env.cr.savepoint():
                moves.create(forged)
        run = invoiced.invoice_id.fabloch_run_id.with_user(desk)
        self.assertEqual(run.amount, 20.0)
        for forbidden in (lambda: run.write({"state": "running"}), lambda: run.copy(), run.unlink):
            with self.assertRaises(AccessError):
                forbidden()

    def test_the_desk_does_its_work(self):
        desk = self._user("desk", "fabloch_finance.group_finance_user")
        charge = self._charges().with_user(desk)
        preview = self.env["fabloch.invoicing.preview"].with_user(desk).create({"date": TODAY})
        run = self.env["fabloch.invoicing.run"].with_user(desk).browse(preview.action_invoice()["res_id"])
        self.assertEqual((run.user_id, run.invoice_count, charge.state), (desk, 1, "invoiced"))
        invoice = charge.invoice_id
        wizard = self.env["account.move.reversal"].with_user(desk)
        wizard = wizard.with_context(active_model="account.move", active_ids=invoice.ids)
        wizard = wizard.create({"journal_id": invoice.journal_id.id, "date": TODAY})
        self.env["account.move"].with_user(desk).browse(wizard.refund_moves()["res_id"]).action_post()
        again = charge.action_reinvoice()
        again.action_waive("Given up")
        self.assertEqual((charge.amount_credited, again.state), (20.0, "waived"))

    def test_an_accountant_without_our_groups_works_with_our_invoices(self):
        charge = self._charges()
        self.company.fabloch_invoicing_post = False
        charge._invoice(TODAY)
        clerk = self._user("clerk", "account.group_account_invoice")
        self.env.invalidate_all()
        invoice = charge.invoice_id.with_user(clerk)
        invoice.invoice_line_ids.write({"name": "In other words"})
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_no_company_sees_the_charges_of_another(self):
        charge = self._charges()
        other = self.env["res.company"].create({"name": "Other fablab"})
        user = self._user("elsewhere", "fabloch_finance.group_finance_user")
        user.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        Charge = self.Charge.with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertFalse(Charge.search([("id", "=", charge.id)]))
        with self.assertRaises(AccessError):
            Charge.browse(charge.id).write({"date": TODAY})
