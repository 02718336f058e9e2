from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils


class EnvelopeStatementWizard(models.TransientModel):
    """Asks for which period an envelope's statement is printed or sent."""

    _name = "fabloch.envelope.statement"
    _description = "Statement of envelopes"

    allowance_ids = fields.Many2many(
        "fabloch.allowance",
        string="Envelopes",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
        domain=[("convention_id", "!=", False)],
    )
    date_from = fields.Date("From", required=True, default=lambda self: self._default_dates()[0])
    date_to = fields.Date("To", required=True, default=lambda self: self._default_dates()[1])

    @api.model
    def _default_dates(self):
        """The whole envelope until today, when there is but one; the year until today otherwise."""
        today = fields.Date.context_today(self)
        envelope = self.env["fabloch.allowance"].browse(self.env.context.get("active_ids") or [])
        if len(envelope) == 1 and envelope.date_from:
            statement = envelope._statement()
            return statement.date_from, statement.date_to
        return date_utils.start_of(today, "year"), today

    def _check(self):
        self.ensure_one()
        if self.date_to < self.date_from:
            raise UserError(self.env._("The period ends before it starts: correct its dates."))
        if foreign := self.allowance_ids.filtered(lambda allowance: not allowance.convention_id):
            raise UserError(self.env._("“%s” is granted by no convention: there is nobody to tell.", foreign[0].name))

    def action_print(self):
        """Open the statement as PDF."""
        self._check()
        data = {"date_from": fields.Date.to_string(self.date_from), "date_to": fields.Date.to_string(self.date_to)}
        report = self.env.ref("fabloch_partnership.action_report_envelope_statement")
        return report.report_action(self.allowance_ids, data=data, config=False)

    def action_send(self):
        """Mail the statement to the partners; it is kept in the conventions' threads."""
        self._check()
        self.allowance_ids.convention_id.check_access("write")
        self.allowance_ids._send_statement(self.date_from, self.date_to)
        return {"type": "ir.actions.act_window_close"}
