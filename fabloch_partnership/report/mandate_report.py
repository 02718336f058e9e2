from odoo import api, fields, models


class MandateReport(models.AbstractModel):
    """The printed list of who represents us where."""

    _name = "report.fabloch_partnership.report_mandates"
    _description = "Mandates, printed"

    @api.model
    def _get_report_values(self, docids, data=None):
        data = data or {}
        mandates = self.env["fabloch.mandate"].browse(docids or data.get("ids", []))
        # Without a date somebody chose the mandates by hand: the list says only when it was printed.
        day = fields.Date.to_date(data.get("date"))
        return {
            "doc_ids": mandates.ids,
            "doc_model": mandates._name,
            "docs": mandates,
            "companies": list(mandates.grouped("company_id").items()),
            "date": day,
            "today": fields.Date.context_today(mandates),
        }
