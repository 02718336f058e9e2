"""Prepaid time: sold, included, used before any price, given back exactly, never negative."""

import unittest
from datetime import date

from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from tests.common import race, run_python, scratch_database, spawn

from .common import MachinesCase


class PrepaidCase(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack = cls._pack("Pack", 10.0, 150.0)
        cls.desk = cls._user("desk")

    @classmethod
    def _pack(cls, name, hours, price, months=12, categories=None):
        pack = cls._service(name, price)
        pack.write(
            {
                "fabloch_pack_hours": hours,
                "fabloch_pack_months": months,
                "fabloch_pack_category_ids": [Command.set((cls.category if categories is None else categories).ids)],
            }
        )
        return pack

    def _sell(self, partner=None, pack=None, quantity=1.0, **vals):
        wizard = (
            self.env["fabloch.pack.sell"]
            .with_user(self.desk)
            .create(
                {
                    "partner_id": (partner or self.anna).id,
                    "product_id": (pack or self.pack).id,
                    "quantity": quantity,
                    "invoice_now": False,
                    **vals,
                }
            )
        )
        return wizard._sell().sudo()

    def _left(self, partner=None):
        """Hours that the person may use today."""
        partner = partner or self.anna
        return partner._prepaid_balance()[partner][0] / 60


@tagged("post_install", "-at_install")
class TestPack(PrepaidCase):
    def test_selling_charges_and_grants(self):
        self.anna.lang = "en_US"
        charge = self._sell(quantity=2)
        allowance = charge.allowance_ids
        self.assertEqual((charge.amount, charge.state, charge.quantity), (300.0, "to_invoice", 2))
        self.assertEqual(charge.name, "Pack: 10 h, until 03/09/2027")
        self.assertEqual(
            (allowance.partner_id, allowance.quantity, allowance.date_from, allowance.date_to, allowance.product_ids),
            (self.anna, 20.0, date(2026, 3, 10), date(2027, 3, 9), self.hour),
        )
        self.assertEqual(self.anna._prepaid_balance(), {self.anna: (1200, date(2027, 3, 9))})

    def test_sold_by_the_persons_own_prices_and_paid_at_once(self):
        plan = self._member_plan({self.pack: 120.0})
        self._enrol(self.anna, plan)
        wizard = (
            self.env["fabloch.pack.sell"]
            .with_user(self.desk)
            .with_context(active_model="res.partner", active_id=self.anna.id)
            .create({"product_id": self.pack.id})
        )
        self.assertEqual((wizard.partner_id, wizard.total, wizard.hours), (self.anna, 120.0, 10.0))
        action = wizard.action_sell()
        self.assertEqual(action["res_model"], "account.payment.register")
        charge = self.env["fabloch.charge"].search([("product_id", "=", self.pack.id)])
        self.assertEqual((charge.state, charge.invoice_id.state, charge.amount), ("invoiced", "posted", 120.0))

    def test_nothing_is_sold_when_it_cannot_be_invoiced(self):
        self.anna.zip = False
        with self.assertRaisesRegex(UserError, "address lacks"), self.env.cr.savepoint():
            self._sell(invoice_now=True)
        self.assertFalse(self.env["fabloch.allowance"].search([("partner_id", "=", self.anna.id)]))

    def test_any_charge_of_a_pack_grants_it(self):
        charges = self.env["fabloch.charge"].create(
            [
                {"partner_id": partner.id, "product_id": self.pack.id, "date": "2026-03-01"}
                for partner in (self.anna, self.yann)
            ]
        )
        self.assertEqual(charges.allowance_ids.mapped("date_from"), [date(2026, 3, 1)] * 2)
        charges[0].quantity = 3
        self.assertEqual(charges[0].allowance_ids.quantity, 30.0)
        self.assertEqual(charges[0].copy().allowance_ids.quantity, 30.0)
        self.env["fabloch.charge"].create({"partner_id": self.anna.id, "product_id": self.pack.id, "quantity": -1})
        self.assertEqual(self._left(), 60.0)

    def test_waiving_takes_back_what_is_left_and_can_be_undone(self):
        charge = self._sell()
        booking = self._book("14:00", "15:00")
        self.assertEqual((booking.amount, self._left()), (0.0, 9.0))
        charge.action_waive("Sold by mistake")
        self.assertEqual(self._left(), 0.0)
        self.assertEqual(self._book("15:00", "16:00").amount, 20.0)
        self.assertEqual((booking.amount, booking.prepaid_minutes), (0.0, 60), "what was used stays used")
        charge.action_unwaive()
        self.assertEqual(self._left(), 9.0)

    def test_deleting_is_refused_once_used(self):
        unused = self._sell(self.yann)
        allowance = unused.allowance_ids
        unused.unlink()
        self.assertFalse(allowance.exists())
        charge = self._sell()
        self._book("14:00", "15:30")
        for verb in (charge.unlink, lambda: charge.write({"quantity": 2}), lambda: charge.write({"partner_id": 1})):
            with self.assertRaisesRegex(UserError, "1 h 30 of “Pack” are used"), self.env.cr.savepoint():
                verb()
        charge.write({"price_unit": 100.0})

    def test_a_full_credit_note_ends_what_is_left_and_charging_again_takes_it_over(self):
        charge = self._sell(invoice_now=True)
        self._book("14:00", "15:00")
        charge._credit(50, "A gesture")
        self.assertEqual(self._left(), 9.0, "half of the price")
        charge._credit(100, "Given back")
        self.assertEqual(self._left(), 0.0)
        again = charge.action_reinvoice()
        self.assertEqual(self._left(), 9.0)
        self.assertEqual(again.allowance_ids.quantity_used, 1.0)
        self.assertFalse(charge.allowance_ids)

    def test_a_credit_note_that_is_put_back_to_draft_credits_nothing(self):
        charge = self._sell(invoice_now=True)
        note = charge._credit(100, "Given back")
        self.assertEqual(self._left(), 0.0)
        note.button_draft()
        self.assertEqual(self._left(), 10.0)

    def test_where_hours_come_from_is_not_set_by_hand(self):
        charge = self._sell()
        Allowance = self.env["fabloch.allowance"].with_user(self.desk)
        for vals in ({"charge_id": charge.id}, {"taken_back": False}):
            with self.assertRaises(AccessError):
                Allowance.create({"name": "x", "partner_id": self.anna.id, "quantity": 1, **vals})
            with self.assertRaises(AccessError):
                charge.allowance_ids.with_user(self.desk).write(vals)


@tagged("post_install", "-at_install")
class TestUse(PrepaidCase):
    def test_before_any_price_and_the_first_to_expire_first(self):
        late = self._sell(pack=self._pack("Late", 1.0, 15.0, months=6)).allowance_ids
        soon = self._sell(pack=self._pack("Soon", 0.5, 8.0, months=1)).allowance_ids
        booking = self._book("14:00", "16:00")
        self.assertEqual(
            booking.use_ids.mapped(lambda use: (use.allowance_id, use.quantity)), [(late, 1.0), (soon, 0.5)][::-1]
        )
        self.assertEqual((booking.prepaid_minutes, booking.amount), (90, 12.0), "the half hour that is left")
        self.assertEqual(self._left(), 0.0)

    def test_only_for_its_machines(self):
        other = self._category("Other", self.half_hour)
        self._sell(pack=self._pack("Elsewhere", 5.0, 80.0, categories=other))
        self.assertEqual(self._book("14:00", "15:00").amount, 20.0)
        self._sell(pack=self._pack("Anywhere", 5.0, 80.0, categories=self.env["fabloch.machine.category"]))
        self.assertEqual(self._book("15:00", "16:00").amount, 0.0)

    def test_cancelled_in_time_gives_back_exactly(self):
        first = self._sell(pack=self._pack("Small", 0.75, 10.0, months=1)).allowance_ids
        second = self._sell().allowance_ids
        booking = self._book("2026-03-12 14:00", "2026-03-12 16:00")
        self.assertEqual((first.quantity_left, second.quantity_left), (0.0, 8.75))
        booking.action_cancel("Ill")
        self.assertEqual((first.quantity_left, second.quantity_left), (0.75, 10.0))
        self.assertEqual((booking.prepaid_minutes, booking.amount), (0, 0.0))

    def test_cancelled_late_keeps_the_share_where_it_was_taken(self):
        first = self._sell(pack=self._pack("Small", 0.5, 10.0, months=1))
        second = self._sell().allowance_ids
        booking = self._book("14:00", "16:00")
        # What was taken stays taken, even if the pack is taken back in between.
        first.action_waive("Sold by mistake")
        booking.action_cancel()
        self.assertEqual(booking.prepaid_minutes, 60)
        self.assertEqual((first.allowance_ids.quantity_left, second.quantity_left), (0.0, 9.5))
        self.assertEqual(sum(booking._live_uses().mapped("quantity")), 1.0)

    def test_nobody_came_keeps_its_share(self):
        from odoo.addons.fabloch_machines import clock

        self._sell()
        booking = self._book("10:00", "11:00")
        with clock.at(self._at("2026-03-10 10:30")):
            booking.action_no_show()
        self.assertEqual((booking.prepaid_minutes, self._left()), (60, 9.0))

    def test_a_move_gives_back_and_draws_anew(self):
        self._sell(pack=self._pack("Two", 2.0, 30.0))
        booking = self._book("14:00", "15:00")
        booking.write({"start": self._at("2026-03-11 09:00"), "stop": self._at("2026-03-11 12:00")})
        self.assertEqual((booking.prepaid_minutes, booking.amount, self._left()), (120, 20.0, 0.0))
        booking.write({"stop": self._at("2026-03-11 09:30")})
        self.assertEqual((booking.prepaid_minutes, booking.amount, self._left()), (30, 0.0, 1.5))

    def test_the_cancel_wizard_says_what_comes_back(self):
        self._sell()
        early, late = self._book("2026-03-12 14:00", "2026-03-12 16:00"), self._book("14:00", "15:30")
        wizard = (
            self.env["fabloch.booking.cancel"]
            .with_user(self.desk)
            .create({"booking_ids": [Command.set((early | late).ids)]})
        )
        self.assertEqual(wizard.line_ids.mapped("prepaid_back"), [2.0, 0.75])
        wizard.action_cancel()
        self.assertEqual(self._left(), 9.25)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(st.sampled_from(["book", "cancel", "late", "move"]), st.integers(0, 7), st.integers(1, 6)),
            max_size=10,
        ),
        st.sampled_from([0.5, 3.0, 7.25]),
    )
    def test_the_balance_is_what_was_granted_less_what_lives(self, steps, hours):
        with self.env.cr.savepoint() as savepoint:
            self._sell(pack=self._pack("Any", hours, 10.0))
            live = self.Booking
            for number, (step, slot, halves) in enumerate(steps):
                day = f"2026-03-{12 + number}" if step == "book" else f"2026-04-{number + 1:02}"
                # Half hours of a morning or an afternoon, never on a Sunday.
                day = {"2026-03-15": "2026-05-04", "2026-04-05": "2026-05-05", "2026-04-06": "2026-05-06"}.get(day, day)
                start = self._at(f"{day} 09:00") + relativedelta(minutes=30 * slot)
                times = {"start": start, "stop": start + relativedelta(minutes=30 * halves)}
                booking = live[slot % len(live)] if live else live
                if step == "book":
                    booking = self.Booking.create({"machine_id": self.laser.id, "partner_id": self.anna.id, **times})
                    booking.action_confirm()
                    live |= booking
                elif booking and step == "move":
                    booking.write(times)
                elif booking:
                    self.category.free_cancel_hours = 0 if step == "cancel" else 10_000
                    before = booking.prepaid_minutes
                    booking.action_cancel()
                    self.assertEqual(booking.prepaid_minutes, 0 if step == "cancel" else before // 2)
                    live -= booking
                bookings = self.Booking.search([("partner_id", "=", self.anna.id)])
                used = sum(bookings.mapped("prepaid_minutes"))
                self.assertEqual(used, round(sum(bookings._live_uses().mapped("quantity")) * 60))
                self.assertEqual(round(self._left() * 60), round(hours * 60) - used)
                self.assertGreaterEqual(self._left(), 0)
            savepoint.rollback()


@tagged("post_install", "-at_install")
class TestIncluded(PrepaidCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._member_plan(
            {}, seats=3, included_hours=5.0, included_category_ids=[Command.set(cls.category.ids)]
        )
        cls.firm = cls._partners("Menuiserie", is_company=True)
        cls.employee = cls._partners("Salariée", parent_id=cls.firm.id)

    def test_confirming_grants_for_the_period_to_whom_it_covers(self):
        membership = self._enrol(self.firm, self.plan, beneficiary_ids=[Command.set(self.anna.ids)])
        allowance = membership.allowance_ids
        self.assertEqual(
            (allowance.quantity, allowance.date_from, allowance.date_to, allowance.product_ids),
            (5.0, date(2026, 1, 1), date(2026, 12, 31), self.hour),
        )
        people = self.firm | self.employee | self.anna | self.yann
        self.assertEqual(
            {partner: minutes for partner, (minutes, _until) in people._prepaid_balance().items()},
            {self.firm: 300, self.employee: 300, self.anna: 300, self.yann: 0},
        )
        self.assertEqual(self._book("14:00", "15:00", partner=self.anna).amount, 0.0)
        membership.beneficiary_ids = [Command.set(self.yann.ids)]
        self.assertEqual(self._book("15:00", "16:00", partner=self.anna).amount, 20.0)
        self.assertEqual(self._book("16:00", "17:00", partner=self.yann).amount, 0.0)
        self.assertEqual((self._left(self.anna), self._left(self.yann)), (0.0, 3.0))

    def test_once_settled_until_cancelled(self):
        membership = self.env["fabloch.membership"].create(
            {"partner_id": self.anna.id, "plan_id": self.plan.id, "date_start": "2026-01-01"}
        )
        membership._confirm(invoice=False)
        self.assertEqual(self._left(), 0.0)
        membership.charge_ids.action_waive("A present")
        self.assertEqual(self._left(), 5.0)
        membership.action_cancel("Moves away", date="2026-03-12")
        self.assertEqual(self._left(), 5.0)
        self.assertEqual(self._book("2026-03-11 14:00", "2026-03-11 15:00").amount, 0.0)
        self.assertEqual(self._book("2026-03-12 14:00", "2026-03-12 15:00").amount, 20.0)
        self.assertEqual(self.anna._prepaid_balance("2026-03-12"), {self.anna: (0, False)})

    def test_renewing_grants_anew(self):
        membership = self._enrol(self.anna, self.plan)
        following = membership._renew(invoice=False)
        self.assertEqual(following.allowance_ids.date_from, date(2027, 1, 1))
        self.assertEqual(self._left(), 5.0)
        following.charge_ids.action_waive("A present")
        self.assertEqual(self.anna._prepaid_balance("2027-01-01")[self.anna], (300, date(2027, 12, 31)))

    def test_follows_a_corrected_period(self):
        membership = self._enrol(self.anna, self.plan)
        membership.sudo().date_end = "2026-06-30"
        self.assertEqual(membership.allowance_ids.date_to, date(2026, 6, 30))

    def test_many_are_granted_at_once(self):
        few, many = (self._partners(*(f"{size} {number}" for number in range(size))) for size in (2, 22))

        def enrol(partners):
            self.env["fabloch.membership"].create(
                [{"partner_id": partner.id, "plan_id": self.plan.id, "settled_elsewhere": True} for partner in partners]
            )

        enrol(self._partners("Warm up"))
        first, second = self._queries(lambda: enrol(few)), self._queries(lambda: enrol(many))
        self.assertLess(second - first, 20 * 2, f"{first} {second}")


@tagged("post_install", "-at_install")
class TestBalance(PrepaidCase):
    def test_shown_on_the_contact_and_the_same_as_a_booking_would_draw(self):
        self._sell(pack=self._pack("Soon", 1.5, 10.0, months=1))
        self._sell()
        gone = self._sell(pack=self._pack("Gone", 1.0, 10.0))
        gone.allowance_ids.sudo().write({"date_from": "2026-01-01", "date_to": "2026-03-09"})
        anna = self.anna.with_user(self.desk)
        self.assertEqual((anna.prepaid_hours, anna.prepaid_until, anna.allowance_count), (11.5, date(2026, 4, 9), 3))
        draw = self.env["fabloch.machine"]._draw_request(
            self.Booking.new(self._vals("2026-03-10 09:00", "2026-03-10 23:00"))._requests()[0]
        )
        self.assertEqual(self.env["fabloch.allowance"]._foresee([draw]), [11.5])
        self.assertEqual(anna.action_open_allowances()["res_model"], "fabloch.allowance")

    def test_the_same_queries_for_many_contacts(self):
        people = self._partners(*(f"Person {number}" for number in range(50)))
        for person in people:
            self._sell(person)
        self.assertEqual(
            self._queries(lambda: people[:2].mapped("prepaid_hours")),
            self._queries(lambda: people.mapped("prepaid_hours")),
        )


PREPARE = """
account = env["account.account"].search([("account_type", "=", "income")], limit=1)
hour = env["product.product"].create({
    "name": "Laser hour", "type": "service", "list_price": 20, "taxes_id": [(5,)],
    "property_account_income_id": account.id})
pack = env["product.product"].create({
    "name": "Pack", "type": "service", "list_price": 90, "taxes_id": [(5,)], "fabloch_pack_hours": 6})
category = env["fabloch.machine.category"].create({"name": "Laser", "product_id": hour.id})
env["fabloch.rate"].create({"name": "hour", "category_id": category.id, "minutes": 60, "product_id": hour.id})
env["fabloch.machine"].create([
    {"name": f"Laser {n}", "category_id": category.id, "always_open": True, "horizon_days": 0} for n in range(4)])
firm = env["res.partner"].create({"name": "Firm", "is_company": True})
env["res.partner"].create([{"name": f"Racer {n}", "parent_id": firm.id} for n in range(4)])
env["fabloch.charge"].create({"partner_id": firm.id, "product_id": pack.id})
"""

RACE = """
from datetime import timedelta
from odoo import fields
number = int({number})
machine = env["fabloch.machine"].search([("name", "=", f"Laser {{number}}")])
person = env["res.partner"].search([("name", "=", f"Racer {{number}}")])
day = fields.Datetime.now().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)
print("ready", flush=True)
input()
for turn in range(5):
    def once():
        start = day + timedelta(hours=turn)
        booking = env["fabloch.booking"].create(
            {{"machine_id": machine.id, "partner_id": person.id, "start": start, "stop": start + timedelta(hours=1)}})
        booking.action_confirm()
        if turn == 1:
            booking.action_cancel("Changed its mind")
    at_last(once)
    cr.commit()
"""

CHECK = """
bookings = env["fabloch.booking"].search([])
[allowance] = env["fabloch.allowance"].search([])
prepaid = sum(bookings.mapped("prepaid_minutes"))
print(
    len(bookings), prepaid, allowance.quantity_left,
    prepaid == round(sum(bookings._live_uses().mapped("quantity")) * 60),
    all(booking.prepaid_minutes + 60 * len(booking.charge_ids) == 60
        for booking in bookings if booking.state == "confirmed"),
)
"""


@tagged("post_install", "-at_install")
class TestRace(unittest.TestCase):
    def test_four_processes_on_one_pack_never_draw_more_than_there_is(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            racers = [spawn(RACE.format(number=number), name) for number in range(4)]
            race(racers)
            bookings, prepaid, left, booked, priced = run_python(CHECK, name).split()
            self.assertEqual((bookings, booked, priced), ("20", "True", "True"))
            # 16 hours stay booked, the pack pays for 6 of them at most; what a cancellation gave back may be left.
            self.assertEqual(int(prepaid) + round(float(left) * 60), 360)
            self.assertGreaterEqual(float(left), 0)
