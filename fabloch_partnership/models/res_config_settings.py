from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    convention_signatory_id = fields.Many2one(related="company_id.convention_signatory_id", readonly=False)
    convention_user_id = fields.Many2one(related="company_id.convention_user_id", readonly=False)
    convention_notice_days = fields.Integer(related="company_id.convention_notice_days", readonly=False)
    grant_receivable_account_id = fields.Many2one(related="company_id.grant_receivable_account_id", readonly=False)
    grant_income_account_id = fields.Many2one(related="company_id.grant_income_account_id", readonly=False)
    grant_deferred_account_id = fields.Many2one(related="company_id.grant_deferred_account_id", readonly=False)
    convention_fee_account_id = fields.Many2one(related="company_id.convention_fee_account_id", readonly=False)
    convention_we_sign_first = fields.Boolean(related="company_id.convention_we_sign_first", readonly=False)
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
    sponsorship_product_id = fields.Many2one(related="company_id.sponsorship_product_id", readonly=False)
    gift_remind_after = fields.Integer(related="company_id.gift_remind_after", readonly=False)
    receipt_object = fields.Text(related="company_id.receipt_object", readonly=False)
    receipt_category = fields.Char(related="company_id.receipt_category", readonly=False)
    receipt_signatory_name = fields.Char(related="company_id.receipt_signatory_name", readonly=False)
    receipt_signatory_function = fields.Char(related="company_id.receipt_signatory_function", readonly=False)
    receipt_signature = fields.Image(
        related="company_id.receipt_signature", readonly=False, max_width=600, max_height=240
    )
    mandate_remind_before = fields.Integer(related="company_id.mandate_remind_before", readonly=False)
