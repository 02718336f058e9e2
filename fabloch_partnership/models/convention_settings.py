from odoo import fields, models

from odoo.addons.account.models.chart_template import template


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    convention_signatory_id = fields.Many2one(related="company_id.convention_signatory_id", readonly=False)
    convention_user_id = fields.Many2one(related="company_id.convention_user_id", readonly=False)
    convention_notice_days = fields.Integer(related="company_id.convention_notice_days", readonly=False)
    grant_receivable_account_id = fields.Many2one(related="company_id.grant_receivable_account_id", readonly=False)
    grant_income_account_id = fields.Many2one(related="company_id.grant_income_account_id", readonly=False)
    grant_deferred_account_id = fields.Many2one(related="company_id.grant_deferred_account_id", readonly=False)
    convention_fee_account_id = fields.Many2one(related="company_id.convention_fee_account_id", readonly=False)


class AccountChartTemplate(models.AbstractModel):
    """Chart data: the accounts of subsidies and of network fees in the association chart."""

    _inherit = "account.chart.template"

    @template("fr_association", "res.company")
    def _get_fr_association_convention_accounts(self):
        return {
            self.env.company.id: {
                "grant_receivable_account_id": "pcg_441_account",
                "grant_income_account_id": "pcg_741",
                "grant_deferred_account_id": "pcg_487",
                "convention_fee_account_id": "pcg_6281",
            }
        }
