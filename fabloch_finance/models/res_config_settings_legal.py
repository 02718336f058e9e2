from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.config.settings"

    fabloch_vat_regime = fields.Selection(related="company_id.fabloch_vat_regime", readonly=False)
    fabloch_rna = fields.Char(related="company_id.rna", readonly=False)
    fabloch_siret = fields.Char(related="company_id.company_registry", readonly=False)
