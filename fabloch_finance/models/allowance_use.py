from odoo import fields, models
from odoo.exceptions import UserError


class AllowanceUse(models.Model):
    """So many hours, pieces, or so much money, taken from an allowance, or given back (less than zero)."""

    _name = "fabloch.allowance.use"
    _description = "Use of an allowance"
    _order = "date desc, id desc"
    _rec_name = "allowance_id"

    allowance_id = fields.Many2one("fabloch.allowance", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="allowance_id.company_id", store=True, index=True)
    unit = fields.Selection(related="allowance_id.unit")
    partner_id = fields.Many2one("res.partner", "Used by", required=True, readonly=True, index=True)
    product_id = fields.Many2one("product.product", "For", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    quantity = fields.Float(
        required=True, readonly=True, digits=(16, 6), help="Hours, money or pieces; less than zero: given back."
    )
    name = fields.Char("What", readonly=True, help="What was charged, in a line.")
    charge_id = fields.Many2one(
        "fabloch.charge",
        "Pays",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The charge that it pays, wholly or in part.",
    )
    returned_use_id = fields.Many2one(
        "fabloch.allowance.use", "Gives back", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    return_ids = fields.One2many("fabloch.allowance.use", "returned_use_id", "Given back")

    def _give_back(self):
        """Return to their allowances exactly what these uses took; what was given back already stays so.

        :return: the rows that give back.
        :raises UserError: when a row of the recordset is itself a return.
        """
        uses = self.sudo()
        if uses.returned_use_id:
            raise UserError(self.env._("Only what was taken can be given back."))
        uses.allowance_id._lock_for_draw()
        uses.invalidate_recordset(["return_ids"])
        return uses.create(
            [
                dict(use.copy_data()[0], quantity=-use.quantity, returned_use_id=use.id)
                for use in uses
                if not use.return_ids
            ]
        )

    def _retake(self, quantity):
        """Take up to `quantity` again from where these uses, given back since, had taken it; in their order.

        Unlike a new draw this asks nobody: what was taken stays taken, whatever the allowance has become.

        :param float quantity: hours, money or pieces, as the uses' unit says.
        :return: the new rows.
        """
        vals_list = []
        uses = self.sudo().sorted("id")
        left = uses[:1].allowance_id._to_units(quantity) if uses else 0
        for use in uses:
            taken = min(left, use.allowance_id._to_units(use.quantity))
            if taken > 0:
                vals_list.append(dict(use.copy_data()[0], quantity=use.allowance_id._to_quantity(taken)))
                left -= taken
        return uses.create(vals_list)
