from odoo import models


class DonationLegal(models.Model):
    """What the tax receipts ask of a gift: whether it gives right to one, and what it says there."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    def _ineligible_reasons(self):
        """Return {gift: why it gives no right to a tax receipt}; gifts that do are left out.

        Whether it stands on a receipt already, and the donor's address, are the receipt's own questions.
        """
        return {donation: reason for donation in self if (reason := donation._ineligible_reason())}

    def _ineligible_reason(self):
        self.ensure_one()
        if self.payment == "refunded" or self.amount_refunded:
            return self.env._("The whole or a part of it was given back.")
        if self.state == "cancelled":
            return self.env._("It is cancelled.")
        if self.state != "received":
            return self.env._("It isn't received yet.")
        if not self.counterpart_ok:
            return self.env._("Its counterparts are too high: it is sponsorship, which is invoiced.")
        if self.origin == "fee" and self.membership_id.plan_id.tangible_counterpart:
            return self.env._("The fee gives a tangible counterpart, such as the use of machines.")
        if self.nature == "skills" and self.donor_kind == "individual":
            return self.env._("The work that a person gives is volunteering: it is valued, and gives no receipt.")
        if self.nature == "expenses" and self.donor_kind == "company":
            return self.env._("Only a volunteer waives expenses (CGI art. 200).")
        if self.nature == "goods" and self.goods_lent and self.donor_kind == "individual":
            return self.env._("What a person lends free of charge isn't given: it gives no receipt.")
        return False

    def _receipt_description(self):
        text = (self.description or "").strip()
        if self.nature == "expenses" and not text:
            return "\n".join(self.expense_ids.mapped("name"))
        return text if self.nature != "cash" else ""
