from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    gift_journal_id = fields.Many2one(related="company_id.gift_journal_id", readonly=False)
    gift_kind_journal_id = fields.Many2one(related="company_id.gift_kind_journal_id", readonly=False)
    gift_individual_account_id = fields.Many2one(related="company_id.gift_individual_account_id", readonly=False)
    gift_company_account_id = fields.Many2one(related="company_id.gift_company_account_id", readonly=False)
    gift_waived_account_id = fields.Many2one(related="company_id.gift_waived_account_id", readonly=False)
    gift_volunteer_account_id = fields.Many2one(related="company_id.gift_volunteer_account_id", readonly=False)
    gift_trip_account_id = fields.Many2one(related="company_id.gift_trip_account_id", readonly=False)
    gift_other_expense_account_id = fields.Many2one(related="company_id.gift_other_expense_account_id", readonly=False)
    gift_goods_used_account_id = fields.Many2one(related="company_id.gift_goods_used_account_id", readonly=False)
    gift_goods_given_account_id = fields.Many2one(related="company_id.gift_goods_given_account_id", readonly=False)
    gift_lent_used_account_id = fields.Many2one(related="company_id.gift_lent_used_account_id", readonly=False)
    gift_lent_given_account_id = fields.Many2one(related="company_id.gift_lent_given_account_id", readonly=False)
    gift_skills_used_account_id = fields.Many2one(related="company_id.gift_skills_used_account_id", readonly=False)
    gift_skills_given_account_id = fields.Many2one(related="company_id.gift_skills_given_account_id", readonly=False)
    gift_volunteering_used_account_id = fields.Many2one(
        related="company_id.gift_volunteering_used_account_id", readonly=False
    )
    gift_volunteering_given_account_id = fields.Many2one(
        related="company_id.gift_volunteering_given_account_id", readonly=False
    )
    sponsorship_product_id = fields.Many2one(related="company_id.sponsorship_product_id", readonly=False)
    gift_remind_after = fields.Integer(related="company_id.gift_remind_after", readonly=False)
