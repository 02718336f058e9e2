from odoo import api, fields, models
from odoo.tools import consteq, hmac

SCOPE = "fabloch_membership.opt_out"


class MembershipMail(models.Model):
    """What the renewal mails need of a membership."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.membership"

    reminder_ids = fields.One2many("fabloch.membership.reminder", "membership_id", "Mails sent", readonly=True)

    def _opt_out_url(self):
        """Return the address on which the member says no to such mails. It can't be guessed, and tells nothing."""
        self.ensure_one()
        partner_id = self.partner_id.id
        return f"{self.get_base_url()}/membership/unsubscribe/{partner_id}/{self._opt_out_token(partner_id)}"

    @api.model
    def _opt_out_token(self, partner_id):
        return hmac(self.env(su=True), SCOPE, partner_id)

    @api.model
    def _opt_out_partner(self, partner_id, token):
        """Return the contact (sudo) whose opt-out link this is; empty when the token isn't its own."""
        # What comes from outside meets the database only once its token is right.
        if not token.isascii() or not consteq(self._opt_out_token(partner_id), token):
            return self.env["res.partner"].sudo()
        return self.env["res.partner"].sudo().browse(partner_id).exists()

    def _card_holders(self):
        """Return whom a card is printed for: the members and the people covered, each once."""
        holders = (self.partner_id | self.sudo().beneficiary_ids).sudo(self.env.su)
        # A member from outside prints the own card; a colleague's would open doors in the colleague's name.
        return holders if self.env.su or self.env.user._is_internal() else holders & self.env.user.partner_id

    def _cards(self):
        """Return the list of (contact, membership, card) to print."""
        found, seen = [], set()
        for membership in self:
            cards = self.env["fabloch.member.card"]._of(membership._card_holders(), membership.company_id)
            for partner in membership._card_holders():
                if (partner, membership.company_id) not in seen:
                    seen.add((partner, membership.company_id))
                    found.append((partner, membership, cards[partner]))
        return found
