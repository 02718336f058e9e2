from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    convention_signatory_id = fields.Many2one(
        "res.users",
        "Signs conventions",
        domain=[("share", "=", False)],
        help="Who signs for the association by default: its president, as a rule.",
    )
