from odoo import api, fields, models
from odoo.exceptions import UserError


class TaxReceiptIssue(models.TransientModel):
    """Asks how the chosen gifts are put on receipts, and says beforehand which are refused one, and why."""

    _name = "fabloch.tax.receipt.issue"
    _description = "Issue tax receipts"

    donation_ids = fields.Many2many(
        "fabloch.donation", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    mode = fields.Selection(
        [
            ("year", "One for each donor and fiscal year"),
            ("gift", "One for each gift"),
            ("together", "One for all the gifts of a donor"),
        ],
        "Receipts",
        required=True,
        default="year",
    )
    date = fields.Date("Issued on", required=True, default=fields.Date.context_today)
    send_mail = fields.Boolean("Mail them to the donors")
    ready_count = fields.Integer("Receipts to issue", compute="_compute_refusals")
    refusals = fields.Text("Refused", compute="_compute_refusals")

    @api.depends("donation_ids", "mode", "date")
    def _compute_refusals(self):
        Receipt = self.env["fabloch.tax.receipt"]
        for wizard in self:
            # The refusals are found and named as superuser: of the gifts that the user may read only.
            gifts = wizard.donation_ids._origin._filtered_access("read")
            refusals = Receipt._refusals(gifts, wizard.date, together=wizard.mode == "together")
            ready = gifts.filtered(lambda gift, refusals=refusals: gift not in refusals)
            wizard.ready_count = len(Receipt._issue_groups(ready.sudo(), wizard.mode == "gift"))
            wizard.refusals = "\n".join(f"{gift.display_name}: {reason}" for gift, reason in refusals.items())

    def action_issue(self):
        """Issue the receipts of the gifts that get one, leave the others, and open them."""
        self.ensure_one()
        Receipt = self.env["fabloch.tax.receipt"]
        together = self.mode == "together"
        gifts = self.donation_ids - self.env["fabloch.donation"].concat(
            *Receipt._refusals(self.donation_ids, self.date, together=together)
        )
        if not gifts:
            raise UserError(self.env._("None of these gifts can get a receipt:\n%s", self.refusals))
        receipts = Receipt._issue(gifts, self.date, per_gift=self.mode == "gift", together=together, render=False)
        receipts._print_after_commit(mail=self.send_mail)
        return receipts._action_open()
