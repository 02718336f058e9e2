from odoo import fields, models


class VolunteerKind(models.Model):
    """What volunteers do: reception, workshops, administration… Each kind may have an hourly rate of its own."""

    _name = "fabloch.volunteer.kind"
    _description = "Kind of volunteering"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer(string="Colour")
    active = fields.Boolean(default=True)
    rate_ids = fields.One2many("fabloch.volunteer.rate", "kind_id", "Rates of its own")

    _name_unique = models.UniqueIndex("(name)", "There is a kind of volunteering of this name already.")
