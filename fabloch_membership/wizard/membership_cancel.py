from odoo import api, fields, models


class MembershipCancel(models.TransientModel):
    """Asks why, and from which day, memberships end early."""

    _name = "fabloch.membership.cancel"
    _description = "Cancel memberships"

    membership_ids = fields.Many2many(
        "fabloch.membership", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Char(required=True)
    date = fields.Date(
        "First day without rights", help="Empty: today; for a membership that was never paid, its first day."
    )
    has_invoice = fields.Boolean(compute="_compute_has_invoice")

    @api.depends("membership_ids")
    def _compute_has_invoice(self):
        for wizard in self:
            wizard.has_invoice = bool(wizard.membership_ids.invoice_ids)

    def action_cancel(self):
        """Cancel the memberships."""
        self.ensure_one()
        return self.membership_ids.action_cancel(self.reason, self.date)
