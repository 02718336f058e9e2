"""The demonstration's unpaid invoices: some were reminded of, one payment is promised, one waits to be matched."""

from datetime import datetime, time, timedelta

from odoo import api, models

from odoo.addons.fabloch_finance.models.payment_reminder import Notice

# Days late at least, days since each reminder.
STORIES = [(10, ()), (20, (6,)), (45, (28, 9)), (75, (50, 30, 12))]


class ReminderDemo(models.AbstractModel):
    """Five late invoices at least, of different payers and ages, each at another point of its reminders."""

    _name = "fabloch.reminder.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: reminders of unpaid invoices"

    @api.model
    def _load(self):
        """Tell the stories of late invoices in the main company."""
        company = self.env.ref("base.main_company")
        self = self.with_company(company)._in_french()
        company.fabloch_remind_user_id = self.env.ref("fabloch_finance.demo_user_accountant")
        taken = self.env["res.partner"]
        for days, reminders in STORIES:
            item = self._late_item(days, taken)
            taken |= item.partner_id
            self._remind(item, reminders)
        promised = self._late_item(5, taken)
        promised.move_id.write(
            {
                "fabloch_remind_pause": "promise",
                "fabloch_remind_paused_until": self._today() + timedelta(days=12),
            }
        )
        taken |= promised.partner_id
        self._pay_on_account(self._late_item(8, taken))

    def _late_item(self, days, taken):
        """Return the most recent item that is late by that many days and that no other story tells."""
        domain = [
            ("kind", "=", "invoice"),
            ("company_id", "=", self.env.company.id),
            ("days_late", ">=", days),
            ("partner_id", "not in", taken.ids),
            ("payer_credit", "=", 0),
        ]
        items = self.env["fabloch.unpaid.report"].search(domain, order="days_late, id", limit=1)
        return items or self.env["fabloch.unpaid.report"].search(domain[:2] + domain[3:], order="id", limit=1)

    def _remind(self, item, days_ago):
        """Write that the invoice of `item` was reminded of that many days ago: no mail goes from a demonstration."""
        accountant = self.env.ref("fabloch_finance.demo_user_accountant")
        reminders = self.env["fabloch.payment.reminder"].create(
            [
                {
                    "move_id": item.move_id.id,
                    "company_id": item.company_id.id,
                    "partner_id": item.partner_id.id,
                    "level": level,
                    "date": self._today() - timedelta(days=days),
                    "user_id": accountant.id,
                    "email": item.partner_id.email_normalized,
                    "amount": item.document_amount,
                    "currency_id": item.document_currency_id.id,
                }
                for level, days in enumerate(days_ago, 1)
                if item
            ]
        )
        for reminder in reminders:
            self._write_mail(reminder, item, accountant.partner_id)

    def _write_mail(self, reminder, item, author):
        """Keep the text of the mail as it would have gone."""
        move = item.move_id
        notice = Notice(item.company_id, item.partner_id, item, {move: reminder.level})
        template = self.env.ref(f"fabloch_finance.mail_template_reminder_{reminder.level}")
        template = template.with_context(fabloch_notices={move.id: notice})
        values = template._generate_template(move.ids, ("subject", "body_html"))[move.id]
        reminder.message_id = self.env["mail.message"].create(
            {
                "model": move._name,
                "res_id": move.id,
                "message_type": "email_outgoing",
                "subject": values["subject"],
                "body": values["body_html"],
                "date": datetime.combine(reminder.date, time(8)),
                "author_id": author.id,
            }
        )

    def _pay_on_account(self, item):
        """A transfer that says neither invoice nor reason: it waits to be matched, and stops the reminders."""
        if not item:
            return
        journal = self.env.ref("fabloch_finance.demo_journal_bank")
        payment = self.env["account.payment"].create(
            {
                "date": self._today() - timedelta(days=2),
                "amount": round(item.amount / 2),
                "payment_type": "inbound",
                "partner_type": "customer",
                "memo": "Virement sans référence",
                "journal_id": journal.id,
                "partner_id": item.partner_id.id,
                "payment_method_line_id": journal.inbound_payment_method_line_ids[:1].id,
            }
        )
        payment.action_post()
