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
        """Number of charges that the contact pays for or used."""
        counts = dict.fromkeys(self.ids, 0)
        if self.env["fabloch.charge"].has_access("read"):
            for payer, user, count in self.env["fabloch.charge"]._read_group(
                self._fabloch_charge_domain(), ["invoice_partner_id", "partner_id"], ["__count"]
            ):
                for partner_id in counts.keys() & {payer.id, user.id}:
                    counts[partner_id] += count
        for partner in self:
            partner.fabloch_charge_count = counts.get(partner._origin.id, 0)

    def _fabloch_charge_domain(self):
        return ["|", ("invoice_partner_id", "in", self.ids), ("partner_id", "in", self.ids)]

    @api.model
    def _commercial_fields(self):
        # The company's choice holds at its invoice address too.
        return [*super()._commercial_fields(), "invoicing_frequency"]

    def _fabloch_missing_address(self):
        """Return the labels of the address fields that an invoice demands and this contact lacks."""
        self.ensure_one()
        missing = [name for name in ADDRESS_FIELDS if not self[name]]
        return [self._fields[name].get_description(self.env)["string"] for name in missing]

    def action_open_fabloch_charges(self):
        """Open the charges that this contact pays for or used."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.charge_action_all")
        action.update(domain=self._fabloch_charge_domain(), context={"default_partner_id": self.id})
        return action
