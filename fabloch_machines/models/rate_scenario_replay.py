from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from .. import periods, pricing
from .machine_quote import by_month, to_pay


class Past(NamedTuple):
    """A booking of the period as it was charged. Amounts are untaxed and exact (Decimal)."""

    id: int
    machine_id: int
    category_id: int
    partner_id: int  # who booked
    payer_id: int  # its commercial partner
    member_category_id: int | None
    visitor: bool
    start: datetime
    minutes: int  # of one unit
    units: int
    prepaid: int  # minutes of all units, drawn at its confirmation
    pricelist_id: int | bool  # that it was priced by; False: public prices
    full: dict  # {product id: price of its charges, before anything was given up or covered}
    net: dict  # {product id: what was charged in the end, less credit}
    tax_ids: dict  # {product id: taxes of its charges}


class Period(NamedTuple):
    """What a scenario replays, read in one go."""

    bookings: list  # of `Past`
    given_up: int  # bookings of which nothing was charged in the end: cancelled in time, waived, credited
    consumables: Decimal  # charged with these bookings, untaxed
    pricelist_ids: list  # of the bookings, without repetition


class Card(NamedTuple):
    """What one machine costs by one pricelist."""

    units: list  # of pricing.Unit
    prices: dict  # {key of a unit: price}
    product_of: dict  # {key of a unit: product id}
    taxed: frozenset  # products with taxes
    covers: dict  # {minutes: the lines of the cheapest cover}, filled on the way


