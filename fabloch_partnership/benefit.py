"""What a donor may deduct for a gift: an estimate, in exact decimals, without the ORM.

Every amount is in the same currency; every rate and share is in per cent; the results are rounded to the cent.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Benefit:
    """`reduction`: of the tax. `cost`: what the gift costs the donor after it. `carried`: over the following years."""

    reduction: Decimal
    cost: Decimal
    carried: Decimal


def exact(number):
    """Return a number as the decimal that a person reads: 0.1 is a tenth."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def _cents(number):
    return number.quantize(CENT, ROUND_HALF_UP)


def individual(amount, rate):
    """Return the benefit of an individual (CGI art. 200).

    The ceiling, a share of the taxable income, isn't known to the association: it isn't applied here.

    >>> individual(100, 66)
    Benefit(reduction=Decimal('66.00'), cost=Decimal('34.00'), carried=Decimal('0.00'))
    """
    amount = exact(amount)
    reduction = _cents(amount * exact(rate) / 100)
    return Benefit(reduction, _cents(amount) - reduction, _cents(Decimal(0)))


def ceiling(cap, turnover_share, turnover):
    """Return the gifts of a year that count for a company: a fixed amount, or a share of its turnover if more.

    >>> ceiling(20000, "0.5", 10_000_000)
    Decimal('50000.0')
    """
    return max(exact(cap), exact(turnover or 0) * exact(turnover_share) / 100)


def company(amount, others, rate, threshold, reduced_rate, limit):
    """Return the benefit of a company (CGI art. 238 bis) for one gift, after its other gifts of the year.

    :param others: what it gave before in the year, as far as is known.
    :param rate: up to `threshold` of gifts in the year; `reduced_rate` beyond.
    :param limit: gifts of the year that count, see `ceiling`; what is over is carried to the following years.

    >>> company(30000, 0, 60, 2_000_000, 40, 20000)
    Benefit(reduction=Decimal('12000.00'), cost=Decimal('18000.00'), carried=Decimal('10000.00'))
    """
    amount, others, limit, threshold = (exact(each) for each in (amount, others, limit, threshold))
    before, after = min(others, limit), min(others + amount, limit)

    def reduction_of(total):
        return (min(total, threshold) * exact(rate) + max(total - threshold, Decimal(0)) * exact(reduced_rate)) / 100

    # The difference of two rounded totals: gifts one by one sum to the same as all at once, to the cent.
    reduction = _cents(reduction_of(after)) - _cents(reduction_of(before))
    return Benefit(reduction, _cents(amount) - reduction, _cents(amount - (after - before)))
