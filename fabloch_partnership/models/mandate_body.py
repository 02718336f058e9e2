from odoo import fields, models


class MandateBody(models.Model):
    """Where a mandate is held: board, bureau, working group… A name that is typed once and proposed afterwards."""

    _name = "fabloch.mandate.body"
    _description = "Body of a network"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(name)", "This body is in the list already: choose it there.")
