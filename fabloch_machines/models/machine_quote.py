from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance.models.allowance import DrawRequest

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
    minutes: int  # of all the units booked together
    prepaid: int  # minutes of them that allowances pay for
    next_lines: list[QuoteLine]  # the next cheapest combination
    next_total: float | None


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
        request = QuoteRequest(self, partner, start, stop, units)
        [prepaid] = self._foresee_prepaid([request])
        [quote] = self._quotes([request], [prepaid])
        return quote

    @api.model
    def _draw_request(self, request, use_vals=None):
        """Return the `DrawRequest` of the time that `request` would use."""
        settings = self._settings(request.machine.id)
        minutes = _minutes(request) * request.units
        day = periods.to_local(request.start, settings.tz).date()
        product = self.env["product.product"].browse(settings.product_id)
        return DrawRequest(request.partner, product, minutes / 60, "hour", day, use_vals)

    @api.model
    def _foresee_prepaid(self, requests):
        """Return the list of the minutes that allowances would pay for, one for each request of one company."""
        company = requests[0].machine.company_id
        hours = self.env["fabloch.allowance"]._foresee([self._draw_request(request) for request in requests], company)
        return [round(quantity * 60) for quantity in hours]

    @api.model
    def _quotes(self, requests, prepaid):
        """Return the list of quotes, one for each request; all machines are of one company.

        A dozen queries or less, whatever the number of requests.

        :param list prepaid: minutes that allowances pay for, one for each request.
        """
        if not requests:
            return []
        company = requests[0].machine.company_id
        days = [periods.to_local(request.start, self._settings(request.machine.id).tz).date() for request in requests]
        payers = [(request.partner, day) for request, day in zip(requests, days, strict=True)]
        pricelists = self.env["product.pricelist"].with_company(company)._of_partners_on(payers)
        prices = self._unit_prices(
            [
                (pricelists[payer], payer[1], [product_id for _r, _m, product_id in self._settings(r.machine.id).rates])
                for r, payer in zip(requests, payers, strict=True)
            ],
            company,
        )
        return [
            self._quote_from(request, minutes, pricelists[payer], prices, payer, company.currency_id)
            for request, minutes, payer in zip(requests, prepaid, payers, strict=True)
        ]

    @api.model
    def _unit_prices(self, wanted, company):
        """Return {(pricelist, day or None, product id): price of one unit}, rounded to the currency's cents.

        The day is None when no rule of the pricelist depends on it.

        :param list wanted: (pricelist, day, product ids).
        """
        by_pricelist = {}
        for pricelist, day, product_ids in wanted:
            of_days = by_pricelist.setdefault(pricelist, {})
            of_days.setdefault(day, set()).update(product_ids)
        prices = {}
        for pricelist, of_days in by_pricelist.items():
            first = min(of_days)
            if not pricelist._is_dated(company):
                of_days = {None: set().union(*of_days.values())}
            for day, product_ids in of_days.items():
                products = self.env["product.product"].browse(sorted(product_ids)).with_company(company)
                found = pricelist._get_products_price(products, 1.0, currency=company.currency_id, date=day or first)
                for product_id, price in found.items():
                    prices[pricelist, day, product_id] = company.currency_id.round(price)
        return prices

    @api.model
    def _quote_from(self, request, prepaid, pricelist, prices, payer, currency):
        settings = self._settings(request.machine.id)
        if not settings.rates:
            raise UserError(
                self.env._(
                    "%s has no rate, so nobody knows what it costs: add one to its category.", request.machine.name
                )
            )
        partner, day = payer
        prices = {
            rate_id: prices.get((pricelist, None, product_id), prices.get((pricelist, day, product_id)))
            for rate_id, _minutes_of, product_id in settings.rates
        }
        digits = currency.decimal_places
        units = tuple(
            pricing.Unit(rate_id, minutes, Decimal(f"{prices[rate_id]:.{digits}f}"))
            for rate_id, minutes, _product_id in settings.rates
        )
        minutes = _minutes(request)
        # Prepaid time is spent on whole units of the pool alike: what is left is charged for each of them.
        to_pay, extra = divmod(minutes * request.units - prepaid, request.units)
        covers = [(to_pay, request.units - extra), (to_pay + 1, extra)]
        lines, next_lines = [], []
        for length, count in covers:
            if count and length:
                best, second = _covers(length, units)
                free = request.start + timedelta(minutes=minutes - length)
                lines += self._quote_lines(request, best, units, prices, count, free)
                if second:
                    next_lines += self._quote_lines(request, second, units, prices, count, free)
        return Quote(
            lines=lines,
            total=currency.round(sum(line.amount for line in lines)),
            currency=currency,
            pricelist=pricelist,
            minutes=minutes * request.units,
            prepaid=prepaid,
            next_lines=next_lines,
            next_total=currency.round(sum(line.amount for line in next_lines)) if next_lines else None,
        )

    @api.model
    def _quote_lines(self, request, cover, units, prices, count, start):
        """Return a line for each rate of `cover`, taken by `count` units of the pool; the time begins at `start`."""
        begins = {}
        for rate_id, offset in pricing.lay_out(cover.lines, units):
            begins.setdefault(rate_id, []).append(start + timedelta(minutes=offset))
        company = request.machine.company_id
        lines = []
        for rate_id, quantity in cover.lines:
            rate = self.env["fabloch.rate"].browse(rate_id)
            amount = self.env["fabloch.charge"]._untaxed(
                request.partner, rate.product_id, quantity * count, prices[rate_id], company
            )
            lines.append(QuoteLine(rate, quantity * count, prices[rate_id], amount, tuple(begins[rate_id]) * count))
        return lines


@lru_cache(maxsize=4096)
def _covers(minutes, units):
    """Return the cheapest cover, and the next one (or None). The same lengths come again and again."""
    best = pricing.cheapest_cover(minutes, units)
    return best, pricing.next_cheapest_cover(minutes, units, best)


def _minutes(request):
    """Return the length of what `request` asks for, in whole minutes."""
    return round((request.stop - request.start).total_seconds() / 60)
