from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.fabloch_finance.models.books import rests_on_books

STATUSES = [
    ("draft", "Draft"),
    ("waiting", "To pay"),
    ("upcoming", "Upcoming"),
    ("active", "Active"),
    ("grace", "In grace"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
]
# Which membership speaks for its member when there are several: the best one.
STATUS_PRECEDENCE = ["active", "grace", "waiting", "upcoming", "expired", "cancelled", "draft"]
# In these the member has a member's rights: prices, card, access.
VALID_STATUSES = ["active", "grace"]


class MembershipStatus(models.Model):
    """Payment and status of a membership.

    What follows from records is stored (`payment`, `in_order`, `is_renewed`); what follows from today's date never
    is: `status` is right at any moment without a job. The rule stands twice, for one record (`_status_on`) and for
    the database (`_status_sql`); a test holds them to each other.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.membership"

    status = fields.Selection(
        STATUSES, compute="_compute_status", search="_search_status", help="Follows from dates, payment and today."
    )
    valid_until = fields.Date(
        compute="_compute_valid_until", help="Last day of a member's rights, early end and grace included."
    )
    payment = fields.Selection(
        [
            ("nothing", "Nothing to pay"),
            ("to_invoice", "To invoice"),
            ("unpaid", "Invoiced, unpaid"),
            ("paid", "Paid"),
            ("refunded", "Credited"),
        ],
        compute="_compute_payment",
        store=True,
        help="What became of the fee, by its charges and their invoices.",
    )
    in_order = fields.Boolean(
        compute="_compute_in_order", store=True, help="Settled, or the company doesn't wait for the payment."
    )
    is_renewed = fields.Boolean("Renewed", compute="_compute_is_renewed", store=True)
    to_renew = fields.Boolean(compute="_compute_to_renew", search="_search_to_renew")
    # The board counts them, too, though it doesn't open them.
    invoice_ids = fields.Many2many(
        "account.move",
        string="Invoices",
        compute="_compute_invoice_ids",
        compute_sudo=True,
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    invoice_count = fields.Integer(compute="_compute_invoice_ids", compute_sudo=True)

    # Who is a member now, and who ends soon, stay quick to find whatever the history.
    _running_idx = models.Index("(company_id, date_end) WHERE confirm_date IS NOT NULL AND cancel_date IS NULL")

    # -- Payment: depends on records only, stored ------------------------------------------------------------

    @api.depends(
        "confirm_date",
        "settled_elsewhere",
        "charge_ids.state",
        "charge_ids.amount",
        "charge_ids.amount_credited",
        "charge_ids.replacement_ids",
        "charge_ids.invoice_line_ids.move_id.payment_state",
        "charge_ids.invoice_line_ids.move_id.state",
    )
    def _compute_payment(self):
        for membership in self:
            membership.payment = membership._payment()

    def _payment(self):
        """Return the key of `payment`: that of the charge which is furthest from settled."""
        if not self.confirm_date:
            return False
        if self.settled_elsewhere:
            return "nothing"
        found = {charge._membership_payment() for charge in self.charge_ids if not charge.replacement_ids}
        for payment in ("to_invoice", "unpaid", "refunded", "paid"):
            if payment in found:
                return payment
        # Somebody deleted the charge: the fee is still due.
        return "nothing" if found else "to_invoice"

    @api.depends("payment", "company_id.membership_active_unpaid")
    def _compute_in_order(self):
        for membership in self:
            accepted = {"nothing", "paid"}
            if membership.company_id.membership_active_unpaid:
                accepted |= {"to_invoice", "unpaid"}
            membership.in_order = membership.payment in accepted

    @api.depends("charge_ids.invoice_line_ids.move_id", "charge_ids.credit_line_ids.move_id")
    def _compute_invoice_ids(self):
        for membership in self:
            charges = membership.charge_ids
            # Put together last: what is read on the way is read for all memberships at once.
            membership.invoice_ids = charges.invoice_line_ids.move_id | charges.credit_line_ids.move_id
            membership.invoice_count = len(membership.invoice_ids)

    @api.depends("next_ids.confirm_date", "next_ids.cancel_date")
    def _compute_is_renewed(self):
        for membership in self:
            membership.is_renewed = bool(membership.next_ids.filtered(lambda following: not following.cancel_date))

    # -- Status: depends on today, never stored ----------------------------------------------------------------

    @api.model
    def _today(self):
        """Return today's date where the user is, or else where the company is."""
        tz = self.env.context.get("tz") or self.env.user.tz or self.env.company.partner_id.tz or "Europe/Paris"
        return fields.Date.context_today(self.with_context(tz=tz))

    @rests_on_books
    @api.depends(
        "confirm_date",
        "cancel_date",
        "settled_elsewhere",
        "date_start",
        "date_end",
        "grace_until",
        "company_id.membership_active_unpaid",
    )
    def _compute_status(self):
        today = self._today()
        for membership in self:
            membership.status = membership._status_on(today)

    def _status_on(self, today):
        """Return the status of this membership on the day `today`. See `_status_sql`."""
        if self.cancel_date and self.cancel_date <= today:
            return "cancelled"
        if not self.confirm_date:
            return "draft"
        if self.grace_until < today:
            return "expired"
        if not self.in_order:
            return "waiting"
        if today < self.date_start:
            return "upcoming"
        return "active" if today <= self.date_end else "grace"

    @api.model
    def _status_sql(self, alias, today=None):
        """Return the SQL of the status on the day `today`, for the rows of `alias`. See `_status_on`."""

        def column(name):
            return SQL.identifier(alias, name, to_flush=self._fields[name])

        return SQL(
            """CASE
                WHEN %(cancel)s <= %(today)s::date THEN 'cancelled'
                WHEN %(confirm)s IS NULL THEN 'draft'
                WHEN %(grace)s < %(today)s::date THEN 'expired'
                WHEN %(in_order)s IS NOT TRUE THEN 'waiting'
                WHEN %(start)s > %(today)s::date THEN 'upcoming'
                WHEN %(end)s >= %(today)s::date THEN 'active'
                ELSE 'grace' END""",
            cancel=column("cancel_date"),
            confirm=column("confirm_date"),
            grace=column("grace_until"),
            in_order=column("in_order"),
            start=column("date_start"),
            end=column("date_end"),
            today=today or self._today(),
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "status":
            return self._status_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        statuses = tuple(status for status in value if status)
        if not statuses:
            return Domain.FALSE
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s IN %s", model._status_sql(alias), statuses),
            predicate=lambda membership: membership.status in statuses,
        )

    @api.depends("date_end", "cancel_date", "grace_until")
    def _compute_valid_until(self):
        for membership in self:
            membership.valid_until = membership._last_day() if membership.cancel_date else membership.grace_until

    def _last_day(self):
        """Return the last day of this membership, early end included, grace left out."""
        if not self.cancel_date:
            return self.date_end
        return min(self.date_end, fields.Date.subtract(self.cancel_date, days=1))

    @api.depends("status", "is_renewed", "date_end", "company_id.membership_remind_before")
    def _compute_to_renew(self):
        today = self._today()
        for membership in self:
            horizon = fields.Date.add(today, days=membership.company_id._membership_renewal_days())
            membership.to_renew = (
                membership.status in VALID_STATUSES
                and not membership.is_renewed
                and not membership.cancel_date
                and membership.date_end <= horizon
            )

    def _search_to_renew(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self._today()
        ending = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date_end", "<=", fields.Date.add(today, days=company._membership_renewal_days()))
            for company in self.env["res.company"].sudo().search([])
        )
        domain = (
            ending
            & Domain("status", "in", VALID_STATUSES)
            & Domain("is_renewed", "=", False)
            & Domain("cancel_date", "=", False)
        )
        return domain if True in value else ~domain
