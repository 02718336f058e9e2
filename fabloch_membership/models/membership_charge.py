from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class MembershipCharge(models.Model):
    """What a membership costs and what comes next for it: confirm, charge, invoice, take the payment."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.membership"

    next_step = fields.Char("What to do next", compute="_compute_next_step")

    @api.depends("status", "is_renewed", "to_renew")
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
        if self.status == "expired" and not self.in_order:
            return self.env._("It ended without its fee being settled: register the payment, or cancel it.")
        if self.status == "expired":
            return self.env._("Renew it if the member comes back: the new period starts today.")
        if self.to_renew:
            return self.env._("Renew it: the next period follows this one without a gap.")
        return False

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
        self.check_access("write")
        self.sudo().write({"confirm_date": date})
        self.sudo()._follow_previous()
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
        invoices = self.charge_ids.invoice_id
        if drafts := invoices.filtered(lambda move: move.state == "draft"):
            raise UserError(
                self.env._(
                    "The invoice is still a draft (%s): post it, then register the payment.",
                    ", ".join(drafts.mapped("display_name")),
                )
            )
        due = invoices.filtered(lambda move: move.payment_state in ("not_paid", "partial"))
        if not due:
            raise UserError(self.env._("There is nothing left to pay here."))
        return due.action_register_payment()

    def action_open_invoices(self):
        """Open the invoices and credit notes of these memberships."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        action.update(domain=[("id", "in", self.invoice_ids.ids)], context={"create": False})
        if len(self.invoice_ids) == 1:
            action.update(views=[(False, "form")], res_id=self.invoice_ids.id)
        return action
