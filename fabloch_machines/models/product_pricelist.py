from decimal import Decimal
from typing import NamedTuple

from odoo import api, models, tools


class PriceCard(NamedTuple):
    """What services cost by one pricelist, in the company's currency: read once, kept until something changes it."""

    prices: dict  # {product id: price of one unit}: Decimal, whole cents
    uom_ids: dict  # {product id: unit of measure}
    taxed: frozenset  # products with taxes in this company


class ProductPricelist(models.Model):
    _name = "product.pricelist"
    _inherit = ["product.pricelist", "fabloch.settings.mixin"]

    @api.model
    def _price_card(self, pricelist, product_ids, company_id, day):
        """Return the `PriceCard` of these products by `pricelist` (which may be empty) on the day `day`."""
        changes = self._changes_with(pricelist.id, company_id)
        if changes == "rates":
            return self._make_price_card(pricelist.id, product_ids, company_id, day)
        return self._cached_price_card(pricelist.id, product_ids, company_id, day if changes == "days" else None)

    @api.model
    @tools.ormcache("pricelist_id", "company_id")
    def _changes_with(self, pricelist_id, company_id):
        """Return what prices may change with though nobody writes any: currency `rates`, `days`, or nothing."""
        pricelist = self.sudo().browse(pricelist_id or [])
        if pricelist.currency_id != self.env["res.company"].sudo().browse(company_id).currency_id and pricelist:
            return "rates"
        items = pricelist.item_ids
        dated = items.filtered(lambda item: item.date_start or item.date_end or item.base == "pricelist")
        return "days" if dated else None

    @api.model
    @tools.ormcache("pricelist_id", "product_ids", "company_id", "day")
    def _cached_price_card(self, pricelist_id, product_ids, company_id, day):
        return self._make_price_card(pricelist_id, product_ids, company_id, day)

    @api.model
    def _make_price_card(self, pricelist_id, product_ids, company_id, day):
        company = self.env["res.company"].sudo().browse(company_id)
        pricelist = self.sudo().with_company(company).browse(pricelist_id or [])
        products = self.env["product.product"].sudo().with_company(company).browse(product_ids)
        currency = company.currency_id
        found = pricelist._get_products_price(products, 1.0, currency=currency, date=day or False)
        return PriceCard(
            prices={
                product_id: Decimal(f"{currency.round(price):.{currency.decimal_places}f}")
                for product_id, price in found.items()
            },
            uom_ids={product.id: product.uom_id.id for product in products},
            taxed=frozenset(product.id for product in products if product.taxes_id._filter_taxes_by_company(company)),
        )

    @api.model
    def _of_visitors(self):
        """Return the pricelist (empty: the public prices) of whoever is no member, in the company's own country."""
        if not self._feature_is_on():
            return self.browse()
        country = self.env.company.country_id
        return self._get_country_pricelist_multi(country.ids)[country.id]

    @api.model
    def _feature_is_on(self):
        """Return whether pricelists are used at all: without the feature, Odoo ignores them."""
        return self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist")

    def _get_country_pricelist_multi(self, country_ids):
        """Whoever has no pricelist gets their country's: asked at each booking of a visitor, so it is kept."""
        if self.env.context.get("country_code") or self.env.context.get("fabloch_uncached"):
            return super()._get_country_pricelist_multi(country_ids)
        found = self._country_pricelist_ids(tuple(sorted(country_ids)), self.env.company.id)
        return {country_id: self.browse(pricelist_id) for country_id, pricelist_id in found.items()}

    @api.model
    @tools.ormcache("country_ids", "company_id")
    def _country_pricelist_ids(self, country_ids, company_id):
        found = self.with_context(fabloch_uncached=True)._get_country_pricelist_multi(list(country_ids))
        return {country_id: pricelist.id for country_id, pricelist in found.items()}


class ProductPricelistItem(models.Model):
    _name = "product.pricelist.item"
    _inherit = ["product.pricelist.item", "fabloch.settings.mixin"]


class ResCountryGroup(models.Model):
    _name = "res.country.group"
    _inherit = ["res.country.group", "fabloch.settings.mixin"]


class ProductCategory(models.Model):
    _name = "product.category"
    _inherit = ["product.category", "fabloch.settings.mixin"]


class ProductTemplateAttributeValue(models.Model):
    _name = "product.template.attribute.value"
    _inherit = ["product.template.attribute.value", "fabloch.settings.mixin"]
