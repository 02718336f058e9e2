from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ("own", "Own revenue"),
    ("private", "Private giving"),
    ("public", "Public funding"),
    ("other", "Other"),
]


class RevenueStream(models.Model):
    """A kind of revenue that the association follows from year to year: a set of income accounts.

    An income account belongs to the stream set by hand on it, else to the stream that has the longest prefix
    of its code, else to none, which the reports show as a line of its own. Off-balance accounts (class 8) and
    all others are never revenue.

    Self-financing is a tick-box that the general assembly may decide otherwise. As delivered it is what the
    association earns (own: fees, machines, rentals, training, sales) and what private people and bodies
    give it (private: patronage, gifts, contributions, sponsorship); neither public money (public) nor entries that
    bring nothing in, such as reversals, dedicated funds or stock changes (other).

    What counts against the thresholds of the law is ticked too. As delivered, whatever is sold or let is lucrative,
    sponsorship and training included, which is the cautious side: fees, gifts and public money are not.
    """

    _name = "fabloch.revenue.stream"
    _description = "Revenue stream"
    _inherit = "fabloch.account.prefix.mixin"
    _order = "sequence, id"
    _check_company_auto = True

    kind = fields.Selection(KINDS, required=True, default="own")
    self_financing = fields.Boolean(
        string="Self-financing",
        compute="_compute_self_financing",
        store=True,
        readonly=False,
        precompute=True,
        help="Counts in the self-financing rate: self-financing revenue over all revenue.",
    )
    lucrative = fields.Boolean(
        help="Its receipts count against the limit of lucrative receipts (CGI art. 206-1 bis). The accountant decides.",
    )
    sale_of_goods = fields.Boolean(
        string="Sale of goods",
        help="Its sales to members count against the share of the receipts that stays exempt (CGI art. 261-7-1° a).",
    )
    deductible_gift = fields.Boolean(
        string="Gifts with a tax reduction",
        help="It counts against the amount of gifts over which the accounts are audited and published.",
    )
    account_ids = fields.One2many(
        "account.account",
        "fabloch_revenue_stream_id",
        string="Accounts set by hand",
        help="Accounts that belong to this stream whatever their code.",
    )
    account_count = fields.Integer(string="Accounts", compute="_compute_account_count")
    color = fields.Integer(string="Colour")

    _code_company_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "Another revenue stream has this code: choose another one, or change that stream.",
    )

    @api.depends("kind")
    def _compute_self_financing(self):
        for stream in self:
            stream.self_financing = stream.kind in ("own", "private")

    @api.depends("account_prefixes", "account_ids", "active", "company_id")
    @api.depends_context("company")
    def _compute_account_count(self):
        accounts = list(self._stream_by_account(self.env.company).values())
        for stream in self:
            stream.account_count = accounts.count(stream.id)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_set_by_hand(self):
        for stream in self.filtered("account_ids"):
            raise UserError(
                self.env._(
                    "Accounts were put by hand in the stream “%(stream)s”: take them out first, or archive the stream.",
                    stream=stream.name,
                )
            )

    def action_open_accounts(self):
        """Open the accounts whose items go to this stream, in the current company."""
        self.ensure_one()
        stream_by_account = self._stream_by_account(self.env.company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accounts: %s", self.name),
            "res_model": "account.account",
            "view_mode": "list,form",
            "domain": [("id", "in", [account for account, stream in stream_by_account.items() if stream == self.id])],
        }

    @api.model
    def _self_financing(self, date_from, date_to):
        """Tell the revenue of the current company, stream by stream, and how much of it is self-financing.

        Posted journal items of income accounts, dates included, in the company's currency; its branches count.
        One query.

        :param date date_from: first day
        :param date date_to: last day
        :return: a dict: `streams`, a list in the streams' order of dicts (`stream_id`, `code`, `name`, `kind`,
            `self_financing`, `amount`), the last one with `stream_id` False when some revenue has no stream;
            `revenue` and `self_financing`, the totals; `rate`, self_financing / revenue, None without revenue
        :raise AccessError: when the user may not read the revenue report
        """
        Report = self.env["fabloch.revenue.report"]
        Report.check_access("read")
        company = self.env.company
        lang = self.env.lang or "en_US"
        self.env["account.move.line"].flush_model(["account_id", "balance", "company_id", "date", "parent_state"])
        self.env["account.account"].flush_model(
            ["account_type", "code_store", "company_ids", "fabloch_revenue_stream_id"]
        )
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT stream.id AS stream_id, stream.code, stream.kind,
                       COALESCE(stream.name->>%(lang)s, stream.name->>'en_US') AS name,
                       COALESCE(stream.self_financing, FALSE) AS self_financing,
                       SUM(revenue.amount) AS amount
                  FROM (%(report)s) revenue
             LEFT JOIN fabloch_revenue_stream stream ON stream.id = revenue.stream_id
                 WHERE revenue.date BETWEEN %(date_from)s AND %(date_to)s
                   AND revenue.company_id IN (
                           SELECT id FROM res_company WHERE starts_with(parent_path, %(parent_path)s))
              GROUP BY stream.id
              ORDER BY stream.sequence NULLS LAST, stream.id
                """,
                lang=lang,
                report=Report._table_query,
                date_from=date_from,
                date_to=date_to,
                parent_path=company.sudo().parent_path,
            )
        )
        currency = company.currency_id
        for row in rows:
            row["stream_id"] = row["stream_id"] or False
            row["name"] = row["name"] or self.env._("Without stream")
            row["amount"] = currency.round(float(row["amount"]))
        revenue = currency.round(sum(row["amount"] for row in rows))
        self_financing = currency.round(sum(row["amount"] for row in rows if row["self_financing"]))
        return {
            "streams": rows,
            "revenue": revenue,
            "self_financing": self_financing,
            "rate": None if currency.is_zero(revenue) else self_financing / revenue,
        }

    @api.model
    def _stream_by_account(self, company):
        """Give {account id: stream id or None} for every income account of a company, in one query."""
        self.flush_model()
        self.env["account.account"].flush_model(
            ["account_type", "code_store", "company_ids", "fabloch_revenue_stream_id"]
        )
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT account_id, stream_id FROM (%s) mapping WHERE company_id = %s",
                    self._account_stream_query(),
                    company.id,
                )
            )
        )

    @api.model
    def _account_stream_query(self):
        """Give the query of the streams of income accounts: account_id, company_id, stream_id (may be null).

        The one place that says which stream an account belongs to.
        """
        return SQL(
            "SELECT account_id, company_id, owner_id AS stream_id FROM (%s) owned",
            self._account_owner_query(("income", "income_other"), by_hand="fabloch_revenue_stream_id"),
        )

    @api.model
    def _set_fr_other_income(self):
        """Put the accounts of `fr` charts loaded before this addon where a new `fr` chart puts them."""
        ChartTemplate = self.env["account.chart.template"]
        for company in self.env["res.company"].search([("chart_template", "=", "fr"), ("parent_id", "=", False)]):
            data = ChartTemplate.with_company(company)._get_fr_account_revenue_stream()
            for xmlid, values in data.items():
                account = self.env.ref(f"account.{company.id}_{xmlid}", raise_if_not_found=False)
                if account and not account.fabloch_revenue_stream_id:
                    account.fabloch_revenue_stream_id = self.env.ref(values["fabloch_revenue_stream_id"])
