from odoo import api, fields, models
from odoo.tools import SQL

from ..models.revenue_stream import KINDS


class BudgetReport(models.Model):
    """The voted budget beside the ledger: a row for each company, fiscal year and stream that has any of them.

    Actual is what `fabloch.revenue.report` says, the forecast what `fabloch.forecast.report` says: what is expected at
    the year's end is both together.
    """

    _name = "fabloch.budget.report"
    _inherit = ["fabloch.revenue.kind.order", "fabloch.fiscal.year.report", "fabloch.ratio.report"]
    _description = "Budget and actual revenue"
    _auto = False
    _rec_name = "stream_id"
    _order = "fiscal_year desc, stream_sequence, stream_id, company_id"
    _depends = {
        "fabloch.budget": ["company_id", "date_to", "state"],
        "fabloch.budget.line": ["amount", "budget_id", "stream_id"],
        "fabloch.revenue.report": ["amount", "company_id", "fiscal_year", "stream_id"],
        "fabloch.forecast.report": ["amount", "company_id", "firm", "fiscal_year", "stream_id"],
        "fabloch.revenue.stream": ["kind", "self_financing", "sequence"],
        "res.company": ["currency_id", "fiscalyear_last_day", "fiscalyear_last_month"],
    }

    stream_id = fields.Many2one("fabloch.revenue.stream", string="Revenue stream", readonly=True)
    stream_sequence = fields.Integer(readonly=True, exportable=False, aggregator=None)
    kind = fields.Selection(KINDS, readonly=True)
    self_financing = fields.Boolean(string="Self-financing", readonly=True)
    budget = fields.Monetary(readonly=True, help="Of the voted budget.")
    actual = fields.Monetary(readonly=True, help="Posted journal items of income accounts.")
    difference = fields.Monetary(readonly=True, help="Actual less budget.")
    forecast = fields.Monetary(readonly=True, help="What is to come until the year's end and isn't in the ledger yet.")
    likely = fields.Monetary(
        "Of which likely", readonly=True, help="The part of the forecast that nobody has signed for: renewals due."
    )
    expected = fields.Monetary("At year's end", readonly=True, help="Actual and forecast together.")
    expected_difference = fields.Monetary(
        "Difference at year's end", readonly=True, help="What is expected at the year's end, less the budget."
    )
    share = fields.Float(
        "Done (%)", readonly=True, aggregator="avg", help="Actual over budget, each summed first; 0 without budget."
    )
    expected_share = fields.Float(
        "Done at year's end (%)",
        readonly=True,
        aggregator="avg",
        help="What is expected at the year's end over the budget, each summed first; 0 without budget.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @api.model
    def _ratios(self, column):
        actual, forecast, budget = column("actual"), column("forecast"), column("budget")
        return {
            "share": SQL("COALESCE(100.0 * %s / NULLIF(%s, 0.0), 0.0)", actual, budget),
            "expected_share": SQL("COALESCE(100.0 * (%s + %s) / NULLIF(%s, 0.0), 0.0)", actual, forecast, budget),
        }

    @property
    def _table_query(self):
        return SQL(
            """
            WITH total AS (
                SELECT company_id, fiscal_year, stream_id, SUM(budget) AS budget, SUM(actual) AS actual,
                       SUM(forecast) AS forecast, SUM(likely) AS likely
                  FROM (%(budget)s UNION ALL %(actual)s UNION ALL %(forecast)s) figure
              GROUP BY company_id, fiscal_year, stream_id
            )
            SELECT (total.company_id::bigint * 10000 + RIGHT(total.fiscal_year, 4)::integer) * 100000
                       + COALESCE(total.stream_id, 0) AS id,
                   total.company_id, company.currency_id, total.fiscal_year, total.stream_id,
                   COALESCE(stream.sequence, 1000000) AS stream_sequence, stream.kind,
                   COALESCE(stream.self_financing, FALSE) AS self_financing,
                   budget, actual, actual - budget AS difference, forecast, likely, actual + forecast AS expected,
                   actual + forecast - budget AS expected_difference,
                   %(share)s AS share, %(expected_share)s AS expected_share
              FROM total
              JOIN res_company company ON company.id = total.company_id
         LEFT JOIN fabloch_revenue_stream stream ON stream.id = total.stream_id
            """,
            budget=SQL(
                """
                SELECT item.company_id, %s AS fiscal_year, line.stream_id, line.amount AS budget,
                       0.0 AS actual, 0.0 AS forecast, 0.0 AS likely
                  FROM fabloch_budget_line line
                  JOIN (SELECT id, company_id, date_to AS date FROM fabloch_budget WHERE state = 'voted') item
                    ON item.id = line.budget_id
                  JOIN res_company company ON company.id = item.company_id
                """,
                self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            ),
            actual=SQL(
                "SELECT company_id, fiscal_year, stream_id, 0.0, amount, 0.0, 0.0 FROM (%s) revenue",
                self.env["fabloch.revenue.report"]._table_query,
            ),
            forecast=SQL(
                "SELECT company_id, fiscal_year, stream_id, 0.0, 0.0, amount, CASE WHEN firm THEN 0.0 ELSE amount END"
                " FROM (%s) expected",
                self.env["fabloch.forecast.report"]._table_query,
            ),
            **self._ratios(lambda name: SQL.identifier("total", name)),
        )

    # -- The rows behind -------------------------------------------------------------------------------------------

    def action_open_actual(self):
        """Open the journal items behind the actual revenue of this row."""
        return self._open("revenue_report_action", self.env._("Actual: %s", self._title()), "list,pivot,graph")

    def action_open_forecast(self):
        """Open the amounts that are still expected for this row."""
        return self._open("forecast_report_action", self.env._("Expected: %s", self._title()), "list,pivot,graph")

    def _title(self):
        stream = self.stream_id.name or self.env._("Without stream")
        return f"{stream} {self.fiscal_year}"

    def _open(self, action, name, view_mode):
        self.ensure_one()
        views = [(False, mode) for mode in view_mode.split(",")]
        return self.env["ir.actions.act_window"]._for_xml_id(f"fabloch_finance.{action}") | {
            "name": name,
            "view_mode": view_mode,
            "views": views,
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("fiscal_year", "=", self.fiscal_year),
                ("stream_id", "=", self.stream_id.id),
            ],
            "context": {},
        }
