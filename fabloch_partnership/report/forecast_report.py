from odoo import api, fields, models
from odoo.tools import SQL


class ForecastReport(models.Model):
    _inherit = "fabloch.forecast.report"
    _depends = {
        "account.move": ["state"],
        "fabloch.allowance": [
            "billed_until",
            "company_id",
            "convention_id",
            "date_to",
            "invoice_price",
            "invoice_product_id",
            "invoicing",
            "name",
            "period",
            "unit",
        ],
        "fabloch.allowance.use": ["allowance_id", "billed_charge_id", "date", "quantity"],
        "fabloch.convention": ["agreed_end", "date_start", "grant_account_id", "last_day", "partner_id", "state"],
        "fabloch.convention.instalment": [
            "amount",
            "cancelled",
            "company_id",
            "convention_id",
            "date",
            "kind",
            "move_id",
            "name",
            "partner_id",
            "period_end",
            "period_start",
        ],
        "fabloch.donation": [
            "amount",
            "company_id",
            "date",
            "donor_kind",
            "move_id",
            "name",
            "nature",
            "origin",
            "state",
        ],
        "res.company": [
            "gift_company_account_id",
            "gift_individual_account_id",
            "gift_waived_account_id",
            "grant_income_account_id",
        ],
    }

    source = fields.Selection(
        selection_add=[
            ("subsidy", "Subsidy expected"),
            ("gift", "Gift promised"),
            ("envelope", "Use of an envelope"),
        ]
    )

    @api.model
    def _sources(self):
        return {
            **super()._sources(),
            "subsidy": self._subsidy_source(),
            "gift": self._gift_source(),
            "envelope": self._envelope_source(),
        }

    @api.model
    def _subsidy_source(self):
        """Subsidies of signed conventions that aren't notified yet: each fiscal year's share, as the notification will
        post it (see `_shares_of_years`), on the day of the instalment and on the first day of each later year.

        Of the other instalments, invoices are charges, gifts are promised gifts, and bills are no revenue.
        """
        return SQL(
            """
            WITH waiting AS (
                SELECT instalment.*, GREATEST(instalment.date, %(today)s::date) AS day,
                       COALESCE(convention.grant_account_id, company.grant_income_account_id) AS account_id,
                       COALESCE(instalment.period_start, convention.date_start) AS first,
                       GREATEST(COALESCE(instalment.period_start, convention.date_start),
                                COALESCE(instalment.period_end, convention.agreed_end)) AS last,
                       company.fiscalyear_last_month::integer AS month, company.fiscalyear_last_day AS month_day,
                       currency.rounding, ROUND(instalment.amount / currency.rounding::numeric)::bigint AS units
                  FROM fabloch_convention_instalment instalment
                  JOIN fabloch_convention convention ON convention.id = instalment.convention_id
                  JOIN res_company company ON company.id = instalment.company_id
                  JOIN res_currency currency ON currency.id = company.currency_id
                 WHERE instalment.kind = 'subsidy' AND instalment.cancelled IS NOT TRUE
                   AND %(state)s = 'expected'
            ), year_end AS (
                SELECT waiting.*, number, %(date_to)s AS date_to
                  FROM waiting
            CROSS JOIN generate_series(EXTRACT(YEAR FROM day)::integer - 1,
                                       EXTRACT(YEAR FROM GREATEST(day, last))::integer + 1) number
            ), year AS (
                SELECT year_end.*, LAG(date_to) OVER (PARTITION BY id ORDER BY number) + 1 AS date_from
                  FROM year_end
            ), share AS (
                -- The year of the notification takes all that came before it.
                SELECT year.*, GREATEST(0, LEAST(last, date_to) + 1
                           - CASE WHEN day >= date_from THEN first ELSE GREATEST(first, date_from) END) AS days
                  FROM year
                 WHERE date_to >= day AND (day >= date_from OR date_from <= last)
            ), floored AS (
                SELECT share.*, units * days / SUM(days) OVER shares AS part,
                       MOD(units * days, SUM(days) OVER shares) AS rest
                  FROM share
                WINDOW shares AS (PARTITION BY id)
            ), rounded AS (
                -- What rounding leaves goes to the largest remainders, the first ones when they are equal.
                SELECT floored.*, FLOOR(part) + CASE
                           WHEN row_number() OVER (PARTITION BY id ORDER BY rest DESC, number)
                             <= units - SUM(FLOOR(part)) OVER (PARTITION BY id) THEN 1 ELSE 0 END AS share_units
                  FROM floored
            )
            SELECT id::bigint * 100 + number - EXTRACT(YEAR FROM day)::integer + 1 AS key,
                   'fabloch.convention.instalment' AS res_model, id AS res_id,
                   CASE WHEN day >= date_from THEN rounded.date ELSE date_from END AS due_date,
                   GREATEST(day, date_from) AS date, company_id, partner_id, account_id,
                   share_units * rounding::numeric AS amount, name AS label
              FROM rounded
             WHERE share_units != 0
            """,
            date_to=self.env["fabloch.revenue.report"]._fiscal_year_end_expression(
                SQL("number"), SQL("month"), SQL("month_day")
            ),
            today=self._today(),
            state=self.env["fabloch.convention.instalment"]._state_sql("instalment"),
        )

    @api.model
    def _gift_source(self):
        """Promised gifts of money, and expenses to be waived, that have no entry yet: a gift is income when it comes.

        One whose receipt is a draft comes with the draft invoices; goods and skills are no revenue.
        """

        def account(name):
            column = f"gift_{name}_account_id"
            return SQL("COALESCE(%s, %s)", SQL.identifier("company", column), SQL.identifier("house", column))

        return SQL(
            """
            SELECT gift.id AS key, 'fabloch.donation' AS res_model, gift.id AS res_id,
                   gift.date AS due_date, GREATEST(gift.date, %(today)s::date) AS date, gift.company_id,
                   gift.partner_id, CASE WHEN gift.nature = 'expenses' THEN %(waived)s
                                         WHEN gift.donor_kind = 'company' THEN %(by_company)s
                                         ELSE %(by_individual)s END AS account_id,
                   gift.amount, gift.name AS label
              FROM fabloch_donation gift
              JOIN res_company company ON company.id = gift.company_id
              JOIN res_company house ON house.id = split_part(company.parent_path, '/', 1)::integer
         LEFT JOIN account_move entry ON entry.id = gift.move_id
             WHERE gift.state = 'pledged' AND gift.origin = 'gift' AND gift.nature IN ('cash', 'expenses')
               AND (entry.id IS NULL OR entry.state = 'cancel'
                    OR entry.state = 'draft' AND entry.move_type = 'entry' AND entry.auto_post = 'no')
            """,
            today=self._today(),
            waived=account("waived"),
            by_company=account("company"),
            by_individual=account("individual"),
        )

    @api.model
    def _envelope_source(self):
        """What was used of envelopes invoiced by their use and is on no charge yet, at the end of its period.

        It is what `_invoice_uses` will charge; what has no end yet is left out.
        """
        return SQL(
            """
            WITH unbilled AS (
                SELECT envelope.*, convention.partner_id AS payer_id, used.quantity AS taken,
                       LEAST(envelope.date_to, convention.last_day) AS last_day,
                       CASE WHEN used.date <= envelope.billed_until
                            THEN GREATEST(used.create_date::date, envelope.billed_until + 1) ELSE used.date END AS day
                  FROM fabloch_allowance envelope
                  JOIN fabloch_convention convention ON convention.id = envelope.convention_id
                  JOIN fabloch_allowance_use used ON used.allowance_id = envelope.id
                 WHERE envelope.invoicing = 'used' AND used.billed_charge_id IS NULL
            ), ended AS (
                SELECT unbilled.*, CASE WHEN period = 'end' THEN
                           CASE WHEN last_day IS NOT NULL THEN GREATEST(last_day, day) END
                       ELSE LEAST(CASE WHEN day <= last_day THEN last_day END,
                                  (date_trunc(period, day) + CASE period WHEN 'month' THEN interval '1 month'
                                       WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date - 1)
                       END AS period_end
                  FROM unbilled
            ), priced AS (
                SELECT id, period_end, company_id, payer_id, invoice_product_id, name,
                       CASE unit WHEN 'hour' THEN SUM(ROUND(taken * 60)) / 60.0 * invoice_price
                                 WHEN 'currency' THEN SUM(taken)
                                 ELSE SUM(ROUND(taken)) * invoice_price END::numeric AS amount
                  FROM ended
                 WHERE period_end IS NOT NULL
              GROUP BY id, period_end, company_id, payer_id, invoice_product_id, name, unit, invoice_price
            )
            SELECT priced.id::bigint * 100000 + (period_end - date '1990-01-01') AS key,
                   'fabloch.allowance' AS res_model, priced.id AS res_id, period_end AS due_date,
                   GREATEST(period_end, %(today)s::date) AS date, company_id, payer_id AS partner_id,
                   %(account)s AS account_id,
                   ROUND(amount / currency.rounding::numeric) * currency.rounding::numeric AS amount,
                   priced.name AS label
              FROM priced
              JOIN res_company company ON company.id = priced.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE ROUND(amount / currency.rounding::numeric) != 0
            """,
            today=self._today(),
            account=self._income_account_sql(SQL("priced.invoice_product_id"), SQL("priced.company_id")),
        )
