from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance.guard import would_change

# What a live receipt states of a gift, or rests on: cancel the receipt before one of these changes.
ON_RECEIPT = {
    "amount",
    "cancel_date",
    "company_id",
    "counterpart_value",
    "date",
    "date_received",
    "description",
    "donor_kind",
    "form",
    "nature",
    "partner_id",
    "payment_mode",
    "state",
}


class DonationReceipt(models.Model):
    """A gift and the tax receipt that states it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    receipt_line_ids = fields.One2many("fabloch.tax.receipt.line", "donation_id", "On receipts", readonly=True)
    receipt_id = fields.Many2one("fabloch.tax.receipt", "Tax receipt", compute="_compute_receipt_id")

    @api.depends("receipt_line_ids.live")
    def _compute_receipt_id(self):
        for gift in self:
            gift.receipt_id = gift.receipt_line_ids.filtered("live").receipt_id[:1]

    def write(self, vals):
        changed = ON_RECEIPT.intersection(vals)
        if changed:
            # Why not is told, with the gift's name, to those only who may write it at all.
            self.check_access("write")
            self._check_no_receipt(changed, vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_receipt(self):
        for gift in self.sudo().filtered("receipt_line_ids"):
            raise UserError(
                self.env._(
                    "The gift “%(gift)s” stands on the tax receipt %(receipt)s, which is kept for good: "
                    "it can't be deleted.",
                    gift=gift.display_name,
                    receipt=gift.receipt_line_ids.receipt_id[:1].name,
                )
            )

    def _check_no_receipt(self, names, vals):
        """Refuse to change what a live receipt says of these gifts."""
        for gift in self.sudo():
            if gift.receipt_id and any(would_change(gift, name, vals[name]) for name in names):
                raise UserError(
                    self.env._(
                        "The gift “%(gift)s” is on the tax receipt %(receipt)s: cancel that receipt first, "
                        "then change the gift and issue another one.",
                        gift=gift.display_name,
                        receipt=gift.receipt_id.name,
                    )
                )

    # -- For the issue of receipts ---------------------------------------------------------------------

    def _receipt_donor(self):
        """Return whom the receipt names: the company behind a contact, or the person."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id if self.donor_kind == "company" else self.partner_id

    def _receipt_date(self):
        """Return the date that the receipt states: when the money, goods or work came."""
        self.ensure_one()
        return self.date_received or self.date

    def _receipt_year(self):
        """Return the last day of the donor's year in which the gift lies."""
        return self._receipt_donor()._receipt_year_end(self._receipt_date(), self.donor_kind)

    def _receipt_text(self):
        """Return what was given in kind, in full, as the receipt describes it; in French: it is printed so."""
        self.ensure_one()
        if self.nature == "cash":
            return False
        parts = [self._receipt_description()]
        if self.nature == "skills" and self.skill_days:
            days = f"{self.skill_days:g}".replace(".", ",")
            people = self.skill_people or 1
            parts.append(f"Personnel mis à disposition : {people} personne{'s' * (people > 1)}, {days} j par personne")
        return "\n".join(filter(None, parts))

    def _receipt_refusal(self, date):
        """Return what is missing on this gift itself for a receipt issued on `date`, or None."""
        self.ensure_one()
        if self.state == "cancelled":
            return self.env._("It is cancelled or refunded.")
        if self.state != "received":
            return self.env._("It is not received: a receipt states what was paid or given.")
        if self._receipt_date() > date:
            return self.env._("It was received after the date of issue.")
        if self.nature == "cash" and not self.payment_mode:
            return self.env._("How the money came is not filled in: the receipt states the payment mode.")
        if self.nature != "cash" and not self._receipt_text():
            return self.env._("What was given is not described: the receipt states it in full.")
        return None

    # -- Actions ------------------------------------------------------------------------------------------

    def action_issue_receipt(self):
        """Issue the tax receipts of these gifts, one for each donor and year, and open them."""
        receipts = self.env["fabloch.tax.receipt"]._issue(self, render=False)
        receipts._print_after_commit()
        return receipts._action_open()

    def action_open_receipt(self):
        """Open the live tax receipt of this gift."""
        return self.receipt_id._action_open()
