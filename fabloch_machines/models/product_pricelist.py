from odoo import models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _is_dated(self, company):
        """Return whether prices in the currency of `company` may change from one day to the next."""
        if not self:
            return False
        return self.currency_id != company.currency_id or bool(
            self.env["product.pricelist.item"].search_count(
                [
                    ("pricelist_id", "=", self.id),
                    "|",
                    ("base", "=", "pricelist"),
                    "|",
                    ("date_start", "!=", False),
                    ("date_end", "!=", False),
                ],
                limit=1,
            )
        )
