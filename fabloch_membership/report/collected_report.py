from odoo import api, models
from odoo.tools import SQL


class CollectedReport(models.Model):
    """Receipts collected, with who was a member on the day of the invoice."""

    _inherit = "fabloch.collected.report"
    _depends = {
        "fabloch.membership": [
            "beneficiary_ids",
            "cancel_date",
            "company_id",
            "confirm_date",
            "date_end",
            "date_start",
            "in_order",
            "partner_id",
        ],
    }

    @api.model
    def _member_condition(self):
        """A member has a confirmed and settled membership that runs that day, grace left out, or is covered by one."""
        return SQL(
            """EXISTS (
                SELECT FROM fabloch_membership membership
                 WHERE membership.id IN (
                           SELECT id FROM fabloch_membership WHERE partner_id = partner.id
                        UNION ALL
                           SELECT membership_id FROM fabloch_membership_beneficiary_rel
                            WHERE partner_id = partner.id)
                   AND membership.company_id = item.company_id
                   AND membership.confirm_date IS NOT NULL
                   AND membership.in_order
                   AND item.sale_date BETWEEN membership.date_start AND membership.date_end
                   AND (membership.cancel_date IS NULL OR membership.cancel_date > item.sale_date))"""
        )
