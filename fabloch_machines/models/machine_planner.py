from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.fabloch_finance import arguments

from .. import clock, periods

# More than any screen shows: what is asked for in one go stays small.
LONGEST_WINDOW = timedelta(days=100)


class MachinePlanner(models.Model):
    """What the planner draws behind the bookings: rows by place, closed hours, and what else takes the machines."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    @api.model
    @api.readonly
    def get_planner_data(self, start, stop, domain=None):
        """Return the background of the planner between two moments: as many queries for fifty machines as for five.

        :param str start, stop: UTC, as the server writes moments.
        :param list domain: the search on bookings; what it says of machines and categories chooses the rows.
        :return: `places` (id, name) in order, `machines` (the rows, in order), `hours` (for each set of opening hours
            the closed periods, which the rows name by index) and `blocks` (what takes a machine beside its bookings).
        :raises UserError: when the window is longer than a hundred days.
        """
        start, stop = arguments.moment(self.env, start), arguments.moment(self.env, stop)
        if not (start and stop):
            raise UserError(self.env._("The planner needs the moments from which and until which it shows."))
        if not timedelta(0) < stop - start <= LONGEST_WINDOW:
            raise UserError(self.env._("The planner shows up to 100 days at once: choose a shorter period."))
        machines = self.search(self._planner_domain(domain or []))
        window, hours, places, rows = (start, stop), {}, {}, []
        for machine in machines:
            # Asked of all of them together, so that what isn't known yet is read for all of them.
            settings = machines._settings(machine.id)
            place = machine._planner_place()
            places.setdefault(place, len(places))
            rows.append(
                {
                    "id": machine.id,
                    "name": machine.name,
                    "place": place[2],
                    "workshop": machine.kind == "workshop",
                    "capacity": settings.capacity,
                    "slot": settings.slot,
                    "in_service": settings.in_service,
                    "hours": hours.setdefault(settings.hours, len(hours)),
                }
            )
        return {
            "places": [{"id": key, "name": name} for _rank, _sequence, key, name in sorted(places)],
            "machines": rows,
            "hours": [
                [_texts(shut) for shut in periods.subtract([window], periods.open_periods(each, *window))]
                for each in hours
            ],
            "blocks": machines._planner_blocks(start, stop),
        }

    @api.model
    def _planner_domain(self, domain):
        """Return what a search on bookings says of their machines, as a domain of machines."""
        whole = True

        def of_machine(condition):
            nonlocal whole
            path, _dot, rest = condition.field_expr.partition(".")
            operator, value = condition.operator, condition.value
            if path in ("category_id", "company_id"):
                return Domain(condition.field_expr, operator, value)
            if path == "machine_id":
                if rest:
                    return Domain(rest, operator, value)
                if operator in ("any", "not any"):
                    return Domain("id", "in" if operator == "any" else "not in", self._search(value))
                return Domain("name" if "like" in operator else "id", operator, value)
            whole = False
            return Domain.TRUE

        domain = Domain(domain)
        found = domain.map_conditions(of_machine)
        # Nothing can be said of machines from the contrary of something else.
        return found if whole or "!" not in list(domain) else Domain.TRUE

    def _planner_place(self):
        """Return where this machine stands: rank and sequence among the places, key and name."""
        workshop = self if self.kind == "workshop" else self.workshop_id
        if workshop:
            return (0, workshop.sequence, f"workshop-{workshop.id}", workshop.name)
        if self.host_id:
            host = self.host_id.sudo()
            return (1, 0, f"host-{host.id}", host.display_name)
        if self.location:
            return (2, 0, f"location-{self.location}", self.location)
        return (3, 0, "elsewhere", self.env._("Other machines"))

    def _planner_blocks(self, start, stop):
        """Return what takes these machines beside their own bookings, in one query.

        That is: maintenance, closures, set-up time, trainings, and for a machine the bookings of its workshop.
        """
        self.env["fabloch.occupancy"].check_access("read")
        if not self:
            return []
        self.env["fabloch.occupancy"].flush_model()
        self.env["fabloch.booking"].flush_model(["state", "hold_until", "machine_id", "partner_id"])
        self.env["fabloch.closure"].flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.machine_id, o.kind, o.start, o.stop, COALESCE(c.name, p.complete_name), COUNT(*)
                  FROM fabloch_occupancy o
                  LEFT JOIN fabloch_closure c ON c.id = o.closure_id
                  LEFT JOIN fabloch_booking b ON b.id = o.booking_id
                  LEFT JOIN res_partner p ON p.id = b.partner_id
                 WHERE tsrange(o.start, o.stop) && tsrange(%(start)s::timestamp, %(stop)s::timestamp)
                   AND o.machine_id IN %(machines)s
                   AND (o.kind != 'booking' OR b.machine_id != o.machine_id)
                   AND (b.id IS NULL OR b.state != 'hold' OR b.hold_until > %(now)s)
                 GROUP BY o.machine_id, o.kind, o.start, o.stop, c.id, b.id, p.id
                 ORDER BY o.start, o.machine_id
                """,
                start=start,
                stop=stop,
                machines=tuple(self.ids),
                now=clock.now(),
            )
        )
        return [
            {
                "machine_id": machine_id,
                "kind": kind,
                "start": fields.Datetime.to_string(begin),
                "stop": fields.Datetime.to_string(end),
                "name": name or "",
                "units": units,
            }
            for machine_id, kind, begin, end, name, units in rows
        ]


def _texts(period):
    return [fields.Datetime.to_string(moment) for moment in period]
