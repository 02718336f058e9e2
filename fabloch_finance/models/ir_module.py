from odoo import models

from odoo.addons.account.models.ir_module import templ

from .template_fr_association import TEMPLATE_CODE


class IrModuleModule(models.Model):
    """Modules, where this addon declares its chart of accounts.

    Odoo looks for charts only in modules of its category of charts; this addon is an
    application that brings one.
    """

    _inherit = "ir.module.module"

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
