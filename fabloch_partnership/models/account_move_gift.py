from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class AccountMove(models.Model):
    """The entry of a gift says what the gift says."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "account.move"

    fabloch_donation_ids = fields.One2many("fabloch.donation", "move_id", "Gifts", readonly=True)

    def _post(self, soft=True):
        self._check_fabloch_donations()
        return super()._post(soft=soft)

    def _check_fabloch_donations(self):
        """Hold each entry to its gift, to the cent: a corrected draft can't drift from what the donor gave."""
        for donation in self.sudo().fabloch_donation_ids:
            move = donation.move_id
            if donation.nature != "cash":
                continue
            if (
                donation.currency_id.compare_amounts(move.amount_total, donation.amount)
                or move.commercial_partner_id != donation.commercial_partner_id
            ):
                raise UserError(
                    self.env._(
                        "This receipt doesn't say what was given: %(amount)s by %(donor)s (%(gift)s). Put it back; or "
                        "cancel it and the gift, and record another gift.",
                        amount=formatLang(self.env, donation.amount, currency_obj=donation.currency_id),
                        donor=donation.partner_id.display_name,
                        gift=donation.display_name,
                    )
                )
