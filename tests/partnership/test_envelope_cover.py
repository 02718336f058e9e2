"""What an envelope pays: hours, money, fees; on the days of its convention, for its people, given back exactly."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from tests.machines.common import MachinesCase

from .common import PartnershipCase


class EnvelopeCase(PartnershipCase, MachinesCase):
    """10 March 2026; a school with a pupil and a signed convention for the year; the lasers of MachinesCase."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.school = cls._payers("Lycée Duquesclin", is_company=True)
        cls.pupil, cls.other_pupil = cls._payers("Gaël", "Nolwenn", parent_id=cls.school.id, lang="en_US")
        cls.convention = cls._signed(cls.school)
        cls.desk = MachinesCase._user.__func__(cls, "desk", "fabloch_machines.group_machines_user")
        cls.fee_plan = cls._member_plan({}, name="Fee")

    @classmethod
    def _signed(cls, partner, **vals):
        convention = cls._convention(partner, **{"tacit_renewal": False, **vals})
        convention.sudo().write({"state": "signed", "signed_on": convention.date_start})
        return convention

    @classmethod
    def _envelope(cls, unit="currency", quantity=100.0, convention=None, products=None, **vals):
        if products:
            vals["product_ids"] = [Command.set(products.ids)]
        return cls.env["fabloch.allowance"].create(
            {
                "name": "Envelope",
                "convention_id": (convention or cls.convention).id,
                "unit": unit,
                "quantity": quantity,
                **vals,
            }
        )

    def _pupil_books(self, start="14:00", stop="15:00", **vals):
        return self._book(start, stop, partner=self.pupil, **vals)

    def _live(self, envelope):
        """What is taken now, by the rows themselves."""
        return round(sum(envelope.use_ids.mapped("quantity")), 6)


@tagged("post_install", "-at_install")
class TestGrant(EnvelopeCase):
    def test_it_takes_partner_company_and_dates_from_its_convention(self):
        envelope = self._envelope("hour", 20.0)
        self.assertEqual(
            (envelope.partner_id, envelope.company_id, envelope.date_from, envelope.date_to),
            (self.school, self.company, date(2026, 1, 1), date(2026, 12, 31)),
        )
        self.assertIn("Envelope granted", self.convention.message_ids[:1].body)
        self.assertEqual(self.convention.envelope_count, 1)

    def test_it_stays_within_its_convention_and_its_partner(self):
        for vals in (
            {"date_from": "2025-12-31"},
            {"date_to": "2027-01-01"},
            {"partner_id": self.town.id},
        ):
            with self.assertRaisesRegex(ValidationError, "Envelope"), self.cr.savepoint():
                self._envelope(**vals)
        envelope = self._envelope()
        with self.assertRaises(AccessError):
            envelope.with_user(self.officer).convention_id = self._signed(self.school)

    def test_only_an_officer_grants_and_only_before_or_after_the_signature(self):
        vals = {"name": "E", "convention_id": self.convention.id, "unit": "hour", "quantity": 5}
        envelope = self.env["fabloch.allowance"].with_user(self.officer).create(vals)
        reception = self._user("reception", "fabloch_finance.group_finance_user")
        with self.assertRaises(AccessError):
            self.env["fabloch.allowance"].with_user(reception).create(vals)
        for act in (lambda e: e.write({"quantity": 9}), lambda e: e.unlink()):
            with self.assertRaises(AccessError), self.cr.savepoint():
                act(envelope.with_user(reception))
        envelope.with_user(self.officer).quantity = 9
        self.convention.sudo().state = "in_signature"
        with self.assertRaisesRegex(UserError, "in signature"):
            self.env["fabloch.allowance"].with_user(self.officer).create(vals)

    def test_what_is_in_signature_grants_what_it_did(self):
        convention = self._convention(self.school, tacit_renewal=False)
        envelope = self._envelope("hour", 10.0, convention)
        convention.sudo().state = "in_signature"
        for change in (lambda each: each.write({"quantity": 1.0}), lambda each: each.unlink()):
            with self.assertRaisesRegex(UserError, "in signature"):
                change(envelope.with_user(self.officer))
        convention.sudo().state = "signed"
        envelope.with_user(self.officer).write({"quantity": 20.0})

    def test_a_new_price_is_noted_on_the_signed_convention(self):
        product = self._product("Use of the fablab", property_account_income_id=self.income_account.id)
        envelope = self._envelope("hour", 10.0, invoicing="used", invoice_product_id=product.id, invoice_price=5.0)
        envelope.with_user(self.officer).write({"invoice_price": 50.0})
        self.assertIn("50.00", str(self.convention.message_ids[0].body))

    def test_pieces_are_whole_and_of_some_products(self):
        with self.assertRaisesRegex(ValidationError, "whole number"), self.cr.savepoint():
            self._envelope("piece", 1.5, products=self.fee_plan.product_id)
        with self.assertRaisesRegex(ValidationError, "which products"), self.cr.savepoint():
            self._envelope("piece", 2.0)


