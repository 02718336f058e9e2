"""A month of the fablab, booked, used, missed, cancelled, and invoiced by the nights alone."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from odoo.addons.fabloch_machines.models.machine_quote import QuoteRequest

from .common import MachinesCase

APRIL = date(2026, 4, 1)
NOON = date(2026, 3, 17)  # a day on which invoices are made at noon as well
# How each twentieth booking ends; all others take place.
ENDS = {3: "in_time", 8: "late", 13: "no_show"}


class InvoicingCase(MachinesCase):
    """Laser and printers on 7061, the workshop on 7083, invoiced on the 1st, visitors in the night that follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.fabloch_invoicing_send = True
        # The cron commits; inside a test everything stays in one transaction.
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["ir.cron"],
                "_commit_progress",
                lambda cron, processed=0, *, remaining=None, deactivate=False: cron.env.flush_all() or 1000,
            )
        )
        cls.Charge = cls.env["fabloch.charge"]
        of_machines, of_workshop = cls._account("706100"), cls._account("708300")
        (cls.hour | cls.half_hour).property_account_income_id = of_machines
        cls.print_hour = cls._service("Printer hour", 3.33, property_account_income_id=of_machines.id)
        cls.half_day, cls.day = (
            cls._service(f"Workshop {name}", price, property_account_income_id=of_workshop.id)
            for name, price in (("half day", 45.55), ("day", 80.10))
        )
        cls.printing = cls._category("Printing", cls.print_hour, no_show_percent=60.0)
        cls._rate(cls.printing, "hour", 60, cls.print_hour)
        cls.rental = cls._category("Workshop", cls.day)
        cls._rate(cls.rental, "half day", 270, cls.half_day)
        cls._rate(cls.rental, "day", 1440, cls.day)
        cls.lasers = [cls.laser, cls._machine("Laser 2"), cls._machine("Laser 3")]
        cls.printers = cls._machine("Printers", cls.printing, capacity=4)
        cls.workshop = cls._machine("Workshop", cls.rental, kind="workshop", overnight=True, longest_minutes=0)
        cls.prices = {cls.hour: 15.37, cls.half_hour: 9.05, cls.print_hour: 2.51, cls.half_day: 39.95, cls.day: 70.15}
        cls.plan = cls._member_plan(cls.prices, seats=2)

    @classmethod
    def _account(cls, code):
        accounts = cls.env["account.account"].with_company(cls.company)
        account = accounts.search([("code", "=", code), ("company_ids", "in", cls.company.ids)])
        return account or accounts.create({"code": code, "name": code, "account_type": "income"})

    @classmethod
    def _members(cls, *names):
        members = cls._partners(*names)
        for member in members:
            member.email = f"{member.name.lower().replace(' ', '.')}@example.com"
            cls._enrol(member, cls.plan)
        return members

    @classmethod
    def _companies(cls, number):
        """So many companies with two people each, whom the company's membership covers."""
        companies = cls._partners(*(f"Company {index}" for index in range(number)), is_company=True)
        people = cls.env["res.partner"]
        for company in companies:
            company.email = f"accounts@{company.name.lower().replace(' ', '')}.example.com"
            two = cls._partners(f"Enora of {company.name}", f"Malo of {company.name}", parent_id=company.id)
            cls._enrol(company, cls.plan, beneficiary_ids=[Command.set(two.ids)])
            people |= two
        return companies, people

    @classmethod
    def _night(cls, frozen, day):
        """Invoice as the night of `day` does, at 3:00 by the clock in Auray; return the charges invoiced."""
        frozen.move_to(cls._at(f"{day} 03:00"))
        before = cls.Charge.search([("state", "=", "to_invoice")])
        cls.Charge._cron_invoice()
        return before.filtered(lambda charge: charge.state == "invoiced")


