from odoo import models

from odoo.addons.account.models.chart_template import template

TEMPLATE_CODE = "fr_association"

# Accounts of the companies' chart that an association has no use for, or whose number ANC 2018-06
# gives to something else (the file of accounts brings that other thing).
COMPANY_ONLY_ACCOUNTS = (
    # capital, premiums, the owner's account, dividends
    "pcg_1011",
    "pcg_1012",
    "pcg_1013",
    "pcg_10131",
    "pcg_10132",
    "pcg_1018",
    "pcg_1041",
    "pcg_1042",
    "pcg_1043",
    "pcg_1044",
    "pcg_1045",
    "pcg_108",
    "pcg_109",
    "pcg_1209",
    "pcg_45611",
    "pcg_45615",
    "pcg_45621",
    "pcg_45625",
    "pcg_4563",
    "pcg_4564",
    "pcg_4566",
    "pcg_4567",
    "pcg_457",
    # 753, 754, 755 mean founders, public generosity, contributions; 7582 is generosity too
    "pcg_754",
    "pcg_7551",
    "pcg_7555",
    "pcg_7582",
)
COMPANY_ONLY_GROUPS = ("pcg_101", "pcg_104", "pcg_456", "pcg_4561", "pcg_4562")

# In the companies' chart these numbers are not gifts nor contributions: their stream is set by hand.
FR_OTHER_INCOME_ACCOUNTS = ("pcg_753", "pcg_754", "pcg_7551", "pcg_7555")
OTHER_INCOME_STREAM = "fabloch_finance.revenue_stream_other"


class AccountChartTemplate(models.AbstractModel):
    """The chart of French associations: ANC 2018-06, amended by ANC 2023-03, on the `fr` chart."""

    _inherit = "account.chart.template"

    @template(TEMPLATE_CODE)
    def _get_fr_association_template_data(self):
        return {
            "name": "Associations (ANC 2018-06)",
            "parent": "fr",
            "country": "fr",
            "code_digits": 6,
        }

    @template(TEMPLATE_CODE, "res.company")
    def _get_fr_association_res_company(self):
        return {
            self.env.company.id: {
                "fabloch_vat_regime": "association",
                # The lines of an invoice sum to its total, so that charges do too.
                "tax_calculation_rounding_method": "round_per_line",
                "income_account_id": "pcg_706",
                "expense_account_id": "pcg_6068",
                "account_sale_tax_id": False,
                "account_purchase_tax_id": False,
                "default_cash_difference_income_account_id": "pcg_758",
                "default_cash_difference_expense_account_id": "pcg_658",
                "gift_volunteering_used_account_id": "asso_864",
                "gift_volunteering_given_account_id": "asso_875",
            }
        }

    @template("fr", "account.account")
    def _get_fr_account_revenue_stream(self):
        if not self.env.ref(OTHER_INCOME_STREAM, raise_if_not_found=False):
            return {}
        return {xmlid: {"fabloch_revenue_stream_id": OTHER_INCOME_STREAM} for xmlid in FR_OTHER_INCOME_ACCOUNTS}

    def _guess_chart_template(self, country):
        """Leave the companies' chart what Odoo proposes by itself for France."""
        guessed = super()._guess_chart_template(country)
        return "fr" if guessed == TEMPLATE_CODE else guessed

    def _get_parent_template(self, code):
        """Put the parent first: what the association chart says replaces what `fr` says."""
        parents = super()._get_parent_template(code)
        return parents[::-1] if code == TEMPLATE_CODE else parents

    def _parse_csv(self, template_code, model, module=None):
        """Read the parent's files where they are, in `l10n_fr_account`, then this addon's over them."""
        if template_code != TEMPLATE_CODE or module:
            return super()._parse_csv(template_code, model, module=module)
        data = super()._parse_csv(template_code, model, module="l10n_fr_account")
        for xmlid in COMPANY_ONLY_ACCOUNTS + COMPANY_ONLY_GROUPS:
            data.pop(xmlid, None)
        for xmlid, values in super()._parse_csv(template_code, model, module="fabloch_finance").items():
            data[xmlid].update(values)
        return data

    def _get_chart_template_data(self, template_code):
        data = super()._get_chart_template_data(template_code)
        if template_code == TEMPLATE_CODE:
            # `fr` completes some of its accounts after the files are read: not those that have gone
            for xmlid in COMPANY_ONLY_ACCOUNTS:
                data["account.account"].pop(xmlid, None)
            data["account.account"].get("pcg_753", {}).pop("fabloch_revenue_stream_id", None)
        return data

    def _post_load_data(self, template_code, company, template_data):
        """Keep the absence of a default tax: Odoo would take the first one that it finds.

        An association under art. 261-7-1° CGI invoices and buys without VAT; the taxes stay at hand.
        """
        if template_code != TEMPLATE_CODE:
            return super()._post_load_data(template_code, company, template_data)
        company = company or self.env.company
        product_taxes = {"account_sale_tax_id": "taxes_id", "account_purchase_tax_id": "supplier_taxes_id"}
        unset = {default: field for default, field in product_taxes.items() if not company[default]}
        taxed_before = {field: self._products_taxed_in(field, company) for field in unset.values()}
        result = super()._post_load_data(template_code, company, template_data)
        for default, field in unset.items():
            forced = company[default]
            company[default] = False
            (self._products_taxed_in(field, company) - taxed_before[field]).write(
                {field: [(3, tax.id) for tax in forced]}
            )
        return result

    def _products_taxed_in(self, field, company):
        """Products that have in `field` a tax of that company."""
        Product = self.env["product.template"].sudo().with_context(active_test=False)
        return Product.search([(f"{field}.company_id", "=", company.id)])
