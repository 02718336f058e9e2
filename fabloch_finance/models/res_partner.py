from odoo import api, fields, models

from .res_company import FREQUENCIES

# What a lawful invoice says of its customer (CGI, annexe II, art. 242 nonies A, I-1).
ADDRESS_FIELDS = ("street", "zip", "city")


class ResPartner(models.Model):
    _inherit = "res.partner"

    invoicing_frequency = fields.Selection(
        FREQUENCIES, tracking=True, help="When this payer is invoiced; the company's own setting when empty."
    )
    fabloch_charge_ids = fields.One2many("fabloch.charge", "invoice_partner_id", "Charges to pay")
    fabloch_charge_count = fields.Integer("Charges", compute="_compute_fabloch_charge_count")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_fabloch_charge_count(self):
        """Number of charges that the contact, or its people, used or pay for."""
        counts = dict.fromkeys(self._ids, 0)
        if not self.env["fabloch.charge"].has_access("read"):
            self.fabloch_charge_count = 0
            return
        for commercial, count in self.env["fabloch.charge"]._read_group(
            [("invoice_partner_id", "in", self.ids)], ["invoice_partner_id"], ["__count"]
        ):
            counts[commercial.id] = count
        for partner in self:
            partner.fabloch_charge_count = counts.get(partner._origin.id, 0)

    def _fabloch_missing_address(self):
        """Return the labels of the address fields that an invoice demands and this contact lacks."""
        self.ensure_one()
        missing = [name for name in ADDRESS_FIELDS if not self[name]]
        return [self._fields[name].get_description(self.env)["string"] for name in missing]

    def action_open_fabloch_charges(self):
        """Open the charges that this contact pays for or used."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.charge_action_all")
        action.update(
            domain=["|", ("invoice_partner_id", "child_of", self.id), ("partner_id", "child_of", self.id)],
            context={"default_partner_id": self.id},
        )
        return action