@tagged("post_install", "-at_install")
class TestMonth(InvoicingCase):
    """March 2026: 60 members, 20 companies of two, 12 visitors, some four hundred bookings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.members = cls._members(*(f"Member {number}" for number in range(60)))
        cls.companies, cls.people = cls._companies(20)
        cls.visitors = cls._partners(*(f"Visitor {number}" for number in range(12)), email="visitor@example.com")
        cls.mails = cls.env["mail.mail"].search_count([])
        cls.quotes, cls.ends = {}, defaultdict(lambda: cls.Booking)
        cls.nights, cls.at_noon = {}, cls.Charge
        with freeze_time("2026-02-27 08:00") as frozen:
            cls._book_month(frozen)
            cls._live_month(frozen)
        cls.charges = cls.bookings.charge_ids

    @classmethod
    def _book_month(cls, frozen):
        """Each week's bookings are made on the Friday before, in one call."""
        random = Random(20260301)
        users = list(cls.members | cls.people)
        monday = date(2026, 2, 23)
        cls.bookings = cls.Booking
        number = 0
        at_noon = (NOON, cls.laser)
        while monday < date(2026, 3, 30):
            friday, monday = monday + timedelta(days=4), monday + timedelta(days=7)
            frozen.move_to(cls._at(f"{friday} 10:00"))
            vals_list = []
            for day in (monday + timedelta(days=offset) for offset in range(6)):
                if day.month > 3:
                    break
                for machine in (*cls.lasers, cls.printers):
                    for start in ("09:00", "11:30", "13:00", "15:30"):
                        minutes = random.choice([30, 60, 90, 120, 150] if start != "11:30" else [30, 60, 90])
                        visits = number % 11 == 5 or (day, machine) == at_noon
                        partner = cls.visitors[number % 12] if visits else random.choice(users)
                        vals = cls._vals(f"{day} {start}", f"{day} 18:00", machine, partner)
                        vals["stop"] = vals["start"] + timedelta(minutes=minutes)
                        vals_list.append(vals)
                        number += 1
            weekend = monday + timedelta(days=4)
            if weekend.month == 3:
                until = monday + timedelta(days=7)
                vals_list.append(cls._vals(f"{weekend} 17:00", f"{until} 10:00", cls.workshop, random.choice(users)))
            made = cls._book_quoted(vals_list)
            for index, booking in enumerate(made):
                end = ENDS.get(index % 20)
                if end and booking._local(booking.start).date() != NOON:
                    cls.ends[end] |= booking
            cls.bookings |= made

    @classmethod
    def _book_quoted(cls, vals_list):
        """Ask the price of these bookings, then confirm them; the quotes are kept."""
        requests = [
            QuoteRequest(
                cls.env["fabloch.machine"].browse(vals["machine_id"]),
                cls.env["res.partner"].browse(vals["partner_id"]),
                vals["start"],
                vals["stop"],
            )
            for vals in vals_list
        ]
        quotes = cls.env["fabloch.machine"]._quotes(requests, [0] * len(requests))
        made = cls.Booking.create([dict(vals, state="confirmed") for vals in vals_list])
        cls.quotes.update(zip(made, quotes, strict=True))
        return made

    @classmethod
    def _live_month(cls, frozen):
        """Day by day: who cancels, who doesn't come; and the invoicing of each night, until the one of 2 April."""
        day = date(2026, 2, 28)
        starting = cls.bookings.grouped(lambda booking: booking._local(booking.start).date())
        while day <= APRIL:
            cls.nights[day] = cls._night(frozen, day)
            frozen.move_to(cls._at(f"{day} 08:30"))
            (cls.ends["late"] & starting.get(day, cls.Booking)).action_cancel("Ill")
            ahead = starting.get(day + timedelta(days=2), cls.Booking)
            (cls.ends["in_time"] & ahead).action_cancel("Plans have changed")
            if day == NOON:
                frozen.move_to(cls._at(f"{day} 12:15"))
                before = cls.Charge.search([("state", "=", "to_invoice")])
                cls.Charge._cron_invoice()
                cls.at_noon = before.filtered(lambda charge: charge.state == "invoiced")
                cls.still_to_come = before.filtered(lambda charge: charge.booking_id.stop > datetime.now())
            if day == date(2026, 3, 26):
                cls.long_rental = cls._book_quoted(
                    [cls._vals("2026-03-30 10:00", "2026-04-13 10:00", cls.workshop, cls.members[0])]
                )
                cls.on_the_first = cls._book_quoted(
                    [cls._vals("2026-04-01 14:00", "2026-04-01 15:00", cls.laser, cls.members[1])]
                )
            frozen.move_to(cls._at(f"{day} 20:00"))
            (cls.ends["no_show"] & starting.get(day, cls.Booking)).action_no_show()
            day += timedelta(days=1)
        cls.nights[day] = cls._night(frozen, day)

    # -- What is due ---------------------------------------------------------------------------------------------

    def _due(self, booking):
        """What is due for `booking`, worked out by hand from its quote: {product id: amount}."""
        percent = 100
        if booking in self.ends["in_time"]:
            percent = 0
        elif booking in self.ends["late"]:
            percent = 50
        elif booking in self.ends["no_show"]:
            percent = 60 if booking.machine_id == self.printers else 100
        due = defaultdict(Decimal)
        for line in self.quotes[booking].lines:
            amount = Decimal(str(line.price_unit)) * int(line.quantity) * percent / 100
            due[line.product_id] += amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return due

    def _due_of(self, bookings):
        return sum((sum(self._due(booking).values()) for booking in bookings), Decimal(0))

    def _cents(self, amount):
        return Decimal(f"{amount:.2f}")

    def test_the_month_is_what_it_should_be(self):
        self.assertGreater(len(self.bookings), 400)
        states = {state: len(found) for state, found in self.bookings.grouped("state").items()}
        self.assertGreater(min(states["cancelled"], states["no_show"]), 15)
        invoices = self.charges.invoice_id
        print(f"\n{len(self.bookings)} bookings {states}, {len(invoices)} invoices, {self._due_of(self.bookings)} €")
        visits = self.bookings.filtered("visitor")
        self.assertEqual(visits.partner_id, self.visitors)
        self.assertEqual(self.bookings - visits, self.bookings.filtered(lambda b: b.partner_id not in self.visitors))

    def test_the_invoices_sum_to_the_quotes_to_the_cent(self):
        invoices = self.charges.invoice_id
        self.assertEqual(set(invoices.mapped("state")), {"posted"})
        self.assertEqual(set(self.charges.mapped("state")), {"invoiced", "waived"})
        self.assertEqual(
            self._cents(sum(self.charges.invoice_line_id.mapped("price_subtotal"))), self._due_of(self.bookings)
        )
        for payer, charges in self.charges.grouped("invoice_partner_id").items():
            lines = charges.invoice_line_id
            self.assertEqual(
                self._cents(sum(lines.mapped("price_subtotal"))), self._due_of(charges.booking_id), payer.name
            )
            self.assertLessEqual(lines.move_id.partner_id, payer)

    def test_each_charge_is_on_one_line(self):
        for charge in self.charges.filtered(lambda charge: charge.state == "invoiced"):
            self.assertEqual(len(charge.invoice_line_ids), 1)
            self.assertEqual(charge.invoice_line_id.price_subtotal, charge.amount)
        lines = self.charges.invoice_id.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(len(lines), len(lines.fabloch_charge_id), "nothing stands on the invoices but charges")

    def test_visitors_are_invoiced_in_the_night_that_follows(self):
        visits = self.charges.filtered(lambda c: c.booking_id.visitor and c.state == "invoiced")
        self.assertGreater(len(visits), 30)
        for charge in visits - self.at_noon:
            # What is cancelled late is owed at once, so on that very day: it is its day in any case.
            self.assertEqual(charge.invoice_id.invoice_date, charge.date + timedelta(days=1), charge.name)
        for night, charges in self.nights.items():
            if night != APRIL:
                self.assertEqual(charges.booking_id.mapped("visitor"), [True] * len(charges.booking_id), night)

    def test_a_visitor_who_has_chosen_monthly_waits(self):
        with freeze_time("2026-04-03 08:00") as frozen:
            self.visitors[0].invoicing_frequency = "monthly"
            visit = self._book("2026-04-03 14:00", "2026-04-03 15:00", partner=self.visitors[0])
            self.assertTrue(visit.visitor)
            self.assertNotIn(visit.charge_ids, self._night(frozen, date(2026, 4, 4)))
            self.assertIn(visit.charge_ids, self._night(frozen, date(2026, 5, 1)))

    def test_members_and_companies_get_one_invoice_on_the_monthly_day(self):
        monthly = self.charges.filtered(lambda c: not c.booking_id.visitor and c.state == "invoiced")
        self.assertEqual(set(monthly.invoice_id.mapped("invoice_date")), {APRIL})
        for payer, charges in monthly.grouped("invoice_partner_id").items():
            self.assertEqual(len(charges.invoice_id), 1, payer.name)
        self.assertGreater(len(monthly.invoice_partner_id & self.companies), 15)
        self.assertGreater(len(monthly.invoice_partner_id & self.members), 50)

    def test_nothing_is_invoiced_before_it_is_over(self):
        self.assertTrue(self.at_noon, "who came in the morning is invoiced at noon, or the test would prove nothing")
        self.assertFalse(self.at_noon & self.still_to_come)
        self.assertTrue(self.still_to_come.booking_id.filtered("visitor"))
        for night, charges in self.nights.items():
            for booking in charges.booking_id - self.long_rental:
                over = booking.stop if booking.state == "confirmed" else booking.cancel_date or booking.start
                self.assertLess(over, self._at(f"{night} 03:00"), booking.name)

    def test_a_long_rental_is_invoiced_month_by_month(self):
        charges = self.long_rental.charge_ids.sorted("date")
        self.assertEqual(
            charges.mapped(lambda charge: (charge.date, charge.quantity, charge.state)),
            [(date(2026, 3, 31), 2, "invoiced"), (date(2026, 4, 13), 12, "to_invoice")],
        )
        self.assertIn(charges[0], self.nights[APRIL])
        self.assertEqual(self._cents(sum(charges.mapped("amount"))), self._due_of(self.long_rental))

    def test_a_booking_on_the_monthly_day_waits_for_the_next_one(self):
        charge = self.on_the_first.charge_ids
        self.assertEqual((charge.date, charge.state), (APRIL, "to_invoice"))
        self.assertIn(self.members[1], self.nights[APRIL].invoice_partner_id)
        self.assertFalse(self.nights[APRIL + timedelta(days=1)], "no second invoice on the 2nd")
        with freeze_time("2026-04-30 08:00") as frozen:
            self.assertIn(charge, self._night(frozen, date(2026, 5, 1)))

    # -- What the invoices look like ---------------------------------------------------------------------------------

    def test_the_people_of_a_company_stand_under_a_section_each(self):
        checked = 0
        invoiced = self.charges.filtered("invoice_id").grouped("invoice_partner_id")
        for company in self.companies:
            charges = invoiced.get(company, self.Charge)
            if len(charges.partner_id) < 2:
                continue
            checked += 1
            user, users = None, []
            for line in charges.invoice_id.invoice_line_ids.sorted("sequence"):
                if line.display_type == "line_section":
                    user = line.name
                    users.append(user)
                else:
                    self.assertEqual(line.fabloch_charge_id.partner_id.name, user)
            self.assertEqual(sorted(users), sorted(charges.partner_id.mapped("name")))
        self.assertGreater(checked, 10)

    def test_lines_are_in_the_order_of_the_days(self):
        invoice = self.nights[APRIL].filtered(lambda c: c.partner_id == self.members[0]).invoice_id
        days = invoice.invoice_line_ids.sorted("sequence").fabloch_charge_id.mapped("date")
        self.assertGreater(len(days), 2)
        self.assertEqual(days, sorted(days))

    def test_the_invoices_wait_for_the_mailing_and_nothing_is_sent(self):
        invoices = self.charges.invoice_id
        self.assertTrue(all(invoices.mapped("sending_data")))
        self.assertFalse(any(invoices.mapped("is_move_sent")))
        self.assertEqual(self.env["mail.mail"].search_count([]), self.mails)
        cron = self.env.ref("account.ir_cron_account_move_send")
        self.assertTrue(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))

    # -- What the ledger says of it ----------------------------------------------------------------------------------

    def test_machine_use_and_workshop_rental_are_two_streams(self):
        moves = self.charges.invoice_id
        Report = self.env["fabloch.revenue.report"]
        domain = Domain("move_id", "in", (moves | self.long_rental.charge_ids.invoice_id).ids)
        found = {
            stream.code: self._cents(amount)
            for stream, amount in Report._read_group(domain, ["stream_id"], ["amount:sum"])
        }
        due = defaultdict(Decimal)
        for booking in self.bookings:
            for product_id, amount in self._due(booking).items():
                due["workshop" if product_id in (self.day | self.half_day).ids else "machine"] += amount
        due["workshop"] += self._cents(self.long_rental.charge_ids.sorted("date")[0].amount)
        self.assertGreater(due["workshop"], 500)
        self.assertEqual(found, dict(due))

    def test_a_second_night_makes_nothing(self):
        with freeze_time("2026-04-02 08:00") as frozen:
            self.assertFalse(self._night(frozen, date(2026, 4, 2)))


