from odoo import api, models


class SettingsMixin(models.AbstractModel):
    """What is read once and kept in the registry's cache, and what it is read from: a change empties that cache."""

    _name = "fabloch.settings.mixin"
    _description = "Settings that are kept in memory"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
