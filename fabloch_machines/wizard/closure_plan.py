from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import clock, periods
from ..models.machine_quote import QuoteRequest
from ..models.machine_schedule import NEAREST_DAYS

# A closing begins on such a step (minutes) when nobody says otherwise.
STEP = 15


class ClosurePlan(models.TransientModel):
    """Takes machines out of use: lists the bookings that this hits, proposes what becomes of each, and does it all.

    Moving keeps to the rules of booking; what is cancelled costs nothing. The members are told by the mails that
    every moved or cancelled booking sends.
    """

    _name = "fabloch.closure.plan"
    _description = "Plan a maintenance"

    machine_ids = fields.Many2many(
        "fabloch.machine", string="Machines", required=True, default=lambda self: self._default_machine_ids()
    )
    kind = fields.Selection(
        [
            ("maintenance", "Maintenance"),
            ("closure", "Closure"),
            ("out_of_service", "Out of service, without an end"),
        ],
        "What",
        required=True,
        default="maintenance",
    )
    start = fields.Datetime("From", default=lambda self: self._default_start())
    stop = fields.Datetime("To", default=lambda self: self._default_start() + timedelta(hours=2))
    name = fields.Char("Reason", required=True, help="Told to the members whose bookings it hits.")
    line_ids = fields.One2many(
        "fabloch.closure.plan.line",
        "plan_id",
        "Bookings hit",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    hit_count = fields.Integer("Number of bookings hit", compute="_compute_counts")
    move_count = fields.Integer("Moved", compute="_compute_counts")
    cancel_count = fields.Integer("Cancelled", compute="_compute_counts")
    one_machine = fields.Boolean(compute="_compute_counts")

    @api.model
    def _default_machine_ids(self):
        if self.env.context.get("active_model") == "fabloch.machine":
            return self.env["fabloch.machine"].browse(self.env.context.get("active_ids", []))
        return self.env["fabloch.machine"]

    @api.model
    def _default_start(self):
        now = clock.now().replace(second=0, microsecond=0)
        return now + timedelta(minutes=-now.minute % STEP)

    @api.constrains("kind", "start", "stop", "machine_ids")
    def _check_period(self):
        for plan in self:
            if len(plan.machine_ids.company_id) > 1:
                raise ValidationError(
                    self.env._("These machines are of several companies: plan the maintenance of each apart.")
                )
            if plan.kind == "out_of_service":
                continue
            if not plan.start or not plan.stop or plan.stop <= plan.start:
                raise ValidationError(self.env._("A closure ends after it starts: correct its times."))
            if plan.stop <= clock.now():
                raise ValidationError(self.env._("This period is over: choose one that ends later than now."))

    @api.depends("machine_ids", "kind", "start", "stop")
    def _compute_line_ids(self):
        for plan in self:
            plan.line_ids = [
                fields.Command.clear(),
                *(fields.Command.create(vals) for vals in plan._prepare_lines_vals()),
            ]

    @api.depends("line_ids.decision", "machine_ids")
    def _compute_counts(self):
        for plan in self:
            plan.hit_count = len(plan.line_ids)
            plan.cancel_count = len(plan.line_ids.filtered(lambda line: line.decision == "cancel"))
            plan.move_count = plan.hit_count - plan.cancel_count
            machines = plan.machine_ids._origin
            plan.one_machine = len(machines) == 1 and plan.line_ids.machine_id._origin <= machines

    # -- What is hit, and what could become of it ---------------------------------------------------------------------

    def _period(self):
        """Return the (start, stop) still to come, naive UTC; without end when the machines go out of service."""
        self.ensure_one()
        now = clock.now()
        if self.kind == "out_of_service":
            return now, None
        return max(self.start, now), self.stop

    def _hits(self):
        """Return the live bookings in the way, in order. Holds that have expired aren't."""
        self.ensure_one()
        machines = self.machine_ids._origin
        start, stop = self._period() if self.kind == "out_of_service" or (self.start and self.stop) else (None, None)
        if not machines or not start or (stop and stop <= start):
            return self.env["fabloch.booking"]
        if stop:
            return self.env["fabloch.closure"]._hit_bookings(machines, start, stop).sudo(False)
        live = self.env["fabloch.booking"]._live_on(machines, start)
        return live - self._expired_holds(live)

    @api.model
    def _expired_holds(self, bookings):
        now = clock.now()
        return bookings.filtered(lambda booking: booking.state == "hold" and booking.hold_until <= now)

    def _prepare_lines_vals(self):
        """Values of one line for each booking hit, with what is proposed for it; a handful of queries for all."""
        self.ensure_one()
        hits = self._hits()
        if not hits:
            return []
        other, later = self._alternatives(hits)
        vals_list = []
        for booking in hits:
            machine, period = other.get(booking), later.get(booking)
            vals_list.append(
                {
                    "booking_id": booking.id,
                    "decision": "machine" if machine else "time" if period else "cancel",
                    "new_machine_id": machine and machine.id,
                    "new_start": period and period[0],
                }
            )
        return vals_list

    def _alternatives(self, hits):
        """Return ({booking: free machine at the same time}, {booking: nearest free period of its machine}).

        Only what every rule of booking allows, and what costs the member the same: another machine has the same rates.
        All of `hits` leave what they take now, and the earlier ones choose before the later ones.
        """
        Machine = self.env["fabloch.machine"]
        machines = hits.machine_id | Machine.search(
            [("category_id", "in", hits.machine_id.category_id.ids), ("state", "=", "in_service")]
        )
        settings_of = {machine: Machine._settings(machine.id) for machine in machines}
        around = timedelta(days=NEAREST_DAYS, minutes=max(settings.buffer for settings in settings_of.values()))
        now = clock.now()
        longest = max(booking.stop - booking.start for booking in hits)
        window = min(hits.mapped("start")) - around, max(now, *hits.mapped("stop")) + around + longest
        closed = self._closed_rows(*window)
        taken = machines._taken(*window, leave_out=hits)
        for machine_id, row in closed:
            taken[machine_id].append(row)
        asked = {}
        for booking in hits:
            request = QuoteRequest(booking.machine_id, booking.partner_id, booking.start, booking.stop, booking.units)
            for machine in self._same_use(booking.machine_id, machines, settings_of):
                if units := self._free_units(machine, settings_of[machine], request, taken):
                    asked[booking] = request._replace(machine=machine)
                    self._add_taken(taken, units, request, settings_of[machine])
                    break
        other = {booking: request.machine for booking, request in self._allowed(asked, hits, closed)}
        asked = {}
        # Those that no other machine takes choose first; who is at work already can't be sent to another time.
        for booking in hits.filtered(lambda booking: not booking.arrived_at).sorted(lambda booking: booking in other):
            period = booking.machine_id._nearest_free(booking.start, booking.stop, booking.units, taken=taken)
            if not period or period == (booking.start, booking.stop):
                continue
            asked[booking] = QuoteRequest(booking.machine_id, booking.partner_id, *period, booking.units)
            settings = settings_of[booking.machine_id]
            units = self._free_units(booking.machine_id, settings, asked[booking], taken, hours=False)
            self._add_taken(taken, units, asked[booking], settings)
        later = {booking: (request.start, request.stop) for booking, request in self._allowed(asked, hits, closed)}
        return other, later

    def _closed_rows(self, first, last):
        """Return the rows (machine id, (unit, start, stop)) that the planned closing takes, within a window."""
        start, stop = self._period()
        Machine = self.env["fabloch.machine"]
        inside = {each for machine in self.machine_ids._origin for each in Machine._settings(machine.id).inside}
        if self.kind == "out_of_service":
            # What stands in a workshop that is out of service is still there.
            inside = {each for each in inside if each[0] in self.machine_ids._origin.ids}
        row = max(start, first), stop or last
        return [(machine_id, (unit, *row)) for machine_id, capacity in inside for unit in range(1, capacity + 1)]

    def _same_use(self, machine, machines, settings_of):
        """Return the machines that could stand in for `machine`, the likeliest first."""
        same = settings_of[machine]
        return machines.filtered(
            lambda each: (
                each not in self.machine_ids._origin
                and each != machine
                and each.kind == machine.kind
                and settings_of[each].in_service
                and settings_of[each].category_id == same.category_id
                and settings_of[each].rates == same.rates
            )
        ).sorted(lambda each: (each.workshop_id != machine.workshop_id, each.host_id != machine.host_id, each.sequence))

    @api.model
    def _free_units(self, machine, settings, request, taken, hours=True):
        """Return {machine id: units to take} if `machine` is open and free for `request`, else None."""
        if hours and not settings.overnight:
            opened = periods.open_periods(settings.hours, request.start, request.stop)
            if periods.first_uncovered(opened, request.start, request.stop):
                return None
        units = {}
        free_from = request.stop + timedelta(minutes=settings.buffer)
        for machine_id, capacity in settings.inside:
            needed = request.units if machine_id == machine.id else capacity
            free = periods.free_units(taken[machine_id], capacity, request.start, free_from)
            if len(free) < needed:
                return None
            units[machine_id] = free[:needed]
        return units

    @api.model
    def _add_taken(self, taken, units, request, settings):
        free_from = request.stop + timedelta(minutes=settings.buffer)
        for machine_id, numbers in (units or {}).items():
            taken[machine_id] += [(unit, request.start, free_from) for unit in numbers]

    @api.model
    def _allowed(self, asked, hits, closed):
        """Return the (booking, request) of `asked` that every rule of booking allows."""
        verdicts = self.env["fabloch.machine"]._verdicts(list(asked.values()), hits, closed, propose=False)
        return [pair for pair, verdict in zip(asked.items(), verdicts, strict=True) if not verdict.reason]

    # -- Doing it ------------------------------------------------------------------------------------------------------

    def action_plan(self):
        """Move and cancel the bookings hit as their lines say, then close the machines; all of it or nothing.

        :raises UserError: when a booking can't be moved as decided, with the rule that is in the way.
        """
        self.ensure_one()
        self.env["fabloch.closure"].check_access("create")
        self._check_period()
        start, stop = self._period()
        hits = self._hits()
        lines = self.line_ids.filtered(lambda line: line.booking_id in hits)
        if missing := hits - lines.booking_id:
            raise UserError(
                self.env._(
                    "%(count)s more bookings lie in this period by now, the first is %(booking)s on %(start)s: "
                    "close this window, and plan again to see them.",
                    count=len(missing),
                    booking=missing[0].display_name,
                    start=missing[0]._local_text(),
                )
            )
        for line in lines:
            line._check_decision()
        lines.filtered(lambda line: line.decision == "cancel").booking_id.action_cancel(self.name, waive=True)
        moved = lines.filtered(lambda line: line.decision != "cancel")
        if self.kind != "out_of_service":
            # What moves leaves its place first: one may go where another was, and none into the closed time.
            moved.booking_id._release()
            self.env["fabloch.closure"].create(self._prepare_closure_vals(start, stop))
        for line in moved:
            try:
                line.booking_id.write(line._target())
            except UserError as error:
                raise UserError(
                    self.env._(
                        "%(booking)s can't be moved as decided:\n%(reason)s",
                        booking=line.booking_id.display_name,
                        reason=error,
                    )
                ) from error
        if self.kind == "out_of_service":
            self._take_out_of_service()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._done_message(len(moved), len(lines) - len(moved)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _take_out_of_service(self):
        live = self.env["fabloch.booking"].sudo()._live_on(self.machine_ids, clock.now())
        self._expired_holds(live)._expire()
        self.machine_ids.write({"state": "out_of_service"})
        for machine in self.machine_ids:
            machine.message_post(body=self.env._("Out of service: %s", self.name))

    def _prepare_closure_vals(self, start, stop):
        return {
            "name": self.name,
            "kind": self.kind,
            "machine_ids": [fields.Command.set(self.machine_ids.ids)],
            "start": start,
            "stop": stop,
            "company_id": self.machine_ids.company_id.id,
        }

    def _done_message(self, moved, cancelled):
        names = ", ".join(self.machine_ids.mapped("name"))
        if not moved and not cancelled:
            return self.env._("%s: no booking was in the way.", names)
        return self.env._(
            "%(machines)s: bookings moved: %(moved)s, cancelled without cost: %(cancelled)s. Their members are told.",
            machines=names,
            moved=moved,
            cancelled=cancelled,
        )


class ClosurePlanLine(models.TransientModel):
    """A booking that a planned closure hits, and what becomes of it."""

    _name = "fabloch.closure.plan.line"
    _description = "Booking hit by a maintenance"

    plan_id = fields.Many2one("fabloch.closure.plan", ondelete="cascade")
    booking_id = fields.Many2one("fabloch.booking", "Number", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="booking_id.partner_id")
    machine_id = fields.Many2one(related="booking_id.machine_id")
    category_id = fields.Many2one(related="booking_id.category_id")
    when = fields.Char(compute="_compute_when", help="By the clock where the machine stands.")
    state = fields.Selection(related="booking_id.state")
    amount = fields.Monetary(related="booking_id.amount")
    currency_id = fields.Many2one(related="booking_id.currency_id")
    decision = fields.Selection(
        [
            ("machine", "Other machine, same time"),
            ("time", "Same machine, other time"),
            ("cancel", "Cancel without cost"),
        ],
        "What becomes of it",
        required=True,
        default="cancel",
    )
    new_machine_id = fields.Many2one(
        "fabloch.machine",
        "Other machine",
        domain="[('category_id', '=', category_id), ('id', '!=', machine_id), ('state', '=', 'in_service')]",
    )
    new_start = fields.Datetime("Other time")

    @api.depends("booking_id")
    def _compute_when(self):
        for line in self:
            booking = line.booking_id
            if not booking:
                line.when = False
                continue
            start, stop = booking._local(booking.start), booking._local(booking.stop)
            end = booking._local_text(booking.stop) if start.date() != stop.date() else f"{stop:%H:%M}"
            line.when = f"{booking._local_text()} – {end}"

    def _check_decision(self):
        """Raise a UserError when the decision lacks the machine or the time that it needs."""
        self.ensure_one()
        if self.decision == "machine" and not self.new_machine_id:
            raise UserError(self.env._("Choose the other machine for %s, or cancel it.", self.booking_id.display_name))
        if self.decision == "time" and not self.new_start:
            raise UserError(self.env._("Choose the other time for %s, or cancel it.", self.booking_id.display_name))

    def _target(self):
        """Return the values that move the booking where the decision says."""
        self.ensure_one()
        if self.decision == "machine":
            return {"machine_id": self.new_machine_id.id}
        booking = self.booking_id
        return {"start": self.new_start, "stop": self.new_start + (booking.stop - booking.start)}
