from odoo import api, fields, models


class AccountAccount(models.Model):
    """Account, with the revenue stream that its items go to."""

    _inherit = "account.account"

    fabloch_revenue_stream_id = fields.Many2one(
        "fabloch.revenue.stream",
        string="Stream set by hand",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="Goes before the prefixes of the streams. Only for income accounts.",
    )
    fabloch_effective_stream_id = fields.Many2one(
        "fabloch.revenue.stream",
        string="Revenue stream",
        compute="_compute_fabloch_effective_stream_id",
        help="Where the items of this account go: the stream set by hand, else the one with the longest"
        " prefix of the account's code.",
    )

    @api.depends("account_type", "code", "fabloch_revenue_stream_id")
    @api.depends_context("company")
    def _compute_fabloch_effective_stream_id(self):
        stream_by_account = self.env["fabloch.revenue.stream"]._stream_by_account(self.env.company)
        for account in self:
            account.fabloch_effective_stream_id = stream_by_account.get(account._origin.id, False)
