from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock, periods


class Closure(models.Model):
    """Machines taken out of use for a period: maintenance, or a closing. It takes occupancy like anything else."""

    _name = "fabloch.closure"
    _description = "Closure"
    _inherit = ["mail.thread"]
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char("Reason", required=True, tracking=True, help="Told to the members whose bookings it hits.")
    kind = fields.Selection(
        [("maintenance", "Maintenance"), ("closure", "Closure")], required=True, default="maintenance"
    )
    machine_ids = fields.Many2many("fabloch.machine", required=True, check_company=True)
    start = fields.Datetime("From", required=True, tracking=True)
    stop = fields.Datetime("To", required=True, tracking=True)
    user_id = fields.Many2one("res.users", "By", default=lambda self: self.env.user)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    occupancy_ids = fields.One2many("fabloch.occupancy", "closure_id", readonly=True)
    phase = fields.Selection(
        [("coming", "Coming"), ("now", "Running"), ("past", "Past")], compute="_compute_phase", string="When"
    )

    _dates_ordered = models.Constraint("CHECK (stop > start)", "A closure ends after it starts.")
    _stop_idx = models.Index("(stop)")

    @api.depends("start", "stop")
    def _compute_phase(self):
        now = clock.now()
        for closure in self:
            if not closure.start or not closure.stop or closure.start > now:
                closure.phase = "coming"
            else:
                closure.phase = "now" if closure.stop > now else "past"

    @api.model_create_multi
    def create(self, vals_list):
        closures = super().create(vals_list)
        closures._take()
        return closures

    def write(self, vals):
        if not {"kind", "machine_ids", "start", "stop", "company_id"}.intersection(vals):
            return super().write(vals)
        beside = self._beside()
        result = super().write(vals)
        self._take()
        beside._take()
        return result

    def action_end_now(self):
        """Give these machines back from this moment on; a closure that hasn't begun is removed.

        :raises UserError: when one is over already.
        """
        now = clock.now()
        for closure in self:
            if closure.stop <= now:
                raise UserError(self.env._("“%s” is over already.", closure.name))
        running = self.filtered(lambda closure: closure.start < now)
        running.write({"stop": now})
        (self - running).unlink()
        return True

    def unlink(self):
        beside = self._beside()
        result = super().unlink()
        beside._take()
        return result

    def _beside(self):
        """Return the other closures that take no time that these took first: they do once these have gone."""
        if not self:
            return self
        same_time = [("start", "<", max(self.mapped("stop"))), ("stop", ">", min(self.mapped("start")))]
        return self.sudo().search([*same_time, ("id", "not in", self.ids)])

    def _hit_bookings(self, machines, start, stop):
        """Return the live bookings that a closure of `machines` from `start` to `stop` would hit, in order."""
        Machine = self.env["fabloch.machine"]
        inside = {inside_id for machine in machines for inside_id, _capacity in Machine._settings(machine.id).inside}
        rows = (
            self.env["fabloch.occupancy"]
            .sudo()
            .search(
                [
                    ("machine_id", "in", sorted(inside)),
                    ("start", "<", stop),
                    ("stop", ">", start),
                    ("kind", "=", "booking"),
                ]
            )
        )
        now = clock.now()
        return rows.booking_id.filtered(
            lambda booking: booking.state == "confirmed" or booking.hold_until and booking.hold_until > now
        ).sorted("start")

    def _take(self):
        """Take all the units of these machines, in place of what these closures took before.

        :raises UserError: when bookings or another closure are in the way.
        """
        Machine = self.env["fabloch.machine"]
        self.sudo().occupancy_ids.unlink()
        vals_list = []
        for closure in self.sudo():
            closure.machine_ids.filtered(lambda machine: machine.kind == "workshop")._bump_version()
            if hit := closure._hit_bookings(closure.machine_ids, closure.start, closure.stop):
                raise UserError(
                    self.env._(
                        "%(count)s bookings lie in this period, the first is %(booking)s on %(start)s. "
                        "Use “Maintenance”: it lists them, moves or cancels them without cost and tells their members.",
                        count=len(hit),
                        booking=hit[0].display_name,
                        start=hit[0]._local_text(),
                    )
                )
            inside = {inside for machine in closure.machine_ids for inside in Machine._settings(machine.id).inside}
            closure._cut_buffers([machine_id for machine_id, _capacity in inside])
            taken = closure.machine_ids._taken(closure.start, closure.stop, release=True)
            for machine_id, capacity in sorted(inside):
                rows = taken[machine_id]
                for unit in range(1, capacity + 1):
                    # Other closures are closed time as well.
                    for start, stop in closure._left(unit, rows):
                        vals_list.append(
                            {
                                "machine_id": machine_id,
                                "unit": unit,
                                "start": start,
                                "stop": stop,
                                "kind": closure.kind,
                                "closure_id": closure.id,
                                "company_id": closure.company_id.id,
                            }
                        )
            self.env["fabloch.occupancy"].sudo().create(vals_list)
            vals_list = []

    def _cut_buffers(self, machine_ids):
        """End the set-up time of bookings where this closure begins: it stays closed if they are cancelled."""
        rows = self.env["fabloch.occupancy"].search(
            [
                ("machine_id", "in", machine_ids),
                ("start", "<", self.stop),
                ("stop", ">", self.start),
                ("kind", "=", "buffer"),
            ]
        )
        longer = rows.filtered(lambda row: row.start < self.start)
        longer.write({"stop": self.start})
        (rows - longer).unlink()

    def _left(self, unit, rows):
        """Return the parts of this closure's period that `rows` leave free on `unit`."""
        holes = [(start, stop) for row_unit, start, stop in rows if row_unit == unit]
        return periods.subtract([(self.start, self.stop)], holes)
