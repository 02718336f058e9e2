from odoo import fields, models
from odoo.tools import SQL


class RevenueControl(models.Model):
    """The control line of the revenue by stream: for each fiscal year, the ledger's class 7 beside the sum of streams."""

    _name = "fabloch.revenue.control"
    _description = "Control of the revenue by stream"
    _auto = False
    _rec_name = "fiscal_year"
    _order = "fiscal_year desc, company_id"
    _depends = {
        "fabloch.revenue.control.account": [
            "account_id",
            "class_7",
            "company_id",
            "currency_id",
            "difference",
            "fiscal_year",
            "problem",
            "streams",
        ]
    }

    fiscal_year = fields.Char(readonly=True, help="The year in which it ends, after the one in which it begins.")
    fiscal_year_age = fields.Integer(string="Fiscal years ago", readonly=True, aggregator=None, exportable=False)
    class_7 = fields.Monetary(
        string="Income in the ledger",
        readonly=True,
        help="Credit less debit of the posted items of all accounts whose code begins as the settings say, 7 in France.",
    )
    streams = fields.Monetary(string="Sum of the streams", readonly=True)
    difference = fields.Monetary(readonly=True, help="Income in the ledger, less the sum of the streams.")
    state = fields.Selection(
        [
            ("equal", "Equal"),
            ("without_stream", "Equal, accounts without stream"),
            ("differs", "Differs"),
        ],
        string="Control",
        readonly=True,
    )
    without_stream_amount = fields.Monetary(string="Without stream", readonly=True)
    without_stream_count = fields.Integer(string="Accounts without stream", readonly=True)
    without_stream_accounts = fields.Char(string="Which accounts have no stream", readonly=True)
    elsewhere_count = fields.Integer(string="Accounts that differ", readonly=True)
    elsewhere_accounts = fields.Char(string="Which accounts differ", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT account.company_id::bigint * 10000 + RIGHT(account.fiscal_year, 4)::integer AS id,
                   account.company_id, account.currency_id, account.fiscal_year,
                   RIGHT(MAX(%(this_year)s), 4)::integer - RIGHT(account.fiscal_year, 4)::integer AS fiscal_year_age,
                   SUM(account.class_7) AS class_7,
                   SUM(account.streams) AS streams,
                   SUM(account.difference) AS difference,
                   CASE WHEN SUM(ABS(account.difference)) != 0 THEN 'differs'
                        WHEN bool_or(account.without_stream) THEN 'without_stream'
                        ELSE 'equal' END AS state,
                   COALESCE(SUM(account.streams) FILTER (WHERE account.without_stream), 0) AS without_stream_amount,
                   COUNT(*) FILTER (WHERE account.without_stream) AS without_stream_count,
                   string_agg(account.code || ' ' || account.name, ', ' ORDER BY account.code)
                       FILTER (WHERE account.without_stream) AS without_stream_accounts,
                   COUNT(*) FILTER (WHERE account.difference != 0) AS elsewhere_count,
                   string_agg(account.code || ' ' || account.name, ', ' ORDER BY account.code)
                       FILTER (WHERE account.difference != 0) AS elsewhere_accounts
              FROM (%(accounts)s) account
              JOIN res_company company ON company.id = account.company_id
        CROSS JOIN (SELECT %(today)s::date AS date) item
          GROUP BY account.company_id, account.currency_id, account.fiscal_year
            """,
            accounts=self.env["fabloch.revenue.control.account"]._table_query,
            this_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            today=fields.Date.context_today(self),
        )

    def action_open_accounts(self):
        """Open the accounts at fault of this fiscal year, or all of them when there are none."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.revenue_control_account_action")
        return action | {
            "name": self.env._("Control %s", self.fiscal_year),
            "domain": [("company_id", "=", self.company_id.id), ("fiscal_year", "=", self.fiscal_year)],
            "context": {"search_default_problem": self.state != "equal"},
        }
