from odoo import fields, models
from odoo.tools import SQL


class RevenueReport(models.Model):
    _inherit = "fabloch.revenue.report"

    member_category_id = fields.Many2one(
        "fabloch.member.category", "Member category", readonly=True, help="Of the customer, as it is today."
    )

    def _select_columns(self):
        category = SQL("COALESCE(partner.member_category_id, commercial_partner.member_category_id)")
        return {**super()._select_columns(), "member_category_id": category}

    def _from_tables(self):
        join = SQL("LEFT JOIN res_partner commercial_partner ON commercial_partner.id = partner.commercial_partner_id")
        return [*super()._from_tables(), join]
