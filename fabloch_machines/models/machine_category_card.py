from odoo import api, fields, models

from .machine_verdict import _span


class MachineCategoryCard(models.Model):
    """What the forms show of a category beside its settings: who pays what, and its policy in words."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine.category"

    price_html = fields.Html("Who pays what", compute="_compute_price_html", compute_sudo=True, sanitize=False)

    @api.depends("rate_ids.minutes", "rate_ids.product_id", "rate_ids.machine_id")
    @api.depends_context("lang", "company")
    def _compute_price_html(self):
        rates = [category._origin.rate_ids.filtered(lambda rate: not rate.machine_id) for category in self]
        for category, table in zip(self, self.env["fabloch.rate"]._price_tables(rates), strict=True):
            category.price_html = table

    def _policy_text(self):
        """Say this category's policy in a few lines, in the user's language."""
        self.ensure_one()
        lines = []
        if not self.requires_authorisation:
            lines.append(self.env._("No authorisation needed."))
        elif self.authorisation_months:
            lines.append(self.env._("Authorisation needed, valid for %s months.", self.authorisation_months))
        else:
            lines.append(self.env._("Authorisation needed, without end."))
        if self.quota_hours_week:
            lines.append(self.env._("At most %s a week and person.", _span(self.quota_hours_week * 60)))
        lines.append(
            self.env._(
                "Cancelled until %(hours)s before: free; later: %(late)s %% of the price. Nobody came: %(absent)s %%.",
                hours=_span(self.free_cancel_hours * 60),
                late=f"{self.late_cancel_percent:g}",
                absent=f"{self.no_show_percent:g}",
            )
        )
        return "\n".join(lines)
