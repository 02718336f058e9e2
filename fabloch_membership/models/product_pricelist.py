from odoo import fields, models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    membership_plan_ids = fields.One2many("fabloch.membership.plan", "pricelist_id", "Membership plans")

    def _get_partner_pricelist_multi(self, partner_ids):
        """Members get their plan's prices, unless a pricelist was chosen by hand on the contact.

        Odoo asks this method whenever it needs a partner's pricelist, so that member prices begin and end with
        the membership, with nothing to repair in between.
        """
        result = super()._get_partner_pricelist_multi(partner_ids)
        if not self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            return result
        partners = self.env["res.partner"].with_context(active_test=False).browse(partner_ids)
        of_member = partners._member_pricelists()
        for partner in partners:
            chosen = partner.specific_property_product_pricelist._get_partner_pricelist_multi_filter_hook()
            if not chosen and (pricelist := of_member.get(partner._origin.id)):
                result[partner.id] = pricelist
        return result

    def _get_partner_pricelist_multi_search_domain_hook(self, company_id):
        # Odoo gives the first pricelist that it finds to whoever has none: never member prices.
        return [
            *super()._get_partner_pricelist_multi_search_domain_hook(company_id),
            ("membership_plan_ids", "=", False),
        ]
