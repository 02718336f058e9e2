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
