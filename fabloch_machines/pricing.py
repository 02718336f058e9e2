"""Price of a booking: the cheapest combination of time units that covers its duration. Plain integers, no ORM.

Covers are compared by their price, then by how many units they count, then by the minutes that they cover, then by
how many of the longest unit they hold, of the next longest, and so on. Of two rates of one length and one price, the
one with the smaller key stands for both: whole numbers by value, before any other key, which go by their `repr`.
The order in which the units are listed never matters.
"""

from bisect import insort
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from heapq import heappop, heappush
from math import gcd
from typing import NamedTuple

# Nodes that a search opens before it gives up: then `cheapest_cover` fills a table, and `next_cheapest_cover`
# settles for the best that it has seen.
CHEAPEST_STEPS = 6000
NEXT_STEPS = 10_000


class Unit(NamedTuple):
    """A rate of the card: one unit of it covers `minutes` (> 0) and costs `price` (>= 0, exact)."""

    key: Hashable
    minutes: int
    price: Decimal


class Cover(NamedTuple):
    """Units that together cover a duration: (key, quantity) longest first, their price and their minutes."""

    lines: tuple[tuple[Hashable, int], ...]
    total: Decimal
    minutes: int


class _Rate(NamedTuple):
    """A unit whose length counts steps of the card and whose price counts its smallest coin."""

    key: Hashable
    length: int
    cost: int


class _Found(NamedTuple):
    """A complete cover, in the order in which covers are compared: weight, then quantities with a minus sign."""

    weight: int
    negated: tuple[int, ...]


def cheapest_cover(minutes: int, units: Sequence[Unit]) -> Cover:
    """Return the cheapest combination of `units` that covers `minutes`, always exactly.

    A duration of nothing, or less, needs no unit. Raises ValueError if there is no unit to cover a duration with, if
    two units share a key, if `minutes` or a unit's length is no whole number, or if a length or a price makes no
    sense; TypeError if a price is neither Decimal nor int (floats are never exact).

    A best-first search finds most covers within a few dozen nodes. If it opens `CHEAPEST_STEPS` of them without a
    result, a table over the duration takes over, whose work is bounded by units × steps of the duration.

    >>> hour, day = Unit("hour", 60, Decimal("30.00")), Unit("day", 480, Decimal("100.00"))
    >>> cheapest_cover(120, [day, hour])
    Cover(lines=(('hour', 2),), total=Decimal('60.00'), minutes=120)
    >>> cheapest_cover(240, [hour, day])
    Cover(lines=(('day', 1),), total=Decimal('100.00'), minutes=480)
    """
    _check(minutes, units)
    if minutes <= 0:
        return Cover((), Decimal(0), 0)
    rates, steps = _scale(minutes, _without_dominated(_sorted(units)))
    found, exact = _search(steps, rates, CHEAPEST_STEPS)
    return _cover(units, rates, [-count for count in found.negated] if exact else _table(steps, rates))


def next_cheapest_cover(minutes: int, units: Sequence[Unit], best: Cover) -> Cover | None:
    """Return the cheapest minimal cover of `minutes` that is not made of the units of `best`, or None.

    Minimal: without any one of its units it would no longer cover. All units of the card count, the poor deals too,
    and it may cost no more than `best`. None: `best` is the only minimal cover, or there is nothing to cover. Raises
    as `cheapest_cover` does.

    What comes back is always a real minimal cover other than `best`, and one always comes back if there is one. It is
    the cheapest such cover if the search ends within `NEXT_STEPS` nodes, which is certain when there are not more
    partial covers (choices for the longest units that leave something uncovered) than that; beyond, it may be a
    dearer one.

    >>> card = [Unit("hour", 60, Decimal("30.00")), Unit("day", 480, Decimal("100.00"))]
    >>> next_cheapest_cover(180, card, cheapest_cover(180, card))
    Cover(lines=(('day', 1),), total=Decimal('100.00'), minutes=480)
    """
    _check(minutes, units)
    if minutes <= 0:
        return None
    rates, steps = _scale(minutes, _sorted(units))
    quantities = dict(best.lines)
    excluded = tuple(-quantities.pop(rate.key, 0) for rate in rates)
    found, _exact = _search(steps, rates, NEXT_STEPS, None if quantities else excluded)
    return found and _cover(units, rates, [-count for count in found.negated])


def lay_out(cover_lines: Iterable[tuple[Hashable, int]], units: Sequence[Unit]) -> Iterator[tuple[Hashable, int]]:
    """Yield (key, offset in minutes) for each single unit of `cover_lines`, end to end, the longest first, from 0.

    Raises ValueError if a line names a unit that is not on the card.

    >>> list(lay_out([("hour", 2), ("day", 1)], [Unit("hour", 60, Decimal(30)), Unit("day", 480, Decimal(100))]))
    [('day', 0), ('hour', 480), ('hour', 540)]
    """
    quantities = Counter()
    for key, quantity in cover_lines:
        quantities[key] += quantity
    unknown = quantities.keys() - {unit.key for unit in units}
    if unknown:
        raise ValueError(f"No unit of the card has the key {min(unknown, key=_rank)!r}.")
    offset = 0
    for unit in _sorted(units):
        for _each in range(quantities[unit.key]):
            yield unit.key, offset
            offset += unit.minutes


