from odoo.tests import tagged

from .ledger import LedgerCase

# ANC 2018-06, amended by ANC 2023-03: code at 6 digits -> account type
ASSOCIATION_ACCOUNTS = {
    "102000": "equity",
    "103000": "equity",
    "194000": "liability_non_current",
    "195000": "liability_non_current",
    "196000": "liability_non_current",
    "468100": "liability_current",
    "657100": "expense",
    "689400": "expense",
    "689500": "expense",
    "689600": "expense",
    "706000": "income",
    "706300": "income",
    "708300": "income",
    "730000": "income",
    "741000": "income",
    "742000": "income",
    "747000": "income",
    "753000": "income",
    "754110": "income",
    "754120": "income",
    "754200": "income",
    "754300": "income",
    "755100": "income",
    "755200": "income",
    "756100": "income",
    "756200": "income",
    "757000": "income",
    "758000": "income",
    "789400": "income",
    "789500": "income",
    "789600": "income",
    "860000": "off_balance",
    "861000": "off_balance",
    "862000": "off_balance",
    "864000": "off_balance",
    "870000": "off_balance",
    "871000": "off_balance",
    "875000": "off_balance",
}


@tagged("post_install", "-at_install")
class TestChart(LedgerCase):
    """The chart of associations loads on a new company and says what the rules say."""

    def test_accounts_of_the_rules_have_their_type(self):
        accounts = self._accounts()
        types = {code: accounts[code].account_type for code in ASSOCIATION_ACCOUNTS if code in accounts}
        self.assertEqual(types, ASSOCIATION_ACCOUNTS)

    def test_every_code_has_six_digits(self):
        self.assertFalse([code for code in self._accounts() if not (len(code) == 6 and code.isdigit())])

    def test_class_7_and_income_are_the_same_accounts(self):
        accounts = self._accounts()
        class_7 = {code for code in accounts if code.startswith("7")}
        income = {code for code, account in accounts.items() if account.internal_group == "income"}
        self.assertEqual(class_7, income)

    def test_class_7_of_the_companies_chart_is_income_and_only_cash_gains_are_elsewhere(self):
        company = self._company("Company of the test", chart="fr")
        accounts = self._accounts(company)
        class_7 = {code for code in accounts if code.startswith("7")}
        income = {code for code, account in accounts.items() if account.internal_group == "income"}
        self.assertFalse(class_7 - income)
        self.assertFalse({code for code in income - class_7 if not code.startswith("999")})

    def test_class_8_is_off_balance(self):
        class_8 = {code: account.account_type for code, account in self._accounts().items() if code.startswith("8")}
        self.assertEqual(set(class_8.values()), {"off_balance"})

    def test_nothing_of_the_companies_chart_contradicts(self):
        accounts = self._accounts()
        for code in ("754000", "755500", "758200", "101300", "108000", "457000", "120900"):
            self.assertNotIn(code, accounts)
        names = {code: account.with_context(lang="en_US").name for code, account in accounts.items()}
        self.assertEqual(names["753000"], "Payments from founders")
        self.assertEqual(names["755100"], "Financial contributions from other bodies")
        self.assertEqual(names["120000"], "Surplus of the year")

    def test_names_are_french_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["account.chart.template"]._load_translations(langs=["fr_FR"], companies=self.company)
        accounts = self._accounts()
        for code, name in (
            ("753000", "Versements des fondateurs"),
            ("754200", "Mécénats"),
            ("756200", "Cotisations avec contrepartie"),
            ("875000", "Bénévolat"),
        ):
            self.assertEqual(accounts[code].with_context(lang="fr_FR").name, name)

    def test_defaults_suit_an_association(self):
        accounts = self._accounts()
        self.assertEqual(self.company.chart_template, "fr_association")
        self.assertEqual(self.company.income_account_id, accounts["706000"])
        self.assertEqual(self.company.fabloch_vat_regime, "association")
        sale_journal = self.env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", self.company.id)])
        self.assertEqual(sale_journal.default_account_id, accounts["706000"])
        self.assertEqual(
            self.env["res.partner"].create({"name": "Anna"}).property_account_receivable_id, accounts["411100"]
        )

    def test_no_default_tax_but_taxes_at_hand(self):
        self.assertFalse(self.company.account_sale_tax_id)
        self.assertFalse(self.company.account_purchase_tax_id)
        taxes = self.env["account.tax"].search([("company_id", "=", self.company.id)])
        self.assertIn(20.0, taxes.mapped("amount"))
        self.assertFalse(self.env["product.template"].search([("taxes_id.company_id", "=", self.company.id)]))

    def test_reloading_keeps_what_the_accountant_chose(self):
        tax = self.env["account.tax"].search(
            [("company_id", "=", self.company.id), ("type_tax_use", "=", "sale")], limit=1
        )
        count = len(self._accounts())
        product = self.env["product.template"].create({"name": "Taxed by hand", "taxes_id": [(6, 0, tax.ids)]})
        self.env["account.chart.template"].try_loading("fr_association", self.company)
        self.assertFalse(self.company.account_sale_tax_id)
        self.assertEqual(product.taxes_id, tax)
        self.assertEqual(len(self._accounts()), count)
        self.company.account_sale_tax_id = tax
        self.env["account.chart.template"].try_loading("fr_association", self.company)
        self.assertEqual(self.company.account_sale_tax_id, tax)

    def test_france_still_proposes_the_companies_chart(self):
        guessed = self.env["account.chart.template"]._guess_chart_template(self.env.ref("base.fr"))
        self.assertEqual(guessed, "fr")
