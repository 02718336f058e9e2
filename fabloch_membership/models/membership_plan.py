from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import period


class MembershipPlan(models.Model):
    """What a member subscribes to: a fee, a period, the people it covers and the prices it opens."""

    _name = "fabloch.membership.plan"
    _description = "Membership plan"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    category_ids = fields.Many2many(
        "fabloch.member.category",
        string="For whom",
        help="Member categories that may subscribe to it; everyone when empty.",
    )
    product_id = fields.Many2one(
        "product.product",
        "Fee product",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        domain=[("sale_ok", "=", True)],
        help="Its sales price is the fee; its account and taxes are those of the invoice.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary(compute="_compute_price", help="For a whole period, as the fee's product says.")
    period = fields.Selection(
        [("fixed", "Fiscal year"), ("rolling", "From the day of joining")], required=True, default="rolling"
    )
    months = fields.Integer(default=12, required=True, help="Length of a rolling period.")
    prorata = fields.Boolean(help="Who joins during the year pays the months that are left, the current one included.")
    seats = fields.Integer(help="How many people a membership may cover besides the member.")
    pricelist_id = fields.Many2one(
        "product.pricelist",
        "Member prices",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Members and the people they cover get this pricelist while the membership runs, unless a pricelist "
        "was chosen by hand on the contact. Nobody else gets it by default.",
    )
    grace_days = fields.Integer(help="Days after the end during which nothing changes yet for the member.")
    tangible_counterpart = fields.Boolean(
        default=True,
        help="The fee opens rights such as the use of machines. Without any, it is booked apart "
        "and may give a tax receipt.",
    )
    membership_ids = fields.One2many("fabloch.membership", "plan_id", "Memberships")
    member_count = fields.Integer("Active memberships", compute="_compute_member_count")

    _months_positive = models.Constraint("CHECK (months > 0)", "A plan lasts at least one month.")
    _seats_positive = models.Constraint("CHECK (seats >= 0)", "A plan can't have fewer than 0 seats.")
    _grace_positive = models.Constraint("CHECK (grace_days >= 0)", "Grace days can't be fewer than 0.")

    @api.constrains("company_id")
    def _check_company_unchanged(self):
        for plan in self.sudo():
            if plan.membership_ids.charge_ids.company_id - plan.company_id:
                raise ValidationError(
                    self.env._(
                        "Memberships of “%s” are charged in another company: create a plan in this one.", plan.name
                    )
                )

    @api.depends("product_id.list_price", "company_id")
    @api.depends_context("company")
    def _compute_price(self):
        for plan in self:
            plan.price = plan._fee()

    @api.depends("membership_ids.status")
    def _compute_member_count(self):
        counts = dict(
            self.env["fabloch.membership"]._read_group(
                [("plan_id", "in", self.ids), ("status", "in", ["active", "grace"])], ["plan_id"], ["__count"]
            )
        )
        for plan in self:
            plan.member_count = counts.get(plan, 0)

    def action_open_memberships(self):
        """Open the memberships of this plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_membership.membership_action")
        action.update(domain=[("plan_id", "=", self.id)], context={"default_plan_id": self.id})
        return action

    def _fee(self):
        """Return the fee of a whole period, in the company's currency."""
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        if not product or not self.company_id:
            return 0.0
        return product.currency_id._convert(
            product.lst_price, self.currency_id, self.company_id, fields.Date.context_today(self)
        )

    def _period(self, start):
        """Return the (first, last) day of the period that a member joining on `start` gets."""
        self.ensure_one()
        if self.period == "rolling":
            return start, period.rolling_end(start, self.months)
        return start, self.company_id.compute_fiscalyear_dates(start)["date_to"]

    def _price_from(self, start):
        """Return the fee of a membership that begins on `start`, in the company's currency."""
        self.ensure_one()
        fee = self._fee()
        if self.period != "fixed" or not self.prorata:
            return fee
        year = self.company_id.compute_fiscalyear_dates(start)
        remaining, total = period.remaining_months(year["date_from"], year["date_to"], start)
        return period.prorata(fee, remaining, total, self.currency_id.rounding)

    @api.model
    def _propose(self, category, company=None):
        """Return the first plan for `category` in `company` (default: the current one); may be empty."""
        domain = [
            ("company_id", "=", (company or self.env.company).id),
            ("category_ids", "in", [False, *category.ids]),
        ]
        plans = self.search(domain)
        # A plan made for this category is a better guess than one for everybody.
        return plans.filtered(lambda plan: category in plan.category_ids)[:1] or plans[:1]
