from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

# Only the buttons of a batch set these: how far it is, and in whose name.
ENGINE_FIELDS = {
    "state",
    "todo_donor_ids",
    "position",
    "donor_count",
    "user_id",
    "preview_gift_count",
    "preview_amount",
    "previewed_on",
}


class TaxReceiptBatch(models.Model):
    """The receipts of a year in one go: what it would issue, what it refuses and why, how far it is."""

    _name = "fabloch.tax.receipt.batch"
    _description = "Batch of tax receipts"
    _inherit = "fabloch.engine.mixin"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("Gifts received from", required=True, default=lambda self: self._last_year(1, 1))
    date_to = fields.Date("Gifts received to", required=True, default=lambda self: self._last_year(12, 31))
    kind = fields.Selection(
        [("all", "Everybody"), ("individual", "Individuals"), ("company", "Companies")],
        "Donors",
        required=True,
        default="all",
    )
    amount_min = fields.Monetary("From (amount)", help="Donors whose gifts of the period come to less are left out.")
    per_gift = fields.Boolean("One receipt for each gift")
    send_mail = fields.Boolean("Mail the receipts", default=True, help="To the donors who have an e-mail address.")
    user_id = fields.Many2one("res.users", "By", default=lambda self: self.env.user, readonly=True, ondelete="restrict")
    state = fields.Selection(
        [
            ("draft", "To start"),
            ("issuing", "Issuing"),
            ("printing", "Printing"),
            ("mailing", "Mailing"),
            ("done", "Done"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    todo_donor_ids = fields.Json(readonly=True, copy=False, groups="base.group_no_one")
    position = fields.Integer("Donors done", readonly=True, copy=False, aggregator=None)
    donor_count = fields.Integer("Number of donors", readonly=True, copy=False, aggregator=None)
    preview_gift_count = fields.Integer("Gifts ready", readonly=True, copy=False, aggregator=None)
    preview_amount = fields.Monetary("Amount ready", readonly=True, copy=False)
    previewed_on = fields.Datetime(readonly=True, copy=False)

    receipt_ids = fields.One2many("fabloch.tax.receipt", "batch_id", "Receipts", readonly=True)
    refusal_ids = fields.One2many("fabloch.tax.receipt.refusal", "batch_id", "Refused", readonly=True)
    receipt_count = fields.Integer("Receipts issued", compute="_compute_counts")
    printed_count = fields.Integer("PDFs printed", compute="_compute_counts")
    mailed_count = fields.Integer("Mailed", compute="_compute_counts")
    refusal_count = fields.Integer("Gifts refused", compute="_compute_counts")
    amount = fields.Monetary("Amount issued", compute="_compute_counts")
    progress = fields.Integer("Progress (%)", compute="_compute_progress")

    _in_order = models.Constraint("CHECK (date_from <= date_to)", "A period ends on or after its first day.")

    @api.model
    def _last_year(self, month, day):
        today = fields.Date.context_today(self)
        return today.replace(year=today.year - 1, month=month, day=day)

    @api.depends("date_from", "date_to", "kind")
    def _compute_name(self):
        for batch in self:
            first, last = batch.date_from, batch.date_to
            if not first or not last:
                batch.name = False
            elif (first.month, first.day, last) == (1, 1, first.replace(month=12, day=31)):
                batch.name = str(first.year)
            else:
                batch.name = f"{format_date(self.env, first)} – {format_date(self.env, last)}"

    def _compute_counts(self):
        Receipt = self.env["fabloch.tax.receipt"]
        totals = {
            batch: values
            for batch, *values in Receipt._read_group(
                [("batch_id", "in", self.ids)],
                ["batch_id"],
                ["__count", "sha256:count", "mailed_on:count", "amount:sum"],
            )
        }
        refused = dict(
            self.env["fabloch.tax.receipt.refusal"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id"], ["__count"]
            )
        )
        for batch in self:
            counts = totals.get(batch, (0, 0, 0, 0.0))
            batch.receipt_count, batch.printed_count, batch.mailed_count, batch.amount = counts
            batch.refusal_count = refused.get(batch, 0)

    @api.depends("state", "position", "donor_count")
    def _compute_progress(self):
        """Issuing, printing and mailing one after the other: the share of the one at hand."""
        for batch in self:
            if batch.state == "printing":
                done, all_ = batch.printed_count, batch.receipt_count
            elif batch.state == "mailing":
                done, all_ = batch.mailed_count, batch.receipt_count
            else:
                done, all_ = batch.position, batch.donor_count
            batch.progress = 100 if batch.state == "done" else 100 * done // all_ if all_ else 0

    def write(self, vals):
        settings = {"company_id", "date_from", "date_to", "kind", "amount_min", "per_gift"}
        if settings.intersection(vals) and any(batch.state != "draft" for batch in self):
            raise UserError(self.env._("This batch is started: its choices can't be changed. Make another one."))
        self._check_engine_fields([vals])
        return super().write(vals)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._("The progress of a batch is its own: use its buttons.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(batch.state != "draft" for batch in self):
            raise UserError(self.env._("A batch that was started is kept, with the reasons of what it refused."))

    def _gift_domain(self):
        """Domain of the gifts that this batch looks at: received in its period, on no live receipt yet."""
        self.ensure_one()
        # Without a day of reception, the day on which it was given counts: `_receipt_date`.
        received = Domain("date_received", ">=", self.date_from) & Domain("date_received", "<=", self.date_to)
        given = Domain("date", ">=", self.date_from) & Domain("date", "<=", self.date_to)
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "received")
            & (received | Domain("date_received", "=", False) & given)
            & Domain("receipt_line_ids", "not any", [("live", "=", True)])
        )


class TaxReceiptRefusal(models.Model):
    """A gift that a batch gave no receipt, and why."""

    _name = "fabloch.tax.receipt.refusal"
    _description = "Gift refused a tax receipt"
    _order = "partner_id, id"
    _rec_name = "donation_id"

    batch_id = fields.Many2one(
        "fabloch.tax.receipt.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True)
    donation_id = fields.Many2one("fabloch.donation", "Gift", readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="donation_id.partner_id", string="Donor", store=True)
    amount = fields.Monetary(related="donation_id.amount")
    currency_id = fields.Many2one(related="donation_id.currency_id")
    reason = fields.Text(required=True, readonly=True)
