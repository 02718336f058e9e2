from odoo import api, fields, models
from odoo.exceptions import AccessError


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

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_fabloch_links(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_fabloch_links(vals)
        return super().write(vals)

    def _check_fabloch_links(self, vals):
        """Only the engine says which line invoices, or takes back, a charge."""
        if not self.env.su and (vals.get("fabloch_charge_id") or vals.get("fabloch_credited_charge_id")):
            raise AccessError(self.env._("A charge comes on an invoice by the invoicing only: preview a run."))
        if not self.env.su and vals.keys() & {"fabloch_charge_id", "fabloch_credited_charge_id"}:
            raise AccessError(self.env._("To take a charge off a draft invoice, delete its line."))
