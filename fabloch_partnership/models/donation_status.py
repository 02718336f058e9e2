from odoo import api, fields, models

STATES = [
    ("draft", "Draft"),
    ("pledged", "Promised"),
    ("received", "Received"),
    ("cancelled", "Cancelled"),
]
PAYMENTS = [
    ("expected", "Expected"),
    ("partial", "Partly paid"),
    ("paid", "Paid"),
    ("refunded", "Given back"),
]
PAID = ("paid", "in_payment")


class DonationStatus(models.Model):
    """The state of a gift follows from the actions on it and from the books: nobody sets it.

    A cheque that bounces, a payment that is cancelled or an entry put back to draft makes a gift a promise again;
    an entry that is reversed whole makes it void.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    confirm_date = fields.Date("Confirmed on", readonly=True, copy=False)
    cancel_date = fields.Date("Cancelled on", readonly=True, copy=False)
    cancel_reason = fields.Char("Reason of the cancellation", readonly=True, copy=False, tracking=True)
    given_date = fields.Date(
        "Given on", readonly=True, copy=False, help="In kind: the day of the gift, whatever day the entry bears."
    )
    move_id = fields.Many2one(
        "account.move", "Entry", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    state = fields.Selection(
        STATES, compute="_compute_state", store=True, precompute=True, required=True, tracking=True, default="draft"
    )
    payment = fields.Selection(
        PAYMENTS, compute="_compute_state", store=True, precompute=True, help="What became of the entry of this gift."
    )
    date_received = fields.Date(
        "Received on",
        compute="_compute_state",
        store=True,
        precompute=True,
        tracking=True,
        help="The day of the payment; in kind, the day on which it was given.",
    )
    amount_refunded = fields.Monetary("Given back", compute="_compute_amount_refunded", store=True, precompute=True)
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")

    @api.depends(
        "amount",
        "membership_id.charge_ids.amount_credited",
        "membership_id.payment",
        "move_id.reversal_move_ids.state",
        "move_id.state",
        "origin",
    )
    def _compute_amount_refunded(self):
        for donation in self:
            if donation.origin == "fee":
                charges = donation.sudo().membership_id.charge_ids
                back = charges.filtered(lambda charge: not charge.replacement_ids).mapped("amount_credited")
            else:
                moves = donation.move_id.reversal_move_ids.filtered(lambda move: move.state == "posted")
                back = moves.mapped("amount_total")
            donation.amount_refunded = donation.currency_id.round(sum(back))

    @api.depends(
        "confirm_date",
        "cancel_date",
        "given_date",
        "origin",
        "amount_refunded",
        "membership_id.payment",
        "move_id.state",
        "move_id.payment_state",
    )
    def _compute_state(self):
        for donation in self:
            donation.payment = donation._payment()
            received = donation.payment == "paid"
            if donation.cancel_date or donation.payment == "refunded":
                donation.state = "cancelled"
            elif donation.confirm_date:
                donation.state = "received" if received else "pledged"
            else:
                donation.state = "draft"
            donation.date_received = donation._payment_date() if donation.state == "received" else False

    def _payment(self):
        """Return the key of `payment` that the books give this gift; False while nothing is posted for it."""
        self.ensure_one()
        if self.origin == "fee":
            known = {"to_invoice": "expected", "unpaid": "expected", "paid": "paid", "refunded": "refunded"}
            payment = known.get(self.membership_id.payment, False)
            short = payment == "paid" and (self._is_payment_withdrawn() or self._is_written_off())
            return "expected" if short else payment
        move = self.move_id
        if move.state != "posted":
            return False
        if self.nature != "cash":
            return "refunded" if self._is_refunded() else "paid"
        if move.payment_state == "reversed" or self._is_refunded():
            return "refunded"
        if move.payment_state in PAID and self._is_payment_withdrawn():
            return "expected"
        if move.payment_state in PAID:
            return "partial" if self._is_written_off() else "paid"
        return "partial" if move.payment_state == "partial" else "expected"

    def _is_refunded(self):
        return bool(self.amount_refunded) and self.currency_id.compare_amounts(self.amount_refunded, self.amount) >= 0

    def _is_payment_withdrawn(self):
        """Tell whether a payment was put back to draft: Odoo keeps it matched, but the money isn't there."""
        payments = self._paying_moves().origin_payment_id
        return any(payment.state not in ("in_process", "paid") for payment in payments)

    def _is_written_off(self):
        """Tell whether a payment of less than is owed closed it: the books are even, but the rest was never given."""
        payments = self._paying_moves().origin_payment_id
        return any(line.balance > 0 for payment in payments for line in payment._seek_for_lines()[2])

    def _paying_moves(self):
        """Return the entries that the receipt of this gift is reconciled with."""
        # The books are read as they are: the officer may not open every journal.
        lines = self.sudo()._receivable_moves().line_ids
        owed = lines.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        return owed.matched_credit_ids.credit_move_id.move_id

    def _payment_date(self):
        """Return the day on which the whole of this gift had come."""
        self.ensure_one()
        if self.origin != "fee" and self.nature != "cash":
            return self.given_date
        move = self.sudo()._receivable_moves()
        payments = move.matched_payment_ids.filtered(lambda payment: payment.state in ("in_process", "paid"))
        others = self._paying_moves()
        if bare := payments.filtered(lambda payment: not payment.move_id):
            # Without an entry of its own, the payment comes first and the bank's statement later.
            others = others.filtered(lambda other: not other.statement_line_id)
        # A locked period moves the entry of a payment, not the day of the payment.
        dates = [*bare.mapped("date"), *(other.origin_payment_id.date or other.date for other in others)]
        return max(dates, default=move[:1].date)

    def _receivable_moves(self):
        """Return the receipt of this gift, or the invoice of the fee that it is."""
        return self.membership_id.charge_ids.invoice_id if self.origin == "fee" else self.move_id

    @api.depends("state", "date")
    @api.depends_context("tz")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for donation in self:
            donation.is_late = donation.state == "pledged" and donation.date < today

    def _search_is_late(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        late = fields.Domain("state", "=", "pledged") & fields.Domain("date", "<", fields.Date.context_today(self))
        return late if (operator == "in") == (True in value) else ~late
