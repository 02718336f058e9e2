from datetime import date as Date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class DrawRequest(NamedTuple):
    """What somebody would use: `quantity` in hours, money or pieces according to `unit`, on the day `date`."""

    partner: models.BaseModel
    product: models.BaseModel
    quantity: float
    unit: str
    date: Date
    use_vals: dict | None = None
    whole: bool = False  # all of it, or nothing


class Allowance(models.Model):
    """Time or money paid or granted in advance: a prepaid pack, hours of a plan, a convention's envelope.

    What is left is never stored: the `fabloch.allowance.use` rows are the truth. All sums are made in
    whole minutes, cents or pieces (see `_to_units`), so that six times ten minutes make an hour.
    Hours are drawn by who sells time, before any price; money and pieces pay charges (allowance_cover.py).
    """

    _name = "fabloch.allowance"
    _description = "Allowance"
    _inherit = "fabloch.engine.mixin"
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
    unit = fields.Selection(
        [("hour", "Hours"), ("currency", "Money"), ("piece", "Memberships or units")],
        required=True,
        default="hour",
        help="Hours of machines; money for whatever is charged; or a number of fees or units of some products.",
    )
    quantity = fields.Float(
        "Granted", required=True, digits=(16, 6), help="Hours, company currency, or how many fees or units."
    )
    date_from = fields.Date("Valid from", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Valid to", help="Last day; no end when empty.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    use_ids = fields.One2many("fabloch.allowance.use", "allowance_id", "Uses", readonly=True)
    # Whoever sees the allowance sees what is left of it, whoever used the rest.
    quantity_used = fields.Float("Used", compute="_compute_quantity_left", compute_sudo=True, digits=(16, 6))
    quantity_left = fields.Float("Left", compute="_compute_quantity_left", compute_sudo=True, digits=(16, 6))
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

    @api.constrains("unit", "quantity", "product_ids")
    def _check_pieces(self):
        for allowance in self.filtered(lambda each: each.unit == "piece"):
            if allowance.quantity != round(allowance.quantity):
                raise ValidationError(
                    self.env._("“%s” grants a whole number of fees or units: correct it.", allowance.display_name)
                )
            if not allowance.product_ids:
                raise ValidationError(
                    self.env._("“%s” grants fees or units: say of which products.", allowance.display_name)
                )

    def write(self, vals):
        self._check_engine_fields([vals])
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
        """Return `quantity` (hours, money, pieces) as a whole number of minutes, of the currency's cents, of pieces."""
        self.ensure_one()
        per_unit = {"hour": 60, "piece": 1}.get(self.unit) or 1 / self.currency_id.rounding
        return round(quantity * per_unit)

    def _to_quantity(self, units):
        """Return hours, money or pieces from a whole number of minutes, cents or pieces."""
        self.ensure_one()
        if self.unit == "currency":
            return self.currency_id.round(units * self.currency_id.rounding)
        return units / 60 if self.unit == "hour" else float(units)

    # -- Drawing and giving back ---------------------------------------------------------------------

    @api.model
    def _usable_domain(self, partner, product, unit, date, company):
        """Domain of the allowances that `partner` may use for `product` on `date`."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("unit", "=", unit)
            & Domain("date_from", "<=", date)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", date))
            & self._people_domain(partner)
            & (Domain("product_ids", "=", False) | Domain("product_ids", "in", product.id))
        )

    @api.model
    def _people_domain(self, users):
        """Domain of the allowances that are granted to any of `users`; upper addons add who else is."""
        holders = users | users.commercial_partner_id
        return Domain("beneficiary_ids", "in", users.ids) | Domain("beneficiary_ids", "=", False) & Domain(
            "partner_id", "in", holders.ids
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
        [uses] = self._draw_many([DrawRequest(partner, product, quantity, unit, date, use_vals)], company)
        return uses

    @api.model
    def _draw_many(self, requests, company=None, candidates=None):
        """Draw for each `DrawRequest`, the first ones first: as many queries for a hundred as for one.

        :param candidates: what `_candidates` has found for them already.
        :return: the list of `fabloch.allowance.use` recordsets made, one for each request.
        """
        company = company or self.env.company
        allowances = self._of_units(requests, self._candidates(requests, company) if candidates is None else candidates)
        allowances._lock_for_draw()
        return self._record_uses(requests, allowances._allocate(requests, company))

    @api.model
    def _record_uses(self, requests, shares):
        """Write down what `_allocate` has shared out; return the list of uses, one recordset for each request."""
        vals_list, owners = [], []
        for number, (request, found) in enumerate(zip(requests, shares, strict=True)):
            for allowance, units in found:
                owners.append(number)
                vals_list.append(
                    {
                        "allowance_id": allowance.id,
                        "partner_id": request.partner.id,
                        "product_id": request.product.id,
                        "date": request.date,
                        "quantity": allowance._to_quantity(units),
                        **(request.use_vals or {}),
                    }
                )
        uses = self.env["fabloch.allowance.use"].sudo().create(vals_list).sudo(self.env.su)
        drawn = [uses.browse() for _request in requests]
        for number, use in zip(owners, uses, strict=True):
            drawn[number] += use
        return drawn

    @api.model
    def _foresee(self, requests, company=None, candidates=None):
        """Return the list of the quantities that `_draw_many` would cover now; writes nothing."""
        company = company or self.env.company
        allowances = self._of_units(requests, self._candidates(requests, company) if candidates is None else candidates)
        return [
            sum(allowance._to_quantity(units) for allowance, units in shares)
            for shares in allowances._allocate(requests, company)
        ]

    @api.model
    def _of_units(self, requests, allowances):
        units = {request.unit for request in requests}
        return allowances.filtered(lambda allowance: allowance.unit in units)

    @api.model
    def _candidates(self, requests, company, units=None):
        """Return the allowances that any of `requests` may use, those that expire first first.

        :param units: of which units (default: those of the requests).
        """
        users = self.env["res.partner"].union(*(request.partner for request in requests))
        days = [request.date for request in requests]
        if not days:
            return self.sudo().browse()
        return self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("unit", "in", sorted(units or {request.unit for request in requests}))
            & Domain("date_from", "<=", max(days))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", min(days)))
            & self._people_domain(users)
        )

    def _allocate(self, requests, company):
        """Share out what these allowances have left: for each request the list of (allowance, its units).

        The units are whole minutes, cents or pieces.
        """
        if not self:
            return [[] for _request in requests]
        left = {allowance: allowance._to_units(allowance.quantity_left) for allowance in self}
        shares = []
        for request in requests:
            found = []
            usable = self.filtered_domain(
                self._usable_domain(request.partner, request.product, request.unit, request.date, company)
            )
            asked = usable[:1]._to_units(request.quantity) if usable else 0
            for allowance in usable:
                taken = min(asked, left[allowance])
                if taken > 0:
                    found.append((allowance, taken))
                    asked -= taken
            if request.whole and asked:
                found = []
            for allowance, taken in found:
                left[allowance] -= taken
            shares.append(found)
        return shares

    def _lock_for_draw(self):
        """Lock these rows, and make whoever read their balance before us start again."""
        if self:
            self.env.cr.execute(
                "UPDATE fabloch_allowance SET draw_count = COALESCE(draw_count, 0) + 1 WHERE id IN "
                "(SELECT id FROM fabloch_allowance WHERE id IN %s ORDER BY id FOR UPDATE)",
                [tuple(self.ids)],
            )
            self.invalidate_recordset(["draw_count", "quantity_used", "quantity_left"])
