from odoo import api, fields, models
from odoo.exceptions import UserError


class Membership(models.Model):
    """A membership's fee as a gift: lawful only when the fee gives no tangible counterpart."""

    _inherit = "fabloch.membership"

    donation_ids = fields.One2many(
        "fabloch.donation", "membership_id", "Gifts", readonly=True, groups="fabloch_finance.group_finance_board"
    )
    fee_is_gift = fields.Boolean(
        compute="_compute_fee_is_gift", help="The fee gives no tangible counterpart, and isn't recorded as a gift yet."
    )

    @api.depends(
        "confirm_date",
        "cancel_date",
        "settled_elsewhere",
        "price",
        "plan_id.tangible_counterpart",
        "donation_ids.cancel_date",
        "donation_ids.origin",
    )
    def _compute_fee_is_gift(self):
        for membership in self:
            recorded = membership.sudo().donation_ids.filtered(
                lambda gift: gift.origin == "fee" and not gift.cancel_date
            )
            membership.fee_is_gift = bool(
                membership.confirm_date
                and not membership.cancel_date
                and not membership.settled_elsewhere
                and not membership.plan_id.tangible_counterpart
                and membership.price
                and not recorded
            )

    def action_fee_as_gift(self):
        """Record the fees of these memberships as gifts, which may be receipted: nothing more is posted.

        :return: the action that opens the gifts, which are received when the fees' invoices are paid.
        :raises UserError: when a fee gives a tangible counterpart: it is then never a gift.
        """
        for membership in self:
            if membership.plan_id.tangible_counterpart:
                message = self.env._(
                    "The fee of %s gives a tangible counterpart, such as the use of machines: it is no gift. Only what "
                    "is given beside the fee is one.",
                    membership.display_name,
                )
            elif not membership.fee_is_gift:
                message = self.env._(
                    "The fee of %s is recorded as a gift already, or the membership isn't confirmed.",
                    membership.display_name,
                )
            else:
                continue
            raise UserError(message)
        Donation = self.env["fabloch.donation"]
        Donation.check_access("create")
        gifts = Donation.sudo().create([membership._prepare_fee_gift_vals() for membership in self]).sudo(self.env.su)
        gifts.action_confirm()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.donation_action")
        action.update(domain=[("id", "in", gifts.ids)], context={})
        return action

    def _prepare_fee_gift_vals(self):
        """Values of the gift that the fee of this membership is."""
        self.ensure_one()
        return {
            "origin": "fee",
            "membership_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "date": self.confirm_date,
            "nature": "cash",
            "amount": self.price,
        }
