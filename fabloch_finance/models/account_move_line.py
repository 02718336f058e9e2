from odoo import fields, models
from odoo.exceptions import UserError

# What makes the sum of an invoice line.
PRICE_FIELDS = {"discount", "price_unit", "product_id", "quantity", "tax_ids"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    fabloch_charge_id = fields.Many2one(
        "fabloch.charge",
        "Charge",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The charge that this line invoices.",
    )
    fabloch_credited_charge_id = fields.Many2one(
        "fabloch.charge",
        "Credited charge",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The charge that this line of a credit note takes back.",
    )

    # The database's own word that nothing is ever invoiced twice, whatever code or race tries it.
    _fabloch_one_live_line_idx = models.UniqueIndex(
        "(fabloch_charge_id) WHERE fabloch_charge_id IS NOT NULL AND parent_state IN ('draft', 'posted')",
        "A charge can stand on one live invoice only, and one of these charges was invoiced again in the "
        "meantime. Leave this invoice cancelled.",
    )

    def write(self, vals):
        result = super().write(vals)
        if PRICE_FIELDS.intersection(vals):
            self._check_fabloch_charge_amount()
        return result

    def _check_fabloch_charge_amount(self):
        """What was charged is what is invoiced, to the cent."""
        for line in self.filtered("fabloch_charge_id"):
            charge = line.fabloch_charge_id
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            if charge.currency_id.compare_amounts(sign * line.price_subtotal, charge.amount):
                raise UserError(
                    self.env._(
                        "This line invoices the charge “%(charge)s”, whose price was fixed when it was made. "
                        "To change it: delete the line, change or waive the charge, and invoice it again.",
                        charge=charge.display_name,
                    )
                )

    def _copy_data_extend_business_fields(self, values):
        # A credit note's line remembers the charge that it takes back.
        result = super()._copy_data_extend_business_fields(values)
        if self.fabloch_charge_id:
            values["fabloch_credited_charge_id"] = self.fabloch_charge_id.id
        return result
