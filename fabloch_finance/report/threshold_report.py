from odoo import api, fields, models
from odoo.tools import SQL

# Gauge -> the legal parameters of its limit and of the share of it that raises a warning.
PARAMETERS = {
    "lucrative": ("lucrative_threshold", "lucrative_warning_share"),
    "member_sales": ("vat_association_sales_share", "threshold_warning_share"),
    "public_money": ("public_money_threshold", "threshold_warning_share"),
    "gifts": ("gift_accounts_threshold", "threshold_warning_share"),
}
LEVELS = [("ok", "Below"), ("warning", "Close"), ("over", "Over")]
CODES = [
    ("lucrative", "Lucrative receipts"),
    ("member_sales", "Sales to members"),
    ("public_money", "Public grants"),
    ("gifts", "Gifts with a tax reduction"),
]


class ThresholdReport(models.Model):
    """Thresholds of the law: how near each one is, one row a company (branches in it), year and gauge.

    - lucrative: receipts collected in the calendar year of the streams ticked as lucrative, without tax (CGI art. 206-1
      bis). Its year is the calendar's, whatever the exercise.
    - member_sales: sales of goods to members collected in the exercise; the limit is a share of all its receipts, those
      of the streams of kind Other left out (CGI art. 261-7-1° a).
    - public_money: income of the exercise of the streams of public funding (C. com. art. L612-4).
    - gifts: income of the exercise of the streams ticked as gifts with a tax reduction (law 87-571, art. 4-1).

    A limit is the one in force at the end of the year, today for the year in progress; 0 where none is known.
    """

    _name = "fabloch.threshold.report"
    _description = "Thresholds"
    _auto = False
    _order = "date_to desc, company_id, id"
    _depends = {
        "fabloch.collected.report": [
            "amount",
            "calendar_year",
            "company_id",
            "fiscal_year",
            "from_member",
            "kind",
            "lucrative",
            "sale_of_goods",
        ],
        "fabloch.revenue.report": ["amount", "company_id", "fiscal_year", "kind", "stream_id"],
        "fabloch.revenue.stream": ["deductible_gift"],
        "res.company": ["chart_template", "currency_id", "fiscalyear_last_day", "fiscalyear_last_month"],
    }

    name = fields.Char(compute="_compute_words")
    code = fields.Selection(CODES, string="Threshold", readonly=True)
    fiscal_year = fields.Char(
        string="Year", readonly=True, help="The exercise; the calendar year of lucrative receipts."
    )
    date_from = fields.Date(readonly=True)
    date_to = fields.Date(readonly=True)
    is_current = fields.Boolean(string="In progress", readonly=True)
    amount = fields.Monetary(readonly=True)
    member_amount = fields.Monetary(
        string="From members",
        readonly=True,
        help="What members paid, within the amount: whether their services count is the accountant's judgement.",
    )
    base_amount = fields.Monetary(string="All receipts", readonly=True, help="What the 10 % are taken of.")
    limit_amount = fields.Monetary(string="Limit", readonly=True)
    left_amount = fields.Monetary(string="Left", readonly=True, help="Below zero once over the limit.")
    share = fields.Float(readonly=True, aggregator="max", help="The amount over its limit: 1 at the limit.")
    level = fields.Selection(LEVELS, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    meaning = fields.Char(compute="_compute_words", help="What is counted.")
    advice = fields.Char(compute="_compute_words", help="What happens over the limit, and what to do.")
    source = fields.Char(compute="_compute_words", help="The law, by the legal parameter.")

    @api.depends("code", "date_to")
    @api.depends_context("lang")
    def _compute_words(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        meanings, advices = self._meanings(), self._advices()
        Parameter = self.env["fabloch.legal.parameter"].sudo()
        sources = {}
        for parameter in Parameter.search([("code", "in", [limit for limit, _share in PARAMETERS.values()])]):
            sources.setdefault(parameter.code, []).append(parameter)  # the newest first
        today = fields.Date.context_today(self)
        for gauge in self:
            gauge.name = labels.get(gauge.code)
            gauge.meaning = meanings.get(gauge.code)
            gauge.advice = advices.get(gauge.code)
            day = min(gauge.date_to or today, today)
            history = sources.get(PARAMETERS[gauge.code][0], []) if gauge.code else []
            gauge.source = next((parameter.source for parameter in history if parameter.date_from <= day), False)

    @api.model
    def _meanings(self):
        """Give in one sentence what each gauge counts."""
        return {
            "lucrative": self.env._(
                "Receipts of lucrative activities cashed since 1 January, without VAT: the streams ticked “Lucrative”."
            ),
            "member_sales": self.env._(
                "Goods sold to members and paid, compared with a share of all receipts of the exercise."
            ),
            "public_money": self.env._("Grants of public bodies in the income of the exercise."),
            "gifts": self.env._("Gifts that give the donors a tax reduction, in the income of the exercise."),
        }

    @api.model
    def _advices(self):
        """Give in one sentence what each limit means, and what to do about it."""
        return {
            "lucrative": self.env._(
                "Over the limit, the lucrative activities are subject to commercial taxes: see the accountant before, "
                "about a separate sector."
            ),
            "member_sales": self.env._("Over the limit, the sales to members are no more exempt from VAT as a whole."),
            "public_money": self.env._(
                "Over the limit, the accounts are audited (commissaire aux comptes) and published."
            ),
            "gifts": self.env._("Over the limit, the accounts are audited (commissaire aux comptes) and published."),
        }

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            WITH collected AS MATERIALIZED (%(collected)s),
            revenue AS MATERIALIZED (
                SELECT revenue.*, stream.deductible_gift
                  FROM (%(revenue)s) revenue
                  JOIN fabloch_revenue_stream stream ON stream.id = revenue.stream_id
            ),
            parameter (code, date_from, value) AS (VALUES %(parameters)s),
            this_year AS (
                SELECT company.id AS company_id, %(fiscal_year)s AS fiscal_year,
                       to_char(item.date, 'YYYY') AS calendar_year
                  FROM res_company company
            CROSS JOIN (SELECT %(today)s::date AS date) item
                 WHERE company.chart_template IS NOT NULL AND company.parent_id IS NULL
            ),
            part (company_id, code, fiscal_year, amount, member_amount, base_amount) AS (
                SELECT company_id, 'lucrative', calendar_year, amount,
                       CASE WHEN from_member THEN amount ELSE 0 END, 0
                  FROM collected WHERE lucrative
             UNION ALL
                SELECT company_id, 'member_sales', fiscal_year,
                       CASE WHEN sale_of_goods AND from_member THEN amount ELSE 0 END, 0, amount
                  FROM collected WHERE kind IS DISTINCT FROM 'other'
             UNION ALL
                SELECT company_id, 'public_money', fiscal_year, amount, 0, 0 FROM revenue WHERE kind = 'public'
             UNION ALL
                SELECT company_id, 'gifts', fiscal_year, amount, 0, 0 FROM revenue WHERE deductible_gift
             UNION ALL
                SELECT company_id, code,
                       CASE WHEN code = 'lucrative' THEN calendar_year ELSE fiscal_year END, 0, 0, 0
                  FROM this_year CROSS JOIN UNNEST(%(codes)s) AS code
            ),
            year_total AS (
                SELECT root.id AS company_id, root.currency_id, part.code, part.fiscal_year,
                       RIGHT(part.fiscal_year, 4)::integer AS end_year,
                       CASE WHEN part.code = 'lucrative'
                            THEN make_date(RIGHT(part.fiscal_year, 4)::integer, 12, 31)
                            ELSE %(last_day)s END AS date_to,
                       SUM(part.amount) AS amount,
                       SUM(part.member_amount) AS member_amount,
                       SUM(part.base_amount) AS base_amount
                  FROM part
                  JOIN res_company company ON company.id = part.company_id
                  JOIN res_company root ON root.id = split_part(company.parent_path, '/', 1)::integer
              GROUP BY root.id, part.code, part.fiscal_year
            ),
            gauge AS (
                SELECT year_total.*,
                       COALESCE(CASE WHEN code = 'member_sales' THEN ROUND(base_amount * limit_value / 100, 2)
                                     ELSE limit_value END, 0) AS limit_amount,
                       warning_value / 100 AS warning_share
                  FROM year_total
            CROSS JOIN LATERAL (SELECT %(limit_value)s AS limit_value, %(warning_value)s AS warning_value) rule
            )
            SELECT gauge.company_id::bigint * 100000 + gauge.end_year * 10
                       + array_position(%(codes)s, gauge.code) AS id,
                   gauge.*,
                   (gauge.date_to + INTERVAL '1 day' - INTERVAL '1 year')::date AS date_from,
                   %(today)s BETWEEN (gauge.date_to + INTERVAL '1 day' - INTERVAL '1 year') AND gauge.date_to
                       AS is_current,
                   gauge.limit_amount - gauge.amount AS left_amount,
                   COALESCE(gauge.amount / NULLIF(GREATEST(gauge.limit_amount, 0), 0), 0) AS share,
                   CASE WHEN gauge.limit_amount <= 0 THEN 'ok'
                        WHEN gauge.amount > gauge.limit_amount THEN 'over'
                        WHEN gauge.amount >= gauge.limit_amount * gauge.warning_share THEN 'warning'
                        ELSE 'ok' END AS level
              FROM gauge
            """,
            collected=self.env["fabloch.collected.report"]._table_query,
            revenue=self.env["fabloch.revenue.report"]._table_query,
            parameters=self._parameter_rows(),
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            today=today,
            codes=list(PARAMETERS),
            last_day=self.env["fabloch.revenue.report"]._fiscal_year_end_expression(
                SQL("RIGHT(part.fiscal_year, 4)::integer"),
                SQL("root.fiscalyear_last_month::integer"),
                SQL("root.fiscalyear_last_day"),
            ),
            limit_value=self._parameter_expression(0, today),
            warning_value=self._parameter_expression(1, today),
        )

    @api.model
    def _parameter_rows(self):
        """Give the history of the legal parameters as SQL rows: code, day from which, value."""
        Parameter = self.env["fabloch.legal.parameter"]
        rows = [SQL("(NULL, NULL::date, NULL::numeric)")]
        for code in sorted({code for codes in PARAMETERS.values() for code in codes}):
            rows += [
                SQL("(%s, %s::date, %s::numeric)", code, date_from, value)
                for date_from, value in zip(*Parameter._get_history(code), strict=True)
            ]
        return SQL(", ").join(rows)

    @api.model
    def _parameter_expression(self, position, today):
        """Give the SQL of a gauge's limit (position 0) or warning share (1), in force at the end of its year."""
        return SQL(
            "(SELECT parameter.value FROM parameter WHERE parameter.code = CASE year_total.code %s END"
            " AND parameter.date_from <= LEAST(year_total.date_to, %s::date)"
            " ORDER BY parameter.date_from DESC LIMIT 1)",
            SQL(" ").join(SQL("WHEN %s THEN %s", code, codes[position]) for code, codes in PARAMETERS.items()),
            today,
        )

    def action_open_rows(self):
        """Open what the gauge counts."""
        self.ensure_one()
        collected = self.code in ("lucrative", "member_sales")
        name = "collected_report_action" if collected else "revenue_report_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"fabloch_finance.{name}")
        return action | {"name": self.name, "domain": self._rows_domain(), "context": {}}

    def _rows_domain(self):
        """Give the domain of the rows that the gauge counts, in the collected receipts or in the revenue by stream."""
        self.ensure_one()
        domain = [("company_id", "child_of", self.company_id.id)]
        if self.code == "lucrative":
            return [*domain, ("lucrative", "=", True), ("calendar_year", "=", self.fiscal_year)]
        domain.append(("fiscal_year", "=", self.fiscal_year))
        if self.code == "member_sales":
            return [*domain, ("sale_of_goods", "=", True), ("from_member", "=", True), ("kind", "!=", "other")]
        if self.code == "public_money":
            return [*domain, ("kind", "=", "public")]
        return [*domain, ("stream_id.deductible_gift", "=", True)]
