"""The life of a convention in a real browser."""

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestConventionTour(HttpCase):
    def test_an_officer_takes_a_convention_from_the_negotiation_to_its_end(self):
        env = self.env
        new_test_user(env, "officer", groups="fabloch_partnership.group_partnership_user", lang="en_US", tz=env.user.tz)
        env.company.convention_signatory_id = new_test_user(env, "president", email="president@example.com")
        address = {"street": "1 rue du Test", "zip": "56400", "city": "Auray", "email": "town@example.com"}
        town = env["res.partner"].create({"name": "Tour Town", "is_company": True, **address})
        mayor = env["res.partner"].create(
            {"name": "Tour Mayor", "parent_id": town.id, "function": "Maire", "email": "mayor@example.com"}
        )
        env["fabloch.convention.type"].create(
            {
                "name": "Tour type",
                "code": "tour",
                "months": 12,
                "article_ids": [Command.create({"name": "Objet", "body": "<p>{objet}</p>"})],
            }
        )
        env["fabloch.convention"].create(
            {
                "partner_id": town.id,
                "title": "Another one",
                "type_id": env.ref("fabloch_partnership.convention_type_partnership").id,
                "commitment_ids": [Command.create({"name": "x"})],
            }
        )
        self.start_tour("/odoo/fablab-conventions", "fabloch_partnership_convention", login="officer")
        convention = env["fabloch.convention"].search([("title", "=", "Tour convention")])
        self.assertEqual(
            (convention.state, convention.signatory_id, convention.signatory_function, convention.termination_reason),
            ("terminated", mayor, "Maire", "They moved away"),
        )
        self.assertEqual(convention.terminated_on, fields.Date.context_today(convention))
        self.assertEqual(convention.commitment_ids.name, "Lend the room")
