from typing import NamedTuple

from odoo import models

from .booking import LIVE_STATES


class CancelForecast(NamedTuple):
    """What cancelling a booking now would do. Amounts are untaxed."""

    percent: float  # of the price that is kept
    kept: float
    credited: float  # by credit notes, of what is invoiced
    dropped: float  # of what isn't invoiced yet
    invoices: models.BaseModel  # those that are credited
    minutes_back: int  # of prepaid time


class BookingCancel(models.Model):
    """What a cancellation would keep and give back, said before it is done."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.booking"

    def _cancel_forecasts(self, waive=False):
        """Return {booking: `CancelForecast`} of `action_cancel` at this moment; writes nothing.

        :param bool waive: as of `action_cancel`.
        """
        forecasts = {}
        for booking in self:
            percent = 0.0 if waive or booking.state not in LIVE_STATES else booking._cancellation_share()
            charges = booking._time_charges().filtered(lambda charge: charge.state != "waived")
            # A draft that was never posted is no invoice yet.
            invoiced = charges.filtered(lambda charge: charge.invoice_id.state == "posted")
            credited = dict.fromkeys(charges, 0.0)
            kept = {charge: charge._amounts(*charge._kept(percent))["total_excluded"] for charge in charges}
            if percent < 100:
                credited.update((charge, charge._left_to_credit(100 - percent)[0]) for charge in invoiced)
            for charge in invoiced:
                kept[charge] = charge.amount - charge.amount_credited - credited[charge]
            currency = booking.currency_id
            forecasts[booking] = CancelForecast(
                percent=percent,
                kept=currency.round(sum(kept.values())),
                credited=currency.round(sum(credited.values())),
                dropped=currency.round(sum(charge.amount - kept[charge] for charge in charges - invoiced)),
                invoices=invoiced.filtered(lambda charge, found=credited: found[charge]).invoice_id,
                minutes_back=booking.prepaid_minutes - booking._kept_minutes(percent) if booking._live_uses() else 0,
            )
        return forecasts
