"""Sharing a sum out in proportion, to the last cent."""

from fractions import Fraction


def share_out(units, weights):
    """Share `units` (an integer: cents, say) out in proportion to `weights`; the parts always make the whole.

    What rounding leaves goes to the largest remainders, the first ones when they are equal.

    :param int units: 0 or more.
    :param weights: numbers of 0 or more, taken exactly as they are.
    :return: a list of integers, one for each weight; all zeros but the first when no weight is more than 0.

    >>> share_out(100, [1, 1, 1])
    [34, 33, 33]
    >>> share_out(5, [0, 2, 2, 1])
    [0, 2, 2, 1]
    """
    weights = [Fraction(weight) for weight in weights]
    total = sum(weights)
    if not total:
        return [units] + [0] * (len(weights) - 1) if weights else []
    exact = [units * weight / total for weight in weights]
    shares = [int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: shares[index] - exact[index])
    for index in by_remainder[: units - sum(shares)]:
        shares[index] += 1
    return shares


def share_out_amount(amount, weights, currency):
    """Share `amount`, in `currency`, out in proportion to `weights`, exact to its smallest unit."""
    rounding = Fraction(str(currency.rounding))
    units = round(Fraction(str(currency.round(amount))) / rounding)
    return [float(part * rounding) for part in share_out(units, weights)]
