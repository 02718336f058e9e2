from odoo import api, fields, models
from odoo.fields import Domain


class FiscalYearReport(models.AbstractModel):
    """A report whose rows are of a company's fiscal year, and are searched by how many years ago that was."""

    _name = "fabloch.fiscal.year.report"
    _description = "Report by fiscal year"

    fiscal_year = fields.Char(readonly=True, help="The year in which it ends, after the one in which it begins.")
    fiscal_year_age = fields.Integer(
        string="Fiscal years ago",
        compute="_compute_fiscal_year_age",
        search="_search_fiscal_year_age",
        exportable=False,
        help="0: this fiscal year, 1: the one before, −1: the next one.",
    )

    @api.depends("fiscal_year", "company_id")
    @api.depends_context("tz")
    def _compute_fiscal_year_age(self):
        today = fields.Date.context_today(self)
        for company, rows in self.grouped("company_id").items():
            this_year = company._fabloch_fiscal_year(today).date_to.year
            for row in rows:
                row.fiscal_year_age = this_year - int(row.fiscal_year[-4:])

    def _search_fiscal_year_age(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & self._fiscal_year_domain(company._fabloch_fiscal_year(today, ago=age))
            for company in self.env.companies
            for age in value
            if isinstance(age, int)
        )

    @api.model
    def _fiscal_year_domain(self, year):
        """Give the domain of the rows of a `FiscalYear`: by their days where they have one, which are indexed."""
        if "date" not in self._fields:
            return Domain("fiscal_year", "=", year.name)
        return Domain("date", ">=", year.date_from) & Domain("date", "<=", year.date_to)
