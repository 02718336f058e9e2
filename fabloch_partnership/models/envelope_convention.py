from odoo import api, fields, models


class EnvelopeConvention(models.Model):
    """The envelopes that a convention grants."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    envelope_ids = fields.One2many("fabloch.allowance", "convention_id", "Envelopes", readonly=True, copy=False)
    envelope_count = fields.Integer("Number of envelopes", compute="_compute_envelope_count")

    @api.depends("envelope_ids")
    def _compute_envelope_count(self):
        for convention in self:
            convention.envelope_count = len(convention.envelope_ids)

    def action_grant_envelope(self):
        """Open a new envelope of this convention, with its partner and dates."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Envelope"),
            "res_model": "fabloch.allowance",
            "views": [(self.env.ref("fabloch_partnership.envelope_view_form").id, "form")],
            "target": "current",
            "context": {
                "default_convention_id": self.id,
                "default_partner_id": self.partner_id.commercial_partner_id.id,
                "default_company_id": self.company_id.id,
                "default_date_from": self.date_start,
                "default_date_to": self.last_day or self.date_end,
            },
        }

    def action_open_envelopes(self):
        """Open the envelopes of these conventions."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.envelope_action")
        action.update(domain=[("convention_id", "in", self.ids)], context={})
        if len(self.envelope_ids) == 1:
            view = self.env.ref("fabloch_partnership.envelope_view_form")
            action.update(views=[(view.id, "form")], res_id=self.envelope_ids.id)
        return action

    def _statement_pdf(self, date_from=None, date_to=None):
        """Return the PDF of the statement of all envelopes of these conventions; see `fabloch.allowance`."""
        return self.envelope_ids._statement_pdf(date_from, date_to)
