from odoo import fields, models


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "fabloch.settings.mixin"]

    fabloch_hold_minutes = fields.Integer(
        "Bookings are held for (minutes)",
        default=15,
        required=True,
        help="A booking that isn't confirmed by then frees its period.",
    )
    fabloch_wait_minutes = fields.Integer(
        "Offers to the waitlist last (minutes)",
        default=120,
        required=True,
        help="Whoever waits for a period that has become free has so long to confirm it; then the next one is asked.",
    )
    fabloch_booking_reminder = fields.Boolean("Reminder the day before", default=True)

    fabloch_machine_days_until = fields.Date(
        "Open hours noted until", readonly=True, help="The last day whose open hours the scheduled action has noted."
    )

    _fabloch_hold_positive = models.Constraint(
        "CHECK (fabloch_hold_minutes > 0 AND fabloch_wait_minutes > 0)",
        "Holds and offers last at least one minute.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            # The hours of the machines that have none of their own: `fabloch.machine._settings`.
            self.env.registry.clear_cache()
        return result
