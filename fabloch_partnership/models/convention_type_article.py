from odoo import api, fields, models


class ConventionTypeArticle(models.Model):
    """An article of the model of text that the conventions of some types, or their amendments, begin with.

    Types share articles: what all say of personal data, say, stands once.
    """

    _name = "fabloch.convention.type.article"
    _description = "Article of a model of text"
    _inherit = "fabloch.convention.article.mixin"

    type_ids = fields.Many2many("fabloch.convention.type", string="Convention types")
    for_amendments = fields.Boolean(help="An article of the amendments (avenants) to conventions of any type.")

    @api.model
    def _of_amendments(self):
        """Return the articles that an amendment begins with."""
        return self.search([("for_amendments", "=", True)])


class ConventionType(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention.type"

    document_title = fields.Char(
        required=True, default="Convention", help="At the head of the document, in French: Convention de partenariat."
    )
    article_ids = fields.Many2many(
        "fabloch.convention.type.article",
        string="Model of text",
        copy=True,
        help="What its conventions begin with. An article may be other types' too: a change is theirs as well.",
    )
