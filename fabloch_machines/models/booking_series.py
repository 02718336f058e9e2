from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .. import clock
from .booking import LIVE_STATES
from .booking_mail_text import is_calendar_template


class BookingSeries(models.Model):
    """Bookings that were made in one go: every Tuesday morning until June."""

    _name = "fabloch.booking.series"
    _description = "Repeating booking"
    _order = "id desc"
    _rec_names_search = ["name", "partner_id", "machine_id"]

    name = fields.Char("Repeats", required=True, readonly=True)
    rrule = fields.Text("Rule", required=True, readonly=True, help="As iCalendar writes it (RFC 5545).")
    partner_id = fields.Many2one(
        "res.partner", "Booked by", required=True, readonly=True, index=True, ondelete="restrict"
    )
    machine_id = fields.Many2one("fabloch.machine", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="machine_id.company_id", store=True, index=True)
    booking_ids = fields.One2many("fabloch.booking", "series_id", "Bookings", readonly=True)
    booking_count = fields.Integer("Bookings made", compute="_compute_counts")
    ahead_count = fields.Integer("Still ahead", compute="_compute_counts")

    @api.depends("booking_ids.state", "booking_ids.start")
    def _compute_counts(self):
        made = dict(
            self.env["fabloch.booking"]._read_group([("series_id", "in", self.ids)], ["series_id"], ["__count"])
        )
        ahead = dict(self.env["fabloch.booking"]._read_group(self._ahead_domain(), ["series_id"], ["__count"]))
        for series in self:
            series.booking_count = made.get(series._origin, 0)
            series.ahead_count = ahead.get(series._origin, 0)

    def _ahead_domain(self):
        return [("series_id", "in", self.ids), ("start", ">", clock.now()), ("state", "in", LIVE_STATES)]

    def action_cancel_ahead(self, reason=None, waive=False):
        """Cancel the bookings of these series that haven't begun: each by its machine's policy, as if cancelled alone.

        :param str reason: why, told in the mail.
        :param bool waive: keep nothing, whatever the policy says; for staff.
        :raises UserError: when none lies ahead.
        """
        ahead = self.env["fabloch.booking"].search(self._ahead_domain(), order="start, id")
        if not ahead:
            raise UserError(self.env._("Nothing of this repeating booking lies ahead: there is nothing to cancel."))
        return ahead.action_cancel(reason, waive)

    def action_cancel_ahead_free(self):
        """Cancel the bookings of these series that haven't begun, without cost; for staff."""
        return self.action_cancel_ahead(waive=True)

    def action_open_bookings(self):
        """Open the bookings of these series."""
        return {
            "type": "ir.actions.act_window",
            "name": self[:1].name,
            "res_model": "fabloch.booking",
            "view_mode": "list,form",
            "domain": [("series_id", "in", self.ids)],
            "context": {"create": False},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if self.booking_ids and not self.env.su:
            raise AccessError(self.env._("A repeating booking is kept with its bookings: cancel those instead."))

    # -- Mails -----------------------------------------------------------------------------------------------------

    def _told_bookings(self):
        """Return the bookings that a mail about this series tells of: those just found, or those ahead."""
        told = self.env.context.get("fabloch_told_booking_ids")
        Booking = self.env["fabloch.booking"]
        return Booking.browse(told) if told else Booking.search(self._ahead_domain(), order="start, id")

    def _told_text(self):
        """Return how many dates a mail tells of, from when to when."""
        told = self._told_bookings().sorted("start")
        if not told:
            return self.name
        return self.env._(
            "%(count)s dates from %(first)s to %(last)s",
            count=len(told),
            first=format_date(self.env, told[0]._local(told[0].start).date(), date_format="d MMM y"),
            last=format_date(self.env, told[-1]._local(told[-1].start).date(), date_format="d MMM y"),
        )

    def _told_reason(self):
        """Return why the dates told of were cancelled, each reason once."""
        reasons = self._told_bookings().mapped("cancel_reason")
        return "; ".join(dict.fromkeys(filter(None, reasons)))

    def _mail_lines(self):
        """Return the (label, text) lines that say what was booked."""
        booking = self._told_bookings()[:1] or self.booking_ids[:1]
        lines = [(self.env._("Machine"), booking._machine_text())] if booking else []
        lines.append((self.env._("Repeats"), self.name))
        if booking:
            lines.append((self.env._("Where"), booking._place_text()))
        return lines

    def _process_attachments_for_template_post(self, mail_template):
        """Odoo's hook: one calendar file of all the bookings told of."""
        if not is_calendar_template(mail_template, "series"):
            return {}
        told = {series.id: series._told_bookings() for series in self}
        return {series_id: bookings._ics_attachments() for series_id, bookings in told.items() if bookings}
