import base64

from odoo import fields, models
from odoo.tools import format_date, format_time, formatLang

from .. import clock, ics
from .machine_verdict import _span

# Mails that carry a calendar file.
CALENDAR_KINDS = ("confirmed", "moved", "cancelled")


class BookingMailText(models.Model):
    """What the mails about bookings say, in the language of the context, by the clock of the machine."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    mail_ids = fields.One2many("fabloch.booking.mail", "booking_id", "Mails sent", readonly=True)

    # What is still to be told of: short, whatever the length of the history.
    _confirmed_stop_idx = models.Index("(stop) WHERE confirm_date IS NOT NULL")

    def _period_text(self):
        """Return when this booking is, as people write it: Tuesday 17 March 2026, 9:00–12:00."""
        self.ensure_one()
        tz = self._tz()
        start, stop = self._local(self.start), self._local(self.stop)
        words = {
            "day": format_date(self.env, start.date(), date_format="EEEE d MMMM y"),
            "start": format_time(self.env, self.start, tz=tz, time_format="short"),
            "last": format_date(self.env, stop.date(), date_format="EEEE d MMMM y"),
            "stop": format_time(self.env, self.stop, tz=tz, time_format="short"),
        }
        if start.date() == stop.date():
            return self.env._("%(day)s, %(start)s – %(stop)s", **words)
        return self.env._("from %(day)s, %(start)s, to %(last)s, %(stop)s", **words)

    def _machine_text(self):
        self.ensure_one()
        if self.units == 1:
            return self.machine_id.name
        return self.env._("%(machine)s, %(units)s units", machine=self.machine_id.name, units=self.units)

    def _place_text(self):
        """Return where one has to go: the spot, and the address of who has the machine."""
        self.ensure_one()
        machine = self.machine_id.sudo()
        host = machine.host_id or self.company_id.partner_id
        address = host._display_address(without_company=True).split("\n")
        lines = [machine.location, machine.workshop_id.name, host.name, *address]
        return ", ".join(line.strip() for line in lines if line and line.strip())

    def _amount_text(self, amount):
        text = formatLang(self.env, amount, currency_obj=self.currency_id)
        if amount and self.sudo().charge_ids.product_id.taxes_id:
            return self.env._("%s excl. tax", text)
        return text

    def _price_text(self):
        """Return what this booking costs: money, prepaid time, or both."""
        self.ensure_one()
        parts = []
        if self.amount or not self.prepaid_minutes:
            parts.append(self._amount_text(self.amount))
        if self.prepaid_minutes:
            parts.append(self.env._("%s of prepaid time", _span(self.prepaid_minutes)))
        return " + ".join(parts)

    def _mail_balance_text(self):
        """Return what the person has left of prepaid time for this machine; nothing without any."""
        self.ensure_one()
        Machine = self.env["fabloch.machine"]
        request = Machine._draw_request(self._requests()[0])
        Allowance = self.env["fabloch.allowance"].sudo()
        allowances = Allowance.search(
            Allowance._usable_domain(request.partner, request.product, "hour", request.date, self.company_id)
        )
        minutes = sum(allowance._to_units(allowance.quantity_left) for allowance in allowances)
        if not allowances:
            return ""
        return self.env._("Prepaid time left: %s", _span(minutes) if minutes else self.env._("none"))

    def _mail_url(self):
        """Return the address where the person sees and answers this booking; empty where there is no such page."""
        return ""

    def _free_cancel_text(self):
        """Return until when it can be cancelled without cost, while it can."""
        self.ensure_one()
        until = self._free_cancel_until()
        if until <= clock.now():
            return ""
        return self.env._(
            "If you can't come, cancel before %s: it costs nothing, and somebody else can use the machine.",
            self._local_text(until),
        )

    def _kept_text(self):
        """Return what the cancellation of this booking costs, and what comes back."""
        self.ensure_one()
        booking = self.sudo()
        credited = sum(booking.charge_ids.mapped("amount_credited"))
        returned = -sum(booking.use_ids.filtered("returned_use_id").mapped("quantity"))
        parts = []
        if self.amount:
            parts.append(
                self.env._("By the cancellation policy, %s of the price is kept.", self._amount_text(self.amount))
            )
        if self.prepaid_minutes:
            parts.append(
                self.env._("By the cancellation policy, %s of prepaid time is kept.", _span(self.prepaid_minutes))
            )
        if not parts:
            parts.append(self.env._("It costs you nothing."))
        if credited:
            parts.append(self.env._("%s is credited to you.", self._amount_text(credited)))
        back = round(returned * 60) - self.prepaid_minutes
        if back > 0:
            parts.append(self.env._("%s of prepaid time has come back to you.", _span(back)))
        return " ".join(parts)

    def _mail_lines(self, price=True):
        """Return the (label, text) lines that say what was booked."""
        self.ensure_one()
        lines = [
            (self.env._("Machine"), self._machine_text()),
            (self.env._("When"), self._period_text()),
            (self.env._("Where"), self._place_text()),
            (self.env._("Number"), self.name),
        ]
        if price:
            lines.append((self.env._("Price"), self._price_text()))
        return [(label, text) for label, text in lines if text]

    # -- Calendar file ---------------------------------------------------------------------------------------------

    def _ics_event(self, sequence, cancelled=False):
        """Return the `ics.Event` of this booking."""
        self.ensure_one()
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        details = [
            self.env._("Number: %s", self.name),
            "" if cancelled else self.env._("Price: %s", self._price_text()),
            "" if cancelled else self._mail_balance_text(),
            self.cancel_reason if cancelled else self.note,
        ]
        return ics.Event(
            uid=f"booking-{self.id}@{uuid}",
            sequence=sequence,
            start=self.start,
            stop=self.stop,
            summary=f"{self._machine_text()} – {self.company_id.name}",
            location=self._place_text(),
            description="\n".join(filter(None, details)),
            cancelled=cancelled,
        )

    def _ics(self):
        """Return the calendar file (str) of these bookings, as their people were last told of them."""
        sequences = dict(
            self.env["fabloch.booking.mail"]
            .sudo()
            ._read_group([("booking_id", "in", self.ids)], ["booking_id"], ["sequence:max"])
        )
        company = self.company_id[:1]
        return ics.to_ics(
            [booking._ics_event(sequences.get(booking, 0), booking.state == "cancelled") for booking in self],
            clock.now(),
            company.name,
            company.email,
        )

    def _ics_attachments(self):
        """Return the attachments, as a mail template takes them, of one calendar file of these bookings."""
        name = self.env._("booking.ics") if len(self) == 1 else self.env._("bookings.ics")
        return {"attachments": [(name, base64.b64encode(self._ics().encode()))]}

    def _process_attachments_for_template_post(self, mail_template):
        """Odoo's hook: each mail about a booking carries its calendar file."""
        if not is_calendar_template(mail_template, "booking"):
            return {}
        return {booking.id: booking._ics_attachments() for booking in self}


def is_calendar_template(template, model):
    """Return whether `template` is one of those of `model` (booking or series) that carry a calendar file."""
    found = (
        template.env.ref(f"fabloch_machines.mail_template_{model}_{kind}", raise_if_not_found=False)
        for kind in CALENDAR_KINDS
    )
    return template in found
