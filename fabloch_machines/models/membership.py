from odoo import fields, models
from odoo.tools import format_date


class Membership(models.Model):
    """A membership grants the hours that its plan includes, for its period."""

    _inherit = "fabloch.membership"

    allowance_ids = fields.One2many("fabloch.allowance", "membership_id", "Hours included", readonly=True, copy=False)

    def _confirm(self, date=None, invoice=None):
        result = super()._confirm(date=date, invoice=invoice)
        including = self.sudo().filtered("plan_id.included_hours")
        if including:
            self.env["fabloch.allowance"].sudo().create(
                [membership._prepare_included_vals() for membership in including]
            )
        return result

    def _prepare_included_vals(self):
        """Values of the allowance of the hours that this membership includes.

        Without beneficiaries of its own: the holder and its people use it, and whom the membership covers at that
        moment (`fabloch.allowance._people_domain`). How it ends early is read from the membership, too.
        """
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        here = self.with_context(lang=lang)
        return {
            "membership_id": self.id,
            "name": here.env._(
                "Included in %(plan)s, %(start)s – %(end)s",
                plan=here.plan_id.name,
                start=format_date(here.env, self.date_start, lang_code=lang),
                end=format_date(here.env, self.date_end, lang_code=lang),
            ),
            "partner_id": self.partner_id.id,
            "product_ids": [fields.Command.set(self.plan_id.included_category_ids.product_id.ids)],
            "unit": "hour",
            "quantity": self.plan_id.included_hours,
            "date_from": self.date_start,
            "date_to": self.date_end,
            "company_id": self.company_id.id,
        }

    def write(self, vals):
        result = super().write(vals)
        if {"date_start", "date_end"}.intersection(vals):
            for membership in self.sudo().filtered("allowance_ids"):
                membership.allowance_ids.write({"date_from": membership.date_start, "date_to": membership.date_end})
        return result
