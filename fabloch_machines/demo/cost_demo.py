"""What the demonstration's machines cost: the monthly entries of its books, put on the machines by percentages.

From the exercise in which the bookings begin: in those before nobody knows which machine was used, and their costs
would face neither hours nor revenue.
"""

from odoo import api, models

from . import visits

# Account -> machine -> percentage; what is left isn't the machines' (heating and light, the office's supplies).
SHARES = {
    "pcg_68112": {
        "laser_1": 26,
        "laser_2": 14,
        "cnc": 30,
        "printers": 12,
        "vinyl": 3,
        "embroidery": 9,
        "electronics": 4,
        "workshop": 2,
    },
    "pcg_6155": {"laser_1": 30, "laser_2": 15, "cnc": 35, "printers": 15, "embroidery": 5},
    "pcg_6061": {"laser_1": 14, "laser_2": 8, "cnc": 12, "printers": 9, "vinyl": 1, "electronics": 2, "workshop": 8},
    "pcg_6068": {"laser_1": 16, "laser_2": 8, "cnc": 10, "printers": 20, "vinyl": 8},
}


class CostDemo(models.AbstractModel):
    """The costs of the machines that have bookings, by the analytic distribution of posted entries."""

    _name = "fabloch.cost.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: costs of the machines"

    @api.model
    def _load(self):
        """Follow the costs of the machines and distribute the entries, an account at a time."""
        company = self.env.ref("base.main_company")
        self = self.with_company(company)._in_french()
        names = sorted({name for shares in SHARES.values() for name in shares})
        machines = {name: self.env.ref(f"fabloch_machines.demo_machine_{name}") for name in names}
        self.env["fabloch.machine"].union(*machines.values()).action_follow_costs()
        first = max(start for start in self._exercises() if start <= visits.first_day(self._today()))
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "in", [self._ref(account).id for account in SHARES]),
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", first),
            ]
        )
        by_account = lines.grouped("account_id")
        for account, shares in SHARES.items():
            by_account.get(self._ref(account), lines.browse()).analytic_distribution = {
                str(machines[name].analytic_account_id.id): share for name, share in shares.items()
            }
