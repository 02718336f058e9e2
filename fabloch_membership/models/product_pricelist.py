from odoo import api, fields, models


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

    @api.model
    def _of_partners_on(self, pairs):
        """Return {(partner, day): pricelist}: what each of the (partner, day) `pairs` pays by on that day.

        The pricelist chosen by hand on the contact, or else the one of the membership that runs on that day, or else
        Odoo's own choice. Three queries or so, whatever the number of pairs.
        """
        if not self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            return dict.fromkeys(pairs, self.browse())
        Partner = self.env["res.partner"]
        of_member = Partner._member_pricelists_on([(partner.id, day) for partner, day in pairs])
        chosen = {
            partner: partner.specific_property_product_pricelist._get_partner_pricelist_multi_filter_hook()
            for partner in Partner.union(*(partner for partner, _day in pairs))
        }
        found = {
            (partner, day): chosen[partner] or of_member.get((partner.id, day), self.browse()) for partner, day in pairs
        }
        # Past the members' own method, on purpose: these aren't members on the day, whatever they are today.
        visitors = Partner.union(*(partner for (partner, _day), pricelist in found.items() if not pricelist))
        otherwise = super()._get_partner_pricelist_multi(visitors.ids) if visitors else {}
        return {
            (partner, day): pricelist or otherwise.get(partner.id, self.browse())
            for (partner, day), pricelist in found.items()
        }

    def _get_partner_pricelist_multi_search_domain_hook(self, company_id):
        # Odoo gives the first pricelist that it finds to whoever has none: never member prices.
        return [
            *super()._get_partner_pricelist_multi_search_domain_hook(company_id),
            ("membership_plan_ids", "=", False),
        ]
