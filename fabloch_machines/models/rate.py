from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang


class Rate(models.Model):
    """A unit of time that a booking may be charged by: its length in minutes, and a product that bears its price.

    The price of one unit is the product's in the user's pricelist. A booking costs the cheapest combination of units
    that covers it (pricing.py).
    """

    _name = "fabloch.rate"
    _description = "Rate"
    _inherit = "fabloch.settings.mixin"
    _order = "category_id, machine_id, minutes, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="As the invoice says it: hour, half day, week.")
    category_id = fields.Many2one(
        "fabloch.machine.category", required=True, index=True, ondelete="cascade", check_company=True
    )
    machine_id = fields.Many2one(
        "fabloch.machine",
        "Only for",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain="[('category_id', '=', category_id)]",
        help="A machine with rates of its own isn't booked at its category's.",
    )
    minutes = fields.Integer(
        required=True,
        default=60,
        aggregator=None,
        help="The time that one unit covers: 30, 60, 240, 1440 for a day, 10080 for a week.",
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        help="Its price is that of one unit; its account says which revenue stream.",
    )
    price = fields.Float(
        related="product_id.lst_price", string="Public price", help="Members pay by their plan's pricelist."
    )
    company_id = fields.Many2one(related="category_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)

    _minutes_positive = models.Constraint("CHECK (minutes > 0)", "A unit of time lasts at least one minute.")

    @api.constrains("machine_id", "category_id")
    def _check_machine(self):
        for rate in self:
            if rate.machine_id and rate.machine_id.category_id != rate.category_id:
                raise ValidationError(
                    self.env._(
                        "%(machine)s isn't in the category “%(category)s”: choose a rate of its own category.",
                        machine=rate.machine_id.name,
                        category=rate.category_id.name,
                    )
                )

    @api.constrains("product_id", "minutes", "category_id", "machine_id", "active")
    def _check_own_product(self):
        for rate in self.filtered("active"):
            others = rate.machine_id.rate_ids or rate.category_id.rate_ids.filtered(lambda other: not other.machine_id)
            twin = others.filtered(
                lambda other, rate=rate: other.product_id == rate.product_id and other.minutes != rate.minutes
            )
            if twin:
                raise ValidationError(
                    self.env._(
                        "“%(product)s” bears the price of the rate “%(twin)s” already: half an hour would cost as much "
                        "as an hour. Give “%(rate)s” a product of its own.",
                        product=rate.product_id.display_name,
                        twin=twin[0].name,
                        rate=rate.name,
                    )
                )

    @api.depends("category_id")
    def _compute_product_id(self):
        for rate in self:
            rate.product_id = rate.product_id or rate.category_id.product_id

    @api.model
    def _price_tables(self, groups):
        """Return an HTML table for each recordset of rates in the list `groups`: each rate's price for visitors and
        under each plan's pricelist. As many queries for fifty as for one."""
        every = self.union(*groups)
        products = every.product_id
        plans = self.env["fabloch.membership.plan"].sudo().search([("pricelist_id", "!=", False)])
        pricelists = plans.pricelist_id.filtered("active")
        columns = [{product.id: product.lst_price for product in products}]
        columns += [pricelist._get_products_price(products, 1.0) for pricelist in pricelists]
        heads = [self.env._("Visitors"), *pricelists.mapped("name")]
        return [rates.with_prefetch(every._prefetch_ids)._price_table(heads, columns) for rates in groups]

    def _price_table(self, heads, columns):
        currency = self.company_id[:1].currency_id or self.env.company.currency_id
        rows = [
            (
                rate.name,
                [formatLang(self.env, prices[rate.product_id.id], currency_obj=currency) for prices in columns],
            )
            for rate in self.sorted("minutes")
        ]
        return self.env["ir.qweb"]._render("fabloch_machines.price_table", {"heads": heads, "rates": rows})
