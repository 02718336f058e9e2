import io
from collections import OrderedDict

from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """A signed convention is printed as it was signed, not made again from what the database says today."""
        if self._get_report(report_ref).report_name != "fabloch_partnership.report_convention" or not res_ids:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        conventions = self.env["fabloch.convention"].browse(res_ids)
        signed = {
            convention.id: convention._signed_content()
            for convention in conventions
            if (convention.signed_file_name or "").endswith(".pdf")
        }
        others = [each for each in res_ids if each not in signed]
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, others) if others else {}
        for res_id, content in signed.items():
            streams[res_id] = {"stream": io.BytesIO(content), "attachment": None}
        # Several at once may be one stream under no id.
        order = {res_id: rank for rank, res_id in enumerate(res_ids)}
        return OrderedDict(sorted(streams.items(), key=lambda each: order.get(each[0], -1)))
