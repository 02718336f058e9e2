from odoo import fields, models


class Opening(models.Model):
    """An exceptional opening: so many hours on a day on which the week's hours say closed."""

    _name = "fabloch.opening"
    _description = "Exceptional opening"
    _inherit = "fabloch.settings.mixin"
    _order = "start desc"

    name = fields.Char("Reason", required=True)
    calendar_id = fields.Many2one("resource.calendar", "Opening hours", required=True, index=True, ondelete="cascade")
    start = fields.Datetime("From", required=True)
    stop = fields.Datetime("To", required=True)
    company_id = fields.Many2one(related="calendar_id.company_id", store=True, index=True)

    _dates_ordered = models.Constraint("CHECK (stop > start)", "An opening ends after it starts.")
