from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.fabloch_finance import arguments


class MembershipRenewal(models.Model):
    """How a membership goes on, or ends early."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.membership"

    # -- Renew -------------------------------------------------------------------------------------------------

    def action_renew(self):
        """Make the following membership of each, as drafts to be checked and confirmed; open them.

        :raises UserError: when one can't be renewed, with the reason.
        """
        for membership, reason in self._renewal_obstacles().items():
            raise UserError(self.env._("%(membership)s: %(reason)s", membership=membership.display_name, reason=reason))
        following = self._renew(confirm=False)
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_membership.membership_action")
        if len(following) == 1:
            action.update(views=[(False, "form")], res_id=following.id)
        else:
            action.update(domain=[("id", "in", following.ids)], context={})
        return action

    def _renew(self, date=None, confirm=True, invoice=None):
        """Create the membership that follows each of these; those with an obstacle are left out.

        :param date date: the day of the renewal (default: today); see `_next_start`.
        :param bool confirm: confirm, hence charge, them as well.
        :param bool invoice: see `_confirm`.
        :return: the new memberships.
        """
        date = fields.Date.to_date(date) or self._today()
        renewable = self - self.browse([membership.id for membership in self._renewal_obstacles()])
        self.browse().check_access("create")
        # What it follows is the action's word: nobody else may write it.
        following = self.sudo().create([membership._prepare_next_vals(date) for membership in renewable])
        following = following.sudo(self.env.su)
        if confirm:
            following._confirm(date=date, invoice=invoice)
        return following

    def _renewal_obstacles(self):
        """Return {membership: why it can't be renewed} for those of the recordset that can't."""
        obstacles = {}
        seen = set()
        for membership in self:
            key = (membership.partner_id, membership.plan_id)
            if not membership.confirm_date:
                obstacles[membership] = self.env._("still a draft: confirm it.")
            elif membership.cancel_date:
                obstacles[membership] = self.env._("cancelled: enrol the member anew.")
            elif membership.is_renewed:
                obstacles[membership] = self.env._("renewed already.")
            elif not membership.in_order:
                obstacles[membership] = self.env._(
                    "its fee is not settled: register the payment, or cancel it and enrol the member anew."
                )
            elif not membership.partner_id.active:
                obstacles[membership] = self.env._("the contact is archived: restore it first.")
            elif not membership.plan_id.active:
                obstacles[membership] = self.env._("the plan is archived: enrol the member in another one.")
            elif (
                membership.plan_id.category_ids
                and membership.partner_id.member_category_id not in membership.plan_id.category_ids
            ):
                obstacles[membership] = self.env._(
                    "the plan is not for the member's category any more: enrol the member in another one."
                )
            elif len(membership.beneficiary_ids) > membership.plan_id.seats:
                obstacles[membership] = self.env._("more people are covered than the plan has seats: take some out.")
            elif key in seen:
                obstacles[membership] = self.env._("another membership of the same plan is renewed here.")
            else:
                seen.add(key)
        for membership in (self - self.browse([m.id for m in obstacles]))._with_later_one():
            obstacles[membership] = self.env._("a later membership of the same plan exists already.")
        return obstacles

    def _with_later_one(self):
        """Return those of the recordset whose member has a later, live membership of the same plan."""
        latest = {
            (partner, plan): end
            for partner, plan, end in self.env["fabloch.membership"]._read_group(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("plan_id", "in", self.plan_id.ids),
                    ("cancel_date", "=", False),
                ],
                ["partner_id", "plan_id"],
                ["date_end:max"],
            )
        }
        return self.filtered(lambda m: m.date_end < latest.get((m.partner_id, m.plan_id), m.date_end))

    def _next_start(self, date):
        """Return the first day of the following membership when it is renewed on `date`.

        On time, or within the grace days, it follows without gap. Later than that the gap stays visible: it starts
        on `date`.
        """
        self.ensure_one()
        return date if date > self.grace_until else fields.Date.add(self.date_end, days=1)

    def _prepare_next_vals(self, date):
        """Values of the membership that follows this one when it is renewed on `date`."""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "plan_id": self.plan_id.id,
            "date_start": self._next_start(date),
            "beneficiary_ids": [fields.Command.set(self.beneficiary_ids.ids)],
            "previous_id": self.id,
        }

    def _follow_previous(self):
        """Say which membership each of these follows, when nobody said it: whoever enrols anew instead of renewing is
        no less a member again, and isn't to be written to. One of the same plan first, then the latest to end.
        """
        alone = self.filtered(lambda membership: not membership.previous_id)
        if not alone:
            return
        ended = self.search(
            [
                ("partner_id", "in", alone.partner_id.ids),
                ("company_id", "in", alone.company_id.ids),
                ("confirm_date", "!=", False),
                ("cancel_date", "=", False),
                ("is_renewed", "=", False),
            ]
        ).grouped(lambda membership: (membership.partner_id, membership.company_id))
        followed = set()
        for membership in alone.sorted("date_start"):
            earlier = ended.get((membership.partner_id, membership.company_id), self.browse()).filtered(
                lambda other, start=membership.date_start: other.date_end < start and other.id not in followed
            )
            if earlier:
                previous = max(
                    earlier, key=lambda other, plan=membership.plan_id: (other.plan_id == plan, other.date_end)
                )
                followed.add(previous.id)
                membership.previous_id = previous

    # -- End early ---------------------------------------------------------------------------------------------

    def action_cancel(self, reason=None, date=None):
        """End these memberships early. A fee that isn't invoiced yet is waived; an invoice stays: giving the money
        back is a credit note, which the accountant makes.

        :param str reason: why.
        :param date date: first day without rights. By default today; for one that was never settled its first day,
            since it never took effect.
        :raises UserError: without reason, for one cancelled already, or when `date` is after its end.
        """
        if not arguments.words(self.env, reason):
            raise UserError(self.env._("Say why the membership is cancelled."))
        self.check_access("write")
        date = arguments.day(self.env, date)
        today = self._today()
        for membership in self:
            if membership.cancel_date:
                raise UserError(
                    self.env._(
                        "The membership %(membership)s is cancelled already, from %(date)s: "
                        "nothing more is to be done.",
                        membership=membership.display_name,
                        date=format_date(self.env, membership.cancel_date),
                    )
                )
            if (date or today) > membership.date_end and (date or membership.in_order):
                raise UserError(
                    self.env._(
                        "The membership %(membership)s ends by itself on %(end)s: only an earlier day can cancel it.",
                        membership=membership.display_name,
                        end=format_date(self.env, membership.date_end),
                    )
                )
        for day, memberships in self.grouped(lambda m: m._cancel_day(date, today)).items():
            memberships.sudo().write({"cancel_date": day, "cancel_reason": reason})
        ended = self.filtered(lambda membership: membership.cancel_date <= today)
        # What an allowance paid stays paid, as an invoice would, but for a membership that never took effect.
        never = ended.filtered(lambda membership: membership.cancel_date <= membership.date_start)
        charges = ended.charge_ids.sudo().filtered(lambda charge: charge.state == "to_invoice")
        charges |= never.charge_ids.sudo().filtered(lambda charge: charge.state == "waived" and charge.amount_covered)
        if charges:
            charges.action_waive(self.env._("Membership cancelled: %s", reason))
        return True

    def _cancel_day(self, date, today):
        """Return the first day without rights; `date` is what was asked for, if anything was."""
        day = date or today
        if day <= today and not (self.confirm_date and self.in_order):
            # It never took effect: no day of it stays, neither in the figures nor in the way of another one.
            return min(day, self.date_start)
        return day
