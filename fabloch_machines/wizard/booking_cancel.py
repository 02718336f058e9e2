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
    credited = fields.Monetary(compute="_compute_totals")
    prepaid_back = fields.Float(compute="_compute_totals")

    @api.depends("booking_ids", "waive")
    def _compute_line_ids(self):
        for wizard in self:
            forecasts = wizard.booking_ids._origin._cancel_forecasts(wizard.waive)
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(self._prepare_line_vals(booking, forecast, wizard.waive))
                    for booking, forecast in forecasts.items()
                ),
            ]

    def _prepare_line_vals(self, booking, forecast, waive):
        if waive:
            policy = self.env._("Without cost")
        elif forecast.percent:
            policy = self.env._("Late: %s %% kept", f"{forecast.percent:g}")
        elif booking.state == "hold":
            policy = self.env._("On hold: free")
        else:
            policy = self.env._("In time: free")
        return {
            "booking_id": booking.id,
            "policy": policy,
            "kept": forecast.kept,
            "dropped": forecast.dropped,
            "credited": forecast.credited,
            "invoices": ", ".join(forecast.invoices.mapped("name")),
            "prepaid_back": forecast.minutes_back / 60,
        }

    @api.depends("line_ids.kept", "line_ids.credited", "line_ids.prepaid_back", "booking_ids", "waive")
    def _compute_totals(self):
        now = clock.now()
        for wizard in self:
            wizard.currency_id = wizard.booking_ids.currency_id[:1] or self.env.company.currency_id
            wizard.kept = sum(wizard.line_ids.mapped("kept"))
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
    booking_id = fields.Many2one("fabloch.booking", required=True, readonly=True, ondelete="cascade")
    start = fields.Datetime(related="booking_id.start")
    currency_id = fields.Many2one(related="booking_id.currency_id")
    policy = fields.Char(readonly=True)
    kept = fields.Monetary("Kept", readonly=True)
    dropped = fields.Monetary("Not invoiced", readonly=True, help="What was to be invoiced, and won't be.")
    credited = fields.Monetary("Credited", readonly=True, help="Untaxed, by a credit note that is posted at once.")
    invoices = fields.Char("Invoice", readonly=True)
    prepaid_back = fields.Float("Hours given back", readonly=True)
