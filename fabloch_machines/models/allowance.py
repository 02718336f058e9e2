from odoo import api, fields, models
from odoo.fields import Domain

# Only a charge or a membership says that it grants something.
ENGINE_FIELDS = {"charge_id", "membership_id", "taken_back"}


class Allowance(models.Model):
    _inherit = "fabloch.allowance"

    membership_id = fields.Many2one(
        "fabloch.membership",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The membership that includes these hours: they can be used once it is settled, until it ends.",
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
    taken_back = fields.Boolean(
        compute="_compute_taken_back",
        store=True,
        help="The charge of the pack was waived or credited: what is left can't be used.",
    )

    # Stored, so that a booking that draws while the pack is taken back meets it on the row, and starts again.
    @api.depends("charge_id.waived", "charge_id.amount", "charge_id.amount_credited")
    def _compute_taken_back(self):
        for allowance in self:
            charge = allowance.charge_id
            allowance.taken_back = charge.waived or bool(
                charge.amount
                and charge.currency_id.compare_amounts(abs(charge.amount_credited), abs(charge.amount)) >= 0
            )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "Where an allowance comes from follows from its charge or its membership and can't be set: %s. "
            "Sell a pack instead.",
            ", ".join(names),
        )

    @api.model
    def _usable_domain(self, partner, product, unit, date, company):
        return super()._usable_domain(partner, product, unit, date, company) & self._in_force_domain(date)

    @api.model
    def _in_force_domain(self, date):
        """Domain of the allowances whose pack or membership lets them be used on `date`."""
        settled = Domain("membership_id", "=", False) | (
            Domain("membership_id.in_order", "=", True)
            & (Domain("membership_id.cancel_date", "=", False) | Domain("membership_id.cancel_date", ">", date))
        )
        return Domain("taken_back", "=", False) & settled

    @api.model
    def _people_domain(self, users):
        # Whom a membership covers follows from the membership itself, as it is now.
        return super()._people_domain(users) | Domain("membership_id.beneficiary_ids", "in", users.ids)


class AllowanceUse(models.Model):
    _inherit = "fabloch.allowance.use"

    booking_id = fields.Many2one(
        "fabloch.booking", readonly=True, index="btree_not_null", ondelete="restrict", help="What used it."
    )
