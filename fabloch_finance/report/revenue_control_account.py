from odoo import api, fields, models
from odoo.tools import SQL


class RevenueControlAccount(models.Model):
    """What the control of the revenue compares: each account of a fiscal year, in the ledger and in the streams.

    The ledger's side is a sum of its own over the journal items, by the beginning of the accounts' codes: it shares
    neither the tables nor the conditions of `fabloch.revenue.report`, which goes by the accounts' types.
    """

    _name = "fabloch.revenue.control.account"
    _description = "Control of the revenue by account"
    _auto = False
    _rec_name = "account_id"
    _order = "fiscal_year desc, company_id, code"
    _depends = {
        "account.move.line": ["account_id", "company_id", "credit", "date", "debit", "parent_state"],
        "account.account": ["code_store", "name"],
        "fabloch.revenue.report": ["account_id", "amount", "company_id", "fiscal_year", "stream_id"],
        "res.company": ["fabloch_income_prefix", "fiscalyear_last_day", "fiscalyear_last_month"],
    }

    fiscal_year = fields.Char(readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    code = fields.Char(readonly=True)
    stream_id = fields.Many2one("fabloch.revenue.stream", string="Revenue stream", readonly=True)
    class_7 = fields.Monetary(
        string="In the ledger", readonly=True, help="Credit less debit of the posted items, by the account's code."
    )
    streams = fields.Monetary(string="In the streams", readonly=True)
    difference = fields.Monetary(readonly=True, help="In the ledger, less in the streams.")
    problem = fields.Selection(
        [
            ("without_stream", "In no stream: set a prefix or put the account in a stream"),
            ("not_income", "Class of income, but the account's type is not income: in no sum by stream"),
            ("not_class_7", "In the streams, but the code is not of the class of income"),
            ("differs", "The amounts differ"),
        ],
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT (compared.company_id::bigint * 10000 + RIGHT(compared.fiscal_year, 4)::integer) * 1000000
                       + compared.account_id AS id,
                   company.currency_id,
                   compared.*
              FROM (%s) compared
              JOIN res_company company ON company.id = compared.company_id
            """,
            self._compared_query(by_year=True),
        )

    @api.model
    def _compared_query(self, by_year, condition=None):
        """Give the SQL of the comparison, a row for each company, fiscal year and account.

        :param bool by_year: cut by fiscal year; otherwise `fiscal_year` is null
        :param SQL condition: on `item.date` and `item.company_id`; everything when empty
        """
        Report = self.env["fabloch.revenue.report"]
        condition = condition or SQL("TRUE")
        return SQL(
            """
            WITH class_7 AS MATERIALIZED (
                SELECT account.id AS account_id, company.id AS company_id
                  FROM account_account account
            CROSS JOIN res_company company
                 WHERE EXISTS (
                           SELECT FROM regexp_split_to_table(company.fabloch_income_prefix, '[,;[:space:]]+') AS prefix
                            WHERE prefix != ''
                              AND starts_with(account.code_store->>split_part(company.parent_path, '/', 1), prefix)
                       )
            ), side AS (
                SELECT item.company_id, %(ledger_year)s AS fiscal_year, item.account_id,
                       SUM(item.credit - item.debit) AS class_7, 0 AS streams, NULL::integer AS stream_id,
                       TRUE AS in_ledger, FALSE AS in_streams
                  FROM account_move_line item
                  JOIN class_7 ON class_7.account_id = item.account_id AND class_7.company_id = item.company_id
                  JOIN res_company company ON company.id = item.company_id
                 WHERE item.parent_state = 'posted' AND %(condition)s
              GROUP BY 1, 2, 3
             UNION ALL
                SELECT item.company_id, %(report_year)s, item.account_id, 0, SUM(item.amount), item.stream_id, FALSE, TRUE
                  FROM (%(report)s) item
                 WHERE %(condition)s
              GROUP BY 1, 2, 3, item.stream_id
            ), compared AS (
                SELECT company_id, fiscal_year, account_id,
                       SUM(class_7) AS class_7, SUM(streams) AS streams, MAX(stream_id) AS stream_id,
                       bool_or(in_ledger) AS in_ledger, bool_or(in_streams) AS in_streams
                  FROM side
              GROUP BY company_id, fiscal_year, account_id
            )
            SELECT compared.company_id, compared.fiscal_year, compared.account_id, compared.stream_id,
                   account.code_store->>split_part(company.parent_path, '/', 1) AS code,
                   COALESCE(account.name->>%(lang)s, account.name->>'en_US') AS name,
                   compared.class_7, compared.streams, compared.class_7 - compared.streams AS difference,
                   CASE WHEN compared.class_7 != compared.streams AND NOT compared.in_streams THEN 'not_income'
                        WHEN compared.class_7 != compared.streams AND NOT compared.in_ledger THEN 'not_class_7'
                        WHEN compared.class_7 != compared.streams THEN 'differs'
                        WHEN compared.in_streams AND compared.stream_id IS NULL THEN 'without_stream'
                    END AS problem,
                   compared.in_streams AND compared.stream_id IS NULL AS without_stream
              FROM compared
              JOIN account_account account ON account.id = compared.account_id
              JOIN res_company company ON company.id = compared.company_id
            """,
            lang=self.env.lang or "en_US",
            ledger_year=Report._fiscal_year_expression() if by_year else SQL("NULL::text"),
            report_year=SQL("item.fiscal_year") if by_year else SQL("NULL::text"),
            report=Report._table_query,
            condition=condition,
        )

    def action_open_account(self):
        """Open the account, where its type and its stream are set."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }
