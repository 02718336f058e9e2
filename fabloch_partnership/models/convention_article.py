from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import placeholders
from .convention_text import PLACEHOLDERS, TABLES


class ConventionArticleMixin(models.AbstractModel):
    """What an article is, in the text of a type and in that of a convention: a title and a body with fields."""

    _name = "fabloch.convention.article.mixin"
    _description = "Article of a text"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char("Title", required=True)
    numbered = fields.Boolean(default=True, help="Article 1, Article 2… A preamble bears no number.")
    body = fields.Html(
        "Text",
        required=True,
        sanitize_attributes=True,
        sanitize_style=True,
        sanitize_form=True,
        strip_classes=True,
        help="In French, the language of the document. Fields between braces, {partenaire} say, are filled in.",
    )

    @api.constrains("body", "name")
    def _check_placeholders(self):
        for article in self:
            wrong = placeholders.unknown(article.body, PLACEHOLDERS)
            if wrong:
                raise ValidationError(
                    self.env._(
                        "The article “%(title)s” has a field that doesn't exist: %(wrong)s. Write one of these, in one"
                        " piece and between braces: %(allowed)s.",
                        title=article.name,
                        wrong=", ".join(wrong),
                        allowed=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )
            crowded = placeholders.crowded(article.body, TABLES)
            if crowded:
                raise ValidationError(
                    self.env._(
                        "In the article “%(title)s”, the field %(field)s is a table: write it alone in its paragraph,"
                        " without bold or list.",
                        title=article.name,
                        field=f"{{{crowded[0]}}}",
                    )
                )

    def _prepare_article_vals(self):
        """Return the values of a copy of this article in another text."""
        self.ensure_one()
        return {name: self[name] for name in ("sequence", "name", "numbered", "body")}


class ConventionArticle(models.Model):
    """An article of a convention's text: taken from its type, then its own; edited while it is negotiated."""

    _name = "fabloch.convention.article"
    _description = "Article of a convention"
    _inherit = "fabloch.convention.article.mixin"

    convention_id = fields.Many2one("fabloch.convention", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="convention_id.company_id", store=True, index=True)

    def _check_draft(self):
        fixed = self.convention_id.filtered(lambda convention: convention.state != "draft")[:1]
        if fixed:
            raise UserError(
                self.env._(
                    "The text of %s is fixed since it was sent for signature. Take the convention back to the"
                    " negotiation first, or make an amendment if it is signed.",
                    fixed.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        articles = super().create(vals_list)
        articles._check_draft()
        return articles

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self._check_draft()
