from odoo import api, fields, models

from .convention_type import INSTALMENT_KINDS

# Only the actions set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {"cancelled", "cancel_reason", "charge_id", "deferral_ids", "donation_id", "move_id"}


class ConventionInstalment(models.Model):
    """A sum that a convention brings (or costs) on a date: an invoice, a gift, a subsidy, a fee that we pay.

    Beside this file: what became of it (convention_instalment_state.py), what the signature makes of it
    (convention_instalment_made.py), subsidies (convention_grant.py).
    """

    _name = "fabloch.convention.instalment"
    _description = "Instalment of a convention"
    _inherit = "fabloch.convention.part"
    _order = "date, id"
    _check_company_auto = True

    convention_id = fields.Many2one("fabloch.convention", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="convention_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="convention_id.partner_id", string="Partner", store=True, index=True)
    name = fields.Char("Description", required=True)
    date = fields.Date("Due on", required=True, index=True)
    amount = fields.Monetary(required=True, help="Untaxed.")
    kind = fields.Selection(
        INSTALMENT_KINDS, "Becomes", compute="_compute_kind", store=True, readonly=False, precompute=True, required=True
    )
    product_id = fields.Many2one(
        "product.product",
        "Product invoiced",
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
    )
    period_start = fields.Date("Covers from", help="What a subsidy is for; by default the whole convention.")
    period_end = fields.Date("Covers until")
    # What became of it in our books is ours: the portal's contact has its invoices and receipts.
    charge_id = fields.Many2one(
        "fabloch.charge",
        groups="base.group_user",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    donation_id = fields.Many2one(
        "fabloch.donation",
        "Gift",
        groups="base.group_user",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        "account.move",
        "Entry or bill",
        groups="base.group_user",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    deferral_ids = fields.One2many(
        "account.move",
        "fabloch_instalment_id",
        "Entries of later years",
        groups="base.group_user",
        readonly=True,
        copy=False,
    )
    cancelled = fields.Boolean(readonly=True, copy=False)
    cancel_reason = fields.Char("Dropped because", readonly=True, copy=False, groups="base.group_user")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "An instalment is more than 0.")
    _period_in_order = models.Constraint(
        "CHECK (period_end >= period_start)", "What an instalment covers ends on or after the day on which it starts."
    )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    @api.depends("convention_id.type_id")
    def _compute_kind(self):
        for instalment in self:
            kind = instalment.convention_id.type_id
            instalment.kind = kind.instalment_kind or instalment.kind
            instalment.product_id = kind.product_id or instalment.product_id

    @api.depends("name", "convention_id.name")
    def _compute_display_name(self):
        for instalment in self:
            instalment.display_name = " – ".join(filter(None, [instalment.convention_id.name, instalment.name]))

    def _is_made(self):
        return super()._is_made() or bool(self.charge_id or self.donation_id or self.move_id)
