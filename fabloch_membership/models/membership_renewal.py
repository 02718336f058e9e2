from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class MembershipRenewal(models.Model):
    """What is done with a membership: confirm and charge it, renew it, end it early."""

    _inherit = "fabloch.membership"

    next_step = fields.Char("What to do next", compute="_compute_next_step")

    @api.depends("status", "payment", "is_renewed", "to_renew")
    def _compute_next_step(self):
        for membership in self:
            membership.next_step = membership._next_step()

    def _next_step(self):
        """Return one sentence: what the staff does next with this membership (empty: nothing)."""
        day = format_date(self.env, self.date_start)
        if self.status == "draft":
            return self.env._("Check the period and the fee, then confirm: the member is charged.")
        if self.status == "cancelled":
            if self.payment in ("unpaid", "paid") and self.price:
                return self.env._("The fee was invoiced: the accountant makes a credit note if it is given back.")
            return False
        if self.status == "waiting":
            return {
                "to_invoice": self.env._("Invoice the fee: the membership runs once it is paid."),
                "unpaid": self.env._("Register the payment of the fee: the membership runs once it is paid."),
                "refunded": self.env._("The fee was credited: charge it again, or cancel the membership."),
            }.get(self.payment, False)
        if self.is_renewed:
            return False
        if self.status == "upcoming":
            return self.env._("Nothing to do: it becomes active by itself on %s.", day)
        if self.status == "expired":
            return self.env._("Renew it if the member comes back: the new period starts today.")
        if self.to_renew:
            return self.env._("Renew it: the next period follows this one without a gap.")
        return False

    # -- Confirm ---------------------------------------------------------------------------------------------

    def action_confirm(self):
        """Confirm these memberships: number the members, charge the fees; invoice them if the company says so.

        :raises UserError: when one isn't a draft.
        """
        runs = self._confirm()
        if failures := runs.failure_ids:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("Confirmed, but not invoiced"),
                    "message": "\n".join(
                        f"{failure.partner_id.display_name}: {failure.reason}" for failure in failures
                    ),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def _confirm(self, date=None, invoice=None):
        """Confirm these memberships.

        :param date date: day of the confirmation; the fee is billable from that day (default: today).
        :param bool invoice: invoice the fees now (default: as each company's settings say).
        :return: the `fabloch.invoicing.run` made, if any.
        :raises UserError: when one isn't a draft.
        """
        for membership in self:
            if membership.confirm_date or membership.cancel_date:
                raise UserError(
                    self.env._(
                        "The membership %s is no draft any more, so it can't be confirmed again: "
                        "renew it, or make a new one.",
                        membership.display_name,
                    )
                )
        date = fields.Date.to_date(date) or self._today()
        self.write({"confirm_date": date})
        (self.partner_id | self.beneficiary_ids)._assign_member_number()
        to_charge = self.filtered(lambda membership: not membership.settled_elsewhere)
        charges = (
            self.env["fabloch.charge"]
            .sudo()
            .create([membership._prepare_charge_vals(date) for membership in to_charge])
        )
        charges = charges.sudo(self.env.su)
        if invoice is None:
            charges = charges.filtered("company_id.membership_invoice_now")
        elif not invoice:
            charges = charges.browse()
        charges = charges.filtered(lambda charge: charge.state == "to_invoice")
        return charges._invoice(date) if charges else self.env["fabloch.invoicing.run"]

    def _prepare_charge_vals(self, date):
        """Values of the charge of this membership's fee, billable from `date`."""
        self.ensure_one()
        plan = self.plan_id.with_context(lang=self.partner_id.lang)
        name = self.with_context(lang=self.partner_id.lang).env._(
            "%(plan)s, from %(start)s to %(end)s",
            plan=plan.name,
            start=format_date(self.env, self.date_start, lang_code=self.partner_id.lang),
            end=format_date(self.env, self.date_end, lang_code=self.partner_id.lang),
        )
        return {
            "membership_id": self.id,
            "partner_id": self.partner_id.id,
            "product_id": plan.product_id.id,
            "name": name,
            "quantity": 1.0,
            "price_unit": self.price,
            "date": date,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }

    def action_invoice(self):
        """Invoice the fees of these memberships now, in one run; open the invoices.

        :raises UserError: when nothing is to invoice, or none could be, with the reason of each failure.
        """
        charges = self.charge_ids.filtered(lambda charge: charge.state == "to_invoice")
        if not charges:
            raise UserError(self.env._("There is nothing to invoice: confirm the membership first."))
        runs = charges._invoice(self._today())
        if not runs.invoice_ids:
            raise UserError("\n".join(runs.failure_ids.mapped("reason")) or self.env._("Nothing could be invoiced."))
        return self.action_open_invoices()

    def action_charge_again(self):
        """Charge the fee again, after a credit note took the whole of it back."""
        charges = self.charge_ids.filtered(lambda charge: charge.state == "invoiced" and not charge.replacement_ids)
        charges.action_reinvoice()
        return True

    def action_register_payment(self):
        """Open Odoo's payment window on the unpaid invoices of these memberships."""
        return self.invoice_ids.filtered(
            lambda move: move.state == "posted" and move.payment_state in ("not_paid", "partial")
        ).action_register_payment()

    def action_open_invoices(self):
        """Open the invoices and credit notes of these memberships."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        action.update(domain=[("id", "in", self.invoice_ids.ids)], context={"create": False})
        if len(self.invoice_ids) == 1:
            action.update(views=[(False, "form")], res_id=self.invoice_ids.id)
        return action

    # -- Renew -------------------------------------------------------------------------------------------------

    def action_renew(self):
        """Make the following membership of each, as drafts to be checked and confirmed; open them.

        :raises UserError: when one can't be renewed, with the reason.
        """
        for membership, reason in self._renewal_obstacles().items():
            raise UserError(f"{membership.display_name}: {reason}")
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
        following = self.create([membership._prepare_next_vals(date) for membership in renewable])
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

    # -- End early ---------------------------------------------------------------------------------------------

    def action_cancel(self, reason=None, date=None):
        """End these memberships early. A fee that isn't invoiced yet is waived; an invoice stays: giving the money
        back is a credit note, which the accountant makes.

        :param str reason: why.
        :param date date: first day without rights. By default today; for one that was never settled its first day,
            since it never took effect.
        :raises UserError: without reason, for one cancelled already, or when `date` is after its end.
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the membership is cancelled."))
        date = fields.Date.to_date(date)
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
        for day, memberships in self.grouped(lambda m: date or m._default_cancel_date(today)).items():
            memberships.write({"cancel_date": day, "cancel_reason": reason})
        ended = self.filtered(lambda membership: membership.cancel_date <= today)
        charges = ended.charge_ids.sudo().filtered(lambda charge: charge.state == "to_invoice")
        if charges:
            charges.action_waive(self.env._("Membership cancelled: %s", reason))
        return True

    def _default_cancel_date(self, today):
        if not self.confirm_date or not self.in_order:
            return min(today, self.date_start)
        return today
