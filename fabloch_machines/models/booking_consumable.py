from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import periods


class BookingConsumable(models.Model):
    """What was used up during bookings: filament by the gram, plywood by the sheet."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    def _consumable_charges(self):
        """Return the charges of what was used up."""
        return self.sudo().charge_ids.filtered(lambda charge: not charge.rate_id)

    def _consumable_prices(self, products):
        """Return {product id: price of one unit} for the person of this booking, on its day."""
        self.ensure_one()
        day = self._local(self.start).date()
        company = self.company_id
        partner = self.partner_id
        pricelists = self.env["product.pricelist"].with_company(company)._of_partners_on([(partner, day)])
        pricelist, _member = pricelists[partner, day]
        return pricelist._get_products_price(
            products.with_company(company), 1.0, currency=company.currency_id, date=day
        )

    def _add_consumables(self, consumables):
        """Charge consumables with this booking: to its payer, dated as it is, at the person's prices of its day.

        :param list consumables: (product, quantity in the product's unit).
        :return: the charges.
        :raises UserError: when the booking isn't confirmed, when a product is none of its category's consumables, or
            a quantity isn't more than 0.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("confirmed", "no_show"):
            raise UserError(
                self.env._(
                    "%s isn't confirmed, so nothing was used: confirm it first.",
                    self.display_name,
                )
            )
        products = self.env["product.product"].union(*(product for product, _quantity in consumables))
        if wrong := products - self.category_id.consumable_ids:
            raise UserError(
                self.env._(
                    "%(product)s isn't a consumable of “%(category)s”: a machine manager adds it to the category.",
                    product=wrong[0].display_name,
                    category=self.category_id.name,
                )
            )
        for product, quantity in consumables:
            if product.uom_id.compare(quantity, 0) <= 0:
                raise UserError(self.env._("How much of %s was used? Give more than 0.", product.display_name))
        prices = self._consumable_prices(products)
        charges = (
            self.env["fabloch.charge"]
            .sudo()
            .with_company(self.company_id)
            .create(
                [
                    self._prepare_consumable_vals(product, quantity, prices[product.id])
                    for product, quantity in consumables
                ]
            )
        )
        return charges.sudo(self.env.su)

    def _prepare_consumable_vals(self, product, quantity, price):
        """Values of the charge of `quantity` of `product`, used during this booking."""
        lang = self.partner_id.lang or self.env.lang
        here = self.with_context(lang=lang)
        name = here.env._(
            "%(product)s (%(machine)s, %(day)s)",
            product=product.with_context(lang=lang).get_product_multiline_description_sale(),
            machine=here.machine_id.name,
            day=format_date(here.env, self._local(self.start).date(), lang_code=lang),
        )
        return {
            "booking_id": self.id,
            "partner_id": self.partner_id.id,
            "product_id": product.id,
            "name": name,
            "quantity": quantity,
            "price_unit": price,
            "date": self._consumable_date(),
            "immediate": self.visitor,
            "company_id": self.company_id.id,
            "currency_id": self.company_id.currency_id.id,
        }

    def _consumable_date(self):
        return periods.to_local(self.stop - timedelta(minutes=1), self._tz()).date()

    def _move_consumables(self):
        """The consumables that aren't invoiced yet follow these bookings to another day, machine or person."""
        for booking in self:
            due = booking._consumable_charges().filtered(
                lambda charge: charge.state == "to_invoice" or charge.amount_covered and charge.state == "waived"
            )
            if not due:
                continue
            others = due.filtered(lambda charge, person=booking.partner_id: charge.partner_id != person)
            prices = booking._consumable_prices(others.product_id) if others else {}
            for charge in due:
                # What was the price for a person stays so.
                price = prices[charge.product_id.id] if charge in others else charge.price_unit
                vals = booking._prepare_consumable_vals(charge.product_id, charge.quantity, price)
                moved = ["name", "date", "immediate", *(["partner_id", "price_unit"] if charge in others else [])]
                charge.write({name: vals[name] for name in moved})