class RateScenarioReplay(models.Model):
    """Past bookings, priced again: the same people, machines, hours and prepaid time, by another card.

    Reads with the rights of the engine, after the caller was allowed to read the scenario, and writes nothing. A dozen
    queries or so, and a few for each pricelist and machine, whatever the number of bookings.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.rate.scenario"

    def _replay(self):
        """Return {scenario: {booking id: (`Past`, before, today, after)}}, and the periods {scenario: `Period`}.

        Each of the three is {product id: amount}, untaxed: what was charged, what would be by today's card, and by
        the scenario's; today's and the scenario's are None where the machine has no rate, so can't be booked.

        A booking that was charged in part (cancelled late, no-show, discount, waiver, credit note, covered by an
        allowance of money) is replayed for the same part of its price.
        """
        replayed, loaded = {}, {}
        own_rates = self.env["fabloch.rate"].sudo()._read_group([("machine_id", "!=", False)], ["machine_id"])
        with_own = {machine.id for [machine] in own_rates}
        for scenario in self:
            scenario.check_access("read")
            engine = scenario.sudo().with_company(scenario.company_id)
            key = (scenario.company_id, scenario.date_from, scenario.date_to)
            if key not in loaded:
                loaded[key] = engine._load_bookings()
            replayed[scenario] = (engine._replay_bookings(loaded[key].bookings, with_own), loaded[key])
        return replayed

    def _replay_bookings(self, bookings, with_own):
        today_cards, own_cards = {}, {}
        replaced = self._replacements()
        added = self.line_ids.filtered(lambda line: not line.rate_id and line.offered)
        changed = {(line.rate_id.id, line.pricelist_id.id): line for line in self.line_ids.filtered("rate_id")}
        day = fields.Date.context_today(self)
        found = {}
        for past in bookings:
            key = (past.machine_id, past.pricelist_id)
            if key not in today_cards:
                new_pricelist = replaced.get(past.pricelist_id, past.pricelist_id)
                today_cards[key] = self._today_card(*key, day)
                own_cards[key] = self._own_card(
                    past.machine_id, new_pricelist, added, changed, past.machine_id in with_own
                )
            before = {product_id: amount for product_id, amount in past.net.items() if amount}
            found[past.id] = (
                past,
                before,
                self._price(past, today_cards[key]),
                self._price(past, own_cards[key]),
            )
        return found

    def _replacements(self):
        """Return {pricelist id: id of the one that replaces it}; False: the public prices."""
        return {line.pricelist_id.id: line.new_pricelist_id.id for line in self.pricelist_ids}

    # -- Cards -------------------------------------------------------------------------------------------------------

    def _today_card(self, machine_id, pricelist_id, day):
        settings = self.env["fabloch.machine"]._settings(machine_id)
        prices, taxed = self._prices(settings.rates, pricelist_id, day)
        units = [pricing.Unit(rate_id, minutes, prices[rate_id]) for rate_id, minutes, _product in settings.rates]
        product_of = {rate_id: product_id for rate_id, _minutes, product_id in settings.rates}
        return Card(units, prices, product_of, taxed, {})

    def _own_card(self, machine_id, pricelist_id, added, changed, has_own):
        """Return the scenario's card: today's rates at their new prices, without those that are no longer offered,
        with those that are new."""
        settings = self.env["fabloch.machine"]._settings(machine_id)
        day = self.price_date or fields.Date.context_today(self)
        units, product_of = [], {}
        new = added.filtered(
            lambda line: line.pricelist_id.id == pricelist_id and line.category_id.id == settings.category_id
        )
        own = new.filtered(lambda line: line.machine_id.id == machine_id)
        # As in the card itself: a machine with rates of its own isn't booked at its category's.
        if has_own:
            kept, new = settings.rates, own
        elif own:
            kept, new = (), own
        else:
            kept, new = settings.rates, new.filtered(lambda line: not line.machine_id)
        prices, taxed = self._prices(kept, pricelist_id, day)
        for rate_id, minutes, product_id in kept:
            line = changed.get((rate_id, pricelist_id))
            if line and not line.offered:
                continue
            price = self._exact(line.new_price) if line else prices[rate_id]
            units.append(pricing.Unit(rate_id, minutes, price))
            product_of[rate_id] = product_id
        for line in new:
            # Rates have ids above 0: those that are new can't be taken for one.
            units.append(pricing.Unit(-line.id, line.minutes, self._exact(line.new_price)))
            product_of[-line.id] = line.product_id.id
        taxed |= frozenset(
            line.product_id.id for line in new if line.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        )
        return Card(units, {unit.key: unit.price for unit in units}, product_of, taxed, {})

    def _prices(self, rates, pricelist_id, day):
        """Return ({rate id: price}, products with taxes) of these (rate, minutes, product) by a pricelist."""
        if not rates:
            return {}, frozenset()
        Pricelist = self.env["product.pricelist"]
        product_ids = tuple(product_id for _rate, _minutes, product_id in rates)
        card = Pricelist._price_card(Pricelist.browse(pricelist_id or []), product_ids, self.company_id.id, day)
        return {rate_id: card.prices[product_id] for rate_id, _minutes, product_id in rates}, card.taxed

    # -- One booking -------------------------------------------------------------------------------------------------

    def _price(self, past, card):
        """Return what `past` would be charged by `card`, {product id: amount}; None when there is no unit to pay by."""
        lengths = to_pay(past.minutes, past.units, past.prepaid)
        if lengths and not card.units:
            return None
        priced, begins = Counter(), defaultdict(list)
        for length, count in lengths:
            if length not in card.covers:
                card.covers[length] = pricing.cheapest_cover(length, card.units).lines
            if card.taxed:
                self._add_begins(begins, past, length, count, card)
            for key, quantity in card.covers[length]:
                if card.product_of[key] not in card.taxed:
                    priced[card.product_of[key]] += card.prices[key] * quantity * count
        for (_length, key), moments in begins.items():
            product_id = card.product_of[key]
            tz = self.env["fabloch.machine"]._settings(past.machine_id).tz
            for number in by_month(moments, tz).values():
                priced[product_id] += self._untaxed(past, product_id, card.prices[key], number)
        return self._share(past, {product_id: amount for product_id, amount in priced.items() if amount})

    def _add_begins(self, begins, past, length, count, card):
        """Note when each unit with taxes begins: each month is a charge, rounded by itself."""
        start = past.start + timedelta(minutes=past.minutes - length)
        for key, offset in pricing.lay_out(card.covers[length], card.units):
            if card.product_of[key] in card.taxed:
                begins[length, key] += [start + timedelta(minutes=offset)] * count

    def _untaxed(self, past, product_id, price, quantity):
        """Return the untaxed amount of units whose price may hold a tax: the taxes that this person was charged."""
        product = self.env["product.product"].browse(product_id)
        tax_ids = past.tax_ids.get(product_id) or next(filter(None, past.tax_ids.values()), None)
        if tax_ids:
            taxes = self.env["account.tax"].browse(tax_ids)
        else:
            taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        partner = self.env["res.partner"].browse(past.partner_id)
        amounts = taxes.compute_all(
            float(price), currency=self.currency_id, quantity=quantity, product=product, partner=partner
        )
        return self._exact(amounts["total_excluded"])

    def _share(self, past, priced):
        """Return `priced`, {product id: amount}, for the part of its price that `past` was charged in the end."""
        full, net = sum(past.full.values()), sum(past.net.values())
        if full == net:
            return priced
        if priced == {product_id: amount for product_id, amount in past.full.items() if amount}:
            return {product_id: amount for product_id, amount in past.net.items() if amount}
        total = sum(priced.values())
        if not full or not total:
            return priced
        kept = Fraction(net) / Fraction(full)
        shared = {product_id: self._exact(Fraction(amount) * kept) for product_id, amount in priced.items()}
        # The parts make the rounded whole.
        largest = max(shared, key=lambda product_id: (shared[product_id], product_id))
        shared[largest] += self._exact(Fraction(total) * kept) - sum(shared.values())
        return shared

    def _exact(self, amount):
        """Return `amount` as a Decimal, rounded in the currency, halves away from 0."""
        step = Decimal(1).scaleb(-self.currency_id.decimal_places)
        if isinstance(amount, Fraction):
            scaled = amount / Fraction(step)
            whole = int(abs(scaled) + Fraction(1, 2))
            return (whole if scaled >= 0 else -whole) * step
        return Decimal(str(amount)).quantize(step, ROUND_HALF_UP)

    # -- The past ----------------------------------------------------------------------------------------------------

    def _load_bookings(self):
        """Return the `Period` of this scenario: the bookings that were confirmed and begin in it."""
        self.ensure_one()
        rows = self._booking_rows()
        charges, consumables = self._charges_of(rows)
        prepaid = self._prepaid_first([row for row in rows if row["state"] != "confirmed" and row["prepaid"]], charges)
        bookings, payers = [], self._pricelists_of(rows)
        for row in rows:
            wholly_prepaid = row["state"] != "cancelled" and row["prepaid"] >= row["minutes"] * row["units"]
            if row["id"] not in charges and not wholly_prepaid:
                continue
            full, net, tax_ids = charges.get(row["id"], ({}, {}, {}))
            bookings.append(
                Past(
                    id=row["id"],
                    machine_id=row["machine_id"],
                    category_id=row["category_id"],
                    partner_id=row["partner_id"],
                    payer_id=row["payer_id"],
                    member_category_id=row["member_category_id"],
                    visitor=bool(row["visitor"]),
                    start=row["start"],
                    minutes=row["minutes"],
                    units=row["units"],
                    prepaid=prepaid.get(row["id"], row["prepaid"]),
                    pricelist_id=payers[row["id"]],
                    full=full,
                    net=net,
                    tax_ids=tax_ids,
                )
            )
        return Period(
            bookings,
            len(rows) - len(bookings),
            consumables,
            list(dict.fromkeys(past.pricelist_id for past in bookings)),
        )

    def _booking_rows(self):
        Booking = self.env["fabloch.booking"]
        Booking.flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT booking.id, booking.machine_id, booking.category_id, booking.partner_id,
                       partner.commercial_partner_id AS payer_id, booking.member_category_id, booking.visitor,
                       booking.start, booking.units, booking.state, COALESCE(booking.prepaid_minutes, 0) AS prepaid,
                       ROUND(EXTRACT(EPOCH FROM booking.stop - booking.start) / 60)::integer AS minutes
                  FROM fabloch_booking booking
                  JOIN res_partner partner ON partner.id = booking.partner_id
                 WHERE %s
                 ORDER BY booking.id
                """,
                self._booking_where(),
            )
        )

    def _booking_where(self):
        tz = self.company_id.resource_calendar_id.tz or "UTC"
        first, after = (
            periods.to_utc(datetime.combine(day, time()), tz)
            for day in (self.date_from, self.date_to + timedelta(days=1))
        )
        return SQL(
            "booking.company_id = %s AND booking.confirm_date IS NOT NULL AND booking.state != 'hold'"
            " AND booking.start >= %s AND booking.start < %s",
            self.company_id.id,
            first,
            after,
        )

    def _charges_of(self, rows):
        """Return ({booking id: (full, net, taxes)}, consumables); see `Past`. Bookings with nothing left have none."""
        Charge = self.env["fabloch.charge"]
        Charge.flush_model()
        found = self.env.execute_query_dict(
            SQL(
                """
                SELECT charge.id, charge.booking_id, charge.rate_id, charge.product_id, charge.origin_charge_id,
                       charge.quantity, charge.price_unit, charge.amount,
                       COALESCE(charge.amount_credited, 0) AS credited,
                       COALESCE(charge.waived, FALSE) AS waived,
                       ARRAY(SELECT tax.%(tax)s FROM %(taxes)s tax
                              WHERE tax.%(owner)s = charge.id ORDER BY 1) AS tax_ids
                  FROM fabloch_charge charge
                  JOIN fabloch_booking booking ON booking.id = charge.booking_id
                 WHERE %(where)s
                 ORDER BY charge.id
                """,
                tax=SQL.identifier(Charge._fields["tax_ids"].column2),
                owner=SQL.identifier(Charge._fields["tax_ids"].column1),
                taxes=SQL.identifier(Charge._fields["tax_ids"].relation),
                where=self._booking_where(),
            )
        )
        rows_of = {row["id"]: row for row in rows}
        by_id = {charge["id"]: charge for charge in found}
        consumables, of_booking = Decimal(0), {}
        for charge in found:
            # Odoo's cursor gives floats: the shortest text of one is the number that was written.
            for name in ("quantity", "price_unit", "amount", "credited"):
                charge[name] = Decimal(str(charge[name]))
            net = Decimal(0) if charge["waived"] else charge["amount"] - charge["credited"]
            if not charge["rate_id"]:
                consumables += net
                continue
            # What a credit note has wholly taken back says nothing: another charge may have taken its place.
            if charge["credited"] and charge["credited"] == charge["amount"]:
                continue
            full, nets, tax_ids = of_booking.setdefault(charge["booking_id"], (Counter(), Counter(), {}))
            product_id = charge["product_id"]
            full[product_id] += self._full_price(charge, by_id, rows_of[charge["booking_id"]])
            nets[product_id] += net
            tax_ids[product_id] = tuple(charge["tax_ids"])
        return {
            booking_id: (dict(full), dict(nets), tax_ids)
            for booking_id, (full, nets, tax_ids) in of_booking.items()
            # Given up whole, but for what costs nothing anyway.
            if any(nets.values()) or (not any(full.values()) and rows_of[booking_id]["state"] != "cancelled")
        }, consumables

    def _full_price(self, charge, by_id, row):
        """Return the untaxed price of a charge before discount and cover."""
        # A charge that replaces a credited one may bear what was left to pay: the first one bears the price.
        while charge["origin_charge_id"] in by_id:
            charge = by_id[charge["origin_charge_id"]]
        if not charge["tax_ids"]:
            return self._exact(charge["price_unit"] * charge["quantity"])
        taxes = self.env["account.tax"].browse(charge["tax_ids"])
        amounts = taxes.compute_all(
            float(charge["price_unit"]),
            currency=self.currency_id,
            quantity=float(charge["quantity"]),
            product=self.env["product.product"].browse(charge["product_id"]),
            partner=self.env["res.partner"].browse(row["partner_id"]),
        )
        return self._exact(amounts["total_excluded"])

    def _prepaid_first(self, rows, charges):
        """Return {booking id: prepaid minutes when it was confirmed} of those that ended early and kept a part.

        A late cancellation gives a part of the prepaid time back: a row for each draw, and a new draw for the rest.
        """
        partly = [
            row["id"]
            for row in rows
            if row["id"] in charges and sum(charges[row["id"]][0].values()) != sum(charges[row["id"]][1].values())
        ]
        if not partly:
            return {}
        Use = self.env["fabloch.allowance.use"]
        Use.flush_model()
        uses = self.env.execute_query(
            SQL(
                "SELECT booking_id, quantity, returned_use_id IS NOT NULL FROM fabloch_allowance_use"
                " WHERE booking_id IN %s ORDER BY id",
                tuple(partly),
            )
        )
        drawn, first = defaultdict(Decimal), {}
        last_was_return = {}
        for booking_id, quantity, is_return in uses:
            if is_return:
                if not last_was_return.get(booking_id):
                    first[booking_id] = round(drawn.pop(booking_id, Decimal(0)) * 60)
            else:
                drawn[booking_id] += Decimal(str(quantity))
            last_was_return[booking_id] = is_return
        return first

    def _pricelists_of(self, rows):
        """Return {booking id: pricelist id or False} that each was priced by: its partner's on that day, member or
        visitor as it was noted on the booking then."""
        Pricelist = self.env["product.pricelist"]
        Partner, settings = self.env["res.partner"], self.env["fabloch.machine"]._all_settings()
        payers = {
            row["id"]: (
                Partner.browse(row["partner_id"]),
                periods.to_local(row["start"], settings[row["machine_id"]].tz).date(),
            )
            for row in rows
        }
        found = Pricelist._of_partners_on(list(dict.fromkeys(payers.values())))
        otherwise = {
            row["id"]
            for row in rows
            if found[payers[row["id"]]][1] == bool(row["visitor"]) and Pricelist._feature_is_on()
        }
        partners = Partner.browse({payers[booking_id][0].id for booking_id in otherwise})
        chosen = {partner.id for partner in partners if partner.specific_property_product_pricelist.active}
        as_visitor, as_member = Pricelist._of_visitors(), Pricelist
        if otherwise:
            plans = self.env["fabloch.membership.plan"].search(
                [("company_id", "in", [False, self.company_id.id]), ("pricelist_id.active", "=", True)], limit=1
            )
            as_member = plans.pricelist_id
        result = {}
        for row in rows:
            pricelist = found[payers[row["id"]]][0]
            if row["id"] in otherwise and row["partner_id"] not in chosen:
                # Became a member, or ceased to be one, after it was confirmed.
                pricelist = as_visitor if row["visitor"] else as_member
            result[row["id"]] = pricelist.id or False
        return result
