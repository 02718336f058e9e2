from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    fabloch_run_id = fields.Many2one(
        "fabloch.invoicing.run",
        "Invoicing run",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    fabloch_charge_count = fields.Integer("Charges", compute="_compute_fabloch_charge_count")

    @api.depends("invoice_line_ids.fabloch_charge_id")
    def _compute_fabloch_charge_count(self):
        for move in self:
            move.fabloch_charge_count = len(move.invoice_line_ids.fabloch_charge_id)

    def action_open_fabloch_charges(self):
        """Open the charges that this invoice bears."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.charge_action_all")
        action.update(domain=[("id", "in", self.invoice_line_ids.fabloch_charge_id.ids)], context={})
        return action
