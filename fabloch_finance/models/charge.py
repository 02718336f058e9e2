from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What an invoice line states: once invoiced, these never change on the charge.
INVOICED_FIELDS = {
    "company_id",
    "currency_id",
    "date",
    "discount",
    "invoice_partner_id",
    "name",
    "partner_id",
    "price_unit",
    "product_id",
    "product_uom_id",
    "quantity",
    "tax_ids",
    "waived",
}


class Charge(models.Model):
    """A sum that somebody owes for something used or subscribed, on its way to one invoice line.

    The price is fixed when the charge is made: what was quoted is what is charged is what is
    invoiced. `fabloch.charge._invoice` turns charges into invoices (see charge_invoicing.py).
    """

    _name = "fabloch.charge"
    _description = "Charge"
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
        digits="Product Price",
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
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        help="Untaxed, rounded in the currency: the subtotal that the invoice line will show.",
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
    state = fields.Selection(
        [("to_invoice", "To invoice"), ("invoiced", "Invoiced"), ("waived", "Nothing to invoice")],
        compute="_compute_state",
        store=True,
    )
    waived = fields.Boolean(readonly=True, copy=False)
    waived_reason = fields.Char("Reason of the waiver", readonly=True, copy=False)
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
    invoice_id = fields.Many2one("account.move", "Invoice", related="invoice_line_id.move_id")
    payment_state = fields.Selection(related="invoice_id.payment_state")
    credit_line_ids = fields.One2many("account.move.line", "fabloch_credited_charge_id", "Credit note lines")
    amount_credited = fields.Monetary(
        "Credited", compute="_compute_amount_credited", store=True, help="Untaxed, by posted credit notes."
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

    @api.depends("partner_id")
    def _compute_invoice_partner_id(self):
        payers = self.partner_id.commercial_partner_id
        address = dict(
            self.env["res.partner"]._read_group(
                [("parent_id", "in", payers.ids), ("type", "=", "invoice")], ["parent_id"], ["id:min"]
            )
        )
        for charge in self:
            payer = charge.partner_id.commercial_partner_id
            charge.invoice_partner_id = address.get(payer) or payer

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

        A new quantity or date leaves it alone: it was quoted.
        """
        for charge in self.filtered("product_id"):
            pricelist = charge.partner_id.with_company(charge.company_id).property_product_pricelist
            charge.price_unit = pricelist._get_product_price(
                charge.product_id.with_company(charge.company_id),
                charge.quantity,
                currency=charge.currency_id,
                uom=charge.product_uom_id,
                date=charge.date,
            )

    @api.depends("product_id", "invoice_partner_id", "company_id")
    def _compute_tax_ids(self):
        position_of = {}
        for charge in self:
            payer, company = charge.invoice_partner_id, charge.company_id
            if (payer, company) not in position_of:
                positions = self.env["account.fiscal.position"].with_company(company)
                position_of[payer, company] = positions._get_fiscal_position(payer)
            taxes = charge.product_id.taxes_id._filter_taxes_by_company(company)
            charge.tax_ids = position_of[payer, company].map_tax(taxes)

    @api.depends("quantity", "price_unit", "discount", "tax_ids", "currency_id")
    def _compute_amount(self):
        for charge in self:
            currency = charge.currency_id or charge.company_id.currency_id
            price = charge.price_unit * (1 - (charge.discount or 0.0) / 100)
            if any(charge.tax_ids.mapped("price_include")):
                totals = charge.tax_ids.compute_all(
                    price, currency=currency, quantity=charge.quantity, product=charge.product_id
                )
                charge.amount = totals["total_excluded"]
            else:
                charge.amount = currency.round(price * charge.quantity)

    @api.depends("invoice_line_ids.parent_state")
    def _compute_invoice_line_id(self):
        for charge in self:
            charge.invoice_line_id = charge.invoice_line_ids.filtered(
                lambda line: line.parent_state in ("draft", "posted")
            )[:1]

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
            charge.amount_credited = sum(posted.mapped("price_subtotal"))

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for charge in self:
            first_line = (charge.name or "").split("\n", 1)[0]
            charge.display_name = f"{first_line} ({charge.partner_id.name})"

    def write(self, vals):
        if INVOICED_FIELDS.intersection(vals):
            self._check_not_invoiced(self.env._("changed"))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invoiced(self):
        self._check_not_invoiced(self.env._("deleted"))
        kept = self.filtered("invoice_line_ids")
        if kept:
            raise UserError(
                self.env._(
                    "The charge “%s” stands on a cancelled invoice, which the books keep. "
                    "Waive it instead of deleting it.",
                    kept[0].display_name,
                )
            )

    def _check_not_invoiced(self, verb):
        for charge in self.filtered(lambda charge: charge.state == "invoiced"):
            raise UserError(
                self.env._(
                    "The charge “%(charge)s” is on the invoice %(invoice)s and can't be %(verb)s. "
                    "Delete or cancel that invoice while it is a draft, or make a credit note.",
                    charge=charge.display_name,
                    invoice=charge.invoice_id.display_name,
                    verb=verb,
                )
            )

    def action_waive(self, reason=False):
        """Give up these charges: they will not be invoiced.

        :param str reason: why; kept on the charge for the auditor.
        :raises UserError: when one is invoiced already (a credit note is the way then).
        :raises ValidationError: without a reason.
        """
        self.write({"waived": True, "waived_reason": reason or False})

    def action_unwaive(self):
        """Take a waiver back: the charges are to be invoiced again."""
        self.write({"waived": False, "waived_reason": False})

    def action_reinvoice(self):
        """Charge again what a credit note has fully taken back; the credited charge stays as it was.

        :return: the new charges, to be invoiced.
        :raises UserError: when a charge is not invoiced, or not credited to the cent.
        """
        for charge in self:
            if charge.state != "invoiced" or charge.currency_id.compare_amounts(charge.amount, charge.amount_credited):
                raise UserError(
                    self.env._(
                        "“%s” is not fully credited, so invoicing it again would bill it twice. "
                        "Post a credit note for the whole line first, or add a charge for the difference.",
                        charge.display_name,
                    )
                )
        return self.create([dict(charge.copy_data()[0], origin_charge_id=charge.id) for charge in self])

    def action_open_invoice(self):
        """Open the invoice that bears this charge."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.invoice_id.id,
            "view_mode": "form",
        }
