from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.res_company_fiscal import year_before
from .revenue_kind_order import KINDS

# Rate -> (amount, that of the year before).
RATES = {
    "change_rate": ("amount", "amount_before"),
    "change_to_date_rate": ("amount_to_date", "amount_before_to_date"),
}


class RevenueYearReport(models.Model):
    """Revenue by stream and fiscal year beside the year before: one row for each stream of a company's exercise.

    A stream that brought something the year before and nothing now has its row too, so that either column sums to the
    ledger. In an exercise that is not over, eleven months beside twelve would mislead: the figures "to date" take
    both years up to the same day, today's. In one that is over they are those of the whole years.
    """

    _name = "fabloch.revenue.year.report"
    _inherit = ["fabloch.revenue.kind.order", "fabloch.ratio.report"]
    _description = "Revenue by stream and year"
    _auto = False
    _rec_name = "fiscal_year"
    _order = "fiscal_year desc, company_id, stream_id"
    _depends = {
        "fabloch.revenue.report": ["amount", "company_id", "currency_id", "date", "fiscal_year", "stream_id"],
        "fabloch.revenue.stream": ["kind", "self_financing"],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month"],
    }

    fiscal_year = fields.Char(readonly=True, help="The year in which it ends, after the one in which it begins.")
    fiscal_year_age = fields.Integer(
        string="Fiscal years ago",
        readonly=True,
        aggregator=None,
        exportable=False,
        help="0: this fiscal year, 1: the one before, and so on.",
    )
    stream_id = fields.Many2one("fabloch.revenue.stream", string="Revenue stream", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    self_financing = fields.Boolean(string="Self-financing", readonly=True)
    amount = fields.Monetary(
        string="Whole year", readonly=True, help="All that is posted in the fiscal year, whatever its day."
    )
    amount_before = fields.Monetary(
        string="Whole year before", readonly=True, help="All of the fiscal year before, from its first to its last day."
    )
    change = fields.Monetary(
        string="Change on the whole year before",
        readonly=True,
        help="Of a fiscal year that is not over, this compares some months with twelve.",
    )
    change_rate = fields.Float(
        string="Change on the whole year before (%)",
        readonly=True,
        aggregator="avg",
        help="The change over the amount of the whole year before; in totals, the ratio of the sums.",
    )
    amount_to_date = fields.Monetary(
        string="Up to today", readonly=True, help="The fiscal year up to today; all of it once it is over."
    )
    amount_before_to_date = fields.Monetary(
        string="Year before, same day",
        readonly=True,
        help="The fiscal year before up to the same day of that year; all of it once the year is over.",
    )
    change_to_date = fields.Monetary(
        string="Change at the same day", readonly=True, help="Between both years, each up to the same day."
    )
    change_to_date_rate = fields.Float(
        string="Change at the same day (%)",
        readonly=True,
        aggregator="avg",
        help="The change at the same day over the year before up to that day; in totals, the ratio of the sums.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @api.model
    def _ratios(self, column):
        """Give the rates; none where there was nothing the year before."""
        return {
            rate: SQL("(%(now)s - %(before)s) / NULLIF(ABS(%(before)s), 0)", now=column(amount), before=column(before))
            for rate, (amount, before) in RATES.items()
        }

    @property
    def _table_query(self):
        return SQL(
            """
            WITH day AS MATERIALIZED (
                SELECT company_id, currency_id, stream_id, date, SUM(amount) AS amount
                  FROM (%(report)s) report
              GROUP BY company_id, currency_id, stream_id, date
            ), revenue AS (
                SELECT item.company_id,
                       item.currency_id,
                       item.stream_id,
                       %(fiscal_year)s AS fiscal_year,
                       SUM(item.amount) AS amount,
                       COALESCE(SUM(item.amount) FILTER (WHERE item.date <= %(today)s), 0) AS to_date,
                       COALESCE(SUM(item.amount) FILTER (WHERE item.date <= %(same_day)s), 0) AS to_same_day
                  FROM day item
                  JOIN res_company company ON company.id = item.company_id
              GROUP BY item.company_id, item.currency_id, item.stream_id, 4
            ), fiscal_year AS (
                SELECT DISTINCT company_id, fiscal_year, RIGHT(fiscal_year, 4)::integer AS end_year FROM revenue
            ), beside AS (
                SELECT year.company_id, year.fiscal_year, year.end_year, revenue.currency_id, revenue.stream_id,
                       revenue.amount, 0 AS amount_before,
                       revenue.to_date AS amount_to_date, 0 AS amount_before_to_date
                  FROM fiscal_year year
                  JOIN revenue ON revenue.company_id = year.company_id AND revenue.fiscal_year = year.fiscal_year
             UNION ALL
                SELECT year.company_id, year.fiscal_year, year.end_year, revenue.currency_id, revenue.stream_id,
                       0, revenue.amount, 0, revenue.to_same_day
                  FROM fiscal_year year
                  JOIN fiscal_year before ON before.company_id = year.company_id AND before.end_year = year.end_year - 1
                  JOIN revenue ON revenue.company_id = before.company_id AND revenue.fiscal_year = before.fiscal_year
            ), summed AS (
                SELECT company_id, fiscal_year, end_year, currency_id, stream_id,
                       SUM(amount) AS amount, SUM(amount_before) AS amount_before,
                       SUM(amount_to_date) AS amount_to_date, SUM(amount_before_to_date) AS amount_before_to_date
                  FROM beside
              GROUP BY company_id, fiscal_year, end_year, currency_id, stream_id
            )
            SELECT (summed.company_id::bigint * 10000 + summed.end_year) * 100000 + COALESCE(summed.stream_id, 0) AS id,
                   summed.*,
                   RIGHT(%(fiscal_year)s, 4)::integer - summed.end_year AS fiscal_year_age,
                   COALESCE(stream.kind, 'none') AS kind,
                   COALESCE(stream.self_financing, FALSE) AS self_financing,
                   summed.amount - summed.amount_before AS change,
                   %(change_rate)s AS change_rate,
                   summed.amount_to_date - summed.amount_before_to_date AS change_to_date,
                   %(change_to_date_rate)s AS change_to_date_rate
              FROM summed
              JOIN res_company company ON company.id = summed.company_id
        CROSS JOIN (SELECT %(today)s AS date) item
         LEFT JOIN fabloch_revenue_stream stream ON stream.id = summed.stream_id
            """,
            report=self.env["fabloch.revenue.report"]._table_query,
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            today=SQL("%s::date", fields.Date.context_today(self)),
            same_day=SQL("%s::date", self._same_day_before(fields.Date.context_today(self))),
            **self._ratios(lambda name: SQL.identifier("summed", name)),
        )

    @api.model
    def _same_day_before(self, day):
        """Give the same day of the year before; the 29th of a February that stands against a 28th counts with it."""
        return max(day - relativedelta(years=1), day + timedelta(days=1) - relativedelta(years=1) - timedelta(days=1))

    def action_open_items(self):
        """Open the items of this stream, in this fiscal year and the one before."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.revenue_report_action")
        name = self.stream_id.name or self.env._("Without stream")
        return action | {
            "name": name,
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("stream_id", "=", self.stream_id.id),
                ("fiscal_year", "in", (year_before(self.fiscal_year), self.fiscal_year)),
            ],
            "context": {"pivot_row_groupby": ["account_id"], "pivot_column_groupby": ["fiscal_year"]},
        }

    def action_open_control(self):
        """Open the control of the fiscal years against the ledger."""
        return self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.revenue_control_action")
