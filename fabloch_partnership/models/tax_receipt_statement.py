from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, date_utils

from odoo.addons.fabloch_machines.holidays import french_holidays

from ..receipt_text import amount_text, siren_of, siren_text
from .tax_receipt_pdf import french_date


def _exercise_of(column):
    """Return the SQL of the year in which the exercise of `company` that holds a date ends."""
    return SQL(
        """
        extract(year FROM %(date)s)::integer + (
            (extract(month FROM %(date)s), extract(day FROM %(date)s))
            > (company.fiscalyear_last_month::integer,
               -- The last day of February is the 28th or the 29th.
               CASE WHEN company.fiscalyear_last_month = '2' AND company.fiscalyear_last_day = 28 THEN 29
                    ELSE company.fiscalyear_last_day END)
        )::integer
        """,
        date=SQL(column),
    )


class TaxReceiptStatement(models.Model):
    """The yearly statement of a body (CGI art. 222 bis): how many receipts it issued in a year, for how much.

    The year is the exercise that ends in it: the calendar year for most. Live receipts only: a cancelled one is no
    longer worth anything. Gifts without a receipt are left out.
    """

    _name = "fabloch.tax.receipt.statement"
    _description = "Yearly statement of tax receipts"
    _auto = False
    _order = "year desc, company_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    year = fields.Integer("Year of issue", readonly=True, aggregator=None, help="The exercise that ends in this year.")
    receipt_count = fields.Integer("Number of receipts", readonly=True)
    amount = fields.Monetary("Total amount", readonly=True)
    amount_of_year = fields.Monetary(
        "Gifts of the year", readonly=True, help="The part of the total that was received in the year of issue itself."
    )
    amount_before = fields.Monetary(
        "Gifts of earlier years", readonly=True, help="Received before the year in which their receipt was issued."
    )
    cancelled_count = fields.Integer("Cancelled receipts", readonly=True, help="Not in the figures to declare.")
    deadline = fields.Date(compute="_compute_deadline")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH receipt AS (
                SELECT receipt.id, receipt.company_id, receipt.state, receipt.amount,
                       %(exercise)s AS year
                  FROM fabloch_tax_receipt receipt
                  JOIN res_company company ON company.id = receipt.company_id
            )
            SELECT receipt.company_id * 10000 + receipt.year AS id,
                   receipt.company_id,
                   receipt.year,
                   count(*) FILTER (WHERE receipt.state = 'live') AS receipt_count,
                   count(*) FILTER (WHERE receipt.state = 'cancelled') AS cancelled_count,
                   coalesce(sum(receipt.amount) FILTER (WHERE receipt.state = 'live'), 0) AS amount,
                   coalesce(sum(gifts.of_year) FILTER (WHERE receipt.state = 'live'), 0) AS amount_of_year,
                   coalesce(sum(receipt.amount - gifts.of_year) FILTER (WHERE receipt.state = 'live'), 0)
                       AS amount_before
              FROM receipt
              JOIN res_company company ON company.id = receipt.company_id
              JOIN LATERAL (
                   SELECT coalesce(sum(line.amount) FILTER (WHERE %(exercise_of_gift)s = receipt.year), 0)
                              AS of_year
                     FROM fabloch_tax_receipt_line line
                    WHERE line.receipt_id = receipt.id
                   ) gifts ON TRUE
             GROUP BY receipt.company_id, receipt.year
            """,
            exercise=_exercise_of("receipt.date"),
            exercise_of_gift=_exercise_of("line.date"),
        )

    @api.depends("year", "company_id")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = f"{statement.year} – {statement.company_id.name}"

    @api.depends("year", "company_id.fiscalyear_last_month", "company_id.fiscalyear_last_day")
    def _compute_deadline(self):
        for statement in self:
            statement.deadline = self._deadline(statement.company_id, statement.year)

    @api.model
    def _exercise(self, company, year):
        """Return the first and the last day of the exercise of `company` that ends in `year`."""
        last_day, last_month = company.fiscalyear_last_day, int(company.fiscalyear_last_month)
        return date_utils.get_fiscal_year(fields.Date.to_date(f"{year}-01-01"), last_day, last_month)

    @api.model
    def _deadline(self, company, year):
        """Return until when the statement of `year` is due, by the legal parameters of that year's end.

        Months after the end of the year; for a year that ends on 31 December, a working day after 1 May.
        """
        end = self._exercise(company, year)[1]
        parameter = self.env["fabloch.legal.parameter"]._get
        if (end.month, end.day) != (12, 31):
            return end + relativedelta(months=int(parameter("gift_statement_months", end)))
        day = fields.Date.to_date(f"{year + 1}-05-01")
        holidays = {holiday for holiday, _code in french_holidays(day.year)}
        for _working_day in range(int(parameter("gift_statement_working_day", end))):
            day += relativedelta(days=1)
            while day.weekday() >= 5 or day in holidays:
                day += relativedelta(days=1)
        return day

    def _receipts(self):
        """Return the live receipts behind this statement, in the order of their numbers."""
        self.ensure_one()
        first, last = self._exercise(self.company_id, self.year)
        return self.env["fabloch.tax.receipt"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", first),
                ("date", "<=", last),
                ("state", "=", "live"),
            ],
            order="year, sequence_number",
        )

    def _prepare_print_values(self):
        """What the printed statement says, in French."""
        self.ensure_one()
        company = self.company_id
        first, last = self._exercise(company, self.year)
        siren = siren_of(company.company_registry)
        return {
            "statement": self,
            "first": french_date(first),
            "last": french_date(last),
            "of_calendar": (last.month, last.day) == (12, 31),
            "receipts": self._receipts(),
            "article": self.env["fabloch.legal.parameter"]._get(
                "gift_statement_article", fields.Date.to_date(f"{self.year}-12-31")
            ),
            "siren": siren_text(siren) if siren else False,
            "address": company.partner_id._receipt_address(),
            "money": lambda amount: amount_text(amount, self.currency_id.symbol),
            "french_date": french_date,
            "today": french_date(fields.Date.context_today(self)),
        }

    def _render_pdf(self):
        """Return the statement with its list as PDF (bytes)."""
        self.check_access("read")
        Receipt = self.env["fabloch.tax.receipt"]
        page = Receipt._page("fabloch_partnership.report_tax_receipt_statement", self._prepare_print_values())
        return Receipt._run_renderer([page])

    def action_print(self):
        """Print the statement with the list of its receipts."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/fabloch/tax_statement/{self.id}", "target": "new"}

    def action_open_receipts(self):
        """Open the live receipts behind the figures."""
        self.ensure_one()
        return self._receipts().with_context(search_default_live=False)._action_open()
