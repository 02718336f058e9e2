from odoo import api, fields, models


class AuthorisationWithdraw(models.TransientModel):
    """Asks why authorisations are withdrawn, and shows what is booked with them."""

    _name = "fabloch.authorisation.withdraw"
    _description = "Withdraw authorisations"

    authorisation_ids = fields.Many2many(
        "fabloch.authorisation", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Char(required=True)
    booking_ids = fields.Many2many("fabloch.booking", string="Booked already", compute="_compute_booking_ids")

    @api.depends("authorisation_ids")
    def _compute_booking_ids(self):
        for wizard in self:
            wizard.booking_ids = wizard.authorisation_ids._origin._bookings_ahead()

    def action_withdraw(self):
        """Withdraw the authorisations for the given reason."""
        self.ensure_one()
        self.authorisation_ids.action_withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
