from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .. import clock, periods, week
from .machine_verdict import _span


class MachineCard(models.Model):
    """What the form of a machine shows beside its settings: the week's load, prices, what is linked to it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    week_html = fields.Html("This week", compute="_compute_week_html", compute_sudo=True, sanitize=False)
    price_html = fields.Html("Who pays what", compute="_compute_price_html", compute_sudo=True, sanitize=False)
    policy = fields.Text(compute="_compute_policy", help="What its category says.")
    booking_count = fields.Integer("Bookings ahead", compute="_compute_counts", compute_sudo=True)
    closure_count = fields.Integer("Closures ahead", compute="_compute_counts", compute_sudo=True)

    @api.depends("state", "capacity", "resource_calendar_id", "always_open")
    @api.depends_context("lang")
    def _compute_week_html(self):
        loads = self._origin._week_load()
        Qweb = self.env["ir.qweb"]
        for machine in self:
            load = loads.get(machine._origin)
            machine.week_html = load and Qweb._render("fabloch_machines.machine_week", load)

    def _week_load(self):
        """Return, for each machine, what the picture of its current week is drawn from; one query on occupancy.

        :return: {machine: {"days": [{"name", "today", "past", "open", "booked", "percent", "bars"}], "open",
            "booked", "percent", "hours"}}; times of all the units together, bars as `week.draw` gives them.
        """
        now = clock.now()
        loads = {}
        if not self:
            return loads
        mondays = {}
        for machine in self:
            day = periods.to_local(now, self._settings(machine.id).tz).date()
            mondays[machine] = day - timedelta(days=day.weekday())
        # A day more on each side: these are days by several clocks.
        first = datetime.combine(min(mondays.values()), time.min) - timedelta(days=1)
        rows = self._week_rows(first, first + timedelta(days=10))
        for machine in self:
            loads[machine] = machine._week_picture(mondays[machine], rows.get(machine.id, []), now)
        return loads

    def _week_rows(self, start, stop):
        """Return {machine id: [(unit, start, stop, kind), …]} between two moments, naive UTC."""
        self.env["fabloch.occupancy"].flush_model()
        self.env["fabloch.booking"].flush_model(["state", "hold_until"])
        rows = {}
        for machine_id, *row in self.env.execute_query(
            SQL(
                """
                SELECT o.machine_id, o.unit, o.start, o.stop, o.kind
                  FROM fabloch_occupancy o
                  LEFT JOIN fabloch_booking b ON b.id = o.booking_id
                 WHERE tsrange(o.start, o.stop) && tsrange(%s::timestamp, %s::timestamp)
                   AND o.machine_id IN %s AND o.kind != 'buffer'
                   AND (b.id IS NULL OR b.state != 'hold' OR b.hold_until > %s)
                """,
                start,
                stop,
                tuple(self.ids),
                clock.now(),
            )
        ):
            rows.setdefault(machine_id, []).append(tuple(row))
        return rows

    def _week_picture(self, monday, rows, now):
        self.ensure_one()
        settings = self._settings(self.id)
        days = week.days(settings.hours, monday)
        low, high = week.shown_hours(days, [row[1:3] for row in rows], settings.tz)
        drawn = [week.draw(day, rows, settings.capacity, low, high, settings.tz) for day in days]
        total_open, total_booked = (sum(day[key] for day in drawn) for key in ("open", "booked"))
        for day in drawn:
            day.update(
                name=format_date(self.env, day["day"], date_format="EEE d MMM"),
                today=day["start"] <= now < day["stop"],
                past=day["stop"] <= now,
                percent=round(100 * day["booked"] / day["open"]) if day["open"] else None,
                open=_span(day["open"]) if day["open"] else "",
                booked=_span(day["booked"]) if day["booked"] else "",
            )
        step = 2 if high - low > 6 else 1
        return {
            "days": drawn,
            "open": _span(total_open),
            "booked": _span(total_booked),
            "percent": round(100 * total_booked / total_open) if total_open else None,
            "hours": [
                {"text": str(hour), "left": round(100 * (hour - low) / (high - low), 2)}
                for hour in range(low, high + 1, step)
            ],
        }

    @api.depends("rate_ids", "category_id", "category_id.rate_ids")
    @api.depends_context("lang", "company")
    def _compute_price_html(self):
        rates = [
            machine._origin._applied_rates() if machine._origin else machine.category_id._origin.rate_ids
            for machine in self
        ]
        for machine, table in zip(self, self.env["fabloch.rate"]._price_tables(rates), strict=True):
            machine.price_html = table

    def _applied_rates(self):
        """Return the rates that this machine is booked at: its own, or else its category's."""
        self.ensure_one()
        rate_ids = [rate_id for rate_id, _minutes, _product in self._settings(self.id).rates]
        return self.env["fabloch.rate"].browse(rate_ids)

    @api.depends("category_id")
    def _compute_policy(self):
        for machine in self:
            machine.policy = machine.category_id._policy_text() if machine.category_id else False

    def _compute_counts(self):
        now = clock.now()
        bookings = self.env["fabloch.booking"]._read_group(
            [("machine_id", "in", self.ids), ("stop", ">", now), ("state", "in", ["hold", "confirmed"])],
            ["machine_id"],
            ["__count"],
        )
        closures = self.env["fabloch.closure"]._read_group(
            [("machine_ids", "in", self.ids), ("stop", ">", now)], ["machine_ids"], ["__count"]
        )
        bookings, closures = dict(bookings), dict(closures)
        for machine in self:
            machine.booking_count = bookings.get(machine._origin, 0)
            machine.closure_count = closures.get(machine._origin, 0)

    # -- Actions ---------------------------------------------------------------------------------------------------

    def action_open_bookings(self):
        """Open the bookings ahead of these machines."""
        domain = [("machine_id", "in", self.ids), ("stop", ">", fields.Datetime.to_string(clock.now()))]
        return self._bookings_action(self.env._("Bookings ahead"), domain)

    def action_open_week(self):
        """Open this week's bookings of these machines."""
        domain = Domain.FALSE
        for machine in self:
            tz = self._settings(machine.id).tz
            day = periods.to_local(clock.now(), tz).date()
            monday = datetime.combine(day - timedelta(days=day.weekday()), time.min)
            domain |= Domain(
                [
                    ("machine_id", "=", machine.id),
                    ("start", "<", fields.Datetime.to_string(periods.to_utc(monday + timedelta(days=7), tz))),
                    ("stop", ">", fields.Datetime.to_string(periods.to_utc(monday, tz))),
                ]
            )
        return self._bookings_action(self.env._("This week's bookings"), list(domain))

    def _bookings_action(self, name, domain):
        return {
            "type": "ir.actions.act_window",
            "res_model": "fabloch.booking",
            "name": name,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"default_machine_id": self[:1].id},
        }

    def action_open_closures(self):
        """Open the closures of these machines."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.closure_action")
        action.update(domain=[("machine_ids", "in", self.ids)], context={"default_machine_ids": self.ids})
        return action
