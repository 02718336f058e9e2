from collections import defaultdict
from datetime import date as Date
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import format_date, formatLang

from odoo.addons.fabloch_machines.models.machine_verdict import _span

REPORT = "fabloch_partnership.action_report_envelope_statement"
TEMPLATE = "fabloch_partnership.mail_template_envelope_statement"


class StatementLine(NamedTuple):
    """What one person used on one day; all in the envelope's unit."""

    date: Date
    partner: models.BaseModel
    what: str
    taken: float
    returned: float


class Statement(NamedTuple):
    """What became of an envelope in a period."""

    date_from: Date
    date_to: Date
    before: float  # left when the period began
    lines: list
    taken: float
    returned: float
    left: float  # at the end of the period
    charges: models.BaseModel  # what was invoiced for it


class EnvelopeStatement(models.Model):
    """The statement of envelopes to their partner: granted, used by whom and when, given back, left, invoiced."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.allowance"

    def _statement(self, date_from=None, date_to=None):
        """Return the `Statement` of this envelope.

        :param date date_from, date_to: both included (default: from its first day until today, or its last day).
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        date_from = fields.Date.to_date(date_from) or self.date_from
        date_to = fields.Date.to_date(date_to) or max(date_from, min(filter(None, [today, self._last_day()])))
        uses = self.sudo().use_ids
        earlier = uses.filtered(lambda use: use.date < date_from)
        within = uses.filtered(lambda use: date_from <= use.date <= date_to)
        sums = defaultdict(lambda: [0, 0])
        for use in within:
            units = self._to_units(use.quantity)
            sums[use.date, use.partner_id, use._what()][use.quantity < 0] += abs(units)
        lines = [
            StatementLine(*key, self._to_quantity(taken), self._to_quantity(returned))
            for key, (taken, returned) in sorted(
                sums.items(), key=lambda item: (item[0][0], item[0][1].name or "", item[0][2])
            )
        ]
        granted = self._to_units(self.quantity)
        before = granted - sum(self._to_units(use.quantity) for use in earlier)
        taken = sum(of_line[0] for of_line in sums.values())
        returned = sum(of_line[1] for of_line in sums.values())
        return Statement(
            date_from,
            date_to,
            self._to_quantity(before),
            lines,
            self._to_quantity(taken),
            self._to_quantity(returned),
            self._to_quantity(before - taken + returned),
            self.sudo()
            .env["fabloch.charge"]
            .search([("envelope_id", "=", self.id), ("date", ">=", date_from), ("date", "<=", date_to)]),
        )

    def _quantity_text(self, quantity):
        """Return hours, money or pieces as people write them: 2 h 30, 12,50 €, 3."""
        self.ensure_one()
        if self.unit == "currency":
            return formatLang(self.env, quantity, currency_obj=self.currency_id)
        if self.unit == "piece":
            return f"{quantity:g}"
        return f"-{_span(-quantity * 60)}" if quantity < 0 else _span(quantity * 60)

    def _statement_lang(self):
        """The statement is in French, where that is installed."""
        installed = dict(self.env["res.lang"].get_installed())
        return "fr_FR" if "fr_FR" in installed else self.partner_id.lang or self.env.lang

    def _statement_pdf(self, date_from=None, date_to=None):
        """Return the PDF (bytes) of the statement of these envelopes, one page each.

        :param date date_from, date_to: the period, both days included; see `_statement`.
        """
        days = {"date_from": fields.Date.to_date(date_from), "date_to": fields.Date.to_date(date_to)}
        data = {name: fields.Date.to_string(day) for name, day in days.items() if day}
        content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(REPORT, self.ids, data=data)
        return content

    def _statement_name(self, statement):
        """Return the name of the file, without its ending."""
        lang = self._statement_lang()
        return (
            self.with_context(lang=lang)
            .env._(
                "Envelope %(convention)s %(envelope)s until %(end)s",
                convention=self.convention_id.name or "",
                envelope=self.name,
                end=format_date(self.env, statement.date_to, lang_code=lang),
            )
            .replace("/", "-")
        )

    def _send_statement(self, date_from=None, date_to=None):
        """Mail the statement of each of these envelopes to its partner; it is kept in the convention's thread.

        :return: the messages.
        """
        template = self.env.ref(TEMPLATE)
        messages = self.env["mail.message"]
        for envelope in self:
            statement = envelope._statement(date_from, date_to)
            lang = envelope._statement_lang()
            of_lang = template.with_context(
                lang=lang,
                statement_from=format_date(self.env, statement.date_from, lang_code=lang),
                statement_to=format_date(self.env, statement.date_to, lang_code=lang),
                statement_left=envelope.with_context(lang=lang)._quantity_text(statement.left),
            )
            subject = of_lang._render_field("subject", envelope.ids)[envelope.id]
            body = of_lang._render_field("body_html", envelope.ids)[envelope.id]
            pdf = envelope._statement_pdf(statement.date_from, statement.date_to)
            messages |= envelope.convention_id.message_post(
                subject=subject,
                body=body,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=envelope.convention_id.partner_id.ids,
                attachments=[(f"{envelope._statement_name(statement)}.pdf", pdf)],
                email_layout_xmlid="mail.mail_notification_light",
            )
        return messages


class AllowanceUse(models.Model):
    """What a line of the statement says was used."""

    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.allowance.use"

    def _what(self):
        """Say what was used: the charge, or the machine that was booked."""
        self.ensure_one()
        if self.name:
            return self.name
        return self.booking_id.machine_id.name or self.product_id.display_name
