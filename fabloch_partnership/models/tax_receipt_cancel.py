from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from odoo.addons.fabloch_finance import arguments

ASK = "fabloch_partnership.receipts_to_check"


class TaxReceiptCancel(models.Model):
    """A wrong receipt: cancelled, or cancelled and replaced; it stays in the books either way."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt"

    def action_cancel(self, reason=False):
        """Cancel these receipts: their gifts may change, and be put on another receipt.

        :param str reason: why; it is kept, and printed on copies.
        :raises AccessError: for whoever is not a manager of partnerships.
        :raises UserError: without a reason, or when one is cancelled already.
        """
        self._check_manager()
        self.check_access("read")
        reason = arguments.words(self.env, reason)
        if not reason:
            raise UserError(self.env._("Say why the receipt is cancelled: the reason is kept with it."))
        receipts = self.sudo()
        for receipt in receipts.filtered(lambda receipt: receipt.state != "live"):
            raise UserError(
                self.env._(
                    "The tax receipt %(number)s is cancelled already: %(reason)s",
                    number=receipt.name,
                    reason=receipt.cancel_reason,
                )
            )
        receipts.write(
            {
                "state": "cancelled",
                "cancel_reason": reason,
                "cancelled_on": fields.Date.context_today(self),
                "cancelled_by_id": self.env.uid,
            }
        )
        receipts.flush_recordset()
        receipts.line_ids.write({"live": False})
        receipts.activity_ids.unlink()
        return True

    def action_replace(self, reason=False, date=None):
        """Cancel each of these receipts and issue another one for the same gifts, which says what it replaces.

        The new one states what donor and body are today.

        :param str reason: why the old one was wrong.
        :return: the new receipts.
        :raises UserError: when a gift can get no receipt any more, or the donor's years no longer let one cover all.
        """
        date = arguments.day(self.env, date)
        gifts_of = {receipt: receipt.sudo().line_ids.donation_id for receipt in self}
        self.action_cancel(reason)
        issued = self.browse()
        for receipt, gifts in gifts_of.items():
            issued |= self._issue(gifts.sudo(self.env.su), date, together=True, replaces_id=receipt.id)
        return issued

    def action_checked(self):
        """The officer has looked: these receipts hold."""
        self._check_officer()
        self.check_access("read")
        self.sudo().write({"to_check": False})
        self.sudo().activity_ids.unlink()
        return True

    def _check_manager(self):
        if not (self.env.su or self.env.user.has_group("fabloch_partnership.group_partnership_manager")):
            raise AccessError(self.env._("A tax receipt is cancelled by the manager of partnerships."))

    @api.depends(
        "state",
        "line_ids.donation_id.state",
        "line_ids.donation_id.amount",
        "line_ids.donation_id.partner_id",
        "line_ids.donation_id.amount_refunded",
    )
    def _compute_to_check(self):
        """A gift can't be changed under its receipt, but the books can: a payment reversed, a cheque that bounces."""
        live = self.sudo().filtered(lambda receipt: receipt.state == "live")
        ineligible = live.line_ids.donation_id._ineligible_reasons()
        to_ask = []
        for receipt in self:
            reasons = receipt.sudo()._broken_grounds(ineligible) if receipt.state == "live" else []
            receipt.check_reason = "\n".join(reasons) or False
            receipt.to_check = bool(reasons)
            if reasons:
                to_ask += receipt.ids
        if to_ask:
            # Activities are made when all is computed, within the same transaction.
            waiting = self.env.cr.precommit.data.setdefault(ASK, set())
            if not waiting:
                self.env.cr.precommit.add(self.env(su=True)[self._name]._ask_to_check)
            waiting.update(to_ask)

    def _broken_grounds(self, ineligible):
        """Return why this receipt's gifts aren't any more what it states of them.

        :param dict ineligible: gift → why the law gives it no receipt (any more).
        """
        self.ensure_one()
        reasons = []
        for line in self.line_ids:
            gift = line.donation_id
            if gift.state != "received":
                reasons.append(self.env._("%s is no longer received (payment undone, refund…).", gift.display_name))
            elif gift in ineligible:
                reasons.append(f"{gift.display_name}: {ineligible[gift]}")
            elif self.currency_id.compare_amounts(gift.amount, line.amount):
                reasons.append(self.env._("The amount of %s is another one now.", gift.display_name))
            elif gift._receipt_donor() != self.partner_id:
                reasons.append(self.env._("The donor of %s is another one now.", gift.display_name))
        return reasons

    @api.model
    def _ask_to_check(self):
        """Put one activity on each receipt that is to be checked."""
        waiting = self.env.cr.precommit.data.pop(ASK, set())
        receipts = self.browse(sorted(waiting)).filtered(lambda receipt: receipt.to_check and not receipt.activity_ids)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": receipt.id,
                    "user_id": receipt._follow_up_user().id,
                    "summary": self.env._("Tax receipt to check"),
                    "note": plaintext2html(receipt.check_reason),
                }
                for receipt in receipts
            ]
        )
        self.env.flush_all()

    def _follow_up_user(self):
        """Return who is asked to look: who issued it, if still an officer, else the first manager of the company."""
        self.ensure_one()
        managers = self.env.ref("fabloch_partnership.group_partnership_manager").sudo().all_user_ids.sorted("id")
        able = (self.create_uid | managers).filtered(
            lambda user: (
                user.active
                and not user._is_superuser()
                and self.company_id in user.company_ids
                and user.has_group("fabloch_partnership.group_partnership_user")
            )
        )
        return able[:1] or self.env.ref("base.user_admin")
