from odoo import api, fields, models


class MisReportInstancePeriod(models.Model):
    """Column of a MIS report, with a period of its own: the company's fiscal year, which need not be the calendar's."""

    _inherit = "mis.report.instance.period"

    type = fields.Selection(
        selection_add=[("fiscal_year", "Fiscal year")], ondelete={"fiscal_year": lambda periods: periods.unlink()}
    )

    @api.depends_context("company")
    def _compute_dates(self):
        result = super()._compute_dates()
        for period in self:
            instance = period.report_instance_id
            if not (instance.comparison_mode and period.mode == "relative" and period.type == "fiscal_year"):
                continue
            # Report columns of several companies are those of the first one's exercise.
            company = (instance.query_company_ids or self.env.company)[0]
            last = company._fabloch_fiscal_year(instance.pivot_date, ago=1 - period.offset - period.duration)
            first = company._fabloch_fiscal_year(instance.pivot_date, ago=-period.offset)
            period.date_from, period.date_to, period.valid = first.date_from, last.date_to, True
        return result
