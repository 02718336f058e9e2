from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time, formatLang

from odoo.addons.fabloch_finance.models.allowance_cover import COVER_UNITS

from .. import clock, periods
from .machine_quote import by_month
from .machine_verdict import _span


class BookingCharge(models.Model):
    """What bookings cost: prepaid time drawn and charges made at confirmation, priced anew by a move, invoiced."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    price_explanation = fields.Text("Why this price", readonly=True, copy=False)

    def action_confirm(self):
        """Confirm these bookings: prepaid time is drawn, the rest is charged at the price of this moment.

        :raises UserError: when one isn't on hold, or its hold has expired and the period is taken since.
        """
        for booking in self:
            if booking.state != "hold":
                raise UserError(
                    self.env._(
                        "%(booking)s is “%(state)s” already: only what is on hold can be confirmed.",
                        booking=booking.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[booking.state],
                    )
                )
        self.check_access("write")
        now = clock.now()
        # A hold that is over takes nothing any more: it has to find its period free again.
        self.filtered(lambda booking: booking.hold_until and booking.hold_until <= now)._take()
        bookings = self.sudo().with_context(tracking_disable=True)
        bookings.write({"state": "confirmed", "confirm_date": now})
        bookings._charge()
        return True

    # -- Charges -------------------------------------------------------------------------------------------------

    def _charge(self):
        """Draw the prepaid time of these bookings and charge the rest, or let an allowance of money cover it."""
        Machine, Allowance = self.env["fabloch.machine"], self.env["fabloch.allowance"]
        for company, bookings in self.grouped("company_id").items():
            requests = bookings._requests()
            draws = [
                Machine._draw_request(request, {"booking_id": booking.id})
                for booking, request in zip(bookings, requests, strict=True)
            ]
            # Looked for at once: whoever has no allowance pays no query for any kind of them.
            candidates = Allowance._candidates(draws, company, ("hour", *COVER_UNITS))
            uses = Allowance._draw_many(draws, company, candidates)
            prepaid = [round(sum(drawn.mapped("quantity")) * 60) for drawn in uses]
            quotes = Machine._quotes(requests, prepaid)
            vals_list = []
            for booking, quote, request in zip(bookings, quotes, requests, strict=True):
                open_minutes = request.machine._open_minutes(request.start, request.stop)
                booking.write(
                    {
                        "prepaid_minutes": quote.prepaid,
                        "open_minutes": open_minutes * request.units,
                        "member_category_id": booking.partner_id.member_category_id.id,
                        "visitor": not quote.member,
                        "price_explanation": booking._explain(quote),
                    }
                )
                vals_list += booking._prepare_charges_vals(quote)
            charges = self.env["fabloch.charge"].sudo().with_company(company)
            charges = charges.with_context(fabloch_company_checked=True, fabloch_cover_later=True).create(vals_list)
            if not self.env.context.get("fabloch_uncovered"):
                bookings._explain_cover(charges._cover(candidates), dict(zip(bookings, quotes, strict=True)))

    def _explain_cover(self, charges, quotes):
        """Write into the explanation of the price which allowances cover how much of it.

        :param charges: those of these bookings that are covered.
        :param dict quotes: {booking: its `Quote`}.
        """
        for booking, covered in charges.grouped("booking_id").items():
            booking = booking.with_env(self.env)
            allowances = covered._live_cover_uses().allowance_id
            quote = quotes[booking]._replace(
                covered=booking.currency_id.round(sum(covered.mapped("amount_covered"))),
                covered_by=tuple(allowances._cover_names(self.env.lang)),
            )
            booking.price_explanation = booking._explain(quote)

    def _prepare_charges_vals(self, quote):
        """Values of the charges of this booking: one for each unit line of `quote` and calendar month."""
        self.ensure_one()
        vals_list = []
        tz = self._tz()
        last_day = periods.to_local(self.stop - timedelta(minutes=1), tz).date()
        for line in quote.lines:
            months = by_month(line.begins, tz)
            for month, quantity in months.items():
                month_end = fields.Date.end_of(month, "month")
                of_month = month if len(months) > 1 else None
                vals = self._prepare_charge_vals(line, quantity, min(last_day, month_end), of_month)
                vals["product_uom_id"] = quote.card.uom_ids[line.product_id]
                if line.product_id not in quote.card.taxed:
                    vals["tax_ids"] = []
                vals_list.append(vals)
        return vals_list

    def _prepare_charge_vals(self, line, quantity, day, month):
        """Values of one charge: `quantity` units of `line`, billable once `day` is over or the booking is.

        :param date month: the month that it is for, when the booking runs over several.
        """
        return {
            "booking_id": self.id,
            "rate_id": line.rate.id,
            "partner_id": self.partner_id.id,
            "product_id": line.product_id,
            "name": self._charge_name(line.rate, quantity, month),
            "quantity": quantity,
            "price_unit": line.price_unit,
            "date": day,
            "immediate": self.visitor,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }

    def _charge_name(self, rate, quantity, month):
        """Say what is charged as a person would write it, in the user's language."""
        lang = self.partner_id.lang or self.env.lang
        here = self.with_context(lang=lang)
        env, tz = here.env, self._tz()
        start, stop = self._local(self.start), self._local(self.stop)
        words = {
            "machine": here.machine_id.name,
            "day": format_date(env, start.date(), lang_code=lang, date_format="EEEE d MMMM y"),
            "start": format_time(env, self.start, tz=tz, time_format="short", lang_code=lang),
            "stop": format_time(env, self.stop, tz=tz, time_format="short", lang_code=lang),
            "last": format_date(env, stop.date(), lang_code=lang, date_format="EEEE d MMMM y"),
            "units": f"{quantity:g} × {rate.with_context(lang=lang).name}",
        }
        if start.date() == stop.date():
            name = env._("%(machine)s, %(day)s, %(start)s–%(stop)s: %(units)s", **words)
        else:
            name = env._("%(machine)s, from %(day)s %(start)s to %(last)s %(stop)s: %(units)s", **words)
        if month:
            name = f"{name} ({format_date(env, month, lang_code=lang, date_format='MMMM y')})"
        return name

    def _explain(self, quote):
        """Say in a few lines why the booking costs what it costs."""
        self.ensure_one()
        lines = []
        if quote.prepaid:
            lines.append(
                self.env._(
                    "%(prepaid)s of %(total)s are prepaid.", prepaid=_span(quote.prepaid), total=_span(quote.minutes)
                )
            )
        money = {"currency_obj": quote.currency}
        for line in quote.lines:
            lines.append(
                self.env._(
                    "%(quantity)s × %(rate)s at %(price)s = %(amount)s",
                    quantity=f"{line.quantity:g}",
                    rate=line.rate.name,
                    price=formatLang(self.env, line.price_unit, **money),
                    amount=formatLang(self.env, line.amount, **money),
                )
            )
        lines.append(
            self.env._(
                "Total: %(total)s, the cheapest combination (%(pricelist)s).",
                total=formatLang(self.env, quote.total, **money),
                pricelist=self.env._("member prices") if quote.member else self.env._("public prices"),
            )
        )
        if quote.covered:
            lines.append(
                self.env._(
                    "%(covered)s of it are covered by %(allowances)s; to pay: %(rest)s.",
                    covered=formatLang(self.env, quote.covered, **money),
                    allowances=", ".join(quote.covered_by),
                    rest=formatLang(self.env, quote.to_pay, **money),
                )
            )
        if quote.next_lines:
            lines.append(
                self.env._(
                    "The next cheapest, %(units)s, would have cost %(total)s.",
                    units=" + ".join(f"{line.quantity:g} × {line.rate.name}" for line in quote.next_lines),
                    total=formatLang(self.env, quote.next_total, **money),
                )
            )
        return "\n".join(lines)

    def _time_charges(self):
        """Return the charges of the booked time itself, consumables apart, that still say something.

        What a credit note has wholly taken back doesn't: another charge may have taken its place.
        """

        def is_credited(charge):
            return charge.amount_credited and not charge.currency_id.compare_amounts(
                charge.amount, charge.amount_credited
            )

        return self.sudo().charge_ids.filtered(
            lambda charge: charge.rate_id and not charge.waived and not is_credited(charge)
        )

    def _reprice(self):
        """Price these confirmed bookings anew: they have moved.

        :raises UserError: when one is invoiced already and would cost something else.
        """
        for booking in self.sudo():
            before = booking._time_charges()
            invoiced = before.filtered(lambda charge: charge.state == "invoiced")
            if invoiced:
                [quote] = self.env["fabloch.machine"]._quotes(booking._requests(), [booking.prepaid_minutes])
                charged = sum(charge.amount + charge.amount_covered - charge.amount_credited for charge in before)
                if before.partner_id != booking.partner_id or booking.currency_id.compare_amounts(quote.total, charged):
                    raise UserError(
                        self.env._(
                            "%(booking)s is invoiced (%(invoice)s) and would cost something else, or somebody else: "
                            "cancel it, which makes the credit note, and book again.",
                            booking=booking.display_name,
                            invoice=invoiced.invoice_id[:1].display_name,
                        )
                    )
                continue
            of_time = booking.charge_ids.filtered("rate_id")
            waived = of_time.filtered("waived")
            if waived and before:
                raise UserError(
                    self.env._(
                        "A part of the price of %(booking)s is waived (%(reason)s): take the waiver back, or waive all "
                        "of it, and then move it.",
                        booking=booking.display_name,
                        reason=waived[0].waived_reason,
                    )
                )
            booking._live_uses()._give_back()
            # What a credit note took back is charged anew here.
            (of_time - before - waived).outdated = True
            before.unlink()
            # What is given up shall not be taken from an allowance.
            booking.with_context(tracking_disable=True, fabloch_uncovered=bool(waived))._charge()
            booking._waive_again(waived)
        self._move_consumables()

    def _waive_again(self, waived):
        """What this booking costs after a move is given up for the reason for which these charges of it were.

        :raises UserError: when it costs more than what was waived.
        """
        if not waived:
            return
        charges = self._time_charges()
        if self.currency_id.compare_amounts(sum(charges.mapped("amount")), sum(waived.mapped("amount"))) > 0:
            raise UserError(
                self.env._(
                    "%(booking)s would cost more than what was waived (%(reason)s): take the waiver back, and then "
                    "move it.",
                    booking=self.display_name,
                    reason=waived[0].waived_reason,
                )
            )
        charges.write(
            {
                "waived": True,
                "waived_reason": waived[0].waived_reason,
                "waived_by_id": waived[0].waived_by_id.id,
                "waived_on": waived[0].waived_on,
            }
        )
        waived.unlink()

    def _live_uses(self):
        """Return what these bookings use of prepaid time, apart from what was given back."""
        return self.sudo().use_ids.filtered(lambda use: not use.returned_use_id and not use.return_ids)

    def action_invoice(self):
        """Invoice what these bookings owe now, without waiting for the payer's day; open the invoices.

        :raises UserError: when there is nothing to invoice, or nothing could be, with the reason.
        """
        self.check_access("write")
        charges = self.charge_ids.filtered(lambda charge: charge.state == "to_invoice")
        if not charges:
            raise UserError(self.env._("There is nothing to invoice here."))
        # The day where the machines stand, whatever the user's own.
        today = self[:1]._local(clock.now()).date()
        runs = charges.with_context(fabloch_invoice_ahead=True)._invoice(
            max([today, *charges.mapped("date")]), invoice_date=today
        )
        if not runs.invoice_ids:
            raise UserError("\n".join(runs.failure_ids.mapped("reason")) or self.env._("Nothing could be invoiced."))
        return self.action_open_invoices()

    def action_open_invoices(self):
        """Open the invoices and credit notes of these bookings."""
        self.check_access("read")
        lines = self.sudo().charge_ids.invoice_line_ids | self.sudo().charge_ids.credit_line_ids
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        action.update(domain=[("id", "in", lines.move_id.ids)], context={"create": False})
        if len(lines.move_id) == 1:
            action.update(views=[(False, "form")], res_id=lines.move_id.id)
        return action
