from odoo import fields, models


class ResCompany(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    convention_we_sign_first = fields.Boolean(
        "We sign conventions first",
        default=True,
        help="The partner is mailed once our signatory has signed: the partner's signature makes the convention."
        " Otherwise they are mailed at once, and ours comes last.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    convention_we_sign_first = fields.Boolean(related="company_id.convention_we_sign_first", readonly=False)
