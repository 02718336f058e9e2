from odoo import fields, models


class MembershipPlan(models.Model):
    _inherit = "fabloch.membership.plan"

    included_hours = fields.Float(
        "Hours of machines included",
        help="Granted with each membership, for its period, to the member and the people covered; none when 0.",
    )
    included_category_ids = fields.Many2many(
        "fabloch.machine.category",
        "fabloch_plan_machine_category_rel",
        string="For the machines",
        check_company=True,
        help="Categories of machines that the included hours pay for; any machine when empty.",
    )

    _included_hours_positive = models.Constraint(
        "CHECK (included_hours >= 0)", "The hours that a plan includes can't be less than 0."
    )
