from odoo import Command, api, fields, models
from odoo.tools import is_html_empty


class PaymentRemind(models.TransientModel):
    """What reminders would go, before they go: to whom, for what, in which tone; then what became of each."""

    _name = "fabloch.payment.remind"
    _description = "Send payment reminders"

    state = fields.Selection([("draft", "To send"), ("done", "Sent")], default="draft", required=True)
    line_ids = fields.One2many("fabloch.payment.remind.line", "remind_id", "Payers", readonly=True)
    ready_count = fields.Integer("Mails to send", compute="_compute_counts")
    skipped_count = fields.Integer("Payers who aren't reminded", compute="_compute_counts")

    @api.model
    def _open(self, moves):
        """Open the preview of the reminders to the payers of these invoices: those who get one first."""
        moves.check_access("read")
        notices = self.env["fabloch.payment.reminder"].sudo()._notices(moves.sudo())
        notices.sort(key=lambda notice: (bool(notice.problem), -notice.level))
        remind = self.create({"line_ids": [Command.create(self._prepare_line_vals(notice)) for notice in notices]})
        return remind._action_open(self.env._("Payment reminders"))

    def _action_open(self, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _prepare_line_vals(self, notice):
        invoices = notice.items.move_id
        return {
            "company_id": notice.company.id,
            "partner_id": notice.payer.id,
            "move_ids": [Command.set(invoices.ids)],
            "invoice_count": len(invoices),
            "days_late": max(notice.items.mapped("days_late"), default=0),
            "amount": notice.amount,
            "level": notice.level,
            "problem": notice.problem,
        }

    @api.depends("line_ids.problem")
    def _compute_counts(self):
        for remind in self:
            remind.skipped_count = len(remind.line_ids.filtered("problem"))
            remind.ready_count = len(remind.line_ids) - remind.skipped_count

    def action_send(self):
        """Send what is ready; show what became of each payer."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line.problem)
        line_of = {(line.company_id, line.partner_id): line for line in lines}
        for notice in self.env["fabloch.payment.reminder"]._remind(lines.move_ids):
            if line := line_of.get((notice.company.with_env(self.env), notice.payer.with_env(self.env))):
                line.problem = notice.problem
        self.state = "done"
        return self._action_open(self.env._("Reminders sent"))

    def action_close(self):
        """Close, and show the list as it is now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class PaymentRemindLine(models.TransientModel):
    """The mail of one payer."""

    _name = "fabloch.payment.remind.line"
    _description = "Payment reminder to send"

    remind_id = fields.Many2one("fabloch.payment.remind", required=True, index=True, ondelete="cascade")
    state = fields.Selection(related="remind_id.state")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Payer", readonly=True)
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    invoice_count = fields.Integer("Number of invoices", readonly=True)
    days_late = fields.Integer(readonly=True, help="Of the oldest one.")
    amount = fields.Monetary("Left to pay", readonly=True)
    level = fields.Integer("Reminder", readonly=True, help="Of the most advanced invoice: the tone of the mail.")
    problem = fields.Char("Not reminded because", readonly=True)
    subject = fields.Char(compute="_compute_mail")
    body = fields.Html("Text of the mail", compute="_compute_mail", sanitize=False)

    @api.depends("move_ids", "level")
    def _compute_mail(self):
        """The mail as it would go now, in the payer's language."""
        for line in self:
            line.subject = line.body = False
            if line.problem or not line.level or line.state == "done":
                continue
            template = self.env.ref(f"fabloch_finance.mail_template_reminder_{line.level}").sudo()
            leader = line._leader()
            values = template._generate_template(leader.ids, ("subject", "body_html"))[leader.id]
            line.subject = values["subject"]
            line.body = values["body_html"] if not is_html_empty(values["body_html"]) else False

    def _leader(self):
        """Return the invoice that comes first in the mail."""
        self.ensure_one()
        notices = self.env["fabloch.payment.reminder"].sudo()._notices(self.move_ids.sudo())
        return notices[0].items[:1].move_id
