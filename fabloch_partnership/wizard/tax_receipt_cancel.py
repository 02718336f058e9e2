from odoo import fields, models


class TaxReceiptCancel(models.TransientModel):
    """Asks why receipts are cancelled, and whether others take their place."""

    _name = "fabloch.tax.receipt.cancel"
    _description = "Cancel tax receipts"

    receipt_ids = fields.Many2many(
        "fabloch.tax.receipt", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Char(required=True)
    replace = fields.Boolean(
        "Issue a new one at once", help="For the same gifts, with what donor and settings say today."
    )

    def action_cancel(self):
        """Cancel the receipts, and open what replaces them."""
        self.ensure_one()
        if self.replace:
            return self.receipt_ids.action_replace(self.reason)._action_open()
        self.receipt_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
