from odoo import api, fields, models
from odoo.fields import Domain


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
        search="_search_fabloch_effective_stream_id",
        help="Where the items of this account go: the stream set by hand, else the one with the longest"
        " prefix of the account's code.",
    )

    @api.depends("account_type", "code", "fabloch_revenue_stream_id")
    @api.depends_context("company")
    def _compute_fabloch_effective_stream_id(self):
        stream_by_account = self.env["fabloch.revenue.stream"]._stream_by_account(self.env.company)
        for account in self:
            account.fabloch_effective_stream_id = stream_by_account.get(account._origin.id, False)

    def _search_fabloch_effective_stream_id(self, operator, value):
        """Search by the streams of the current company, archived ones included: what is set by hand on them stays."""
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        stream_by_account = self.env["fabloch.revenue.stream"]._stream_by_account(self.env.company)
        if operator == "in" and not hasattr(value, "get_result_ids"):
            wanted = set(value)
        else:
            Stream = self.env["fabloch.revenue.stream"].with_context(active_test=False)
            Stream = Stream.sudo() if operator == "any!" else Stream
            wanted = set(Stream._search(value if isinstance(value, Domain) else [("id", "in", value)]))
        found = Domain("id", "in", [account for account, stream in stream_by_account.items() if stream in wanted])
        if False in wanted:
            found |= Domain("id", "not in", [account for account, stream in stream_by_account.items() if stream])
        return found
