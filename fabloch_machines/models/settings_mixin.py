from odoo import api, models


class SettingsMixin(models.AbstractModel):
    """What booking settings (`fabloch.machine._settings`) are read from: a change empties their cache."""

    _name = "fabloch.settings.mixin"
    _description = "Part of the booking settings"

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
