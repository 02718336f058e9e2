from odoo import models

from odoo.addons.account.models.chart_template import template


class AccountChartTemplate(models.AbstractModel):
    """Chart data: the accounts of membership fees in the association chart (ANC 2018-06, account 756)."""

    _inherit = "account.chart.template"

    @template("fr_association", "product.category")
    def _get_fr_association_fee_categories(self):
        return {
            "fabloch_membership.product_category_fee": {"property_account_income_categ_id": "asso_7562"},
            "fabloch_membership.product_category_fee_gift": {"property_account_income_categ_id": "asso_7561"},
        }
