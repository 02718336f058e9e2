from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance import arguments

from .. import clock
from .booking import LIVE_STATES


class BookingEnd(models.Model):
    """Who came, and the end of bookings: a share is kept when they are cancelled late or nobody came."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    def _cancellation_share(self):
        """Return the percentage of the price that a cancellation at this moment keeps."""
        self.ensure_one()
        if self.state == "hold":
            return 0.0
        return 0.0 if clock.now() <= self._free_cancel_until() else self.category_id.late_cancel_percent

    def _free_cancel_until(self):
        """Return until when (naive UTC) this booking can be cancelled without cost."""
        settings = self.env["fabloch.machine"]._settings(self.machine_id.id)
        return self.start - timedelta(minutes=settings.free_cancel)

    def action_cancel(self, reason=None, waive=False):
        """Cancel these bookings: in time without cost, later for the share that the category's policy keeps.

        What is invoiced already is credited for the part that isn't kept; prepaid time comes back likewise.

        :param str reason: why, kept on the booking and told in the mail.
        :param bool waive: keep nothing, whatever the policy says; for staff.
        :raises UserError: when one isn't running any more, or is over.
        """
        now, reason = clock.now(), arguments.words(self.env, reason)
        for booking in self:
            if booking.state not in LIVE_STATES:
                raise UserError(
                    self.env._("%s is no longer running: there is nothing to cancel.", booking.display_name)
                )
            if booking.state == "confirmed" and booking.stop <= now and not waive:
                raise UserError(
                    self.env._(
                        "%s is over: mark it as a no-show if nobody came, or cancel it without cost.",
                        booking.display_name,
                    )
                )
        self.check_access("write")
        if waive and not self.env["fabloch.machine"]._is_staff():
            raise UserError(self.env._("Only the staff cancels without cost: ask the reception."))
        shares = {booking: 0.0 if waive else booking._cancellation_share() for booking in self}
        self._release()
        self.sudo().write({"state": "cancelled", "cancel_date": now, "cancel_reason": reason or False})
        for booking, share in shares.items():
            booking._keep(share, self.env._("cancelled"))
        self._after_move()
        return True

    def action_no_show(self):
        """Note that nobody came: the policy's share of the price is kept, the rest of the period is free again.

        :raises UserError: when one isn't confirmed, hasn't begun, or somebody did come.
        """
        now = clock.now()
        for booking in self:
            if booking.state != "confirmed" or booking.start > now or booking.arrived_at:
                raise UserError(
                    self.env._(
                        "%s can't be a no-show: it has to be confirmed, begun, and nobody checked in.",
                        booking.display_name,
                    )
                )
        self.check_access("write")
        self._release()
        self.sudo().write({"state": "no_show"})
        for booking in self:
            booking._keep(booking.category_id.no_show_percent, self.env._("no-show"))
        self._after_move()
        return True

    def action_check_in(self):
        """Note that the person has come.

        :raises UserError: when one isn't confirmed, or is for another day to come.
        """
        self.check_access("write")
        now = clock.now()
        for booking in self:
            if booking.state != "confirmed":
                raise UserError(self.env._("%s isn't confirmed: confirm it first.", booking.display_name))
            if booking._local(booking.start).date() > booking._local(now).date():
                raise UserError(
                    self.env._(
                        "%(booking)s is for %(start)s: check in on that day, or move it to now.",
                        booking=booking.display_name,
                        start=booking._local_text(),
                    )
                )
        self.sudo().write({"arrived_at": now})
        return True

    def _keep(self, percent, why):
        """Keep `percent` of the price of the booked time, and give the rest back. Consumables were used: they stay.

        :param str why: what is written beside a reduced price.
        """
        self.ensure_one()
        charges = self._time_charges()
        if percent < 100:
            reason = self.env._("%(booking)s: %(why)s", booking=self.name, why=why)
            charges._take_off_drafts()
            invoiced = charges.filtered(lambda charge: charge.state == "invoiced")
            invoiced._credit(100 - percent, reason)
            invoiced.outdated = True
            invoiced._keep_cover(percent)
            due = charges - invoiced
            if percent:
                due._keep_share(percent, why)
            else:
                due.action_waive(reason)
            self._keep_prepaid(percent)
        today = self._local(clock.now()).date()
        for charge in self.sudo().charge_ids.filtered(lambda charge: charge.state == "to_invoice"):
            # What is owed for a booking that won't take place is owed now.
            charge.date = min(charge.date, today)

    def _keep_prepaid(self, percent):
        """Give the prepaid time of this booking back, but for `percent` of it, in whole minutes."""
        used = self._live_uses()
        if not used:
            return
        used._give_back()
        minutes = self._kept_minutes(percent)
        used._retake(minutes / 60)
        self.sudo().prepaid_minutes = minutes

    def _kept_minutes(self, percent):
        return int(self.prepaid_minutes * percent / 100)
