"""The screens of bookings: what they are told by the server, and what a person does with them in a browser."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.fabloch_machines import periods

from . import common
from .common import MachinesCase

WEEK = ("2026-03-08 23:00:00", "2026-03-15 23:00:00")  # Monday 9 to Sunday 15 March, in Auray


@tagged("post_install", "-at_install")
class TestPlannerData(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Machine = cls.env["fabloch.machine"].with_user(cls._user("desk"))

    def _data(self, domain=None):
        """What the planner is told of this test's machines."""
        data = self.Machine.get_planner_data(*WEEK, domain or [("company_id", "=", self.company.id)])
        return {**data, "rows": {row["id"]: row for row in data["machines"]}}

    def _blocks(self, machine):
        return [
            (block["kind"], block["start"], block["stop"], block["name"])
            for block in self._data()["blocks"]
            if block["machine_id"] == machine.id
        ]

    def test_every_machine_has_a_row_in_its_place(self):
        workshop = self._machine("Wood", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id)
        host = self.env["res.partner"].create({"name": "Joinery"})
        planer = self._machine("Planer", host_id=host.id)
        upstairs = self._machine("Printer", location="Upstairs")
        data = self._data()
        names = {place["id"]: place["name"] for place in data["places"]}
        for machine, place in (
            (workshop, "Wood"),
            (saw, "Wood"),
            (planer, "Joinery"),
            (upstairs, "Upstairs"),
            (self.laser, "Other machines"),
        ):
            self.assertEqual(names[data["rows"][machine.id]["place"]], place, machine.name)
        order = [place["name"] for place in data["places"]]
        self.assertLess(order.index("Wood"), order.index("Joinery"))
        self.assertLess(order.index("Joinery"), order.index("Upstairs"))
        self.assertEqual(order[-1], "Other machines")

    def test_closed_hours_are_those_of_the_machine(self):
        other = self._machine("Night", always_open=True)
        data = self._data()
        closed = data["hours"][data["rows"][self.laser.id]["hours"]]
        self.assertEqual(closed[0], ["2026-03-08 23:00:00", "2026-03-09 08:00:00"])
        self.assertEqual(closed[1], ["2026-03-09 17:00:00", "2026-03-10 08:00:00"])
        self.assertEqual(closed[-1], ["2026-03-14 17:00:00", "2026-03-15 23:00:00"], "the whole Sunday")
        self.assertEqual(data["hours"][data["rows"][other.id]["hours"]], [])

    def test_what_takes_a_machine_beside_its_bookings(self):
        workshop = self._machine("Wood", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id, capacity=2)
        self.laser.buffer_minutes = 30
        self._book("14:00", "15:00")
        self._book("2026-03-11 10:00", "12:00", machine=workshop)
        self.env["fabloch.closure"].create(
            {
                "name": "Lenses",
                "machine_ids": [Command.set(self.laser.ids)],
                "start": self._at("2026-03-12 09:00"),
                "stop": self._at("2026-03-12 18:00"),
            }
        )
        self.assertEqual(
            self._blocks(self.laser),
            [
                ("buffer", "2026-03-10 14:00:00", "2026-03-10 14:30:00", "Anna Le Goff"),
                ("maintenance", "2026-03-12 08:00:00", "2026-03-12 17:00:00", "Lenses"),
            ],
        )
        self.assertEqual(
            self._blocks(saw),
            [("booking", "2026-03-11 09:00:00", "2026-03-11 11:00:00", "Anna Le Goff")],
            "one block for both units",
        )
        self.assertEqual(self._blocks(workshop), [], "its own booking is a bar")

    def test_an_expired_hold_of_a_workshop_takes_nothing(self):
        workshop = self._machine("Wood", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id)
        booking = self._book("10:00", "12:00", machine=workshop, confirm=False)
        self.assertEqual(len(self._blocks(saw)), 1)
        booking.sudo().hold_until = "2026-03-10 07:00:00"
        self.assertEqual(self._blocks(saw), [])

    def test_a_search_of_machines_chooses_the_rows(self):
        category = self._category("Printing", self.hour)
        printer = self._machine("Printer", category)
        both = self.laser | printer

        def rows(*domain):
            return both.filtered(lambda machine: machine.id in self._data(list(domain))["rows"])

        self.assertEqual(rows(("category_id", "=", category.id)), printer)
        self.assertEqual(rows(("category_id", "ilike", "laser")), self.laser)
        self.assertEqual(rows(("machine_id", "ilike", "print")), printer)
        self.assertEqual(rows(("machine_id", "in", self.laser.ids)), self.laser)
        self.assertEqual(rows(("machine_id.capacity", ">", 1)), self.env["fabloch.machine"])
        self.assertEqual(rows("!", ("category_id", "=", category.id)), self.laser)
        self.assertEqual(rows(("partner_id", "=", self.anna.id)), both, "persons don't choose machines")
        self.assertEqual(rows("!", ("partner_id.name", "=", "x")), both)
        self.assertEqual(rows("|", ("category_id", "=", category.id), ("partner_id", "=", self.anna.id)), both)
        self.assertEqual(rows(("category_id", "=", category.id), ("partner_id", "=", self.anna.id)), printer)

    def test_access(self):
        portal = self._user("portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env["fabloch.machine"].with_user(portal).get_planner_data(*WEEK)
        with self.assertRaises(UserError):
            self.Machine.get_planner_data("2020-01-01 00:00:00", "2026-01-01 00:00:00")

    def test_cost_does_not_grow_with_the_machines(self):
        category = self._category("Many", self.hour)
        domain = [("category_id", "=", category.id)]

        def measure():
            self.Machine.get_planner_data(*WEEK, domain)  # settings and access rights are known
            return self._queries(lambda: self.Machine.get_planner_data(*WEEK, domain))

        machines = [self._machine(f"M{number}", category) for number in range(5)]
        self._book("10:00", "11:00", machine=machines[0], confirm=False)
        few = measure()
        for number in range(5, 50):
            machine = self._machine(f"M{number}", category)
            self._book("14:00", "15:00", machine=machine, confirm=False)
        self.assertEqual(measure(), few)
        self.assertLessEqual(few, 6)


@tagged("post_install", "-at_install")
class TestBookingForm(MachinesCase):
    def _form(self, start, stop, partner=None):
        desk = self.env.ref("base.user_admin")
        form = Form(
            self.Booking.with_user(desk).with_context(
                default_machine_id=self.laser.id, default_start=self._at(f"2026-03-10 {start}")
            )
        )
        form.stop = self._at(f"2026-03-10 {stop}")
        if partner:
            form.partner_id = partner
        return form

    def test_refusal_is_told_before_saving(self):
        self._book("14:00", "15:00")
        form = self._form("14:00", "15:00")
        self.assertIn("Laser 1 is taken from", form.refusal)
        nearest = (self._at("2026-03-10 15:00"), self._at("2026-03-10 16:00"))
        self.assertEqual((form.nearest_start, form.nearest_stop), nearest)
        form.start, form.stop = form.nearest_start, form.nearest_stop
        self.assertFalse(form.refusal)
        form.partner_id = self.anna
        self.assertEqual(form.save().start, self._at("2026-03-10 15:00"))

    def test_nobody_is_refused_before_a_name_is_given(self):
        self.category.requires_authorisation = True
        self.category.quota_hours_week = 0.5
        form = self._form("14:00", "15:00")
        self.assertFalse(form.refusal)
        form.partner_id = self.anna
        self.assertIn("Anna Le Goff", form.refusal)
        self.assertEqual(form.authorisation_status, "missing")
        self.assertFalse(form.nearest_start, "no other time would help")

    def test_opening_hours_are_told_without_a_name(self):
        self.assertIn("is open 09:00–18:00", self._form("17:00", "19:00").refusal)

    def test_a_move_is_judged_and_the_saved_booking_is_not(self):
        self._book("14:00", "15:00", partner=self.yann)
        booking = self._book("10:00", "11:00")
        self.assertFalse(booking.refusal)
        with Form(booking) as form:
            form.stop = self._at("2026-03-10 12:00")
            self.assertFalse(form.refusal, "its own period isn't in its way")
            form.start, form.stop = self._at("2026-03-10 14:30"), self._at("2026-03-10 15:30")
            self.assertIn("is taken", form.refusal)
            form.start, form.stop = self._at("2026-03-10 15:00"), self._at("2026-03-10 16:00")
            self.assertFalse(form.refusal)

    def test_looking_writes_nothing(self):
        expired = self._book("14:00", "15:00", confirm=False)
        expired.sudo().hold_until = "2026-03-10 07:00:00"
        booking = self._book("10:00", "11:00")
        with Form(booking) as form:
            form.start, form.stop = self._at("2026-03-10 14:00"), self._at("2026-03-10 15:00")
            self.assertFalse(form.refusal)
            self.assertEqual(expired.state, "hold", "a preview ends no hold")
            form.start, form.stop = self._at("2026-03-10 10:00"), self._at("2026-03-10 11:00")

    def test_price_preview_is_the_price(self):
        form = self._form("14:00", "15:30", self.anna)
        self.assertEqual(form.price_total, 32.0)
        self.assertIn("1 × hour at", form.price_preview)
        booking = form.save()
        booking.action_confirm()
        self.assertEqual((booking.amount, booking.price_preview), (32.0, False))
        self.assertIn("1 × hour at", booking.price_explanation)

    def test_prepaid_hours_are_shown(self):
        self.env["fabloch.allowance"].create(
            {"name": "Pack", "partner_id": self.anna.id, "quantity": 2.5, "date_from": "2026-01-01"}
        )
        self.assertEqual(self._form("14:00", "15:00", self.anna).prepaid_left, 2.5)
        self.assertEqual(self._form("14:00", "15:00", self.yann).prepaid_left, 0.0)

    def test_status_follows_now(self):
        running, later = self._book("09:00", "10:00"), self._book("14:00", "15:00")
        hold = self._book("16:00", "17:00", confirm=False)
        self.assertEqual((running + later + hold).mapped("status"), ["running", "confirmed", "hold"])
        with common.freeze_time("2026-03-10 13:30:00"):
            (running + later).invalidate_recordset(["status"])
            self.assertEqual((running + later).mapped("status"), ["done", "running"])
        later.action_cancel()
        self.assertEqual(later.status, "cancelled")


@tagged("post_install", "-at_install")
class TestPlannerTours(MachinesCase, HttpCase):
    """A browser lives in the present: what is booked lies in the next week."""

    @classmethod
    def setUpClass(cls):
        with patch.object(common, "freeze_time", lambda moment: patch.dict({})):
            super().setUpClass()
        cls.env["fabloch.machine"].search([]).action_archive()
        cls.laser = cls._machine("Tour laser", always_open=True)
        cls.empty = cls._machine("Tour empty", always_open=True)
        cls._user("reception")
        cls.person, cls.booked = cls._partners("Tour Person", "Tour Booked")
        now = periods.to_local(fields.Datetime.now(), "Europe/Paris")
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        cls.wednesday = today + timedelta(days=9 - today.weekday())
        cls.busy = cls._on(cls.wednesday + timedelta(days=2), 12, partner=cls.booked)

    @classmethod
    def _on(cls, day, hour, hours=4, **vals):
        start = day + timedelta(hours=hour)
        texts = [f"{moment:%Y-%m-%d %H:%M}" for moment in (start, start + timedelta(hours=hours))]
        return cls._book(*texts, machine=cls.laser, **vals)

    def _local(self, booking):
        return periods.to_local(booking.start, "Europe/Paris")

    def test_reception_books_from_the_planner(self):
        self.start_tour("/odoo/fablab-planner", "fabloch_planner_book", login="reception")
        booking = self.Booking.search([("partner_id", "=", self.person.id)])
        self.assertEqual((booking.state, booking.machine_id), ("confirmed", self.empty))
        self.assertEqual(booking.start.minute % 30, 0)
        self.assertEqual(booking.amount, 20.0)

    def test_a_bar_moves_under_the_rules(self):
        booking = self._on(self.wednesday, 12, partner=self.person)
        start = booking.start
        self.start_tour("/odoo/fablab-planner", "fabloch_planner_move", login="reception")
        self.assertEqual(self._local(booking).date(), self.wednesday.date() + timedelta(days=1))
        self.assertEqual(booking.stop - booking.start, timedelta(hours=4))
        self.assertLess(abs(booking.start - start - timedelta(days=1)), timedelta(hours=4))
        self.assertEqual(booking.start.minute % 30, 0)
        self.assertEqual(booking.machine_id, self.empty)
        self.assertEqual(self.busy.machine_id, self.laser)

    def test_refusal_and_nearest_period(self):
        day = self.wednesday + timedelta(days=1)
        self.env["fabloch.closure"].create(
            {
                "name": "Lenses",
                "machine_ids": [Command.set(self.empty.ids)],
                "start": self._at(f"{day:%Y-%m-%d} 04:00"),
                "stop": self._at(f"{day:%Y-%m-%d} 14:00"),
            }
        )
        self.start_tour("/odoo/fablab-planner", "fabloch_planner_refusal", login="reception")
        booking = self.Booking.search([("partner_id", "=", self.person.id)])
        self.assertEqual((booking.state, booking.machine_id), ("confirmed", self.empty))
        self.assertEqual(self._local(booking).hour, 14)

    def test_a_full_week_opens_at_once(self):
        machines = [self._machine(f"Speed {number}", always_open=True, horizon_days=0) for number in range(50)]
        monday = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        monday -= timedelta(days=monday.weekday())
        with patch.object(type(self.env["fabloch.machine"]), "_check_time", lambda *args: None):
            bookings = self.Booking.create(
                [
                    {
                        "machine_id": machine.id,
                        "partner_id": self.person.id,
                        "start": monday + timedelta(hours=8 + 16 * number),
                        "stop": monday + timedelta(hours=10 + 16 * number),
                    }
                    for machine in machines
                    for number in range(10)
                ]
            )
        self.assertEqual(len(bookings), 500)
        self.start_tour("/odoo/fablab-bookings", "fabloch_planner_speed", login="reception")
