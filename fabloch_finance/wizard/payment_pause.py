from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.reminder_pause import PAUSES


class PaymentPause(models.TransientModel):
    """Leave invoices, or payers for all their invoices, in peace for a while; or end that."""

    _name = "fabloch.payment.pause"
    _description = "Pause the payment reminders"

    move_ids = fields.Many2many("account.move", string="Invoices", default=lambda self: self._default_move_ids())
    scope = fields.Selection(
        [("invoice", "These invoices"), ("payer", "These payers, for all invoices")], default="invoice", required=True
    )
    reason = fields.Selection(PAUSES, default="promise", help="Empty: reminders go on.")
    until = fields.Date("Last day", help="Empty: until somebody lifts it.")

    @api.model
    def _default_move_ids(self):
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        if model == "fabloch.unpaid.report":
            return self.env[model].search([("id", "in", ids), ("kind", "=", "invoice")]).move_id
        return self.env["account.move"].browse(ids if model == "account.move" else [])

    def action_apply(self):
        """Pause the reminders, or let them go on when the reason is empty."""
        self.ensure_one()
        if not self.move_ids:
            raise UserError(self.env._("Select at least one unpaid invoice first."))
        # Those who invoice may be without the right to change contacts: this they may.
        self.move_ids.check_access("write")
        records = self.move_ids if self.scope == "invoice" else self.move_ids.partner_id.sudo()
        records.write(
            {
                "fabloch_remind_pause": self.reason,
                "fabloch_remind_paused_until": self.reason and self.until,
            }
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
