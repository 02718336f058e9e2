"""The demonstration's machines at work: every moment at which something happened, in order, through the methods that
the buttons call, at the time at which it would have happened."""

from collections import defaultdict
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.fabloch_membership.demo.membership_demo import History

from .. import clock, periods
from . import visits

MACHINES = (
    "workshop",
    "laser_1",
    "laser_2",
    "printers",
    "cnc",
    "vinyl",
    "bench",
    "embroidery",
    "electronics",
    "joinery",
)
CONSUMABLES = {
    "laser": "fabloch_finance.demo_product_plywood",
    "printing": "fabloch_machines.demo_product_filament",
    "cnc": "fabloch_finance.demo_product_plywood",
    "vinyl": "fabloch_machines.demo_product_vinyl",
}
# Of those who come at all, every second one may use the lasers, every third one the router.
AUTHORISED = {"laser": 2, "cnc": 3}
TZ = "Europe/Paris"


class MembershipDemo(models.AbstractModel):
    _inherit = "fabloch.membership.demo"

    def _machine_uses_end(self):
        # From then on machines are used by bookings.
        return visits.first_day(self._today())


class MachinesDemo(models.AbstractModel):
    """Bookings of three full months, of the current one up to now, and of the weeks ahead."""

    _name = "fabloch.machines.demo"
    _inherit = "fabloch.membership.demo"
    _description = "Demonstration data: machines"

    @api.model
    def _load(self):
        """Open the fablab, authorise its people and play what they book."""
        company = self.env.ref("base.main_company")
        # A month is invoiced on the first day of the next one: the scheduled action finds the last one to do.
        company.fabloch_invoicing_day = 1
        # Nothing is mailed from a demonstration, now or later.
        for name in ("ir_cron_booking_mails", "ir_cron_authorisation_remind"):
            self.env.ref(f"fabloch_machines.{name}").active = False
        BookingHistory(self.with_company(company)._in_french()).play()

    def _machines_booked(self):
        """Return the names of the machines that people book; an upper addon takes out those that can't be yet."""
        return MACHINES


