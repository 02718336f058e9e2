from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import fields, models


class FiscalYear(NamedTuple):
    """An exercise of a company: its name as the reports write it ("2025", or "2024-2025"), first and last day."""

    name: str
    date_from: date
    date_to: date


def year_before(name):
    """Return the name of the fiscal year before that of this name.

    >>> year_before("2025"), year_before("2024-2025")
    ('2024', '2023-2024')
    """
    return "-".join(str(int(year) - 1) for year in name.split("-"))


class ResCompany(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    def _fabloch_fiscal_year(self, day=None, ago=0):
        """Return the `FiscalYear` of this company that holds a day.

        :param date day: today when empty
        :param int ago: 1 for the exercise before that one, and so on
        """
        self.ensure_one()
        day = (fields.Date.to_date(day) or fields.Date.context_today(self)) - relativedelta(years=ago)
        year = self.sudo().compute_fiscalyear_dates(day)
        first, last = year["date_from"], year["date_to"]
        of_calendar = (last.month, last.day) == (12, 31)
        return FiscalYear(str(last.year) if of_calendar else f"{last.year - 1}-{last.year}", first, last)

    def _fabloch_fiscal_year_named(self, name):
        """Return the `FiscalYear` of this company that has that name; ValueError when a name can't be read."""
        self.ensure_one()
        end_month, end_day = int(self.sudo().fiscalyear_last_month), self.sudo().fiscalyear_last_day
        return self._fabloch_fiscal_year(date(int(name[-4:]), end_month, min(end_day, 28)))
