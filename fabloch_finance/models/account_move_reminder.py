from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .books import rests_on_books


class AccountMove(models.Model):
    """What the payment reminders say of an invoice."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "account.move"

    fabloch_reminder_ids = fields.One2many(
        "fabloch.payment.reminder", "move_id", "Payment reminders", readonly=True, copy=False
    )
    fabloch_reminder_level = fields.Integer("Reminders", compute="_compute_fabloch_reminder_level")
    fabloch_is_late = fields.Boolean("Late", compute="_compute_fabloch_is_late")

    @api.depends("fabloch_reminder_ids.level")
    def _compute_fabloch_reminder_level(self):
        levels = dict(
            self.env["fabloch.payment.reminder"]
            .sudo()
            ._read_group([("move_id", "in", self.ids)], ["move_id"], ["level:max"])
        )
        for move in self:
            move.fabloch_reminder_level = levels.get(move._origin, 0)

    @rests_on_books
    def _compute_fabloch_is_late(self):
        late = (
            self.env["fabloch.unpaid.report"]
            .sudo()
            ._read_group([("move_id", "in", self.ids), ("kind", "=", "invoice"), ("days_late", ">", 0)], ["move_id"])
        )
        late = {move.id for (move,) in late}
        for move in self:
            move.fabloch_is_late = move._origin.id in late

    def action_fabloch_remind(self):
        """Remind the payer of this invoice, and of what else of his is late; tell what became of it."""
        return self.env["fabloch.payment.reminder"]._remind_and_tell(self)

    def action_open_fabloch_reminders(self):
        """Open the reminders of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.payment_reminder_action")
        action.update(domain=[("move_id", "=", self.id)], context={})
        return action

    # -- What the mails say ----------------------------------------------------------------------------------------

    def _fabloch_notice(self):
        """Return the notice in which this invoice comes first: the one that is being sent, else as it would be now."""
        self.ensure_one()
        notices = self.env.context.get("fabloch_notices") or {}
        if self.id in notices:
            return notices[self.id]
        return self.env["fabloch.payment.reminder"].sudo()._notices(self.sudo())[0]

    def _fabloch_reminder_items(self):
        """Return the lines of the mail, texts in the payer's language, the oldest debt first."""
        Reminder = self.env["fabloch.payment.reminder"]
        notice = self._fabloch_notice()
        levels = {move.id: level for move, level in notice.levels.items()}
        names = Reminder._level_names()
        items = notice.items.sudo().with_env(self.sudo().env)
        base_url = self.get_base_url()
        return [
            {
                "name": item.move_id.name,
                "reference": item.move_id.payment_reference or item.move_id.name,
                "date_due": format_date(self.env, item.date_due),
                "days_late": item.days_late,
                "amount": format_amount(self.env, item.document_amount, item.document_currency_id),
                "level": names.get(levels.get(item.move_id.id)),
                "url": base_url + item.move_id.get_portal_url(),
            }
            for item in items.sorted(lambda item: (item.date_due, item.id))
        ]

    def _fabloch_reminder_table(self):
        """Return what the three mails share: the late invoices with their links, and how to pay them. Safe HTML."""
        self.ensure_one()
        items = self._fabloch_reminder_items()
        return self.env["ir.qweb"]._render(
            "fabloch_finance.payment_reminder_items",
            {
                "items": items,
                "total": self._fabloch_reminder_total(),
                "references": ", ".join(dict.fromkeys(item["reference"] for item in items)),
                "bank_account": self.sudo().partner_bank_id.acc_number,
            },
        )

    def _fabloch_reminder_total(self):
        """Return what is late in all, in words of the payer's language; one amount a currency."""
        totals = {}
        for item in self._fabloch_notice().items.sudo():
            currency = item.document_currency_id
            totals[currency] = currency.round(totals.get(currency, 0.0) + item.document_amount)
        return ", ".join(format_amount(self.env, amount, currency) for currency, amount in totals.items())

    def _fabloch_reminder_mentions(self):
        """Return what the law adds to late payment by a business, the words of the invoices' own dates; else [].

        Code de commerce art. L. 441-10: never towards a private person.
        """
        mentions = []
        for move in self._fabloch_notice().items.sudo().move_id.with_env(self.sudo().env):
            if move._fabloch_is_for_business():
                mention = move._fabloch_late_payment_mentions(move.invoice_date or move.date)[0]
                if mention and mention not in mentions:
                    mentions.append(mention)
        return mentions

    def _fabloch_reminder_signature(self):
        """Return who signs the reminders of this invoice: a person's name, or ''."""
        self.ensure_one()
        user = self.company_id.sudo().fabloch_remind_user_id or self.env.user
        return "" if user._is_superuser() else user.name
