from odoo import fields, models


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

    def _copy_data_extend_business_fields(self, values):
        # A credit note's line remembers the charge that it takes back.
        result = super()._copy_data_extend_business_fields(values)
        if self.fabloch_charge_id:
            values["fabloch_credited_charge_id"] = self.fabloch_charge_id.id
        return result
