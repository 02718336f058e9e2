from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class MembershipRules(models.Model):
    """What a membership may not be; each refusal names the record and says what to do."""

    _inherit = "fabloch.membership"

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for membership in self:
            if membership.date_end < membership.date_start:
                raise ValidationError(
                    self.env._(
                        "The membership of %(member)s would end on %(end)s, before it starts on %(start)s: "
                        "correct one of the two dates.",
                        member=membership.partner_id.display_name,
                        end=format_date(self.env, membership.date_end),
                        start=format_date(self.env, membership.date_start),
                    )
                )

    @api.constrains("partner_id", "plan_id", "date_start", "date_end", "cancel_date", "confirm_date")
    def _check_no_overlap(self):
        """Name the membership that is in the way; the database constraint is what makes overlaps impossible."""
        if not self.ids:
            return
        self.flush_model(["partner_id", "plan_id", "date_start", "date_end", "cancel_date", "confirm_date"])
        self.env.cr.execute(
            """
            SELECT this.id, other.id
              FROM fabloch_membership this
              JOIN fabloch_membership other
                ON other.partner_id = this.partner_id AND other.plan_id = this.plan_id AND other.id != this.id
             WHERE this.id IN %s
               AND (this.confirm_date IS NOT NULL OR this.cancel_date IS NULL)
               AND (other.confirm_date IS NOT NULL OR other.cancel_date IS NULL)
               AND daterange(this.date_start, GREATEST(this.date_start, LEAST(this.date_end + 1, this.cancel_date)))
                && daterange(other.date_start, GREATEST(other.date_start, LEAST(other.date_end + 1, other.cancel_date)))
             LIMIT 1
            """,
            [tuple(self.ids)],
        )
        if clash := self.env.cr.fetchone():
            this, other = self.sudo().browse(clash)
            raise ValidationError(
                self.env._(
                    "%(member)s already has a membership of “%(plan)s” from %(start)s to %(end)s. "
                    "Open that one, choose other dates, or cancel it first.",
                    member=this.partner_id.display_name,
                    plan=this.plan_id.name,
                    start=format_date(self.env, other.date_start),
                    end=format_date(self.env, other.date_end),
                )
            )

    @api.constrains("beneficiary_ids", "plan_id")
    def _check_seats(self):
        for membership in self:
            people = len(membership.beneficiary_ids)
            if people > membership.plan_id.seats:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” covers at most %(seats)s people besides the member, and %(people)s are chosen for "
                        "%(member)s: take some out, or choose a plan with more seats.",
                        plan=membership.plan_id.name,
                        seats=membership.plan_id.seats,
                        people=people,
                        member=membership.partner_id.display_name,
                    )
                )

    @api.constrains("category_id", "plan_id")
    def _check_category(self):
        for membership in self:
            plan = membership.plan_id
            if plan.category_ids and membership.category_id not in plan.category_ids:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” is for: %(categories)s. The category of %(member)s is “%(category)s”: "
                        "choose another plan, or correct the category.",
                        plan=plan.name,
                        categories=", ".join(plan.category_ids.mapped("name")),
                        member=membership.partner_id.display_name,
                        category=membership.category_id.name or self.env._("none"),
                    )
                )

    @api.constrains("partner_id", "plan_id")
    def _check_company_of_member(self):
        for membership in self:
            company = membership.partner_id.company_id
            if company and company != membership.plan_id.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” is a plan of %(plan_company)s, but the contact %(member)s belongs to %(company)s: "
                        "choose a plan of %(company)s, or share the contact between the companies.",
                        plan=membership.plan_id.name,
                        plan_company=membership.plan_id.company_id.name,
                        member=membership.partner_id.display_name,
                        company=company.name,
                    )
                )