@tagged("post_install", "-at_install")
class TestInvoicingOfBookings(InvoicingCase):
    def test_a_line_reads_as_a_person_wrote_it(self):
        booking = self._book("14:00", "15:30")
        booking.action_invoice()
        lines = booking.charge_ids.invoice_line_id.sorted("sequence")
        self.assertEqual(
            [name.replace("\u202f", " ") for name in lines.mapped("name")],
            [
                "Laser 1, Tuesday 10 March 2026, 2:00 PM–3:30 PM: 1 × hour",
                "Laser 1, Tuesday 10 March 2026, 2:00 PM–3:30 PM: 1 × half hour",
            ],
        )

    def test_a_line_is_written_in_the_language_of_who_used_the_machine(self):
        self.anna.lang = "fr_FR"
        self.assertRegex(self._book("14:00", "15:00").charge_ids.name, "mardi 10 mars 2026, 14:00–15:00")

    def test_a_line_of_what_was_cancelled_late_says_so(self):
        booking = self._book("16:00", "17:00")
        booking.action_cancel("Ill")
        self.assertEqual(
            booking.charge_ids.name.replace("\u202f", " "),
            "Laser 1, Tuesday 10 March 2026, 4:00 PM–5:00 PM: 1 × hour (cancelled, 50 %)",
        )
        self.assertEqual((booking.charge_ids.date, booking.charge_ids.amount), (date(2026, 3, 10), 10.0))

    def test_a_free_booking_makes_no_invoice(self):
        self.hour.list_price = self.half_hour.list_price = 0
        booking = self._book("14:00", "15:00")
        with freeze_time("2026-03-11 08:00") as frozen:
            self.assertFalse(self._night(frozen, date(2026, 3, 11)))
            self._night(frozen, date(2026, 4, 1))
        self.assertEqual(booking.charge_ids.mapped("state"), ["waived"])
        self.assertFalse(self.env["account.move"].search_count([("partner_id", "=", self.anna.id)]))
        with self.assertRaisesRegex(UserError, "nothing to invoice"):
            booking.action_invoice()

    def test_the_desk_invoices_what_is_still_to_come(self):
        booking = self._book("2026-03-20 14:00", "2026-03-20 16:00")
        action = booking.action_invoice()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(
            (invoice.state, invoice.invoice_date, invoice.amount_untaxed), ("posted", date(2026, 3, 10), 40.0)
        )
        with freeze_time("2026-03-21 08:00") as frozen:
            self.assertFalse(self._night(frozen, date(2026, 3, 21)), "never twice")

    def test_what_is_still_to_come_today_is_not_due(self):
        charge = self._book("14:00", "15:00").charge_ids
        due = self.Charge._due_domain(self.company, date(2026, 3, 10))
        self.assertTrue(charge.immediate)
        self.assertNotIn(charge, self.Charge.search(due))
        with freeze_time(self._at("2026-03-10 15:00")):
            self.assertIn(charge, self.Charge.search(self.Charge._due_domain(self.company, date(2026, 3, 10))))

    def test_a_run_by_hand_takes_nothing_that_is_still_to_come(self):
        charges = (self._book("14:00", "15:00") | self._book("2026-03-20 14:00", "2026-03-20 15:00")).charge_ids
        self.assertFalse(charges._invoice(date(2026, 3, 31)).invoice_ids)
        with freeze_time(self._at("2026-03-10 15:00")):
            self.assertEqual(charges._invoice(date(2026, 3, 31)).amount, 20.0)

    def test_a_booking_invoiced_in_advance_and_cancelled_is_credited(self):
        booking = self._book("2026-03-20 14:00", "2026-03-20 16:00")
        booking.action_invoice()
        booking.action_cancel("Ill")
        self.assertEqual((booking.charge_ids.amount_credited, booking.amount), (40.0, 0.0))
        self.assertEqual(booking.charge_ids.credit_line_ids.move_id.state, "posted")

    def test_what_is_credited_and_invoiced_again_stays_with_its_booking(self):
        booking = self._book("2026-03-20 14:00", "2026-03-20 16:00")
        booking.action_invoice()
        charge = booking.charge_ids
        charge._credit(100, "Wrong payer")
        again = charge.action_reinvoice()
        self.assertEqual((again.booking_id, again.rate_id, again.amount), (booking, self.rate_hour, 40.0))
        self.assertEqual((booking.charge_ids, booking.amount), (charge | again, 40.0))
        booking.action_invoice()
        self.assertEqual(again.state, "invoiced")
        booking.action_cancel("Ill")
        self.assertEqual((again.amount_credited, charge.amount_credited, booking.amount), (40.0, 40.0, 0.0))

    def test_what_was_credited_does_not_count_when_the_booking_moves(self):
        booking = self._book("2026-03-20 14:00", "2026-03-20 16:00")
        booking.action_invoice()
        booking.charge_ids._credit(100, "Wrong payer")
        booking.charge_ids.action_reinvoice()
        booking.write({"start": self._at("2026-03-20 10:00"), "stop": self._at("2026-03-20 11:00")})
        self.assertEqual(booking.amount, 20.0)

    def test_the_preview_shows_what_the_run_will_do(self):
        self._book("14:00", "15:00")
        preview = self.env["fabloch.invoicing.preview"].create({"date": "2026-03-10", "only_due": False})
        self.assertFalse(preview.line_ids, "nothing is over yet")
        with freeze_time("2026-03-10 16:00"):
            preview = self.env["fabloch.invoicing.preview"].create({"date": "2026-03-10", "only_due": False})
            self.assertEqual(preview.line_ids.mapped("amount"), [20.0])


