from datetime import datetime

from odoo import api, fields, models

from odoo.addons.fabloch_machines import periods

from .machine_host import DAY, _days


class ConventionType(models.Model):
    _inherit = "fabloch.convention.type"

    hosts_machines = fields.Boolean(
        "Provides for machines at the partner's",
        help="Machines that stand at the partner's premises can be booked while such a convention runs.",
    )


class MachineHostConvention(models.Model):
    """The machines that a convention's partner hosts."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    hosted_machine_count = fields.Integer("Machines hosted", compute="_compute_hosted_machine_count")

    @api.depends("partner_id", "type_id.hosts_machines", "company_id")
    def _compute_hosted_machine_count(self):
        machines = self._hosted_machines()
        for convention in self:
            convention.hosted_machine_count = len(convention._own_hosted(machines))

    def _hosted_machines(self):
        """Return the machines at the premises of the partners of those of these conventions that provide for it."""
        hosting = self.filtered("type_id.hosts_machines")
        if not hosting:
            return self.env["fabloch.machine"]
        # What stands in a workshop at the partner's stands there, too.
        hosts = hosting.partner_id.commercial_partner_id.ids
        return (
            self.env["fabloch.machine"]
            .sudo()
            .search(
                [
                    ("company_id", "in", hosting.company_id.ids),
                    "|",
                    ("host_id.commercial_partner_id", "in", hosts),
                    "&",
                    ("host_id", "=", False),
                    ("workshop_id.host_id.commercial_partner_id", "in", hosts),
                ]
            )
        )

    def _own_hosted(self, machines):
        host = self.partner_id.commercial_partner_id
        return machines.filtered(
            lambda machine: (
                self.type_id.hosts_machines
                and machine.company_id == self.company_id
                and (machine.host_id or machine.workshop_id.host_id).commercial_partner_id == host
            )
        )

    def action_open_hosted_machines(self):
        """Open the machines at the partner's premises."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.machine_action")
        action.update(domain=[("id", "in", self._own_hosted(self._hosted_machines()).ids)], context={})
        return action

    def _hosted_bookings_after(self, day):
        """Return the live bookings that could not take place if these conventions ended on `day`: of machines at the
        partner's, with a day after it on which no other convention with the partner runs.

        :param date day: the last day on which these conventions would run.
        """
        day = fields.Date.to_date(day)
        Booking = self.env["fabloch.booking"].sudo()
        machines = self._hosted_machines()
        if not machines:
            return Booking
        earliest = min(
            periods.to_utc(datetime.combine(day + DAY, datetime.min.time()), machine._settings(machine.id).tz)
            for machine in machines
        )
        # What has begun took place, whatever day is written down afterwards.
        earliest = max(earliest, fields.Datetime.now())
        terms = machines._host_terms(ending=(self, day))
        return Booking._live_on(machines, earliest).filtered(
            lambda booking: not terms[booking.machine_id].covers(*_days(booking.start, booking.stop, booking._tz()))
        )

    def _terminate(self, day, reason):
        result = super()._terminate(day, reason)
        self._cancel_hosted_bookings_after(day, reason)
        return result

    def _cancel_hosted_bookings_after(self, day, reason):
        """Cancel without cost, as for a closure, what `_hosted_bookings_after` returns: the mail of each cancellation
        tells its member the reason. An officer may: it follows from the end of the convention.

        :return: the bookings.
        """
        bookings = self._hosted_bookings_after(day)
        if bookings:
            self.check_access("write")
            bookings.action_cancel(reason, waive=True)
        return bookings
