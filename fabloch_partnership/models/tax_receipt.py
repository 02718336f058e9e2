from odoo import api, fields, models

from .donation import FORMS, NATURES, PAYMENT_MODES

KINDS = [("individual", "Individual (11580 model)"), ("company", "Company (16216 model)")]


class TaxReceipt(models.Model):
    """A tax receipt for gifts: everything that it states is copied at issue; never edited, never deleted.

    tax_receipt_issue.py makes it, tax_receipt_pdf.py prints it, tax_receipt_cancel.py takes it back, and
    tax_receipt_guard.py holds the database to it, whoever asks.
    """

    _name = "fabloch.tax.receipt"
    _description = "Tax receipt"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "year desc, sequence_number desc"
    _rec_names_search = ["name", "donor_name"]
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    year = fields.Integer(
        required=True, readonly=True, aggregator=None, help="The year of issue, in which the numbers follow."
    )
    sequence_number = fields.Integer(required=True, readonly=True, copy=False, aggregator=None)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", "Donor", required=True, readonly=True, index=True, ondelete="restrict")
    batch_id = fields.Many2one("fabloch.tax.receipt.batch", readonly=True, index="btree_not_null", ondelete="restrict")
    kind = fields.Selection(KINDS, "Model", required=True, readonly=True)
    state = fields.Selection(
        [("live", "Live"), ("cancelled", "Cancelled")], required=True, readonly=True, default="live", copy=False
    )
    date = fields.Date("Issued on", required=True, readonly=True)

    # What the law wants to read on it, as it was on the day of issue.
    form = fields.Char("Model of the administration", required=True, readonly=True)
    article = fields.Char(required=True, readonly=True)
    body_name = fields.Char("Name of the body", required=True, readonly=True)
    body_siren = fields.Char("SIREN of the body", readonly=True)
    body_rna = fields.Char("RNA of the body", readonly=True)
    body_address = fields.Text("Address of the body", required=True, readonly=True)
    body_object = fields.Text("Object of the body", required=True, readonly=True)
    body_category = fields.Char("Legal category of the body", required=True, readonly=True)
    donor_name = fields.Char("Name of the donor", required=True, readonly=True)
    donor_address = fields.Text("Address of the donor", required=True, readonly=True)
    donor_legal_form = fields.Char("Legal form of the donor", readonly=True)
    donor_siren = fields.Char("SIREN of the donor", readonly=True)
    signatory_name = fields.Char("Signed by", required=True, readonly=True)
    signatory_function = fields.Char("Quality of the signatory", required=True, readonly=True)
    signature = fields.Binary(attachment=False, readonly=True)
    date_from = fields.Date("Gifts from", required=True, readonly=True)
    date_to = fields.Date("Gifts to", required=True, readonly=True)
    amount_cash = fields.Monetary("Money", required=True, readonly=True)
    amount_in_kind = fields.Monetary("In kind", required=True, readonly=True, help="Goods, skills, waived expenses.")
    amount = fields.Monetary("Total", required=True, readonly=True)
    amount_words = fields.Char("Total in words", required=True, readonly=True)
    line_ids = fields.One2many("fabloch.tax.receipt.line", "receipt_id", "Gifts", readonly=True)

    pdf = fields.Binary(attachment=False, readonly=True, copy=False)
    pdf_name = fields.Char(compute="_compute_pdf_name")
    sha256 = fields.Char("SHA-256 of the PDF", readonly=True, copy=False)
    mailed_on = fields.Datetime(readonly=True, copy=False)

    cancel_reason = fields.Char("Cancelled because", readonly=True, copy=False)
    cancelled_on = fields.Date(readonly=True, copy=False)
    cancelled_by_id = fields.Many2one("res.users", "Cancelled by", readonly=True, copy=False, ondelete="restrict")
    replaces_id = fields.Many2one(
        "fabloch.tax.receipt", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    replacement_ids = fields.One2many("fabloch.tax.receipt", "replaces_id", "Replaced by", readonly=True)
    to_check = fields.Boolean(
        compute="_compute_to_check", store=True, help="A gift on it is no longer what it states: read why."
    )
    check_reason = fields.Text("To check because", compute="_compute_to_check", store=True)

    _number_unique = models.UniqueIndex(
        "(company_id, year, sequence_number)", "This number of the year is another receipt's."
    )
    _replaced_once = models.UniqueIndex(
        "(replaces_id) WHERE replaces_id IS NOT NULL", "This receipt is replaced already."
    )
    _unprinted_idx = models.Index("(batch_id) WHERE pdf IS NULL")
    _total = models.Constraint(
        "CHECK (amount = amount_cash + amount_in_kind AND amount > 0 AND amount_cash >= 0 AND amount_in_kind >= 0)",
        "The total of a receipt is the sum of the money and of what was given in kind.",
    )
    _year_of_issue = models.Constraint(
        "CHECK (year = extract(year FROM date) AND sequence_number > 0)",
        "A receipt's number is one of the year in which it is issued.",
    )
    _in_order = models.Constraint("CHECK (date_from <= date_to)", "A receipt's period ends on or after its first day.")
    _cancelled_with_reason = models.Constraint(
        "CHECK (state = 'live' OR (cancel_reason IS NOT NULL AND cancelled_on IS NOT NULL))",
        "A receipt is cancelled with a reason and a date.",
    )

    @api.depends("name", "state")
    def _compute_pdf_name(self):
        for receipt in self:
            receipt.pdf_name = f"recu-fiscal-{receipt.name}.pdf"


class TaxReceiptLine(models.Model):
    """One gift as its receipt states it."""

    _name = "fabloch.tax.receipt.line"
    _description = "Gift on a tax receipt"
    _order = "date, id"
    _rec_name = "donation_id"

    receipt_id = fields.Many2one("fabloch.tax.receipt", required=True, readonly=True, index=True, ondelete="restrict")
    donation_id = fields.Many2one(
        "fabloch.donation", "Gift", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    live = fields.Boolean(required=True, readonly=True, default=True, help="Until its receipt is cancelled.")
    date = fields.Date("Given on", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    nature = fields.Selection(NATURES, required=True, readonly=True)
    form = fields.Selection(FORMS, required=True, readonly=True)
    payment_mode = fields.Selection(PAYMENT_MODES, readonly=True)
    description = fields.Text(readonly=True)

    _once = models.UniqueIndex("(donation_id) WHERE live", "This gift is on a live tax receipt already.")
    _amount_positive = models.Constraint("CHECK (amount > 0)", "A gift is more than 0.")
