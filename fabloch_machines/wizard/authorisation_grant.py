from odoo import api, fields, models
from odoo.exceptions import UserError


class AuthorisationGrant(models.TransientModel):
    """Authorises people for machines in one go: one person for several categories, or several people for one."""

    _name = "fabloch.authorisation.grant"
    _description = "Grant authorisations"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    partner_ids = fields.Many2many("res.partner", string="People", default=lambda self: self._default_partner_ids())
    category_ids = fields.Many2many(
        "fabloch.machine.category",
        string="For the machines",
        domain="[('company_id', '=', company_id), ('requires_authorisation', '=', True)]",
    )
    date = fields.Date("From", required=True, default=fields.Date.context_today)
    date_end = fields.Date("Valid until", help="As each category says when empty.")
    note = fields.Char("How it was obtained")
    held = fields.Text("Authorised already", compute="_compute_held")

    @api.model
    def _default_partner_ids(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env.context.get("active_ids") or []
        return []

    @api.depends("partner_ids", "category_ids")
    def _compute_held(self):
        for wizard in self:
            held = self.env["fabloch.authorisation"]._held(wizard.partner_ids._origin, wizard.category_ids._origin)
            wizard.held = "\n".join(held.mapped("display_name"))

    def action_grant(self):
        """Grant the authorisations; open them.

        :raises UserError: when nobody or no category is chosen, or all have it already.
        """
        self.ensure_one()
        if not self.partner_ids or not self.category_ids:
            raise UserError(self.env._("Choose who is authorised, and for which machines."))
        granted = self.env["fabloch.authorisation"]._grant(
            self.partner_ids, self.category_ids, self.date, self.note, self.date_end
        )
        if not granted:
            raise UserError(self.env._("All of them are authorised already: renew what ends soon instead."))
        if self.env.context.get("fabloch_stay"):
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.authorisation_action")
        action.update(domain=[("id", "in", granted.ids)], context={})
        return action
