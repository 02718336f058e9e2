from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    fabloch_hold_minutes = fields.Integer(related="company_id.fabloch_hold_minutes", readonly=False)
    fabloch_wait_minutes = fields.Integer(related="company_id.fabloch_wait_minutes", readonly=False)
    fabloch_booking_reminder = fields.Boolean(related="company_id.fabloch_booking_reminder", readonly=False)
