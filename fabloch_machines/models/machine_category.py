from odoo import api, fields, models
from odoo.exceptions import UserError


class MachineCategory(models.Model):
    """Machines that are booked under one policy: who may use them, what a late cancellation costs, how much a week."""

    _name = "fabloch.machine.category"
    _description = "Machine category"
    _inherit = "fabloch.settings.mixin"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    product_id = fields.Many2one(
        "product.product",
        "Service",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        domain=[("type", "=", "service")],
        help="The use of these machines: prepaid hours are granted for it, and new rates begin with it.",
    )
    machine_ids = fields.One2many("fabloch.machine", "category_id", "Machines")
    rate_ids = fields.One2many("fabloch.rate", "category_id", "Rates")
    consumable_ids = fields.Many2many(
        "product.product",
        "fabloch_machine_category_consumable_rel",
        string="Consumables",
        check_company=True,
        domain=[("sale_ok", "=", True)],
        help="What is offered to be charged with a booking: filament by the gram, plywood by the sheet.",
    )
    requires_authorisation = fields.Boolean(
        "Authorisation needed", help="Only people with an authorisation (habilitation) for this category may book."
    )
    authorisation_months = fields.Integer(
        "Valid for (months)", default=24, help="How long an authorisation lasts; without end when 0."
    )
    authorisation_unused_months = fields.Integer(
        "Lost after (months unused)", help="An authorisation is lost when nothing was booked for so long; never when 0."
    )
    authorisation_reminder_days = fields.Integer(
        "Warned (days before)",
        default=30,
        help="A mail tells people that their authorisation ends, or is about to be lost; none when 0.",
    )
    quota_hours_week = fields.Float(
        "Hours a week and person",
        help="The most that one person may book in these machines from Monday to Sunday; no limit when 0.",
    )
    free_cancel_hours = fields.Float(
        "Free cancellation until (hours before)",
        default=24.0,
        help="Cancelled later than that, a share of the price is kept.",
    )
    late_cancel_percent = fields.Float("Kept when cancelled late (%)", default=50.0)
    no_show_percent = fields.Float("Kept when nobody came (%)", default=100.0)
    machine_count = fields.Integer("Number of machines", compute="_compute_machine_count")

    _quota_positive = models.Constraint("CHECK (quota_hours_week >= 0)", "A weekly quota can't be less than 0 hours.")
    _free_cancel_positive = models.Constraint(
        "CHECK (free_cancel_hours >= 0)", "The hours before which a cancellation is free can't be less than 0."
    )
    _shares_percent = models.Constraint(
        "CHECK (late_cancel_percent BETWEEN 0 AND 100 AND no_show_percent BETWEEN 0 AND 100)",
        "The share of the price that is kept is a percentage from 0 to 100.",
    )
    _months_positive = models.Constraint(
        "CHECK (authorisation_months >= 0 AND authorisation_unused_months >= 0 AND authorisation_reminder_days >= 0)",
        "The months of an authorisation, and the days before its end, can't be less than 0.",
    )

    @api.depends("machine_ids")
    def _compute_machine_count(self):
        counts = dict(
            self.env["fabloch.machine"]._read_group([("category_id", "in", self.ids)], ["category_id"], ["__count"])
        )
        for category in self:
            category.machine_count = counts.get(category._origin, 0)

    def write(self, vals):
        if "company_id" in vals and self.sudo().with_context(active_test=False).machine_ids:
            raise UserError(self.env._("This category has machines: create another one for the other company."))
        return super().write(vals)

    def _how_to_be_authorised(self, partner):
        """Say what `partner` does to be authorised for these machines; upper addons name the next training."""
        self.ensure_one()
        return self.env._("The reception grants it after an introduction to the machine: ask for the next one.")
