from odoo import fields, models

from .. import periods


class ResourceCalendar(models.Model):
    """Opening hours: Odoo's working hours, their leaves (public holidays, closings) and exceptional openings."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "fabloch.settings.mixin"]

    fabloch_opening_ids = fields.One2many("fabloch.opening", "calendar_id", "Exceptional openings")

    def _fabloch_hours(self, always=False):
        """Return when this calendar is open, as plain data (`periods.Hours`).

        :param bool always: open day and night, whatever the week says; its leaves still close it.
        """
        self.ensure_one()
        weekly = tuple(
            (
                int(attendance.dayofweek),
                attendance.hour_from,
                attendance.hour_to,
                int(attendance.week_type) if self.two_weeks_calendar and attendance.week_type else None,
            )
            for attendance in self.attendance_ids
            if not attendance.display_type and attendance.day_period != "lunch"
        )
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("calendar_id", "in", [False, self.id]),
                ("company_id", "in", [False, self.company_id.id or self.env.company.id]),
                ("time_type", "=", "leave"),
            ],
            order="date_from, id",
        )
        return periods.Hours(
            tz=self.tz,
            weekly=weekly,
            closed=tuple((leave.date_from, leave.date_to) for leave in leaves if leave.date_from < leave.date_to),
            opened=tuple((opening.start, opening.stop) for opening in self.fabloch_opening_ids.sorted("start")),
            always=always,
        )


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
