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
        # Gifts of a company's contact are on the company's receipts: they stay gifts of that company.
        donor = dst_partner.commercial_partner_id
        line = (
            self.env["fabloch.tax.receipt.line"]
            .sudo()
            .search(
                [
                    ("live", "=", True),
                    ("donation_id.partner_id", "in", src_partners.ids),
                    ("receipt_id.partner_id", "!=", donor.id),
                ],
                limit=1,
            )
        )
        if line:
            raise UserError(
                self.env._(
                    "A gift of %(contact)s is on the tax receipt %(receipt)s of %(donor)s, which never changes: merge "
                    "it into a contact of %(donor)s, or cancel that receipt first.",
                    contact=line.donation_id.partner_id.display_name,
                    receipt=line.receipt_id.name,
                    donor=line.receipt_id.donor_name,
                )
            )
        return super()._update_foreign_keys(src_partners, dst_partner)
