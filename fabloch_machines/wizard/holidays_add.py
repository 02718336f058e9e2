from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import clock, periods
from ..holidays import french_holidays
from ..models.booking import LIVE_STATES


class HolidaysAdd(models.TransientModel):
    """Closes opening hours on the French public holidays of a year; what is closed already stays as it is."""

    _name = "fabloch.holidays.add"
    _description = "Add public holidays"

    calendar_ids = fields.Many2many(
        "resource.calendar",
        string="Opening hours",
        required=True,
        default=lambda self: self._default_calendar_ids(),
    )
    year = fields.Integer(required=True, default=lambda self: self._default_year())
    preview = fields.Text("To add", compute="_compute_preview")
    add_count = fields.Integer(compute="_compute_preview")
    booking_count = fields.Integer(
        "Bookings on these days",
        compute="_compute_preview",
        help="They stay as they are: move or cancel them with “Maintenance”.",
    )

    @api.model
    def _default_calendar_ids(self):
        if self.env.context.get("active_model") == "resource.calendar":
            return self.env["resource.calendar"].browse(self.env.context.get("active_ids", []))
        machines = self.env["fabloch.machine"].search([("company_id", "=", self.env.company.id)])
        return machines.resource_calendar_id | self.env.company.resource_calendar_id

    @api.model
    def _default_year(self):
        """Return this year, or the next one from October on."""
        today = fields.Date.context_today(self)
        return today.year + (today.month >= 10)

    @api.constrains("year")
    def _check_year(self):
        for wizard in self:
            if not 1970 <= wizard.year <= 2099:
                raise UserError(self.env._("Choose a year from 1970 to 2099, not %s.", wizard.year))

    @api.depends("calendar_ids", "year")
    def _compute_preview(self):
        Booking = self.env["fabloch.booking"].sudo()
        for wizard in self:
            vals_list = wizard._prepare_leaves_vals() if 1970 <= wizard.year <= 2099 else []
            days = {(vals["local_day"], vals["name"]) for vals in vals_list}
            wizard.add_count = len(vals_list)
            wizard.preview = "\n".join(f"{day:%d/%m/%Y}  {name}" for day, name in sorted(days)) or self.env._(
                "All of them are there already."
            )
            hit = Domain.OR(
                Domain("machine_id.resource_calendar_id", "=", vals["calendar_id"])
                & Domain("start", "<", vals["date_to"])
                & Domain("stop", ">", max(vals["date_from"], clock.now()))
                for vals in vals_list
            )
            wizard.booking_count = Booking.search_count(hit & Domain("state", "in", LIVE_STATES))

    def _names(self):
        """Return the name of each holiday, in the user's language."""
        return {
            "new_year": self.env._("New Year's Day"),
            "easter_monday": self.env._("Easter Monday"),
            "labour": self.env._("Labour Day"),
            "victory": self.env._("Victory in 1945"),
            "ascension": self.env._("Ascension Day"),
            "whit_monday": self.env._("Whit Monday"),
            "national": self.env._("National Day"),
            "assumption": self.env._("Assumption"),
            "all_saints": self.env._("All Saints' Day"),
            "armistice": self.env._("Armistice of 1918"),
            "christmas": self.env._("Christmas Day"),
        }

    def _prepare_leaves_vals(self):
        """Values of the closing days that are missing, one for each calendar and day; `local_day` beside them."""
        self.ensure_one()
        names = self._names()
        calendars = self.calendar_ids._origin
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("calendar_id", "in", [False, *calendars.ids]),
                ("date_to", ">", datetime(self.year, 1, 1) - timedelta(days=1)),
                ("date_from", "<", datetime(self.year + 1, 1, 1) + timedelta(days=1)),
            ]
        )
        vals_list = []
        for calendar in calendars:
            company = calendar.company_id or self.env.company
            closed = periods.merge(
                # Odoo's own leaves end one second before midnight.
                (leave.date_from, leave.date_to + periods.SECOND)
                for leave in leaves
                if (not leave.calendar_id or leave.calendar_id == calendar)
                and (not leave.company_id or leave.company_id == company)
            )
            by_day = {}
            for day, code in french_holidays(self.year):
                # Ascension on a 1 or 8 May: one closing day that bears both names.
                by_day[day] = f"{by_day[day]}, {names[code]}" if day in by_day else names[code]
            for day, name in by_day.items():
                start = periods.to_utc(datetime.combine(day, time.min), calendar.tz)
                stop = periods.to_utc(datetime.combine(day + timedelta(days=1), time.min), calendar.tz)
                if periods.subtract([(start, stop)], closed):
                    vals_list.append(
                        {
                            "name": name,
                            "calendar_id": calendar.id,
                            "date_from": start,
                            "date_to": stop,
                            "local_day": day,
                        }
                    )
        return vals_list

    def action_add(self):
        """Close these opening hours on the public holidays of the year that aren't closed yet (L. 3133-1)."""
        for wizard in self:
            vals_list = wizard._prepare_leaves_vals()
            for vals in vals_list:
                del vals["local_day"]
            self.env["resource.calendar.leaves"].create(vals_list)
        return {"type": "ir.actions.act_window_close"}
