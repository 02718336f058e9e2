"""The text of conventions: models, fields, and what the printed document says."""

from odoo.tests import tagged

from .common import PartnershipCase


@tagged("post_install", "-at_install")
class TestDocument(PartnershipCase):
    def test_every_type_has_a_text_whose_fields_all_exist(self):
        types = self.env["fabloch.convention.type"].search([])
        self.assertGreaterEqual(len(types), 8)
        for kind in types:
            convention = self._convention(type_id=kind.id)
            self.assertGreaterEqual(len(convention.article_ids), 8, kind.name)
            printed = convention._document_articles()
            text = "".join(article["body"] for article in printed)
            self.assertNotIn("{", text, kind.name)
            self.assertNotIn("}", text, kind.name)
