"""Memberships: confirmed, charged, cancelled; what is refused says what to do."""

from datetime import date

from psycopg2.errors import ExclusionViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, MembershipCase


@tagged("post_install", "-at_install")
class TestMembership(MembershipCase):
    def _refused_by_database(self, words, vals):
        """What a user is told, by the way that every RPC goes."""
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(ValidationError, words):
            try:
                with self.cr.savepoint():
                    self.Membership.create(vals)
            except ExclusionViolation as error:
                raise ValidationError(self.Membership._sql_error_to_message(error)) from error

    def _vals(self, **vals):
        return {"partner_id": self.anna.id, "plan_id": self.rolling.id, "date_start": TODAY, **vals}

    def test_confirming_charges_invoices_and_numbers_the_member(self):
        membership = self._membership()
        self.assertFalse(self.anna.member_number)
        membership.action_confirm()
        charge = membership.charge_ids
        self.assertEqual((charge.amount, charge.state, charge.partner_id), (30.0, "invoiced", self.anna))
        self.assertEqual((charge.invoice_id.state, charge.invoice_id.amount_total), ("posted", 30.0))
        self.assertTrue(self.anna.member_number)

    def test_invoice_waits_for_the_run_when_the_company_says_so(self):
        self.company.membership_invoice_now = False
        membership = self._membership()
        membership.action_confirm()
        self.assertEqual((membership.payment, membership.invoice_count), ("to_invoice", 0))
        membership.action_invoice()
        self.assertEqual((membership.payment, membership.invoice_count), ("unpaid", 1))

    def test_member_who_cannot_be_invoiced_is_told_with_the_reason(self):
        self.anna.street = False
        action = self._membership().action_confirm()
        self.assertIn("Street", action["params"]["message"])
        membership = self.anna.membership_ids
        self.assertEqual(membership.payment, "to_invoice")
        with self.assertRaisesRegex(UserError, "Street"):
            membership.action_invoice()

    def test_member_number_is_kept_for_life(self):
        self._running(start=date(2024, 1, 1))
        number = self.anna.member_number
        self._running()
        self.assertEqual(self.anna.member_number, number)
        with self.assertRaisesRegex(UserError, "for life"):
            self.anna.member_number = "other"

    def test_overlap_is_refused_and_names_the_other(self):
        self._running()
        self._refused_by_database(
            r"Anna Le Goff already has a membership of “Rolling” from 03/10/2026 to 03/09/2027.*cancel it first",
            self._vals(date_start=date(2027, 3, 9)),
        )

    def test_same_days_of_another_plan_or_the_next_day_are_free(self):
        self._running()
        self._membership(plan=self.fixed)
        self._membership(start=date(2027, 3, 10))

    def test_overlap_is_refused_to_raw_sql_too(self):
        membership = self._running()
        with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation), self.cr.savepoint():
            self.cr.execute(
                "INSERT INTO fabloch_membership (partner_id, plan_id, company_id, date_start, date_end)"
                " SELECT partner_id, plan_id, company_id, date_end, date_end FROM fabloch_membership WHERE id = %s",
                [membership.id],
            )

    def test_membership_cancelled_midway_frees_the_rest_and_keeps_the_beginning(self):
        membership = self._running(start=date(2026, 1, 1))
        membership.action_cancel("Moved away", date=date(2026, 3, 1))
        self.assertEqual(membership.status, "cancelled")
        self._refused_by_database("cancel it first", self._vals(date_start=date(2026, 2, 28)))
        self.assertEqual(self._membership(start=date(2026, 3, 1)).status, "draft")

    def test_membership_never_paid_frees_everything_when_cancelled(self):
        membership = self._membership(start=date(2026, 1, 1), confirm=True)
        membership.action_cancel("Changed their mind")
        self.assertEqual(membership.cancel_date, date(2026, 1, 1))
        self._running(start=date(2026, 1, 1))

    def test_end_announced_in_advance_comes_by_itself(self):
        membership = self._running()
        membership.action_cancel("Leaves in summer", date=date(2026, 7, 1))
        self.assertEqual((membership.status, membership.valid_until), ("active", date(2026, 6, 30)))
        self.assertEqual(self.anna.membership_end, date(2026, 6, 30))
        [(end, found)] = self.env["res.partner"]._read_group(
            [("id", "=", self.anna.id)], ["membership_end:day"], ["id:recordset"]
        )
        self.assertEqual((end, found), (date(2026, 6, 30), self.anna))
        with freeze_time("2026-07-01"):
            self.env.invalidate_all()
            self.assertEqual(membership.status, "cancelled")

    def test_cancelling_waives_what_is_not_invoiced(self):
        self.company.membership_invoice_now = False
        membership = self._membership(confirm=True)
        membership.action_cancel("Changed their mind")
        self.assertEqual(membership.charge_ids.state, "waived")
        self.assertIn("Changed their mind", membership.charge_ids.waived_reason)

    def test_cancelling_leaves_the_invoice_to_the_accountant_and_says_so(self):
        membership = self._running()
        membership.action_cancel("Moved away")
        self.assertEqual(membership.charge_ids.invoice_id.state, "posted")
        self.assertIn("credit note", membership.next_step)

    def test_cancelling_twice_is_refused(self):
        membership = self._running()
        membership.action_cancel("Moved away")
        with self.assertRaisesRegex(UserError, "cancelled already, from 03/10/2026"):
            membership.action_cancel("Again")

    def test_cancelling_needs_a_reason_and_a_day_before_the_end(self):
        membership = self._running()
        with self.assertRaisesRegex(UserError, "Say why"):
            membership.action_cancel(" ")
        with self.assertRaisesRegex(UserError, "ends by itself"):
            membership.action_cancel("Late", date=date(2027, 6, 1))

    def test_end_before_start_is_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught, self.cr.savepoint():
            self._membership(date_end=date(2026, 1, 1))
        self.assertIn(
            "correct one of the two dates", self.Membership._sql_error_to_message(caught.exception), caught.exception
        )

    def test_more_people_than_seats_is_refused(self):
        plan = self._plan("Firm", 100.0, seats=1)
        people = (self.yann | self._partners("Zoé")).ids
        with self.assertRaisesRegex(ValidationError, r"at most 1 people besides the member, and 2 .*more seats"):
            self._membership(plan=plan, beneficiary_ids=[Command.set(people)])

    def test_plan_for_other_categories_is_refused(self):
        plan = self._plan("Firm", 100.0, category_ids=[Command.set(self.sme.ids)])
        with self.assertRaisesRegex(ValidationError, "is for: .* choose another plan"):
            self._membership(plan=plan)

    def test_plan_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.anna.company_id = self.company
        plan = self._plan("Elsewhere", 10.0)
        plan.product_id.company_id = False
        plan.company_id = other
        with self.assertRaisesRegex(
            UserError, "is a plan of Other, but the contact Anna Le Goff belongs to .*share the contact"
        ):
            self._membership(plan=plan)

    def test_confirming_twice_is_refused(self):
        membership = self._membership(confirm=True)
        with self.assertRaisesRegex(UserError, "no draft any more"):
            membership.action_confirm()

    def test_invoiced_membership_cannot_be_deleted(self):
        membership = self._membership(confirm=True)
        with self.assertRaisesRegex(UserError, r"is invoiced \(INV.*cancel it"):
            membership.unlink()
        draft = self._membership(self.yann)
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_confirmed_membership_cannot_be_deleted(self):
        self.company.membership_invoice_now = False
        membership = self._membership(confirm=True)
        with self.assertRaisesRegex(UserError, "can't be deleted: cancel it, with the reason"):
            membership.unlink()

    def test_plan_member_and_fee_are_fixed_once_confirmed(self):
        membership = self._membership(confirm=True)
        for name, value in (("plan_id", self.fixed.id), ("partner_id", self.yann.id), ("price", 1.0)):
            with self.subTest(name), self.assertRaisesRegex(UserError, "can't change once a membership is confirmed"):
                membership[name] = value
        membership.plan_id = self.rolling

    def test_only_a_manager_takes_over_what_was_paid_elsewhere(self):
        reception = self._user("reception", "fabloch_membership.group_membership_user")
        with self.assertRaisesRegex(AccessError, "leave that box empty"):
            self.Membership.with_user(reception).create(self._vals(settled_elsewhere=True))
        manager = self._user("manager", "fabloch_membership.group_membership_manager")
        membership = self.Membership.with_user(manager).create(self._vals(settled_elsewhere=True))
        self.assertEqual((membership.status, len(membership.charge_ids)), ("active", 0))

    def test_next_step_says_what_to_do(self):
        membership = self._membership()
        self.assertIn("confirm", membership.next_step)
        membership.action_confirm()
        self.assertIn("Register the payment", membership.next_step)
        self._pay(membership)
        self.assertFalse(membership.next_step)


