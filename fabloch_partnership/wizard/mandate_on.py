from odoo import fields, models
from odoo.exceptions import UserError


class MandateOn(models.TransientModel):
    """Who represents us where, on a date: on the screen, or printed for the annual report."""

    _name = "fabloch.mandate.on"
    _description = "Who represents us, on a date"

    date = fields.Date("On", required=True, default=fields.Date.context_today)
    network_ids = fields.Many2many(
        "res.partner", string="Networks", domain=[("is_network", "=", True)], help="All of them when empty."
    )

    def _mandates(self):
        self.ensure_one()
        domain = [("active_on", "=", self.date), ("company_id", "in", self.env.companies.ids)]
        if self.network_ids:
            domain.append(("network_id", "in", self.network_ids.ids))
        return self.env["fabloch.mandate"].search(domain)

    def action_show(self):
        """Open the list of the mandates held on the date."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.mandate_action")
        return action | {
            "name": self.env._("Who represents us on %s", self._date_text()),
            "domain": [("id", "in", self._mandates().ids)],
            "context": {},
        }

    def action_print(self):
        """Print the list of the mandates held on the date.

        :raises UserError: when there is none.
        """
        if not (mandates := self._mandates()):
            raise UserError(self.env._("Nobody of ours holds a mandate on %s: choose another date.", self._date_text()))
        report = self.env.ref("fabloch_partnership.mandate_report_action")
        return report.report_action(mandates, data={"ids": mandates.ids, "date": fields.Date.to_string(self.date)})

    def _date_text(self):
        return self.env["ir.qweb.field.date"].value_to_html(self.date, {})
