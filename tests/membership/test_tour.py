"""The reception's main road, in a real browser."""

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTour(HttpCase):
    def test_reception_enrols_a_member_from_the_list(self):
        env = self.env
        env.company.write({"fabloch_invoicing_post": True, "fabloch_invoicing_send": False})
        category = env["fabloch.member.category"].create({"name": "Tour category", "code": "tour"})
        account = env["account.account"].search(
            [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
        )
        product = env["product.product"].create(
            {
                "name": "Tour fee",
                "type": "service",
                "list_price": 30.0,
                "taxes_id": [Command.clear()],
                "property_account_income_id": account.id,
            }
        )
        env["fabloch.membership.plan"].create(
            {"name": "Tour plan", "product_id": product.id, "category_ids": [Command.set(category.ids)]}
        )
        env["res.partner"].create({"name": "Tour Never"})
        new_test_user(env, "reception", groups="fabloch_membership.group_membership_user", lang="en_US")
        self.start_tour("/odoo/fablab-members", "fabloch_membership_enrol", login="reception")
        member = env["res.partner"].search([("name", "=", "Rozenn Guillou")])
        self.assertEqual((member.membership_status, member.membership_ids.payment), ("active", "paid"))
