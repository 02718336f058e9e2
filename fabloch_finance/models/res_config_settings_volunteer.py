from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.config.settings"

    gift_volunteering_used_account_id = fields.Many2one(
        related="company_id.gift_volunteering_used_account_id", readonly=False
    )
    gift_volunteering_given_account_id = fields.Many2one(
        related="company_id.gift_volunteering_given_account_id", readonly=False
    )
