from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    fabloch_invoicing_frequency = fields.Selection(related="company_id.fabloch_invoicing_frequency", readonly=False)
    fabloch_invoicing_day = fields.Integer(related="company_id.fabloch_invoicing_day", readonly=False)
    fabloch_invoicing_auto = fields.Boolean(related="company_id.fabloch_invoicing_auto", readonly=False)
    fabloch_invoicing_post = fields.Boolean(related="company_id.fabloch_invoicing_post", readonly=False)
    fabloch_invoicing_send = fields.Boolean(related="company_id.fabloch_invoicing_send", readonly=False)
    fabloch_invoicing_journal_id = fields.Many2one(related="company_id.fabloch_invoicing_journal_id", readonly=False)
    fabloch_income_prefix = fields.Char(related="company_id.fabloch_income_prefix", readonly=False)
    fabloch_invoicing_user_id = fields.Many2one(related="company_id.fabloch_invoicing_user_id", readonly=False)
