from odoo import api, fields, models


class Charge(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    instalment_id = fields.Many2one(
        "fabloch.convention.instalment", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    @api.model
    def _engine_fields(self):
        # A charge pays for the instalment that it was made for, and no other one.
        return super()._engine_fields() | {"instalment_id"}

    def _reinvoice_vals(self):
        return {**super()._reinvoice_vals(), "instalment_id": self.instalment_id.id}

    def action_reinvoice(self):
        again = super().action_reinvoice()
        for charge in again.sudo().filtered("instalment_id"):
            charge.instalment_id.charge_id = charge
        return again
