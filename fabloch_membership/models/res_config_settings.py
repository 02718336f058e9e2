from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    membership_invoice_now = fields.Boolean(related="company_id.membership_invoice_now", readonly=False)
    membership_active_unpaid = fields.Boolean(related="company_id.membership_active_unpaid", readonly=False)
    membership_remind_before = fields.Integer(related="company_id.membership_remind_before", readonly=False)
    membership_remind_on = fields.Boolean(related="company_id.membership_remind_on", readonly=False)
    membership_remind_after = fields.Integer(related="company_id.membership_remind_after", readonly=False)
