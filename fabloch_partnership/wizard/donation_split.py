from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..models.donation import PAYMENT_MODES


class DonationSplit(models.TransientModel):
    """One payment for a membership fee and a gift: the plan's price is the fee, only the rest is a gift."""

    _name = "fabloch.donation.split"
    _description = "Fee and gift together"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", "Member and donor", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one(
        "fabloch.membership.plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        domain="[('company_id', '=', company_id)]",
    )
    total = fields.Monetary("Paid in all", required=True)
    date = fields.Date("Paid on", required=True, default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        "Paid into",
        required=True,
        check_company=True,
        domain="[('company_id', '=', company_id), ('type', 'in', ('bank', 'cash', 'credit'))]",
        default=lambda self: self._default_journal_id(),
    )
    payment_mode = fields.Selection(
        PAYMENT_MODES, compute="_compute_payment_mode", store=True, readonly=False, precompute=True, required=True
    )
    memo = fields.Char(help="Cheque number, transfer reference.")
    fee = fields.Monetary("Membership fee", compute="_compute_fee")
    gift = fields.Monetary(compute="_compute_fee")
    receiptable = fields.Monetary("Tax receipt for", compute="_compute_fee")
    fee_is_gift = fields.Boolean(compute="_compute_fee")

    @api.model
    def _default_journal_id(self):
        return self.env["account.journal"].search(
            [("company_id", "=", self.env.company.id), ("type", "in", ("bank", "cash", "credit"))], limit=1
        )

    @api.depends("partner_id", "company_id")
    def _compute_plan_id(self):
        for wizard in self:
            if not wizard.plan_id and (category := wizard.partner_id.member_category_id):
                wizard.plan_id = self.env["fabloch.membership.plan"]._propose(category, wizard.company_id)

    @api.depends("journal_id")
    def _compute_payment_mode(self):
        for wizard in self:
            wizard.payment_mode = "cash" if wizard.journal_id.type == "cash" else "cheque"

    @api.depends("plan_id", "total", "date")
    def _compute_fee(self):
        for wizard in self:
            fee = wizard.plan_id._price_from(wizard.date) if wizard.plan_id and wizard.date else 0.0
            currency = wizard.currency_id or self.env.company.currency_id
            wizard.fee = currency.round(fee)
            wizard.gift = max(currency.round(wizard.total - fee), 0.0)
            wizard.fee_is_gift = bool(wizard.plan_id) and not wizard.plan_id.tangible_counterpart
            wizard.receiptable = currency.round(wizard.gift + (fee if wizard.fee_is_gift else 0.0))

    def action_split(self):
        """Enrol the member and receive the gift, with one payment for both: all or nothing.

        :return: the action that opens the gifts.
        :raises UserError: when what was paid is less than the fee; when the fee can't be invoiced, with the reason.
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.total, self.fee) < 0:
            raise UserError(
                self.env._(
                    "%(total)s doesn't pay the fee of “%(plan)s”, %(fee)s: the fee comes first, and only what is over "
                    "it is a gift.",
                    total=formatLang(self.env, self.total, currency_obj=self.currency_id),
                    fee=formatLang(self.env, self.fee, currency_obj=self.currency_id),
                    plan=self.plan_id.name,
                )
            )
        Donation = self.env["fabloch.donation"]
        Donation.check_access("create")
        # The officer enrols with a gift, without being the reception.
        membership = (
            self.env["fabloch.membership"]
            .sudo()
            .create({"partner_id": self.partner_id.id, "plan_id": self.plan_id.id, "date_start": self.date})
        )
        runs = membership._confirm(self.date, invoice=True)
        if runs.failure_ids:
            raise UserError("\n".join(runs.failure_ids.mapped("reason")))
        invoices = membership.charge_ids.invoice_id
        invoices.filtered(lambda move: move.state == "draft").action_post()
        gifts = Donation
        if self.gift:
            gifts = Donation.create(self._prepare_gift_vals())
            gifts.sudo().membership_id = membership
            gifts.action_confirm()
            gifts._post_receipts(self.date)
        moves = invoices.sudo(self.env.su) | gifts.move_id
        if moves:
            gifts._pay(moves, self.date, self.journal_id, memo=self.memo, group=True)
        if self.fee_is_gift and self.fee:
            membership.sudo(self.env.su).action_fee_as_gift()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.donation_action")
        action.update(domain=[("membership_id", "=", membership.id)], context={})
        return action

    def _prepare_gift_vals(self):
        """Values of the gift: what is over the fee."""
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "amount": self.gift,
            "payment_mode": self.payment_mode,
        }
