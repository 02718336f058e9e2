from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance.models.allowance import DrawRequest
from odoo.addons.fabloch_finance.models.allowance_cover import COVER_UNITS, CoverRequest

from .. import periods, pricing


class QuoteRequest(NamedTuple):
    """What somebody would book: naive UTC moments."""

    machine: models.BaseModel
    partner: models.BaseModel
    start: object
    stop: object
    units: int = 1
    kept: bool = False  # it begins when it did before: notice and past were asked then


class QuoteLine(NamedTuple):
    """So many units of a rate, at their price; `begins` are the moments (UTC) at which these units begin."""

    rate: models.BaseModel
    product_id: int
    quantity: float
    price_unit: float
    amount: float
    begins: tuple


class Quote(NamedTuple):
    """What a booking costs, and why. Amounts are untaxed, in `currency`; the lines sum to the total."""

    lines: list[QuoteLine]
    total: float
    currency: models.BaseModel
    pricelist: models.BaseModel
    member: bool  # on the day of the booking
    minutes: int  # of all the units booked together
    prepaid: int  # minutes of them that allowances pay for
    next_lines: list[QuoteLine]  # the next cheapest combination
    next_total: float | None
    card: NamedTuple  # the PriceCard that it was made from
    covered: float = 0.0  # what allowances of money or pieces pay of the total
    covered_by: tuple = ()  # their names

    @property
    def to_pay(self):
        """What the person is charged: the total, less what is covered."""
        return self.currency.round(self.total - self.covered)


