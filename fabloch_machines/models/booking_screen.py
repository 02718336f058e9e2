from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance.models.books import rests_on_books

from .. import clock
from .booking import LIVE_STATES, STATES, TAKEN_FIELDS
from .machine_quote import QuoteRequest

# What a person sees: the state, and where now stands in it.
STATUSES = [*STATES[:2], ("running", "In progress"), ("done", "Done"), *STATES[2:]]


class BookingScreen(models.Model):
    """What the screens say of a booking: its status now, why it would be refused, what it would cost, who books."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    status = fields.Selection(STATUSES, compute="_compute_status", help="Follows from the state and the present time.")
    capacity = fields.Integer(related="machine_id.capacity", string="Units of the pool")
    refusal = fields.Text(
        "Why it would be refused", compute="_compute_refusal", help="The rule that is in the way, asked before saving."
    )
    nearest_start = fields.Datetime("Nearest free period from", compute="_compute_refusal")
    nearest_stop = fields.Datetime("Nearest free period to", compute="_compute_refusal")
    price_preview = fields.Text("Price before confirmation", compute="_compute_price_preview")
    price_total = fields.Monetary("Price if confirmed now", compute="_compute_price_preview")
    membership_status = fields.Selection(related="partner_id.membership_status", string="Membership")
    authorisation_status = fields.Selection(
        [("valid", "Authorised"), ("missing", "Not authorised")],
        "Authorisation",
        compute="_compute_person",
        help="For this category of machines on that day; empty when none is needed.",
    )
    prepaid_left = fields.Float(
        "Prepaid hours left", compute="_compute_person", help="Hours that this person may use for these machines."
    )
    invoice_count = fields.Integer("Number of invoices", compute="_compute_invoice_count")
    to_invoice = fields.Boolean("To invoice", compute="_compute_to_invoice")
    series_count = fields.Integer("Number of repetitions", compute="_compute_series_count")

    # The search of a window: few bookings end after it begins, whatever the length of the history.
    _stop_idx = models.Index("(stop)")

    @api.depends("state", "start", "stop")
    def _compute_status(self):
        now = clock.now()
        for booking in self:
            booking.status = booking.state
            if booking.state == "confirmed" and booking.start and booking.stop:
                if booking.stop <= now:
                    booking.status = "done"
                elif booking.start <= now:
                    booking.status = "running"

    # -- Before it is saved ------------------------------------------------------------------------------------------

    @api.depends("machine_id", "partner_id", "start", "stop", "units", "state", "exception_reason")
    def _compute_refusal(self):
        self.refusal = self.nearest_start = self.nearest_stop = False
        for booking in self:
            if not booking._asks_for_verdict():
                continue
            if booking.stop <= booking.start:
                booking.refusal = self.env._("A booking ends after it starts: correct its times.")
                continue
            [verdict] = self.env["fabloch.machine"]._verdicts(
                [booking._screen_request()], booking._origin, preview=True
            )
            if not verdict.reason or (verdict.waivable and booking.exception_reason):
                continue
            booking.refusal = verdict.reason
            if verdict.nearest and verdict.nearest[0] != booking.start:
                booking.nearest_start, booking.nearest_stop = verdict.nearest

    def _asks_for_verdict(self):
        """Return whether this booking would have to find its period free: it is new, has moved, or its hold is over."""
        if self.state not in LIVE_STATES or not (self.machine_id and self.start and self.stop):
            return False
        saved = self._origin
        if not saved or any(self[name] != saved[name] for name in TAKEN_FIELDS):
            return True
        return self.state == "hold" and bool(self.hold_until) and self.hold_until <= clock.now()

    def _screen_request(self):
        return QuoteRequest(self.machine_id._origin, self.partner_id._origin, self.start, self.stop, max(self.units, 1))

    @api.depends("machine_id", "partner_id", "start", "stop", "units", "state")
    def _compute_price_preview(self):
        self.price_preview = self.price_total = False
        for booking in self:
            ready = booking.machine_id and booking.partner_id and booking.start and booking.stop
            if booking.state != "hold" or not ready or booking.stop <= booking.start:
                continue
            wanted = booking._screen_request()
            try:
                quote = wanted.machine.sudo()._quote(wanted.partner, wanted.start, wanted.stop, wanted.units)
            except UserError as error:
                booking.price_preview = str(error)
                continue
            booking.price_preview = booking._explain(quote)
            booking.price_total = quote.to_pay

    # -- Who books ---------------------------------------------------------------------------------------------------

    @api.depends("machine_id", "partner_id", "start")
    def _compute_person(self):
        Machine = self.env["fabloch.machine"]
        self.authorisation_status, self.prepaid_left = False, 0.0
        ready = self.filtered(lambda booking: booking.machine_id and booking.partner_id and booking.start)
        requests = {
            booking: booking._screen_request()._replace(stop=booking.stop or booking.start) for booking in ready
        }
        authorised = self.env["fabloch.authorisation"]._authorised(list(requests.values()))
        for company, bookings in ready.grouped(lambda booking: booking.machine_id.company_id).items():
            draws = [Machine._draw_request(requests[booking]) for booking in bookings]
            allowances = self.env["fabloch.allowance"]._candidates(draws, company)
            for booking, draw in zip(bookings, draws, strict=True):
                request = requests[booking]
                if Machine._settings(request.machine.id).requires_authorisation:
                    booking.authorisation_status = "valid" if request in authorised else "missing"
                usable = allowances.filtered_domain(
                    allowances._usable_domain(draw.partner, draw.product, draw.unit, draw.date, company)
                )
                booking.prepaid_left = sum(usable.mapped("quantity_left"))

    # -- What hangs on it --------------------------------------------------------------------------------------------

    @api.depends("charge_ids.invoice_line_ids", "charge_ids.credit_line_ids")
    def _compute_invoice_count(self):
        for booking in self:
            charges = booking.sudo().charge_ids
            booking.invoice_count = len(charges.invoice_line_ids.move_id | charges.credit_line_ids.move_id)

    @rests_on_books
    @api.depends("charge_ids")
    def _compute_to_invoice(self):
        for booking in self:
            booking.to_invoice = "to_invoice" in booking.sudo().charge_ids.mapped("state")

    @api.depends("series_id")
    def _compute_series_count(self):
        counts = dict(self._read_group([("series_id", "in", self.series_id.ids)], ["series_id"], ["__count"]))
        for booking in self:
            booking.series_count = counts.get(booking.series_id, 0)

    def action_open_person(self):
        """Open the contact who books."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def action_open_series(self):
        """Open the bookings that were made in one go with this one."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.series_id.name,
            "res_model": "fabloch.booking",
            "domain": [("series_id", "=", self.series_id.id)],
            "views": [(False, "list"), (False, "form")],
        }