@tagged("post_install", "-at_install")
class TestHours(EnvelopeCase):
    def test_on_the_days_of_the_convention_only(self):
        self._envelope("hour", 20.0)
        self.assertEqual(self._pupil_books().amount, 0.0)
        self.assertEqual(self._book("15:00", "16:00", partner=self.anna).amount, 20.0)
        self.convention.sudo().write({"state": "terminated", "terminated_on": "2026-03-11"})
        self.assertEqual(self._pupil_books("2026-03-11 14:00", "2026-03-11 15:00").amount, 0.0)
        self.assertEqual(self._pupil_books("2026-03-12 14:00", "2026-03-12 15:00").amount, 20.0)
        self.convention.sudo().write({"state": "draft", "terminated_on": False})
        self.assertEqual(self._pupil_books("2026-03-11 15:00", "2026-03-11 16:00").amount, 20.0)

    def test_named_people_only(self):
        self._envelope("hour", 20.0, beneficiary_ids=[Command.set((self.anna | self.pupil).ids)])
        self.assertEqual(self._book("15:00", "16:00", partner=self.anna).amount, 0.0)
        self.assertEqual(self._book("16:00", "17:00", partner=self.other_pupil).amount, 20.0)


@tagged("post_install", "-at_install")
class TestMoney(EnvelopeCase):
    def test_covered_whole_nothing_is_invoiced_and_it_says_why(self):
        envelope = self._envelope(quantity=50.0)
        quote = self.laser._quote(self.pupil, self._at("2026-03-10 14:00"), self._at("2026-03-10 15:00"))
        self.assertEqual((quote.total, quote.covered, quote.to_pay), (20.0, 20.0, 0.0))
        booking = self._pupil_books()
        charge = booking.charge_ids
        self.assertEqual((booking.amount, charge.amount, charge.amount_covered), (0.0, 0.0, 20.0))
        self.assertEqual((charge.state, charge.waived), ("waived", False))
        self.assertEqual(charge.covered_by, "Covered by the envelope “Envelope” of Lycée Duquesclin")
        self.assertIn("covered by the envelope “Envelope” of Lycée Duquesclin; to pay", booking.price_explanation)
        self.assertEqual((envelope.quantity_used, envelope.quantity_left), (20.0, 30.0))
        self.assertEqual(envelope.use_ids.charge_id, charge)

    def test_covered_in_part_the_rest_is_one_line_of_the_invoice(self):
        self._envelope(quantity=25.0)
        booking = self._pupil_books("14:00", "16:30")  # 2 × 20 + 12
        hour, half = booking.charge_ids.sorted("price_unit", reverse=True)
        self.assertEqual((hour.amount_covered, hour.amount, half.amount_covered, half.amount), (25.0, 15.0, 0.0, 12.0))
        self.assertEqual(booking.amount, 27.0)
        booking.action_invoice()
        lines = booking.charge_ids.invoice_line_id
        self.assertEqual(sorted(lines.mapped("price_subtotal")), [12.0, 15.0])
        self.assertIn("25.00", hour.invoice_line_id.name)
        self.assertEqual(hour.invoice_line_id.quantity, 1)

    def test_the_screen_shows_what_is_covered(self):
        self._envelope(quantity=15.0)
        hold = self._pupil_books(confirm=False)
        self.assertEqual(hold.price_total, 5.0)
        self.assertIn("15.00 of it are covered", hold.price_preview.replace("$\xa0", "").replace("\xa0€", ""))

    def test_cancelled_in_time_comes_back_exactly(self):
        envelope = self._envelope(quantity=15.0)
        booking = self._pupil_books("2026-03-20 14:00", "2026-03-20 15:00")
        self.assertEqual((booking.amount, envelope.quantity_left), (5.0, 0.0))
        booking.action_cancel("Ill")
        self.assertEqual((booking.amount, envelope.quantity_left, self._live(envelope)), (0.0, 15.0, 0.0))

    def test_cancelled_late_keeps_the_same_share_of_both(self):
        self.category.write({"free_cancel_hours": 48, "late_cancel_percent": 50})
        envelope = self._envelope(quantity=15.0)
        booking = self._pupil_books()
        booking.action_cancel("Ill")
        charge = booking.charge_ids
        self.assertEqual((charge.amount_covered, charge.amount, booking.amount), (7.5, 2.5, 2.5))
        self.assertEqual(envelope.quantity_left, 7.5)

    def test_cancelled_late_once_invoiced_credits_the_rest_and_gives_the_share_back(self):
        self.category.write({"free_cancel_hours": 48, "late_cancel_percent": 50})
        envelope = self._envelope(quantity=15.0)
        booking = self._pupil_books()
        booking.action_invoice()
        booking.action_cancel("Ill")
        self.assertEqual((booking.charge_ids.amount_credited, booking.amount, envelope.quantity_left), (2.5, 2.5, 7.5))

    def test_a_move_gives_back_and_covers_anew(self):
        envelope = self._envelope(quantity=30.0)
        booking = self._pupil_books()
        self.assertEqual(envelope.quantity_left, 10.0)
        booking.write({"start": self._at("2026-03-11 09:00"), "stop": self._at("2026-03-11 11:00")})
        self.assertEqual((booking.amount, envelope.quantity_left), (10.0, 0.0))
        booking.write({"partner_id": self.anna.id})
        self.assertEqual((booking.amount, envelope.quantity_left), (40.0, 30.0))

    def test_waived_given_up_by_us_and_not_by_the_partner(self):
        envelope = self._envelope(quantity=50.0)
        booking = self._pupil_books()
        booking.charge_ids.action_waive("Our mistake")
        self.assertEqual((envelope.quantity_left, booking.amount), (50.0, 0.0))
        booking.write({"start": self._at("2026-03-11 09:00"), "stop": self._at("2026-03-11 10:00")})
        self.assertEqual((envelope.quantity_left, booking.amount, self._live(envelope)), (50.0, 0.0, 0.0))
        booking.charge_ids.action_unwaive()
        self.assertEqual((envelope.quantity_left, booking.amount), (30.0, 0.0))

    def test_consumables_follow_the_person(self):
        gram = self._service("Filament", 0.333)
        self.category.consumable_ids = gram
        envelope = self._envelope(quantity=100.0, products=gram)
        booking = self._pupil_books()
        charge = booking._add_consumables([(gram, 10)])
        self.assertEqual((booking.amount, charge.amount_covered, envelope.quantity_left), (20.0, 3.33, 96.67))
        booking.write({"partner_id": self.anna.id})
        self.assertEqual((charge.amount, charge.amount_covered, envelope.quantity_left), (3.33, 0.0, 100.0))
        booking.write({"partner_id": self.pupil.id})
        self.assertEqual((charge.amount, envelope.quantity_left), (0.0, 96.67))
        charge.action_remove_consumable()
        self.assertEqual(envelope.quantity_left, 100.0)

    def test_hours_first_then_fees_then_money(self):
        hours = self._envelope("hour", 1.0)
        pieces = self._envelope("piece", 1.0, products=self.hour)
        money = self._envelope(quantity=100.0)
        booking = self._pupil_books("14:00", "17:30")  # 3 h 30, of which 2 h 30 are charged: 2 × 20 + 12
        self.assertEqual((booking.prepaid_minutes, booking.amount), (60, 0.0))
        self.assertEqual((hours.quantity_left, pieces.quantity_left, money.quantity_left), (0.0, 0.0, 68.0))
        booking.action_cancel("Ill", waive=True)
        self.assertEqual((hours.quantity_left, pieces.quantity_left, money.quantity_left), (1.0, 1.0, 100.0))

    def test_what_is_not_used_by_its_people_is_never_covered(self):
        self._envelope(quantity=100.0)
        [charge] = self._charges(self.pupil)
        self.assertEqual((charge.amount, charge.state), (20.0, "to_invoice"))

    def test_taxed_charges_are_covered_whole_or_not_at_all(self):
        tax = self.env["account.tax"].create(
            {"name": "20 % incl.", "amount": 20, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        self.hour.taxes_id = self.half_hour.taxes_id = tax
        envelope = self._envelope(quantity=16.0)
        self.assertEqual(self._pupil_books("14:00", "15:00").amount, 16.67)
        self.assertEqual(envelope.quantity_left, 16.0)
        envelope.quantity = 20.0
        booking = self._pupil_books("15:00", "16:00")
        self.assertEqual(
            (booking.amount, booking.charge_ids.amount_covered, envelope.quantity_left), (0.0, 16.67, 3.33)
        )

    def test_nobody_sets_what_is_covered(self):
        booking = self._pupil_books()
        for vals in ({"amount_covered": 20.0}, {"covered_by": "Me"}):
            with self.assertRaises(AccessError):
                booking.charge_ids.with_user(self.officer).write(vals)

    def test_no_call_from_outside_keeps_a_cover_that_no_longer_fits(self):
        accountant = MachinesCase._user.__func__(self, "accountant", "fabloch_finance.group_finance_user")
        envelope = self._envelope(quantity=100.0)
        charge = self._pupil_books().charge_ids
        asked = {"fabloch_cover_stays": True, "fabloch_cover_later": True}
        charge = charge.with_user(accountant).with_context(**asked)
        charge.write({"price_unit": 5.0})
        self.assertEqual((charge.amount, charge.amount_covered, envelope.quantity_left), (0.0, 5.0, 95.0))
        charge.write({"partner_id": self.anna.id})
        self.assertEqual((charge.amount_covered, envelope.quantity_left), (0.0, 100.0))


@tagged("post_install", "-at_install")
class TestFees(EnvelopeCase):
    def _member(self, partner, **vals):
        membership = self.env["fabloch.membership"].create(
            {"partner_id": partner.id, "plan_id": self.fee_plan.id, "date_start": "2026-03-10", **vals}
        )
        membership.action_confirm()
        return membership

    def test_seats_of_a_company_are_used_up_one_by_one(self):
        envelope = self._envelope("piece", 1.0, products=self.fee_plan.product_id)
        first = self._member(self.pupil)
        self.assertEqual((first.payment, first.status, envelope.quantity_left), ("nothing", "active", 0.0))
        second = self._member(self.other_pupil)
        self.assertEqual((second.charge_ids.amount, envelope.quantity_left), (30.0, 0.0))
        self.assertNotEqual(second.payment, "nothing")

    def test_a_fee_that_never_took_effect_is_given_back(self):
        envelope = self._envelope("piece", 5.0, products=self.fee_plan.product_id)
        later = self._member(self.pupil, date_start="2026-03-20")
        running = self._member(self.other_pupil, date_start="2026-03-01")
        self.assertEqual(envelope.quantity_left, 3.0)
        (later | running).action_cancel("Leaves", date="2026-03-10")
        self.assertEqual(
            (envelope.quantity_left, later.charge_ids.waived, running.charge_ids.waived), (4.0, True, False)
        )
