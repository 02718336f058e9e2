from odoo import fields, models


class ResPartner(models.Model):
    """The gifts of a contact and of its house."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.partner"

    donation_count = fields.Integer(
        "Gifts", compute="_compute_donation_count", groups="fabloch_finance.group_finance_board"
    )

    def _compute_donation_count(self):
        houses = self.commercial_partner_id
        counts = dict(
            self.env["fabloch.donation"]._read_group(
                [("commercial_partner_id", "in", houses.ids), ("state", "!=", "cancelled")],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.donation_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_donations(self):
        """Open the gifts of this contact's house."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.donation_action")
        action.update(
            domain=[("commercial_partner_id", "=", self.commercial_partner_id.id)],
            context={"default_partner_id": self.id},
        )
        return action
