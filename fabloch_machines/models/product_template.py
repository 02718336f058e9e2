from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# What the price of a product follows from, beside the rules of the pricelist.
PRICE_FIELDS = {"active", "categ_id", "company_id", "list_price", "lst_price", "standard_price", "taxes_id", "uom_id"}


class ProductTemplate(models.Model):
    """A product may be a prepaid pack: whoever is charged for it gets hours."""

    _inherit = "product.template"

    fabloch_pack_hours = fields.Float(
        "Prepaid hours", help="Hours of machines that one unit of this product pays for in advance; no pack when 0."
    )
    fabloch_pack_category_ids = fields.Many2many(
        "fabloch.machine.category",
        "fabloch_pack_machine_category_rel",
        string="For the machines",
        help="Categories of machines that these hours pay for; any machine when empty.",
    )
    fabloch_pack_months = fields.Integer(
        "Valid (months)", default=12, help="From the day of the sale; without end when 0."
    )

    _fabloch_pack_positive = models.Constraint(
        "CHECK (fabloch_pack_hours >= 0 AND fabloch_pack_months >= 0)",
        "The hours and the months of a prepaid pack can't be less than 0.",
    )

    def write(self, vals):
        result = super().write(vals)
        if PRICE_FIELDS.intersection(vals):
            self.env.registry.clear_cache()
        return result


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model
    def _pack_end(self, start, months):
        """Return the last day of hours sold on `start` for `months` months; False: no end."""
        # Twelve months from 10 March are over on 9 March.
        return start + relativedelta(months=months, days=-1) if months else False

    def write(self, vals):
        result = super().write(vals)
        if PRICE_FIELDS.intersection(vals):
            self.env.registry.clear_cache()
        return result
