from odoo import models
from odoo.tools import SQL


class UnpaidReport(models.Model):
    _inherit = "fabloch.unpaid.report"
    _depends = {"fabloch.donation": ["move_id"]}

    def _unpaid_condition(self):
        """A gift is no debt: its receipt is no unpaid invoice, and nobody is reminded of it as of one."""
        return SQL(
            "%s AND NOT EXISTS (SELECT FROM fabloch_donation donation WHERE donation.move_id = move.id)",
            super()._unpaid_condition(),
        )
