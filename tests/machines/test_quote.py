"""What was quoted is what is charged is what is invoiced, to the cent; and it is the least that there is."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from .common import MachinesCase

LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240, 420, 480, 1440]
# A price of three decimals is a whole number of cents when somebody pays it.
prices = st.one_of(
    st.integers(1, 9_999).map(lambda cents: Decimal(cents).scaleb(-2)),
    st.integers(1, 99_999).map(lambda mills: Decimal(mills).scaleb(-3)),
    st.just(Decimal("0.00")),
)
cards = st.dictionaries(st.sampled_from(LENGTHS), st.tuples(prices, prices), min_size=1, max_size=4)
wanted = st.fixed_dictionaries(
    {
        "card": cards,
        "slots": st.integers(1, 96),
        "units": st.integers(1, 3),
        "member": st.booleans(),
        "prepaid": st.one_of(st.just(0), st.integers(1, 600)),
    }
)
numbers = count(1)


def cents(price):
    """`price` in whole cents, half a cent upwards."""
    return int((price * 100).quantize(Decimal(1), ROUND_HALF_UP))


def least(minutes, card):
    """The least that `minutes` cost by `card` {minutes: cents}: every combination is tried."""

    @lru_cache(None)
    def cost(left):
        return min(price + cost(left - length) for length, price in card.items()) if left > 0 else 0

    # From the short to the long, so that nothing is asked too deep.
    for left in range(min(minutes, 1), minutes + 1):
        cost(left)
    return cost(minutes)


@tagged("post_install", "-at_install")
class TestRandomQuotes(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._member_plan({})
        cls._enrol(cls.anna, cls.plan)

    def _make(self, card):
        """A pool of three with the rates of `card` {minutes: (public price, member price)}."""
        number = next(numbers)
        service = self._service(f"Random {number}", 0.0)
        category = self._category(f"Random {number}", service)
        for minutes, (public, of_member) in card.items():
            product = self._service(f"Random {number}, {minutes} min", float(public))
            self._rate(category, f"{minutes} min", minutes, product)
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
        return self._machine(
            f"Random {number}",
            category,
            capacity=3,
            always_open=True,
            slot_minutes=15,
            shortest_minutes=15,
            longest_minutes=0,
        )

    @settings(
        max_examples=50, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(wanted=wanted)
    def test_quote_is_charge_is_invoice_and_the_least(self, wanted):
        with self.env.cr.savepoint() as savepoint:
            self._check(**wanted)
            savepoint.rollback()
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def _check(self, card, slots, units, member, prepaid):
        machine = self._make(card)
        partner = self.anna if member else self.yann
        minutes = slots * 15
        start = datetime(2026, 3, 11, 8)
        if prepaid:
            self.env["fabloch.allowance"].create(
                {"name": "Pack", "partner_id": partner.id, "quantity": prepaid / 60, "unit": "hour"}
            )
        quote = machine._quote(partner, start, start + timedelta(minutes=minutes), units)
        self.assertEqual(quote.member, member)
        self.assertEqual(quote.prepaid, min(prepaid, minutes * units))
        # The brute force: prepaid time is spread over the units, and each pays its rest by itself.
        own = {length: cents(pair[member]) for length, pair in card.items()}
        rest, longer = divmod(minutes * units - quote.prepaid, units)
        expected = least(rest, own) * (units - longer) + least(rest + 1, own) * longer
        self.assertEqual(round(quote.total * 100), expected)
        self.assertAlmostEqual(quote.total, expected / 100, 9)

        booking = self.Booking.create(
            {
                "machine_id": machine.id,
                "partner_id": partner.id,
                "start": start,
                "stop": start + timedelta(minutes=minutes),
                "units": units,
                "state": "confirmed",
            }
        )
        self.assertEqual(
            sorted(booking.charge_ids.mapped(lambda charge: (charge.rate_id.id, charge.amount))),
            sorted((line.rate.id, line.amount) for line in quote.lines),
        )
        self.assertEqual(booking.currency_id.compare_amounts(booking.amount, quote.total), 0)
        if not quote.total:
            self.assertFalse(booking.charge_ids.filtered(lambda charge: charge.state != "waived"))
            return
        booking.action_invoice()
        billed = booking.charge_ids.filtered("invoice_line_id")
        for charge in billed:
            self.assertEqual(charge.invoice_line_id.price_subtotal, charge.amount)
        self.assertEqual(round(billed.invoice_id.amount_untaxed * 100), expected)


@tagged("post_install", "-at_install")
class TestQuote(MachinesCase):
    def _quote(self, start, stop, machine=None, partner=None, units=1):
        vals = self._vals(start, stop, machine, partner)
        return (machine or self.laser)._quote(partner or self.anna, vals["start"], vals["stop"], units)

    def _invoiced(self, booking):
        booking.action_invoice()
        return booking.charge_ids.invoice_id.amount_untaxed

    def _in_cents(self, *bookings):
        return [round(booking.amount * 100) for booking in bookings]

    # -- What others get wrong ---------------------------------------------------------------------------------------

    def test_thirty_minutes_cost_the_price_of_half_an_hour(self):
        self.assertEqual(self._quote("14:00", "14:30").total, 12.0)

    def test_thirty_minutes_cost_an_hour_where_there_is_no_half(self):
        self.rate_half.active = False
        self.assertEqual(self._quote("14:00", "14:30").total, 20.0)

    def test_twelve_hours_of_units_1_3_and_7_are_not_taken_greedily(self):
        # Greedy: 7 + 3 + 1 + 1 = 100 + 45 + 40 = 185. Four times three hours cost 180.
        category = self._category("Greedy", self._service("Greedy", 0.0))
        for hours, price in ((1, 20.0), (3, 45.0), (7, 100.0)):
            self._rate(category, f"{hours} h", hours * 60, self._service(f"Greedy {hours} h", price))
        machine = self._machine("Greedy", category, always_open=True, longest_minutes=0)
        quote = self._quote("2026-03-11 08:00", "2026-03-11 20:00", machine)
        self.assertEqual([(line.rate.name, line.quantity) for line in quote.lines], [("3 h", 4)])
        self.assertEqual(quote.total, 180.0)
        self.assertEqual(quote.next_total, 185.0)

    def test_4_99_charged_is_4_99_invoiced(self):
        # Together 4.989: lines that are cut one by one give 3.31 + 1.67.
        self.hour.list_price, self.half_hour.list_price = 3.315, 1.674
        booking = self._book("14:00", "15:30")
        self.assertEqual(sorted(booking.charge_ids.mapped("amount")), [1.67, 3.32])
        self.assertEqual(self._in_cents(booking), [499])
        self.assertEqual(round(self._invoiced(booking) * 100), 499)

    def test_two_machines_booked_in_one_call_cost_each_their_own_price(self):
        mill = self._machine("Mill", self._category("Mill", self._service("Mill", 0.0)))
        self._rate(mill.category_id, "hour", 60, self._service("Mill hour", 35.0))
        both = self.Booking.create([self._vals("14:00", "15:00"), self._vals("14:00", "15:00", mill)])
        both.action_confirm()
        self.assertEqual(both.mapped("amount"), [20.0, 35.0])
        both.action_invoice()
        self.assertEqual(both.charge_ids.invoice_id.amount_untaxed, 55.0)

    def test_a_price_with_tax_included_is_charged_and_invoiced_alike(self):
        tax = self.env["account.tax"].create(
            {"name": "20 % included", "amount": 20, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        self.hour.write({"taxes_id": [Command.set(tax.ids)], "list_price": 4.99})
        quote = self._quote("14:00", "17:00")
        booking = self._book("14:00", "17:00")
        self.assertEqual((quote.total, booking.amount), (12.47, 12.47))
        booking.action_invoice()
        invoice = booking.charge_ids.invoice_id
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (12.47, 14.97))

    def test_a_price_with_tax_included_is_rounded_for_each_month_as_its_charge_is(self):
        tax = self.env["account.tax"].create(
            {"name": "20 % in it", "amount": 20, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        self.hour.write({"taxes_id": [Command.set(tax.ids)], "list_price": 9.99})
        self.rate_half.active = False
        self.laser.always_open = True
        booking = self._book("2026-03-31 23:00", "2026-04-01 01:00")
        quote = self.laser._quote(self.anna, booking.start, booking.stop)
        self.assertEqual((quote.total, booking.amount, len(booking.charge_ids)), (16.64, 16.64, 2))

    # -- By whose prices, on which day -------------------------------------------------------------------------------

    def _plan(self, **vals):
        return self._member_plan({self.hour: 15.0, self.half_hour: 9.0}, **vals)

    def test_a_membership_that_ends_before_the_booking_gives_no_member_price(self):
        self._enrol(self.anna, self._plan(), date_end="2026-03-31")
        self.assertEqual(self._quote("2026-03-31 14:00", "2026-03-31 15:00").total, 15.0)
        self.assertEqual(self._quote("2026-04-01 14:00", "2026-04-01 15:00").total, 20.0)
        last, after = (self._book(f"{day} 14:00", f"{day} 15:00") for day in ("2026-03-31", "2026-04-01"))
        self.assertEqual((last | after).mapped("visitor"), [False, True])
        self.assertEqual(self._in_cents(last, after), [1500, 2000])

    def test_a_membership_to_come_gives_the_member_price_from_its_first_day_on(self):
        self._enrol(self.anna, self._plan(), "2026-04-01")
        self.assertEqual(self._quote("2026-03-31 14:00", "2026-03-31 15:00").total, 20.0)
        self.assertEqual(self._quote("2026-04-01 14:00", "2026-04-01 15:00").total, 15.0)

    def test_a_membership_that_is_not_confirmed_gives_no_member_price(self):
        self.env["fabloch.membership"].create(
            {"partner_id": self.anna.id, "plan_id": self._plan().id, "date_start": "2026-01-01"}
        )
        self.assertEqual(self._quote("14:00", "15:00").total, 20.0)

    def test_the_people_of_a_company_pay_its_price_through_its_seats(self):
        [company] = self._partners("Chantier du Loch", is_company=True)
        enora, malo, alan = self._partners("Enora", "Malo", "Alan", parent_id=company.id)
        self._enrol(company, self._plan(seats=2), beneficiary_ids=[Command.set((enora | malo).ids)])
        found = [self._quote("14:00", "15:00", partner=person).total for person in (enora, malo, alan)]
        self.assertEqual(found, [15.0, 15.0, 20.0], "Alan has no seat")
        booking = self._book("14:00", "15:00", partner=enora)
        self.assertEqual(booking.charge_ids.invoice_partner_id, company)
        self.assertEqual(self._invoiced(booking), 15.0)

    def test_a_dated_price_counts_on_the_day_of_use(self):
        plan = self._plan()
        self._enrol(self.anna, plan)
        item = plan.pricelist_id.item_ids.filtered(lambda item: item.product_id == self.hour)
        item.date_end = datetime(2026, 3, 31, 22, 0)
        item.copy({"fixed_price": 17.0, "date_start": datetime(2026, 3, 31, 22, 0), "date_end": False})
        found = [
            self._quote(f"{day} 14:00", f"{day} 15:00").total for day in ("2026-03-31", "2026-04-02", "2026-03-30")
        ]
        self.assertEqual(found, [15.0, 17.0, 15.0])
        self.assertEqual(self._in_cents(self._book("2026-04-02 14:00", "2026-04-02 15:00")), [1700])

    def test_the_price_is_fixed_when_the_booking_is_confirmed(self):
        hold = self._book("10:00", "11:00", confirm=False)
        booking = self._book("14:00", "15:00")
        self.hour.list_price, self.half_hour.list_price = 40.0, 24.0
        self.rate_hour.minutes = 45
        self.assertEqual(self._invoiced(booking), 20.0)
        self.rate_hour.minutes = 60
        hold.action_confirm()
        self.assertEqual(hold.amount, 40.0, "it was on hold, at no price yet")

    # -- Over several months -----------------------------------------------------------------------------------------

    def test_a_long_rental_is_charged_month_by_month(self):
        category = self._category("Workshop", self._service("Workshop", 0.0))
        for name, minutes, price in (("day", 1440, 33.35), ("week", 10080, 150.05)):
            self._rate(category, name, minutes, self._service(f"Workshop {name}", price))
        workshop = self._machine(
            "Workshop", category, kind="workshop", always_open=True, longest_minutes=0, slot_minutes=60
        )
        start, stop = "2026-03-11 09:00", "2026-06-03 09:00"
        quote = self._quote(start, stop, workshop)
        booking = self._book(start, stop, workshop)
        charges = booking.charge_ids.sorted("date")
        self.assertEqual(
            [(charge.date, charge.rate_id.name, charge.quantity) for charge in charges],
            [
                (date(2026, 3, 31), "week", 3),
                (date(2026, 4, 30), "week", 5),
                (date(2026, 5, 31), "week", 4),
            ],
            "twelve weeks and a clock change: an hour less than twelve times seven days",
        )
        self.assertEqual(quote.total, 1800.6)
        self.assertEqual(booking.currency_id.compare_amounts(sum(charges.mapped("amount")), quote.total), 0)
        self.assertIn("April 2026", charges[1].name)

    def test_each_month_has_its_set_of_charges(self):
        machine = self._machine("Long", always_open=True, longest_minutes=0)
        start, stop = "2026-03-31 20:30", "2026-05-01 02:00"
        quote = self._quote(start, stop, machine)
        booking = self._book(start, stop, machine)
        of_month = booking.charge_ids.grouped(lambda charge: charge.date)
        self.assertEqual(sorted(of_month), [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 1)])
        # 20:30 to midnight holds four beginnings of an hour, the last of which reaches into April.
        self.assertEqual(of_month[date(2026, 3, 31)].mapped("quantity"), [4])
        self.assertEqual(of_month[date(2026, 4, 30)].mapped("quantity"), [720])
        self.assertEqual(sorted(of_month[date(2026, 5, 1)].mapped("quantity")), [1, 1])
        self.assertEqual(booking.currency_id.compare_amounts(booking.amount, quote.total), 0)
        self.assertEqual(self._invoiced(booking), quote.total)

    def test_what_is_invoiced_can_be_found_by_its_month_only(self):
        booking = self._book("14:00", "15:00")
        self.assertEqual(booking.charge_ids.date, date(2026, 3, 10))
        self.assertNotIn("March 2026)", booking.charge_ids.name)

    # -- Why this price ------------------------------------------------------------------------------------------------

    def test_the_explanation_names_the_units_and_the_next_cheapest(self):
        self._enrol(self.anna, self._plan())
        self.env["fabloch.allowance"].create(
            {"name": "Pack", "partner_id": self.anna.id, "quantity": 1.0, "product_ids": [Command.set(self.hour.ids)]}
        )
        booking = self._book("14:00", "16:30")
        self.assertEqual(
            booking.price_explanation.replace("\xa0", " "),
            "1 h of 2 h 30 are prepaid.\n"
            "1 × hour at 15.00 € = 15.00 €\n"
            "1 × half hour at 9.00 € = 9.00 €\n"
            "Total: 24.00 €, the cheapest combination (member prices).\n"
            "The next cheapest, 3 × half hour, would have cost 27.00 €.",
        )

    def test_prepaid_time_comes_before_any_price(self):
        pack = self.env["fabloch.allowance"].create({"name": "Pack", "partner_id": self.anna.id, "quantity": 2.0})
        self.assertEqual((self._quote("14:00", "17:30").prepaid, self._quote("14:00", "17:30").total), (120, 32.0))
        self.assertEqual(pack.quantity_left, 2.0, "a quote takes nothing")
        booking = self._book("14:00", "17:30")
        self.assertEqual((booking.amount, pack.quantity_left), (32.0, 0.0))

    def test_a_booking_that_is_prepaid_or_free_makes_no_invoice(self):
        self.env["fabloch.allowance"].create({"name": "Pack", "partner_id": self.anna.id, "quantity": 1.0})
        prepaid = self._book("14:00", "15:00")
        self.assertFalse(prepaid.charge_ids)
        self.hour.list_price = self.half_hour.list_price = 0
        free = self._book("16:00", "17:00", partner=self.yann)
        self.assertEqual(set(free.charge_ids.mapped("state")), {"waived"})
        self.assertFalse((free | prepaid).charge_ids._invoice(date(2026, 4, 1)).invoice_ids)
