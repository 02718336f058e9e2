from datetime import timedelta

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .. import clock


class BookingWaitOffer(models.Model):
    """How a period that has become free is offered to the first in the line."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking.wait"

    @api.model
    def _offer_freed(self, machines):
        """Offer what has become free on `machines` to those who wait; one query when nobody does."""
        Machine = self.env["fabloch.machine"]
        inside = {inside_id for machine in machines for inside_id, _capacity in Machine._settings(machine.id).inside}
        if not inside:
            return
        # Who waits for a workshop waits for what stands in it.
        waits = self.sudo().search(
            [
                ("state", "=", "waiting"),
                ("start", ">", clock.now()),
                "|",
                ("machine_id", "in", sorted(inside)),
                ("machine_id.content_ids", "in", sorted(inside)),
            ]
        )
        waits._offer()

    def _offer(self):
        """Put the periods of these waits that are free on hold for who waits, the first in the line first.

        Whom a rule is against is passed over, with the reason.
        """
        waits = self.sudo()._lock_waiting()
        for _company, of_company in waits.grouped("company_id").items():
            of_company._offer_in_line()

    def _lock_waiting(self):
        """Return those of these waits that still wait, in their order, locked until the end of the transaction.

        Of two transactions that would offer to one person at once, the second one starts again after the first, and
        sees what that one has offered.
        """
        if not self:
            return self
        self.flush_recordset(["state"])
        self.env.cr.execute(
            "SELECT id FROM fabloch_booking_wait WHERE id IN %s AND state = 'waiting' ORDER BY id FOR UPDATE",
            [tuple(self.ids)],
        )
        return self.browse([wait_id for (wait_id,) in self.env.cr.fetchall()])

    def _offer_in_line(self):
        now = clock.now()
        Machine = self.env["fabloch.machine"]
        waits = self.filtered(lambda wait: wait.start > now)
        while waits:
            verdicts = dict(zip(waits, Machine._verdicts(waits._requests(), propose=False, explain=False), strict=True))
            passed = waits.filtered(lambda wait, found=verdicts: found[wait].reason and found[wait].waivable)
            for wait in passed:
                if wait.passed_reason != verdicts[wait].reason:
                    wait.write({"passed_reason": verdicts[wait].reason, "passed_date": now})
            if not passed:
                break
            # They stood in the way of those behind them.
            waits -= passed
        free = waits.filtered(lambda wait: not verdicts[wait].reason)
        if free and not free._make_offers() and len(free) > 1:
            # The others may still have theirs.
            for wait in free:
                wait._make_offers()

    def _make_offers(self):
        """Hold the periods of these waits for their people; return whether that was possible, all or nothing."""
        try:
            with self.env.cr.savepoint():
                bookings = self.env["fabloch.booking"].create([wait._prepare_hold_vals() for wait in self])
                self.env.flush_all()
        except (UserError, ValidationError, psycopg2.errors.ExclusionViolation):
            # Somebody who doesn't wait was quicker.
            return False
        for wait, booking in zip(self, bookings, strict=True):
            wait.write(
                {
                    "state": "offered",
                    "booking_id": booking.id,
                    "offered_until": booking.hold_until,
                    "passed_reason": False,
                    "passed_date": False,
                }
            )
        self._trigger_crons()
        return True

    def _prepare_hold_vals(self):
        """Values of the booking that is offered."""
        self.ensure_one()
        minutes = self.company_id.fabloch_wait_minutes
        return {
            "machine_id": self.machine_id.id,
            "partner_id": self.partner_id.id,
            "start": self.start,
            "stop": self.stop,
            "units": self.units,
            "note": self.note,
            "hold_until": min(clock.now() + timedelta(minutes=minutes), self.start),
            "wait_id": self.id,
        }

    def _trigger_crons(self):
        """The offer is mailed at once, and the next one is made as soon as it is over."""
        self.env.ref("fabloch_machines.ir_cron_booking_mails")._trigger()
        self.env.ref("fabloch_machines.ir_cron_waitlist")._trigger(at=sorted(set(self.mapped("offered_until"))))
