from datetime import date as Date
from math import floor
from typing import NamedTuple

from odoo import models

from .allowance import DrawRequest

# In this order: what is granted by the piece is for these products, money may be for anything.
COVER_UNITS = ("piece", "currency")


class CoverRequest(NamedTuple):
    """What a charge would cost: `amount` is untaxed, in the company's currency, for `quantity` at `price_unit`."""

    partner: models.BaseModel
    product: models.BaseModel
    quantity: float
    price_unit: float  # any discount taken off
    amount: float
    date: Date  # of the use
    whole: bool  # paid in whole or not at all: the tax of one line isn't shared between two


class Cover(NamedTuple):
    """What one allowance pays of a charge: so many cents or pieces of its own, worth `amount`."""

    allowance: models.BaseModel
    units: int
    amount: float


class AllowanceCover(models.Model):
    """What allowances of money and of pieces pay of charges."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.allowance"

    def _cover_shares(self, requests, company):
        """Return, for each `CoverRequest`, the list of `Cover` that these allowances pay of it; writes nothing.

        The amounts of a request's covers never sum to more than its own amount, to the cent.
        """
        covers = [[] for _request in requests]
        open_amounts = [request.amount for request in requests]
        rounded = company.currency_id.round
        for unit in COVER_UNITS:
            allowances = self.filtered(lambda allowance, unit=unit: allowance.unit == unit)
            if not allowances:
                continue
            draws = [
                DrawRequest(
                    request.partner,
                    request.product,
                    rest if unit == "currency" else _pieces(request),
                    unit,
                    request.date,
                    whole=request.whole,
                )
                for request, rest in zip(requests, open_amounts, strict=True)
            ]
            for number, found in enumerate(allowances._allocate(draws, company)):
                request, pieces = requests[number], 0
                for allowance, units in found:
                    if unit == "currency":
                        amount = allowance._to_quantity(units)
                    else:
                        before = _worth(request, pieces, rounded)
                        pieces += units
                        amount = rounded(_worth(request, pieces, rounded) - before)
                    covers[number].append(Cover(allowance, units, amount))
                    open_amounts[number] = rounded(open_amounts[number] - amount)
        return covers

    def _cover_names(self, lang):
        """Return how these allowances are named to who is covered by them; upper addons say it in their words."""
        return [f"“{allowance.name}”" for allowance in self]


def _pieces(request):
    """Return how many whole pieces may pay for `request`: none of a part, when it is all or nothing."""
    whole = floor(request.quantity)
    return 0 if request.whole and whole != request.quantity else whole


def _worth(request, pieces, rounded):
    """Return what so many pieces of `request` are worth."""
    return request.amount if pieces == request.quantity else rounded(pieces * request.price_unit)
