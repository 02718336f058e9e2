from odoo import api, fields, models
from odoo.tools import SQL


class ForecastReport(models.Model):
    _inherit = "fabloch.forecast.report"
    _depends = {
        "fabloch.membership": [
            "cancel_date",
            "company_id",
            "confirm_date",
            "date_end",
            "grace_until",
            "in_order",
            "partner_id",
            "plan_id",
            "previous_id",
        ],
        "fabloch.membership.plan": ["active", "name", "product_id"],
        "product.template": ["list_price"],
        "product.template.attribute.value": ["price_extra"],
        "res.partner": ["active"],
    }

    source = fields.Selection(selection_add=[("renewal", "Renewal due")])

    @api.model
    def _sources(self):
        return {**super()._sources(), "renewal": self._renewal_source()}

    @api.model
    def _likely_sources(self):
        # Nobody has signed for the next period: what share renews is a matter of experience.
        return super()._likely_sources() | {"renewal"}

    @api.model
    def _renewal_source(self):
        """Memberships in order whose grace isn't over and that nothing confirmed follows: the plan's whole fee, on the
        day after the end.

        A following one that is still a draft is charged on confirmation only: until then it is a renewal due. Taxes
        that the fee's price includes are not taken off.
        """
        return SQL(
            """
            SELECT membership.id AS key, 'fabloch.membership' AS res_model, membership.id AS res_id,
                   membership.date_end + 1 AS due_date,
                   GREATEST(membership.date_end + 1, %(today)s::date) AS date,
                   membership.company_id, membership.partner_id, %(account)s AS account_id, fee.amount,
                   COALESCE(plan.name->>%(lang)s, plan.name->>'en_US') AS label
              FROM fabloch_membership membership
              JOIN fabloch_membership_plan plan ON plan.id = membership.plan_id
              JOIN res_partner member ON member.id = membership.partner_id
        CROSS JOIN LATERAL (
                       SELECT template.list_price + COALESCE((
                                  SELECT SUM(value.price_extra)
                                    FROM product_variant_combination combination
                                    JOIN product_template_attribute_value value
                                      ON value.id = combination.product_template_attribute_value_id
                                   WHERE combination.product_product_id = product.id), 0.0) AS amount
                         FROM product_product product
                         JOIN product_template template ON template.id = product.product_tmpl_id
                        WHERE product.id = plan.product_id
                   ) fee
             WHERE membership.confirm_date IS NOT NULL AND membership.cancel_date IS NULL AND membership.in_order
               AND membership.grace_until >= %(today)s::date AND plan.active AND member.active AND fee.amount > 0
               AND NOT EXISTS (
                       SELECT FROM fabloch_membership later
                        WHERE later.confirm_date IS NOT NULL AND later.cancel_date IS NULL
                          AND (later.previous_id = membership.id
                               OR later.partner_id = membership.partner_id AND later.plan_id = membership.plan_id
                                  AND later.date_end > membership.date_end))
            """,
            account=self._income_account_sql(SQL("plan.product_id"), SQL("membership.company_id")),
            lang=self.env.lang or "en_US",
            today=self.env["fabloch.membership"]._today(),
        )
