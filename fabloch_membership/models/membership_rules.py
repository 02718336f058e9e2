import re
from datetime import date, timedelta

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

# Member, plan, first day and the day after the last one, as PostgreSQL shows the keys of an overlap.
OVERLAP_KEY = re.compile(r"\(\[(\d+),\d+\), \[(\d+),\d+\), \[([\d-]+),([\d-]+)\)\)")


def overlap_message(env, diagnostics):
    """Return the message of an overlap that the database refused; it names the membership that is in the way."""
    keys = OVERLAP_KEY.findall(diagnostics.message_detail or "") if diagnostics else []
    partner_id, plan_id, first, after = keys[-1] if keys else (0, 0, "", "")
    # A contact that came with the refused membership, in an import, is gone already.
    partner = env["res.partner"].sudo().browse(int(partner_id)).exists()
    if not partner:
        return env._(
            "This member already has a membership of this plan on some of these days. "
            "Open that one, choose other dates, or cancel it first."
        )
    return env._(
        "%(member)s already has a membership of “%(plan)s” from %(start)s to %(end)s. "
        "Open that one, choose other dates, or cancel it first.",
        member=partner.display_name,
        plan=env["fabloch.membership.plan"].sudo().browse(int(plan_id)).name,
        start=format_date(env, date.fromisoformat(first)),
        end=format_date(env, date.fromisoformat(after) - timedelta(days=1)),
    )


class MembershipRules(models.Model):
    """What a membership may not be; each refusal names the record and says what to do."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.membership"

    _dates_ordered = models.Constraint(
        "CHECK (date_end >= date_start)", "A membership can't end before it starts: correct one of the two dates."
    )
    _price_positive = models.Constraint(
        "CHECK (price >= 0)", "A fee can't be less than 0: to give money back, make a credit note."
    )
    # A cancelled membership keeps the days before its cancellation and frees the others: an empty range overlaps
    # nothing. One that was never confirmed frees everything.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(partner_id, partner_id, '[]') WITH =, int4range(plan_id, plan_id, '[]') WITH =,"
        " daterange(date_start, GREATEST(date_start, LEAST(date_end + 1, cancel_date))) WITH &&)"
        " WHERE (confirm_date IS NOT NULL OR cancel_date IS NULL)",
        overlap_message,
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
