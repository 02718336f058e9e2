from odoo import fields, models


class BookingSeries(models.Model):
    """Bookings that were made in one go: every Tuesday morning until June."""

    _name = "fabloch.booking.series"
    _description = "Repeating booking"
    _order = "id desc"

    name = fields.Char("Repeats", required=True, readonly=True)
    rrule = fields.Char("Rule", required=True, readonly=True, help="As iCalendar writes it (RFC 5545).")
    partner_id = fields.Many2one("res.partner", "Booked by", required=True, readonly=True, index=True)
    machine_id = fields.Many2one("fabloch.machine", required=True, readonly=True, index=True)
    company_id = fields.Many2one(related="machine_id.company_id", store=True, index=True)
    booking_ids = fields.One2many("fabloch.booking", "series_id", "Bookings", readonly=True)
