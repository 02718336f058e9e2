from odoo import fields, models

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
STATES = [
    ("draft", "Draft"),
    ("pledged", "Pledged"),
    ("received", "Received"),
    ("cancelled", "Cancelled"),
]


class Donation(models.Model):
    """A gift: money, goods, skills, or expenses that a volunteer waives; promised, then received."""

    _name = "fabloch.donation"
    _description = "Gift"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Number", readonly=True, copy=False)
    partner_id = fields.Many2one("res.partner", "Donor", required=True, index=True, ondelete="restrict", tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    convention_id = fields.Many2one(
        "fabloch.convention", index="btree_not_null", ondelete="restrict", check_company=True
    )
    date = fields.Date(
        "Expected or given on", required=True, default=fields.Date.context_today, tracking=True, index=True
    )
    nature = fields.Selection(NATURES, required=True, default="cash")
    form = fields.Selection(FORMS, required=True, default="manual")
    payment_mode = fields.Selection(PAYMENT_MODES, copy=False, help="How the money came: the receipt says so.")
    amount = fields.Monetary(required=True, tracking=True)
    description = fields.Text(help="Goods, skills or expenses, as the receipt will describe them.")
    counterpart_value = fields.Monetary(
        "Value of the counterparts", tracking=True, help="What the donor gets for it, valued by the association."
    )
    counterpart_description = fields.Text("Counterparts")
    state = fields.Selection(STATES, default="draft", required=True, readonly=True, copy=False, tracking=True)
    date_received = fields.Date("Received on", readonly=True, copy=False, tracking=True)
    move_id = fields.Many2one(
        "account.move", "Entry", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A gift is more than 0.")
    _counterpart_positive = models.Constraint(
        "CHECK (counterpart_value >= 0)", "The value of the counterparts can't be less than 0."
    )
