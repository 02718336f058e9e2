from odoo import fields, models


class TaxReceipt(models.Model):
    """A tax receipt for gifts: everything that it states is copied at issue; never edited, never deleted."""

    _name = "fabloch.tax.receipt"
    _description = "Tax receipt"
    _order = "year desc, sequence_number desc"
    _rec_name = "name"

    name = fields.Char("Number", required=True, readonly=True)
    year = fields.Integer(required=True, readonly=True, help="The year of issue, in which the numbers follow.")
    sequence_number = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", "Donor", required=True, readonly=True, index=True, ondelete="restrict")
    state = fields.Selection([("live", "Live"), ("cancelled", "Cancelled")], required=True, default="live")
    date = fields.Date("Issued on", required=True, readonly=True)
    amount = fields.Monetary("Total", required=True, readonly=True)
