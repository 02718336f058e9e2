from itertools import pairwise

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class MergePartnerAutomatic(models.TransientModel):
    """Two contacts of one member become one, with one member number and all the memberships."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        self._check_memberships_apart(partner_ids)
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _check_memberships_apart(self, partner_ids):
        """Refuse what the database would refuse, in words: two memberships of one plan on the same days."""
        memberships = self.env["fabloch.membership"].sudo().search([("partner_id", "in", partner_ids)])
        live = memberships.filtered(
            lambda m: (m.confirm_date or not m.cancel_date) and m._last_day() >= m.date_start
        ).sorted("date_start")
        for of_plan in live.grouped("plan_id").values():
            for one, other in pairwise(of_plan):
                if one._last_day() >= other.date_start:
                    raise UserError(
                        self.env._(
                            "Both contacts hold a membership on the same days: %(one)s; %(other)s. "
                            "Cancel one of the two from its first day, then merge the contacts.",
                            one=one.display_name,
                            other=other.display_name,
                        )
                    )

    def _update_foreign_keys(self, src_partners, dst_partner):
        # Each contact has one card at most: that of the contact that stays is kept, the others are taken back.
        cards = self.env["fabloch.member.card"].sudo().search([("partner_id", "in", (src_partners | dst_partner).ids)])
        for of_company in cards.grouped("company_id").values():
            kept = of_company.sorted(lambda card: (card.partner_id != dst_partner, card.id))[0]
            (of_company - kept).active = False
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        # A number is kept for life, and is one contact's: it moves, and the first one wins.
        contacts = (src_partners | dst_partner).sudo()
        numbers = [contact.member_number for contact in contacts.sorted("id") if contact.member_number]
        if numbers:
            contacts.flush_recordset(["member_number"])
            self.env.cr.execute(
                SQL("UPDATE res_partner SET member_number = NULL WHERE id IN %s", tuple(src_partners.ids))
            )
            src_partners.invalidate_recordset(["member_number"], flush=False)
            if not dst_partner.member_number:
                dst_partner.sudo().member_number = numbers[0]
        return super()._update_values(src_partners, dst_partner)
