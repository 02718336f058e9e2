from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

BOARD = "fabloch_finance.group_finance_board"


class ResPartner(models.Model):
    """A network to which the association belongs, and the mandates that people of ours hold in networks."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.partner"

    is_network = fields.Boolean("Network", index=True, help="A network or federation to which we may belong.")
    # Copied, it would keep others from duplicating a contact.
    network_purpose = fields.Text("What the network is for", groups=BOARD, copy=False)
    mandate_ids = fields.One2many("fabloch.mandate", "network_id", "Mandates in this network", groups=BOARD)
    held_mandate_ids = fields.One2many("fabloch.mandate", "partner_id", "Mandates held", groups=BOARD)
    current_mandate_count = fields.Integer(
        "Mandates held today",
        compute="_compute_current_mandate_count",
        groups=BOARD,
        help="Of a network: those of ours who sit there. Of a person: where that person sits.",
    )
    has_mandates = fields.Boolean(compute="_compute_current_mandate_count", groups=BOARD)
    affiliation_id = fields.Many2one(
        "fabloch.convention",
        compute="_compute_affiliation",
        groups=BOARD,
        help="The convention of affiliation that runs, or else the last one.",
    )
    affiliation_end = fields.Date(
        "Affiliated until",
        compute="_compute_affiliation",
        groups=BOARD,
        help="The end of the affiliation's current term.",
    )
    is_affiliated = fields.Boolean("Affiliated today", compute="_compute_affiliation", groups=BOARD)

    @api.depends("mandate_ids.is_current", "held_mandate_ids.is_current")
    @api.depends_context("tz", "allowed_company_ids")
    def _compute_current_mandate_count(self):
        Mandate = self.env["fabloch.mandate"]
        company = Domain("company_id", "in", self.env.companies.ids)
        total, current = {}, {}
        for side in ("network_id", "partner_id"):
            domain = company & Domain(side, "in", self.ids)
            for counts, more in ((total, Domain.TRUE), (current, Domain("is_current", "=", True))):
                for partner, count in Mandate._read_group(domain & more, [side], ["__count"]):
                    counts[partner.id] = counts.get(partner.id, 0) + count
        for partner in self:
            partner.current_mandate_count = current.get(partner._origin.id, 0)
            partner.has_mandates = bool(total.get(partner._origin.id))

    @api.depends("is_network")
    @api.depends_context("tz", "allowed_company_ids")
    def _compute_affiliation(self):
        networks = self.filtered("is_network")
        domain = (
            Domain("partner_id", "in", networks.ids)
            & Domain("type_id.code", "=", "network")
            & Domain("state", "in", ("signed", "terminated"))
            & Domain("amended_id", "=", False)
            & Domain("company_id", "in", self.env.companies.ids)
        )
        conventions = self.env["fabloch.convention"].search(domain) if networks else self.env["fabloch.convention"]
        # All at once, before they are taken apart: whether one runs is asked for all of them.
        conventions = conventions.sorted(lambda each: (each.is_running, each.date_start, each.id))
        of_partner = conventions.grouped("partner_id")
        for partner in self:
            affiliation = of_partner.get(partner._origin, conventions.browse())[-1:]
            partner.affiliation_id = affiliation
            partner.is_affiliated = affiliation.is_running
            partner.affiliation_end = affiliation.term_end

    @api.constrains("is_network")
    def _check_is_network(self):
        plain = self.filtered(lambda partner: not partner.is_network)
        if mandate := self.env["fabloch.mandate"].sudo().search([("network_id", "in", plain.ids)], limit=1):
            raise ValidationError(
                self.env._(
                    "%s stays a network while people of ours have mandates there: delete those mandates first.",
                    mandate.network_id.name,
                )
            )

    def action_open_mandates(self):
        """Open the mandates in this network, or those that this person holds."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.mandate_action")
        side = "network_id" if self.is_network else "partner_id"
        action["domain"] = [(side, "=", self.id)]
        action["context"] = {f"default_{side}": self.id}
        return action

    def action_open_affiliation(self):
        """Open the convention by which we belong to this network; a new one when there is none."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.convention_action")
        kind = self.env.ref("fabloch_partnership.convention_type_network", raise_if_not_found=False)
        action.update(
            views=[(False, "form")],
            res_id=self.affiliation_id.id,
            context={"default_partner_id": self.id, "default_type_id": kind and kind.id},
        )
        return action
