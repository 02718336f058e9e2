from odoo import api, fields, models
from odoo.tools import SQL

# Kinds of cost that have a column of their own, by their codes; every other one is in `other`.
COLUMNS = ("depreciation", "maintenance", "consumables", "energy")


class MachineCostReport(models.Model):
    """Cost recovery: what a machine brings in a fiscal year against what it costs, and the hours that would pay it.

    A row for each machine and year; what is not put on any machine is a row without machine, so that the costs of a
    year are those of the ledger, to the cent. Revenue and hours are those of the report on machine use.

    Break-even hours: at what an hour brings (revenue / hours) less what it costs more (variable costs / hours), the
    hours that pay the fixed costs. None when an hour doesn't pay its own variable costs, or when there was none.
    """

    _name = "fabloch.machine.cost.report"
    _inherit = ["fabloch.fiscal.year.report", "fabloch.ratio.report"]
    _description = "Cost recovery by machine"
    _auto = False
    _rec_name = "name"
    _order = "fiscal_year desc, has_machine desc, category_id, sequence, name"
    _depends = {
        "fabloch.machine": ["name", "sequence"],
        "fabloch.machine.cost": ["amount"],
        "fabloch.machine.report": ["revenue"],
    }

    name = fields.Char("Machine name", readonly=True)
    machine_id = fields.Many2one("fabloch.machine", readonly=True, help="Empty: not put on any machine.")
    has_machine = fields.Boolean("Put on a machine", readonly=True)
    category_id = fields.Many2one("fabloch.machine.category", readonly=True)
    workshop_id = fields.Many2one(
        "fabloch.machine", "Stands in", readonly=True, help="What is put on the workshop stays there."
    )
    sequence = fields.Integer(readonly=True, aggregator=None)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    hours = fields.Float(
        "Hours used", readonly=True, help="Clock hours of confirmed bookings, times their units; no-shows don't count."
    )
    revenue = fields.Monetary(
        readonly=True,
        help="Untaxed: what the charges of bookings come to, consumables included, credit notes taken off.",
    )
    depreciation = fields.Monetary(readonly=True)
    maintenance = fields.Monetary(readonly=True)
    consumables = fields.Monetary(readonly=True)
    energy = fields.Monetary(readonly=True)
    other = fields.Monetary("Other costs", readonly=True)
    fixed_cost = fields.Monetary("Fixed costs", readonly=True, help="The same whether the machine is used or not.")
    variable_cost = fields.Monetary("Variable costs", readonly=True, help="They grow with the hours of use.")
    cost = fields.Monetary("Costs", readonly=True, help="Posted journal items, by their analytic distribution.")
    margin = fields.Monetary(readonly=True, help="Revenue less costs.")
    recovery_rate = fields.Float(
        "Recovery rate",
        readonly=True,
        aggregator="avg",
        help="Revenue over costs, each summed first. Over 100 %, the machine pays what it costs.",
    )
    revenue_per_hour = fields.Monetary("Revenue per hour", readonly=True, aggregator="avg", help="Per hour used.")
    cost_per_hour = fields.Monetary("Cost per hour", readonly=True, aggregator="avg", help="Per hour used.")
    break_even_hours = fields.Float(
        "Break-even hours",
        readonly=True,
        aggregator="avg",
        help="The hours of use in the year at which revenue pays the costs: fixed costs / (revenue per hour − variable "
        "costs per hour). None when an hour doesn't pay its own variable costs: then no number of hours is enough.",
    )
    break_even_state = fields.Selection(
        [
            ("reached", "Reached"),
            ("ahead", "Not reached"),
            ("never", "Never at this price"),
            ("unused", "Not used"),
        ],
        "Break-even",
        readonly=True,
        help="Never at this price: an hour brings no more than its variable costs. Empty without costs.",
    )

    def action_open_costs(self):
        """Open the items of these costs."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.machine_cost_action")
        name = self.env._("Costs: %(machine)s, %(year)s", machine=self.name, year=self.fiscal_year)
        return action | {
            "name": name,
            "display_name": name,
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("machine_id", "=", self.machine_id.id),
                ("fiscal_year", "=", self.fiscal_year),
            ],
            "context": {},
        }

    @api.model
    def _ratios(self, column):
        """Give the ratios; null where there is none."""
        revenue, cost, hours = column("revenue"), column("cost"), column("hours")
        fixed, variable = column("fixed_cost"), column("variable_cost")
        by = {"revenue": revenue, "cost": cost, "hours": hours, "fixed": fixed, "variable": variable}
        return {
            "recovery_rate": SQL("CASE WHEN %(cost)s > 0 THEN (%(revenue)s / %(cost)s)::float8 END", **by),
            "revenue_per_hour": SQL("CASE WHEN %(hours)s > 0 THEN (%(revenue)s / %(hours)s)::float8 END", **by),
            "cost_per_hour": SQL("CASE WHEN %(hours)s > 0 THEN (%(cost)s / %(hours)s)::float8 END", **by),
            "break_even_hours": SQL(
                "CASE WHEN %(hours)s > 0 AND %(cost)s != 0 AND %(revenue)s > %(variable)s"
                " THEN (GREATEST(%(fixed)s, 0) * %(hours)s / (%(revenue)s - %(variable)s))::float8 END",
                **by,
            ),
        }

    @property
    def _table_query(self):
        ratios = self._ratios(lambda name: SQL.identifier("total", name))
        return SQL(
            """
            SELECT CASE WHEN total.machine_id IS NULL THEN total.company_id * 2 + 1 ELSE total.machine_id * 2 END
                       ::bigint * 10000 + RIGHT(total.fiscal_year, 4)::integer AS id,
                   total.*, COALESCE(machine.name, %(not_put)s) AS name, machine.id IS NOT NULL AS has_machine,
                   machine.category_id, machine.workshop_id, machine.sequence, company.currency_id,
                   total.revenue - total.cost AS margin,
                   CASE WHEN total.cost = 0 OR machine.id IS NULL THEN NULL
                        WHEN total.hours <= 0 THEN 'unused'
                        WHEN total.revenue <= total.variable_cost THEN 'never'
                        WHEN total.revenue >= total.cost THEN 'reached'
                        ELSE 'ahead' END AS break_even_state,
                   %(ratios)s
              FROM (
                       SELECT part.company_id, part.machine_id, part.fiscal_year,
                              SUM(part.hours) AS hours, SUM(part.revenue) AS revenue, SUM(part.cost) AS cost,
                              %(columns)s
                         FROM (%(use)s UNION ALL %(cost)s) part
                     GROUP BY part.company_id, part.machine_id, part.fiscal_year
                   ) total
              JOIN res_company company ON company.id = total.company_id
         LEFT JOIN fabloch_machine machine ON machine.id = total.machine_id
            """,
            not_put=self.env._("Not put on a machine"),
            ratios=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in ratios.items()),
            columns=SQL(", ").join(
                SQL("COALESCE(SUM(part.cost) FILTER (WHERE %s), 0) AS %s", condition, SQL.identifier(name))
                for name, condition in self._cost_columns().items()
            ),
            use=self._use_query(),
            cost=self._cost_query(),
        )

    @api.model
    def _cost_columns(self):
        """Give what is summed in each column of costs: {field: SQL condition on a row's kind and behaviour}."""
        return {
            **{code: SQL("part.kind = %s", code) for code in COLUMNS},
            "other": SQL("part.kind NOT IN %s", COLUMNS),
            "fixed_cost": SQL("part.behaviour = 'fixed'"),
            "variable_cost": SQL("part.behaviour = 'variable'"),
        }

    @api.model
    def _use_query(self):
        """Give the SQL of the hours and the revenue of machines, as the report on their use has them."""
        Use = self.env["fabloch.machine.report"]
        return SQL(
            """
            SELECT machine.company_id, item.machine_id, %(fiscal_year)s AS fiscal_year, item.hours,
                   item.time_revenue + item.consumable_revenue AS revenue,
                   NULL::varchar AS kind, NULL::varchar AS behaviour, 0.0 AS cost
              FROM (%(use)s UNION ALL %(revenue)s) item
              JOIN fabloch_machine machine ON machine.id = item.machine_id
              JOIN res_company company ON company.id = machine.company_id
             WHERE item.hours != 0 OR item.time_revenue != 0 OR item.consumable_revenue != 0
            """,
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            use=Use._use_query(),
            revenue=Use._revenue_query(),
        )

    @api.model
    def _cost_query(self):
        """Give the SQL of the costs, put on machines or not."""
        return SQL(
            """
            SELECT cost.company_id, cost.machine_id, cost.fiscal_year, 0.0, 0.0,
                   COALESCE(kind.code, ''), cost.behaviour, cost.amount
              FROM (%s) cost
         LEFT JOIN fabloch_cost_kind kind ON kind.id = cost.kind_id
            """,
            self.env["fabloch.machine.cost"]._table_query,
        )
