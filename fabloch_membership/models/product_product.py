from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model
    def default_get(self, fields):
        """A fee made from a plan's form falls in the category whose accounts suit its counterpart."""
        defaults = super().default_get(fields)
        counterpart = self.env.context.get("fabloch_fee_counterpart")
        if counterpart is not None and "categ_id" in fields:
            name = "product_category_fee" if counterpart else "product_category_fee_gift"
            defaults["categ_id"] = self.env.ref(f"fabloch_membership.{name}").id
        return defaults
