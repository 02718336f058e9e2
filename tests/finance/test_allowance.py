import unittest
from datetime import timedelta

import psycopg2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.common import race, run_python, scratch_database, spawn

from .common import TODAY, FinanceCase


@tagged("post_install", "-at_install")
class TestAllowance(FinanceCase):
    def _allowance(self, quantity=10.0, **vals):
        return self.env["fabloch.allowance"].create(
            {
                "name": "Pack",
                "partner_id": self.payer.id,
                "quantity": quantity,
                "date_from": TODAY - timedelta(days=30),
                "date_to": TODAY + timedelta(days=30),
                **vals,
            }
        )

    def _draw(self, quantity, partner=None, unit="hour", date=TODAY, product=None):
        return self.env["fabloch.allowance"]._draw(partner or self.payer, product or self.product, quantity, unit, date)

    def test_what_expires_first_is_taken_first(self):
        endless = self._allowance(date_to=False)
        late = self._allowance(5)
        soon = self._allowance(1, date_to=TODAY)
        uses = self._draw(3)
        self.assertEqual(uses.mapped(lambda use: (use.allowance_id, use.quantity)), [(soon, 1.0), (late, 2.0)])
        self.assertEqual(endless.quantity_left, 10.0)

    def test_no_more_than_is_left_and_no_more_than_is_asked(self):
        allowance = self._allowance(2)
        self.assertEqual(sum(self._draw(5).mapped("quantity")), 2.0)
        self.assertEqual(allowance.quantity_left, 0.0)
        self.assertFalse(self._draw(1))

    def test_only_its_time_its_people_and_its_products(self):
        other_product = self._product("Embroidery")
        self._allowance(product_ids=[Command.set(self.product.ids)], beneficiary_ids=[Command.set(self.payer.ids)])
        self.assertFalse(self._draw(1, product=other_product))
        self.assertFalse(self._draw(1, partner=self.other_payer))
        self.assertFalse(self._draw(1, unit="currency"))
        self.assertFalse(self._draw(1, date=TODAY + timedelta(days=31)))
        self.assertFalse(self._draw(1, date=TODAY - timedelta(days=31)))
        self.assertTrue(self._draw(1, date=TODAY + timedelta(days=30)))

    def test_the_people_of_the_holder_may_use_it(self):
        company = self._payers("Lycée", is_company=True)
        person = self.env["res.partner"].create({"name": "Élève", "parent_id": company.id})
        self._allowance(partner_id=company.id)
        self.assertTrue(self._draw(1, partner=person))
        self.assertFalse(self._draw(1, partner=self.other_payer))

    def test_six_times_ten_minutes_make_an_hour(self):
        allowance = self._allowance(1)
        for _time in range(6):
            self.assertTrue(self._draw(10 / 60))
        self.assertEqual(allowance.quantity_left, 0.0)

    def test_giving_back_is_exact_and_happens_once(self):
        allowance = self._allowance(1)
        uses = self._draw(1 / 3)
        uses._give_back()
        uses._give_back()
        self.assertEqual((allowance.quantity_left, allowance.quantity_used), (1.0, 0.0))
        self.assertEqual(len(allowance.use_ids), 2, "both stay in the books")
        with self.assertRaisesRegex(UserError, "Only what was taken"):
            uses.return_ids._give_back()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=12), st.sampled_from(["hour", "currency"]))
    def test_never_negative_and_never_lost(self, draws, unit):
        per_unit = 60 if unit == "hour" else 100
        with self.env.cr.savepoint() as savepoint:
            allowance = self._allowance(600 / per_unit, unit=unit)
            left = 600
            for asked, give_back in draws:
                uses = self._draw(asked / per_unit, unit=unit)
                taken = round(sum(uses.mapped("quantity")) * per_unit)
                self.assertEqual(taken, min(asked, left))
                if give_back:
                    uses._give_back()
                else:
                    left -= taken
                self.assertEqual(round(allowance.quantity_left * per_unit), left)
            savepoint.rollback()

    def test_bad_input_says_what_to_do(self):
        for vals in ({"quantity": 0}, {"quantity": -1}, {"date_to": TODAY - timedelta(days=31)}):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation):
                with self.env.cr.savepoint():
                    self._allowance(**vals)
        allowance = self._allowance()
        self._draw(4)
        with self.assertRaisesRegex(ValidationError, "at least that much"), self.env.cr.savepoint():
            allowance.quantity = 3
        for vals in ({"unit": "currency"}, {"partner_id": self.other_payer.id}):
            with self.assertRaisesRegex(UserError, "holder and its unit stay"):
                allowance.write(vals)
        with self.assertRaisesRegex(UserError, "End it instead"):
            allowance.unlink()

    def test_nobody_writes_uses_by_hand(self):
        self._allowance()
        uses = self._draw(1)
        user = self._user("desk", "fabloch_finance.group_finance_user")
        self.assertEqual(uses.with_user(user).quantity, 1.0)
        for forbidden in (
            lambda: uses.with_user(user).write({"quantity": 0}),
            lambda: uses.with_user(user).unlink(),
            lambda: uses.with_user(user).copy(),
        ):
            with self.assertRaises(AccessError):
                forbidden()


@tagged("post_install", "-at_install")
class TestAllowanceRace(unittest.TestCase):
    def test_four_processes_never_take_more_than_there_is(self):
        prepare = """
product = env["product.product"].create({"name": "Laser", "type": "service"})
partner = env["res.partner"].create({"name": "Lycée"})
env["fabloch.allowance"].create({"name": "Envelope", "partner_id": partner.id, "quantity": 10})
"""
        draw = """
allowance = env["fabloch.allowance"].search([], limit=1)
product = env["product.product"].search([("name", "=", "Laser")], limit=1)
print("ready", flush=True)
input()
taken = 0
for _time in range(20):
    def once():
        today = env["fabloch.allowance"]._fields["date_from"].context_today(allowance)
        uses = allowance._draw(allowance.partner_id, product, 0.25, "hour", today)
        return sum(uses.mapped("quantity"))
    taken += at_last(once)
    cr.commit()
print(taken)
"""
        with scratch_database() as name:
            run_python(prepare, name)
            racers = [spawn(draw, name) for _racer in range(4)]
            taken = [float(printed) for printed in race(racers)]
            self.assertEqual(sum(taken), 10.0)
            left = "print(env['fabloch.allowance'].search([]).quantity_left)"
            self.assertEqual(run_python(left, name), "0.0")
