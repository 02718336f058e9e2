from odoo import Command, api, fields, models

from .. import clock


class BookingCancel(models.TransientModel):
    """Says what the cancellation of bookings keeps and gives back, asks why, and does it."""

    _name = "fabloch.booking.cancel"
    _description = "Cancel bookings"

    booking_ids = fields.Many2many(
        "fabloch.booking", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Char(help="Kept on the booking, and told in the mail.")
    waive = fields.Boolean(
        "Without cost", help="Keep nothing, whatever the policy says: the machine broke down, say. For the staff."
    )
    line_ids = fields.One2many(
        "fabloch.booking.cancel.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_totals")
    is_over = fields.Boolean(compute="_compute_totals")
    kept = fields.Monetary(compute="_compute_totals")
    dropped = fields.Monetary(compute="_compute_totals")
    credited = fields.Monetary(compute="_compute_totals")
    prepaid_back = fields.Float(compute="_compute_totals")

    @api.depends("booking_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(Command.create({"booking_id": booking.id}) for booking in wizard.booking_ids._origin),
            ]

    @api.depends(
        "line_ids.kept", "line_ids.dropped", "line_ids.credited", "line_ids.prepaid_back", "booking_ids", "waive"
    )
    def _compute_totals(self):
        now = clock.now()
        for wizard in self:
            wizard.currency_id = wizard.booking_ids.currency_id[:1] or self.env.company.currency_id
            wizard.kept = sum(wizard.line_ids.mapped("kept"))
            wizard.dropped = sum(wizard.line_ids.mapped("dropped"))
            wizard.credited = sum(wizard.line_ids.mapped("credited"))
            wizard.prepaid_back = sum(wizard.line_ids.mapped("prepaid_back"))
            wizard.is_over = any(booking.stop <= now for booking in wizard.booking_ids)

    def action_cancel(self):
        """Cancel the bookings: charges, credit notes and prepaid time follow the policy."""
        self.ensure_one()
        self.booking_ids.action_cancel(self.reason, self.waive)
        return {"type": "ir.actions.act_window_close"}


class BookingCancelLine(models.TransientModel):
    """What the cancellation of one booking does."""

    _name = "fabloch.booking.cancel.line"
    _description = "Booking to cancel"

    wizard_id = fields.Many2one("fabloch.booking.cancel", required=True, ondelete="cascade")
    booking_id = fields.Many2one("fabloch.booking", required=True, ondelete="cascade")
    start = fields.Datetime(related="booking_id.start")
    currency_id = fields.Many2one(related="booking_id.currency_id")
    policy = fields.Char(compute="_compute_forecast")
    kept = fields.Monetary(compute="_compute_forecast", help="Untaxed.")
    dropped = fields.Monetary(
        "Not invoiced", compute="_compute_forecast", help="Untaxed: what was to be invoiced, and won't be."
    )
    credited = fields.Monetary(compute="_compute_forecast", help="Untaxed: by a credit note that is posted at once.")
    invoices = fields.Char("Invoice", compute="_compute_forecast")
    prepaid_back = fields.Float("Hours back", compute="_compute_forecast")

    @api.depends("booking_id", "wizard_id.waive")
    def _compute_forecast(self):
        for waive, lines in self.grouped(lambda line: line.wizard_id.waive).items():
            forecasts = lines.booking_id._origin._cancel_forecasts(waive)
            for line in lines:
                booking = line.booking_id._origin
                forecast = forecasts[booking]
                line.policy = self._policy(booking, forecast, waive)
                line.kept = forecast.kept
                line.dropped = forecast.dropped
                line.credited = forecast.credited
                line.invoices = ", ".join(forecast.invoices.mapped("name"))
                line.prepaid_back = forecast.minutes_back / 60

    @api.model
    def _policy(self, booking, forecast, waive):
        if waive:
            return self.env._("Without cost")
        if booking.state == "hold":
            return self.env._("On hold: free")
        if forecast.percent:
            return self.env._("Late: %s %% kept", f"{forecast.percent:g}")
        return self.env._("In time: free")
