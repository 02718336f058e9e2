from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RateScenarioPricelist(models.Model):
    """In a scenario, whoever pays by one pricelist pays by another."""

    _name = "fabloch.rate.scenario.pricelist"
    _description = "Pricelist of a rate scenario"
    _order = "id"
    _check_company_auto = True

    scenario_id = fields.Many2one("fabloch.rate.scenario", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scenario_id.company_id", store=True)
    pricelist_id = fields.Many2one(
        "product.pricelist",
        "Who pays by",
        check_company=True,
        ondelete="restrict",
        help="The pricelist of the members of a plan, say; the public prices when empty.",
    )
    new_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Would pay by",
        check_company=True,
        ondelete="restrict",
        help="The public prices when empty.",
    )

    _one_each = models.UniqueIndex(
        "(scenario_id, COALESCE(pricelist_id, 0))", "A pricelist is replaced by one other only: keep one of the lines."
    )


class RateScenarioLine(models.Model):
    """The new price of one unit of time for those who pay by one pricelist, in a scenario.

    A line without rate is a unit that the card doesn't have today. As in the card, a machine with rates of its own
    isn't booked at its category's.
    """

    _name = "fabloch.rate.scenario.line"
    _description = "Rate of a rate scenario"
    _order = "category_id, machine_id, minutes, rate_id, pricelist_id, id"
    _check_company_auto = True

    scenario_id = fields.Many2one("fabloch.rate.scenario", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scenario_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    rate_id = fields.Many2one(
        "fabloch.rate",
        "Rate of the card",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="None: a unit that the card doesn't have.",
    )
    category_id = fields.Many2one(
        "fabloch.machine.category",
        compute="_compute_from_rate",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="cascade",
        check_company=True,
    )
    machine_id = fields.Many2one(
        "fabloch.machine",
        "Only for",
        compute="_compute_from_rate",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="cascade",
        check_company=True,
        domain="[('category_id', '=', category_id)]",
        help="A machine with rates of its own isn't booked at its category's.",
    )
    name = fields.Char("Unit", compute="_compute_from_rate", store=True, readonly=False, precompute=True, required=True)
    minutes = fields.Integer(
        compute="_compute_from_rate", store=True, readonly=False, precompute=True, required=True, aggregator=None
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_from_rate",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="cascade",
        check_company=True,
        help="Its account says which revenue stream; the category's own service by default.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        "For",
        ondelete="cascade",
        check_company=True,
        help="Who pays this price: those of the pricelist, other pricelists being applied first. Public prices when "
        "empty.",
    )
    offered = fields.Boolean(default=True, help="Not ticked: nobody is offered this unit any more.")
    current_price = fields.Monetary("Today", compute="_compute_current_price", help="By today's rates and pricelists.")
    new_price = fields.Monetary()
    change = fields.Float(compute="_compute_change", help="The new price beside today's.")

    _one_each = models.UniqueIndex(
        "(scenario_id, rate_id, COALESCE(pricelist_id, 0)) WHERE rate_id IS NOT NULL",
        "This rate has a new price for that pricelist already: change that one.",
    )
    _minutes_positive = models.Constraint("CHECK (minutes > 0)", "A unit of time lasts at least one minute.")
    _price_positive = models.Constraint("CHECK (new_price >= 0)", "A price can't be less than 0.")

    @api.constrains("machine_id", "category_id")
    def _check_machine(self):
        for line in self:
            if line.machine_id and line.machine_id.category_id != line.category_id:
                raise ValidationError(
                    self.env._(
                        "%(machine)s isn't in the category “%(category)s”: choose a rate of its own category.",
                        machine=line.machine_id.name,
                        category=line.category_id.name,
                    )
                )

    @api.depends("rate_id", "category_id")
    def _compute_from_rate(self):
        for line in self:
            rate = line.rate_id
            line.category_id = rate.category_id or line.category_id
            line.machine_id = rate.machine_id or line.machine_id
            line.name = rate.name or line.name
            line.minutes = rate.minutes or line.minutes or 60
            line.product_id = rate.product_id or line.product_id or line.category_id.product_id

    @api.depends("rate_id", "pricelist_id", "scenario_id.price_date")
    def _compute_current_price(self):
        Pricelist = self.env["product.pricelist"]
        self.filtered(lambda line: not line.rate_id).current_price = 0.0
        of_card = self.filtered("rate_id")
        for (company, pricelist, day), lines in of_card.grouped(
            lambda line: (line.company_id, line.pricelist_id, line.scenario_id.price_date)
        ).items():
            card = Pricelist.with_company(company)._price_card(
                pricelist, tuple(lines.rate_id.product_id.ids), company.id, day or fields.Date.context_today(self)
            )
            for line in lines:
                line.current_price = float(card.prices[line.rate_id.product_id.id])

    @api.depends("current_price", "new_price")
    def _compute_change(self):
        for line in self:
            line.change = line.new_price / line.current_price - 1 if line.current_price else 0.0

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: not line.offered)._offer_alike()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "offered" in vals:
            self._offer_alike()
        return result

    def _offer_alike(self):
        """A rate is on the card for everybody or for nobody: the lines of one rate are offered alike."""
        for line in self.filtered("rate_id"):
            line.scenario_id.line_ids.filtered(
                lambda other, line=line: other.rate_id == line.rate_id and other.offered != line.offered
            ).offered = line.offered
