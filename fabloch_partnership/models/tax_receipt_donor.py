from odoo import models
from odoo.tools import date_utils


class ResPartner(models.Model):
    """What a receipt states of a donor, or of the body."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.partner"

    def _receipt_address(self):
        """Return the full postal address, one line a part, or None when the street, zip code or city is missing."""
        self.ensure_one()
        if not (self.street and self.zip and self.city):
            return None
        country = self.country_id.with_context(lang="fr_FR")
        abroad = country.name if country and country.code != "FR" else False
        return "\n".join(filter(None, [self.street, self.street2, f"{self.zip} {self.city}", abroad]))

    def _receipt_year_end(self, date, kind):
        """Return the last day of this donor's year that holds `date`: a company's fiscal year, else the tax year."""
        self.ensure_one()
        if kind == "individual":
            return date.replace(month=12, day=31)
        return date_utils.get_fiscal_year(date, self.fiscalyear_last_day or 31, self.fiscalyear_last_month or 12)[1]
