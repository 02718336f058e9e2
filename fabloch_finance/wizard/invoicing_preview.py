from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class InvoicingPreview(models.TransientModel):
    """What a run would make, before it is made: who, how much, and what will fail and why."""

    _name = "fabloch.invoicing.preview"
    _description = "Preview a run"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self._default_charge_ids().company_id or self.env.company,
    )
    date = fields.Date("Charges up to", required=True, default=fields.Date.context_today)
    invoice_date = fields.Date(
        compute="_compute_invoice_date", store=True, readonly=False, precompute=True, required=True
    )
    only_due = fields.Boolean(
        "Leave the monthly payers to their day",
        help="Ticked: what the scheduled action would invoice on that day. Otherwise all that is billable.",
    )
    charge_ids = fields.Many2many("fabloch.charge", default=lambda self: self._default_charge_ids())
    line_ids = fields.One2many("fabloch.invoicing.preview.line", "preview_id", compute="_compute_line_ids", store=True)
    ready_count = fields.Integer("Invoices", compute="_compute_totals")
    problem_count = fields.Integer("Payers who can't be invoiced", compute="_compute_totals")
    amount = fields.Monetary("Total, untaxed", compute="_compute_totals")
    currency_id = fields.Many2one(related="company_id.currency_id")

    def _default_charge_ids(self):
        Charge = self.env["fabloch.charge"]
        if self.env.context.get("active_model") != Charge._name:
            return Charge
        charges = Charge.browse(self.env.context.get("active_ids"))
        if len(charges.company_id) > 1:
            raise UserError(self.env._("A run is of one company: select the charges of one company only."))
        return charges

    @api.depends("date")
    def _compute_invoice_date(self):
        for preview in self:
            preview.invoice_date = preview.date

    def _billable_charges(self):
        self.ensure_one()
        Charge = self.env["fabloch.charge"]
        if not self.date:
            return Charge
        if self.only_due:
            domain = Charge._due_domain(self.company_id, self.date)
        else:
            domain = Domain(
                [
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "to_invoice"),
                    ("date", "<=", self.date),
                ]
            )
        if self.charge_ids:
            domain &= Domain("id", "in", self.charge_ids.ids)
        return Charge.search(domain)._billable(self.date)

    @api.depends("company_id", "date", "invoice_date", "only_due", "charge_ids")
    def _compute_line_ids(self):
        for preview in self:
            groups = preview._billable_charges()._invoicing_groups(preview.invoice_date or preview.date)
            groups.sort(key=lambda group: (not group.problem, group.payer.display_name or ""))
            preview.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "partner_id": group.payer.id,
                        "charge_count": len(group.charges),
                        "amount": group.amount,
                        "currency_id": group.currency.id,
                        "problem": group.problem.reason if group.problem else False,
                        "document": "refund" if group.amount < 0 else "invoice",
                    }
                )
                for group in groups
            ]

    @api.depends("line_ids")
    def _compute_totals(self):
        for preview in self:
            ready = preview.line_ids.filtered(lambda line: not line.problem)
            preview.ready_count = len(ready)
            preview.problem_count = len(preview.line_ids) - len(ready)
            preview.amount = sum(
                line.currency_id._convert(line.amount, preview.currency_id, preview.company_id, preview.date)
                for line in ready
            )

    def action_invoice(self):
        """Make the run that was previewed and open it."""
        self.ensure_one()
        charges = self._billable_charges()
        if not charges:
            raise UserError(
                self.env._(
                    "Nothing is billable in %(company)s up to %(date)s. Choose a later date, or look at "
                    "“Charges to invoice”.",
                    company=self.company_id.name,
                    date=fields.Date.to_string(self.date),
                )
            )
        run = charges._invoice(self.date, self.invoice_date)
        return {
            "type": "ir.actions.act_window",
            "res_model": "fabloch.invoicing.run",
            "res_id": run.id,
            "view_mode": "form",
        }


class InvoicingPreviewLine(models.TransientModel):
    """One document that the run would make."""

    _name = "fabloch.invoicing.preview.line"
    _description = "Preview of an invoice"

    preview_id = fields.Many2one("fabloch.invoicing.preview", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Payer", readonly=True)
    document = fields.Selection([("invoice", "Invoice"), ("refund", "Credit note")], readonly=True)
    charge_count = fields.Integer("Charges", readonly=True)
    amount = fields.Monetary("Untaxed", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    problem = fields.Text("What prevents it", readonly=True)
