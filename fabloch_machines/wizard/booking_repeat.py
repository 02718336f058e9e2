from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import recurrence
from ..models.booking_occupancy import refused_row
from ..models.machine_quote import QuoteRequest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LIKE_BOOKING = {"compute": "_compute_like_booking", "store": True, "precompute": True, "readonly": False}
ON_WEEKDAY = {"compute": "_compute_weekdays", "store": True, "precompute": True, "readonly": False}


class BookingRepeat(models.TransientModel):
    """Books one machine again and again: shows all the dates and what is in the way of each, then books them all."""

    _name = "fabloch.booking.repeat"
    _description = "Repeat a booking"
    _check_company_auto = True

    booking_id = fields.Many2one("fabloch.booking", "Like", help="The booking that is repeated; it stays as it is.")
    partner_id = fields.Many2one(
        "res.partner",
        "Booked by",
        required=True,
        check_company=True,
        **LIKE_BOOKING,
    )
    machine_id = fields.Many2one(
        "fabloch.machine",
        required=True,
        check_company=True,
        **LIKE_BOOKING,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    start = fields.Datetime("First from", required=True, **LIKE_BOOKING)
    stop = fields.Datetime("To", required=True, **LIKE_BOOKING)
    # No default: it would protect, in a window that opens, all that is computed together with it.
    units = fields.Integer(required=True, **LIKE_BOOKING)
    note = fields.Text(**LIKE_BOOKING)
    exception_reason = fields.Char(
        "Exception", help="A machine manager books against a rule (horizon, hours, notice, quota) and says why."
    )
    interval = fields.Integer("Every", required=True, default=1)
    unit = fields.Selection([("day", "days"), ("week", "weeks"), ("month", "months")], required=True, default="week")
    month_by = fields.Selection(
        [("date", "On the same date"), ("weekday", "On the same weekday, the second Tuesday say")],
        "Day of the month",
        required=True,
        default="date",
        help="A month without that date, a 31st say, is left out.",
    )
    mon = fields.Boolean("Mo", **ON_WEEKDAY)
    tue = fields.Boolean("Tu", **ON_WEEKDAY)
    wed = fields.Boolean("We", **ON_WEEKDAY)
    thu = fields.Boolean("Th", **ON_WEEKDAY)
    fri = fields.Boolean("Fr", **ON_WEEKDAY)
    sat = fields.Boolean("Sa", **ON_WEEKDAY)
    sun = fields.Boolean("Su", **ON_WEEKDAY)
    end = fields.Selection([("until", "Until"), ("count", "So many times")], "Ends", required=True, default="until")
    until = fields.Date()
    count = fields.Integer("Times", default=10)
    step = fields.Selection([("rule", "Rule"), ("preview", "Dates")], required=True, default="rule", readonly=True)
    name = fields.Char("Repeats", readonly=True)
    line_ids = fields.One2many("fabloch.booking.repeat.line", "wizard_id", "Dates")
    free_count = fields.Integer("Free", compute="_compute_counts")
    refused_count = fields.Integer("Refused", compute="_compute_counts")
    amount = fields.Monetary(
        "Price of all", compute="_compute_amount", help="Untaxed, prepaid time deducted, if booked now."
    )
    taken_since = fields.Boolean("Taken since", readonly=True)

    @api.depends("booking_id")
    def _compute_like_booking(self):
        for wizard in self:
            for name in ("partner_id", "machine_id", "start", "stop", "units", "note"):
                if wizard.booking_id:
                    wizard[name] = wizard.booking_id[name]
                elif name == "units":
                    wizard.units = wizard.units or 1
                else:
                    # What isn't given stays as it is.
                    wizard[name] = wizard[name]

    @api.depends("start", "machine_id")
    def _compute_weekdays(self):
        for wizard in self:
            known = wizard.start and wizard.machine_id
            today = wizard._local(wizard.start).weekday() if known else None
            for number, name in enumerate(WEEKDAYS):
                wizard[name] = number == today

    @api.depends("line_ids.verdict")
    def _compute_counts(self):
        for wizard in self:
            wizard.refused_count = len(wizard.line_ids.filtered(lambda line: line.verdict == "refused"))
            wizard.free_count = len(wizard.line_ids) - wizard.refused_count

    @api.depends("line_ids.keep", "line_ids.verdict")
    def _compute_amount(self):
        Machine = self.env["fabloch.machine"]
        for wizard in self:
            lines = wizard.line_ids.filtered(lambda line: line.keep and line.verdict and line.verdict != "refused")
            requests = wizard._requests(lines.sorted("start"))
            wizard.amount = sum(quote.to_pay for quote in Machine._foresee_quotes(requests))

    # -- Steps -----------------------------------------------------------------------------------------------------

    def action_preview(self):
        """List all the dates with what is in the way of each; nothing is booked yet.

        :raises UserError: when the rule says nothing, or too much.
        """
        self.ensure_one()
        self._check_rule()
        moments = self._moments()
        self.write(
            {
                "step": "preview",
                "name": self._rule_text(),
                "taken_since": False,
                "line_ids": [
                    Command.clear(),
                    *(Command.create({"start": start, "stop": stop}) for start, stop in moments),
                ],
            }
        )
        self._judge()
        return self._reopen()

    def action_back(self):
        """Go back to the rule."""
        self.write({"step": "rule", "line_ids": [Command.clear()], "taken_since": False})
        return self._reopen()

    def action_take_nearest(self):
        """Take the nearest free period for each date that is refused and has one."""
        self.line_ids._take_nearest()
        self._judge()
        return self._reopen()

    def action_create_series(self):
        """Book all the dates that are ticked, in one go; open the series.

        When something has been taken since the preview, nothing is booked, and the dates say what.

        :raises UserError: when a ticked date was refused before, or none is ticked.
        """
        self.ensure_one()
        lines = self.line_ids.filtered("keep")
        if not lines:
            raise UserError(self.env._("No date is ticked: there is nothing to book."))
        refused = lines.filtered(lambda line: line.verdict == "refused")
        if refused:
            raise UserError(
                self.env._(
                    "%(count)s dates that are ticked can't be booked, the first is %(date)s: take the nearest free "
                    "period, or untick them.",
                    count=len(refused),
                    date=refused[0].date_text,
                )
            )
        self._judge()
        if lines.filtered(lambda line: line.verdict == "refused"):
            return self._say_taken()
        try:
            with self.env.cr.savepoint():
                series = self._create_series(lines)
                self.env.flush_all()
        except psycopg2.errors.ExclusionViolation as error:
            # Somebody was quicker by less than this call takes.
            row = refused_row(error)
            if not row:
                raise
            self._judge([row])
            return self._say_taken()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.booking_series_action")
        action.update(views=[(False, "form")], res_id=series.id)
        return action

    def _say_taken(self):
        self.taken_since = True
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Repeat a booking"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # -- Helpers ---------------------------------------------------------------------------------------------------

    def _requests(self, lines):
        """Return what `lines` ask for, in the terms of `fabloch.machine`."""
        machine, partner = self.machine_id._origin, self.partner_id._origin
        # A time that the clock skips has no length, is refused for that, and shall not stop the others.
        least = timedelta(minutes=1)
        return [
            QuoteRequest(machine, partner, line.start, max(line.start + least, line.stop), self.units) for line in lines
        ]

    def _judge(self, beaten=()):
        """Say of each date whether it can be booked, those that are ticked being booked first.

        :param beaten: rows known to be taken beside those in the database.
        """
        # What is unticked doesn't stand in the way of what another date would take instead.
        lines = self.line_ids.filtered("keep") + self.line_ids.filtered(lambda line: not line.keep)
        requests = self._requests(lines)
        may_except = self.exception_reason and self.env.user.has_group("fabloch_machines.group_machines_manager")
        verdicts = self.env["fabloch.machine"]._verdicts(requests, beaten=beaten)
        for line, verdict in zip(lines, verdicts, strict=True):
            line._set_verdict(verdict, bool(may_except))

    def _create_series(self, lines):
        """Book `lines` in one call, and return their series."""
        bookings = self.env["fabloch.booking"].create(
            [self._prepare_booking_vals(line) for line in lines.sorted("start")]
        )
        series = self.env["fabloch.booking.series"].sudo().create(self._prepare_series_vals())
        bookings.sudo().with_context(tracking_disable=True).write({"series_id": series.id})
        return series.sudo(False)

    def _prepare_booking_vals(self, line):
        """Values of the booking of one date."""
        vals = {
            "machine_id": self.machine_id.id,
            "partner_id": self.partner_id.id,
            "start": line.start,
            "stop": line.stop,
            "units": self.units,
            "note": self.note,
            "state": "confirmed",
        }
        if line.verdict == "exception":
            vals["exception_reason"] = self.exception_reason
        return vals

    def _prepare_series_vals(self):
        """Values of the series."""
        return {
            "name": self.name,
            "rrule": recurrence.to_text(self._rule(), self._local(self.start), self._tz()),
            "partner_id": self.partner_id.id,
            "machine_id": self.machine_id.id,
        }