@tagged("post_install", "-at_install")
class TestCostOfTheCron(InvoicingCase):
    PAYERS = 10

    def _cost_of_night(self, day, machine):
        """Queries of the night after `day`, in which as many visitors as ever are invoiced."""
        vals_list = [
            self._vals(f"{day} {9 + index // 4 * 2:02}:00", f"{day} {10 + index // 4 * 2:02}:00", machine, partner)
            for index, partner in enumerate(self.people)
        ]
        self.Booking.create([dict(vals, state="confirmed") for vals in vals_list])
        with freeze_time(self._at(f"{day + timedelta(days=1)} 03:00")):
            queries = self._queries(self.Charge._cron_invoice)
            due = self.Charge.search([("partner_id", "in", self.people.ids), ("state", "=", "to_invoice")])
        self.assertFalse(due)
        return queries

    def test_an_invoice_costs_the_same_whatever_the_history(self):
        self.people = self._partners(*(f"Visitor {number}" for number in range(self.PAYERS)))
        first = date(2026, 3, 10)
        self._cost_of_night(first, self.printers)  # fills what is kept for the whole process
        few = self._cost_of_night(first + timedelta(days=1), self.printers)
        self._add_history(20_000)
        many = self._cost_of_night(first + timedelta(days=2), self.printers)
        print(f"\n{self.PAYERS} invoices: {few} queries, and {many} after 20,000 bookings")
        self.assertLessEqual(many, few)
        self.assertLessEqual(few / self.PAYERS, 30)

    def _add_history(self, number):
        """So many bookings with their charge, invoiced: copies of those of a person, long ago."""
        self.env.flush_all()
        booking = self.Booking.search([("partner_id", "=", self.people[0].id)], limit=1)
        self.cr.execute(
            """
            WITH made AS (
                INSERT INTO fabloch_booking (name, partner_id, machine_id, category_id, company_id, currency_id,
                                             start, stop, units, duration, state, confirm_date)
                SELECT 'H' || number, partner_id, machine_id, category_id, company_id, currency_id,
                       start - interval '1 hour' * number, stop - interval '1 hour' * number, 1, 1, state, confirm_date
                  FROM fabloch_booking, generate_series(1, %(number)s) number
                 WHERE id = %(booking)s
             RETURNING id, start)
            INSERT INTO fabloch_charge (booking_id, rate_id, partner_id, invoice_partner_id, product_id, name, date,
                                        quantity, product_uom_id, price_unit, amount, currency_id, company_id, state,
                                        immediate)
            SELECT made.id, rate_id, partner_id, invoice_partner_id, product_id, name, made.start::date, quantity,
                   product_uom_id, price_unit, amount, currency_id, company_id, 'invoiced', immediate
              FROM fabloch_charge, made
             WHERE booking_id = %(booking)s
            """,
            {"number": number, "booking": booking.id},
        )
        self.cr.execute("ANALYZE fabloch_booking, fabloch_charge")
        self.env.invalidate_all()
