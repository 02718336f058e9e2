from odoo import fields, models

INSTALMENT_KINDS = [
    ("charge", "Invoice: an equivalent counterpart"),
    ("donation", "Gift: mécénat"),
    ("subsidy", "Expected subsidy"),
    ("bill", "Fee that we pay"),
]


class ConventionType(models.Model):
    """A kind of convention: what it is called, what its money is, how long it usually runs."""

    _name = "fabloch.convention.type"
    _description = "Convention type"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Stable name of the type: never shown on a document.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one("res.company", help="Every company's when empty.", ondelete="restrict")
    instalment_kind = fields.Selection(
        INSTALMENT_KINDS,
        "Its money is",
        help="What the instalments of such a convention become. Empty: it brings no money.",
    )
    product_id = fields.Many2one(
        "product.product",
        "Product invoiced",
        check_company=True,
        ondelete="restrict",
        help="Its account and taxes are those of the invoices: sponsorship, rent or service.",
    )
    months = fields.Integer("Usual duration (months)", default=12, required=True)
    tacit_renewal = fields.Boolean("Tacitly renewed")
    notice_months = fields.Integer("Notice (months)", default=3, required=True)
    convention_ids = fields.One2many("fabloch.convention", "type_id", "Conventions")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A type with this code exists already: choose another code."
    )
    _months_positive = models.Constraint("CHECK (months > 0)", "A convention lasts at least one month.")
    _notice_positive = models.Constraint("CHECK (notice_months >= 0)", "A notice can't be less than 0 months.")
