from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class Allowance(models.Model):
    """Time or money paid or granted in advance: a prepaid pack, hours of a plan, a convention's envelope.

    What is left is never stored: the `fabloch.allowance.use` rows are the truth. All sums are made in
    whole minutes or whole cents (see `_to_units`), so that six times ten minutes make an hour.
    """

    _name = "fabloch.allowance"
    _description = "Allowance"
    _order = "date_to, id"
    _check_company_auto = True

    name = fields.Char("Description", required=True, help="Where it comes from: a pack, a plan, a convention.")
    partner_id = fields.Many2one("res.partner", "Holder", required=True, index=True, ondelete="restrict")
    beneficiary_ids = fields.Many2many(
        "res.partner",
        "fabloch_allowance_beneficiary_rel",
        string="Beneficiaries",
        help="Who may use it. When empty: the holder and its people.",
    )
    product_ids = fields.Many2many(
        "product.product", string="Pays for", check_company=True, help="When empty: anything."
    )
    unit = fields.Selection([("hour", "Hours"), ("currency", "Money")], required=True, default="hour")
    quantity = fields.Float("Granted", required=True, digits=(16, 6), help="Hours, or company currency.")
    date_from = fields.Date("Valid from", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Valid to", help="Last day; no end when empty.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    use_ids = fields.One2many("fabloch.allowance.use", "allowance_id", "Uses", readonly=True)
    quantity_used = fields.Float("Used", compute="_compute_quantity_left", digits=(16, 6))
    quantity_left = fields.Float("Left", compute="_compute_quantity_left", digits=(16, 6))
    # Raised by every draw: two transactions that draw from one allowance conflict instead of both
    # reading the balance of before (repeatable read), and Odoo plays the second one again.
    draw_count = fields.Integer(readonly=True, copy=False)

    _holder_idx = models.Index("(partner_id, date_to)")
    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "An allowance grants more than nothing.")
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "An allowance ends on or after the day on which it starts."
    )

    @api.depends("quantity", "unit", "use_ids.quantity")
    def _compute_quantity_left(self):
        used = dict(
            self.env["fabloch.allowance.use"]._read_group(
                [("allowance_id", "in", self.ids)], ["allowance_id"], ["quantity:sum"]
            )
        )
        for allowance in self:
            units_used = allowance._to_units(used.get(allowance._origin, 0.0))
            allowance.quantity_used = allowance._to_quantity(units_used)
            allowance.quantity_left = allowance._to_quantity(allowance._to_units(allowance.quantity) - units_used)

    @api.constrains("quantity", "unit", "date_from", "date_to")
    def _check_covers_uses(self):
        for allowance in self:
            if allowance._to_units(allowance.quantity_left) < 0:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” was already used for %(used)s: grant at least that much.",
                        name=allowance.display_name,
                        used=allowance.quantity_used,
                    )
                )

    def write(self, vals):
        frozen = {"company_id", "draw_count", "partner_id", "unit"}.intersection(vals)
        used = self.filtered("use_ids") if frozen else self.browse()
        if used:
            raise UserError(
                self.env._(
                    "“%s” has been used: its holder and its unit stay. End it and grant another one.",
                    used[0].display_name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered("use_ids")
        if used:
            raise UserError(self.env._("“%s” has been used and is kept. End it instead.", used[0].display_name))

    # -- Exact arithmetic --------------------------------------------------------------------------

    def _to_units(self, quantity):
        """Return `quantity` (hours or money) as a whole number of minutes or of the currency's cents."""
        self.ensure_one()
        per_unit = 60 if self.unit == "hour" else 1 / self.currency_id.rounding
        return round(quantity * per_unit)

    def _to_quantity(self, units):
        """Return hours or money from a whole number of minutes or cents."""
        self.ensure_one()
        return units / 60 if self.unit == "hour" else self.currency_id.round(units * self.currency_id.rounding)

    # -- Drawing and giving back ---------------------------------------------------------------------

    @api.model
    def _usable_domain(self, partner, product, unit, date, company):
        """Domain of the allowances that `partner` may use for `product` on `date`."""
        partner_ids = [partner.id, partner.commercial_partner_id.id]
        return (
            Domain("company_id", "=", company.id)
            & Domain("unit", "=", unit)
            & Domain("date_from", "<=", date)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", date))
            & (
                Domain("beneficiary_ids", "in", partner.id)
                | Domain("beneficiary_ids", "=", False) & Domain("partner_id", "in", partner_ids)
            )
            & (Domain("product_ids", "=", False) | Domain("product_ids", "in", product.id))
        )

    @api.model
    def _draw(self, partner, product, quantity, unit, date, company=None, **use_vals):
        """Take up to `quantity` for `partner`, from what expires first, before any price is asked.

        :param partner: who uses.
        :param product: what is used.
        :param float quantity: hours or money (company currency), according to `unit`.
        :param str unit: `hour` or `currency`.
        :param date date: the day of use.
        :param use_vals: more values of the use rows, such as the upper addon's link.
        :return: the `fabloch.allowance.use` rows made; their sum is what was covered, never more than
            asked, and less when the allowances don't reach.
        """
        company = company or self.env.company
        allowances = self.sudo().search(self._usable_domain(partner, product, unit, date, company))
        allowances._lock_for_draw()
        uses = []
        asked = allowances[:1]._to_units(quantity) if allowances else 0
        for allowance in allowances:
            taken = min(asked, allowance._to_units(allowance.quantity_left))
            if taken > 0:
                uses.append(
                    {
                        "allowance_id": allowance.id,
                        "partner_id": partner.id,
                        "product_id": product.id,
                        "date": date,
                        "quantity": allowance._to_quantity(taken),
                        **use_vals,
                    }
                )
                asked -= taken
        return self.env["fabloch.allowance.use"].sudo().create(uses).sudo(self.env.su)

    def _lock_for_draw(self):
        """Lock these rows, and make whoever read their balance before us start again."""
        if self:
            self.env.cr.execute(
                "UPDATE fabloch_allowance SET draw_count = COALESCE(draw_count, 0) + 1 WHERE id IN "
                "(SELECT id FROM fabloch_allowance WHERE id IN %s ORDER BY id FOR UPDATE)",
                [tuple(self.ids)],
            )
            self.invalidate_recordset(["draw_count", "quantity_used", "quantity_left"])
