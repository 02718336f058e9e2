from odoo import api, fields, models
from odoo.tools import format_datetime, format_time

from ..models.machine_verdict import MOMENT


class BookingRepeatLine(models.TransientModel):
    """One date of a repeating booking that is being made, and whether it can be booked."""

    _name = "fabloch.booking.repeat.line"
    _description = "Date of a repeating booking"
    _order = "start, id"

    wizard_id = fields.Many2one("fabloch.booking.repeat", required=True, ondelete="cascade", index=True)
    keep = fields.Boolean("Book", default=True)
    start = fields.Datetime("From", required=True, readonly=True)
    stop = fields.Datetime("To", required=True, readonly=True)
    verdict = fields.Selection(
        [("free", "Free"), ("moved", "Moved"), ("exception", "Against a rule"), ("refused", "Refused")],
        readonly=True,
    )
    reason = fields.Text("What is in the way", readonly=True)
    nearest_start = fields.Datetime("Nearest from", readonly=True)
    nearest_stop = fields.Datetime("Nearest to", readonly=True)
    moved = fields.Boolean(readonly=True)
    date_text = fields.Char("Date", compute="_compute_texts")
    nearest_text = fields.Char("Nearest free period", compute="_compute_texts")

    @api.depends("start", "stop", "nearest_start", "nearest_stop")
    def _compute_texts(self):
        for line in self:
            line.date_text = line._period_text(line.start, line.stop)
            line.nearest_text = line.nearest_start and line._period_text(line.nearest_start, line.nearest_stop)

    def _period_text(self, start, stop):
        tz = self.wizard_id._tz()
        first, last = (self.wizard_id._local(moment).date() for moment in (start, stop))
        begin = format_datetime(self.env, start, tz=tz, dt_format=MOMENT)
        if first == last:
            return f"{begin} – {format_time(self.env, stop, tz=tz, time_format='HH:mm')}"
        return f"{begin} – {format_datetime(self.env, stop, tz=tz, dt_format=MOMENT)}"

    def _set_verdict(self, verdict, may_except):
        """Write down what was found about this date.

        :param bool may_except: whether it may be booked against a rule.
        """
        self.ensure_one()
        if self.start >= self.stop:
            reason, found, nearest = self.env._("The clock skips this time on that day."), "refused", None
        elif not verdict.reason:
            reason, found, nearest = False, "moved" if self.moved else "free", None
        else:
            # The proposal that ends the reason has a column of its own.
            reason = verdict.reason.split("\n")[0]
            found = "exception" if verdict.waivable and may_except else "refused"
            nearest = verdict.nearest if verdict.nearest and verdict.nearest[0] != self.start else None
        start, stop = nearest or (False, False)
        self.write({"verdict": found, "reason": reason, "nearest_start": start, "nearest_stop": stop})

    def action_take_nearest(self):
        """Take the nearest free period instead of this date."""
        self._take_nearest()
        self.wizard_id._judge()
        return self.wizard_id._reopen()

    def _take_nearest(self):
        for line in self:
            if line.verdict == "refused" and line.nearest_start:
                line.write({"start": line.nearest_start, "stop": line.nearest_stop, "moved": True, "keep": True})
