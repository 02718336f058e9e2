from odoo import models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class IrModelFields(models.Model):
    """Fields as the database knows them: a module that goes takes its own, and no other's.

    With a field of contacts Odoo removes every field that users inherit from contacts and that is computed from it. The
    prices of the memberships made it remove `res.users.property_product_pricelist`, which is of `product` and stays.
    """

    _inherit = "ir.model.fields"

    def _prepare_update(self):
        removed = super()._prepare_update()
        added = removed - self
        if not added or not self.env.context.get(MODULE_UNINSTALL_FLAG):
            return removed
        names = self.env["ir.model.data"].search([("model", "=", self._name), ("res_id", "in", added.ids)])
        modules = self.env["ir.module.module"].search([("name", "in", names.mapped("module"))])
        staying = set(modules.filtered(lambda module: module.state != "to remove").mapped("name"))
        kept = names.filtered(lambda name: name.module in staying)
        return removed - self.browse(kept.mapped("res_id"))
