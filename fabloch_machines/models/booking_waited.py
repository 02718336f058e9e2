from odoo import fields, models

from .booking import LIVE_STATES


class Booking(models.Model):
    """What a booking's end or move means for those who wait."""

    _inherit = "fabloch.booking"

    wait_id = fields.Many2one(
        "fabloch.booking.wait",
        "Waited for",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Offered to somebody on the waitlist.",
    )

    def _expire(self):
        result = super()._expire()
        self._end_offers("expired")
        return result

    def _after_move(self, left=None):
        result = super()._after_move(left)
        self.filtered(lambda booking: booking.state == "cancelled")._end_offers("cancelled")
        given_away = self.filtered(
            lambda booking: (
                booking.state in LIVE_STATES
                and booking.wait_id
                and booking.sudo().wait_id.partner_id != booking.partner_id
            )
        )
        if given_away:
            # It is somebody else's now: who waited has nothing.
            given_away._end_offers("cancelled")
            given_away.sudo().wait_id = False
        self.env["fabloch.booking.wait"]._offer_freed(self.machine_id | (left or self.machine_id))
        return result

    def action_confirm(self):
        result = super().action_confirm()
        # What the booking itself says costs no query when nobody waited.
        self.sudo().wait_id.write({"state": "booked"})
        return result

    def _end_offers(self, state):
        waits = self.sudo().wait_id.filtered(lambda wait: wait.state == "offered")
        waits.write({"state": state})


class Closure(models.Model):
    """What the end of a closure means for those who wait."""

    _inherit = "fabloch.closure"

    def write(self, vals):
        left = self.machine_ids
        result = super().write(vals)
        if {"machine_ids", "start", "stop"}.intersection(vals):
            self.env["fabloch.booking.wait"]._offer_freed(left | self.machine_ids)
        return result

    def unlink(self):
        left = self.machine_ids
        result = super().unlink()
        self.env["fabloch.booking.wait"]._offer_freed(left)
        return result


class Machine(models.Model):
    """Waiting for a machine."""

    _inherit = "fabloch.machine"

    wait_ids = fields.One2many("fabloch.booking.wait", "machine_id", "Waitlist")

    def _wait_for(self, partner, start, stop, units=1, note=None):
        """Put `partner` on the waitlist of this machine for a period that is taken.

        :param datetime start, stop: naive, UTC.
        :return: the `fabloch.booking.wait`.
        :raises UserError: when the period is free or over, or a rule is against the person in any case.
        """
        self.ensure_one()
        return self.env["fabloch.booking.wait"].create(
            {
                "partner_id": partner.id,
                "machine_id": self.id,
                "start": start,
                "stop": stop,
                "units": units,
                "note": note,
            }
        )
