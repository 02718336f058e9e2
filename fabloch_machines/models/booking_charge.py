from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time, formatLang

from .. import clock, periods
from .booking import LIVE_STATES
from .machine_quote import by_month
from .machine_verdict import _span


class BookingCharge(models.Model):
    """What bookings cost: charges at confirmation, a share kept when they are cancelled late or nobody came."""

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
        """Draw the prepaid time of these bookings and charge the rest."""
        Machine = self.env["fabloch.machine"]
        for company, bookings in self.grouped("company_id").items():
            requests = bookings._requests()
            draws = [
                Machine._draw_request(request, {"booking_id": booking.id})
                for booking, request in zip(bookings, requests, strict=True)
            ]
            uses = self.env["fabloch.allowance"]._draw_many(draws, company)
            prepaid = [round(sum(drawn.mapped("quantity")) * 60) for drawn in uses]
            quotes = Machine._quotes(requests, prepaid)
            vals_list = []
            for booking, quote, request in zip(bookings, quotes, requests, strict=True):
                opened = Machine._settings(request.machine.id).hours
                open_minutes = periods.overlap_minutes(
                    periods.open_periods(opened, request.start, request.stop), request.start, request.stop
                )
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
            charges.with_context(fabloch_company_checked=True).create(vals_list)

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
                charged = sum(charge.amount - charge.amount_credited for charge in before)
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
            booking.with_context(tracking_disable=True)._charge()
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

    # -- The end of a booking ----------------------------------------------------------------------------------------

    def _cancellation_share(self):
        """Return the percentage of the price that a cancellation at this moment keeps."""
        self.ensure_one()
        if self.state == "hold":
            return 0.0
        return 0.0 if clock.now() <= self._free_cancel_until() else self.category_id.late_cancel_percent

    def _free_cancel_until(self):
        """Return until when (naive UTC) this booking can be cancelled without cost."""
        settings = self.env["fabloch.machine"]._settings(self.machine_id.id)
        return self.start - timedelta(minutes=settings.free_cancel)

    def action_cancel(self, reason=None, waive=False):
        """Cancel these bookings: in time without cost, later for the share that the category's policy keeps.

        What is invoiced already is credited for the part that isn't kept; prepaid time comes back likewise.

        :param str reason: why, kept on the booking and told in the mail.
        :param bool waive: keep nothing, whatever the policy says; for staff.
        :raises UserError: when one isn't running any more, or is over.
        """
        now = clock.now()
        for booking in self:
            if booking.state not in LIVE_STATES:
                raise UserError(
                    self.env._("%s is no longer running: there is nothing to cancel.", booking.display_name)
                )
            if booking.state == "confirmed" and booking.stop <= now and not waive:
                raise UserError(
                    self.env._(
                        "%s is over: mark it as a no-show if nobody came, or cancel it without cost.",
                        booking.display_name,
                    )
                )
        self.check_access("write")
        if waive and not self.env["fabloch.machine"]._is_staff():
            raise UserError(self.env._("Only the staff cancels without cost: ask the reception."))
        shares = {booking: 0.0 if waive else booking._cancellation_share() for booking in self}
        self._release()
        self.sudo().write({"state": "cancelled", "cancel_date": now, "cancel_reason": reason or False})
        for booking, share in shares.items():
            booking._keep(share, self.env._("cancelled"))
        self._after_move()
        return True

    def action_no_show(self):
        """Note that nobody came: the policy's share of the price is kept, the rest of the period is free again.

        :raises UserError: when one isn't confirmed, hasn't begun, or somebody did come.
        """
        now = clock.now()
        for booking in self:
            if booking.state != "confirmed" or booking.start > now or booking.arrived_at:
                raise UserError(
                    self.env._(
                        "%s can't be a no-show: it has to be confirmed, begun, and nobody checked in.",
                        booking.display_name,
                    )
                )
        self.check_access("write")
        self._release()
        self.sudo().write({"state": "no_show"})
        for booking in self:
            booking._keep(booking.category_id.no_show_percent, self.env._("no-show"))
        self._after_move()
        return True

    def action_check_in(self):
        """Note that the person has come.

        :raises UserError: when one isn't confirmed, or is for another day to come.
        """
        self.check_access("write")
        now = clock.now()
        for booking in self:
            if booking.state != "confirmed":
                raise UserError(self.env._("%s isn't confirmed: confirm it first.", booking.display_name))
            if booking._local(booking.start).date() > booking._local(now).date():
                raise UserError(
                    self.env._(
                        "%(booking)s is for %(start)s: check in on that day, or move it to now.",
                        booking=booking.display_name,
                        start=booking._local_text(),
                    )
                )
        self.sudo().write({"arrived_at": now})
        return True

    def _keep(self, percent, why):
        """Keep `percent` of the price of the booked time, and give the rest back. Consumables were used: they stay.

        :param str why: what is written beside a reduced price.
        """
        self.ensure_one()
        charges = self._time_charges()
        if percent < 100:
            reason = self.env._("%(booking)s: %(why)s", booking=self.name, why=why)
            charges._take_off_drafts()
            invoiced = charges.filtered(lambda charge: charge.state == "invoiced")
            invoiced._credit(100 - percent, reason)
            invoiced.outdated = True
            due = charges - invoiced
            if percent:
                for charge in due:
                    charge.write(
                        {
                            "discount": charge._reduced_discount(percent),
                            "name": f"{charge.name} ({why}, {percent:g} %)",
                        }
                    )
            else:
                due.action_waive(reason)
            self._keep_prepaid(percent)
        today = self._local(clock.now()).date()
        for charge in self.sudo().charge_ids.filtered(lambda charge: charge.state == "to_invoice"):
            # What is owed for a booking that won't take place is owed now.
            charge.date = min(charge.date, today)

    def _keep_prepaid(self, percent):
        """Give the prepaid time of this booking back, but for `percent` of it, in whole minutes."""
        used = self._live_uses()
        if not used:
            return
        used._give_back()
        minutes = self._kept_minutes(percent)
        used._retake(minutes / 60)
        self.sudo().prepaid_minutes = minutes

    def _kept_minutes(self, percent):
        return int(self.prepaid_minutes * percent / 100)

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
