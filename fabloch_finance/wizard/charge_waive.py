from odoo import fields, models


class ChargeWaive(models.TransientModel):
    """Ask why charges are waived."""

    _name = "fabloch.charge.waive"
    _description = "Waive charges"

    charge_ids = fields.Many2many(
        "fabloch.charge", default=lambda self: self.env.context.get("active_ids"), required=True
    )
    reason = fields.Char(required=True)

    def action_waive(self):
        """Waive the charges for the given reason."""
        self.charge_ids.action_waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
