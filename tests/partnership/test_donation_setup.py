"""Companies get their journals and accounts of gifts; two officers never receive one gift twice."""

from odoo.exceptions import UserError
from odoo.tests import BaseCase, TransactionCase, tagged

from odoo.addons.fabloch_partnership.models.template_fr_association import ACCOUNTS

from ..common import run_python, scratch_database, spawn

PREPARE = """
partner = env["res.partner"].create({"name": "Racer"})
gift = env["fabloch.donation"].create({"partner_id": partner.id, "amount": 100})
gift.action_confirm()
print(gift.id)
"""
RECEIVE = """
bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
print("ready", flush=True)
input()
gift = env["fabloch.donation"].browse({gift})
gift._receive("2026-03-10", journal=bank, payment_mode="transfer")
"""
COUNT = """
gift = env["fabloch.donation"].browse({gift})
moves = env["account.move"].search_count([("ref", "=", gift.name), ("move_type", "=", "out_receipt")])
payments = env["account.payment"].search_count([("partner_id", "=", gift.partner_id.id)])
print(gift.state, moves, payments)
"""


@tagged("post_install", "-at_install")
class TestDonationSetup(TransactionCase):
    def _company(self, chart):
        company = self.env["res.company"].create({"name": f"Fablab {chart}", "country_id": self.env.ref("base.fr").id})
        self.env["account.chart.template"].try_loading(chart, company, install_demo=False)
        return company

    def test_the_association_chart_sets_everything(self):
        company = self._company("fr_association")
        for name in (*ACCOUNTS, "gift_journal_id", "gift_kind_journal_id"):
            self.assertTrue(company[name], name)
        codes = {name: company[name].with_company(company).code for name in ACCOUNTS}
        self.assertEqual(codes["gift_individual_account_id"], "754110")
        self.assertEqual(codes["gift_company_account_id"], "754200")
        self.assertEqual(codes["gift_waived_account_id"], "754120")
        self.assertEqual(codes["gift_volunteer_account_id"], "468100")
        for name, code in codes.items():
            if name.endswith(("used_account_id", "given_account_id")):
                self.assertEqual(company[name].account_type, "off_balance", name)
                self.assertEqual(code[:2], "86" if name.endswith("used_account_id") else "87", name)

    def test_another_chart_gets_the_journals_and_names_what_misses(self):
        company = self._company("generic_coa")
        self.assertEqual((company.gift_journal_id.type, company.gift_kind_journal_id.type), ("sale", "general"))
        with self.assertRaisesRegex(UserError, "Gifts of individuals"):
            company._gift_setting("gift_individual_account_id")

    def test_a_company_that_was_there_before_the_addon(self):
        company = self._company("fr_association")
        company.write(dict.fromkeys([*ACCOUNTS, "gift_journal_id", "gift_kind_journal_id"], False))
        journals = self.env["account.journal"].search([("company_id", "=", company.id)])
        self.env["account.chart.template"]._load_gift_settings(company)
        self.assertTrue(company.gift_journal_id)
        self.assertEqual(company.gift_company_account_id.with_company(company).code, "754200")
        self.assertEqual(self.env["account.journal"].search([("company_id", "=", company.id)]), journals)

    def test_sponsorship_is_booked_apart(self):
        company = self._company("fr_association")
        product = company._gift_setting("sponsorship_product_id").with_company(company)
        self.assertEqual(product._get_product_accounts()["income"].with_company(company).code, "706300")

    def test_a_branch_has_the_settings_of_its_house(self):
        company = self._company("fr_association")
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": company.id})
        self.assertEqual(branch._gift_setting("gift_journal_id"), company.gift_journal_id)

    def test_this_year_is_this_year(self):
        search = self.env.ref("fabloch_partnership.donation_view_search").arch
        self.assertIn("=1d =1m", search)
        self.env["fabloch.donation"].search([("gift_date", ">=", "=1d =1m")])


@tagged("post_install", "-at_install")
class TestDonationRace(BaseCase):
    def test_two_officers_receive_one_gift_once(self):
        with scratch_database() as name:
            gift = run_python(PREPARE, name)
            racers = [spawn(RECEIVE.replace("{gift}", gift), name) for _racer in range(3)]
            try:
                for racer in racers:
                    self.assertEqual(racer.stdout.readline().strip(), "ready")
                for racer in racers:
                    racer.stdin.write("\n")
                    racer.stdin.flush()
                codes = [racer.wait(60) for racer in racers]
            finally:
                for racer in racers:
                    racer.kill()
                    racer.communicate()
            self.assertEqual(codes.count(0), 1, codes)
            self.assertEqual(run_python(COUNT.replace("{gift}", gift), name), "received 1 1")
