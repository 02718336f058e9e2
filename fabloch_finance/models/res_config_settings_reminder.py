from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.config.settings"

    fabloch_remind_auto = fields.Boolean(related="company_id.fabloch_remind_auto", readonly=False)
    fabloch_remind_days_1 = fields.Integer(related="company_id.fabloch_remind_days_1", readonly=False)
    fabloch_remind_days_2 = fields.Integer(related="company_id.fabloch_remind_days_2", readonly=False)
    fabloch_remind_days_3 = fields.Integer(related="company_id.fabloch_remind_days_3", readonly=False)
    fabloch_remind_user_id = fields.Many2one(related="company_id.fabloch_remind_user_id", readonly=False)
    fabloch_remind_email = fields.Char(related="company_id.fabloch_remind_email", readonly=False)
