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
    machine_ids = fields.Many2many("fabloch.machine", string="Machines", required=True, check_company=True)
    start = fields.Datetime("From", required=True, tracking=True)
    stop = fields.Datetime("To", required=True, tracking=True)
    user_id = fields.Many2one("res.users", "By", default=lambda self: self.env.user)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    occupancy_ids = fields.One2many("fabloch.occupancy", "closure_id", "Occupancy", readonly=True)

    _dates_ordered = models.Constraint("CHECK (stop > start)", "A closure ends after it starts.")
    _stop_idx = models.Index("(stop)")

    @api.model_create_multi
    def create(self, vals_list):
        closures = super().create(vals_list)
        closures._take()
        return closures

    def write(self, vals):
        if not {"kind", "machine_ids", "start", "stop", "company_id"}.intersection(vals):
            return super().write(vals)
        others = self._others_at_the_same_time()
        result = super().write(vals)
        self._take()
        others._take()
        return result

    def unlink(self):
        others = self._others_at_the_same_time()
        result = super().unlink()
        others._take()
        return result

    def _others_at_the_same_time(self):
        """Return the closures that left these the time that they share, and have to take it when these go."""
        if not self:
            return self
        return (
            self.sudo()
            .search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("start", "<", max(self.mapped("stop"))),
                    ("stop", ">", min(self.mapped("start"))),
                    ("id", "not in", self.ids),
                ]
            )
            .sudo(self.env.su)
        )

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
            taken = closure.machine_ids._taken(closure.start, closure.stop, release=True)
            inside = {inside for machine in closure.machine_ids for inside in Machine._settings(machine.id).inside}
            for machine_id, capacity in sorted(inside):
                rows = taken[machine_id]
                for unit in range(1, capacity + 1):
                    # Set-up time before or after a booking, and other closures, are closed time as well.
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

    def _left(self, unit, rows):
        """Return the parts of this closure's period that `rows` leave free on `unit`."""
        holes = [(start, stop) for row_unit, start, stop in rows if row_unit == unit]
        return periods.subtract([(self.start, self.stop)], holes)
