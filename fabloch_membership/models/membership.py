from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

# What a charge was made from: once confirmed, these never change.
CONFIRMED_FIELDS = {"partner_id", "plan_id", "price", "settled_elsewhere"}
# Only the actions and the computations set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {
    "cancel_date",
    "cancel_reason",
    "charge_ids",
    "company_id",
    "confirm_date",
    "grace_until",
    "in_order",
    "is_renewed",
    "next_ids",
    "payment",
    "previous_id",
    "reminder_ids",
}


class Membership(models.Model):
    """One person's or body's membership of the association for one period, under one plan.

    Beside this file: what it may not be (membership_rules.py), its status, never stored (membership_status.py), its fee
    (membership_charge.py), its following ones and its early end (membership_renewal.py).
    """

    _name = "fabloch.membership"
    _description = "Membership"
    _inherit = ["mail.thread", "mail.activity.mixin", "fabloch.engine.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["partner_id", "plan_id"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", "Member", required=True, index=True, tracking=True, ondelete="restrict", check_company=True
    )
    plan_id = fields.Many2one("fabloch.membership.plan", required=True, index=True, tracking=True, ondelete="restrict")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    category_id = fields.Many2one(
        "fabloch.member.category",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        help="The member's category when the membership was made: the figures of a year stay as they were.",
    )
    date_start = fields.Date("From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(
        "Until",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
        help="Last day of the membership.",
    )
    grace_until = fields.Date(compute="_compute_grace_until", store=True, help="Last day of the plan's grace.")
    beneficiary_ids = fields.Many2many(
        "res.partner",
        "fabloch_membership_beneficiary_rel",
        "membership_id",
        "partner_id",
        string="People covered",
        help="They are members through this membership, and get its prices.",
    )
    seats = fields.Integer(related="plan_id.seats")
    price = fields.Monetary(
        "Fee",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The plan's fee, for the months that are left when the plan says so.",
    )
    settled_elsewhere = fields.Boolean(
        "Settled elsewhere",
        copy=False,
        help="Taken over from other software, where it was paid: confirmed as it is, nothing is charged here.",
    )
    charge_ids = fields.One2many("fabloch.charge", "membership_id", "Charges", readonly=True, copy=False)
    confirm_date = fields.Date("Confirmed on", readonly=True, copy=False, tracking=True)
    cancel_date = fields.Date("Cancelled from", readonly=True, copy=False, tracking=True)
    cancel_reason = fields.Char("Reason of the cancellation", readonly=True, copy=False, tracking=True)
    previous_id = fields.Many2one(
        "fabloch.membership", "Follows", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    next_ids = fields.One2many("fabloch.membership", "previous_id", "Followed by", readonly=True)

    @api.depends("partner_id")
    def _compute_category_id(self):
        for membership in self:
            if not membership.category_id or not membership.confirm_date:
                membership.category_id = membership.partner_id.member_category_id

    @api.depends("plan_id", "date_start")
    def _compute_date_end(self):
        for membership in self:
            if membership.date_end and membership.confirm_date:
                continue
            if membership.plan_id and membership.date_start:
                membership.date_end = membership.plan_id._period(membership.date_start)[1]

    @api.depends("plan_id", "date_start")
    def _compute_price(self):
        for membership in self:
            if membership.confirm_date:
                continue
            if membership.plan_id and membership.date_start:
                membership.price = membership.plan_id._price_from(membership.date_start)

    @api.depends("date_end", "plan_id.grace_days")
    def _compute_grace_until(self):
        for membership in self:
            membership.grace_until = membership.date_end and fields.Date.add(
                membership.date_end, days=membership.plan_id.grace_days
            )

    @api.depends("partner_id", "plan_id", "date_start", "date_end")
    def _compute_display_name(self):
        for membership in self:
            membership.display_name = self.env._(
                "%(member)s, %(plan)s (%(start)s – %(end)s)",
                member=membership.partner_id.display_name or "",
                plan=membership.plan_id.name or "",
                start=format_date(self.env, membership.date_start),
                end=format_date(self.env, membership.date_end),
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_take_over(
            [*vals_list, {"settled_elsewhere": self.env.context.get("default_settled_elsewhere")}]
        )
        for vals in vals_list:
            # An empty cell of an import means the plan's own period.
            if not vals.get("date_end", True):
                del vals["date_end"]
        # What was just cancelled or moved makes room in the database first.
        self.flush_model(["partner_id", "plan_id", "date_start", "date_end", "cancel_date", "confirm_date"])
        memberships = super().create(vals_list)
        memberships.filtered("settled_elsewhere")._confirm()
        return memberships

    def write(self, vals):
        self._check_engine_fields([vals])
        self._check_may_take_over([vals])
        self._check_may_move(vals)
        locked = CONFIRMED_FIELDS.intersection(vals)
        if locked:
            self._check_unlocked(locked, vals)
        result = super().write(vals)
        if "beneficiary_ids" in vals:
            self.filtered("confirm_date").beneficiary_ids._assign_member_number()
        return result

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "These fields of a membership follow from its dates, its fee or an action and can't be set: %s. "
            "Use the buttons of the membership.",
            ", ".join(names),
        )

    def _check_may_take_over(self, vals_list):
        """A membership that nobody is charged for is the manager's business."""
        if self.env.su or not any(vals.get("settled_elsewhere") for vals in vals_list):
            return
        if not self.env.user.has_group("fabloch_membership.group_membership_manager"):
            raise AccessError(
                self.env._(
                    "Only a members' manager takes over memberships that were paid elsewhere: leave that box empty, "
                    "and the fee is charged on confirmation."
                )
            )

    def _check_may_move(self, vals):
        """The period of a confirmed membership is what was paid for: only the manager corrects it."""
        moved = {"date_start", "date_end"}.intersection(vals)
        if not moved or self.env.su or self.env.user.has_group("fabloch_membership.group_membership_manager"):
            return
        for membership in self.filtered("confirm_date"):
            if any(membership[name] != fields.Date.to_date(vals[name]) for name in moved):
                raise AccessError(
                    self.env._(
                        "%s is confirmed, so only a members' manager corrects its period: "
                        "ask one, or cancel it and make another one.",
                        membership.display_name,
                    )
                )

    def _check_unlocked(self, names, vals):
        for membership in self.filtered("confirm_date"):
            for name in names:
                field = self._fields[name]
                if field.convert_to_write(membership[name], membership) != vals[name]:
                    raise UserError(
                        self.env._(
                            "“%(field)s” can't change once a membership is confirmed (%(membership)s): "
                            "cancel it and make another one.",
                            field=field.get_description(self.env)["string"],
                            membership=membership.display_name,
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        for membership in self.filtered("confirm_date"):
            if invoice := membership.charge_ids.invoice_id[:1]:
                raise UserError(
                    self.env._(
                        "The membership %(membership)s is invoiced (%(invoice)s) and can't be deleted: cancel it, "
                        "and make a credit note if the fee is given back.",
                        membership=membership.display_name,
                        invoice=invoice.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "The membership %s is confirmed and can't be deleted: cancel it, with the reason.",
                    membership.display_name,
                )
            )
