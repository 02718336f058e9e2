from odoo import api, fields, models
from odoo.exceptions import UserError


class MemberCategory(models.Model):
    """What kind of person or body a member is: the statistics' and the plans' main key."""

    _name = "fabloch.member.category"
    _description = "Member category"
    _order = "sequence, name"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Stable name for imports, statistics and other software; it doesn't change once members have it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_business = fields.Boolean("Business", help="Firms and the self-employed: counted together in the figures.")
    is_legal_person = fields.Boolean("Legal person", help="A body, not a human being: its contacts are companies.")
    partner_ids = fields.One2many("res.partner", "member_category_id", "Contacts")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another member category has this code: choose another one, or use that category."
    )

    def write(self, vals):
        if "code" in vals:
            used = self.filtered(lambda category: category.code != vals["code"] and category.sudo().partner_ids[:1])
            if used:
                raise UserError(
                    self.env._(
                        "The code of “%s” is used in imports and figures and stays as it is: "
                        "create another category, or rename this one.",
                        used[0].name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.sudo().with_context(active_test=False).filtered("partner_ids")
        if used:
            raise UserError(
                self.env._("Contacts are in the category “%s”: archive it instead of deleting it.", used[0].name)
            )
