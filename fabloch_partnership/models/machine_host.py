from collections import defaultdict
from datetime import date as Date
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.fabloch_machines import periods
from odoo.addons.fabloch_machines.models.machine_now import AHEAD
from odoo.addons.fabloch_machines.models.machine_verdict import Firm

DAY = timedelta(days=1)


class HostTerms(NamedTuple):
    """The conventions under which a partner hosts our machines: when they run, and what is coming."""

    periods: list  # [(first day, last day), …] in order, those that touch made one
    in_signature: str | None  # the number of one that isn't signed yet

    def covers(self, first, last):
        """Return whether conventions run on each day from `first` to `last`."""
        return any(begin <= first and last <= end for begin, end in self.periods)


class MachineHost(models.Model):
    """A machine at a partner's premises can be booked only while a convention with that partner runs."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    host_bookable = fields.Boolean("Bookable at its host", compute="_compute_host_status")
    host_until = fields.Date(
        "Bookable until", compute="_compute_host_status", help="The last day of the host's convention; empty: no end."
    )
    host_status = fields.Char("Convention of the host", compute="_compute_host_status")

    @api.depends("host_id", "workshop_id.host_id", "company_id")
    @api.depends_context("tz")
    def _compute_host_status(self):
        self.host_bookable, self.host_until, self.host_status = True, False, False
        today = fields.Date.context_today(self)
        hosted = self._origin._hosted()
        terms = hosted._host_terms()
        # Why a machine can't be booked names its host: those of all machines at once.
        self.env["res.partner"].sudo().browse({self._settings(each.id).host_id for each in hosted}).fetch(["name"])
        for machine in self:
            if machine._origin not in hosted:
                continue
            found = terms[machine._origin]
            machine.host_bookable = found.covers(today, today)
            if machine.host_bookable:
                end = next(end for begin, end in found.periods if begin <= today <= end)
                machine.host_until = end if end != Date.max else False
                machine.host_status = (
                    self.env._("Bookable until %s, the end of the host's convention.", format_date(self.env, end))
                    if machine.host_until
                    else self.env._("Bookable: the host's convention is renewed without an end.")
                )
            else:
                machine.host_status = machine._origin._host_reason(found, today, today)

    def _hosted(self):
        """Return those of these machines that stand at a partner's premises, by themselves or with their workshop."""
        return self.filtered(lambda machine: machine.id and self._settings(machine.id).host_id)

    def _host_terms(self, ending=None):
        """Return {machine: `HostTerms`} for these hosted machines, in one query; none when there are none.

        :param ending: (conventions, day): as if these ended on that day at the latest.
        """
        if not self:
            return {}
        hosts = {machine: self._settings(machine.id).host_id for machine in self}
        ending, day = ending or (self.env["fabloch.convention"], None)
        self.env["fabloch.convention"].flush_model(
            ["state", "date_start", "last_day", "partner_id", "type_id", "amended_id", "active", "company_id", "name"]
        )
        self.env["fabloch.convention.type"].flush_model(["hosts_machines"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT host.id, c.company_id, c.id, c.name, c.state, c.date_start, c.last_day
                  FROM res_partner host
                  JOIN res_partner p ON p.commercial_partner_id = host.commercial_partner_id
                  JOIN fabloch_convention c ON c.partner_id = p.id AND c.active AND c.amended_id IS NULL
                  JOIN fabloch_convention_type t ON t.id = c.type_id AND t.hosts_machines
                 WHERE host.id IN %s AND c.state != 'draft'
                 ORDER BY c.date_start, c.id
                """,
                tuple(set(hosts.values())),
            )
        )
        runs, in_signature = defaultdict(list), {}
        for host_id, company_id, convention_id, name, state, first, last in rows:
            key = (host_id, company_id)
            if state == "in_signature":
                in_signature[key] = name
                continue
            last = last or Date.max
            if convention_id in ending.ids:
                last = min(last, day)
            if last >= first:
                runs[key].append((first, last))
        return {
            machine: HostTerms(
                _merged(runs[host_id, self._settings(machine.id).company_id]),
                in_signature.get((host_id, self._settings(machine.id).company_id)),
            )
            for machine, host_id in hosts.items()
        }

    def _host_reason(self, terms, first, last):
        """Say why this machine can't be booked from the day `first` to `last`, and what to do; None when it can."""
        if terms.covers(first, last):
            return None
        words = {
            "machine": self.sudo().name,
            "host": self.env["res.partner"].sudo().browse(self._settings(self.id).host_id).name,
        }
        running = [(begin, end) for begin, end in terms.periods if begin <= first <= end]
        if running:
            return self.env._(
                "%(machine)s stands at %(host)s, whose convention ends on %(end)s: book until that day, or have the "
                "convention renewed first.",
                end=format_date(self.env, running[-1][1]),
                **words,
            )
        if terms.in_signature:
            return self.env._(
                "%(machine)s stands at %(host)s, whose convention %(number)s is still in signature: it can be booked "
                "for the days from its start once it is signed.",
                number=terms.in_signature,
                **words,
            )
        coming = [begin for begin, _end in terms.periods if begin > first]
        if coming:
            return self.env._(
                "%(machine)s stands at %(host)s, whose convention starts on %(start)s: book from that day on.",
                start=format_date(self.env, coming[0]),
                **words,
            )
        if terms.periods:
            return self.env._(
                "%(machine)s stands at %(host)s, whose convention ended on %(end)s: a new one has to be signed before "
                "it can be booked.",
                end=format_date(self.env, terms.periods[-1][1]),
                **words,
            )
        return self.env._(
            "%(machine)s stands at %(host)s, with whom no convention runs: one that provides for machines has to be "
            "signed before it can be booked.",
            **words,
        )

    # -- Where it counts ------------------------------------------------------------------------------------------

    @api.model
    def _rule_checks(self, requests, bookings):
        checks = super()._rule_checks(requests, bookings)
        terms = self.union(*(request.machine for request in requests))._hosted()._host_terms()
        if not terms:
            return checks

        def hosted(check):
            def check_host(request, settings):
                if request.machine in terms:
                    days = _days(request.start, request.stop, settings.tz)
                    if reason := request.machine._host_reason(terms[request.machine], *days):
                        # Nobody can let people into a partner's premises without it.
                        return Firm(reason)
                return check(request, settings)

            return check_host

        return [hosted(check) for check in checks]

    def _free_periods(self, start, stop, units=1):
        free = super()._free_periods(start, stop, units)
        for machine, closed in self._hosted()._host_closed(start, stop).items():
            free[machine] = periods.subtract(free[machine], closed)
        return free

    def _host_closed(self, start, stop):
        """Return {machine: [(start, stop), …]} (naive UTC): when no convention lets these hosted machines be used."""
        return {
            machine: periods.subtract(
                [(start, stop)], _moments(terms.periods, start, stop, self._settings(machine.id).tz)
            )
            for machine, terms in self._host_terms().items()
        }

    def _occupancy_ahead(self, now):
        rows = super()._occupancy_ahead(now)
        for machine, closed in self._hosted()._host_closed(now, now + AHEAD).items():
            units = range(1, self._settings(machine.id).capacity + 1)
            rows[machine.id] += [(unit, *period, "closure", None) for period in closed for unit in units]
            rows[machine.id].sort(key=lambda row: (row[1], row[0]))
        return rows

    def _planner_blocks(self, start, stop):
        blocks = super()._planner_blocks(start, stop)
        for machine, closed in self._hosted()._host_closed(start, stop).items():
            blocks += [
                {
                    "machine_id": machine.id,
                    "kind": "closure",
                    "start": fields.Datetime.to_string(begin),
                    "stop": fields.Datetime.to_string(end),
                    "name": self.env._("No convention with the host"),
                    "units": self._settings(machine.id).capacity,
                }
                for begin, end in closed
            ]
        return blocks


def _merged(spans):
    """Return these (first, last) days in order, those that touch or overlap made one."""
    merged = []
    for first, last in sorted(spans):
        if merged and (merged[-1][1] == Date.max or first <= merged[-1][1] + DAY):
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _days(start, stop, tz):
    """Return the first and the last local day of [start, stop), naive UTC."""
    return periods.to_local(start, tz).date(), periods.to_local(stop - timedelta(minutes=1), tz).date()


def _moments(spans, start, stop, tz):
    """Return the parts of [start, stop), naive UTC, that lie on the local days of `spans`, in order."""
    found = []
    for first, last in spans:
        begin = max(start, periods.to_utc(datetime.combine(first, datetime.min.time()), tz))
        end = stop
        if last < stop.date() + 2 * DAY:
            end = min(stop, periods.to_utc(datetime.combine(last + DAY, datetime.min.time()), tz))
        if begin < end:
            found.append((begin, end))
    return found