class BookingHistory(History):
    """Plays the bookings; payments are registered as in the members' history."""

    # The plan of another history is of no use here: this one has its own.
    def __init__(self, demo):  # pylint: disable=super-init-not-called
        self.demo, self.env = demo, demo.env
        self.today, self.now = demo._today(), clock.now()
        self.first = visits.first_day(self.today)
        self.last = self.today + timedelta(days=120)
        self.payments = defaultdict(lambda: self.env["account.move"])
        self.machines = {
            name: self.env.ref(f"fabloch_machines.demo_machine_{name}") for name in demo._machines_booked()
        }
        self.name_of = {machine: name for name, machine in self.machines.items()}
        self.reception = self.env.ref("fabloch_membership.demo_user_reception")

    def play(self):
        self._close()
        self.users = self._users()
        self.authorised = self._authorise()
        planner = visits._Planner(self.now, self._bookables(), self._planned_users())
        for closure in self.closures:
            planner.block(self.name_of[closure.machine_ids], closure.start, closure.stop)
        self.school = self.env.ref("fabloch_membership.demo_customer_school")
        planned = planner.plan(self._key(self.school))
        self._play(planned)
        self._wait(planned)
        self._note_open_hours()

    # -- The place ---------------------------------------------------------------------------------------------------

    def _utc(self, day, hour=0):
        return periods.to_utc(datetime.combine(day, time(hour)), TZ)

    def _close(self):
        """Public holidays, a week of closing at the turn of the year, and two maintenances: one done, one ahead."""
        calendars = [
            self.env.ref("fabloch_machines.demo_calendar"),
            self.env.ref("fabloch_machines.demo_calendar_joinery"),
        ]
        days = visits.french_closing_days(self.first - timedelta(days=31), self.today + timedelta(days=400))
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": name,
                    "calendar_id": calendar.id,
                    "company_id": self.env.company.id,
                    "date_from": self._utc(day),
                    "date_to": self._utc(day + timedelta(days=1)),
                }
                for calendar in calendars
                for day, name in days
            ]
        )
        past = self.first + relativedelta(months=1, days=9)
        next_monday = self.today + timedelta(days=7 - self.today.weekday())
        plans = (
            ("Remplacement du tube et alignement", "laser_2", next_monday + timedelta(days=2), 9, 18),
            ("Changement de la broche", "cnc", past, 9, 18),
        )
        self.closures = self.env["fabloch.closure"].create(
            [
                {
                    "name": reason,
                    "kind": "maintenance",
                    "machine_ids": [fields.Command.set(self.machines[name].ids)],
                    "start": self._utc(day, begin),
                    "stop": self._utc(day, end),
                    "user_id": self.env.ref("fabloch_machines.demo_user_manager").id,
                }
                for reason, name, day, begin, end in plans
            ]
        )

    def _bookables(self):
        Machine = self.env["fabloch.machine"]
        bookables = {}
        for name, machine in self.machines.items():
            settings = Machine._settings(machine.id)
            category = self._category(machine)
            bookables[name] = visits.Bookable(
                hours=settings.hours,
                capacity=settings.capacity,
                slot=settings.slot,
                buffer=settings.buffer,
                overnight=settings.overnight,
                inside=tuple((self.name_of[Machine.browse(key)], capacity) for key, capacity in settings.inside),
                authorised=frozenset(map(self._key, self.authorised[category])) if category in AUTHORISED else None,
            )
        return bookables

    def _category(self, machine):
        for name in (*AUTHORISED, *CONSUMABLES):
            if machine.category_id == self.env.ref(f"fabloch_machines.demo_category_{name}"):
                return name
        return None

    # -- The people --------------------------------------------------------------------------------------------------

    def _key(self, partner):
        return f"{partner.id:08d}"

    def _users(self):
        """{partner: periods of its memberships}: those who are members at some time of the bookings, and visitors."""
        memberships = self.env["fabloch.membership"].search(
            [("confirm_date", "!=", False), ("in_order", "=", True), ("date_end", ">=", self.first)], order="id"
        )
        users = defaultdict(list)
        for membership in memberships:
            end = min(membership.date_end, (membership.cancel_date or membership.date_end))
            # The people whom it covers use the machines, the company pays.
            for person in membership.beneficiary_ids or membership.partner_id:
                users[person].append((membership.date_start, end))
        visitors = self.env.ref("fabloch_membership.demo_customer_agency")
        visitors |= self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "street": f"{number} rue de l'Exemple",
                    "zip": "56400",
                    "city": "Auray",
                    "country_id": self.env.ref("base.fr").id,
                    "category_id": [fields.Command.link(self.env.ref("fabloch_finance.demo_tag_fictitious").id)],
                    "member_category_id": self.env.ref("fabloch_membership.member_category_particulier").id,
                }
                for number, name in enumerate(
                    ("Corentin Le Passant", "Mona Kervisite", "Youna Le Curieux", "Alan Kerpassage"), 4
                )
            ]
        )
        return dict(users) | {visitor: [] for visitor in visitors}

    def _planned_users(self):
        return [visits.User(self._key(partner), tuple(spans)) for partner, spans in self.users.items()]

    def _authorise(self):
        """Grant the authorisations: long ago for most, some expire soon, one was withdrawn, one is over."""
        people = [partner for partner, spans in self.users.items() if spans]
        vals_list, authorised = [], {}
        for name, share in AUTHORISED.items():
            category = self.env.ref(f"fabloch_machines.demo_category_{name}")
            authorised[name] = people[::share]
            for index, partner in enumerate(authorised[name]):
                # Granted before the first booking, valid after the last one.
                granted = self.first - timedelta(days=20 + index * 13 % 300)
                vals_list.append(self._authorisation_vals(category, partner, granted))
            for partner in people[1::share][:2]:
                vals_list.append(self._authorisation_vals(category, partner, self.today - timedelta(days=760)))
        authorisations = self.env["fabloch.authorisation"].create(vals_list)
        withdrawn = self.env["fabloch.authorisation"].create(
            self._authorisation_vals(authorisations[0].category_id, people[1], self.first)
        )
        withdrawn.write({"revoked_on": self.today - timedelta(days=8), "revoked_reason": "Découpe d'un PVC"})
        return authorised

    def _authorisation_vals(self, category, partner, day):
        return {
            "category_id": category.id,
            "partner_id": partner.id,
            "date": day,
            "granted_by_id": self.reception.id,
            "note": "Initiation à la machine",
        }

    # -- The bookings ------------------------------------------------------------------------------------------------

    def _play(self, planned):
        """Do what was done at each moment, in order; the bookings made at one moment are made in one go."""
        moments = defaultdict(list)  # moment: [(rank, what, visit)]
        for visit in planned:
            moments[visit.made].append((0, self._make, visit))
            if visit.arrived:
                moments[visit.arrived].append((1, self._arrive, visit))
            if visit.outcome in ("cancelled", "late"):
                moments[visit.ended].append((2, self._cancel, visit))
            if visit.outcome == "no_show":
                moments[visit.ended].append((3, self._no_show, visit))
            if visit.consumables:
                moments[self._week_end(visit.stop)].append((4, self._consume, visit))
        for months in range(1, visits.MONTHS_BEFORE):
            # The last full month is left to the scheduled action.
            day = self.first + relativedelta(months=months)
            moments[self._utc(day, 6)].append((5, self._invoice, day))
        # Used in the last full month: the scheduled action invoices nothing of that.
        moments[self._utc(day, 6)].append((6, self._sell_pack, (day, self._pack_buyer(planned, day))))
        self.bookings = {}
        for moment in sorted(moments):
            with clock.at(moment):
                work = sorted(moments[moment], key=lambda job: job[0])
                for method in dict.fromkeys(job[1] for job in work):
                    method([job[2] for job in work if job[1] == method])
        for day in sorted({day for day, _mode in self.payments}):
            if day <= self.today:
                self._pay(day)

    def _week_end(self, moment):
        """When the material of a week is entered: on Sunday, or now."""
        day = periods.to_local(moment, TZ).date()
        return min(self._utc(day + timedelta(days=6 - day.weekday()), 21), self.now)

    def _make(self, made):
        Booking = self.env["fabloch.booking"]
        series = self.env["fabloch.booking.series"]
        if any(visit.series for visit in made):
            series = series.create(
                {
                    "name": "Chaque mardi, 14:00–16:00",
                    "rrule": "FREQ=WEEKLY;BYDAY=TU",
                    "partner_id": self.school.id,
                    "machine_id": self.machines["printers"].id,
                }
            )
        vals_list = [self._booking_vals(visit, series) for visit in made]
        for visit, booking in zip(made, Booking.create(vals_list), strict=True):
            self.bookings[visit] = booking

    def _booking_vals(self, visit, series):
        vals = {
            "machine_id": self.machines[visit.machine].id,
            "partner_id": int(visit.user),
            "start": visit.start,
            "stop": visit.stop,
            "units": visit.units,
            "state": "confirmed",
        }
        if visit.series:
            vals["series_id"] = series.id
        if visit.outcome == "hold":
            # Longer than the reception's quarter of an hour, so that it can be seen.
            vals.update(state="hold", hold_until=self.now + timedelta(days=2))
        return vals

    def _of(self, done):
        return self.env["fabloch.booking"].union(*(self.bookings[visit] for visit in done))

    def _arrive(self, arrived):
        self._of(arrived).action_check_in()

    def _cancel(self, cancelled):
        self._of(cancelled).action_cancel("Empêchement")

    def _no_show(self, missed):
        self._of(missed).action_no_show()

    def _consume(self, used):
        self.env["fabloch.charge"].create(
            [
                {
                    "booking_id": booking.id,
                    "partner_id": booking.partner_id.id,
                    "product_id": self.env.ref(CONSUMABLES[self._category(booking.machine_id)]).id,
                    "quantity": visit.consumables,
                    "date": booking._local(booking.stop).date(),
                    "immediate": booking.visitor,
                }
                for visit in used
                for booking in [self.bookings[visit]]
            ]
        )

    def _invoice(self, days):
        """Invoice what was used up to the day, as the scheduled action did on it; most of it is paid in the month."""
        [day] = days
        charges = self.env["fabloch.charge"].search(
            [("booking_id", "!=", False), ("state", "=", "to_invoice"), ("date", "<=", day)]
        )
        invoices = charges.with_context(ir_sequence_date=day)._invoice(day).invoice_ids
        for index, invoice in enumerate(invoices.sorted("id")):
            if (index + day.month) % 9 != 4:
                mode = "bank" if invoice.commercial_partner_id.is_company or index % 3 else "cheques"
                self.payments[day + timedelta(days=index % 5 * 6), mode] |= invoice

    def _pack_buyer(self, planned, day):
        """Return the member who uses the lasers most from `day` on without using all of ten hours."""
        begin, minutes = self._utc(day, 6), defaultdict(int)
        for visit in planned:
            if visit.machine.startswith("laser") and visit.outcome == "used" and visit.made > begin:
                minutes[visit.user] += (visit.stop - visit.start) // timedelta(minutes=1)
        some = {user: spent for user, spent in minutes.items() if spent <= 8 * 60} or minutes
        return self.env["res.partner"].browse(int(max(some, key=lambda user: (some[user], user))))

    def _sell_pack(self, sold):
        """Sell ten hours of laser, invoiced at once and paid."""
        [(day, buyer)] = sold
        charge = self.env["fabloch.charge"].create(
            {
                "partner_id": buyer.id,
                "product_id": self.env.ref("fabloch_machines.demo_product_laser_pack").id,
                "quantity": 1,
                "date": day,
            }
        )
        self.payments[day, "bank"] |= charge.with_context(ir_sequence_date=day)._invoice(day).invoice_ids

    def _wait(self, planned):
        """Somebody waits for a laser that another one has booked, on one of the days ahead."""
        Machine = self.env["fabloch.machine"]
        for visit in planned:
            day = periods.to_local(visit.start, TZ).date()
            if not visit.machine.startswith("laser") or visit.outcome != "used" or day <= self.today:
                continue
            booking = self.bookings[visit]
            able = [
                partner
                for partner in self.authorised["laser"]
                if partner != booking.partner_id and any(first <= day <= last for first, last in self.users[partner])
            ]
            [request] = booking._requests()
            requests = [request._replace(partner=partner) for partner in able]
            for wanted, check in zip(requests, Machine._rule_checks(requests, None), strict=True):
                if not check(wanted, Machine._settings(booking.machine_id.id)):
                    self.env["fabloch.booking.wait"].create(
                        {
                            "partner_id": wanted.partner.id,
                            "machine_id": booking.machine_id.id,
                            "start": booking.start,
                            "stop": booking.stop,
                            "note": "Préfère attendre cette machine.",
                        }
                    )
                    return

    def _note_open_hours(self):
        """The open hours of the days that are over, which the nightly action would have noted one by one."""
        yesterday = self.today - timedelta(days=1)
        machines = self.env["fabloch.machine"].union(*self.machines.values())
        self.env["fabloch.machine.day"]._fill(machines, self.first, yesterday)
        self.env.company.fabloch_machine_days_until = yesterday
