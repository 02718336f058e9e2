from odoo import api, fields, models


class DonationCancel(models.TransientModel):
    """Asks why gifts are cancelled."""

    _name = "fabloch.donation.cancel"
    _description = "Cancel gifts"

    donation_ids = fields.Many2many(
        "fabloch.donation", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Char(required=True)
    has_entry = fields.Boolean(compute="_compute_has_entry")

    @api.depends("donation_ids")
    def _compute_has_entry(self):
        for wizard in self:
            wizard.has_entry = any(move.state == "posted" for move in wizard.donation_ids.move_id)

    def action_cancel(self):
        """Cancel the gifts."""
        self.ensure_one()
        return self.donation_ids.action_cancel(self.reason)
