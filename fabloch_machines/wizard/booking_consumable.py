from odoo import api, fields, models
from odoo.exceptions import UserError


class BookingConsumable(models.TransientModel):
    """Notes what was used up during a booking: it is charged with it."""

    _name = "fabloch.booking.consumable"
    _description = "Consumables of a booking"

    booking_id = fields.Many2one(
        "fabloch.booking", required=True, default=lambda self: self._default_booking_id(), ondelete="cascade"
    )
    category_id = fields.Many2one(related="booking_id.category_id")
    allowed_product_ids = fields.Many2many(related="category_id.consumable_ids", string="Offered")
    currency_id = fields.Many2one(related="booking_id.currency_id")
    line_ids = fields.One2many(
        "fabloch.booking.consumable.line", "wizard_id", "Used", default=lambda self: self._default_line_ids()
    )
    charge_ids = fields.Many2many("fabloch.charge", string="Noted already", compute="_compute_charge_ids")

    @api.model
    def _default_booking_id(self):
        if self.env.context.get("active_model") in (None, "fabloch.booking"):
            return self.env.context.get("active_id")
        return False

    @api.model
    def _default_line_ids(self):
        booking = self.env["fabloch.booking"].browse(self._default_booking_id())
        # One thing is offered: it is the one.
        offered = booking.category_id.consumable_ids
        return [fields.Command.create({"product_id": offered.id})] if len(offered) == 1 else []

    @api.depends("booking_id")
    def _compute_charge_ids(self):
        for wizard in self:
            wizard.charge_ids = wizard.booking_id._origin._consumable_charges()

    def action_add(self):
        """Charge the consumables with the booking.

        :raises UserError: when there is none.
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Add a line for each thing that was used."))
        self.booking_id._add_consumables([(line.product_id, line.quantity) for line in self.line_ids])
        return {"type": "ir.actions.act_window_close"}


class BookingConsumableLine(models.TransientModel):
    """So much of one consumable."""

    _name = "fabloch.booking.consumable.line"
    _description = "Consumable of a booking"

    wizard_id = fields.Many2one("fabloch.booking.consumable", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", "Consumable", required=True)
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    price_unit = fields.Float("Unit price", compute="_compute_amount", digits="Product Price")
    amount = fields.Monetary(compute="_compute_amount", help="Untaxed.")

    @api.depends("product_id", "quantity", "wizard_id.booking_id")
    def _compute_amount(self):
        for booking, lines in self.grouped(lambda line: line.wizard_id.booking_id._origin).items():
            products = lines.product_id._origin
            prices = booking._consumable_prices(products) if booking and products else {}
            for line in lines:
                line.price_unit = prices.get(line.product_id._origin.id, 0.0)
                line.amount = (
                    self.env["fabloch.charge"]._untaxed(
                        booking.partner_id,
                        line.product_id._origin,
                        line.quantity,
                        line.price_unit,
                        booking.company_id,
                    )
                    if line.product_id and booking
                    else 0.0
                )
