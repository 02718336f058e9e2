from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

CONTACT_FIELDS = ("email", "phone", "street", "zip", "city", "country_id")


class MembershipEnrol(models.TransientModel):
    """Makes a member in one go: the contact if it is new, the membership, its invoice and its payment."""

    _name = "fabloch.membership.enrol"
    _description = "Enrol a member"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Contact", check_company=True)
    name = fields.Char()
    email = fields.Char(compute="_compute_contact", store=True, readonly=False)
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False)
    street = fields.Char(compute="_compute_contact", store=True, readonly=False)
    zip = fields.Char(compute="_compute_contact", store=True, readonly=False)
    city = fields.Char(compute="_compute_contact", store=True, readonly=False)
    country_id = fields.Many2one("res.country", compute="_compute_contact", store=True, readonly=False)
    category_id = fields.Many2one(
        "fabloch.member.category", required=True, compute="_compute_category_id", store=True, readonly=False
    )
    plan_id = fields.Many2one(
        "fabloch.membership.plan",
        required=True,
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id), ('category_ids', 'in', [False, category_id])]",
    )
    date_start = fields.Date("From", required=True, default=fields.Date.context_today)
    date_end = fields.Date("Until", compute="_compute_period")
    price = fields.Monetary("Fee", compute="_compute_price", store=True, readonly=False)
    seats = fields.Integer(related="plan_id.seats")
    beneficiary_ids = fields.Many2many("res.partner", string="People covered")
    pay_now = fields.Boolean("Paid now", default=True)
    payment_date = fields.Date(required=True, default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        "Paid by",
        check_company=True,
        domain=[("type", "in", ("bank", "cash", "credit"))],
        default=lambda self: self._default_journal_id(),
    )
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        "Payment method",
        compute="_compute_payment_method_line_id",
        store=True,
        readonly=False,
        domain="[('journal_id', '=', journal_id), ('payment_type', '=', 'inbound')]",
    )
    payment_reference = fields.Char(help="Cheque number, transfer reference.")
    current_membership_id = fields.Many2one(related="partner_id.current_membership_id")

    @api.model
    def _default_journal_id(self):
        return self.env["account.journal"].search(
            [("company_id", "=", self.env.company.id), ("type", "in", ("bank", "cash", "credit"))], limit=1
        )

    @api.depends("partner_id")
    def _compute_contact(self):
        for wizard in self:
            # Once the contact is taken out again, nothing of it stays for the new one.
            for name in CONTACT_FIELDS:
                wizard[name] = wizard.partner_id[name]
            if not wizard.partner_id:
                wizard.country_id = wizard.company_id.partner_id.country_id

    @api.depends("partner_id")
    def _compute_category_id(self):
        for wizard in self:
            wizard.category_id = wizard.partner_id.member_category_id or wizard.category_id

    @api.depends("category_id")
    def _compute_plan_id(self):
        for wizard in self:
            kept = wizard.plan_id and wizard.category_id in (wizard.plan_id.category_ids or wizard.category_id)
            if wizard.category_id and not kept:
                wizard.plan_id = self.env["fabloch.membership.plan"]._propose(wizard.category_id, wizard.company_id)

    @api.depends("plan_id", "date_start")
    def _compute_period(self):
        for wizard in self:
            known = wizard.plan_id and wizard.date_start
            wizard.date_end = wizard.plan_id._period(wizard.date_start)[1] if known else False

    @api.depends("plan_id", "date_start")
    def _compute_price(self):
        for wizard in self:
            known = wizard.plan_id and wizard.date_start
            wizard.price = wizard.plan_id._price_from(wizard.date_start) if known else 0.0

    @api.depends("journal_id")
    def _compute_payment_method_line_id(self):
        for wizard in self:
            wizard.payment_method_line_id = wizard.journal_id.inbound_payment_method_line_ids[:1]

    def action_enrol(self):
        """Make the contact, the membership, its invoice and, when paid now, its payment: all or nothing.

        :return: the action that opens the membership.
        :raises UserError: when the fee can't be invoiced, with the reason.
        """
        self.ensure_one()
        membership = self._enrol()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_membership.membership_action")
        action.update(views=[(False, "form")], res_id=membership.id, context={})
        return action

    def _enrol(self):
        if not self.partner_id and not (self.name or "").strip():
            raise UserError(self.env._("Choose a contact, or give the name of the new one."))
        partner = self.partner_id or self.env["res.partner"].create(self._prepare_partner_vals())
        self._complete_contact(partner)
        membership = self.env["fabloch.membership"].create(self._prepare_membership_vals(partner))
        runs = membership._confirm(invoice=True if self.pay_now else None)
        if self.pay_now and runs.failure_ids:
            raise UserError("\n".join(runs.failure_ids.mapped("reason")))
        if self.pay_now and membership.payment != "nothing":
            self._pay(membership)
        return membership

    def _complete_contact(self, partner):
        """Write on an existing contact what was filled in here; nothing is emptied."""
        vals = {name: self[name] for name in CONTACT_FIELDS if self[name] and self[name] != partner[name]}
        if self.category_id != partner.member_category_id:
            vals["member_category_id"] = self.category_id
        if vals:
            fields_ = partner._fields
            partner.write({name: fields_[name].convert_to_write(value, partner) for name, value in vals.items()})

    def _prepare_partner_vals(self):
        """Values of the new contact."""
        return {
            "name": self.name.strip(),
            "is_company": self.category_id.is_legal_person,
            "member_category_id": self.category_id.id,
            "lang": self.company_id.partner_id.lang or self.env.lang,
            **{name: self._fields[name].convert_to_write(self[name], self) for name in CONTACT_FIELDS},
        }

    def _prepare_membership_vals(self, partner):
        """Values of the membership."""
        return {
            "partner_id": partner.id,
            "plan_id": self.plan_id.id,
            "category_id": self.category_id.id,
            "date_start": self.date_start,
            "price": self.price,
            "beneficiary_ids": [Command.set(self.beneficiary_ids.ids)],
        }

    def _pay(self, membership):
        """Register the payment of the whole invoice of `membership`, as Odoo's own payment window does."""
        invoice = membership.charge_ids.invoice_id
        if invoice.state == "draft":
            invoice.action_post()
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            self._prepare_payment_vals(invoice)
        )._create_payments()

    def _prepare_payment_vals(self, invoice):
        """Values of Odoo's payment window for `invoice`."""
        vals = {
            "journal_id": self.journal_id.id,
            "payment_method_line_id": self.payment_method_line_id.id,
            "payment_date": self.payment_date,
        }
        if self.payment_reference:
            vals["communication"] = f"{invoice.payment_reference or invoice.name} {self.payment_reference}"
        return vals
