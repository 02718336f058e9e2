from odoo import api, fields, models
from odoo.exceptions import AccessError

CHARGE_LINKS = {"fabloch_charge_id", "fabloch_credited_charge_id"}


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "fabloch.books"]

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
        """Only the engine says which line invoices, or takes back, a charge; a default of the context says it too."""
        if self.env.su:
            return
        defaults = {name: self.env.context.get(f"default_{name}") for name in CHARGE_LINKS}
        given = {name: value for name, value in defaults.items() if value}
        given.update((name, vals[name]) for name in CHARGE_LINKS.intersection(vals))
        if any(given.values()):
            raise AccessError(self.env._("A charge comes on an invoice by the invoicing only: preview a run."))
        if given:
            raise AccessError(self.env._("To take a charge off a draft invoice, delete its line."))
