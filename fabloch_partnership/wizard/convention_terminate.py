from odoo import api, fields, models


class ConventionTerminate(models.TransientModel):
    """Asks for the last day of a convention and the reason, and shows what falls with it."""

    _name = "fabloch.convention.terminate"
    _description = "End a convention"

    convention_id = fields.Many2one("fabloch.convention", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="convention_id.currency_id")
    notice_end = fields.Date("A notice given today ends it on", compute="_compute_notice_end")
    date = fields.Date("Last day", compute="_compute_date", store=True, readonly=False, precompute=True, required=True)
    reason = fields.Char(help="Needed when it ends earlier than a notice given today allows.")
    early = fields.Boolean(compute="_compute_early")
    dropped_ids = fields.Many2many("fabloch.convention.instalment", compute="_compute_after")
    kept_ids = fields.Many2many("fabloch.convention.instalment", compute="_compute_after", string="Stays")
    booking_count = fields.Integer("Bookings cancelled", compute="_compute_booking_count")

    @api.depends("convention_id")
    def _compute_notice_end(self):
        for wizard in self:
            wizard.notice_end = wizard.convention_id and wizard.convention_id._notice_end()

    @api.depends("convention_id")
    def _compute_date(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            convention = wizard.convention_id
            wizard.date = (convention.tacit_renewal and wizard.notice_end) or today

    @api.depends("date", "notice_end")
    def _compute_early(self):
        for wizard in self:
            wizard.early = bool(wizard.date and wizard.notice_end) and wizard.date < wizard.notice_end

    @api.depends("date", "convention_id")
    def _compute_after(self):
        for wizard in self:
            convention = wizard.convention_id
            later = (convention + convention.amendment_ids).instalment_ids.filtered(
                lambda each, day=wizard.date: day and each.date > day and each.state != "cancelled"
            )
            dropped = later.filtered(lambda each: each._can_be_dropped())
            wizard.dropped_ids = dropped
            wizard.kept_ids = later - dropped

    @api.depends("date", "convention_id")
    def _compute_booking_count(self):
        for wizard in self:
            bookings = wizard.date and wizard.convention_id._hosted_bookings_after(wizard.date)
            wizard.booking_count = len(bookings or ())

    def action_terminate(self):
        """End the convention on the day and for the reason given."""
        self.ensure_one()
        self.convention_id.action_terminate(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
