from odoo import fields, models
from odoo.tools import SQL

from ..models.res_company_fiscal import year_before


class SelfFinancingReport(models.Model):
    """Self-financing rate: one row for each fiscal year of a company, beside the year before."""

    _name = "fabloch.self.financing.report"
    _description = "Self-financing rate"
    _auto = False
    _rec_name = "fiscal_year"
    _order = "fiscal_year desc, company_id"
    _depends = {
        "fabloch.revenue.report": ["amount", "company_id", "currency_id", "date", "kind", "self_financing"],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month"],
    }

    fiscal_year = fields.Char(readonly=True)
    own_amount = fields.Monetary(string="Own revenue", readonly=True)
    private_amount = fields.Monetary(string="Private giving", readonly=True)
    public_amount = fields.Monetary(string="Public funding", readonly=True)
    other_amount = fields.Monetary(
        string="Other revenue", readonly=True, help="Other streams, and revenue without stream."
    )
    revenue = fields.Monetary(readonly=True)
    self_financing_amount = fields.Monetary(
        string="Self-financing", readonly=True, help="Revenue of the streams that are ticked as self-financing."
    )
    rate = fields.Float(
        string="Self-financing rate",
        readonly=True,
        aggregator="avg",
        help="Self-financing revenue over all revenue; 0 without revenue.",
    )
    previous_revenue = fields.Monetary(string="Revenue of the year before", readonly=True)
    previous_rate = fields.Float(string="Rate of the year before", readonly=True, aggregator="avg")
    rate_change = fields.Float(string="Change, in points", readonly=True, aggregator=None)
    has_previous = fields.Boolean(string="Has a year before", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH day AS MATERIALIZED (
                SELECT company_id, currency_id, kind, self_financing, date, SUM(amount) AS amount
                  FROM (%(report)s) report
              GROUP BY company_id, currency_id, kind, self_financing, date
            ), revenue AS (
                SELECT item.company_id, item.currency_id, item.kind, item.self_financing,
                       %(fiscal_year)s AS fiscal_year, SUM(item.amount) AS amount
                  FROM day item
                  JOIN res_company company ON company.id = item.company_id
              GROUP BY item.company_id, item.currency_id, item.kind, item.self_financing, 5
            ), fiscal_year AS (
                SELECT revenue.company_id,
                       revenue.currency_id,
                       revenue.fiscal_year,
                       RIGHT(revenue.fiscal_year, 4)::integer AS end_year,
                       COALESCE(SUM(revenue.amount) FILTER (WHERE revenue.kind = 'own'), 0) AS own_amount,
                       COALESCE(SUM(revenue.amount) FILTER (WHERE revenue.kind = 'private'), 0) AS private_amount,
                       COALESCE(SUM(revenue.amount) FILTER (WHERE revenue.kind = 'public'), 0) AS public_amount,
                       COALESCE(SUM(revenue.amount) FILTER (WHERE COALESCE(revenue.kind, 'other') = 'other'), 0)
                           AS other_amount,
                       SUM(revenue.amount) AS revenue,
                       COALESCE(SUM(revenue.amount) FILTER (WHERE revenue.self_financing), 0) AS self_financing_amount
                  FROM revenue
              GROUP BY revenue.company_id, revenue.currency_id, revenue.fiscal_year
            ), rated AS (
                SELECT *, COALESCE(self_financing_amount / NULLIF(revenue, 0), 0) AS rate FROM fiscal_year
            )
            SELECT this_year.company_id * 10000 + this_year.end_year AS id,
                   this_year.*,
                   COALESCE(last_year.revenue, 0) AS previous_revenue,
                   COALESCE(last_year.rate, 0) AS previous_rate,
                   CASE WHEN last_year.rate IS NULL THEN 0 ELSE this_year.rate - last_year.rate END AS rate_change,
                   last_year.rate IS NOT NULL AS has_previous
              FROM rated this_year
         LEFT JOIN rated last_year ON last_year.company_id = this_year.company_id
                                  AND last_year.end_year = this_year.end_year - 1
            """,
            report=self.env["fabloch.revenue.report"]._table_query,
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
        )

    def action_open_streams(self):
        """Open the revenue by stream of this fiscal year and the one before."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.revenue_report_action")
        years = (year_before(self.fiscal_year), self.fiscal_year)
        return action | {
            "domain": [("company_id", "=", self.company_id.id), ("fiscal_year", "in", years)],
            "context": {},
        }
