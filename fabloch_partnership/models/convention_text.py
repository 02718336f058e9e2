"""The values of the fields in a convention's text. The document is French by law and use: so is what is filled in."""

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from dateutil.relativedelta import relativedelta

from odoo import models

from ..placeholders import Table

LOCALE = "fr_FR"
# Name of a field in a text: the method of a convention that gives its value. This list is closed: a text can name
# nothing else.
PLACEHOLDERS = {
    "association": "_text_association",
    "partenaire": "_text_partner",
    "numero": "_text_number",
    "objet": "_text_title",
    "debut": "_text_start",
    "fin": "_text_end",
    "duree": "_text_duration",
    "reconduction": "_text_renewal",
    "preavis": "_text_notice",
    "montant": "_text_amount",
    "echeancier": "_text_instalments",
    "engagements_association": "_text_our_commitments",
    "engagements_partenaire": "_text_partner_commitments",
    "contreparties": "_text_counterparts",
    "valeur_contreparties": "_text_counterpart_value",
    "signataire": "_text_signatory",
    "qualite_signataire": "_text_signatory_function",
    "signataire_association": "_text_our_signatory",
    "qualite_signataire_association": "_text_our_signatory_function",
    "ville": "_text_city",
    "convention_modifiee": "_text_amended",
    "taux_contreparties": "_text_counterpart_share",
    "seuil_subvention": "_text_grant_threshold",
    "delai_compte_rendu": "_text_report_months",
}
TABLES = {"echeancier", "engagements_association", "engagements_partenaire", "contreparties"}
# In the place of what is not filled in: seen on the document, and refused when it is sent for signature.
TO_COMPLETE = "[à compléter]"
DURATION_UNITS = (("years", "an", "ans"), ("months", "mois", "mois"), ("days", "jour", "jours"))


def french_date(day):
    """Return the date `day` in French: 1er mars 2026."""
    text = format_date(day, "d MMMM y", locale=LOCALE) if day else TO_COMPLETE
    return text.replace("1 ", "1er ", 1) if text.startswith("1 ") else text


def french_number(number):
    """Return the number in French, without useless decimals."""
    return format_decimal(number, locale=LOCALE).replace("\u202f", "\u00a0")


class ConventionText(models.Model):
    """What each field of the text says of this convention."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    def _text_values(self, names):
        """Return {name: text or `Table`} for the fields `names` of the text.

        :raise UserError: when a legal parameter that the text names has no value on the convention's first day
        """
        self.ensure_one()
        return {name: getattr(self, PLACEHOLDERS[name])() for name in names if name in PLACEHOLDERS}

    def _text_money(self, amount):
        # The narrow space that French prefers is missing in many fonts.
        return format_currency(amount, self.currency_id.name, locale=LOCALE).replace("\u202f", "\u00a0")

    def _text_association(self):
        return self.company_id.name

    def _text_partner(self):
        return self.partner_id.commercial_partner_id.name or self.partner_id.name or TO_COMPLETE

    def _text_number(self):
        return self.name or TO_COMPLETE

    def _text_title(self):
        return self.title

    def _text_start(self):
        return french_date(self.date_start)

    def _text_end(self):
        return french_date(self.date_end)

    def _text_duration(self):
        length = relativedelta(self.date_end + relativedelta(days=1), self.date_start)
        parts = [(getattr(length, unit), one, more) for unit, one, more in DURATION_UNITS]
        words = [f"{count} {one if count == 1 else more}" for count, one, more in parts if count]
        return " et ".join(filter(None, [", ".join(words[:-1]), words[-1]]))

    def _text_renewal(self):
        if not self.tacit_renewal:
            return "À cette date, elle prend fin sans autre formalité ; elle n’est pas reconduite tacitement."
        limit = f", dans la limite de {self.renewal_limit} fois" if self.renewal_limit else ""
        notice = f"au moins {self.notice_months} mois " if self.notice_months else ""
        return (
            f"Elle est ensuite reconduite tacitement par périodes de {self.renewal_months} mois{limit}, sauf si l’une"
            f" des parties informe l’autre par écrit, {notice}avant le terme en cours, qu’elle ne souhaite pas la"
            " reconduire."
        )

    def _text_notice(self):
        return f"un préavis de {self.notice_months} mois" if self.notice_months else "un délai raisonnable"

    def _text_amount(self):
        return self._text_money(self.amount)

    def _text_counterpart_value(self):
        return self._text_money(self.counterpart_value)

    def _text_instalments(self):
        rows = [
            [french_date(line.date), line.name, self._text_money(line.amount)]
            for line in self.instalment_ids.sorted(lambda line: (line.date, line.id))
        ]
        total = ("Total", "", self._text_amount()) if len(rows) > 1 else ()
        empty = "Aucun versement n’est prévu."
        head = "Montant hors taxes" if self.instalment_kind == "charge" else "Montant"
        return Table(["Date", "Versement", head], rows, (2,), total, empty)

    def _text_commitments(self, side):
        commitments = self.commitment_ids.filtered(lambda line: line.side == side)
        # Those without date come last.
        ordered = commitments.sorted(lambda line: (not line.date_due, line.date_due or self.date_end, line.id))
        rows = [
            [line.name, french_date(line.date_due) if line.date_due else "Pendant toute la durée"] for line in ordered
        ]
        empty = "Aucun engagement particulier au-delà des articles de la présente convention."
        return Table(["Engagement", "Échéance"], rows, empty=empty)

    def _text_our_commitments(self):
        return self._text_commitments("us")

    def _text_partner_commitments(self):
        return self._text_commitments("partner")

    def _text_counterparts(self):
        counterparts = self.commitment_ids.filtered(lambda line: line.side == "us" and line.value).sorted("id")
        rows = [[line.name, self._text_money(line.value)] for line in counterparts]
        total = ("Total", self._text_counterpart_value()) if len(rows) > 1 else ()
        return Table(["Contrepartie", "Valeur"], rows, (1,), total, "Aucune contrepartie valorisée.")

    def _text_signatory(self):
        return self.signatory_id.name or TO_COMPLETE

    def _text_signatory_function(self):
        return self.signatory_function or TO_COMPLETE

    def _text_our_signatory(self):
        return self.company_signatory_id.name or TO_COMPLETE

    def _text_our_signatory_function(self):
        return self.company_signatory_id.partner_id.function or TO_COMPLETE

    def _text_city(self):
        return self.company_id.city or TO_COMPLETE

    def _text_amended(self):
        amended = self.amended_id
        if not amended:
            return TO_COMPLETE
        signed = f" signée le {french_date(amended.signed_on)}" if amended.signed_on else ""
        return f"la convention n° {amended.name} « {amended.title} »{signed}"

    def _text_legal(self, code):
        return self.env["fabloch.legal.parameter"]._get(code, self.date_start)

    def _text_counterpart_share(self):
        return f"{french_number(self._text_legal('gift_company_counterpart_share'))} %"

    def _text_grant_threshold(self):
        return f"{french_number(self._text_legal('grant_convention_threshold'))} €"

    def _text_report_months(self):
        return f"{french_number(self._text_legal('grant_report_months'))} mois"
