from odoo import fields, models


class ConventionSign(models.TransientModel):
    """Asks on which day a convention was signed on paper."""

    _name = "fabloch.convention.sign"
    _description = "Note a convention as signed"

    convention_id = fields.Many2one("fabloch.convention", required=True, ondelete="cascade")
    date = fields.Date("Signed on", required=True, default=fields.Date.context_today, help="The last signature.")

    def action_sign(self):
        """Note the convention as signed on that day."""
        self.ensure_one()
        self.convention_id.action_sign(self.date, **self._prepare_signature())
        return {"type": "ir.actions.act_window_close"}

    def _prepare_signature(self):
        """Return what else this window knows of the signatures, among `_signature_fields` of the convention."""
        return {}
