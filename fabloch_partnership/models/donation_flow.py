from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.fabloch_finance import arguments


class DonationFlow(models.Model):
    """What is done with a gift: confirm, receive, cancel."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    def action_confirm(self):
        """Promise these gifts: each gets its number; nothing is in the books yet.

        A manual gift is income when it is received (ANC 2018-06), so a promise isn't posted.

        :raises UserError: when one isn't a draft, or misses what its nature demands.
        :raises ValidationError: when the counterparts are too high for a gift.
        """
        self.check_access("write")
        for donation in self:
            if donation.state != "draft":
                raise UserError(
                    self.env._("%s is no draft any more, so it can't be confirmed again.", donation.display_name)
                )
        self._check_complete()
        self.sudo()._number()
        self.sudo().write({"confirm_date": fields.Date.context_today(self)})
        return True

    def _check_complete(self):
        """Demand what each nature must state before it is promised."""
        for donation in self:
            if donation.currency_id.compare_amounts(donation.amount, 0.0) <= 0:
                message = self.env._("%s has no amount yet: a gift is more than 0.", donation.display_name)
            elif donation.nature in ("goods", "skills") and not (donation.description or "").strip():
                message = self.env._(
                    "Describe the goods or the work of %s: the tax receipt repeats the description.",
                    donation.display_name,
                )
            elif donation.nature == "expenses" and not donation.expense_ids:
                message = self.env._("%s has no expense yet: add the lines of the claim.", donation.display_name)
            else:
                continue
            raise UserError(message)

    def _number(self):
        """Give each gift its number, drawn in one query for each company and year."""
        numbered = self.filtered(lambda donation: not donation.name)
        for (company, _year), donations in numbered.grouped(lambda each: (each.company_id, each.date.year)).items():
            sequences = self.env["ir.sequence"].with_company(company)
            found = sequences.search(
                [("code", "=", "fabloch.donation"), ("company_id", "in", [company.id, False])],
                order="company_id",
                limit=1,
            )
            numbers = found._draw_many_of_date(donations[0].date, len(donations))
            for donation, number in zip(donations, numbers, strict=True):
                donation.name = number

    def action_receive(self, date=None):
        """Receive these gifts; without a date, open the window that asks for the day and the payment.

        :param date: the day on which gifts in kind were given.
        :raises UserError: for money without the window, for what isn't promised, or misses a proof.
        """
        if not date:
            action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.donation_receive_action")
            return {**action, "context": {"default_donation_ids": self.ids}}
        if money := self.filtered(lambda donation: donation.nature == "cash"):
            raise UserError(
                self.env._("%s is money: receive it with its payment, by the button.", money[0].display_name)
            )
        self._receive(date)
        return True

    def action_expect(self, date=None):
        """Post the receipts of these gifts of money unpaid: the accountant reconciles them with the bank.

        :param date: the receipts' date; today when empty.
        """
        if kind := self.filtered(lambda donation: donation.nature != "cash"):
            raise UserError(self.env._("%s is no money: receive it.", kind[0].display_name))
        self._receive(date)
        return True

    def _receive(self, date=None, journal=None, payment_method_line=None, payment_mode=None, memo=None):
        """Receive these gifts; drafts are confirmed first.

        :param date: the day of the payment, or on which it was given; today when empty.
        :param journal: bank or cash journal of the payment; empty: the receipt of money is posted unpaid.
        :param payment_method_line: of that journal; its first one when empty.
        :param str payment_mode: a key of `payment_mode`.
        :param str memo: cheque number, transfer reference.
        :raises UserError: when one can't be received, with the reason.
        """
        date = arguments.day(self.env, date) or fields.Date.context_today(self)
        self.check_access("write")
        self.filtered(lambda donation: donation.state == "draft").action_confirm()
        # Two people who receive the same gift at once: the second one is told, or tries again and sees it received.
        self.lock_for_update()
        self._check_receivable()
        money = self.filtered(lambda donation: donation.nature == "cash")
        if payment_mode:
            money.write({"payment_mode": payment_mode})
        money._post_receipts(date)
        if journal:
            for company, donations in money.grouped("company_id").items():
                donations.with_company(company)._pay(
                    donations.move_id, date, journal, payment_method_line=payment_method_line, memo=memo
                )
        (self - money)._post_in_kind(date)
        self._check_counterpart()

    def _check_receivable(self):
        for donation in self:
            if donation.origin == "fee":
                message = self.env._(
                    "%s is a membership fee: it is received when the invoice of the membership is paid.",
                    donation.display_name,
                )
            elif donation.state != "pledged":
                message = self.env._("%s is received or cancelled already.", donation.display_name)
            elif donation.move_id.state == "draft":
                message = self.env._(
                    "The entry of %s was put back to draft: ask the accountant to post it or to cancel it.",
                    donation.display_name,
                )
            elif donation._is_payment_withdrawn():
                message = self.env._(
                    "The payment of %s was put back to draft: cancel that payment, then receive the gift again.",
                    donation.display_name,
                )
            elif donation.payment == "partial":
                message = self.env._(
                    "A part of %s is paid already: the accountant registers the rest on its receipt.",
                    donation.display_name,
                )
            elif donation.nature == "expenses" and not donation.waiver_date:
                message = self.env._(
                    "The volunteer's waiver is missing on %s: print the claim, have it signed, and write the day.",
                    donation.display_name,
                )
            else:
                continue
            raise UserError(message)
        self.expense_ids._check_proof()

    def _split(self, amount):
        """Leave `amount` on this promised gift; the rest becomes a promise of its own, counterparts in proportion.

        :param float amount: what came, in the company's currency; the whole or more makes no second gift.
        :return: the gift that stays promised; empty when nothing is left.
        """
        self.ensure_one()
        currency = self.currency_id
        if currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(self.env._("What came is more than 0."))
        rest = currency.round(self.amount - amount)
        if rest > 0 and self.nature != "cash":
            raise UserError(self.env._("Only money comes in parts: change the gift to what was given."))
        share = currency.round(self.counterpart_value * amount / self.amount)
        kept = self.counterpart_value - share
        if rest <= 0:
            if rest < 0:
                self.amount = amount
            return self.browse()
        other = self.copy_data(
            {"amount": rest, "counterpart_value": currency.round(kept), "partner_id": self.partner_id.id}
        )[0]
        self.write({"amount": amount, "counterpart_value": share})
        other = self.sudo().create({**other, "promise_id": (self.promise_id or self).id}).sudo(self.env.su)
        other.action_confirm()
        return other

    def action_cancel(self, reason=None):
        """Cancel these gifts; what was posted is reversed, today.

        :param str reason: why; kept on the gift.
        :raises UserError: when money came: it is given back first, through the receipt's credit note or its payment.
        :raises ValidationError: without a reason.
        """
        self.check_access("write")
        reason = arguments.words(self.env, reason)
        if not reason:
            raise ValidationError(self.env._("Say why the gift is cancelled: the auditor will ask."))
        for donation in self:
            if donation.cancel_date:
                raise UserError(self.env._("%s is cancelled already.", donation.display_name))
            if donation.origin == "gift" and donation.nature == "cash" and donation.payment in ("paid", "partial"):
                raise UserError(
                    self.env._(
                        "The money of %(gift)s came. Give it back first: a credit note on %(receipt)s, paid out; or "
                        "cancel the payment if it never reached the bank.",
                        gift=donation.display_name,
                        receipt=donation.move_id.display_name,
                    )
                )
        self._reverse_entries(reason)
        self.sudo().write({"cancel_date": fields.Date.context_today(self), "cancel_reason": reason})
        return True

    def action_open_move(self):
        """Open the entry of this gift, or the invoice of the fee that it is."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self._receivable_moves()[:1].id or self.move_id.id,
            "view_mode": "form",
        }
