from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class MembershipBatchRenew(models.TransientModel):
    """Renews many memberships at once: those selected, or those of a domain; says whom it leaves out, and why."""

    _name = "fabloch.membership.batch.renew"
    _description = "Renew memberships"

    membership_ids = fields.Many2many("fabloch.membership", default=lambda self: self._default_membership_ids())
    domain = fields.Char(default="[('to_renew', '=', True)]")
    use_domain = fields.Boolean(default=lambda self: not self._default_membership_ids())
    date = fields.Date("Renewed on", required=True, default=fields.Date.context_today)
    invoice = fields.Boolean("Invoice now", default=lambda self: self.env.company.membership_invoice_now)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    renew_count = fields.Integer("To renew", compute="_compute_preview")
    amount = fields.Monetary("Fees", compute="_compute_preview")
    skip_count = fields.Integer("Left out", compute="_compute_preview")
    line_ids = fields.One2many(
        "fabloch.membership.batch.renew.line",
        "wizard_id",
        "Who is left out, and why",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    done = fields.Boolean()
    new_membership_ids = fields.Many2many(
        "fabloch.membership", "fabloch_membership_batch_renew_new_rel", string="New memberships"
    )
    new_count = fields.Integer(compute="_compute_new_count")

    @api.model
    def _default_membership_ids(self):
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        if model == "fabloch.membership":
            return self.env[model].browse(ids)
        if model == "res.partner":
            return self.env[model].browse(ids)._memberships_to_renew()
        return self.env["fabloch.membership"]

    @api.depends("membership_ids", "domain", "use_domain", "date")
    def _compute_preview(self):
        for wizard in self:
            memberships = wizard._memberships()
            obstacles = memberships._renewal_obstacles()
            date = wizard.date or fields.Date.context_today(wizard)
            renewable = memberships.filtered(lambda membership, left_out=obstacles: membership not in left_out)
            wizard.renew_count = len(renewable)
            wizard.amount = sum(
                membership.plan_id._price_from(membership._next_start(date)) for membership in renewable
            )
            wizard.skip_count = len(obstacles)

    @api.depends("membership_ids", "domain", "use_domain")
    def _compute_line_ids(self):
        for wizard in self:
            obstacles = wizard._memberships()._renewal_obstacles()
            wizard.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create({"membership_id": membership.id, "reason": reason})
                    for membership, reason in obstacles.items()
                ),
            ]

    @api.depends("new_membership_ids")
    def _compute_new_count(self):
        for wizard in self:
            wizard.new_count = len(wizard.new_membership_ids)

    def _memberships(self):
        self.ensure_one()
        if not self.use_domain:
            return self.membership_ids._origin
        try:
            domain = Domain(literal_eval(self.domain or "[]"))
            domain.validate(self.env["fabloch.membership"])
        except (SyntaxError, TypeError, ValueError, MemoryError, RecursionError) as error:
            raise UserError(self.env._("This is no rule for memberships: %s", self.domain[:100])) from error
        return self.env["fabloch.membership"].search(domain)

    def action_renew(self):
        """Renew, charge and, if asked, invoice them, in one batch; then show who was left out and why.

        :raises UserError: when there is nobody to renew.
        """
        self.ensure_one()
        memberships = self._memberships()
        obstacles = memberships._renewal_obstacles()
        new = memberships._renew(self.date, confirm=False)
        if not new:
            raise UserError(self.env._("None of these memberships can be renewed: the list says why for each."))
        runs = new._confirm(date=self.date, invoice=self.invoice)
        lines = list(obstacles.items())
        for failure in runs.failure_ids:
            reason = self.env._("renewed, but not invoiced: %s", failure.reason)
            lines += [(membership, reason) for membership in failure.charge_ids.membership_id]
        self.line_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create({"membership_id": membership.id, "reason": reason})
                for membership, reason in lines
            ),
        ]
        self.write({"done": True, "new_membership_ids": [fields.Command.set(new.ids)]})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Renewed memberships"),
        }

    def action_open_new(self):
        """Open the memberships that were made."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_membership.membership_action")
        action.update(domain=[("id", "in", self.new_membership_ids.ids)], context={})
        return action


class MembershipBatchRenewLine(models.TransientModel):
    """A membership that a batch renewal leaves out, or could not invoice, and why."""

    _name = "fabloch.membership.batch.renew.line"
    _description = "Membership left out of a renewal"

    wizard_id = fields.Many2one("fabloch.membership.batch.renew", ondelete="cascade")
    membership_id = fields.Many2one("fabloch.membership", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="membership_id.partner_id")
    date_end = fields.Date(related="membership_id.date_end")
    reason = fields.Char(required=True)
