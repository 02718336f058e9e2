from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.fabloch_finance.batches import committed

from .. import clock, periods

# How many days the scheduled action fills before it commits.
DAYS_PER_BATCH = 31
# These aren't open hours of their machine, whatever its calendar says.
CLOSING_KINDS = ("maintenance", "closure")


class MachineDay(models.Model):
    """How long a machine could be booked on a day that is over: the capacity beside which occupancy is measured.

    It is noted once, from the hours in force then: other opening hours, another capacity or a machine put out of
    service change the days to come and leave the history alone.
    """

    _name = "fabloch.machine.day"
    _description = "Machine's open hours of a day"
    _order = "date desc, machine_id"
    _rec_name = "machine_id"

    machine_id = fields.Many2one("fabloch.machine", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    open_hours = fields.Float(
        "Open hours",
        readonly=True,
        help="Of all its units together, maintenances and closures taken off; 0 on a closed day.",
    )

    _machine_date_unique = models.UniqueIndex("(machine_id, date)", "A machine has one row for each day.")

    @api.model
    def _cron_fill(self):
        """Note the open hours of every day that is over and isn't noted yet, in batches that are committed.

        A day without server is caught up by the next call, from the hours in force when it runs.
        """
        work = [
            (company, days)
            for company in self.env["res.company"].search([])
            for days in split_every(DAYS_PER_BATCH, self._days_to_fill(company), list)
        ]
        for company, days in committed(self.env, work, size=lambda step: len(step[-1])):
            self._fill(self._machines_of(company), days[0], days[-1])
            company.sudo().fabloch_machine_days_until = days[-1]

    @api.model
    def _days_to_fill(self, company):
        """Return the days that are over for all the machines of `company` and aren't noted yet, in order."""
        machines = self._machines_of(company)
        if not machines:
            return []
        now = clock.now()
        zones = {self.env["fabloch.machine"]._settings(machine.id).tz for machine in machines}
        last = min(periods.to_local(now, tz).date() for tz in zones) - timedelta(days=1)
        first = company.fabloch_machine_days_until or min(machines.mapped("create_date")).date() - timedelta(days=1)
        return [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]

    @api.model
    def _machines_of(self, company):
        return self.env["fabloch.machine"].sudo().search([("company_id", "=", company.id)])

    @api.model
    def _fill(self, machines, date_from, date_to, anew=False):
        """Note the open hours of `machines` from one day to another, both included, by the hours in force now.

        Half a dozen queries, whatever the number of machines and days.

        :param bool anew: in place of what was noted; otherwise what is noted stays.
        :return: the new rows.
        """
        days = self.sudo()
        domain = [("machine_id", "in", machines.ids), ("date", ">=", date_from), ("date", "<=", date_to)]
        if anew:
            days.search(domain).unlink()
            noted = set()
        else:
            noted = {
                (row["machine_id"], row["date"]) for row in days.search_read(domain, ["machine_id", "date"], load="")
            }
        closed = self._closed(machines, date_from, date_to)
        vals_list = []
        for machine in machines:
            settings = machines._settings(machine.id)
            day, hours = date_from, {}
            if settings.in_service:
                hours = self._open_minutes_by_day(settings, date_from, date_to, closed.get(machine.id, {}))
            while day <= date_to:
                if (machine.id, day) not in noted:
                    vals_list.append(
                        {
                            "machine_id": machine.id,
                            "company_id": settings.company_id,
                            "date": day,
                            "open_hours": hours.get(day, 0) / 60,
                        }
                    )
                day += timedelta(days=1)
        return days.create(vals_list)

    @api.model
    def _open_minutes_by_day(self, settings, date_from, date_to, closed):
        """Return {day: open minutes of all the units}, by the clock where the machine stands.

        :param dict closed: {unit: [(start, stop), …]}, what closures take.
        """
        midnight = datetime.min.time()
        cuts = [
            periods.to_utc(datetime.combine(date_from + timedelta(days=number), midnight), settings.tz)
            for number in range((date_to - date_from).days + 2)
        ]
        opened = periods.open_periods(settings.hours, cuts[0], cuts[-1])
        found = {}
        for unit in range(1, settings.capacity + 1):
            of_unit = periods.subtract(opened, closed[unit]) if unit in closed else opened
            for number, (start, stop) in enumerate(zip(cuts, cuts[1:], strict=False)):
                day = date_from + timedelta(days=number)
                found[day] = found.get(day, 0) + periods.overlap_minutes(of_unit, start, stop)
        return found

    @api.model
    def _closed(self, machines, date_from, date_to):
        """Return {machine id: {unit: [(start, stop), …]}} of maintenances and closures, in one query."""
        midnight = datetime.min.time()
        # A day more at each end is more than any time zone is away from UTC.
        rows = (
            self.env["fabloch.occupancy"]
            .sudo()
            .search_read(
                [
                    ("machine_id", "in", machines.ids),
                    ("kind", "in", CLOSING_KINDS),
                    ("start", "<", datetime.combine(date_to + timedelta(days=2), midnight)),
                    ("stop", ">", datetime.combine(date_from - timedelta(days=1), midnight)),
                ],
                ["machine_id", "unit", "start", "stop"],
                load="",
            )
        )
        closed = {}
        for row in rows:
            closed.setdefault(row["machine_id"], {}).setdefault(row["unit"], []).append((row["start"], row["stop"]))
        return closed
