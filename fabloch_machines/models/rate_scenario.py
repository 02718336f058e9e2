from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_round


class RateScenario(models.Model):
    """Another rate card, or other pricelists, that past bookings are replayed under: what would they have brought in?

    Nothing but the scenario itself is ever written: neither rates, pricelists, bookings nor charges. How bookings are
    replayed is in rate_scenario_replay.py, how the result is shown in rate_scenario_result.py.
    """

    _name = "fabloch.rate.scenario"
    _description = "Rate scenario"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.company._fabloch_fiscal_year(ago=1).date_from,
        help="The bookings that begin on this day or later are replayed.",
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: self.env.company._fabloch_fiscal_year(ago=1).date_to,
        help="The bookings that begin on this day or earlier are replayed.",
    )
    price_date = fields.Date(
        "Prices as of",
        help="The day on which pricelists are asked for their prices, today when empty: choose a later one when the "
        "rules of a pricelist begin then.",
    )
    note = fields.Text(help="What is proposed, and why: it is printed for the general assembly.")
    pricelist_ids = fields.One2many("fabloch.rate.scenario.pricelist", "scenario_id", "Other pricelists", copy=True)
    line_ids = fields.One2many("fabloch.rate.scenario.line", "scenario_id", "Rate card", copy=True)
    rise_percent = fields.Float("Today's prices, raised by (%)", default=5.0, help="Less than 0 lowers the prices.")
    rise_rounding = fields.Monetary("rounded to", default=0.5, help="New prices are whole multiples of this.")
    rise_category_id = fields.Many2one(
        "fabloch.machine.category", "Only for", check_company=True, help="All the machines when empty."
    )

    _period_ordered = models.Constraint(
        "CHECK (date_to >= date_from)",
        "The period of a scenario ends on the day it begins or later: correct its dates.",
    )

    @api.constrains("rise_percent", "rise_rounding")
    def _check_rise(self):
        for scenario in self:
            if scenario.rise_percent < -100 or scenario.rise_rounding < 0:
                raise ValidationError(
                    self.env._("Prices can't be lowered by more than 100 %, nor rounded to less than nothing.")
                )

    # -- Filling in --------------------------------------------------------------------------------------------------

    def action_fill(self):
        """Add a line for each rate in force and each pricelist that somebody pays by, at today's price.

        Lines that are there already stay as they are.
        """
        self.check_access("write")
        for scenario in self:
            before = scenario.line_ids
            there = {(line.rate_id, line.pricelist_id) for line in before}
            rates = self.env["fabloch.rate"].search([("company_id", "=", scenario.company_id.id)])
            scenario.line_ids = [
                Command.create({"rate_id": rate.id, "pricelist_id": pricelist.id})
                for pricelist in scenario._audiences()
                for rate in rates
                if (rate, pricelist) not in there
            ]
            for line in scenario.line_ids - before:
                line.new_price = line.current_price
        return True

    def _audiences(self):
        """Return the list of pricelists (the empty one: public prices) that somebody pays by in this scenario."""
        self.ensure_one()
        scenario = self.sudo().with_company(self.company_id)
        plans = self.env["fabloch.membership.plan"].sudo().search([("company_id", "in", [False, self.company_id.id])])
        visitors = self.env["product.pricelist"].sudo().with_company(self.company_id)._of_visitors()
        used = scenario._load_bookings().pricelist_ids
        replaced = scenario._replacements()
        ids = [visitors.id, *plans.pricelist_id.filtered("active").ids, *used]
        return [
            self.env["product.pricelist"].browse(pricelist_id or [])
            for pricelist_id in dict.fromkeys(replaced.get(found or False, found or False) for found in ids)
        ]

    def action_rise(self):
        """Set the new prices to today's, raised and rounded as asked; units that are only in the scenario stay."""
        self.check_access("write")
        for scenario in self:
            category = scenario.rise_category_id
            for line in scenario.line_ids.filtered("rate_id"):
                if category and line.category_id != category:
                    continue
                price = line.current_price * (1 + scenario.rise_percent / 100)
                rounding = scenario.rise_rounding or scenario.currency_id.rounding
                line.new_price = float_round(price, precision_rounding=rounding)
        return True

    # -- Looking at it -----------------------------------------------------------------------------------------------

    def action_replay(self):
        """Open what this scenario would have changed."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.rate_scenario_action_result")
        return {**action, "res_id": self.id, "name": self.name}

    def action_open_prices(self):
        """Open the rate card of this scenario."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.rate_scenario_action")
        return {**action, "res_id": self.id, "views": [(False, "form")], "view_mode": "form"}

    def action_print(self):
        """Print what this scenario would change, for the general assembly."""
        return self.env.ref("fabloch_machines.action_report_rate_scenario").report_action(self)
