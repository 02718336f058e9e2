from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .account_prefix_mixin import is_prefix, split_prefixes


class ResCompany(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    fabloch_income_prefix = fields.Char(
        "Class of income",
        default="7",
        required=True,
        help="First digits of the income accounts, 7 in the French charts; several are separated by commas. The revenue"
        " by stream is compared with these accounts of the ledger.",
    )

    @api.constrains("fabloch_income_prefix")
    def _check_fabloch_income_prefix(self):
        for company in self:
            prefixes = split_prefixes(company.fabloch_income_prefix)
            if not prefixes or not all(map(is_prefix, prefixes)):
                raise ValidationError(
                    self.env._(
                        "“%s” is not the beginning of the codes of income accounts. Write digits, such as “7”;"
                        " separate several by commas.",
                        company.fabloch_income_prefix or "",
                    )
                )

    def _get_company_root_delegated_field_names(self):
        """Have the branches compared as their company is: they share its accounts."""
        return [*super()._get_company_root_delegated_field_names(), "fabloch_income_prefix"]
