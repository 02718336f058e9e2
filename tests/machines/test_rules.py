"""Every rule of booking, with what it says: on creation, on a move, in an import, for the staff and the manager."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestRules(MachinesCase):
    def _refused(self, words, start, stop, machine=None, **vals):
        """The booking is refused with `words`, and nothing is written."""
        before = self.Booking.search_count([])
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            self._book(start, stop, machine, **vals)
        self.assertEqual(self.Booking.search_count([]), before)

    # -- Duration and slot -------------------------------------------------------------------------------------------

    def test_shortest_longest_and_slot_are_said_with_their_numbers(self):
        self.laser.write({"shortest_minutes": 60, "longest_minutes": 120})
        self._refused("shortest booking of Laser 1 is 1 h, and this one lasts 30 min", "14:00", "14:30")
        self._refused("longest booking of Laser 1 is 2 h, and this one lasts 2 h 30", "14:00", "16:30")
        self._refused("slots of 30 min, and this booking goes from 14:15 for 1 h", "14:15", "15:15")
        self._refused("slots of 30 min, and this booking goes from 14:00 for 1 h 15", "14:00", "15:15")
        self._book("14:00", "16:00")

    def test_no_limit_when_the_longest_is_0(self):
        self.laser.longest_minutes = 0
        self._book("09:30", "18:00")

    # -- Time ----------------------------------------------------------------------------------------------------------

    def test_the_past_is_over(self):
        self._refused("bookings are made for today or later", "2026-03-09 14:00", "2026-03-09 15:00")

    def test_the_reception_notes_who_came_without_booking_today(self):
        with freeze_time("2026-03-10 10:20"):
            self._book("11:00", "12:00")

    def test_notice_and_horizon(self):
        self.laser.write({"notice_hours": 24, "horizon_days": 10})
        self._refused("at least 24 h ahead: from Wed 11 Mar, 09:00 on", "14:00", "15:00")
        self._refused("at most 10 days ahead: until Fri 20 Mar, 09:00", "2026-03-21 10:00", "2026-03-21 11:00")
        self._book("2026-03-11 10:00", "2026-03-11 11:00")

    # -- Opening hours -----------------------------------------------------------------------------------------------

    def test_closed_days_and_hours_are_said(self):
        self._refused("open 09:00–18:00 on 03/10/2026, and this booking goes from .*17:30", "17:30", "18:30")
        self._refused("Laser 1 is closed on 03/15/2026", "2026-03-15 10:00", "2026-03-15 11:00")

    def test_no_booking_over_lunch(self):
        self.laser.resource_calendar_id = self._calendar("Mornings", range(6), 9, 12)
        self.laser.resource_calendar_id.attendance_ids = [
            Command.create(
                {"name": "Afternoon", "dayofweek": "1", "hour_from": 14, "hour_to": 18, "day_period": "afternoon"}
            )
        ]
        self._refused("open 09:00–12:00, 14:00–18:00", "11:00", "15:00")
        self._refused("open 09:00–12:00, 14:00–18:00", "12:30", "13:30")
        self._book("14:00", "15:00")

    def test_a_public_holiday_closes_and_an_exceptional_opening_opens(self):
        holiday = {
            "name": "Holiday",
            "calendar_id": self.calendar.id,
            "date_from": self._at("2026-03-12 00:00"),
            "date_to": self._at("2026-03-13 00:00"),
        }
        self.env["resource.calendar.leaves"].create(holiday)
        self._refused("closed on 03/12/2026", "2026-03-12 10:00", "2026-03-12 11:00")
        self.env["fabloch.opening"].create(
            {
                "name": "Open doors",
                "calendar_id": self.calendar.id,
                "start": self._at("2026-03-15 10:00"),
                "stop": self._at("2026-03-15 16:00"),
            }
        )
        self._refused("open 10:00–16:00", "2026-03-15 09:00", "2026-03-15 11:00")
        self._book("2026-03-15 10:00", "2026-03-15 11:00")

    def test_open_day_and_night(self):
        self.laser.always_open = True
        self._book("2026-03-10 23:00", "2026-03-11 02:00")

    def test_a_rental_over_night_comes_and_goes_when_it_is_open(self):
        workshop = self._machine("Workshop", kind="workshop", overnight=True, longest_minutes=0)
        self._refused("open 09:00–18:00 on 03/12/2026", "2026-03-10 10:00", "2026-03-12 20:00", workshop)
        self._refused("open 09:00–18:00 on 03/10/2026", "2026-03-10 20:00", "2026-03-12 10:00", workshop)
        self._book("2026-03-10 10:00", "2026-03-12 18:00", workshop)

    # -- Authorisation -------------------------------------------------------------------------------------------------

    def _authorise(self, partner=None, **vals):
        return self.env["fabloch.authorisation"].create(
            {"partner_id": (partner or self.anna).id, "category_id": self.category.id, "date": "2026-01-01", **vals}
        )

    def test_a_missing_authorisation_is_named(self):
        self.category.requires_authorisation = True
        self._refused("needs the authorisation “Laser”, which Anna Le Goff doesn't have", "14:00", "15:00")
        self._authorise()
        self._book("14:00", "15:00")

    def test_an_authorisation_holds_on_the_day_of_the_booking(self):
        self.category.requires_authorisation = True
        self._authorise(date_end="2026-03-10")
        self._book("14:00", "15:00")
        self._refused("isn't valid on that day", "2026-03-11 14:00", "2026-03-11 15:00")

    def test_a_withdrawn_authorisation_is_none(self):
        self.category.requires_authorisation = True
        self._authorise().sudo().write({"revoked_on": "2026-03-01", "revoked_reason": "Unsafe"})
        self._refused("was withdrawn", "14:00", "15:00")

    def test_an_unused_authorisation_is_lost(self):
        self.category.write({"requires_authorisation": True, "authorisation_unused_months": 2})
        self._authorise()
        self._refused("not used for too long", "14:00", "15:00")
        self._authorise(date="2026-02-01")
        self._book("14:00", "15:00")

    def test_a_company_books_what_one_of_its_people_may_use(self):
        self.category.requires_authorisation = True
        company, worker = self._partners("Chantier naval", "Soudeuse")
        worker.parent_id = company
        self._refused("Chantier naval doesn't have", "14:00", "15:00", partner=company)
        self._authorise(worker)
        self._book("14:00", "15:00", partner=company)

    # -- Quota ---------------------------------------------------------------------------------------------------------

    def test_the_weekly_quota_is_said_with_what_is_booked_already(self):
        self.category.quota_hours_week = 6
        self._book("09:30", "15:00")
        self._refused(
            "Laser for 6 h a week; 5 h 30 are booked already, and this booking asks for 1 h", "16:00", "17:00"
        )
        self._book("16:00", "16:30")
        self._book("2026-03-16 10:00", "2026-03-16 11:00")  # the next week

    def test_the_quota_counts_what_one_call_books(self):
        self.category.quota_hours_week = 2
        vals_list = [self._vals("10:00", "11:30"), self._vals("14:00", "15:30")]
        with self.assertRaisesRegex(UserError, "1 h 30 are booked already"):
            self.Booking.create(vals_list)

    def test_the_quota_is_the_categorys_and_each_persons_own(self):
        self.category.quota_hours_week = 1
        second = self._machine("Laser 2")
        self._book("10:00", "11:00")
        self._refused("a week", "12:00", "13:00", second)
        self._book("12:00", "13:00", second, partner=self.yann)

    def test_moving_does_not_count_the_booking_twice(self):
        self.category.quota_hours_week = 2
        booking = self._book("10:00", "12:00")
        booking.write({"start": self._at("2026-03-10 14:00"), "stop": self._at("2026-03-10 16:00")})
        with self.assertRaisesRegex(UserError, "a week"):
            booking.stop = self._at("2026-03-10 17:00")

    # -- Units, service, exceptions ----------------------------------------------------------------------------------

    def test_no_more_units_than_there_are(self):
        printers = self._machine("Printers", capacity=2)
        self._refused("has 2 units, of which 2 are free .* and 3 are asked", "14:00", "15:00", printers, units=3)
        booking = self._book("14:00", "15:00", printers, units=2)
        self.assertEqual(booking.amount, 40.0)

    def test_out_of_service(self):
        self.laser.state = "out_of_service"
        self._refused("out of service", "14:00", "15:00")

    def test_rules_hold_when_a_booking_moves_and_in_an_import(self):
        booking = self._book("14:00", "15:00")
        with self.assertRaisesRegex(UserError, "closed on"), self.env.cr.savepoint():
            booking.write({"start": self._at("2026-03-15 14:00"), "stop": self._at("2026-03-15 15:00")})
        self.assertEqual(booking.start, self._at("2026-03-10 14:00"))
        result = self.Booking.load(
            ["partner_id/.id", "machine_id/.id", "start", "stop"],
            [
                [str(self.anna.id), str(self.laser.id), "2026-03-11 09:00:00", "2026-03-11 10:00:00"],
                [str(self.anna.id), str(self.laser.id), "2026-03-15 09:00:00", "2026-03-15 10:00:00"],
            ],
        )
        self.assertFalse(result["ids"])
        self.assertIn("closed on", result["messages"][0]["message"])
        self.assertFalse(self.Booking.search([("start", "=", self._at("2026-03-11 10:00"))]))

    def test_a_manager_books_against_a_rule_with_a_reason_and_never_over_another(self):
        manager = self._user("manager", "fabloch_machines.group_machines_manager")
        reception = self._user("reception")
        Booking = self.Booking.with_user(manager)
        sunday = self._vals("2026-03-15 10:00", "2026-03-15 11:00")
        with self.assertRaisesRegex(UserError, "closed"), self.env.cr.savepoint():
            Booking.create(dict(sunday))
        with self.assertRaisesRegex(AccessError, "manager"), self.env.cr.savepoint():
            self.Booking.with_user(reception).create(dict(sunday, exception_reason="I like Sundays"))
        booking = Booking.create(dict(sunday, exception_reason="Open day"))
        booking.action_confirm()
        with self.assertRaisesRegex(UserError, "taken"):
            Booking.create(dict(sunday, partner_id=self.yann.id, exception_reason="Open day"))

    # -- Proposals ---------------------------------------------------------------------------------------------------

    def test_the_nearest_free_period_can_be_booked(self):
        self.laser.write({"buffer_minutes": 15, "notice_hours": 1})
        self._book("14:00", "15:00")
        self._book("15:30", "17:00", partner=self.yann)
        for start, stop in (("14:00", "15:00"), ("13:30", "14:30"), ("17:30", "18:30"), ("09:30", "10:30")):
            start, stop = self._at(f"2026-03-10 {start}"), self._at(f"2026-03-10 {stop}")
            with self.subTest(start=start):
                nearest = self.laser._nearest_free(start, stop)
                booking = self.Booking.create(
                    {
                        "machine_id": self.laser.id,
                        "partner_id": self.anna.id,
                        "start": nearest[0],
                        "stop": nearest[1],
                    }
                )
                self.assertEqual(nearest[1] - nearest[0], stop - start)
                booking.unlink()

    def test_a_hold_blocks_until_it_expires(self):
        hold = self._book("14:00", "15:00", confirm=False)
        self.assertEqual(hold.hold_until, self._at("2026-03-10 09:15"))
        self._refused("taken", "14:00", "15:00", partner=self.yann)
        with freeze_time("2026-03-10 08:16"):
            self._book("14:00", "15:00", partner=self.yann)
            with self.assertRaisesRegex(UserError, "Cancelled"):
                hold.action_confirm()

    def test_the_nightly_job_ends_holds(self):
        hold = self._book("14:00", "15:00", confirm=False)
        with freeze_time("2026-03-10 08:16"):
            self.Booking._cron_expire()
        self.assertEqual((hold.state, bool(hold.occupancy_ids)), ("cancelled", False))
