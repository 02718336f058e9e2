from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, date_utils

from odoo.addons.fabloch_machines.holidays import french_holidays

from ..receipt_text import amount_text, siren_of, siren_text
from .tax_receipt_pdf import french_date


class TaxReceiptStatement(models.Model):
    """The yearly statement of a body (CGI art. 222 bis): how many receipts it issued in a year, for how much.

    Live receipts only: a cancelled one is no longer worth anything. Gifts without a receipt are left out.
    """

    _name = "fabloch.tax.receipt.statement"
    _description = "Yearly statement of tax receipts"
    _auto = False
    _order = "year desc, company_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    year = fields.Integer("Year of issue", readonly=True, aggregator=None)
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
            SELECT receipt.company_id * 10000 + receipt.year AS id,
                   receipt.company_id,
                   receipt.year,
                   count(*) FILTER (WHERE receipt.state = 'live') AS receipt_count,
                   count(*) FILTER (WHERE receipt.state = 'cancelled') AS cancelled_count,
                   coalesce(sum(receipt.amount) FILTER (WHERE receipt.state = 'live'), 0) AS amount,
                   coalesce(sum(gifts.of_year) FILTER (WHERE receipt.state = 'live'), 0) AS amount_of_year,
                   coalesce(sum(receipt.amount - gifts.of_year) FILTER (WHERE receipt.state = 'live'), 0)
                       AS amount_before
              FROM fabloch_tax_receipt receipt
              JOIN LATERAL (
                   SELECT coalesce(sum(line.amount) FILTER (WHERE extract(year FROM line.date) = receipt.year), 0)
                              AS of_year
                     FROM fabloch_tax_receipt_line line
                    WHERE line.receipt_id = receipt.id
                   ) gifts ON TRUE
             GROUP BY receipt.company_id, receipt.year
            """
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
    def _deadline(self, company, year):
        """Return until when the statement of `year` is due, by the legal parameters of that year's end.

        Months after the end of the year; for a year that ends on 31 December, a working day after 1 May.
        """
        last_day, last_month = company.fiscalyear_last_day, int(company.fiscalyear_last_month)
        end = date_utils.get_fiscal_year(fields.Date.to_date(f"{year}-01-01"), last_day, last_month)[1]
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
        return self.env["fabloch.tax.receipt"].search(
            [("company_id", "=", self.company_id.id), ("year", "=", self.year), ("state", "=", "live")],
            order="sequence_number",
        )

    def _prepare_print_values(self):
        """What the printed statement says, in French."""
        self.ensure_one()
        company = self.company_id
        siren = siren_of(company.company_registry)
        return {
            "statement": self,
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
