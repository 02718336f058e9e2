from odoo import api, fields, models
from odoo.tools import SQL

from ..models.revenue_stream import KINDS

# Accounts on which an entry waits to be paid, or is paid.
SETTLEMENT_TYPES = ("asset_receivable", "liability_payable", "asset_cash")
# Journals of money: what they match with an invoice is its payment; a credit note or a write-off isn't.
MONEY_JOURNALS = ("bank", "cash", "credit")


class CollectedReport(models.Model):
    """Receipts collected: what came in, without tax, on the day of its payment, one row an income item and a payment.

    - An invoice (or a receipt, or any entry on a customer's account) counts by the share of it that each payment
      matches, on the date of that payment, rounded so that the whole of its payments is the whole of each line to the
      cent. What a credit note or a write-off settles was never collected.
    - A credit note counts below zero when it is paid back.
    - An entry of a bank or cash journal counts whole on its date, gross of what the bank keeps.
    - Any other entry that waits on no customer's account, such as a grant notified to account 441, counts on its date.
    """

    _name = "fabloch.collected.report"
    _description = "Receipts collected"
    _auto = False
    _rec_name = "label"
    _order = "date desc, id desc"
    _depends = {
        "account.move.line": [
            "account_id",
            "balance",
            "company_id",
            "date",
            "journal_id",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
        ],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id"],
        "account.account": ["account_type", "code_store", "company_ids", "fabloch_revenue_stream_id"],
        "account.journal": ["type"],
        "fabloch.revenue.stream": [
            "account_prefixes",
            "active",
            "company_id",
            "kind",
            "lucrative",
            "sale_of_goods",
            "sequence",
        ],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month"],
        "res.partner": ["is_company"],
    }

    date = fields.Date(string="Collected on", readonly=True)
    sale_date = fields.Date(string="Invoiced on", readonly=True)
    fiscal_year = fields.Char(readonly=True)
    calendar_year = fields.Char(readonly=True)
    stream_id = fields.Many2one("fabloch.revenue.stream", string="Revenue stream", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    lucrative = fields.Boolean(readonly=True)
    sale_of_goods = fields.Boolean(string="Sale of goods", readonly=True)
    from_member = fields.Boolean(
        string="From a member",
        readonly=True,
        help="A natural person whose membership was running on the day of the invoice.",
    )
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    amount = fields.Monetary(readonly=True, help="Without tax, in the company's currency; below zero when paid back.")
    label = fields.Char(readonly=True)
    move_id = fields.Many2one("account.move", string="Journal entry", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH account_stream AS MATERIALIZED (%(account_stream)s),
            income AS MATERIALIZED (
                SELECT line.id, line.move_id, line.date, line.account_id, line.partner_id, line.name, line.balance,
                       line.company_id, line.company_currency_id, account_stream.stream_id
                  FROM account_move_line line
                  JOIN account_stream ON account_stream.account_id = line.account_id
                                     AND account_stream.company_id = line.company_id
                 WHERE line.parent_state = 'posted'
            ),
            settlement AS MATERIALIZED (%(settlement)s),
            payment AS MATERIALIZED (%(payment)s),
            collected AS (
                SELECT income.*, income.date AS collected_on, 0 AS match_id, -income.balance AS amount
                  FROM income
                 WHERE income.move_id NOT IN (SELECT move_id FROM settlement WHERE total != 0)
             UNION ALL
                SELECT income.*, payment.date AS collected_on, payment.id AS match_id,
                       ROUND(-income.balance * payment.until_then / payment.total, currency.decimal_places)
                       - ROUND(
                           -income.balance * (payment.until_then - payment.amount) / payment.total,
                           currency.decimal_places
                       ) AS amount
                  FROM income
                  JOIN payment ON payment.move_id = income.move_id AND payment.is_money
                  JOIN res_currency currency ON currency.id = income.company_currency_id
            ),
            item AS (
                SELECT ROW_NUMBER() OVER (ORDER BY id, match_id, collected_on) AS id,
                       collected_on AS date, date AS sale_date, stream_id, account_id, partner_id, amount,
                       name AS label, move_id, company_id, company_currency_id AS currency_id
                  FROM collected
            )
            SELECT item.*,
                   %(fiscal_year)s AS fiscal_year,
                   to_char(item.date, 'YYYY') AS calendar_year,
                   stream.kind,
                   COALESCE(stream.lucrative, FALSE) AS lucrative,
                   COALESCE(stream.sale_of_goods, FALSE) AS sale_of_goods,
                   COALESCE(partner.is_company, TRUE) IS FALSE AND %(from_member)s AS from_member
              FROM item
              JOIN res_company company ON company.id = item.company_id
         LEFT JOIN fabloch_revenue_stream stream ON stream.id = item.stream_id
         LEFT JOIN res_partner partner ON partner.id = item.partner_id
            """,
            account_stream=self.env["fabloch.revenue.stream"]._account_stream_query(),
            settlement=self._settlement_query(),
            payment=self._payment_query(),
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            from_member=self._member_condition(),
        )

    @api.model
    def _settlement_query(self):
        """Give the SQL of the entries that are collected as they are paid: move_id, and `total`, what is to be paid."""
        return SQL(
            """
            SELECT line.move_id, SUM(line.balance) AS total
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_journal journal ON journal.id = line.journal_id
             WHERE line.move_id IN (SELECT move_id FROM income)
               AND account.account_type IN %s
               AND journal.type NOT IN %s
          GROUP BY line.move_id
            """,
            SETTLEMENT_TYPES,
            MONEY_JOURNALS,
        )

    @api.model
    def _payment_query(self):
        """Give the SQL of what settles these entries, in the order of its dates.

        Columns: move_id, id (of the match, 0 for money in the entry itself), date, amount, total, until_then (all that
        was settled with this one), is_money (False: a credit note, a write-off…).
        """
        return SQL(
            """
            SELECT settled.*, settlement.total,
                   SUM(settled.amount) OVER (
                       PARTITION BY settled.move_id ORDER BY settled.date, settled.id, settled.line_id
                       ROWS UNBOUNDED PRECEDING
                   ) AS until_then
              FROM (
                       SELECT line.move_id, line.id AS line_id, 0 AS id, line.date, line.balance AS amount,
                              TRUE AS is_money
                         FROM account_move_line line
                         JOIN account_account account ON account.id = line.account_id
                        WHERE account.account_type = 'asset_cash'
                    UNION ALL
                       SELECT line.move_id, line.id, partial.id, other.date, partial.amount, journal.type IN %(money)s
                         FROM account_partial_reconcile partial
                         JOIN account_move_line line ON line.id = partial.debit_move_id
                         JOIN account_move_line other ON other.id = partial.credit_move_id
                         JOIN account_journal journal ON journal.id = other.journal_id
                         JOIN account_account account ON account.id = line.account_id
                        WHERE account.account_type IN %(types)s
                    UNION ALL
                       SELECT line.move_id, line.id, partial.id, other.date, -partial.amount, journal.type IN %(money)s
                         FROM account_partial_reconcile partial
                         JOIN account_move_line line ON line.id = partial.credit_move_id
                         JOIN account_move_line other ON other.id = partial.debit_move_id
                         JOIN account_journal journal ON journal.id = other.journal_id
                         JOIN account_account account ON account.id = line.account_id
                        WHERE account.account_type IN %(types)s
                   ) settled
              JOIN settlement ON settlement.move_id = settled.move_id AND settlement.total != 0
            """,
            money=MONEY_JOURNALS,
            types=SETTLEMENT_TYPES[:2],
        )

    @api.model
    def _member_condition(self):
        """Give the SQL that tells whether `partner` was a member on `item.sale_date`, of the company `item.company_id`.

        Nobody is, here: an addon that knows memberships extends it. Bodies are left out already.
        """
        return SQL("FALSE")
