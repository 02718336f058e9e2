from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html


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
        if not (reason or "").strip():
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
                "cancel_reason": reason.strip(),
                "cancelled_on": fields.Date.context_today(self),
                "cancelled_by_id": self.env.uid,
                "to_check": False,
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

    def _flag(self, reason):
        """What these receipts state may not hold any more: mark them, and ask the officer to look.

        :param str reason: what happened.
        """
        receipts = self.sudo().filtered(lambda receipt: receipt.state == "live")
        if not receipts:
            return
        receipts.write({"to_check": True, "check_reason": reason})
        asked = receipts.filtered("activity_ids")
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": receipt.id,
                    "user_id": receipt._follow_up_user().id,
                    "summary": self.env._("Tax receipt to check"),
                    "note": plaintext2html(reason),
                }
                for receipt in receipts - asked
            ]
        )

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
