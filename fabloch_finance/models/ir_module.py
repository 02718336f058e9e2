from odoo import models

from odoo.addons.account.models.ir_module import templ

from .template_fr_association import TEMPLATE_CODE

# What Odoo reflects of a model in other modules' names (mail's, portal's) goes with the model by cascade: its external
# id stays behind.
DANGLING_IDS = """
    DELETE FROM ir_model_data data
     WHERE (data.model = 'ir.model.fields.selection' AND data.name LIKE 'selection\\_\\_fabloch\\_%'
            AND NOT EXISTS (SELECT FROM ir_model_fields_selection WHERE id = data.res_id))
        OR (data.model = 'ir.model.inherit' AND data.name LIKE 'model\\_inherit\\_\\_fabloch\\_%'
            AND NOT EXISTS (SELECT FROM ir_model_inherit WHERE id = data.res_id))
"""


class IrModuleModule(models.Model):
    """Modules, where this addon declares its chart of accounts, and leaves nothing behind when it or one above it goes.

    Odoo looks for charts only in modules of its category of charts; this addon is an
    application that brings one.
    """

    _inherit = "ir.module.module"

    def module_uninstall(self):
        """Remove also what Odoo forgets of a module, be it its own or one of the house's."""
        # A sequence that goes drops its own counter in the database, those of its years only if they go by themselves.
        owned = self.env["ir.model.data"].search([("module", "in", self.mapped("name")), ("model", "=", "ir.sequence")])
        self.env["ir.sequence"].browse(owned.mapped("res_id")).exists().date_range_ids.unlink()
        removed = self.ids
        result = super().module_uninstall()
        # The columns are gone, and their foreign keys with them: what is written of these keys stays without this.
        self.env.cr.execute("DELETE FROM ir_model_constraint WHERE module = ANY(%s)", [removed])
        self.env.cr.execute(DANGLING_IDS)
        return result

    def _compute_account_templates(self):
        result = super()._compute_account_templates()
        template_data = self.env["account.chart.template"]._get_fr_association_template_data()
        for module in self.filtered(lambda module: module.name == "fabloch_finance"):
            module.account_templates = {
                TEMPLATE_CODE: templ(
                    self.env,
                    TEMPLATE_CODE,
                    name=template_data["name"],
                    parent=template_data["parent"],
                    country=template_data["country"],
                    sequence=1,
                    visible=True,
                    installed=module.state == "installed",
                    module=module.name,
                )
            }
        return result
