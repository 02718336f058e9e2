from odoo import api, fields, models


class ConventionCommitment(models.Model):
    """What one side of a convention does for the other: what, who, when, and whether it is done.

    What we commit ourselves to has a value when it is a counterpart of the partner's money or gift.
    """

    _name = "fabloch.convention.commitment"
    _description = "Commitment of a convention"
    _inherit = "fabloch.convention.part"
    _order = "side desc, date_due, id"

    convention_id = fields.Many2one("fabloch.convention", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="convention_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="convention_id.partner_id", string="Partner", store=True)
    side = fields.Selection([("us", "Us"), ("partner", "The partner")], "Who commits", required=True, default="us")
    name = fields.Text("Commitment", required=True)
    user_id = fields.Many2one(
        "res.users", "In charge", ondelete="set null", groups="base.group_user", domain=[("share", "=", False)]
    )
    date_due = fields.Date("Due on", index=True)
    done_on = fields.Date("Done on", copy=False)
    done = fields.Boolean(compute="_compute_done", inverse="_inverse_done", search="_search_done")
    value = fields.Monetary(help="What it is worth for the partner, when it is a counterpart of a gift or of money.")

    _value_positive = models.Constraint("CHECK (value >= 0)", "The value of a commitment can't be less than 0.")

    @api.model
    def _free_fields(self):
        return super()._free_fields() | {"done", "done_on", "user_id"}

    @api.depends("done_on")
    def _compute_done(self):
        for commitment in self:
            commitment.done = bool(commitment.done_on)

    def _inverse_done(self):
        today = fields.Date.context_today(self)
        self.filtered(lambda each: each.done and not each.done_on).done_on = today
        self.filtered(lambda each: not each.done).done_on = False

    def _search_done(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        return [("done_on", "!=" if (operator == "in") == (True in value) else "=", False)]
