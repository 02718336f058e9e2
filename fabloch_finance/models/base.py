import math

from odoo import Command, api, models
from odoo.api import NewId
from odoo.exceptions import ValidationError

from ..arguments import LARGEST

# Commands of lists of records whose second part is a record's id.
UPDATING = (Command.UPDATE, Command.DELETE, Command.UNLINK, Command.LINK)


def _is_storable(field, value):
    """Return whether the database can hold `value`, and whether sums can still be made with it."""
    if field.type in ("float", "monetary"):
        return not isinstance(value, float) or math.isfinite(value)
    if field.type in ("integer", "many2one"):
        if isinstance(value, (int, float)):
            return math.isfinite(value) and abs(value) <= LARGEST and (field.type == "integer" or value is not True)
        return field.type == "integer" or not isinstance(value, (str, list, dict))
    if field.type in ("one2many", "many2many"):
        return not isinstance(value, (list, tuple)) or all(map(_is_command, value))
    if isinstance(value, str):
        return "\x00" not in value and (value.isascii() or _is_encodable(value))
    return field.type not in ("char", "text", "html") or not isinstance(value, (list, dict))


def _is_command(item):
    """Return whether no record that this item of a list of records names has a number that none can have."""
    if not isinstance(item, (list, tuple)):
        return _may_name(item)
    code, number, numbers = (*item, None, None, None)[:3]
    if code in UPDATING:
        return _may_name(number)
    return code != Command.SET or not isinstance(numbers, (list, tuple)) or all(map(_may_name, numbers))


def _may_name(number):
    return isinstance(number, NewId) or (isinstance(number, int) and abs(number) <= LARGEST)


def _is_encodable(text):
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        return False
    return True


class Base(models.AbstractModel):
    """No record of ours takes a value that the database can't hold, or that spoils every sum it is in.

    RPC and imports pass on whatever they are sent: "not a number" is a number to PostgreSQL, and a total with it is
    none any more.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        if self._name.startswith("fabloch."):
            for vals in vals_list:
                self._check_storable(vals)
        return super().create(vals_list)

    def write(self, vals):
        if self._name.startswith("fabloch."):
            self._check_storable(vals)
        return super().write(vals)

    def _check_storable(self, vals):
        """Refuse what the database can't hold; a model calls it before it looks into `vals` by itself.

        :raises ValidationError: with the field's name and the value.
        """
        if not isinstance(vals, dict):  # refused by Odoo itself
            return
        for name, value in vals.items():
            field = self._fields.get(name)
            if field and not _is_storable(field, value):
                raise ValidationError(
                    self.env._(
                        "“%(field)s” can't be this: %(value)s. Give it a value of its kind, of an ordinary size.",
                        field=field._description_string(self.env) or name,
                        value=ascii(value)[:100],
                    )
                )
