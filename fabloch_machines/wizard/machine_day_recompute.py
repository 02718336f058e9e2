from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import clock, periods


class MachineDayRecompute(models.TransientModel):
    """Notes the open hours of past days anew: they were wrong then, or bookings are older than their machine here."""

    _name = "fabloch.machine.day.recompute"
    _description = "Recompute open hours"

    def _default_date_to(self):
        return fields.Date.context_today(self) - timedelta(days=1)

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date_from = fields.Date(
        "From", required=True, default=lambda self: fields.Date.start_of(self._default_date_to(), "month")
    )
    date_to = fields.Date("To", required=True, default=lambda self: self._default_date_to())
    machine_ids = fields.Many2many(
        "fabloch.machine", string="Machines", help="All of the company when there are none.", check_company=True
    )

    _dates_ordered = models.Constraint("CHECK (date_to >= date_from)", "The period ends on or after its first day.")

    def action_recompute(self):
        """Note the open hours of the period anew, from the hours, capacities and closures as they are now."""
        self.ensure_one()
        self.check_access("write")
        Day = self.env["fabloch.machine.day"]
        machines = self.machine_ids or Day._machines_of(self.company_id)
        zones = {machines._settings(machine.id).tz for machine in machines}
        today = min((periods.to_local(clock.now(), tz).date() for tz in zones), default=self.date_to)
        if self.date_to >= today:
            raise UserError(
                self.env._(
                    "Only days that are over have their open hours noted: choose a period that ends before today."
                )
            )
        Day._fill(machines.sudo(), self.date_from, self.date_to, anew=True)
        return {"type": "ir.actions.act_window_close"}

    @api.onchange("company_id")
    def _onchange_company_id(self):
        self.machine_ids = self.machine_ids.filtered(lambda machine: machine.company_id == self.company_id)
