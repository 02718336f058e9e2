import re

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .. import clock
from .booking import LIVE_STATES
from .machine_quote import QuoteRequest

# Period, machine and unit of the row that was refused, as PostgreSQL shows the keys of an overlap.
REFUSED_KEY = re.compile(r'=\(\["([^"]+)","([^"]+)"\), \[(\d+),\d+\), \[(\d+),\d+\)\) conflicts')


class BookingOccupancy(models.Model):
    """What bookings take: units of their machine, or a workshop with all that stands in it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    def _requests(self):
        """Return what each of these bookings asks for, in the terms of `fabloch.machine`."""
        return [
            QuoteRequest(booking.machine_id, booking.partner_id, booking.start, booking.stop, booking.units)
            for booking in self
        ]

    def _take(self, rules=True, kept=()):
        """Check these live bookings and take their periods, in place of what they took before.

        :param bool rules: whether every rule is asked, or only that the period is free.
        :param kept: those of them that begin when they did: what runs already can be made longer or shorter.
        :raises UserError: which rule is in the way, what to do, and the nearest period that is free.
        """
        live = self.filtered(lambda booking: booking.state in LIVE_STATES)
        if not live:
            return
        live.machine_id.filtered(lambda machine: machine.kind == "workshop")._bump_version()
        live.sudo().occupancy_ids.unlink()
        Machine = self.env["fabloch.machine"]
        pooled = any(Machine._settings(machine.id).capacity > 1 for machine in live.machine_id)
        excepting = self._may_make_exceptions()
        requests = [
            request._replace(kept=booking in kept) for booking, request in zip(live, live._requests(), strict=True)
        ]
        beaten = []  # rows that somebody else has just taken and this transaction doesn't see yet
        while True:
            verdicts = Machine._verdicts(requests, live, beaten, rules)
            for booking, verdict in zip(live, verdicts, strict=True):
                if verdict.reason and not (verdict.waivable and excepting and booking.exception_reason):
                    raise UserError(verdict.reason)
            vals_list = live._prepare_occupancy_vals(verdicts)
            Occupancy = self.env["fabloch.occupancy"].sudo()
            if not pooled:
                Occupancy.create(vals_list)
                return
            try:
                with self.env.cr.savepoint():
                    Occupancy.create(vals_list)
                return
            except psycopg2.errors.ExclusionViolation as error:
                # One unit of the pool is gone; another one may be free.
                row = refused_row(error)
                if not row:
                    raise
                if row in beaten:
                    raise
                beaten.append(row)

    def _prepare_occupancy_vals(self, verdicts):
        """Values of the rows that these bookings take, in an order in which two transactions can't lock each other."""
        vals_list = []
        for booking, verdict in zip(self, verdicts, strict=True):
            common = {"booking_id": booking.id, "company_id": booking.company_id.id}
            for machine_id, units in verdict.units.items():
                for unit in units:
                    row = {**common, "machine_id": machine_id, "unit": unit}
                    vals_list.append({**row, "start": booking.start, "stop": booking.stop, "kind": "booking"})
                    if verdict.free_from > booking.stop:
                        vals_list.append({**row, "start": booking.stop, "stop": verdict.free_from, "kind": "buffer"})
        return sorted(vals_list, key=lambda vals: (vals["machine_id"], vals["unit"], vals["start"]))

    def _release(self):
        """Give the periods of these bookings free."""
        self.sudo().occupancy_ids.unlink()

    def _expire(self):
        """End these holds: nobody confirmed them in time."""
        self._release()
        self.sudo().with_context(tracking_disable=True).write(
            {
                "state": "cancelled",
                "cancel_date": clock.now(),
                "cancel_reason": self.env._("Not confirmed in time"),
            }
        )

    @api.model
    def _cron_expire(self):
        """End the holds whose time is over. Nothing depends on it: they take nothing from that moment on."""
        expired = self.search([("state", "=", "hold"), ("hold_until", "<=", clock.now())])
        if expired:
            expired._expire()
            expired._after_move()

    @api.model
    def _sql_error_to_message(self, exc):
        if isinstance(exc, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            # An import makes a message of any error. Two transactions in each other's way are no mistake of the file:
            # raised on, the server tries it again.
            raise exc
        # What was refused is a row of the occupancy, whose constraint speaks for itself.
        occupancy = self.env["fabloch.occupancy"]
        if exc.diag.table_name == occupancy._table:
            return occupancy._sql_error_to_message(exc)
        return super()._sql_error_to_message(exc)


def refused_row(error):
    """Return the row (machine id, (unit, start, stop)) that PostgreSQL found in the way; None if it doesn't say.

    :param error: a `psycopg2.errors.ExclusionViolation` of the occupancy.
    """
    key = REFUSED_KEY.search(error.diag.message_detail or "")
    if not key:
        return None
    start, stop, machine_id, unit = key.groups()
    return int(machine_id), (int(unit), fields.Datetime.to_datetime(start), fields.Datetime.to_datetime(stop))
