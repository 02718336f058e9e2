from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# The code of each one's rate per kilometre is gift_expense_km_<key>.
VEHICLES = [
    ("car_3", "Car, 3 CV or less"),
    ("car_4", "Car, 4 CV"),
    ("car_5", "Car, 5 CV"),
    ("car_6", "Car, 6 CV"),
    ("car_7", "Car, 7 CV or more"),
    ("moto_2", "Motorcycle, 1 or 2 CV"),
    ("moto_5", "Motorcycle, 3 to 5 CV"),
    ("moto_6", "Motorcycle, more than 5 CV"),
    ("moped", "Moped (50 cm³ or less)"),
]


class DonationExpense(models.Model):
    """One expense of a volunteer, who leaves it to the association: a trip by the official scale, or a receipt."""

    _name = "fabloch.donation.expense"
    _description = "Waived expense"
    _order = "date, id"
    _check_company_auto = True

    donation_id = fields.Many2one("fabloch.donation", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="donation_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    name = fields.Char("What for", required=True, help="The trip and its purpose, or what was bought.")
    kind = fields.Selection(
        [("distance", "Kilometres"), ("receipt", "Expense with its proof")], required=True, default="distance"
    )
    vehicle = fields.Selection(VEHICLES)
    distance = fields.Float("Kilometres", digits=(16, 1))
    rate = fields.Float(
        "€ per km",
        digits=(16, 3),
        compute="_compute_rate",
        store=True,
        precompute=True,
        help="By the official scale on that day.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, precompute=True, required=True)
    scan = fields.Binary("Scan of the receipt", attachment=True)
    scan_name = fields.Char()
    account_id = fields.Many2one(
        "account.account",
        "Expense account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        groups="account.group_account_invoice",
        copy=False,  # copied, it would keep who isn't an accountant from duplicating the gift
        help="Empty: the account of trips or of other expenses, by the settings.",
    )

    _distance_positive = models.Constraint("CHECK (distance >= 0 AND amount >= 0)", "An expense can't be less than 0.")

    @api.constrains("amount", "kind", "distance", "rate")
    def _check_amount(self):
        for line in self.filtered(lambda each: each.kind == "distance"):
            if line.currency_id.compare_amounts(line.amount, line.distance * line.rate):
                raise ValidationError(
                    self.env._("The amount of “%s” follows from its kilometres by the official scale.", line.name)
                )

    @api.depends("kind", "vehicle", "date")
    def _compute_rate(self):
        parameter = self.env["fabloch.legal.parameter"]
        for line in self:
            known = line.kind == "distance" and line.vehicle and line.date
            line.rate = parameter._get(f"gift_expense_km_{line.vehicle}", line.date) if known else 0.0

    @api.depends("kind", "distance", "rate")
    def _compute_amount(self):
        for line in self:
            currency = line.currency_id or self.env.company.currency_id
            if line.kind == "distance":
                line.amount = currency.round(line.distance * line.rate)
            else:
                line.amount = line.amount or 0.0

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        if "donation_id" in vals:
            self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_open()

    def _check_open(self):
        for donation in self.donation_id.filtered(lambda each: each._is_posted() or each.state == "cancelled"):
            raise UserError(
                self.env._(
                    "The claim %s is in the books or cancelled, so its expenses can't change: cancel it, with the "
                    "reason, and record another one.",
                    donation.display_name,
                )
            )

    def _check_proof(self):
        """Demand what proves each expense (CGI art. 200: real, justified, for the association's object)."""
        for line in self:
            if line.kind == "distance" and not (line.vehicle and line.distance):
                message = self.env._("Choose the vehicle and the kilometres of “%s”.", line.name)
            elif line.kind == "receipt" and not line.scan:
                message = self.env._("Add the scan of the receipt of “%s”: the auditor will ask.", line.name)
            elif line.currency_id.is_zero(line.amount):
                message = self.env._("The expense “%s” has no amount.", line.name)
            else:
                continue
            raise UserError(message)
        self._check_scale()

    def _check_scale(self):
        """The stored rates are those of the scale's first kilometres of a year: further ones are worth less."""
        trips = self.filtered(lambda line: line.kind == "distance")
        donors = trips.donation_id.commercial_partner_id
        if not donors:
            return
        years = {line.date.year for line in trips}
        found = self.sudo()._read_group(
            [
                ("kind", "=", "distance"),
                ("donation_id.commercial_partner_id", "in", donors.ids),
                ("donation_id.state", "!=", "cancelled"),
                ("date", ">=", f"{min(years)}-01-01"),
                ("date", "<=", f"{max(years)}-12-31"),
            ],
            ["donation_id", "vehicle", "date:year"],
            ["distance:sum"],
        )
        totals = {}
        for donation, vehicle, year, distance in found:
            key = (donation.commercial_partner_id, vehicle, year.year)
            totals[key] = totals.get(key, 0.0) + distance
        parameter = self.env["fabloch.legal.parameter"]
        for line in trips:
            kind = line.vehicle.split("_")[0]
            limit = parameter._get(f"gift_expense_km_limit_{kind}", line.date)
            total = totals.get((line.donation_id.commercial_partner_id, line.vehicle, line.date.year), 0.0)
            if total > limit:
                raise UserError(
                    self.env._(
                        "%(volunteer)s drove %(total)s km in %(year)s, and the scale is lower beyond %(limit)s km: "
                        "enter this trip as a receipt, with the calculation as its scan.",
                        volunteer=line.donation_id.partner_id.display_name,
                        total=f"{total:g}",
                        year=line.date.year,
                        limit=f"{limit:g}",
                    )
                )

    def _default_account(self):
        """Return the account of this kind of expense, by the company's settings."""
        self.ensure_one()
        name = "gift_trip_account_id" if self.kind == "distance" else "gift_other_expense_account_id"
        return self.company_id._gift_setting(name)