def _check(minutes: int, units: Sequence[Unit]) -> None:
    """Raise ValueError or TypeError if the duration or a unit makes no sense."""
    if not _is_whole(minutes):
        raise ValueError(f"The duration must be a whole number of minutes, not {minutes!r}.")
    if minutes > 0 and not units:
        raise ValueError(f"There is no unit to cover {minutes} minutes with.")
    keys = set()
    for unit in units:
        if unit.key in keys:
            raise ValueError(f"Two units have the key {unit.key!r}.")
        keys.add(unit.key)
        if not _is_whole(unit.minutes) or unit.minutes <= 0:
            raise ValueError(f"Unit {unit.key!r} must cover one minute or more, in whole minutes: {unit.minutes!r}.")
        if not isinstance(unit.price, Decimal) and not _is_whole(unit.price):
            raise TypeError(f"The price of unit {unit.key!r} must be a Decimal or an int, not {unit.price!r}.")
        if isinstance(unit.price, Decimal) and not unit.price.is_finite():
            raise ValueError(f"The price of unit {unit.key!r} must be a finite number, not {unit.price}.")
        if unit.price < 0:
            raise ValueError(f"The price of unit {unit.key!r} must not be negative: {unit.price}.")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _sorted(units: Iterable[Unit]) -> list[Unit]:
    """Return the units longest first, then cheapest, then smallest key."""
    return sorted(units, key=lambda unit: (-unit.minutes, unit.price, _rank(unit.key)))


def _rank(key: Hashable) -> tuple[int, int, str]:
    return (0, key, "") if _is_whole(key) else (1, 0, repr(key))


