import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import placeholders
from .convention_text import TO_COMPLETE, french_date


class ConventionDocument(models.Model):
    """The text of a convention: articles taken from its type, then its own; what the printed document says."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    article_ids = fields.One2many("fabloch.convention.article", "convention_id", "Text", copy=True)

    @api.model_create_multi
    def create(self, vals_list):
        conventions = super().create(vals_list)
        conventions.filtered(lambda each: not each.article_ids)._take_text()
        return conventions

    def write(self, vals):
        """A new type brings its text, unless somebody has worked on the text already."""
        retyped = self.browse()
        if "type_id" in vals:
            retyped = self.filtered(lambda each: each.type_id.id != vals["type_id"] and each._has_text_of_model())
        result = super().write(vals)
        retyped._take_text()
        return result

    def _model_articles(self):
        """Return the articles that this convention's text begins with: its type's, or those of amendments."""
        self.ensure_one()
        if self.amended_id:
            return self.env["fabloch.convention.type.article"]._of_amendments()
        return self.type_id.article_ids

    def _has_text_of_model(self):
        self.ensure_one()
        contents = [articles.mapped(lambda each: (each.name, each.body)) for articles in self._article_pair()]
        return contents[0] == contents[1]

    def _article_pair(self):
        return self.article_ids, self._model_articles()

    def _take_text(self):
        """Replace the text of these conventions by that of their models."""
        self.article_ids.unlink()
        self.env["fabloch.convention.article"].create(
            [
                {**article._prepare_article_vals(), "convention_id": convention.id}
                for convention in self
                for article in convention._model_articles()
            ]
        )

    def action_take_text(self):
        """Take the type's text again, in the place of the present one; while it is negotiated only.

        :raise UserError: when the text is fixed, or the type has none
        """
        for convention in self:
            if convention.state != "draft":
                raise UserError(
                    self.env._("The text of %s is fixed: it is sent for signature or signed.", convention.display_name)
                )
            if not convention._model_articles():
                raise UserError(
                    self.env._(
                        "The type “%s” has no text. Write it under Fablab > Configuration > Partnerships > Convention"
                        " types.",
                        convention.type_id.name,
                    )
                )
        self._take_text()
        return True

    def action_print_document(self):
        """Return the action that prints the document; the file that was signed once there is one."""
        return self.env.ref("fabloch_partnership.action_report_convention").report_action(self)

    def _document_articles(self):
        """Return the articles as they are printed: heading (numbered) and blocks of text with the fields filled in."""
        self.ensure_one()
        values = self._text_values(set().union(*(placeholders.used(each.body) for each in self.article_ids)))
        printed = []
        number = 0
        for article in self.article_ids.sorted(lambda each: (each.sequence, each.id)):
            number += article.numbered
            heading = f"Article {number} – {article.name}" if article.numbered else article.name
            blocks = placeholders.blocks(placeholders.fill(article.body, values))
            # A heading stays with what follows it, an introduction with its table.
            kept = 2 if any(block.startswith("<table") for block in blocks[1:2]) else 1
            printed.append({"heading": heading, "kept": blocks[:kept], "rest": blocks[kept:]})
        return printed

    def _document_title(self):
        self.ensure_one()
        if self.amended_id:
            rank = len(self.amended_id.amendment_ids.filtered(lambda each: each.id <= self.id))
            return f"Avenant n° {rank} à la convention {self.amended_id.name}"
        return self.type_id.document_title

    def _document_parties(self):
        """Return the two parties: who they are for the law, how they are named in the text, who represents them."""
        self.ensure_one()
        company = self.company_id
        partner = self.partner_id.commercial_partner_id
        own_form = company.partner_id.legal_form or "association régie par la loi du 1er juillet 1901"
        return [
            {
                "name": company.name,
                "identity": [
                    own_form,
                    _one_line_address(company.partner_id, "dont le siège est situé"),
                    company.company_registry and f"SIRET {company.company_registry}",
                    company.rna and f"RNA {company.rna}",
                ],
                "signatory": self._text_our_signatory(),
                "function": self.company_signatory_id.partner_id.function,
                "called": "l’Association",
                "is_person": False,
            },
            {
                "name": self._text_partner(),
                "identity": [
                    partner.legal_form,
                    _one_line_address(partner, "dont le siège est situé" if partner.is_company else "demeurant"),
                    partner.company_registry and f"{_registry_label(partner)} {partner.company_registry}",
                ],
                "signatory": self.signatory_id.name or (not partner.is_company and partner.name) or TO_COMPLETE,
                "function": self.signatory_function,
                "called": "le Partenaire",
                "is_person": not partner.is_company and self.signatory_id in (partner, self.signatory_id.browse()),
            },
        ]

    def _document_file_name(self):
        self.ensure_one()
        kind = "Avenant" if self.amended_id else "Convention"
        return f"{kind} {(self.name or '').replace('/', '-')}.pdf"

    def _get_report_base_filename(self):
        """The name of the PDF in the portal."""
        return self._document_file_name().removesuffix(".pdf")

    def _document_signatures(self):
        """Return the two signature blocks of the document: the association's, then the partner's."""
        self.ensure_one()
        return [
            {
                "party": party["name"],
                "called": f"Pour {party['called']}" if not party["is_person"] else party["called"].capitalize(),
                "name": self[f"{side}_signed_by"] or party["signatory"],
                "function": party["function"],
                "signed_on": self[f"{side}_signed_on"] and self._document_moment(self[f"{side}_signed_on"]),
                "image": self.with_context(bin_size=False)[f"{side}_signature"],
            }
            for side, party in zip(("company", "partner"), self._document_parties(), strict=True)
        ]

    def _document_moment(self, moment):
        """Return the UTC datetime `moment` in French, in the association's time zone: 3 mars 2026 à 14 h 05."""
        self.ensure_one()
        zone = self.company_id.partner_id.tz or "Europe/Paris"
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
        return f"{french_date(local.date())} à {local.hour} h {local.minute:02}"

    def _document_fingerprint(self):
        """Return the SHA-256 of what the document says, signatures apart: whether two people sign the same text."""
        self.ensure_one()
        said = [self._document_title(), self.title, self._document_parties(), self._document_articles()]
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _document_blanks(self):
        """Return the headings under which something is still to be completed."""
        self.ensure_one()
        parties = [
            self.env._("The parties: %s", party["name"])
            for party in self._document_parties()
            if TO_COMPLETE in (party["signatory"], party["name"]) or not any(party["identity"])
        ]
        articles = [
            article["heading"]
            for article in self._document_articles()
            if any(TO_COMPLETE.rstrip("]") in block for block in article["kept"] + article["rest"])
        ]
        return parties + articles


def _one_line_address(partner, before):
    """Return the address in one line, as the French write it; the country is said of foreigners only."""
    place = " ".join(filter(None, [partner.zip, partner.city]))
    country = partner.country_id.with_context(lang="fr_FR").name if partner.country_id.code != "FR" else False
    address = ", ".join(filter(None, [partner.street, partner.street2, place, country]))
    return address and f"{before} {address}"


def _registry_label(partner):
    return "SIREN" if len(partner.company_registry.replace(" ", "")) == 9 else "SIRET"
