from odoo import api, fields, models
from odoo.fields import Domain


class Allowance(models.Model):
    _inherit = "fabloch.allowance"

    membership_id = fields.Many2one(
        "fabloch.membership",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The membership that includes these hours: they can be used once it is settled.",
    )
    charge_id = fields.Many2one(
        "fabloch.charge",
        "Pack sold by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The charge of the prepaid pack.",
    )

    @api.model
    def _usable_domain(self, partner, product, unit, date, company):
        settled = Domain("membership_id", "=", False) | Domain("membership_id.in_order", "=", True)
        return super()._usable_domain(partner, product, unit, date, company) & settled


class AllowanceUse(models.Model):
    _inherit = "fabloch.allowance.use"

    booking_id = fields.Many2one(
        "fabloch.booking", readonly=True, index="btree_not_null", ondelete="restrict", help="What used it."
    )
