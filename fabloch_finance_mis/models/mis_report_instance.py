from odoo import api, fields, models


class MisReportInstance(models.Model):
    """MIS report, which may take the branches of its company with it, as the self-financing rate does."""

    _inherit = "mis.report.instance"

    fabloch_with_branches = fields.Boolean(
        string="With its branches",
        help="The branches of the company count with it, those that are ticked in the list of companies.",
    )

    @api.depends("fabloch_with_branches")
    def _compute_query_company_ids(self):
        result = super()._compute_query_company_ids()
        for instance in self.filtered(lambda instance: instance.fabloch_with_branches and not instance.multi_company):
            company = instance.company_id or self.env.company
            instance.query_company_ids = company | company._accessible_branches()
        return result
