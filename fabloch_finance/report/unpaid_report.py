from odoo import fields, models
from odoo.tools import SQL

# The keys sort in the order in which a person reads them.
AGES = [
    ("0", "Not due"),
    ("1_30", "1 to 30 days"),
    ("31_60", "31 to 60 days"),
    ("61_90", "61 to 90 days"),
    ("91", "More than 90 days"),
    ("credit", "To allocate"),
]
# The key of an age, of the column `days_late`.
AGE_OF_DAYS_LATE = SQL(
    "CASE WHEN days_late = 0 THEN '0' WHEN days_late <= 30 THEN '1_30' WHEN days_late <= 60 THEN '31_60'"
    " WHEN days_late <= 90 THEN '61_90' ELSE '91' END"
)
KINDS = [
    ("invoice", "Invoice"),
    ("entry", "Other debt"),
    ("refund", "Credit note"),
    ("payment", "Payment on account"),
]
STATUSES = [
    ("not_due", "Not due"),
    ("waiting", "Not yet"),
    ("to_remind", "To remind"),
    ("credit", "Allocate first"),
    ("today", "Reminded today"),
    ("paused", "Paused"),
    ("done", "Reminded three times"),
]
LAST_LEVEL = 3


class UnpaidReport(models.Model):
    """What payers owe, and what waits on their accounts to be matched: the open items of the trade receivable accounts.

    One row an instalment of an invoice (its age runs from its own due date), another debt (an opening balance, a cheque
    that bounced: nobody is reminded of those), a credit note or a payment that isn't allocated, the last two with a
    negative amount: the total is what the ledger says. Ages and statuses are those of the day
    on which they are read; nothing is stored. A payment that is registered, posted or not, takes its invoice away.

    What an upper addon follows elsewhere, it leaves out by `_unpaid_condition`.
    """

    _name = "fabloch.unpaid.report"
    _description = "Unpaid invoices"
    _auto = False
    _rec_name = "move_id"
    _order = "date_due, id"
    _depends = {
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "currency_id",
            "date_maturity",
            "move_id",
            "no_followup",
            "parent_state",
            "partner_id",
            "reconciled",
        ],
        "account.move": [
            "date",
            "fabloch_remind_pause",
            "fabloch_remind_paused_until",
            "invoice_date",
            "invoice_date_due",
            "move_type",
            "partner_id",
            "payment_state",
        ],
        "account.account": ["account_type", "non_trade"],
        "res.company": ["currency_id", "fabloch_remind_days_1", "fabloch_remind_days_2", "fabloch_remind_days_3"],
        "res.partner": ["commercial_partner_id", "fabloch_remind_pause", "fabloch_remind_paused_until"],
        "fabloch.payment.reminder": ["date", "level", "move_id"],
    }

    kind = fields.Selection(KINDS, readonly=True)
    move_id = fields.Many2one("account.move", "Document", readonly=True)
    partner_id = fields.Many2one("res.partner", "Payer", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Payer's house", readonly=True)
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    date = fields.Date(readonly=True)
    date_due = fields.Date("Due on", readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="max", help="Days since the due date; 0 before it.")
    age = fields.Selection(AGES, readonly=True)
    amount = fields.Monetary("Left to pay", readonly=True, help="In the company's currency; negative: to allocate.")
    document_amount = fields.Monetary(
        "In its currency", readonly=True, currency_field="document_currency_id", aggregator=None
    )
    document_currency_id = fields.Many2one("res.currency", readonly=True)
    payer_credit = fields.Monetary(
        "To allocate",
        readonly=True,
        aggregator=None,
        help="Credit notes and payments of this payer that no invoice was matched with. Nobody is reminded meanwhile.",
    )
    level = fields.Integer("Reminders", readonly=True, aggregator="max", help="The last reminder: 1, 2 or 3.")
    last_reminder = fields.Date(readonly=True, aggregator="max")
    remind_on = fields.Date("Next reminder", readonly=True, help="The first day on which the next one can go.")
    status = fields.Selection(STATUSES, "Reminder", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT known.*,
                   CASE WHEN amount < 0 THEN 'credit' ELSE %(age)s END AS age,
                   CASE WHEN kind != 'invoice' THEN NULL
                        WHEN days_late = 0 THEN 'not_due'
                        WHEN paused THEN 'paused'
                        WHEN last_reminder >= %(today)s THEN 'today'
                        WHEN level >= %(last_level)s THEN 'done'
                        WHEN remind_on > %(today)s THEN 'waiting'
                        WHEN payer_credit > 0 THEN 'credit'
                        ELSE 'to_remind' END AS status
              FROM (
                       SELECT open.*,
                              CASE WHEN open.amount > 0
                                   THEN GREATEST(%(today)s - open.date_due, 0) ELSE 0 END AS days_late,
                              CASE WHEN open.commercial_partner_id IS NULL THEN 0
                                   ELSE COALESCE(-SUM(open.amount) FILTER (WHERE open.amount < 0) OVER payer, 0)
                                    END AS payer_credit,
                              COALESCE(reminded.level, 0) AS level,
                              reminded.date AS last_reminder,
                              CASE WHEN open.kind != 'invoice' OR reminded.level >= %(last_level)s THEN NULL
                                   WHEN reminded.level IS NULL THEN open.date_due + company.fabloch_remind_days_1
                                   WHEN reminded.level = 1 THEN reminded.date + company.fabloch_remind_days_2
                                   ELSE reminded.date + company.fabloch_remind_days_3 END AS remind_on
                         FROM (%(open_items)s) open
                         JOIN res_company company ON company.id = open.company_id
                    LEFT JOIN LATERAL (
                                  SELECT MAX(reminder.level) FILTER (WHERE reminder.date > open.date_due) AS level,
                                         MAX(reminder.date) AS date
                                    FROM fabloch_payment_reminder reminder
                                   WHERE reminder.move_id = open.move_id
                              ) reminded ON TRUE
                       WINDOW payer AS (PARTITION BY open.company_id, open.commercial_partner_id)
                   ) known
            """,
            age=AGE_OF_DAYS_LATE,
            today=fields.Date.context_today(self),
            last_level=LAST_LEVEL,
            open_items=self._open_items_query(),
        )

    def _open_items_query(self):
        """Give the query of the open items, one row each: what is owed and what waits to be allocated."""
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT item.id,
                   item.company_id,
                   item.company_currency_id AS currency_id,
                   item.move_id,
                   payer.id AS partner_id,
                   payer.commercial_partner_id,
                   CASE WHEN item.amount_residual > 0
                        THEN CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice' ELSE 'entry' END
                        WHEN move.move_type = 'out_refund' THEN 'refund'
                        ELSE 'payment' END AS kind,
                   COALESCE(move.invoice_date, move.date) AS date,
                   COALESCE(item.date_maturity, move.invoice_date_due, move.date) AS date_due,
                   item.amount_residual AS amount,
                   item.amount_residual_currency AS document_amount,
                   item.currency_id AS document_currency_id,
                   (move.payment_state = 'blocked'
                    OR item.no_followup IS TRUE
                    OR %(move_paused)s OR %(payer_paused)s OR %(house_paused)s) AS paused
              FROM account_move_line item
              JOIN account_account account
                ON account.id = item.account_id
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
              JOIN account_move move ON move.id = item.move_id
         LEFT JOIN res_partner payer ON payer.id = COALESCE(move.partner_id, item.partner_id)
         LEFT JOIN res_partner house ON house.id = payer.commercial_partner_id
             WHERE item.parent_state = 'posted'
               AND item.reconciled IS NOT TRUE
               AND (item.amount_residual < 0
                    OR (item.amount_residual > 0
                        AND (move.move_type NOT IN ('out_invoice', 'out_receipt')
                             OR move.payment_state NOT IN ('in_payment', 'paid', 'reversed'))))
               AND %(condition)s
            """,
            move_paused=self._paused_condition("move", today),
            payer_paused=self._paused_condition("payer", today),
            house_paused=self._paused_condition("house", today),
            condition=self._unpaid_condition(),
        )

    def _paused_condition(self, alias, today):
        return SQL(
            "(%(reason)s IS NOT NULL AND (%(until)s IS NULL OR %(until)s >= %(today)s))",
            reason=SQL.identifier(alias, "fabloch_remind_pause"),
            until=SQL.identifier(alias, "fabloch_remind_paused_until"),
            today=today,
        )

    def _unpaid_condition(self):
        """Give the SQL condition on `item`, `move` and `payer` of what stands here. Extend it to leave others out."""
        return SQL("TRUE")

    # -- Actions ---------------------------------------------------------------------------------------------------

    def action_open_move(self):
        """Open the document of this row; its payer for those who may not read invoices."""
        self.ensure_one()
        return (self.move_id if self.move_id.has_access("read") else self.partner_id).get_formview_action()

    def action_remind(self):
        """Remind the payers of these rows at once, and tell who was reminded and who wasn't."""
        return self.env["fabloch.payment.reminder"]._remind_and_tell(self.move_id)

    def action_preview_reminders(self):
        """Open the preview of the reminders to the payers of these rows; of none, to all whose turn it is."""
        rows = self or self.search(
            [("company_id", "in", self.env.companies.ids), ("status", "in", ("to_remind", "credit"))]
        )
        return self.env["fabloch.payment.remind"]._open(rows.move_id)
