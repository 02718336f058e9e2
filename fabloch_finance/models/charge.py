from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.account.models.account_move import PAYMENT_STATE_SELECTION

from .books import rests_on_books


class Charge(models.Model):
    """A sum that somebody owes for something used or subscribed, on its way to one invoice line.

    The price is fixed when the charge is made: what was quoted is what is charged is what is
    invoiced. `fabloch.charge._invoice` turns charges into invoices (see charge_invoicing.py).
    """

    _name = "fabloch.charge"
    _description = "Charge"
    _inherit = ["fabloch.engine.mixin", "fabloch.books"]
    _order = "date, id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", "User", required=True, index=True, ondelete="restrict", help="Who used the service."
    )
    invoice_partner_id = fields.Many2one(
        "res.partner",
        "Payer",
        compute="_compute_invoice_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        help="Who receives the invoice; by default the user's company, at its invoice address.",
    )
    product_id = fields.Many2one("product.product", required=True, check_company=True, index=True, ondelete="restrict")
    name = fields.Text(
        "Description", compute="_compute_name", store=True, readonly=False, precompute=True, required=True
    )
    date = fields.Date(
        "Billable from",
        required=True,
        default=fields.Date.context_today,
        help="The charge is left alone by the invoicing until that day.",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True, aggregator=None)
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
    )
    price_unit = fields.Float(
        "Unit price",
        min_display_digits="Product Price",
        aggregator=None,
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    discount = fields.Float("Discount (%)", digits="Discount", aggregator=None)
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_tax_ids",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain=[("type_tax_use", "=", "sale")],
        context={"active_test": False},
        ondelete="restrict",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        help="Untaxed, rounded in the currency, less what is covered: the subtotal that the invoice line will show.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    immediate = fields.Boolean(
        "Invoice at once",
        help="Invoiced as soon as it is billable, unless a frequency was chosen on the payer's own contact.",
    )
    state = fields.Selection(
        [("to_invoice", "To invoice"), ("invoiced", "Invoiced"), ("waived", "Nothing to invoice")],
        compute="_compute_state",
        store=True,
        default="to_invoice",
    )
    waived = fields.Boolean(readonly=True, copy=False)
    waived_reason = fields.Char("Reason of the waiver", readonly=True, copy=False)
    waived_by_id = fields.Many2one("res.users", "Waived by", readonly=True, copy=False)
    waived_on = fields.Date(readonly=True, copy=False)
    invoice_line_ids = fields.One2many(
        "account.move.line", "fabloch_charge_id", "Invoice lines", help="Cancelled invoices included."
    )
    invoice_line_id = fields.Many2one(
        "account.move.line",
        "Invoice line",
        compute="_compute_invoice_line_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        help="The line of the one invoice, draft or posted, that bears this charge.",
    )
    invoice_id = fields.Many2one("account.move", compute="_compute_invoice_line_id", store=True, index="btree_not_null")
    payment_state = fields.Selection(PAYMENT_STATE_SELECTION, "Payment Status", compute="_compute_payment_state")
    credit_line_ids = fields.One2many("account.move.line", "fabloch_credited_charge_id", "Credit note lines")
    amount_credited = fields.Monetary(
        "Credited",
        compute="_compute_amount_credited",
        store=True,
        default=0.0,
        help="Untaxed, by posted credit notes.",
    )
    origin_charge_id = fields.Many2one(
        "fabloch.charge",
        "Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The credited charge that this one invoices again.",
    )
    replacement_ids = fields.One2many("fabloch.charge", "origin_charge_id", "Replaced by")

    # What the invoicing searches stays small whatever the history.
    _to_invoice_idx = models.Index("(company_id, invoice_partner_id, date) WHERE state = 'to_invoice'")
    _one_replacement_idx = models.UniqueIndex(
        "(origin_charge_id) WHERE origin_charge_id IS NOT NULL",
        "This charge was put back to invoice already: see the charge that replaces it.",
    )
    _discount_range = models.Constraint(
        "CHECK (discount >= 0 AND discount <= 100)", "A discount is a percentage from 0 to 100."
    )

    @api.constrains("waived", "waived_reason")
    def _check_waived_reason(self):
        for charge in self:
            if charge.waived and not (charge.waived_reason or "").strip():
                raise ValidationError(
                    self.env._("Say why the charge “%s” is waived: the auditor will ask.", charge.display_name)
                )

    def _check_company(self, fnames=None):
        # Some that the engine makes come from settings that were checked: two queries less for each batch.
        if self.env.su and self.env.context.get("fabloch_company_checked"):
            return None
        return super()._check_company(fnames)

    @api.depends("partner_id")
    def _compute_invoice_partner_id(self):
        payers = self.partner_id.commercial_partner_id
        address = {}
        if payers.ids:
            # By SQL: it is asked for each charge that is made, and costs a third of what the ORM's own way does.
            payers.flush_model(["active", "parent_id", "type"])
            address = dict(
                self.env.execute_query(
                    SQL(
                        "SELECT parent_id, MIN(id) FROM res_partner"
                        " WHERE parent_id IN %s AND type = 'invoice' AND active GROUP BY parent_id",
                        tuple(payers.ids),
                    )
                )
            )
        for charge in self:
            payer = charge.partner_id.commercial_partner_id
            charge.invoice_partner_id = address.get(payer._origin.id) or payer

    @api.depends("product_id")
    def _compute_name(self):
        for charge in self:
            product = charge.product_id.with_context(lang=charge.partner_id.lang)
            charge.name = product.get_product_multiline_description_sale() if product else charge.name

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for charge in self:
            charge.product_uom_id = charge.product_id.uom_id

    @api.depends("company_id")
    def _compute_currency_id(self):
        for charge in self:
            charge.currency_id = charge.company_id.currency_id

    @api.depends("product_id", "product_uom_id")
    def _compute_price_unit(self):
        """The product's price in the user's own pricelist, on the day of the charge.

        A new quantity or date leaves it alone: it was quoted. One query for all charges of a pricelist and day.
        """

        def key(charge):
            partner = charge.partner_id.with_company(charge.company_id)
            return (
                partner.property_product_pricelist,
                charge.company_id,
                charge.currency_id,
                charge.product_uom_id,
                charge.quantity,
                charge.date,
            )

        priced = self.filtered("product_id")
        for (pricelist, company, currency, uom, quantity, date), charges in priced.grouped(key).items():
            products = charges.product_id.with_company(company)
            price_of = pricelist._get_products_price(products, quantity, currency=currency, uom=uom, date=date)
            for charge in charges:
                product = charge.product_id.with_company(company)
                price = price_of[product.id]
                if taxes := product.taxes_id._filter_taxes_by_company(company):
                    # A price with tax is another price where another tax applies.
                    position = charge._fiscal_position()
                    price = product._get_tax_included_unit_price_from_price(price, taxes, fiscal_position=position)
                charge.price_unit = price

    @api.onchange("partner_id", "currency_id")
    def _onchange_price_unit(self):
        if not self._origin:
            self._compute_price_unit()

    def _fiscal_position(self):
        positions = self.env["account.fiscal.position"].with_company(self.company_id)
        return positions._get_fiscal_position(self.invoice_partner_id)

    @api.depends("product_id", "invoice_partner_id", "company_id")
    def _compute_tax_ids(self):
        for (_payer, company), charges in self.grouped(lambda c: (c.invoice_partner_id, c.company_id)).items():
            position = None
            for charge in charges:
                taxes = charge.product_id.taxes_id._filter_taxes_by_company(company)
                if taxes and position is None:
                    position = charge._fiscal_position()
                charge.tax_ids = position.map_tax(taxes) if taxes else taxes

    @api.depends("quantity", "price_unit", "discount", "tax_ids", "currency_id", "amount_covered")
    def _compute_amount(self):
        for charge in self:
            charge.amount = charge._amounts()["total_excluded"]

    def _amounts(self, discount=None):
        """Return `total_excluded` and `total_included`, rounded in the currency as the invoice line will be.

        :param float discount: instead of the charge's own, to foresee one.
        """
        currency = self.currency_id or self.company_id.currency_id
        discount = self.discount if discount is None else discount
        price = self.price_unit * (1 - (discount or 0.0) / 100)
        if not self.tax_ids:
            amount = currency.round(price * self.quantity)
            return {"total_excluded": amount, "total_included": amount}
        return self.tax_ids.compute_all(
            price, currency=currency, quantity=self.quantity, product=self.product_id, partner=self.partner_id
        )

    @api.model
    def _untaxed(self, partner, product, quantity, price_unit, company):
        """Return the amount that a charge of `partner` with these values will have; writes nothing."""
        if not product.taxes_id._filter_taxes_by_company(company):
            return company.currency_id.round(price_unit * quantity)
        return self.new(
            {
                "partner_id": partner.id,
                "product_id": product.id,
                "quantity": quantity,
                "price_unit": price_unit,
                "company_id": company.id,
            }
        ).amount

    # From the invoice back to its charges there is but the line's own link: no search at each posting or payment.
    @api.depends("invoice_line_ids.parent_state", "invoice_line_ids.move_id")
    def _compute_invoice_line_id(self):
        for charge in self:
            line = charge.invoice_line_ids.filtered(lambda line: line.parent_state in ("draft", "posted"))[:1]
            charge.invoice_line_id = line
            charge.invoice_id = line.move_id

    @rests_on_books
    def _compute_payment_state(self):
        for charge in self:
            charge.payment_state = charge.invoice_id.payment_state

    @api.depends("invoice_line_id", "waived", "amount", "currency_id")
    def _compute_state(self):
        for charge in self:
            if charge.invoice_line_id:
                charge.state = "invoiced"
            elif charge.waived or charge.currency_id.is_zero(charge.amount):
                charge.state = "waived"
            else:
                charge.state = "to_invoice"

    @api.depends("credit_line_ids.parent_state", "credit_line_ids.price_subtotal")
    def _compute_amount_credited(self):
        for charge in self:
            posted = charge.credit_line_ids.filtered(lambda line: line.parent_state == "posted")
            charge.amount_credited = sum(
                line.price_subtotal if line.move_type == "out_refund" else -line.price_subtotal for line in posted
            )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for charge in self:
            first_line = (charge.name or "").split("\n", 1)[0]
            charge.display_name = f"{first_line} ({charge.partner_id.name})"
