from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import clock


class Charge(models.Model):
    _inherit = "fabloch.charge"

    booking_id = fields.Many2one(
        "fabloch.booking", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    rate_id = fields.Many2one(
        "fabloch.rate",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The unit of time charged; none for the consumables of a booking.",
    )

    outdated = fields.Boolean(
        "No longer the price",
        readonly=True,
        copy=False,
        help="The booking was cancelled, or charged anew by a move, since this was invoiced: it isn't charged again.",
    )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"booking_id", "outdated", "rate_id"}

    def action_reinvoice(self):
        for charge in self:
            if charge.outdated:
                raise UserError(
                    self.env._(
                        "%(booking)s was cancelled, or has moved and was charged anew, since “%(charge)s” was "
                        "invoiced: add a charge for what is still owed.",
                        booking=charge.booking_id.display_name,
                        charge=charge.display_name,
                    )
                )
        return super().action_reinvoice()

    def _reinvoice_vals(self):
        return {**super()._reinvoice_vals(), "booking_id": self.booking_id.id, "rate_id": self.rate_id.id}

    def _is_coverable(self):
        return bool(self.booking_id) or super()._is_coverable()

    def _cover_date(self):
        booking = self.booking_id
        return booking._local(booking.start).date() if booking else super()._cover_date()

    # A booking is charged when it is confirmed and billed once it is over: the day alone doesn't say that it is.

    @api.model
    def _due_domain(self, company, today):
        over = (
            Domain("booking_id", "=", False)
            | Domain("date", "<", today)
            | Domain("booking_id.stop", "<=", clock.now())
            | Domain("booking_id.state", "in", ["cancelled", "no_show"])
        )
        return super()._due_domain(company, today) & over

    @api.model
    def _monthly_due_domain(self, cut_off):
        # What is booked on that very day isn't over when the night invoices it: the night after would make a second
        # invoice for it alone.
        return super()._monthly_due_domain(cut_off) & (Domain("booking_id", "=", False) | Domain("date", "<", cut_off))

    def _billable(self, date):
        charges = super()._billable(date)
        if self.env.context.get("fabloch_invoice_ahead"):
            return charges
        return charges.filtered(lambda charge: charge._is_over())

    def _is_over(self):
        """Return whether what is charged has taken place: the booking, or its month."""
        booking = self.booking_id
        return (
            not booking
            or booking.state in ("cancelled", "no_show")
            or booking.stop <= clock.now()
            or self.date < booking._local(clock.now()).date()
        )

    def action_remove_consumable(self):
        """Take back consumables that were noted by mistake, while they aren't invoiced.

        :raises UserError: when one is no consumable of a booking, or is invoiced.
        """
        for charge in self:
            if not charge.booking_id or charge.rate_id:
                raise UserError(self.env._("%s is no consumable of a booking.", charge.display_name))
        self.booking_id.check_access("write")
        self.sudo().unlink()
        return {"type": "ir.actions.act_window_close"}
