"""What if: the same bookings by another card. Unchanged it changes nothing, to the cent; it writes nothing."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_machines.models.machine_quote import QuoteRequest

from .common import MachinesCase

BOARD = "fabloch_finance.group_finance_board"
ACCOUNTANT = "fabloch_finance.group_finance_manager"
MANAGER = "fabloch_machines.group_machines_manager"
FREE, HALF = 0, 50
numbers = count(1)


class ScenarioCase(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Scenario = cls.env["fabloch.rate.scenario"]
        cls.category.write({"free_cancel_hours": 24, "late_cancel_percent": 50.0, "no_show_percent": 50.0})

    @classmethod
    def _scenario(cls, fill=True, **vals):
        scenario = cls.Scenario.create(
            {"name": "Next year", "date_from": "2026-01-01", "date_to": "2026-12-31", **vals}
        )
        if fill:
            scenario.action_fill()
        return scenario

    def _result(self, scenario):
        self.env.flush_all()
        self.env.invalidate_all()
        [result] = scenario._results().values()
        return result

    def _totals(self, scenario):
        total = self._result(scenario).total
        return float(total.before), float(total.today), float(total.after)

    def _line(self, scenario, rate, pricelist=None):
        pricelist = pricelist or self.env["product.pricelist"]
        visitors = self.env["product.pricelist"]._of_visitors()
        [line] = scenario.line_ids.filtered(
            lambda line: line.rate_id == rate and line.pricelist_id == (pricelist or visitors)
        )
        return line

    def _add_unit(self, scenario, minutes, price, pricelists=None, **vals):
        visitors = self.env["product.pricelist"]._of_visitors()
        return self.env["fabloch.rate.scenario.line"].create(
            [
                {
                    "scenario_id": scenario.id,
                    "category_id": self.category.id,
                    "name": f"{minutes} min",
                    "minutes": minutes,
                    "pricelist_id": pricelist.id,
                    "new_price": price,
                    **vals,
                }
                for pricelist in pricelists or [visitors]
            ]
        )


lengths = [15, 30, 45, 60, 90, 120, 180, 240, 480, 1440]
prices = st.integers(0, 9_999).map(lambda cents: Decimal(cents).scaleb(-2))
cards = st.dictionaries(st.sampled_from(lengths), st.tuples(prices, prices), min_size=1, max_size=4)
past = st.fixed_dictionaries(
    {
        "slots": st.integers(1, 60),
        "units": st.integers(1, 3),
        "member": st.booleans(),
        "prepaid": st.one_of(st.just(0), st.integers(1, 300)),
        "end": st.sampled_from(["used", "used", "no_show", "late", "cancelled", "moved", "waived"]),
        "invoiced": st.booleans(),
    }
)
EXAMPLES = settings(
    max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)


@tagged("post_install", "-at_install")
class TestRandomScenarios(ScenarioCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._member_plan({})
        cls._enrol(cls.anna, cls.plan)

    def _play(self, card, visits):
        """A pool of three with the rates of `card`, and these bookings of it, one a day from tomorrow on."""
        number = next(numbers)
        self.category = self._category(
            f"Random {number}",
            self._service(f"Random {number}", 0.0),
            free_cancel_hours=24,
            late_cancel_percent=50.0,
            no_show_percent=30.0,
        )
        for minutes, (public, of_member) in card.items():
            product = self._service(f"Random {number}, {minutes} min", float(public))
            self._rate(self.category, f"{minutes} min", minutes, product)
            self.plan.pricelist_id.item_ids = [
                Command.create(
                    {
                        "applied_on": "0_product_variant",
                        "product_id": product.id,
                        "compute_price": "fixed",
                        "fixed_price": float(of_member),
                    }
                )
            ]
        machine = self._machine(
            f"Random {number}",
            self.category,
            capacity=3,
            always_open=True,
            slot_minutes=15,
            shortest_minutes=15,
            longest_minutes=0,
        )
        found = self.Booking
        for day, visit in enumerate(visits):
            found |= self._visit(machine, day, **visit)
        return found

    def _visit(self, machine, day, slots, units, member, prepaid, end, invoiced):
        partner = self.anna if member else self.yann
        start = datetime(2026, 3, 15, 8) + timedelta(days=2 * day)
        if prepaid:
            # What is left of it is none of the next booking's business.
            self.env["fabloch.allowance"].create(
                {
                    "name": "Pack",
                    "partner_id": partner.id,
                    "quantity": prepaid / 60,
                    "unit": "hour",
                    "date_from": start.date(),
                    "date_to": start.date(),
                }
            )
        booking = self.Booking.create(
            {
                "machine_id": machine.id,
                "partner_id": partner.id,
                "start": start,
                "stop": start + timedelta(minutes=15 * slots),
                "units": units,
                "state": "confirmed",
            }
        )
        due = booking.charge_ids.filtered(lambda charge: charge.state == "to_invoice")
        if invoiced and due and end != "moved":
            booking.action_invoice()
        if end == "no_show":
            with freeze_time(start + timedelta(minutes=5)):
                booking.action_no_show()
        elif end == "late":
            with freeze_time(start - timedelta(hours=2)):
                booking.action_cancel("Late")
        elif end == "cancelled":
            booking.action_cancel("In time")
        elif end == "moved":
            booking.stop += timedelta(minutes=15)
        elif end == "waived":
            booking.charge_ids.filtered(lambda charge: charge.state == "to_invoice").action_waive("Gift")
        return booking

    def _in_savepoint(self, check):
        with self.env.cr.savepoint() as savepoint:
            check()
            savepoint.rollback()
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    @EXAMPLES
    @given(card=cards, visits=st.lists(past, min_size=1, max_size=6))
    def test_unchanged_card_gives_what_was_charged_to_the_cent(self, card, visits):
        def check():
            bookings = self._play(card, visits)
            for scenario in (self._scenario(fill=False), self._scenario()):
                result = self._result(scenario)
                self.assertEqual(result.total.before, result.total.after)
                self.assertEqual(result.total.before, result.total.today)
                self.assertEqual(result.dearer + result.cheaper, 0)
                self.assertEqual(float(result.total.before), round(sum(bookings.mapped("amount")), 2))
                for rows in (result.streams, result.machine_categories, result.member_categories):
                    self.assertEqual(sum(row.after for row in rows), result.total.after)
                    self.assertFalse([row for row in rows if row.change])
                self.assertFalse(result.members)

        self._in_savepoint(check)

    @EXAMPLES
    @given(
        card=cards,
        visits=st.lists(past, min_size=1, max_size=6),
        minutes=st.sampled_from(lengths),
        price=prices,
    )
    def test_nobody_pays_more_when_a_unit_is_only_added(self, card, visits, minutes, price):
        def check():
            self._play(card, visits)
            scenario = self._scenario(fill=False)
            self._add_unit(
                scenario,
                minutes,
                float(price),
                [self.plan.pricelist_id, self.env["product.pricelist"]._of_visitors()],
            )
            result = self._result(scenario)
            self.assertEqual(result.dearer, 0)
            self.assertEqual(result.lost, 0)
            self.assertLessEqual(result.total.after, result.total.before)

        self._in_savepoint(check)

    @EXAMPLES
    @given(
        card=cards,
        visits=st.lists(past, min_size=1, max_size=5),
        new=st.lists(prices, min_size=8, max_size=8),
    )
    def test_other_prices_give_what_the_desk_would_quote(self, card, visits, new):
        """The brute force: the prices are really changed, and each booking that was charged in full quoted anew."""

        def check():
            visits_in_full = [{**visit, "end": "used"} for visit in visits]
            bookings = self._play(card, visits_in_full)
            scenario = self._scenario()
            mine = scenario.line_ids.filtered(lambda line: line.category_id == self.category)
            for line, price in zip(mine, new, strict=False):
                line.new_price = float(price)
            result = self._result(scenario)
            for line in mine:
                self._set_price(line)
            expected = 0
            for booking in bookings:
                request = QuoteRequest(
                    booking.machine_id, booking.partner_id, booking.start, booking.stop, booking.units
                )
                [quote] = self.env["fabloch.machine"]._quotes([request], [booking.prepaid_minutes])
                expected += round(quote.total * 100)
            self.assertEqual(round(result.total.after * 100), expected)

        self._in_savepoint(check)

    def _set_price(self, line):
        product = line.rate_id.product_id
        item = line.pricelist_id.item_ids.filtered(lambda item: item.product_id == product)
        if line.pricelist_id == self.plan.pricelist_id:
            item.fixed_price = line.new_price
        else:
            product.list_price = line.new_price


@tagged("post_install", "-at_install")
class TestRateScenario(ScenarioCase):
    def test_ten_percent_more_on_single_units_brings_ten_percent_more(self):
        self._book("10:00", "11:00")
        self._book("11:00", "12:00", partner=self.yann)
        scenario = self._scenario(rise_percent=10, rise_rounding=0.01)
        scenario.action_rise()
        self.assertEqual(self._totals(scenario), (40.0, 40.0, 44.0))
        self.assertAlmostEqual(scenario.change_rate, 0.1)
        self.assertEqual((scenario.amount_before, scenario.amount_after, scenario.amount_change), (40.0, 44.0, 4.0))

    def test_rise_is_rounded_and_starts_from_todays_prices(self):
        scenario = self._scenario(rise_percent=5, rise_rounding=0.5)
        for _twice in range(2):
            scenario.action_rise()
            self.assertEqual(self._line(scenario, self.rate_half).new_price, 12.5)
        scenario.rise_category_id = self._category("Other", self._service("Other", 1.0))
        scenario.rise_percent = 50
        scenario.action_rise()
        self.assertEqual(self._line(scenario, self.rate_half).new_price, 12.5)

    def test_fill_keeps_what_was_entered(self):
        scenario = self._scenario()
        line = self._line(scenario, self.rate_hour)
        self.assertEqual((line.current_price, line.new_price), (20.0, 20.0))
        line.new_price = 23.0
        number = len(scenario.line_ids)
        scenario.action_fill()
        self.assertEqual((len(scenario.line_ids), line.new_price), (number, 23.0))

    def test_removed_rate_leaves_the_others(self):
        self._book("10:00", "11:30")  # an hour and a half: 32 €
        scenario = self._scenario()
        self._line(scenario, self.rate_half).offered = False
        self.assertEqual(self._totals(scenario)[::2], (32.0, 40.0))
        self._line(scenario, self.rate_hour).offered = False
        result = self._result(scenario)
        self.assertEqual((result.lost, result.total.after), (1, 0))

    def test_rate_is_removed_for_everybody(self):
        self._enrol(self.anna, self._member_plan({self.hour: 15.0}))
        scenario = self._scenario()
        lines = scenario.line_ids.filtered(lambda line: line.rate_id == self.rate_half)
        self.assertGreater(len(lines), 1)
        lines[0].offered = False
        self.assertEqual(set(lines.mapped("offered")), {False})

    def test_new_unit_makes_long_bookings_cheaper(self):
        self._book("10:00", "14:00")
        self._book("14:00", "15:00", partner=self.yann)
        scenario = self._scenario(fill=False)
        self._add_unit(scenario, 240, 50.0)
        result = self._result(scenario)
        self.assertEqual((result.total.before, result.total.after), (100, 70))
        self.assertEqual((result.cheaper, result.same, result.dearer), (1, 1, 0))

    def test_machine_with_a_new_rate_of_its_own_leaves_its_categorys(self):
        self._book("10:00", "11:00")
        scenario = self._scenario(fill=False)
        self._add_unit(scenario, 60, 50.0, machine_id=self.laser.id)
        self.assertEqual(self._totals(scenario)[::2], (20.0, 50.0))

    def test_members_and_visitors_have_each_their_price(self):
        plan = self._member_plan({self.hour: 15.0})
        self._enrol(self.anna, plan)
        self._book("10:00", "11:00")
        self._book("11:00", "12:00", partner=self.yann)
        scenario = self._scenario()
        self._line(scenario, self.rate_hour, plan.pricelist_id).new_price = 16.0
        result = self._result(scenario)
        self.assertEqual((result.total.before, result.total.after), (35, 36))
        by_category = {row.name: (row.before, row.after) for row in result.member_categories}
        self.assertEqual(sorted(by_category.values()), [(15, 16), (20, 20)])
        self.assertEqual([(row.name, row.change) for row in result.members], [("Anna Le Goff", 1)])

    def test_visitor_who_became_a_member_since_is_replayed_as_a_visitor(self):
        self._book("10:00", "11:00")
        plan = self._member_plan({self.hour: 15.0})
        self._enrol(self.anna, plan, start="2026-03-10")
        self.assertEqual(self._totals(self._scenario()), (20.0, 20.0, 20.0))

    def test_member_who_is_none_any_more_is_replayed_as_a_member(self):
        plan = self._member_plan({self.hour: 15.0})
        membership = self._enrol(self.anna, plan)
        self._book("10:00", "11:00")
        membership.action_cancel("Never paid")
        membership.cancel_date = "2026-01-01"
        self.assertEqual(self._totals(self._scenario()), (15.0, 15.0, 15.0))

    def test_pricelist_replaces_another(self):
        plan = self._member_plan({self.hour: 15.0})
        self._enrol(self.anna, plan)
        self._book("10:00", "11:00")
        new = self._member_plan({self.hour: 18.0}).pricelist_id
        scenario = self._scenario(
            fill=False,
            pricelist_ids=[Command.create({"pricelist_id": plan.pricelist_id.id, "new_pricelist_id": new.id})],
        )
        self.assertEqual(self._totals(scenario), (15.0, 15.0, 18.0))
        # The card is applied after: its lines are for the pricelist that is paid by in the scenario.
        scenario.action_fill()
        self._line(scenario, self.rate_hour, new).new_price = 19.0
        self.assertEqual(self._totals(scenario), (15.0, 15.0, 19.0))
        self.assertNotIn(plan.pricelist_id, scenario.line_ids.pricelist_id)

    def test_prices_of_a_pricelist_that_begins_later(self):
        plan = self._member_plan({self.hour: 15.0})
        self._enrol(self.anna, plan)
        self._book("10:00", "11:00")
        plan.pricelist_id.item_ids = [
            Command.create(
                {
                    "applied_on": "0_product_variant",
                    "product_id": self.hour.id,
                    "compute_price": "fixed",
                    "fixed_price": 17.0,
                    "date_start": "2027-01-01 00:00:00",
                }
            )
        ]
        scenario = self._scenario(fill=False)
        self.assertEqual(self._totals(scenario), (15.0, 15.0, 15.0))
        scenario.price_date = "2027-01-02"
        self.assertEqual(self._totals(scenario), (15.0, 15.0, 17.0))

    def test_prices_that_changed_since_are_told_apart(self):
        self._book("10:00", "11:00")
        self.hour.list_price = 22.0
        scenario = self._scenario(fill=False)
        self.assertEqual(self._totals(scenario), (20.0, 22.0, 22.0))
        self.assertIn("22.00", scenario.result_html)

    def test_late_cancellation_is_replayed_for_the_part_that_was_kept(self):
        booking = self._book("16:00", "17:00")
        booking.action_cancel("Ill")
        free = self._book("2026-03-20 10:00", "11:00")
        free.action_cancel("In time")
        scenario = self._scenario()
        self._line(scenario, self.rate_hour).new_price = 30.0
        self._line(scenario, self.rate_half).new_price = 30.0
        result = self._result(scenario)
        self.assertEqual((result.total.before, result.total.after, result.total.bookings), (10, 15, 1))
        self.assertEqual(result.given_up, 1)

    def test_prepaid_time_and_consumables_stay(self):
        self.env["fabloch.allowance"].create(
            {"name": "Pack", "partner_id": self.anna.id, "quantity": 1.0, "unit": "hour"}
        )
        booking = self._book("10:00", "12:00")
        self.env["fabloch.charge"].create(
            {"booking_id": booking.id, "partner_id": self.anna.id, "product_id": self._service("Wood", 7.0).id}
        )
        scenario = self._scenario()
        self._line(scenario, self.rate_hour).new_price = 30.0
        result = self._result(scenario)
        # The hour that is left: two half hours are the cheaper now.
        self.assertEqual((result.total.before, result.total.after, result.consumables), (20, 24, 7))

    def test_late_cancellation_gives_prepaid_time_back_but_the_price_stays_that_of_the_rest(self):
        self.env["fabloch.allowance"].create(
            {"name": "Pack", "partner_id": self.anna.id, "quantity": 1.0, "unit": "hour"}
        )
        booking = self._book("15:00", "17:00")
        booking.action_cancel("Ill")
        self.assertEqual((booking.amount, booking.prepaid_minutes), (10.0, 30))
        self.assertEqual(self._totals(self._scenario()), (10.0, 10.0, 10.0))

    def test_price_that_an_allowance_of_money_pays_is_no_revenue(self):
        self.env["fabloch.allowance"].create(
            {"name": "Envelope", "partner_id": self.anna.id, "quantity": 5.0, "unit": "currency"}
        )
        self._book("10:00", "11:00")
        scenario = self._scenario()
        self._line(scenario, self.rate_hour).new_price = 22.0
        self._line(scenario, self.rate_half).new_price = 22.0
        self.assertEqual(self._totals(scenario), (15.0, 15.0, 16.5))

    def test_taxes_in_the_price(self):
        tax = self.env["account.tax"].create(
            {"name": "Included", "amount": 20, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        (self.hour | self.half_hour).taxes_id = tax
        self._book("2026-03-11 10:00", "2026-03-11 12:30")
        before = self._totals(self._scenario())
        self.assertEqual(before[0], before[2])
        self.assertEqual(before[0], round(40 / 1.2, 2) + 10)
        scenario = self._scenario()
        self._line(scenario, self.rate_hour).new_price = 24.0
        self.assertEqual(self._totals(scenario)[2], 50.0)

    def test_only_the_bookings_of_the_period(self):
        self._book("2026-03-31 17:00", "2026-03-31 18:00")
        self._book("2026-04-01 09:00", "2026-04-01 10:00")
        self._book("2026-03-20 10:00", "11:00", confirm=False)
        scenario = self._scenario(fill=False, date_from="2026-03-01", date_to="2026-03-31")
        self.assertEqual(self._result(scenario).total.bookings, 1)

    def test_scenario_begins_with_the_last_exercise(self):
        scenario = self.Scenario.new({"name": "x"})
        year = self.company._fabloch_fiscal_year(ago=1)
        self.assertEqual((scenario.date_from, scenario.date_to), (year.date_from, year.date_to))

    def test_nonsense_is_refused(self):
        with self.assertRaises(ValidationError):
            self._scenario(fill=False, rise_percent=-120)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self._scenario(fill=False, date_to="2025-01-01")

    # -- Nothing is written ------------------------------------------------------------------------------------------

    def test_replay_writes_nothing(self):
        self._book("10:00", "12:30")
        self._book("16:00", "17:00", partner=self.yann).action_cancel("Ill")
        scenario = self._scenario()
        scenario.action_rise()
        reader = self._user("scenario_reader", BOARD)
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with self.env.cr.savepoint() as savepoint:
            # PostgreSQL itself refuses any INSERT, UPDATE or DELETE from here on.
            self.env.cr.execute("SET TRANSACTION READ ONLY")
            read = scenario.with_user(reader).read(["result_html", "amount_before", "amount_after"])
            printed = scenario.with_user(reader)._printed()
            self.env.flush_all()
            savepoint.rollback()
        self.assertGreater(read[0]["amount_after"], read[0]["amount_before"])
        self.assertIn("o_fabloch_result", read[0]["result_html"])
        self.assertTrue(printed["prices"])

    # -- Cost --------------------------------------------------------------------------------------------------------

    def test_fifty_bookings_cost_the_queries_of_five(self):
        people = self._partners(*(f"Person {number}" for number in range(50)))
        machine = self._machine("Always", always_open=True)
        plan = self._member_plan({self.hour: 15.0})
        for person in people[::2]:
            self._enrol(person, plan)
        made = self.Booking.create(
            [
                {
                    "machine_id": machine.id,
                    "partner_id": person.id,
                    "start": datetime(2026, 3, 11, 8) + timedelta(hours=3 * number),
                    "stop": datetime(2026, 3, 11, 8) + timedelta(hours=3 * number, minutes=30 * (1 + number % 5)),
                    "state": "confirmed",
                }
                for number, person in enumerate(people)
            ]
        )
        few, many = self._scenario(), self._scenario()
        few.date_to = made[4].start.date()
        few.date_from = made[0].start.date()
        costs = []
        for scenario in (few, many):
            self._result(scenario)
            costs.append(self._queries(scenario._results))
        self.assertGreaterEqual(self._result(many).total.bookings, 50)
        self.assertLessEqual(self._result(few).total.bookings, 8)
        self.assertLessEqual(costs[1], costs[0] + 2)

    # -- Who ---------------------------------------------------------------------------------------------------------

    def test_board_replays_and_only_managers_write(self):
        self._book("10:00", "11:00")
        scenario = self._scenario()
        board = self._user("scenario_board", BOARD)
        self.assertEqual(scenario.with_user(board).amount_before, 20.0)
        self.assertEqual(scenario.with_user(board).action_replay()["res_id"], scenario.id)
        for name in ("action_fill", "action_rise"):
            with self.assertRaises(AccessError):
                getattr(scenario.with_user(board), name)()
        with self.assertRaises(AccessError):
            scenario.with_user(self._user("scenario_nobody", "base.group_user")).read(["amount_before"])
        for number, group in enumerate((ACCOUNTANT, MANAGER)):
            user = self._user(f"scenario_{number}", group)
            own = self.Scenario.with_user(user).create(
                {"name": "Mine", "date_from": "2026-01-01", "date_to": "2026-12-31"}
            )
            own.action_fill()
            own.action_rise()
            self.assertEqual(own.amount_before, 20.0)
            own.unlink()

    def test_other_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        scenario = self._scenario()
        stranger = self._user("scenario_other", ACCOUNTANT)
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self.Scenario.with_user(stranger).search([("id", "=", scenario.id)]))
        self.assertFalse(self.env["fabloch.rate.scenario.line"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            scenario.with_user(stranger).read(["amount_before"])
        theirs = self.Scenario.with_user(stranger).create(
            {"name": "Theirs", "date_from": "2026-01-01", "date_to": "2026-12-31"}
        )
        theirs.action_fill()
        self.assertFalse(theirs.line_ids)
        self._book("10:00", "11:00")
        self.assertEqual(theirs.amount_before, 0.0)


@tagged("post_install", "-at_install")
class TestRateScenarioTour(ScenarioCase, HttpCase):
    def test_from_todays_card_to_what_other_prices_would_have_brought_in(self):
        self._enrol(self.anna, self._member_plan({}), start="2025-01-01")
        with freeze_time("2025-03-11 08:00:00"):
            self._book("2025-03-11 10:00", "2025-03-11 11:00")
            self._book("2025-03-11 11:00", "2025-03-11 12:30")
        self._user("scenario_tour", ACCOUNTANT)
        self.start_tour("/odoo/fablab-rate-scenarios", "fabloch_machines_rate_scenario", login="scenario_tour")
