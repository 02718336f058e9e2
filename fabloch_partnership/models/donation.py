from odoo import api, fields, models

NATURES = [
    ("cash", "Money"),
    ("goods", "Goods"),
    ("skills", "Skills or services"),
    ("expenses", "Waived expenses of a volunteer"),
]
# Form and payment mode, as the receipts' models of the administration list them.
FORMS = [
    ("manual", "Manual gift (don manuel)"),
    ("notarial", "Notarial deed (acte authentique)"),
    ("private", "Private deed (acte sous seing privé)"),
    ("other", "Other"),
]
PAYMENT_MODES = [
    ("cash", "Cash"),
    ("cheque", "Cheque"),
    ("transfer", "Transfer, direct debit or card"),
]
DONOR_KINDS = [("individual", "Individual (CGI art. 200)"), ("company", "Company (CGI art. 238 bis)")]


class Donation(models.Model):
    """A gift: money, goods, skills, or expenses that a volunteer waives; promised, then received.

    Beside this file: what it may not be (donation_rules.py), its state, which follows from the books
    (donation_status.py), what is done with it (donation_flow.py), what is posted (donation_entry.py), the counterparts
    (donation_counterpart.py), what the donor may deduct (donation_benefit.py), what a receipt says (donation_legal.py).
    """

    _name = "fabloch.donation"
    _description = "Gift"
    _inherit = ["mail.thread", "mail.activity.mixin", "fabloch.engine.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["name", "partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Number", readonly=True, copy=False, help="Given when the gift is confirmed.")
    partner_id = fields.Many2one("res.partner", "Donor", required=True, index=True, ondelete="restrict", tracking=True)
    commercial_partner_id = fields.Many2one(
        "res.partner",
        "Donor's house",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    donor_kind = fields.Selection(
        DONOR_KINDS,
        "Gives as",
        compute="_compute_donor_kind",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="It decides of the receipt's model and of the limits. A self-employed person may give as a business.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    nature = fields.Selection(NATURES, required=True, default="cash")
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="In kind: the value that the giver states; a company gives at its cost (CGI art. 238 bis).",
    )
    date = fields.Date("Expected on", required=True, default=fields.Date.context_today, tracking=True, index=True)
    gift_date = fields.Date(
        "Date of the gift",
        compute="_compute_gift_date",
        store=True,
        precompute=True,
        index=True,
        help="The day on which it was received; until then, the day on which it is expected.",
    )
    form = fields.Selection(FORMS, required=True, default="manual")
    payment_mode = fields.Selection(PAYMENT_MODES, copy=False, help="How the money came: the receipt says so.")
    convention_id = fields.Many2one(
        "fabloch.convention", index="btree_not_null", ondelete="restrict", check_company=True
    )
    description = fields.Text(help="Goods, skills or expenses, as the receipt will describe them.")
    goods_lent = fields.Boolean("Lent, not given", help="A machine or a room lent free of charge for a while.")
    skill_days = fields.Float("Days", digits=(16, 2), help="Working days of one person.")
    skill_people = fields.Integer("People", default=1)
    skill_day_cost = fields.Monetary(
        "Cost of a day", help="What a day of one person costs the giver, charges included."
    )
    expense_ids = fields.One2many("fabloch.donation.expense", "donation_id", "Expenses", copy=True)
    waiver_date = fields.Date(
        "Waiver signed on", copy=False, help="The volunteer signs that the expenses are left to the association."
    )
    waiver_scan = fields.Binary("Signed waiver", attachment=True, copy=False)
    waiver_scan_name = fields.Char(copy=False)
    origin = fields.Selection([("gift", "Gift"), ("fee", "Membership fee")], required=True, copy=False, default="gift")
    membership_id = fields.Many2one(
        "fabloch.membership",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The membership whose fee this gift is, or that was paid together with it.",
    )
    promise_id = fields.Many2one(
        "fabloch.donation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The first gift of a promise by instalments, or of one that came in several parts.",
    )
    promise_ids = fields.One2many("fabloch.donation", "promise_id", "Other parts of the promise", readonly=True)

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0 AND (amount > 0 OR confirm_date IS NULL OR cancel_date IS NOT NULL))",
        "A gift is more than 0: write its amount.",
    )
    _skills_positive = models.Constraint(
        "CHECK (skill_days >= 0 AND skill_people >= 0 AND skill_day_cost >= 0)",
        "Days, people and cost of a gift of skills can't be less than 0.",
    )
    # The reminders and the list of late promises stay quick whatever the history.
    _pledged_idx = models.Index("(company_id, date) WHERE state = 'pledged'")
    _one_fee = models.UniqueIndex(
        "(membership_id) WHERE origin = 'fee' AND cancel_date IS NULL",
        "The fee of this membership is recorded as a gift already.",
    )

    @api.depends("partner_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for donation in self:
            donation.commercial_partner_id = donation.partner_id.commercial_partner_id

    @api.depends("partner_id")
    def _compute_donor_kind(self):
        for donation in self:
            legal = donation.partner_id and donation.partner_id._is_legal_donor()
            donation.donor_kind = "company" if legal else "individual"

    @api.depends("nature", "skill_days", "skill_people", "skill_day_cost", "expense_ids.amount")
    def _compute_amount(self):
        for donation in self:
            currency = donation.currency_id or self.env.company.currency_id
            if donation.nature == "skills":
                cost = donation.skill_days * donation.skill_people * donation.skill_day_cost
                donation.amount = currency.round(cost)
            elif donation.nature == "expenses":
                donation.amount = currency.round(sum(donation.expense_ids.mapped("amount")))
            else:
                donation.amount = donation.amount or 0.0

    @api.depends("date", "date_received")
    def _compute_gift_date(self):
        for donation in self:
            donation.gift_date = donation.date_received or donation.date

    @api.depends("name", "partner_id.display_name")
    def _compute_display_name(self):
        for donation in self:
            donor = donation.partner_id.display_name or ""
            if donation.name:
                donation.display_name = f"{donation.name} ({donor})"
            else:
                donation.display_name = donor and self.env._("Gift of %s", donor)
