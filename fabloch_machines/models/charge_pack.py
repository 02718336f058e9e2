from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .machine_verdict import _span

# What the hours follow from: they are granted anew when one of these changes.
PACK_FIELDS = {"partner_id", "product_id", "quantity"}


class ChargePack(models.Model):
    """A charge of a prepaid pack grants its hours, whatever made it: the wizard, a form, an import.

    - Waived, or credited whole, what is left of the hours can't be used any more (`fabloch.allowance.taken_back`);
      what was used stays used. Both can be undone, and the hours are back.
    - Deleted while nothing was used, the hours are deleted with it; else it is refused.
    - Charged again after a credit note, the new charge takes over the hours as they are.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    allowance_ids = fields.One2many("fabloch.allowance", "charge_id", "Prepaid hours", readonly=True, copy=False)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"allowance_ids"}

    @api.model_create_multi
    def create(self, vals_list):
        charges = super().create(vals_list)
        charges._grant_packs()
        return charges

    def write(self, vals):
        changed = self.browse()
        if PACK_FIELDS.intersection(vals):
            before = {charge: tuple(charge[name] for name in sorted(PACK_FIELDS)) for charge in self}
        result = super().write(vals)
        if PACK_FIELDS.intersection(vals):
            changed = self.filtered(
                lambda charge: before[charge] != tuple(charge[name] for name in sorted(PACK_FIELDS))
            )
            changed._ungrant_packs(self.env._("changed"))
            changed._grant_packs()
        return result

    def unlink(self):
        self._ungrant_packs(self.env._("deleted"))
        return super().unlink()

    @api.depends("product_id")
    def _compute_name(self):
        result = super()._compute_name()
        for charge in self:
            if charge._is_pack():
                charge.name = charge._pack_name()
        return result

    def _is_pack(self):
        """Return whether this charge sells prepaid hours. The time of a booking never does."""
        # The rate first: the time of a booking shall not read its product just to see this.
        return bool(not self.rate_id and self.quantity > 0 and self.product_id.fabloch_pack_hours)

    def _pack_name(self):
        """Say what is sold, in the user's language: the pack, its hours, until when."""
        lang = self.partner_id.lang or self.env.lang
        product = self.product_id.with_context(lang=lang)
        end = product._pack_end(self.date or fields.Date.context_today(self), product.fabloch_pack_months)
        words = {
            "pack": product.get_product_multiline_description_sale(),
            "hours": _span(product.fabloch_pack_hours * 60),
        }
        env = product.env
        if end:
            return env._("%(pack)s: %(hours)s, until %(end)s", end=format_date(env, end, lang_code=lang), **words)
        return env._("%(pack)s: %(hours)s", **words)

    def _grant_packs(self):
        """Grant the hours of those of these charges that sell a pack, in one go."""
        packs = self.sudo().filtered(lambda charge: charge._is_pack())
        if not packs:
            return
        # The charge that takes a credited one's place takes over its hours, used or not.
        again = packs.filtered("origin_charge_id.allowance_ids")
        for charge in again:
            charge.origin_charge_id.allowance_ids.charge_id = charge
        self.env["fabloch.allowance"].sudo().create([charge._prepare_pack_vals() for charge in packs - again])

    def _prepare_pack_vals(self):
        """Values of the allowance that this charge of a pack grants."""
        self.ensure_one()
        product = self.product_id
        # A product may be sold by several companies, each for its own machines.
        wanted = product.fabloch_pack_category_ids
        categories = wanted.filtered(lambda category: category.company_id == self.company_id)
        if wanted and not categories:
            raise UserError(
                self.env._(
                    "“%(pack)s” is for no machine of %(company)s: add its categories of machines to the product.",
                    pack=product.display_name,
                    company=self.company_id.name,
                )
            )
        return {
            "charge_id": self.id,
            "name": product.with_context(lang=self.partner_id.lang or self.env.lang).display_name,
            "partner_id": self.partner_id.id,
            "product_ids": [fields.Command.set(categories.product_id.ids)],
            "unit": "hour",
            "quantity": product.fabloch_pack_hours * self.quantity,
            "date_from": self.date,
            "date_to": product._pack_end(self.date, product.fabloch_pack_months),
            "company_id": self.company_id.id,
        }

    def _ungrant_packs(self, verb):
        """Take the hours of these charges back whole.

        :raises UserError: when some were used.
        """
        allowances = self.sudo().allowance_ids
        for allowance in allowances.filtered("use_ids"):
            raise UserError(
                self.env._(
                    "%(used)s of “%(pack)s” are used, so its charge can't be %(verb)s. Waive it, or make a credit note "
                    "once it is invoiced: what is left can't be used then, and what was used stays.",
                    used=_span(allowance.quantity_used * 60),
                    pack=allowance.name,
                    verb=verb,
                )
            )
        allowances.unlink()
