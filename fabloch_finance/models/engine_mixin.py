from odoo import api, models
from odoo.exceptions import AccessError

from ..guard import without_defaults


class EngineMixin(models.AbstractModel):
    """Fields that only the engine and the actions set, never a form, an import or a call from outside.

    The engine works in superuser mode, which no call from outside has. A model calls `_check_engine_fields` at the
    beginning of its `write`.
    """

    _name = "fabloch.engine.mixin"
    _description = "Fields that only the engine sets"

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, self._engine_fields())
        self._check_engine_create(vals_list)
        return super().create(vals_list)

    @api.model
    def _engine_fields(self):
        """Return the names of the fields that only the engine and the actions set; upper addons add their own."""
        return set()

    def _check_engine_create(self, vals_list):
        """Refuse these fields at creation. A model whose `create` sets some of them checks before, and not here."""
        self._check_engine_fields(vals_list)

    def _check_engine_fields(self, vals_list):
        """Refuse values of these fields to whoever isn't the engine.

        :param list vals_list: the values given to `create`, or `[vals]` of a `write`.
        :raises AccessError: with the words of `_engine_refusal`.
        """
        if self.env.su:
            return
        if forbidden := self._engine_fields().intersection(name for vals in vals_list for name in vals):
            raise AccessError(self._engine_refusal(sorted(forbidden)))

    def _engine_refusal(self, names):
        """Return what to tell who tried to set the fields `names`: from what they follow, and what to do instead."""
        return self.env._("Only the buttons set these fields: %s.", ", ".join(names))
