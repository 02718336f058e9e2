from odoo import models

from odoo.addons.account.models.chart_template import template

# The settings for gifts, and the account of ANC 2018-06 that each has in the association chart.
ACCOUNTS = {
    "gift_individual_account_id": "asso_75411",
    "gift_company_account_id": "asso_7542",
    "gift_waived_account_id": "asso_75412",
    "gift_volunteer_account_id": "asso_4681",
    "gift_trip_account_id": "pcg_6251",
    "gift_other_expense_account_id": "pcg_6068",
    "gift_goods_used_account_id": "asso_860",
    "gift_goods_given_account_id": "asso_870",
    "gift_lent_used_account_id": "asso_861",
    "gift_lent_given_account_id": "asso_871",
    "gift_skills_used_account_id": "asso_862",
    "gift_skills_given_account_id": "asso_871",
}


class AccountChartTemplate(models.AbstractModel):
    """Chart data: journals of gifts on any chart; on the association chart, accounts of gifts, subsidies and fees."""

    _inherit = "account.chart.template"

    @template(model="account.journal")
    def _get_gift_account_journal(self, template_code):
        return {
            "gift": {
                "name": self.env._("Gifts"),
                "type": "sale",
                "code": self.env._("GIFT"),
                "show_on_dashboard": False,
                "sequence": 30,
            },
            "gift_kind": {
                "name": self.env._("Gifts in kind"),
                "type": "general",
                "code": self.env._("GIFTK"),
                "show_on_dashboard": False,
                "sequence": 31,
            },
        }

    @template(model="res.company")
    def _get_gift_res_company(self, template_code):
        return {self.env.company.id: {"gift_journal_id": "gift", "gift_kind_journal_id": "gift_kind"}}

    @template("fr_association", "res.company")
    def _get_fr_association_gift_res_company(self):
        return {self.env.company.id: dict(ACCOUNTS)}

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

    @template("fr_association", "product.category")
    def _get_fr_association_sponsorship_category(self):
        return {"fabloch_partnership.product_category_sponsorship": {"property_account_income_categ_id": "asso_7063"}}

    def _load_gift_settings(self, companies):
        """Give the settings for gifts to companies whose chart was there before this addon."""
        for company in companies.filtered(lambda each: each.chart_template and not each.parent_id):
            charts = self.with_company(company)
            data = {"account.journal": charts._get_gift_account_journal(company.chart_template)}
            settings = charts._get_gift_res_company(company.chart_template)
            if company.chart_template == "fr_association":
                settings[company.id] |= ACCOUNTS
                data["product.category"] = charts._get_fr_association_sponsorship_category()
            charts._load_data({**data, "res.company": settings})
