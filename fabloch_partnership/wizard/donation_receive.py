from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.donation import PAYMENT_MODES


class DonationReceive(models.TransientModel):
    """Receives gifts: the day and, for money, how much of it came and how."""

    _name = "fabloch.donation.receive"
    _description = "Receive gifts"
    _check_company_auto = True

    donation_ids = fields.Many2many(
        "fabloch.donation", required=True, default=lambda self: self._default_donation_ids(), readonly=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    donation_count = fields.Integer(compute="_compute_from_donations")
    has_money = fields.Boolean(compute="_compute_from_donations")
    total = fields.Monetary(compute="_compute_from_donations")
    date = fields.Date("Received on", required=True, default=fields.Date.context_today)
    amount = fields.Monetary(
        "Amount received",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="Less than the promise: the rest stays promised.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        "Paid into",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('company_id', '=', company_id), ('type', 'in', ('bank', 'cash', 'credit'))]",
    )
    payment_mode = fields.Selection(
        PAYMENT_MODES, compute="_compute_payment_mode", store=True, readonly=False, help="The tax receipt says so."
    )
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        "Payment method",
        compute="_compute_payment_method_line_id",
        store=True,
        readonly=False,
        domain="[('journal_id', '=', journal_id), ('payment_type', '=', 'inbound')]",
    )
    memo = fields.Char(help="Cheque number, transfer reference.")

    @api.model
    def _default_donation_ids(self):
        if self.env.context.get("active_model") == "fabloch.donation":
            return self.env.context.get("active_ids", [])
        return []

    @api.depends("donation_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.donation_ids.company_id[:1] or self.env.company

    @api.depends("donation_ids")
    def _compute_from_donations(self):
        for wizard in self:
            donations = wizard.donation_ids
            wizard.donation_count = len(donations)
            wizard.has_money = "cash" in donations.mapped("nature")
            currency = donations.company_id.currency_id[:1] or self.env.company.currency_id
            wizard.total = currency.round(sum(donations.mapped("amount")))

    @api.depends("donation_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.total

    @api.depends("company_id")
    def _compute_journal_id(self):
        for wizard in self:
            wizard.journal_id = self.env["account.journal"].search(
                [
                    *self.env["account.journal"]._check_company_domain(wizard.company_id),
                    ("type", "in", ("bank", "cash", "credit")),
                ],
                limit=1,
            )

    @api.depends("journal_id", "donation_ids")
    def _compute_payment_mode(self):
        for wizard in self:
            if wizard.journal_id.type == "cash":
                wizard.payment_mode = "cash"
            else:
                told = set(wizard.donation_ids.mapped("payment_mode")) - {False, "cash"}
                wizard.payment_mode = told.pop() if len(told) == 1 else "transfer"

    @api.depends("journal_id")
    def _compute_payment_method_line_id(self):
        for wizard in self:
            wizard.payment_method_line_id = wizard.journal_id.inbound_payment_method_line_ids[:1]

    def action_receive(self):
        """Receive the gifts with their payment.

        :raises UserError: when one can't be received, with the reason; without a journal for money.
        """
        self.ensure_one()
        donations = self.donation_ids
        if self.has_money and not self.journal_id:
            raise UserError(self.env._("Choose where the money came: a bank or cash journal."))
        if len(donations.company_id) > 1:
            raise UserError(self.env._("These gifts are of several companies: receive them company by company."))
        if len(donations) == 1 and donations.nature == "cash":
            currency = donations.currency_id
            if currency.compare_amounts(self.amount, donations.amount):
                donations.filtered(lambda each: each.state == "draft").action_confirm()
                donations._check_receivable()
                if donations._is_posted():
                    raise UserError(
                        self.env._(
                            "The receipt of %s is posted for the whole: the accountant registers on it what came.",
                            donations.display_name,
                        )
                    )
                donations._split(self.amount)
        donations._receive(
            self.date,
            journal=self.journal_id if self.has_money else None,
            payment_method_line=self.payment_method_line_id,
            payment_mode=self.payment_mode,
            memo=self.memo,
        )
        return {"type": "ir.actions.act_window_close"}

    def action_expect(self):
        """Post the receipts of the gifts unpaid: the accountant reconciles them with the bank's statement."""
        self.ensure_one()
        self.donation_ids.write({"payment_mode": self.payment_mode})
        self.donation_ids.action_expect(self.date)
        return {"type": "ir.actions.act_window_close"}
