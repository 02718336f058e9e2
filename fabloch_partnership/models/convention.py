from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

STATES = [
    ("draft", "To negotiate"),
    ("in_signature", "In signature"),
    ("signed", "Signed"),
    ("terminated", "Terminated"),
]


class Convention(models.Model):
    """What the association and a partner agree on: object, dates, commitments of each side, money, signatures.

    Whether it runs follows from its dates (convention_status.py). Once signed it is locked: a change is an amendment
    (avenant), a convention of its own that points at the one that it amends.
    """

    _name = "fabloch.convention"
    _description = "Convention"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin", "fabloch.engine.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "title", "partner_id.name"]
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Number", readonly=True, copy=False, help="Given when the convention is made, without gap.")
    title = fields.Char("Object", required=True, tracking=True, help="In one line; the whole object is in the text.")
    active = fields.Boolean(default=True, help="Archived: the negotiation was given up.")
    type_id = fields.Many2one(
        "fabloch.convention.type", required=True, index=True, ondelete="restrict", check_company=True
    )
    instalment_kind = fields.Selection(related="type_id.instalment_kind")
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", tracking=True, check_company=True
    )
    signatory_id = fields.Many2one(
        "res.partner",
        "Signed for the partner by",
        index="btree_not_null",
        ondelete="restrict",
        domain="['|', ('id', '=', partner_id), ('parent_id', '=', partner_id)]",
    )
    signatory_function = fields.Char(
        "Quality of the partner's signatory", compute="_compute_signatory_function", store=True, readonly=False
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Followed by", default=lambda self: self.env.user, index=True, tracking=True, ondelete="set null"
    )
    company_signatory_id = fields.Many2one(
        "res.users",
        "Signed for us by",
        default=lambda self: self.env.company.convention_signatory_id,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )

    date_start = fields.Date("From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(
        "To",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Last day, as signed; before any tacit renewal.",
    )
    tacit_renewal = fields.Boolean(
        "Tacitly renewed", compute="_compute_from_type", store=True, readonly=False, precompute=True, tracking=True
    )
    renewal_months = fields.Integer(
        "Renewed for (months)", compute="_compute_from_type", store=True, readonly=False, precompute=True
    )
    renewal_limit = fields.Integer("Renewed at most (times)", help="0: without limit.")
    notice_months = fields.Integer(
        "Notice (months)", compute="_compute_from_type", store=True, readonly=False, precompute=True, tracking=True
    )
    state = fields.Selection(
        STATES, default="draft", required=True, readonly=True, copy=False, tracking=True, group_expand=True
    )
    signed_on = fields.Date(readonly=True, copy=False)
    terminated_on = fields.Date("Ended on", readonly=True, copy=False, help="Its last day, by a termination.")
    termination_reason = fields.Char(readonly=True, copy=False, groups="base.group_user")

    amended_id = fields.Many2one(
        "fabloch.convention",
        "Amends",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    amendment_ids = fields.One2many("fabloch.convention", "amended_id", "Amendments", readonly=True)
    previous_id = fields.Many2one(
        "fabloch.convention", "Renews", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    next_ids = fields.One2many("fabloch.convention", "previous_id", "Renewed by", readonly=True)

    commitment_ids = fields.One2many("fabloch.convention.commitment", "convention_id", "Commitments", copy=True)
    instalment_ids = fields.One2many("fabloch.convention.instalment", "convention_id", "Instalments", copy=True)
    donation_ids = fields.One2many("fabloch.donation", "convention_id", "Gifts")
    amount = fields.Monetary(
        compute="_compute_amount", store=True, tracking=True, help="The sum of the instalments, untaxed."
    )
    counterpart_value = fields.Monetary(
        "Value of our counterparts",
        compute="_compute_counterpart_value",
        store=True,
        help="The sum of the values of our own commitments.",
    )

    _name_unique = models.UniqueIndex("(company_id, name)", "This number is another convention's.")
    _last_day_idx = models.Index("(company_id, state, last_day)")
    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)", "A convention ends on or after the day on which it starts."
    )
    _renewal_positive = models.Constraint(
        "CHECK (NOT tacit_renewal OR renewal_months > 0)", "A tacit renewal lasts at least one month: say how many."
    )
    _limits_positive = models.Constraint(
        "CHECK (renewal_limit >= 0 AND notice_months >= 0)",
        "The notice and the number of renewals can't be less than 0.",
    )

    @api.depends("signatory_id")
    def _compute_signatory_function(self):
        for convention in self:
            convention.signatory_function = convention.signatory_id.function or convention.signatory_function

    @api.depends("type_id", "date_start")
    def _compute_date_end(self):
        for convention in self:
            if convention.type_id and convention.date_start and not convention.date_end:
                months = relativedelta(months=convention.type_id.months)
                convention.date_end = convention.date_start + months - relativedelta(days=1)

    @api.depends("type_id")
    def _compute_from_type(self):
        for convention in self:
            kind = convention.type_id
            convention.tacit_renewal = kind.tacit_renewal
            convention.renewal_months = kind.months
            convention.notice_months = kind.notice_months

    @api.depends("instalment_ids.amount")
    def _compute_amount(self):
        for convention in self:
            convention.amount = sum(convention.instalment_ids.mapped("amount"))

    @api.depends("commitment_ids.value", "commitment_ids.side")
    def _compute_counterpart_value(self):
        for convention in self:
            ours = convention.commitment_ids.filtered(lambda commitment: commitment.side == "us")
            convention.counterpart_value = sum(ours.mapped("value"))

    @api.depends("name", "partner_id", "title")
    def _compute_display_name(self):
        for convention in self:
            convention.display_name = " – ".join(
                filter(None, [convention.name, convention.partner_id.name, convention.title])
            )

    @api.model_create_multi
    def create(self, vals_list):
        conventions = super().create(vals_list)
        for company, of_company in conventions.filtered(lambda each: not each.name).grouped("company_id").items():
            sequence = self.env["ir.sequence"].sudo().with_company(company)
            for convention in of_company:
                # The number is the engine's word: nobody else may write it.
                convention.sudo().name = sequence.next_by_code("fabloch.convention", convention.date_start)
        return conventions