@tagged("post_install", "-at_install")
class TestMemberPrices(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Members",
                "sequence": 0,
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 25})],
            }
        )
        cls.rolling.write({"pricelist_id": cls.pricelist.id, "seats": 1})

    def test_member_prices_begin_and_end_with_the_membership(self):
        self.assertNotEqual(self.anna.property_product_pricelist, self.pricelist, "not a member: never members' prices")
        membership = self._membership(confirm=True)
        self.assertNotEqual(self.anna.property_product_pricelist, self.pricelist, "unpaid")
        self._pay(membership)
        self.assertEqual(self.anna.property_product_pricelist, self.pricelist)
        with freeze_time("2027-03-09"):
            self.env.invalidate_all()
            self.assertEqual(self.anna.property_product_pricelist, self.pricelist)
        with freeze_time("2027-03-10"):
            self.env.invalidate_all()
            self.assertNotEqual(self.anna.property_product_pricelist, self.pricelist)

    def test_people_covered_get_the_prices_too(self):
        self._running(beneficiary_ids=[Command.set(self.yann.ids)])
        self.assertEqual(self.yann.property_product_pricelist, self.pricelist)

    def test_choice_by_hand_wins(self):
        chosen = self.env["product.pricelist"].create({"name": "By hand"})
        self._running()
        self.anna.specific_property_product_pricelist = chosen
        self.assertEqual(self.anna.property_product_pricelist, chosen)

    def test_charge_of_a_member_has_the_member_price(self):
        product = self.env["product.product"].create({"name": "Laser", "type": "service", "list_price": 20.0})
        self._running()
        charges = self.env["fabloch.charge"].create(
            [{"partner_id": partner.id, "product_id": product.id} for partner in (self.anna, self.yann)]
        )
        self.assertEqual(charges.mapped("price_unit"), [15.0, 20.0])

    def test_fee_is_never_reduced_by_the_member_prices(self):
        self._running(start=date(2025, 4, 1))
        self.assertEqual(self.anna.membership_ids._renew().price, 30.0)
