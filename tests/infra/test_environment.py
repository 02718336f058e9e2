"""What the set-up promises to every other test."""

from odoo.tests import HttpCase, TransactionCase, tagged

from tests.common import run_python, scratch_database


@tagged("post_install", "-at_install")
class TestTemplate(TransactionCase):
    def test_company_is_french_with_a_chart_of_accounts(self):
        company = self.env.company
        self.assertEqual((company.country_id.code, company.currency_id.name), ("FR", "EUR"))
        self.assertTrue(company.chart_template.startswith("fr"))
        self.assertTrue(
            self.env["account.journal"].search_count([("type", "=", "sale"), ("company_id", "=", company.id)])
        )

    def test_french_is_loaded_with_its_terms(self):
        self.assertEqual(self.env["ir.model"].with_context(lang="fr_FR")._get("res.country").name, "Pays")

    def test_no_demo_data(self):
        self.assertFalse(self.env["ir.module.module"].search_count([("demo", "=", True)]))


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    def test_chromium_shows_the_web_client(self):
        self.browser_js(
            "/odoo", "console.log('test successful')", "!!document.querySelector('.o_main_navbar')", login="admin"
        )


def test_a_real_process_commits_to_a_scratch_database():
    with scratch_database() as name:
        run_python("env.company.name = 'Essai'", name)
        assert run_python("print(env.company.name)", name) == "Essai"