class MachineQuote(models.Model):
    """What it costs to book machines: prepaid time first, then the cheapest combination of units of time."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    def _quote(self, partner, start, stop, units=1):
        """Return the `Quote` of this machine for `partner`; writes nothing.

        :param datetime start, stop: naive, UTC.
        :param int units: how many units of a pool.
        :raises UserError: when the machine has no rate.
        """
        self.ensure_one()
        [quote] = self._foresee_quotes([QuoteRequest(self, partner, start, stop, units)])
        return quote

    @api.model
    def _foresee_quotes(self, requests):
        """Return the list of quotes as if all these requests of one company were booked now, in this order: with what
        is prepaid and what allowances cover. Writes nothing.
        """
        if not requests:
            return []
        Allowance = self.env["fabloch.allowance"]
        company = requests[0].machine.company_id
        draws = [self._draw_request(request) for request in requests]
        candidates = Allowance._candidates(draws, company, ("hour", *COVER_UNITS))
        prepaid = [round(hours * 60) for hours in Allowance._foresee(draws, company, candidates)]
        quotes = self._quotes(requests, prepaid)
        if not candidates.filtered(lambda allowance: allowance.unit in COVER_UNITS):
            return quotes
        asked, owners = [], []
        for number, (request, draw, quote) in enumerate(zip(requests, draws, quotes, strict=True)):
            found = self._cover_requests(request, draw.date, quote)
            asked += found
            owners += [number] * len(found)
        covers = [[] for _request in requests]
        for number, found in zip(owners, candidates._cover_shares(asked, company), strict=True):
            covers[number] += found
        return [self._quote_covered(quote, found) for quote, found in zip(quotes, covers, strict=True)]

    @api.model
    def _cover_requests(self, request, day, quote):
        """Return the `CoverRequest` of each charge that `quote` will make."""
        company = request.machine.company_id
        requests = []
        for line in quote.lines:
            product = self.env["product.product"].browse(line.product_id)
            taxed = line.product_id in quote.card.taxed
            for quantity in by_month(line.begins, self._settings(request.machine.id).tz).values():
                if taxed:
                    charge = self.env["fabloch.charge"]
                    amount = charge._untaxed(request.partner, product, quantity, line.price_unit, company)
                else:
                    amount = quote.currency.round(line.price_unit * quantity)
                if amount > 0:
                    requests.append(
                        CoverRequest(request.partner, product, quantity, line.price_unit, amount, day, taxed)
                    )
        return requests

    @api.model
    def _quote_covered(self, quote, covers):
        """Return `quote` with what these `Cover` pay of it."""
        allowances = self.env["fabloch.allowance"].sudo().browse({cover.allowance.id: None for cover in covers})
        return quote._replace(
            covered=quote.currency.round(sum(cover.amount for cover in covers)),
            covered_by=tuple(allowances._cover_names(self.env.lang)),
        )

    @api.model
    def _draw_request(self, request, use_vals=None):
        """Return the `DrawRequest` of the time that `request` would use."""
        settings = self._settings(request.machine.id)
        minutes = _minutes(request) * request.units
        day = periods.to_local(request.start, settings.tz).date()
        product = self.env["product.product"].browse(settings.product_id)
        return DrawRequest(request.partner, product, minutes / 60, "hour", day, use_vals)

    @api.model
    def _quotes(self, requests, prepaid):
        """Return the list of quotes, one for each request; all machines are of one company.

        A dozen queries or less, whatever the number of requests.

        :param list prepaid: minutes that allowances pay for, one for each request.
        """
        if not requests:
            return []
        of_machine = [self._settings(request.machine.id) for request in requests]
        company_id = of_machine[0].company_id
        payers = [
            (request.partner, periods.to_local(request.start, settings.tz).date())
            for request, settings in zip(requests, of_machine, strict=True)
        ]
        Pricelist = self.env["product.pricelist"].with_company(company_id)
        pricelists = Pricelist._of_partners_on(payers)
        quotes = []
        for request, settings, payer, minutes in zip(requests, of_machine, payers, prepaid, strict=True):
            if not settings.rates:
                raise UserError(
                    self.env._(
                        "%s has no rate, so nobody knows what it costs: add one to its category.", request.machine.name
                    )
                )
            pricelist, member = pricelists[payer]
            product_ids = tuple(product_id for _rate, _minutes, product_id in settings.rates)
            card = Pricelist._price_card(pricelist, product_ids, company_id, payer[1])
            quotes.append(self._quote_from(request, settings, minutes, pricelist, member, card))
        return quotes

    @api.model
    def _quote_from(self, request, settings, prepaid, pricelist, member, card):
        currency = self.env["res.currency"].browse(settings.currency_id)
        units = tuple(
            pricing.Unit(rate_id, minutes, card.prices[product_id]) for rate_id, minutes, product_id in settings.rates
        )
        minutes = _minutes(request)
        lines, next_lines = [], []
        for length, count in to_pay(minutes, request.units, prepaid):
            best, second = _covers(length, units)
            begin = request.start + timedelta(minutes=minutes - length)
            lines += self._quote_lines(request, settings, best, card, count, begin)
            if second:
                next_lines += self._quote_lines(request, settings, second, card, count, begin)
        return Quote(
            lines=lines,
            total=currency.round(sum(line.amount for line in lines)),
            currency=currency,
            pricelist=pricelist,
            member=member,
            minutes=minutes * request.units,
            prepaid=prepaid,
            next_lines=next_lines,
            next_total=currency.round(sum(line.amount for line in next_lines)) if next_lines else None,
            card=card,
        )

    @api.model
    def _quote_lines(self, request, settings, cover, card, count, start):
        """Return a line for each rate of `cover`, taken by `count` units of the pool; the time begins at `start`."""
        product_of = {rate_id: product_id for rate_id, _minutes, product_id in settings.rates}
        lengths = tuple(pricing.Unit(rate_id, minutes, Decimal(0)) for rate_id, minutes, _product in settings.rates)
        begins = {}
        for rate_id, offset in pricing.lay_out(cover.lines, lengths):
            begins.setdefault(rate_id, []).append(start + timedelta(minutes=offset))
        currency = self.env["res.currency"].browse(settings.currency_id)
        rates = {rate.id: rate for rate in self.env["fabloch.rate"].browse(product_of)}
        lines = []
        for rate_id, quantity in cover.lines:
            product_id = product_of[rate_id]
            price = float(card.prices[product_id])
            moments = tuple(begins[rate_id]) * count
            if product_id in card.taxed:
                product = self.env["product.product"].browse(product_id)
                # Each month is a charge, rounded by itself: a price with its tax in it would else sum to another cent.
                amount = sum(
                    self.env["fabloch.charge"]._untaxed(
                        request.partner, product, number, price, request.machine.company_id
                    )
                    for number in by_month(moments, settings.tz).values()
                )
            else:
                amount = price * quantity * count
            amount = currency.round(amount)
            lines.append(QuoteLine(rates[rate_id], product_id, quantity * count, price, amount, moments))
        return lines


@lru_cache(maxsize=4096)
def _covers(minutes, units):
    """Return the cheapest cover, and the next one (or None). The same lengths come again and again."""
    best = pricing.cheapest_cover(minutes, units)
    return best, pricing.next_cheapest_cover(minutes, units, best)


def to_pay(minutes, units, prepaid):
    """Return the (minutes, how many units) that are charged when `prepaid` of the `minutes` × `units` are prepaid."""
    # Prepaid time is spent on the units of a pool alike: what is left is charged for each of them.
    each, extra = divmod(minutes * units - prepaid, units)
    return [(length, count) for length, count in ((each, units - extra), (each + 1, extra)) if count and length]


def by_month(moments, tz):
    """Return {first day of a month: how many of `moments` (UTC) lie in it by the clock in `tz`}, in order."""
    return dict(sorted(Counter(periods.to_local(moment, tz).date().replace(day=1) for moment in moments).items()))


def _minutes(request):
    """Return the length of what `request` asks for, in whole minutes."""
    return round((request.stop - request.start).total_seconds() / 60)
