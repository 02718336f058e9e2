from odoo import api, fields, models

from .convention_type import INSTALMENT_KINDS


class ConventionInstalment(models.Model):
    """A sum that a convention brings (or costs) on a date: an invoice, a gift, a subsidy, a fee that we pay."""

    _name = "fabloch.convention.instalment"
    _description = "Instalment of a convention"
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
    charge_id = fields.Many2one(
        "fabloch.charge", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    donation_id = fields.Many2one(
        "fabloch.donation", "Gift", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move", "Entry or bill", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    _amount_positive = models.Constraint("CHECK (amount > 0)", "An instalment is more than 0.")

    @api.depends("convention_id.type_id")
    def _compute_kind(self):
        for instalment in self:
            kind = instalment.convention_id.type_id
            instalment.kind = kind.instalment_kind or instalment.kind
            instalment.product_id = kind.product_id or instalment.product_id
