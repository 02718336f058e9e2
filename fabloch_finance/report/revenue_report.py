from odoo import api, fields, models
from odoo.tools import SQL

from ..models.revenue_stream import KINDS

MONTHS = [
    ("01", "January"),
    ("02", "February"),
    ("03", "March"),
    ("04", "April"),
    ("05", "May"),
    ("06", "June"),
    ("07", "July"),
    ("08", "August"),
    ("09", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class RevenueReport(models.Model):
    """Revenue by stream: the posted journal items of income accounts, one row each, straight from the ledger.

    Another addon adds a column by a field of its name here, an entry in `_select_columns` and, where it needs one, a
    join in `_from_tables`.
    """

    _name = "fabloch.revenue.report"
    _inherit = ["fabloch.fiscal.year.report"]
    _description = "Revenue by stream"
    _auto = False
    _rec_name = "label"
    _order = "date desc, id desc"
    _depends = {
        "account.move.line": [
            "account_id",
            "balance",
            "company_id",
            "date",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
        ],
        "account.account": ["account_type", "code_store", "company_ids", "fabloch_revenue_stream_id"],
        "fabloch.revenue.stream": ["account_prefixes", "active", "company_id", "kind", "self_financing", "sequence"],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month"],
        "res.partner": ["commercial_partner_id"],
    }

    date = fields.Date(readonly=True)
    month = fields.Selection(MONTHS, readonly=True)
    stream_id = fields.Many2one("fabloch.revenue.stream", string="Revenue stream", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    self_financing = fields.Boolean(string="Self-financing", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    amount = fields.Monetary(readonly=True, help="Credit less debit, in the company's currency.")
    label = fields.Char(readonly=True)
    move_id = fields.Many2one("account.move", string="Journal entry", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            "WITH account_stream AS MATERIALIZED (%s) SELECT %s FROM %s WHERE %s",
            self.env["fabloch.revenue.stream"]._account_stream_query(),
            SQL(", ").join(
                SQL("%s AS %s", expression, SQL.identifier(column))
                for column, expression in self._select_columns().items()
            ),
            SQL("\n").join(self._from_tables()),
            self._where_clause(),
        )

    @api.model
    def _select_columns(self):
        """Give the columns of the report: {field: SQL}. Extend it with the column of a field that you add."""
        return {
            "id": SQL("item.id"),
            "date": SQL("item.date"),
            "fiscal_year": self._fiscal_year_expression(),
            "month": SQL("to_char(item.date, 'MM')"),
            "stream_id": SQL("account_stream.stream_id"),
            "kind": SQL("stream.kind"),
            "self_financing": SQL("COALESCE(stream.self_financing, FALSE)"),
            "account_id": SQL("item.account_id"),
            "partner_id": SQL("COALESCE(partner.commercial_partner_id, item.partner_id)"),
            "amount": SQL("-item.balance"),
            "label": SQL("item.name"),
            "move_id": SQL("item.move_id"),
            "company_id": SQL("item.company_id"),
            "currency_id": SQL("item.company_currency_id"),
        }

    @api.model
    def _from_tables(self):
        """Give the tables of the report and their joins, a list of SQL: outer joins by a unique key lose no item."""
        return [
            SQL("account_move_line item"),
            SQL(
                "JOIN account_stream ON account_stream.account_id = item.account_id"
                " AND account_stream.company_id = item.company_id"
            ),
            SQL("JOIN res_company company ON company.id = item.company_id"),
            SQL("LEFT JOIN fabloch_revenue_stream stream ON stream.id = account_stream.stream_id"),
            SQL("LEFT JOIN res_partner partner ON partner.id = item.partner_id"),
        ]

    @api.model
    def _where_clause(self):
        """Give the condition on the items: the posted ones."""
        return SQL("item.parent_state = 'posted'")

    @api.model
    def _fiscal_year_expression(self):
        """Give the SQL of an item's fiscal year: "2025", or "2024-2025" where it does not end with the year.

        A year that ends on 28 February also ends on the 29th, as Odoo has it.
        """
        end_month = SQL("company.fiscalyear_last_month::integer")
        end_day = SQL(
            "CASE WHEN company.fiscalyear_last_month = '2' AND company.fiscalyear_last_day >= 28"
            " THEN 29 ELSE company.fiscalyear_last_day END"
        )
        end_year = SQL(
            "(EXTRACT(YEAR FROM item.date)::integer + CASE WHEN (EXTRACT(MONTH FROM item.date),"
            " EXTRACT(DAY FROM item.date)) > (%s, %s) THEN 1 ELSE 0 END)",
            end_month,
            end_day,
        )
        return SQL(
            "CASE WHEN company.fiscalyear_last_month = '12' AND company.fiscalyear_last_day = 31"
            " THEN to_char(item.date, 'YYYY') ELSE (%(year)s - 1)::text || '-' || %(year)s::text END",
            year=end_year,
        )

    @api.model
    def _fiscal_year_end_expression(self, year, month, day):
        """Give the SQL of the last day of the fiscal year that ends in a year, of a company that ends it on that day.

        The last day of a month that is shorter, and of February whether it has 28 days or 29, as Odoo has it.

        :param SQL year, month, day: whole numbers
        """
        return SQL(
            """
            CASE WHEN %(month)s = 2 AND %(day)s >= 28
                 THEN (make_date(%(year)s, %(month)s, 1) + interval '1 month - 1 day')::date
                 ELSE LEAST((make_date(%(year)s, %(month)s, 1) + interval '1 month - 1 day')::date,
                            make_date(%(year)s, %(month)s, 1) + %(day)s - 1) END
            """,
            year=year,
            month=month,
            day=day,
        )
