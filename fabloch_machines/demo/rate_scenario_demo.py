"""The demonstration's question to the general assembly: what would next year's prices have brought in?"""

from datetime import timedelta

from odoo import api, models
from odoo.tools import float_round

from . import visits

HALF_DAY = 240


class RateScenarioDemo(models.AbstractModel):
    """A scenario over the full months that the demonstration has bookings of."""

    _name = "fabloch.rate.scenario.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: rate scenario"

    @api.model
    def _load(self):
        """Machines 10 % dearer, but for the half days, which cost less than today; the workshop as it is."""
        company = self.env.ref("base.main_company")
        demo = self.with_company(company)._in_french()
        today = demo._today()
        next_year = company._fabloch_fiscal_year(today, ago=-1).name
        scenario = demo.env["fabloch.rate.scenario"].create(
            {
                "name": f"Tarifs {next_year} : +10 % sur les machines, demi-journée moins chère",
                "company_id": company.id,
                "date_from": visits.first_day(today),
                "date_to": today.replace(day=1) - timedelta(days=1),
                "rise_percent": 10,
                "rise_rounding": 0.5,
                "note": "Proposition du bureau : suivre la hausse de l'électricité et des consommables, et encourager "
                "les longues séances plutôt que les créneaux d'une heure. L'atelier garde ses prix.",
            }
        )
        scenario.action_fill()
        scenario.action_rise()
        workshop = demo.env.ref("fabloch_machines.demo_category_workshop")
        for line in scenario.line_ids:
            if line.category_id == workshop:
                line.new_price = line.current_price
            elif line.minutes == HALF_DAY:
                line.new_price = float_round(line.current_price * 0.9, precision_rounding=0.5)
