from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.fabloch_finance.report.revenue_report import MONTHS


class MachineCostItem(models.Model):
    """What the machines cost, item by item, from the posted journal items of expense accounts.

    Two kinds of rows: what is put on a machine, by the analytic items that Odoo makes of an analytic distribution, to
    the cent; and what remains of each item whose account has a kind of cost, not put on any machine. Both together are
    the ledger's balance of these accounts. Analytic items that no journal item has made are not in the ledger, and not
    here.
    """

    _name = "fabloch.machine.cost"
    _description = "Machine cost"
    _auto = False
    _rec_name = "label"
    _order = "date desc, id desc"
    _depends = {
        "account.analytic.line": ["amount", "move_line_id"],
        "account.move.line": ["account_id", "balance", "company_id", "date", "move_id", "name", "parent_state"],
        "account.account": ["account_type", "code_store", "company_ids"],
        "fabloch.cost.kind": ["account_prefixes", "active", "behaviour", "code", "company_id", "sequence"],
        "fabloch.machine": ["analytic_account_id", "category_id", "company_id", "workshop_id"],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month", "parent_path"],
    }

    date = fields.Date(readonly=True)
    fiscal_year = fields.Char(readonly=True, help="The year in which it ends, after the one in which it begins.")
    month = fields.Selection(MONTHS, readonly=True)
    machine_id = fields.Many2one("fabloch.machine", readonly=True, help="Empty: not put on any machine.")
    category_id = fields.Many2one("fabloch.machine.category", readonly=True)
    workshop_id = fields.Many2one("fabloch.machine", "Stands in", readonly=True)
    kind_id = fields.Many2one(
        "fabloch.cost.kind", "Kind of cost", readonly=True, help="Of the account; empty when it has none."
    )
    behaviour = fields.Selection([("fixed", "Fixed"), ("variable", "With the hours")], readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    amount = fields.Monetary(readonly=True, help="Debit less credit, in the company's currency.")
    label = fields.Char(readonly=True)
    move_id = fields.Many2one("account.move", string="Journal entry", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        # The ids of the two kinds of rows leave 0 and 1 when divided by 2.
        return SQL(
            """
            WITH account_kind AS MATERIALIZED (%(kinds)s),
            put AS MATERIALIZED (
                SELECT line.id, line.move_line_id, machine.id AS machine_id, -line.amount AS amount
                  FROM account_analytic_line line
                  JOIN account_move_line item ON item.id = line.move_line_id
                  JOIN account_kind ON account_kind.account_id = item.account_id
                                   AND account_kind.company_id = item.company_id
                  JOIN fabloch_machine machine ON machine.analytic_account_id = %(column)s
                  JOIN res_company company ON company.id = item.company_id
                  JOIN res_company owner ON owner.id = machine.company_id
                 WHERE item.parent_state = 'posted'
                   AND split_part(company.parent_path, '/', 1) = split_part(owner.parent_path, '/', 1)
            )
            SELECT cost.id, item.date, %(fiscal_year)s AS fiscal_year, to_char(item.date, 'MM') AS month,
                   cost.machine_id, machine.category_id, machine.workshop_id,
                   account_kind.owner_id AS kind_id, COALESCE(kind.behaviour, 'fixed') AS behaviour,
                   item.account_id, cost.amount, item.name AS label, item.move_id,
                   COALESCE(machine.company_id, item.company_id) AS company_id,
                   item.company_currency_id AS currency_id
              FROM (
                       SELECT put.id::bigint * 2 AS id, put.move_line_id, put.machine_id, put.amount FROM put
                    UNION ALL
                       SELECT item.id::bigint * 2 + 1, item.id, NULL::integer, item.balance - COALESCE(put.amount, 0)
                         FROM account_move_line item
                         JOIN account_kind ON account_kind.account_id = item.account_id
                                          AND account_kind.company_id = item.company_id
                    LEFT JOIN (
                                  SELECT move_line_id, SUM(amount) AS amount FROM put GROUP BY move_line_id
                              ) put ON put.move_line_id = item.id
                        WHERE item.parent_state = 'posted'
                          AND account_kind.owner_id IS NOT NULL
                          AND item.balance != COALESCE(put.amount, 0)
                   ) cost
              JOIN account_move_line item ON item.id = cost.move_line_id
              JOIN res_company company ON company.id = item.company_id
              JOIN account_kind ON account_kind.account_id = item.account_id
                               AND account_kind.company_id = item.company_id
         LEFT JOIN fabloch_cost_kind kind ON kind.id = account_kind.owner_id
         LEFT JOIN fabloch_machine machine ON machine.id = cost.machine_id
            """,
            kinds=self.env["fabloch.cost.kind"]._account_kind_query(),
            column=self.env["fabloch.machine"]._cost_column(),
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
        )