def _without_dominated(units: list[Unit]) -> list[Unit]:
    """Return the units, in their order, that a cheapest cover may hold.

    A unit is left out if some number of another one covers as much for less, or if it is the twin of an earlier one.
    Equal price is not enough when the lengths differ: the shorter unit leaves less unused.
    """
    rates = [_Rate(unit.key, unit.minutes, cost) for unit, cost in zip(units, _coins(units)[0], strict=True)]

    def is_dominated(place: int, rate: _Rate) -> bool:
        return any(
            -(-rate.length // other.length) * other.cost < rate.cost or (other_place < place and other[1:] == rate[1:])
            for other_place, other in enumerate(rates)
        )

    return [unit for place, unit in enumerate(units) if not is_dominated(place, rates[place])]


def _coins(units: Sequence[Unit]) -> tuple[list[int], int]:
    """Return the prices as whole numbers, and the power of ten that turns them back."""
    parts = [Decimal(unit.price).as_tuple() for unit in units]
    exponent = min(0, *(part.exponent for part in parts)) if parts else 0
    return [int("".join(map(str, part.digits))) * 10 ** (part.exponent - exponent) for part in parts], exponent


def _scale(minutes: int, units: list[Unit]) -> tuple[list[_Rate], int]:
    """Return the rates in the largest steps of time and of money that all their lengths and prices are made of,
    and how many of these steps of time cover `minutes`."""
    costs, _exponent = _coins(units)
    step = gcd(*(unit.minutes for unit in units))
    coin = gcd(*costs) or 1
    rates = [_Rate(unit.key, unit.minutes // step, cost // coin) for unit, cost in zip(units, costs, strict=True)]
    return rates, -(-minutes // step)


def _cover(units: Sequence[Unit], rates: list[_Rate], quantities: Sequence[int]) -> Cover:
    """Return the cover that holds so many of each of `rates`."""
    lines = tuple((rate.key, count) for rate, count in zip(rates, quantities, strict=True) if count)
    costs, exponent = _coins(units)
    coins = {unit.key: cost for unit, cost in zip(units, costs, strict=True)}
    length = {unit.key: unit.minutes for unit in units}
    return Cover(
        lines,
        # from text, the one way that no decimal context rounds
        Decimal(f"{sum(coins[key] * count for key, count in lines)}E{exponent}"),
        sum(length[key] * count for key, count in lines),
    )


def _weights(steps: int, rates: list[_Rate]) -> tuple[int, int]:
    """Return what one coin and one unit weigh when a step covered beyond the duration weighs 1.

    Money outweighs any number of units, and a unit any excess: one whole number compares price, units and minutes.
    """
    unit = 1 + max(rate.length for rate in rates)
    return unit * (steps + 3), unit


def _search(
    steps: int, rates: list[_Rate], limit: int, excluded: tuple[int, ...] | None = None
) -> tuple[_Found | None, bool]:
    """Return the first of the minimal covers, but for the `excluded` one, and whether the search went to its end.

    Units are chosen longest first, and a cover is complete as soon as nothing is left to cover. Its last unit is then
    its shortest, and the duration was not covered without it: each minimal cover is found in one way, and no other.

    Best-first: a node stands for the quantities of the longest units, and its bound prices what is left at the best
    rate per step of the units to come. The quantities of one unit are opened one at a time, from the end where the
    bound is least, so that most of them never are. Of the ways to reach one remainder at one unit, only the best can
    lead to the result, or the best two if one cover is excluded.
    """
    coin, one = _weights(steps, rates)
    last = len(rates) - 1
    lengths = [rate.length for rate in rates]
    weights = [rate.cost * coin + one for rate in rates]
    # of the units after each: cost and length of the one with the best rate per step
    best_after = [(0, 1)] * len(rates)
    for place in range(last, 0, -1):
        cost, length = rates[place].cost, rates[place].length
        after = best_after[place]
        best_after[place - 1] = after if place < last and after[0] * length < cost * after[1] else (cost, length)
    # does the unit fill at least as cheaply as all those after it? then its bound is least for the largest quantity
    most_first = [rate.cost * after[1] <= after[0] * rate.length for rate, after in zip(rates, best_after, strict=True)]
    ways = 1 if excluded is None else 2

    found = None
    for place, (length, weight) in enumerate(zip(lengths, weights, strict=True)):
        count = -(-steps // length)
        negated = (0,) * place + (-count,) + (0,) * (last - place)
        single = _Found(count * weight + count * length - steps, negated)
        if negated != excluded and (found is None or single < found):
            found = single

    heap: list = []
    reached: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = {}

    def push(path: tuple[int, ...], rest: int, weight: int, count: int) -> None:
        """Queue the node that adds `count` of the next unit to `path`, unless it cannot beat what was found."""
        place = len(path)
        length = lengths[place]
        left = rest - count * length
        cost, span = best_after[place]
        units = count - left // -lengths[place + 1] if most_first[place] else -(rest // -length)
        bound = weight + (count * rates[place].cost - left * cost // -span) * coin + units * one
        path += (-count,)
        if (
            found is None
            or bound < found.weight
            or (bound == found.weight and not (most_first[place] and path > found.negated))
        ):
            heappush(heap, (bound, path, rest, weight, count))

    def open_node(path: tuple[int, ...], rest: int, weight: int) -> None:
        """Complete the cover with the next unit alone, and queue the first quantity that leaves something to cover."""
        nonlocal found
        place = len(path)
        length = lengths[place]
        count = -(rest // -length)
        negated = path + (-count,) + (0,) * (last - place)
        complete = _Found(weight + count * weights[place] + count * length - rest, negated)
        if negated != excluded and (found is None or complete < found):
            found = complete
        if place < last:
            push(path, rest, weight, count - 1 if most_first[place] else 0)

    open_node((), steps, 0)
    while heap:
        bound, path, rest, weight, count = heappop(heap)
        if found is not None and bound > found.weight:
            break
        limit -= 1
        if limit < 0:
            return found, False
        place = len(path) - 1
        sibling = count - 1 if most_first[place] else count + 1
        if 0 <= sibling and sibling * lengths[place] < rest:
            push(path[:-1], rest, weight, sibling)
        rest -= count * lengths[place]
        way = (weight + count * weights[place], path)
        known = reached.setdefault((place, rest), [])
        if len(known) < ways or way < known[-1]:
            insort(known, way)
            del known[ways:]
            open_node(path, rest, way[0])
    return found, True


def _table(steps: int, rates: list[_Rate]) -> list[int]:
    """Return the quantities of the cheapest cover, from a table of the weights of all durations up to `steps`.

    Among as many units as the best one per step (the longest of them) has steps, some make up a multiple of it: as
    many of the best in their place would cost less, or as much with fewer units. So the others are fewer than that,
    and the best one fills the bulk of a long duration.
    """
    coin, one = _weights(steps, rates)
    best = min(range(len(rates)), key=lambda place: Fraction(rates[place].cost, rates[place].length))
    others = (rates[best].length - 1) * max((rate.length for rate in rates if rate != rates[best]), default=0)
    bulk = max(0, (steps - others) // rates[best].length)
    left = steps - bulk * rates[best].length

    longest = max(rate.length for rate in rates)
    choices = [(rate.length, rate.cost * coin + one) for rate in rates]
    # first what is covered beyond the duration, then the durations from 1: table[longest - 1 + n] weighs n steps
    table = list(range(longest - 1, -1, -1))
    for _step in range(left):
        table.append(min([table[-length] + weight for length, weight in choices]))

    quantities = [0] * len(rates)
    quantities[best] = bulk
    end = len(table) - 1
    while end >= longest:
        place = next(
            place for place, (length, weight) in enumerate(choices) if table[end] == table[end - length] + weight
        )
        quantities[place] += 1
        end -= choices[place][0]
    return quantities
