from odoo import fields, models


class InvoicingFailure(models.Model):
    """A payer whom a run could not invoice, and why."""

    _name = "fabloch.invoicing.failure"
    _description = "Invoicing failure"
    _order = "run_id desc, id"

    run_id = fields.Many2one("fabloch.invoicing.run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", "Payer", index=True, ondelete="set null")
    name = fields.Char("Payer's name", required=True, help="Stays readable when the contact is deleted.")
    reason = fields.Text(required=True)
    charge_ids = fields.Many2many("fabloch.charge")
    amount = fields.Monetary(help="Untaxed, not invoiced.")
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
