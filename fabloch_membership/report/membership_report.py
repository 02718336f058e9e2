from odoo import fields, models
from odoo.tools import SQL

# As the association reports its members: businesses are small and medium-sized ones and the others.
REPORTED_AS = [
    ("individual", "Individuals"),
    ("association", "Associations"),
    ("pme", "Small and medium-sized businesses"),
    ("business", "Self-employed and other businesses"),
    ("body", "Public bodies and schools"),
]


class MembershipReport(models.Model):
    """Members by fiscal year, category and plan, beside the year before.

    A membership counts in the fiscal year in which it starts, and in those on whose last day it runs: a year from
    October to October counts once, a month counts where it stands, two years count twice. Only those in order count,
    those of the people covered don't. Whoever holds two plans counts in both, and once in their total: the numbers are
    distinct members.
    """

    _name = "fabloch.membership.report"
    _description = "Memberships by fiscal year"
    _auto = False
    _rec_name = "partner_id"
    _order = "date_to desc, partner_id"
    _depends = {
        "fabloch.membership": [
            "cancel_date",
            "category_id",
            "company_id",
            "confirm_date",
            "date_end",
            "date_start",
            "in_order",
            "partner_id",
            "plan_id",
            "price",
        ],
        "fabloch.member.category": ["code", "is_business", "is_legal_person"],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month"],
    }

    fiscal_year = fields.Char(readonly=True)
    date_from = fields.Date("First day", readonly=True)
    date_to = fields.Date("Last day", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Member", readonly=True)
    category_id = fields.Many2one("fabloch.member.category", readonly=True)
    is_business = fields.Boolean("Business", readonly=True)
    reported_as = fields.Selection(
        REPORTED_AS, readonly=True, help="The categories, as the general assembly sees them."
    )
    plan_id = fields.Many2one("fabloch.membership.plan", readonly=True)
    movement = fields.Selection(
        [("new", "New"), ("renewed", "Renewed"), ("returned", "Came back"), ("lapsed", "Lapsed")],
        readonly=True,
        help="Lapsed: a member of the year before who isn't one of this year (yet).",
    )
    # Each holds the member's id where it applies, so that totals count every member once.
    members = fields.Integer(readonly=True, aggregator="count_distinct")
    new_members = fields.Integer("New", readonly=True, aggregator="count_distinct")
    renewed_members = fields.Integer("Renewed", readonly=True, aggregator="count_distinct")
    returned_members = fields.Integer("Came back", readonly=True, aggregator="count_distinct")
    members_before = fields.Integer("Members, year before", readonly=True, aggregator="count_distinct")
    lapsed_members = fields.Integer("Lapsed", readonly=True, aggregator="count_distinct")
    amount = fields.Monetary("Fees", readonly=True, help="Of the memberships that start in the year.")
    amount_before = fields.Monetary("Fees, year before", readonly=True)

    @property
    def _table_query(self):
        """See the class; `year` has each company's fiscal years, `taken` who was a member of what in which."""
        return SQL(
            """
            WITH bounds AS (
                SELECT EXTRACT(YEAR FROM MIN(date_start))::integer AS first,
                       EXTRACT(YEAR FROM MAX(date_end))::integer + 2 AS last
                  FROM fabloch_membership
            ), month AS (
                SELECT company.id AS company_id, number, company.fiscalyear_last_month::integer AS month,
                       company.fiscalyear_last_day AS day
                  FROM res_company company, bounds, generate_series(bounds.first - 1, bounds.last) number
            ), year_end AS (
                SELECT company_id, number, month, day, %(date_to)s AS date_to FROM month
            ), every_year AS (
                SELECT company_id, number, month, day, date_to,
                       LAG(date_to) OVER (PARTITION BY company_id ORDER BY number) + 1 AS date_from
                  FROM year_end
            ), year AS (
                SELECT company_id, date_from, date_to,
                       CASE WHEN month = 12 AND day = 31 THEN number::text
                            ELSE (number - 1)::text || '-' || number::text END AS fiscal_year
                  FROM every_year
                 WHERE date_from <= %(today)s
            ), taken AS (
                SELECT year.company_id, year.fiscal_year, year.date_from, year.date_to, m.partner_id, m.plan_id,
                       (array_agg(m.category_id ORDER BY m.date_start DESC))[1] AS category_id,
                       COALESCE(SUM(m.price) FILTER (WHERE m.date_start >= year.date_from), 0) AS amount
                  FROM year
                  JOIN fabloch_membership m
                    ON m.company_id = year.company_id AND m.date_start <= year.date_to
                   AND (m.date_start >= year.date_from
                        OR LEAST(m.date_end, m.cancel_date - 1) >= year.date_to)
                 WHERE m.confirm_date IS NOT NULL AND m.in_order
                   AND (m.cancel_date IS NULL OR m.cancel_date > m.date_start)
                 GROUP BY year.company_id, year.fiscal_year, year.date_from, year.date_to, m.partner_id, m.plan_id
            ), member_year AS (
                SELECT company_id, partner_id, date_to,
                       LAG(date_to) OVER around = date_from - 1 AS was_before,
                       LAG(date_to) OVER around IS NULL AS is_first,
                       COALESCE(LEAD(date_from) OVER around = date_to + 1, FALSE) AS is_after
                  FROM (SELECT DISTINCT company_id, partner_id, date_from, date_to FROM taken) years
                WINDOW around AS (PARTITION BY company_id, partner_id ORDER BY date_to)
            ), line AS (
                SELECT taken.company_id, taken.fiscal_year, taken.date_from, taken.date_to, taken.partner_id,
                       taken.category_id, taken.plan_id,
                       CASE WHEN is_first THEN 'new' WHEN was_before THEN 'renewed' ELSE 'returned' END AS movement,
                       taken.partner_id AS member_of_year, NULL::integer AS member_before,
                       taken.amount, 0.0 AS amount_before
                  FROM taken
                  JOIN member_year USING (company_id, partner_id, date_to)
                 UNION ALL
                SELECT taken.company_id, year.fiscal_year, year.date_from, year.date_to, taken.partner_id,
                       taken.category_id, taken.plan_id,
                       CASE WHEN NOT is_after THEN 'lapsed' END,
                       NULL, taken.partner_id, 0.0, taken.amount
                  FROM taken
                  JOIN member_year USING (company_id, partner_id, date_to)
                  JOIN year ON year.company_id = taken.company_id AND year.date_from = taken.date_to + 1
            )
            SELECT row_number() OVER (ORDER BY line.date_to, line.partner_id, line.plan_id, line.member_before) AS id,
                   line.company_id, fiscal_year, date_from, date_to, partner_id, category_id, plan_id, movement,
                   COALESCE(category.is_business, FALSE) AS is_business,
                   CASE WHEN category.is_business AND category.code = 'pme' THEN 'pme'
                        WHEN category.is_business THEN 'business'
                        WHEN category.code = 'association' THEN 'association'
                        WHEN category.is_legal_person THEN 'body'
                        ELSE 'individual' END AS reported_as,
                   member_of_year AS members,
                   CASE WHEN movement = 'new' THEN member_of_year END AS new_members,
                   CASE WHEN movement = 'renewed' THEN member_of_year END AS renewed_members,
                   CASE WHEN movement = 'returned' THEN member_of_year END AS returned_members,
                   member_before AS members_before,
                   CASE WHEN movement = 'lapsed' THEN member_before END AS lapsed_members,
                   amount, amount_before
              FROM line
              LEFT JOIN fabloch_member_category category ON category.id = line.category_id
            """,
            date_to=self.env["fabloch.revenue.report"]._fiscal_year_end_expression(
                SQL("number"), SQL("month"), SQL("day")
            ),
            today=self.env["fabloch.membership"]._today(),
        )
