from odoo import api, fields, models
from odoo.exceptions import AccessError


def overlap_message(env, _diagnostics):
    """Return the message of an overlap that the database refused: somebody was quicker."""
    return env._(
        "Somebody else has just taken this period, so nothing was booked: look again, and choose another time."
    )


class Occupancy(models.Model):
    """One unit of one machine taken for one period, whatever took it.

    The exclusion constraint is what makes double booking impossible, for any code, call or race. Only bookings and
    closures write here.
    """

    _name = "fabloch.occupancy"
    _description = "Occupancy"
    _order = "start, machine_id, unit"
    _rec_name = "machine_id"

    machine_id = fields.Many2one("fabloch.machine", required=True, readonly=True, index=True, ondelete="restrict")
    unit = fields.Integer(required=True, readonly=True, aggregator=None, help="Which of the identical units: 1, 2, …")
    start = fields.Datetime("From", required=True, readonly=True)
    stop = fields.Datetime("To", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("booking", "Booking"),
            ("buffer", "Set-up buffer"),
            ("maintenance", "Maintenance"),
            ("closure", "Closure"),
            ("training", "Training"),
        ],
        required=True,
        readonly=True,
    )
    # Everybody sees that a machine is taken; a booking's name says by whom, which is for those who may read bookings.
    booking_id = fields.Many2one(
        "fabloch.booking",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        groups="fabloch_finance.group_finance_board",
    )
    closure_id = fields.Many2one("fabloch.closure", readonly=True, index="btree_not_null", ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    # The period comes first: it serves the searches of a window, too, whatever the length of the history.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (tsrange(start, stop) WITH &&, int4range(machine_id, machine_id, '[]') WITH =,"
        " int4range(unit, unit, '[]') WITH =)",
        overlap_message,
    )
    _period_ordered = models.Constraint("CHECK (stop > start)", "A period ends after it starts.")
    _unit_positive = models.Constraint("CHECK (unit >= 1)", "Units are numbered from 1.")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    def _check_engine(self):
        if not self.env.su:
            raise AccessError(
                self.env._("Occupancy follows from bookings and closures: book, move or cancel one of these instead.")
            )
