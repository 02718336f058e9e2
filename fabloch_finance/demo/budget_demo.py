"""The demonstration's budgets: of the last full exercise and of the one in progress, voted in its first weeks.

Amounts are invented, near what the books of the demonstration come to.
"""

from dateutil.relativedelta import relativedelta

from odoo import Command, api, models

# Stream, amount in the last full exercise and in the one in progress.
BUDGETS = {
    "membership": (8000, 9000),
    "machine": (6000, 12000),
    "workshop": (3800, 4500),
    "training": (1200, 2000),
    "service": (1800, 2200),
    "sale": (1000, 2000),
    "sponsorship": (500, 1200),
    "giving": (7000, 9000),
    "contribution": (1000, 1000),
    "public": (40500, 41000),
    "other": (250, 250),
}
NOTES = {
    "public": "Mairie, AQTA, Région, Département, et l'aide à l'emploi du fabmanager",
    "giving": "Trois mécènes, et les dons en ligne",
}


class BudgetDemo(models.AbstractModel):
    _name = "fabloch.budget.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: budgets"

    @api.model
    def _load(self):
        """Vote the budgets in the main company."""
        self = self.with_company(self.env.ref("base.main_company"))._in_french()
        _before_last, *exercises = self._exercises()
        budgets = self.env["fabloch.budget"]
        for index, start in enumerate(exercises):
            budgets += budgets.create(
                {
                    "date_from": start,
                    # The assembly of the first weeks, or today when the exercise has just begun.
                    "vote_date": min(start + relativedelta(months=1, day=28), self._today()),
                    "line_ids": [
                        Command.create(
                            {
                                "stream_id": self.env.ref(f"fabloch_finance.revenue_stream_{stream}").id,
                                "amount": amounts[index],
                                "note": NOTES.get(stream),
                            }
                        )
                        for stream, amounts in BUDGETS.items()
                    ],
                }
            )
        budgets.action_vote()
