from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """What the law wants to know of a donor."""

    _inherit = "res.partner"

    legal_form = fields.Char(help="SARL, SAS, association… as a company's tax receipt states it.")
    turnover = fields.Monetary(
        "Yearly turnover", help="Excluding VAT: a company's gifts are limited by a share of it (CGI art. 238 bis)."
    )
    fiscalyear_last_month = fields.Integer(
        "Fiscal year ends in month",
        default=12,
        help="1 to 12. A company's receipt never covers two of its fiscal years.",
    )
    fiscalyear_last_day = fields.Integer("Fiscal year ends on day", default=31)

    @api.constrains("fiscalyear_last_month", "fiscalyear_last_day")
    def _check_fiscalyear_end(self):
        for partner in self:
            if not (1 <= partner.fiscalyear_last_month <= 12 and 1 <= partner.fiscalyear_last_day <= 31):
                raise ValidationError(
                    self.env._(
                        "The fiscal year of %s ends on a day from 1 to 31 of a month from 1 to 12.", partner.name
                    )
                )

    def _is_legal_donor(self):
        """Tell whether this donor gives as a legal person: the model for companies is its receipt (CGI art. 238 bis)."""
        self.ensure_one()
        donor = self.commercial_partner_id
        return donor.is_company or donor.member_category_id.is_legal_person
