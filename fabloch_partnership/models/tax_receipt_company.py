from odoo import fields, models


class ResCompany(models.Model):
    """What a tax receipt states of the body that issues it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    receipt_object = fields.Text("Object of the body", help="As in the statutes: each tax receipt states it.")
    receipt_category = fields.Char(
        "Legal category of the body",
        help="As on the administration's model, e.g. « Œuvre ou organisme d'intérêt général ».",
    )
    receipt_signatory_name = fields.Char("Receipts are signed by")
    receipt_signatory_function = fields.Char("Quality of the signatory", help="President, treasurer…")
    receipt_signature = fields.Image("Printed signature", max_width=600, max_height=240)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    receipt_object = fields.Text(related="company_id.receipt_object", readonly=False)
    receipt_category = fields.Char(related="company_id.receipt_category", readonly=False)
    receipt_signatory_name = fields.Char(related="company_id.receipt_signatory_name", readonly=False)
    receipt_signatory_function = fields.Char(related="company_id.receipt_signatory_function", readonly=False)
    receipt_signature = fields.Image(
        related="company_id.receipt_signature", readonly=False, max_width=600, max_height=240
    )
