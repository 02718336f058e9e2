from odoo import api, fields, models
from odoo.exceptions import UserError


class PackSell(models.TransientModel):
    """Sells a prepaid pack of hours: one charge, which grants the hours; invoiced and paid at once if wished."""

    _name = "fabloch.pack.sell"
    _description = "Sell prepaid hours"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "For", required=True, check_company=True, default=lambda self: self._default_partner_id()
    )
    product_id = fields.Many2one(
        "product.product",
        "Pack",
        required=True,
        check_company=True,
        domain=[("fabloch_pack_hours", ">", 0), ("sale_ok", "=", True)],
        default=lambda self: self._default_product_id(),
    )
    quantity = fields.Float("How many", digits="Product Unit", default=1.0, required=True)
    hours = fields.Float(compute="_compute_pack")
    date_to = fields.Date("Until", compute="_compute_pack")
    category_ids = fields.Many2many(related="product_id.fabloch_pack_category_ids", string="For the machines")
    price_unit = fields.Float(
        "Unit price", compute="_compute_price", digits="Product Price", help="In the person's own prices."
    )
    amount = fields.Monetary("Price", compute="_compute_price", help="Untaxed.")
    total = fields.Monetary("To pay", compute="_compute_price", help="Taxes included.")
    prepaid_hours = fields.Float("Hours left now", compute="_compute_prepaid_hours")
    invoice_now = fields.Boolean("Invoice and take the payment now", default=True)

    @api.model
    def _default_partner_id(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env.context.get("active_id")
        return False

    @api.model
    def _default_product_id(self):
        packs = self.env["product.product"].search(
            [
                ("fabloch_pack_hours", ">", 0),
                ("sale_ok", "=", True),
                ("company_id", "in", [False, self.env.company.id]),
            ],
            limit=2,
        )
        return packs if len(packs) == 1 else False

    @api.depends("product_id", "quantity")
    def _compute_pack(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            product = wizard.product_id
            wizard.hours = product.fabloch_pack_hours * wizard.quantity
            wizard.date_to = product._pack_end(today, product.fabloch_pack_months) if product else False

    @api.depends("partner_id", "product_id", "quantity", "company_id")
    def _compute_price(self):
        for wizard in self:
            if not (wizard.partner_id and wizard.product_id):
                wizard.price_unit = wizard.amount = wizard.total = 0.0
                continue
            # What is shown is what the charge will say.
            charge = self.env["fabloch.charge"].new(wizard._prepare_charge_vals())
            wizard.price_unit = charge.price_unit
            amounts = charge._amounts()
            wizard.amount, wizard.total = amounts["total_excluded"], amounts["total_included"]

    @api.depends("partner_id", "company_id")
    def _compute_prepaid_hours(self):
        for wizard in self:
            partner = wizard.partner_id._origin
            minutes = partner._prepaid_balance(company=wizard.company_id)[partner][0] if partner else 0
            wizard.prepaid_hours = minutes / 60

    def _prepare_charge_vals(self):
        """Values of the charge that sells the pack; its description and its hours follow from the product."""
        return {
            "partner_id": self.partner_id.id,
            "product_id": self.product_id.id,
            "quantity": self.quantity,
            "date": fields.Date.context_today(self),
            "company_id": self.company_id.id,
        }

    def action_sell(self):
        """Charge the pack and grant its hours; invoice it and open Odoo's payment window when wished.

        :raises UserError: when it can't be invoiced, with the reason: nothing is sold then.
        """
        self.ensure_one()
        charge = self._sell()
        if self.invoice_now and (invoice := charge.invoice_id) and invoice.payment_state in ("not_paid", "partial"):
            return invoice.action_register_payment()
        return self.partner_id.action_open_allowances()

    def _sell(self):
        if self.product_id.uom_id.compare(self.quantity, 0) <= 0:
            raise UserError(self.env._("How many packs are sold? Give more than 0."))
        charge = self.env["fabloch.charge"].create(self._prepare_charge_vals())
        if self.invoice_now and charge.state == "to_invoice":
            runs = charge._invoice(charge.date)
            if not charge.invoice_id:
                raise UserError("\n".join(runs.failure_ids.mapped("reason")))
            if charge.invoice_id.state == "draft":
                charge.invoice_id.action_post()
        return charge
