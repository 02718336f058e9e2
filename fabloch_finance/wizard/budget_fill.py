from odoo import fields, models


class BudgetFill(models.TransientModel):
    """Start a budget from what each stream brought the year before."""

    _name = "fabloch.budget.fill"
    _description = "Start from last year's figures"

    budget_id = fields.Many2one("fabloch.budget", required=True, ondelete="cascade")
    change = fields.Float("Change (%)", digits=(16, 1), help="How much more than the year before; less than 0: less.")
    step = fields.Selection(
        [("0", "To the cent"), ("1", "To 1"), ("10", "To 10"), ("100", "To 100")],
        "Rounded",
        default="10",
        required=True,
    )

    def action_fill(self):
        """Write the lines of the budget; see `fabloch.budget._fill`."""
        self.ensure_one()
        self.budget_id._fill(self.change, float(self.step))
        return {"type": "ir.actions.act_window_close"}
