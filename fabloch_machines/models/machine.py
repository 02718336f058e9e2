from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import MissingError, UserError, ValidationError
from odoo.tools import SQL

from .. import clock, periods


class Settings(NamedTuple):
    """All that booking needs to know of a machine, as plain data: read once, kept until somebody changes it."""

    company_id: int
    currency_id: int
    category_id: int
    product_id: int
    kind: str
    in_service: bool
    capacity: int
    inside: tuple[
        tuple[int, int], ...
    ]  # (machine, capacity) of what is taken with it: itself, and a workshop's machines
    hours: periods.Hours
    overnight: bool
    slot: int  # minutes
    shortest: int  # minutes
    longest: int  # minutes, 0: no limit
    notice: int  # minutes
    horizon: int  # days, 0: no limit
    buffer: int  # minutes
    requires_authorisation: bool
    unused_months: int
    quota: int  # minutes a week and person, 0: no limit
    free_cancel: int  # minutes
    hold: int  # minutes
    rates: tuple[tuple[int, int, int], ...]  # (rate, minutes, product)
    host_id: int | None  # the partner at whose premises it stands

    @property
    def tz(self):
        return self.hours.tz


class Machine(models.Model):
    """A machine, a pool of identical ones, or a workshop with the machines in it: what people book.

    Beside this file: when it is open and free (machine_schedule.py), what it costs (machine_quote.py), what it is doing
    now (machine_now.py).
    """

    _name = "fabloch.machine"
    _description = "Machine"
    _inherit = ["fabloch.settings.mixin", "resource.mixin", "mail.thread", "mail.activity.mixin", "image.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(related="resource_id.name", store=True, readonly=False, required=True)
    active = fields.Boolean(related="resource_id.active", default=True, store=True, readonly=False)
    sequence = fields.Integer(default=10)
    category_id = fields.Many2one(
        "fabloch.machine.category",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
        help="Its policy: authorisation, quota, cancellation, rates.",
    )
    kind = fields.Selection([("machine", "Machine"), ("workshop", "Workshop")], required=True, default="machine")
    workshop_id = fields.Many2one(
        "fabloch.machine",
        "Stands in",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain=[("kind", "=", "workshop")],
        tracking=True,
        help="Whoever books that workshop takes this machine with it.",
    )
    content_ids = fields.One2many("fabloch.machine", "workshop_id", "Machines inside")
    host_id = fields.Many2one(
        "res.partner",
        "At the premises of",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="A partner who has the machine, a joinery under convention say; empty when it is here.",
    )
    location = fields.Char(help="Where people find it: ground floor, left of the entrance.")
    capacity = fields.Integer(
        "Identical units", default=1, required=True, tracking=True, help="How many can be booked at the same time."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    rate_ids = fields.One2many("fabloch.rate", "machine_id", "Own rates", help="The category's when there are none.")
    state = fields.Selection(
        [("in_service", "In service"), ("out_of_service", "Out of service")],
        required=True,
        default="in_service",
        tracking=True,
        help="Out of service: not bookable until somebody puts it back. For some days, plan a maintenance instead.",
    )
    always_open = fields.Boolean(
        "Open day and night", help="Whatever the opening hours say; public holidays and closings still hold."
    )
    overnight = fields.Boolean(
        "May run outside the opening hours",
        help="A booking may run over the night or the week-end, as a workshop rented for days does: "
        "only its beginning and its end have to lie in the opening hours.",
    )
    slot_minutes = fields.Integer(
        "Slot (minutes)",
        default=30,
        required=True,
        help="Bookings begin on a multiple of it and last a multiple of it.",
    )
    shortest_minutes = fields.Integer("Shortest booking (minutes)", default=30, required=True)
    longest_minutes = fields.Integer("Longest booking (minutes)", default=480, help="No limit when 0.")
    notice_hours = fields.Float("Notice (hours)", help="How long before it starts a booking has to be made.")
    horizon_days = fields.Integer("Horizon (days)", default=90, help="How far ahead people may book; no limit when 0.")
    buffer_minutes = fields.Integer(
        "Set-up buffer (minutes)", help="Left free between two bookings, to set up and clean."
    )
    note = fields.Html("What to know", help="Shown with the machine: materials, safety, software.")
    booking_ids = fields.One2many("fabloch.booking", "machine_id", "Bookings")
    # Raised by every booking of a workshop and every change of what stands in it: of two such transactions at once,
    # one starts again and sees what the other did.
    occupancy_version = fields.Integer(readonly=True, copy=False)

    _capacity_positive = models.Constraint("CHECK (capacity >= 1)", "A machine has at least one unit.")
    _slot_positive = models.Constraint(
        "CHECK (slot_minutes BETWEEN 1 AND 1440)", "A slot lasts between 1 minute and a day."
    )
    _durations_ordered = models.Constraint(
        "CHECK (shortest_minutes > 0 AND (longest_minutes = 0 OR longest_minutes >= shortest_minutes))",
        "The shortest booking lasts more than 0 minutes, and the longest at least as much (or 0: no limit).",
    )
    _limits_positive = models.Constraint(
        "CHECK (notice_hours >= 0 AND horizon_days >= 0 AND buffer_minutes >= 0)",
        "Notice, horizon and buffer can't be less than 0.",
    )

    @api.constrains("kind", "workshop_id")
    def _check_place(self):
        for machine in self:
            if machine.kind == "workshop" and machine.workshop_id:
                raise ValidationError(self.env._("%s is a workshop: it can't stand in another one.", machine.name))
            if machine.kind == "machine" and machine.content_ids:
                raise ValidationError(
                    self.env._("Machines stand in %s, so it stays a workshop: move them first.", machine.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_storable(vals)  # before the resource is made of them
        machines = super().create(vals_list)
        machines._refresh_workshops(machines.workshop_id)
        return machines

    def copy_data(self, default=None):
        # The name is the resource's, which the mixin copies: the row is written before it is read from there.
        vals_list = super().copy_data(default)
        resources = self.env["resource.resource"].browse([vals["resource_id"] for vals in vals_list])
        for vals, resource in zip(vals_list, resources, strict=True):
            vals["name"] = (default or {}).get("name") or resource.name
        return vals_list

    def write(self, vals):
        layout = {"active", "workshop_id", "capacity", "kind"}.intersection(vals)
        workshops = self.workshop_id if layout else self.browse()
        if vals.get("state") == "out_of_service" or not vals.get("active", True):
            # What lies ahead is told to those only who may write the machine at all.
            self.check_access("write")
            self._check_no_booking_ahead()
        result = super().write(vals)
        if layout:
            self._check_units_booked()
            self._refresh_workshops(workshops | self.workshop_id | self.filtered(lambda m: m.kind == "workshop"))
            # A unit that has been added is closed like the others.
            self._closures_ahead()._take()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        booked = self.env["fabloch.booking"].sudo().search([("machine_id", "in", self.ids)], limit=1)
        if booked:
            raise UserError(
                self.env._("%s has bookings, which the books keep: archive it instead.", booked.machine_id.name)
            )

    def _check_no_booking_ahead(self):
        ahead = self.env["fabloch.booking"].sudo()._live_on(self, clock.now())
        if ahead:
            raise UserError(
                self.env._(
                    "%(count)s bookings of %(machine)s lie ahead, the first on %(start)s. Use “Maintenance”: it lists "
                    "them, moves or cancels them without cost and tells their members.",
                    count=len(ahead),
                    machine=ahead[0].machine_id.name,
                    start=ahead[0]._local_text(),
                )
            )

    def _check_units_booked(self):
        """No booking ahead may be left on a unit that is taken away."""
        rows = (
            self.env["fabloch.occupancy"]
            .sudo()
            .search([("machine_id", "in", self.ids), ("stop", ">", clock.now()), ("booking_id", "!=", False)])
        )
        for row in rows:
            # What a workshop's booking takes here follows by itself.
            if row.unit > row.machine_id.capacity and row.booking_id.machine_id == row.machine_id:
                raise UserError(
                    self.env._(
                        "%(booking)s is on unit %(unit)s of %(machine)s: move or cancel it before taking units away.",
                        booking=row.booking_id.display_name,
                        unit=row.unit,
                        machine=row.machine_id.name,
                    )
                )

    def _refresh_workshops(self, workshops):
        """What stands in `workshops` has changed: their bookings and closures ahead take what stands there now."""
        if not workshops:
            return
        workshops._bump_version()
        now = clock.now()
        self.env["fabloch.booking"].sudo()._live_on(workshops, now)._take(rules=False)
        # Those of a machine that moves as well: they left the time to the workshop's.
        (workshops | self)._closures_ahead()._take()

    def _closures_ahead(self):
        closures = self.env["fabloch.closure"].sudo()
        return closures.search([("machine_ids", "in", self.ids), ("stop", ">", clock.now())])

    def _bump_version(self):
        """Make whoever does the same with these machines in another transaction start again.

        NO KEY: the foreign keys of others' new rows hold a key lock, and two such transactions would wait for each
        other's for ever.
        """
        if self:
            self.env.cr.execute(
                "UPDATE fabloch_machine SET occupancy_version = COALESCE(occupancy_version, 0) + 1 WHERE id IN "
                "(SELECT id FROM fabloch_machine WHERE id IN %s ORDER BY id FOR NO KEY UPDATE)",
                [tuple(self.ids)],
            )
            self.invalidate_recordset(["occupancy_version"])

    def _refresh_layout(self):
        """Forget the settings when they don't say what stands in these workshops.

        A transaction that the server plays a second time isn't told what another process has changed meanwhile.
        """
        if not self:
            return
        rows = self.env.execute_query(
            SQL(
                "SELECT workshop_id, id, capacity FROM fabloch_machine WHERE workshop_id IN %s AND active",
                tuple(self.ids),
            )
        )
        inside = {workshop.id: {(workshop.id, workshop.capacity)} for workshop in self}
        for workshop_id, machine_id, capacity in rows:
            inside[workshop_id].add((machine_id, capacity))
        if any(set(self._settings(workshop.id).inside) != inside[workshop.id] for workshop in self):
            self.env.registry.clear_cache()

    # -- Settings ------------------------------------------------------------------------------------------------

    @api.model
    def _settings(self, machine_id):
        """Return the `Settings` of the machine. Whatever they are read from empties their cache when it changes.

        :raises MissingError: when there is no such machine.
        """
        try:
            return self._all_settings()[machine_id]
        except KeyError:
            raise MissingError(self.env._("This machine doesn't exist (any more). Choose another one.")) from None

    @api.model
    @tools.ormcache()
    def _all_settings(self):
        """Return {machine id: `Settings`}, archived machines included: ten queries or so, whatever their number."""
        machines = self.sudo().search([("active", "in", [True, False])])
        calendars = machines.resource_calendar_id | machines.company_id.resource_calendar_id
        hours = calendars._fabloch_hours()
        return {machine.id: machine._read_settings(hours) for machine in machines}

    def _read_settings(self, hours):
        """Return the `Settings` of this machine.

        :param dict hours: {calendar: `periods.Hours`}.
        """
        self.ensure_one()
        company, category = self.company_id, self.category_id
        rates = self.rate_ids.filtered("active") or category.rate_ids.filtered(
            lambda rate: rate.active and not rate.machine_id
        )
        contents = self.content_ids.filtered("active") if self.kind == "workshop" else self.browse()
        calendar = self.resource_calendar_id or company.resource_calendar_id
        return Settings(
            company_id=company.id,
            currency_id=company.currency_id.id,
            category_id=category.id,
            product_id=category.product_id.id,
            kind=self.kind,
            in_service=self.state == "in_service" and self.active,
            capacity=self.capacity,
            inside=tuple((inside.id, inside.capacity) for inside in self | contents),
            hours=hours[calendar]._replace(always=self.always_open),
            overnight=self.overnight,
            slot=self.slot_minutes,
            shortest=self.shortest_minutes,
            longest=self.longest_minutes,
            notice=round(self.notice_hours * 60),
            horizon=self.horizon_days,
            buffer=self.buffer_minutes,
            requires_authorisation=category.requires_authorisation,
            unused_months=category.authorisation_unused_months,
            quota=round(category.quota_hours_week * 60),
            free_cancel=round(category.free_cancel_hours * 60),
            hold=company.fabloch_hold_minutes,
            rates=tuple((rate.id, rate.minutes, rate.product_id.id) for rate in rates.sorted("id")),
            host_id=(self.host_id or self.workshop_id.host_id).id or None,
        )
