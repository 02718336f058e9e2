from odoo import fields, models

from .. import periods


class ResourceCalendar(models.Model):
    """Opening hours: Odoo's working hours, their leaves (public holidays, closings) and exceptional openings."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "fabloch.settings.mixin"]

    fabloch_opening_ids = fields.One2many("fabloch.opening", "calendar_id", "Exceptional openings")

    def _fabloch_hours(self):
        """Return when each of these calendars is open, as plain data: {calendar: `periods.Hours`}."""
        leaves = self.env["resource.calendar.leaves"].search(
            [("resource_id", "=", False), ("calendar_id", "in", [False, *self.ids]), ("time_type", "=", "leave")],
            order="date_from, id",
        )
        hours = {}
        for calendar in self:
            # A closing without calendar is for all those of its company; without company, for all.
            closed = leaves.filtered(
                lambda leave, calendar=calendar: (
                    leave.calendar_id == calendar
                    or (not leave.calendar_id and leave.company_id in (calendar.company_id, leave.company_id.browse()))
                )
            )
            hours[calendar] = periods.Hours(
                tz=calendar.tz,
                weekly=tuple(
                    (
                        int(attendance.dayofweek),
                        attendance.hour_from,
                        attendance.hour_to,
                        int(attendance.week_type) if calendar.two_weeks_calendar and attendance.week_type else None,
                    )
                    for attendance in calendar.attendance_ids
                    if not attendance.display_type and attendance.day_period != "lunch"
                ),
                closed=tuple((leave.date_from, leave.date_to) for leave in closed if leave.date_from < leave.date_to),
                opened=tuple((opening.start, opening.stop) for opening in calendar.fabloch_opening_ids.sorted("start")),
                always=False,
            )
        return hours


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "fabloch.settings.mixin"]


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "fabloch.settings.mixin"]


class ResourceResource(models.Model):
    """The resource behind a machine bears its hours, its company, and whether it is in use."""

    _name = "resource.resource"
    _inherit = ["resource.resource", "fabloch.settings.mixin"]
