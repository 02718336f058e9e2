from odoo import models
from odoo.exceptions import UserError


class MergePartnerAutomatic(models.TransientModel):
    """Two contacts of one donor become one: the one whose receipts stay where they are."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        receipts = self.env["fabloch.tax.receipt"].sudo().search([("partner_id", "in", src_partners.ids)], limit=1)
        if receipts:
            raise UserError(
                self.env._(
                    "%(donor)s has tax receipts (%(receipt)s), which never change: keep this contact, "
                    "and merge the others into it.",
                    donor=receipts.partner_id.display_name,
                    receipt=receipts.name,
                )
            )
        return super()._update_foreign_keys(src_partners, dst_partner)
