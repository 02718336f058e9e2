from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from .. import clock, periods
from .machine_verdict import MOMENT

# How far ahead a change of state and the next booking are looked for.
AHEAD = timedelta(days=14)
CLOSING_KINDS = ("maintenance", "closure")

STATUSES = [
    ("free", "Free"),
    ("taken", "Taken"),
    ("maintenance", "Maintenance"),
    ("closed", "Closed"),
    ("out_of_service", "Out of service"),
]


class MachineNow(models.Model):
    """What machines are doing now, and until when: one query on occupancy for all of them."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    status_now = fields.Selection(
        STATUSES,
        "Now",
        compute="_compute_now",
        search="_search_status_now",
        compute_sudo=True,
        help="Closed: outside the opening hours. A workshop is taken as soon as somebody uses a machine in it.",
    )
    status_until = fields.Datetime("Now until", compute="_compute_now", compute_sudo=True)
    status_text = fields.Char(
        "Until", compute="_compute_now", compute_sudo=True, help="By the clock where the machine stands."
    )
    units_free_now = fields.Integer("Units free now", compute="_compute_now", compute_sudo=True)
    current_booking_ids = fields.Many2many(
        "fabloch.booking",
        string="Who is on it",
        compute="_compute_now",
        compute_sudo=True,
        groups="fabloch_finance.group_finance_board",
    )
    current_text = fields.Char(
        "In use by", compute="_compute_now", compute_sudo=True, groups="fabloch_finance.group_finance_board"
    )
    next_booking_id = fields.Many2one(
        "fabloch.booking",
        "Next booking",
        compute="_compute_now",
        compute_sudo=True,
        groups="fabloch_finance.group_finance_board",
    )
    next_text = fields.Char(
        "Next", compute="_compute_now", compute_sudo=True, groups="fabloch_finance.group_finance_board"
    )

    @api.depends("state", "capacity", "resource_calendar_id", "content_ids")
    @api.depends_context("lang")
    def _compute_now(self):
        now = clock.now()
        rows = self._origin._occupancy_ahead(now)
        facts = {machine: machine._now(now, rows) + machine._bookings_now(now, rows) for machine in self._origin}
        # Read together, whatever the number of machines.
        booking_ids = {
            booking_id for *_status, current, following in facts.values() for booking_id in current + following
        }
        Booking = self.env["fabloch.booking"]
        for machine in self:
            status, until, free, current_ids, next_ids = facts.get(
                machine._origin,
                ("free" if machine.state == "in_service" else "out_of_service", False, machine.capacity, [], []),
            )
            current = Booking.browse(current_ids).with_prefetch(booking_ids)
            following = Booking.browse(next_ids).with_prefetch(booking_ids)
            tz = self._settings(machine._origin.id).tz if machine._origin else None
            machine.status_now, machine.status_until, machine.units_free_now = status, until, free
            machine.status_text = until and self.env._("until %s", self._short_moment(until, now, tz))
            machine.current_booking_ids, machine.next_booking_id = current, following
            machine.current_text = ", ".join(booking.partner_id.name or "" for booking in current) or False
            machine.next_text = False
            if following:
                person = following.partner_id.name or ""
                machine.next_text = f"{self._short_moment(following.start, now, tz)}, {person}"

    def _occupancy_ahead(self, now):
        """Return {machine id: [(unit, start, stop, kind, booking id), …]} from `now` on, in order; one query.

        Holds that have expired take nothing.
        """
        machine_ids = {inside_id for machine in self for inside_id, _capacity in self._settings(machine.id).inside}
        rows = {machine_id: [] for machine_id in machine_ids}
        if not machine_ids:
            return rows
        self.env["fabloch.occupancy"].flush_model()
        self.env["fabloch.booking"].flush_model(["state", "hold_until"])
        found = self.env.execute_query(
            SQL(
                """
                SELECT o.machine_id, o.unit, o.start, o.stop, o.kind, o.booking_id
                  FROM fabloch_occupancy o
                  LEFT JOIN fabloch_booking b ON b.id = o.booking_id
                 WHERE tsrange(o.start, o.stop) && tsrange(%(now)s::timestamp, %(end)s::timestamp)
                   AND o.machine_id IN %(machines)s
                   AND (b.id IS NULL OR b.state != 'hold' OR b.hold_until > %(now)s)
                 ORDER BY o.start, o.unit
                """,
                now=now,
                end=now + AHEAD,
                machines=tuple(machine_ids),
            )
        )
        for machine_id, *row in found:
            rows[machine_id].append(tuple(row))
        return rows

    def _now(self, now, rows):
        """Return (status, until when, units free) of this machine; `rows` as `_occupancy_ahead` gives them."""
        self.ensure_one()
        settings = self._settings(self.id)
        if not settings.in_service:
            return "out_of_service", False, 0
        instant = now + periods.SECOND
        # By occupancy alone: when can one unit be had, with everything that stands inside?
        unclaimed = [(now, now + AHEAD)]
        for inside_id, capacity in settings.inside:
            taken = [row[:3] for row in rows[inside_id]]
            unclaimed = periods.free_periods(unclaimed, taken, capacity, 1 if inside_id == self.id else capacity)
        own = [row[:3] for row in rows[self.id]]
        free = len(periods.free_units(own, settings.capacity, now, instant))
        if not unclaimed or unclaimed[0][0] > now:
            until = unclaimed[0][0] if unclaimed else False
            shut = [(start, stop) for _unit, start, stop, kind, _booking in rows[self.id] if kind in CLOSING_KINDS]
            current = [kind for _unit, start, stop, kind, _booking in rows[self.id] if start <= now < stop]
            if not free and not {"booking", "training"}.intersection(current) and "maintenance" in current:
                return "maintenance", self._end_of(shut, now), 0
            if not free and not {"booking", "training"}.intersection(current) and "closure" in current:
                return "closed", self._end_of(shut, now), 0
            return "taken", until, 0
        opened = periods.open_periods(settings.hours, now, now + AHEAD)
        if not opened or opened[0][0] > now:
            return "closed", (opened[0][0] if opened else periods.next_opening(settings.hours, now) or False), 0
        until = periods.intersect(unclaimed, opened)[0][1]
        return "free", until if until < now + AHEAD else False, free

    @staticmethod
    def _end_of(shut, now):
        """Return when the closing that runs at `now` ends, taking those that follow without a gap for one."""
        return next(stop for start, stop in periods.merge(shut) if start <= now < stop)

    def _bookings_now(self, now, rows):
        """Return the ids of the bookings that use this machine now, and that of the next one: two lists."""
        self.ensure_one()
        current, following = {}, None
        for inside_id, _capacity in self._settings(self.id).inside:
            for _unit, start, stop, kind, booking_id in rows[inside_id]:
                if kind != "booking":
                    continue
                if start <= now < stop:
                    current[booking_id] = True
                elif inside_id == self.id and start > now and (not following or start < following[0]):
                    following = (start, booking_id)
        return list(current), [following[1]] if following else []

    def _short_moment(self, moment, now, tz):
        """Return the hour of `moment` (naive UTC) in `tz`; with the weekday, or the date, as far as it is away."""
        days = (periods.to_local(moment, tz).date() - periods.to_local(now, tz).date()).days
        dt_format = "HH:mm" if days == 0 else "EEE HH:mm" if 0 < days < 7 else MOMENT
        return format_datetime(self.env, moment, tz=tz, dt_format=dt_format)

    def _search_status_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        # What a machine does now is told from its hours and the occupancy at once: a few queries for the whole park.
        machines = self.with_context(active_test=False).search([("company_id", "in", self.env.companies.ids)])
        return [("id", "in", machines.filtered(lambda machine: machine.status_now in value).ids)]

    # -- Actions -------------------------------------------------------------------------------------------------

    def action_book(self):
        """Open a new booking of this machine, at the nearest time from now at which it is free."""
        self.ensure_one()
        settings = self._settings(self.id)
        now = clock.now()
        length = timedelta(minutes=max(settings.shortest, min(60, settings.longest or 60)))
        nearest = self._nearest_free(now, now + length)
        context = {"default_machine_id": self.id}
        if nearest:
            context.update(
                default_start=fields.Datetime.to_string(nearest[0]), default_stop=fields.Datetime.to_string(nearest[1])
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "fabloch.booking",
            "name": self.env._("New booking"),
            "views": [(False, "form")],
            "context": context,
        }

    def action_put_back(self):
        """Put these machines back in service."""
        self.write({"state": "in_service"})
        return True
