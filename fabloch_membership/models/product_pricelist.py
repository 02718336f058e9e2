from odoo import api, fields, models
from odoo.tools import SQL


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
        """Return {(partner, day): (pricelist, member)}: what each of the (partner, day) `pairs` pays by on that day.

        The pricelist chosen by hand on the contact, or else the one of the membership that runs on that day, or else
        Odoo's own choice; and whether there is a membership on that day. A few queries, whatever the number of pairs.
        """
        if not pairs:
            return {}
        Partner = self.env["res.partner"]
        keys = {(partner.id, day) for partner, day in pairs}
        Partner.flush_model(["specific_property_product_pricelist"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.partner_id, asked.day, COALESCE(chosen.id, member.pricelist_id),
                       member.partner_id IS NOT NULL
                  FROM (VALUES %(pairs)s) AS asked (partner_id, day)
                  JOIN res_partner partner ON partner.id = asked.partner_id
                  LEFT JOIN product_pricelist chosen
                    ON chosen.id = (partner.specific_property_product_pricelist ->> %(company)s)::integer
                   AND chosen.active
                  LEFT JOIN (%(members)s) member
                    ON member.partner_id = asked.partner_id AND member.day = asked.day
                """,
                pairs=SQL(", ").join(SQL("(%s, %s::date)", partner_id, day) for partner_id, day in keys),
                company=str(self.env.company.id),
                members=Partner._member_pricelist_sql(keys),
            )
        )
        found = {(partner_id, day): (pricelist_id, member) for partner_id, day, pricelist_id, member in rows}
        enabled = self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist")
        # Past the members' own method, on purpose: these aren't members on the day, whatever they are today.
        without = Partner.union(*(partner for partner, day in pairs if not found[partner.id, day][0]))
        of_country = self._get_country_pricelist_multi(without.country_id.ids) if without and enabled else {}
        otherwise = {partner.id: of_country[partner.country_id.id] for partner in without if enabled}
        result = {}
        for partner, day in pairs:
            pricelist_id, member = found[partner.id, day]
            pricelist = self.browse(pricelist_id) if pricelist_id else otherwise.get(partner.id, self.browse())
            result[partner, day] = (pricelist if enabled else self.browse(), member)
        return result

    def _get_partner_pricelist_multi_search_domain_hook(self, company_id):
        # Odoo gives the first pricelist that it finds to whoever has none: never member prices.
        return [
            *super()._get_partner_pricelist_multi_search_domain_hook(company_id),
            ("membership_plan_ids", "=", False),
        ]
