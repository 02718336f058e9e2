from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BudgetLine(models.Model):
    """What one revenue stream should bring in the fiscal year of a budget. Less than 0 for what takes revenue back."""

    _name = "fabloch.budget.line"
    _description = "Line of a budget"
    _order = "budget_id, stream_id, id"

    budget_id = fields.Many2one("fabloch.budget", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="budget_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    stream_id = fields.Many2one(
        "fabloch.revenue.stream",
        "Revenue stream",
        required=True,
        index=True,
        ondelete="restrict",
        domain="['|', ('company_id', '=', False), ('company_id', 'parent_of', company_id)]",
    )
    kind = fields.Selection(related="stream_id.kind")
    amount = fields.Monetary(required=True)
    amount_before = fields.Monetary(
        "Year before", compute="_compute_amount_before", help="What the stream brought in the fiscal year before."
    )
    note = fields.Char(help="On what the figure rests.")

    _one_per_stream = models.UniqueIndex(
        "(budget_id, stream_id)", "A budget has one line for each stream: change the one that is there."
    )

    @api.constrains("stream_id", "budget_id")
    def _check_stream_company(self):
        for line in self:
            if (owner := line.stream_id.company_id) and owner not in line.company_id.parent_ids:
                raise ValidationError(
                    self.env._(
                        "The stream “%(stream)s” is of %(company)s: choose one of the budget's company.",
                        stream=line.stream_id.name,
                        company=owner.name,
                    )
                )

    @api.depends("stream_id", "budget_id.date_from", "budget_id.company_id")
    def _compute_amount_before(self):
        actuals = self.budget_id._actuals_before()
        for line in self:
            line.amount_before = actuals.get((line.budget_id, line.stream_id), 0.0)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.budget_id._check_draft()
        return lines

    def write(self, vals):
        self._check_storable(vals)
        if not self.env.su:
            (self.budget_id | self.budget_id.browse(vals.get("budget_id") or []))._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_voted(self):
        self.budget_id._check_draft()
