from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.revenue_stream import KINDS

# What each source says of an expected amount; the report adds the rest.
COLUMNS = (
    "key",
    "res_model",
    "res_id",
    "due_date",
    "date",
    "company_id",
    "partner_id",
    "account_id",
    "amount",
    "label",
)
# More than there will ever be: the id of a row stays the same as long as what it stands for is expected.
MOST_SOURCES = 32


class ForecastReport(models.Model):
    """Revenue that is to come and isn't in the ledger yet: a row for each expected amount, counted once.

    An amount falls in the fiscal year of its date: the day on which it is billable or due, today when that day is past.
    Its stream is that of the account on which it will be posted; what will be posted elsewhere than on an income
    account is no revenue and isn't here. Amounts are untaxed, in the company's currency. A fiscal position that
    maps income accounts is not looked at.

    Another addon adds what it expects by an entry in `_sources` and a value in the selection `source`.
    """

    _name = "fabloch.forecast.report"
    _inherit = ["fabloch.fiscal.year.report"]
    _description = "Expected revenue"
    _auto = False
    _rec_name = "label"
    _order = "date, id"
    _depends = {
        "fabloch.charge": [
            "amount",
            "company_id",
            "currency_id",
            "date",
            "invoice_partner_id",
            "name",
            "product_id",
            "state",
        ],
        "account.move": ["auto_post", "date", "invoice_date", "move_type", "state"],
        "account.move.line": ["account_id", "balance", "company_id", "move_id", "name", "parent_state", "partner_id"],
        "account.account": ["account_type", "code_store", "company_ids", "fabloch_revenue_stream_id"],
        "fabloch.revenue.stream": ["account_prefixes", "active", "company_id", "kind", "sequence"],
        "ir.default": ["company_id", "condition", "field_id", "json_value", "user_id"],
        "product.category": ["property_account_income_categ_id"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "property_account_income_id"],
        "res.company": ["currency_id", "fiscalyear_last_day", "fiscalyear_last_month", "income_account_id"],
        "res.currency": ["rounding"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["commercial_partner_id"],
    }

    date = fields.Date(
        "Falls on", readonly=True, help="The day on which it is billable or due; today when that day is past."
    )
    due_date = fields.Date("Due since", readonly=True, help="As the charge, the instalment or the membership says.")
    is_late = fields.Boolean("Late", readonly=True, help="Its day is past.")
    source = fields.Selection(
        [
            ("charge", "Charge to invoice"),
            ("draft_invoice", "Draft invoice"),
            ("scheduled_entry", "Entry to be posted on its day"),
        ],
        readonly=True,
    )
    firm = fields.Boolean("Signed", readonly=True, help="Somebody owes it or promised it. Otherwise it is but likely.")
    stream_id = fields.Many2one("fabloch.revenue.stream", string="Revenue stream", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    label = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True, help="Untaxed, in the company's currency.")
    res_model = fields.Char("Document model", readonly=True, exportable=False)
    res_id = fields.Many2oneReference("Document", model_field="res_model", readonly=True, exportable=False)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    def action_open(self):
        """Open the charge, invoice, entry or other document from which this amount is expected."""
        self.ensure_one()
        if not self.env[self.res_model].browse(self.res_id).exists():
            raise UserError(self.env._("“%s” is not expected any more: reload the list.", self.label))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @property
    def _table_query(self):
        sources = self._sources()
        likely = self._likely_sources()
        columns = SQL(", ").join(SQL("each.%s", SQL.identifier(column)) for column in COLUMNS)
        expected = [
            SQL(
                "SELECT each.key::bigint * %s + %s AS id, %s AS source, %s AS firm, %s FROM (%s) each",
                MOST_SOURCES,
                number,
                name,
                name not in likely,
                columns,
                query,
            )
            for number, (name, query) in enumerate(sources.items())
        ]
        return SQL(
            """
            WITH account_stream AS MATERIALIZED (%(account_stream)s)
            SELECT item.id, item.source, item.firm, item.date, item.due_date,
                   item.due_date < %(today)s::date AS is_late,
                   %(fiscal_year)s AS fiscal_year, account_stream.stream_id, stream.kind, item.account_id,
                   COALESCE(partner.commercial_partner_id, item.partner_id) AS partner_id,
                   split_part(item.label, E'\\n', 1) AS label, item.amount, item.res_model, item.res_id,
                   item.company_id, company.currency_id
              FROM (%(expected)s) item
              JOIN res_company company ON company.id = item.company_id
         LEFT JOIN account_stream ON account_stream.account_id = item.account_id
                                 AND account_stream.company_id = item.company_id
         LEFT JOIN fabloch_revenue_stream stream ON stream.id = account_stream.stream_id
         LEFT JOIN res_partner partner ON partner.id = item.partner_id
             WHERE item.account_id IS NULL OR account_stream.account_id IS NOT NULL
            """,
            account_stream=self.env["fabloch.revenue.stream"]._account_stream_query(),
            today=self._today(),
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            expected=SQL(" UNION ALL ").join(expected),
        )

    @api.model
    def _today(self):
        return fields.Date.context_today(self)

    @api.model
    def _sources(self):
        """Give what is expected: {value of `source`: SQL of its rows}. Extend it with what you expect.

        A row is an amount that no other source has and that the ledger doesn't have yet. Its columns, in any order:
        `key` (an integer, unique in the source), `res_model` and `res_id` (what `action_open` opens), `due_date`,
        `date` (the day on which it will be in the ledger, as a rule the greatest of `due_date` and today),
        `company_id`, `partner_id`, `account_id` (where it will be posted; null when nobody knows yet), `amount`
        (untaxed, in the company's currency), `label`. Flush nothing: name the fields in `_depends`.
        """
        return {
            "charge": self._charge_source(),
            "draft_invoice": self._draft_source(
                SQL("move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')"),
                # Posting gives today's date to an invoice that has none.
                SQL("COALESCE(move.invoice_date, %s::date)", self._today()),
            ),
            "scheduled_entry": self._draft_source(
                SQL("move.move_type = 'entry' AND move.auto_post != 'no'"), SQL("move.date")
            ),
        }

    @api.model
    def _likely_sources(self):
        """Give the names of the sources that nobody has signed for: they count in the forecast, and are told apart."""
        return set()

    @api.model
    def _charge_source(self):
        """Charges that are on no invoice yet; those on a draft come with it."""
        date = SQL("GREATEST(charge.date, %s::date)", self._today())
        return SQL(
            """
            SELECT charge.id AS key, 'fabloch.charge' AS res_model, charge.id AS res_id,
                   charge.date AS due_date, %(date)s AS date, charge.company_id,
                   charge.invoice_partner_id AS partner_id, %(account)s AS account_id,
                   %(amount)s AS amount, charge.name AS label
              FROM fabloch_charge charge
              JOIN res_company company ON company.id = charge.company_id
             WHERE charge.state = 'to_invoice'
            """,
            date=date,
            account=self._income_account_sql(SQL("charge.product_id"), SQL("charge.company_id")),
            amount=self._in_company_currency_sql(SQL("charge.amount"), SQL("charge.currency_id"), date),
        )

    @api.model
    def _draft_source(self, which, date):
        """Items of the draft entries `which`, dated `date`; the report keeps those of income accounts."""
        return SQL(
            """
            SELECT line.id AS key, 'account.move' AS res_model, move.id AS res_id,
                   %(date)s AS due_date, %(date)s AS date, line.company_id, line.partner_id, line.account_id,
                   -line.balance AS amount, COALESCE(line.name, move.ref, move.name) AS label
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.parent_state = 'draft' AND line.account_id IS NOT NULL AND %(which)s
            """,
            date=date,
            which=which,
        )

    # -- Bricks for the sources ------------------------------------------------------------------------------------

    @api.model
    def _income_account_sql(self, product, company):
        """Give the SQL of the income account of a product, as an invoice of that company takes it.

        The product's own, else its category's, else the company's.

        :param SQL product: the product's id
        :param SQL company: the company's id
        """
        return SQL(
            """
            (SELECT COALESCE(%(of_template)s, %(of_category)s, seller.income_account_id)
               FROM product_product sold
               JOIN product_template template ON template.id = sold.product_tmpl_id
          LEFT JOIN product_category category ON category.id = template.categ_id
               JOIN res_company seller ON seller.id = %(company)s
              WHERE sold.id = %(product)s)
            """,
            of_template=self._account_property_sql("product.template", "template", "property_account_income_id"),
            of_category=self._account_property_sql("product.category", "category", "property_account_income_categ_id"),
            product=product,
            company=company,
        )

    @api.model
    def _account_property_sql(self, model, alias, name):
        """Give the SQL of a company-dependent account of the company `seller`, whichever it is; see `Field.to_sql`."""
        return SQL(
            """
            CASE WHEN %(column)s ? seller.id::text THEN (%(column)s->>seller.id::text)::integer
            ELSE (SELECT NULLIF(by_default.json_value, 'false')::integer
                    FROM ir_default by_default
                   WHERE by_default.field_id = %(field)s AND by_default.user_id IS NULL
                     AND by_default.condition IS NULL
                     AND (by_default.company_id IS NULL OR by_default.company_id = seller.id)
                ORDER BY by_default.company_id NULLS LAST, by_default.id
                   LIMIT 1) END
            """,
            column=SQL.identifier(alias, name),
            field=self.env["ir.model.fields"]._get_ids(model)[name],
        )

    @api.model
    def _in_company_currency_sql(self, amount, currency, date):
        """Give the SQL of `amount`, in the currency `currency`, in that of `company` at the rate of the day `date`."""

        def rate(currency):
            return SQL(
                """
                COALESCE((SELECT known.rate FROM res_currency_rate known
                           WHERE known.currency_id = %(currency)s
                             AND (known.company_id IS NULL
                                  OR known.company_id = split_part(company.parent_path, '/', 1)::integer)
                        ORDER BY known.name > %(date)s, known.company_id NULLS LAST,
                                 CASE WHEN known.name > %(date)s THEN known.name - %(date)s
                                      ELSE %(date)s - known.name END
                           LIMIT 1), 1.0)
                """,
                currency=currency,
                date=date,
            )

        return SQL(
            """
            CASE WHEN %(currency)s = company.currency_id THEN %(amount)s
            ELSE (SELECT ROUND(%(amount)s * %(to)s / %(of)s / own.rounding::numeric) * own.rounding::numeric
                    FROM res_currency own WHERE own.id = company.currency_id) END
            """,
            currency=currency,
            amount=amount,
            to=rate(SQL("company.currency_id")),
            of=rate(currency),
        )
