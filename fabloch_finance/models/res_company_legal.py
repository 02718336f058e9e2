from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Regime -> code of the legal parameter whose words an invoice without VAT bears.
VAT_MENTION_PARAMETERS = {
    "association": "vat_mention_association",
    "franchise": "vat_mention_franchise",
}


class ResCompany(models.Model):
    """Company, with what French law wants on an association's documents."""

    # Its own file: legal identity and mentions, apart from invoicing.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    fabloch_vat_regime = fields.Selection(
        [
            ("association", "Exempt: services of an association to its members (CGI art. 261-7-1°)"),
            ("franchise", "Small business exemption (franchise en base)"),
            ("subject", "Subject to VAT"),
        ],
        string="VAT regime",
        default="subject",
        required=True,
        help="Decides which mention an invoice without VAT bears. The words are in the legal parameters.",
    )
    rna = fields.Char(
        string="RNA number",
        help="Number in the national register of associations: W and nine digits.",
    )

    @api.constrains("rna")
    def _check_rna(self):
        for company in self.filtered("rna"):
            number = company.rna.strip().upper()
            if not (len(number) == 10 and number[0] == "W" and number[1:].isalnum()):
                raise ValidationError(
                    self.env._(
                        "“%(rna)s” is not an RNA number: it is the letter W followed by nine characters,"
                        " as on the receipt of declaration of the association.",
                        rna=company.rna,
                    )
                )

    def _fabloch_vat_mention(self, date=None):
        """Give the words that an invoice without VAT bears under the company's regime at a date, or ''.

        :param date: date of the invoice; today when empty
        :raise UserError: when the legal parameters have no words for the regime at that date
        """
        self.ensure_one()
        parameter = VAT_MENTION_PARAMETERS.get(self.fabloch_vat_regime)
        return self.env["fabloch.legal.parameter"]._get(parameter, date) if parameter else ""
