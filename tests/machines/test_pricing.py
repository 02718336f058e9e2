"""The price of a booking: always the cheapest combination of units that covers it, to the last decimal."""

import doctest
import unittest
from decimal import Decimal, localcontext
from itertools import permutations
from time import perf_counter
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.fabloch_machines import pricing
from odoo.addons.fabloch_machines.pricing import Cover, Unit, cheapest_cover, lay_out, next_cheapest_cover

THREE_MONTHS = 92 * 24 * 60

# few lengths and few prices, so that ties, twins and dominated units abound; three decimals
prices = st.one_of(
    st.integers(0, 6).map(lambda n: Decimal(n) / 2), st.integers(0, 9999).map(lambda n: Decimal(n) / 1000)
)


def cards(longest, size):
    rates = st.lists(st.tuples(st.integers(1, longest), prices), min_size=1, max_size=size)
    return rates.map(lambda pairs: [Unit(key, minutes, price) for key, (minutes, price) in enumerate(pairs)])


def card(lengths, costs):
    return [Unit(key, minutes, Decimal(cost)) for key, (minutes, cost) in enumerate(zip(lengths, costs, strict=True))]


def all_covers(minutes, units):
    """Every choice of quantities up to what one unit alone would need, that covers, best first."""
    units = sorted(units, key=lambda unit: (-unit.minutes, unit.price, unit.key))
    choices = [()]
    for unit in units:
        choices = [chosen + (n,) for chosen in choices for n in range(-(-minutes // unit.minutes) + 1)]
    covers = []
    for chosen in choices:
        span = sum(n * unit.minutes for n, unit in zip(chosen, units, strict=True))
        if span >= minutes:
            total = sum(n * unit.price for n, unit in zip(chosen, units, strict=True))
            lines = tuple((unit.key, n) for n, unit in zip(chosen, units, strict=True) if n)
            covers.append(((total, sum(chosen), span, tuple(-n for n in chosen)), Cover(lines, total, span)))
    return [cover for _order, cover in sorted(covers)]


def is_minimal(cover, minutes, units):
    lengths = {unit.key: unit.minutes for unit in units}
    return all(cover.minutes - lengths[key] < minutes for key, _quantity in cover.lines)


def least_weight(minutes, units):
    """Price, units and minutes of the cheapest cover, minute by minute."""
    best = [(0, 0, 0)]
    for end in range(1, minutes + 1):
        before = [(unit, best[max(0, end - unit.minutes)]) for unit in units]
        best.append(min((cost + unit.price, n + 1, span + unit.minutes) for unit, (cost, n, span) in before))
    return best[minutes]


def seconds(function, *args):
    """The best of several runs: what the work takes when nothing else disturbs it."""
    runs = []
    for _run in range(7):
        start = perf_counter()
        function(*args)
        runs.append(perf_counter() - start)
    return min(runs)


@tagged("post_install", "-at_install")
class TestCheapestCover(unittest.TestCase):
    @settings(max_examples=2000, deadline=None)
    @given(st.integers(1, 24), cards(longest=12, size=3))
    def test_equals_the_best_of_all_covers(self, minutes, units):
        self.assertEqual(cheapest_cover(minutes, units), all_covers(minutes, units)[0])

    @settings(max_examples=2000, deadline=None)
    @given(st.integers(1, 24), cards(longest=12, size=3))
    def test_the_table_gives_the_same_when_the_search_gives_up(self, minutes, units):
        with patch.object(pricing, "CHEAPEST_STEPS", 0):
            covered_by_table = cheapest_cover(minutes, units)
        self.assertEqual(covered_by_table, cheapest_cover(minutes, units))

    @settings(max_examples=1500, deadline=None)
    @given(st.integers(1, 1500), cards(longest=400, size=7))
    def test_equals_a_table_of_every_minute(self, minutes, units):
        cover = cheapest_cover(minutes, units)
        weight = (cover.total, sum(quantity for _key, quantity in cover.lines), cover.minutes)
        self.assertEqual(weight, least_weight(minutes, units))

    @settings(max_examples=1000, deadline=None)
    @given(st.integers(1, 200_000), cards(longest=50_000, size=7))
    def test_covers_the_duration_and_adds_up(self, minutes, units):
        cover = cheapest_cover(minutes, units)
        of = {unit.key: unit for unit in units}
        self.assertGreaterEqual(cover.minutes, minutes)
        self.assertEqual(cover.minutes, sum(of[key].minutes * quantity for key, quantity in cover.lines))
        self.assertEqual(cover.total, sum(of[key].price * quantity for key, quantity in cover.lines))
        lengths = [of[key].minutes for key, _quantity in cover.lines]
        self.assertEqual(lengths, sorted(lengths, reverse=True))
        self.assertTrue(all(quantity > 0 for _key, quantity in cover.lines))
        self.assertTrue(is_minimal(cover, minutes, units))

    @settings(max_examples=1000, deadline=None)
    @given(st.integers(1, 5000), st.integers(1, 500), cards(longest=1500, size=5))
    def test_longer_never_costs_less(self, minutes, more, units):
        self.assertGreaterEqual(cheapest_cover(minutes + more, units).total, cheapest_cover(minutes, units).total)

    @settings(max_examples=500, deadline=None)
    @given(st.integers(1, 3000), cards(longest=600, size=4))
    def test_order_of_the_card_does_not_matter(self, minutes, units):
        self.assertEqual(len({cheapest_cover(minutes, order) for order in permutations(units)}), 1)

    def test_longest_first_is_a_trap(self):
        # 12 h as 7 + 3 + 1 + 1 would cost 92
        units = [Unit("1 h", 60, Decimal(12)), Unit("3 h", 180, Decimal(20)), Unit("7 h", 420, Decimal(48))]
        self.assertEqual(cheapest_cover(720, units), Cover((("3 h", 4),), Decimal(80), 720))

    def test_half_an_hour_at_the_price_of_an_hour_is_a_trap(self):
        units = [Unit("30 min", 30, Decimal("10.00")), Unit("1 h", 60, Decimal("10.00"))]
        self.assertEqual(cheapest_cover(30, units), Cover((("30 min", 1),), Decimal(10), 30))
        self.assertEqual(cheapest_cover(60, units), Cover((("1 h", 1),), Decimal(10), 60))
        self.assertEqual(cheapest_cover(90, units), Cover((("1 h", 1), ("30 min", 1)), Decimal(20), 90))

    def test_a_longer_unit_that_costs_less_than_what_is_needed_is_taken(self):
        units = [Unit("hour", 60, Decimal(30)), Unit("day", 480, Decimal(100))]
        self.assertEqual(cheapest_cover(180, units), Cover((("hour", 3),), Decimal(90), 180))
        self.assertEqual(cheapest_cover(181, units), Cover((("day", 1),), Decimal(100), 480))
        self.assertEqual(cheapest_cover(481, units), Cover((("day", 1), ("hour", 1)), Decimal(130), 540))

    def test_at_one_price_fewer_units_then_fewer_minutes_then_the_longest(self):
        fewer_units = [Unit("a", 30, Decimal(5)), Unit("b", 60, Decimal(10))]
        self.assertEqual(cheapest_cover(60, fewer_units).lines, (("b", 1),))
        fewer_minutes = [Unit("a", 60, Decimal(10)), Unit("b", 90, Decimal(10))]
        self.assertEqual(cheapest_cover(60, fewer_minutes).lines, (("a", 1),))
        longest = [Unit(key, key, Decimal(key)) for key in (10, 20, 30)]
        self.assertEqual(cheapest_cover(40, longest).lines, ((30, 1), (10, 1)))

    def test_twins_are_told_apart_by_key(self):
        for keys, chosen in (((10, 9), 9), (("b", "a"), "a"), (("a", 12), 12), (((2,), (1,)), (1,))):
            units = [Unit(key, 60, Decimal(10)) for key in keys]
            self.assertEqual(cheapest_cover(60, units).lines, ((chosen, 1),))
            self.assertEqual(cheapest_cover(60, units[::-1]).lines, ((chosen, 1),))

    def test_free_units_are_taken_and_as_few_as_can_be(self):
        units = [Unit("hour", 60, Decimal(0)), Unit("day", 480, Decimal(0)), Unit("week", 2400, Decimal(1))]
        self.assertEqual(cheapest_cover(540, units), Cover((("day", 1), ("hour", 1)), Decimal(0), 540))

    def test_prices_are_exact(self):
        units = [Unit("min", 1, Decimal("0.335")), Unit("ten", 10, Decimal("3.3499"))]
        self.assertEqual(cheapest_cover(13, units).total, Decimal("4.3549"))
        # a float would take these two prices for one
        close = [Unit("a", 60, Decimal("0.3")), Unit("b", 60, Decimal("0.29999999999999999999999999999999998"))]
        self.assertEqual(cheapest_cover(60, close), Cover((("b", 1),), close[1].price, 60))
        with localcontext() as context:
            context.prec = 3
            self.assertEqual(str(cheapest_cover(60_000, [Unit("a", 60, Decimal("12.345"))]).total), "12345.000")

    def test_prices_may_be_whole_numbers_or_powers_of_ten(self):
        self.assertEqual(cheapest_cover(120, [Unit("a", 60, 30)]).total, Decimal(60))
        self.assertEqual(cheapest_cover(120, [Unit("a", 60, Decimal("1E+2")), Unit("b", 60, 101)]).total, Decimal(200))

    def test_nothing_to_cover_costs_nothing(self):
        for minutes in (0, -60):
            self.assertEqual(cheapest_cover(minutes, [Unit("a", 60, Decimal(1))]), Cover((), Decimal(0), 0))
            self.assertEqual(cheapest_cover(minutes, []), Cover((), Decimal(0), 0))

    def test_bad_input_is_refused(self):
        good = Unit("a", 60, Decimal(1))
        for minutes, units, message in (
            (60, [], "no unit to cover 60 minutes"),
            (60.0, [good], "whole number of minutes, not 60.0"),
            (True, [good], "whole number of minutes, not True"),
            (60, [good, good], "Two units have the key 'a'"),
            (60, [good, Unit("b", 0, Decimal(1))], "Unit 'b' must cover one minute"),
            (60, [good, Unit("b", -1, Decimal(1))], "Unit 'b' must cover one minute"),
            (60, [good, Unit("b", 1.5, Decimal(1))], "Unit 'b' must cover one minute"),
            (60, [good, Unit("b", 30, Decimal(-1))], "unit 'b' must not be negative"),
            (60, [good, Unit("b", 30, Decimal("NaN"))], "unit 'b' must be a finite number"),
            (60, [good, Unit("b", 30, Decimal("sNaN"))], "unit 'b' must be a finite number"),
            (60, [good, Unit("b", 30, Decimal("Infinity"))], "unit 'b' must be a finite number"),
            (0, [Unit("b", 0, Decimal(1))], "Unit 'b' must cover one minute"),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                cheapest_cover(minutes, units)
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                next_cheapest_cover(minutes, units, Cover((), Decimal(0), 0))

    def test_prices_that_are_not_exact_are_refused(self):
        for price in (0.5, "1.00", None, True):
            with self.subTest(price), self.assertRaisesRegex(TypeError, "unit 'a' must be a Decimal or an int"):
                cheapest_cover(60, [Unit("a", 60, price)])

    def test_examples_of_the_docstrings(self):
        self.assertEqual(doctest.testmod(pricing).failed, 0)


@tagged("post_install", "-at_install")
class TestNextCheapestCover(unittest.TestCase):
    @settings(max_examples=2000, deadline=None)
    @given(st.integers(1, 24), cards(longest=12, size=3))
    def test_equals_the_second_of_all_minimal_covers(self, minutes, units):
        best = cheapest_cover(minutes, units)
        others = (
            cover
            for cover in all_covers(minutes, units)
            if cover.lines != best.lines and is_minimal(cover, minutes, units)
        )
        self.assertEqual(next_cheapest_cover(minutes, units, best), next(others, None))

    @settings(max_examples=500, deadline=None)
    @given(st.integers(1, 200_000), cards(longest=50_000, size=7), st.sampled_from([0, 5, pricing.NEXT_STEPS]))
    def test_is_another_minimal_cover_even_when_the_search_gives_up(self, minutes, units, steps):
        best = cheapest_cover(minutes, units)
        with patch.object(pricing, "NEXT_STEPS", steps):
            other = next_cheapest_cover(minutes, units, best)
        if len(units) == 1:
            self.assertIsNone(other)
            return
        self.assertNotEqual(dict(other.lines), dict(best.lines))
        self.assertGreaterEqual(other.total, best.total)
        self.assertGreaterEqual(other.minutes, minutes)
        self.assertTrue(is_minimal(other, minutes, units))

    @settings(max_examples=300, deadline=None)
    @given(st.integers(1, 3000), cards(longest=600, size=4))
    def test_order_of_the_card_does_not_matter(self, minutes, units):
        best = cheapest_cover(minutes, units)
        self.assertEqual(len({next_cheapest_cover(minutes, order, best) for order in permutations(units)}), 1)

    def test_hours_against_a_day(self):
        units = [Unit("hour", 60, Decimal("30.00")), Unit("day", 480, Decimal("80.00"))]
        best = cheapest_cover(180, units)
        self.assertEqual(best, Cover((("day", 1),), Decimal(80), 480))
        self.assertEqual(next_cheapest_cover(180, units, best), Cover((("hour", 3),), Decimal(90), 180))

    def test_twins_and_poor_deals_are_alternatives(self):
        units = [Unit(1, 60, Decimal(10)), Unit(2, 60, Decimal(10)), Unit(3, 60, Decimal(50))]
        best = cheapest_cover(60, units)
        self.assertEqual(next_cheapest_cover(60, units, best), Cover(((2, 1),), Decimal(10), 60))
        poor = [units[0], units[2]]
        self.assertEqual(next_cheapest_cover(60, poor, best), Cover(((3, 1),), Decimal(50), 60))

    def test_a_unit_too_many_is_no_alternative(self):
        # two hours would come cheaper than the day, but the second of them covers nothing
        units = [Unit("hour", 60, Decimal(10)), Unit("day", 480, Decimal(100))]
        other = next_cheapest_cover(60, units, cheapest_cover(60, units))
        self.assertEqual(other, Cover((("day", 1),), Decimal(100), 480))

    def test_any_other_cover_is_next_to_one_that_is_not_on_the_card(self):
        units = [Unit("hour", 60, Decimal(10))]
        self.assertEqual(next_cheapest_cover(60, units, Cover((("gone", 1),), Decimal(1), 60)).lines, (("hour", 1),))
        self.assertIsNone(next_cheapest_cover(60, units, cheapest_cover(60, units)))
        self.assertIsNone(next_cheapest_cover(0, units, cheapest_cover(0, units)))


@tagged("post_install", "-at_install")
class TestSpeed(unittest.TestCase):
    """Three months on seven units."""

    rate_card = (15, 30, 60, 240, 1440, 10080, 43200)
    primes = (1, 7, 50, 61, 251, 1439, 10007)
    long_primes = (3, 1009, 2003, 5003, 7919, 10007, 43201)

    def assert_fast(self, units, minutes=THREE_MONTHS, cheapest=0.005, following=0.030):
        best = cheapest_cover(minutes, units)
        self.assertLess(seconds(cheapest_cover, minutes, units), cheapest)
        self.assertLess(seconds(next_cheapest_cover, minutes, units, best), following)

    def test_rate_card_of_a_fablab(self):
        units = card(self.rate_card, ("2.5", "4.5", "8", "25", "60", "250", "600"))
        self.assert_fast(units)
        self.assert_fast(units, THREE_MONTHS - 1)

    def test_nasty_lengths(self):
        for lengths in (self.rate_card, self.primes, self.long_primes):
            for costs in (
                lengths,
                [Decimal(length).sqrt().quantize(Decimal("0.001")) for length in lengths],
                [length + 20 for length in lengths],
                [length * (97 + length % 7) for length in lengths],
                [length * (1000 - length % 11) for length in lengths],
                [1 + length // 60 for length in lengths],
                [10] * len(lengths),
                [0] * len(lengths),
            ):
                for minutes in (THREE_MONTHS, THREE_MONTHS - 1, 100_003):
                    with self.subTest(costs=costs, minutes=minutes):
                        self.assert_fast(card(lengths, costs), minutes)

    def test_lengths_so_close_that_the_search_gives_up(self):
        close = (997, 991, 983, 977, 971, 967, 953)
        self.assert_fast(card(close, close), cheapest=0.5, following=0.1)


@tagged("post_install", "-at_install")
class TestLayOut(unittest.TestCase):
    units = [Unit("hour", 60, Decimal(30)), Unit("day", 480, Decimal(100)), Unit("week", 2400, Decimal(400))]

    def test_units_lie_end_to_end_the_longest_first(self):
        laid = list(lay_out((("hour", 2), ("week", 1), ("day", 2)), self.units))
        self.assertEqual(laid, [("week", 0), ("day", 2400), ("day", 2880), ("hour", 3360), ("hour", 3420)])
        self.assertEqual(list(lay_out((), self.units)), [])
        self.assertEqual(list(lay_out((("hour", 1), ("hour", 1)), self.units)), [("hour", 0), ("hour", 60)])

    @settings(max_examples=500, deadline=None)
    @given(st.integers(1, 3000), cards(longest=600, size=5))
    def test_a_cover_has_no_gap(self, minutes, units):
        cover = cheapest_cover(minutes, units)
        lengths = {unit.key: unit.minutes for unit in units}
        end = 0
        for key, offset in lay_out(cover.lines, units):
            self.assertEqual(offset, end)
            self.assertLess(offset, minutes)
            end += lengths[key]
        self.assertEqual(end, cover.minutes)

    def test_a_unit_that_is_not_on_the_card_is_refused(self):
        with self.assertRaisesRegex(ValueError, "'month'"):
            next(lay_out((("hour", 1), ("month", 1)), self.units))
