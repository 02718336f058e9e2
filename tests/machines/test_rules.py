"""Every rule of booking, with its message and its numbers, by every way in: create, move, import, calls."""

from contextlib import contextmanager
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_machines import clock

from .common import MachinesCase

FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


class RulesCase(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reception = cls._user("reception")
        cls.manager = cls._user("manager", "fabloch_machines.group_machines_manager")

    @contextmanager
    def _raises(self, exception, pattern):
        """`assertRaisesRegex` in a savepoint, so that nothing of what was refused stays."""
        with self.assertRaisesRegex(exception, pattern), self.cr.savepoint():
            yield

    def _refused(self, pattern, start, stop, machine=None, **vals):
        """Hold each way in to the same refusal, and see that it left nothing behind."""
        machine = machine or self.laser
        elsewhere = self._machine(
            "Elsewhere", self._category("Elsewhere", self.hour), horizon_days=0, capacity=machine.capacity
        )
        elsewhere.always_open = True
        asked = self._vals(start, stop, machine, **vals)
        with self.subTest("create"), self._raises(UserError, pattern):
            self.Booking.with_user(self.reception).create(asked)
        other = self.Booking.create(self._vals("2026-03-17 03:00", "2026-03-17 04:00", elsewhere))
        with self.subTest("move"), self._raises(UserError, pattern):
            other.with_user(self.reception).write(asked)
        other.unlink()
        with self.subTest("import"):
            columns = ["machine_id/.id", "partner_id/.id", "start", "stop", "units"]
            row = [
                str(asked["machine_id"]),
                str(asked["partner_id"]),
                str(asked["start"]),
                str(asked["stop"]),
                str(asked.get("units", 1)),
            ]
            result = self.Booking.with_user(self.reception).with_context(tz="UTC").load(columns, [row])
            self.assertFalse(result["ids"])
            self.assertRegex(" ".join(message["message"] for message in result["messages"]), pattern)
        left = self.Booking.search([("machine_id", "=", machine.id), ("start", "=", asked["start"])])
        self.assertFalse(left, left.read())


@tagged("post_install", "-at_install")
class TestRules(RulesCase):
    def test_out_of_service(self):
        self.laser.state = "out_of_service"
        self._refused("Laser 1 is out of service: choose another machine", "14:00", "15:00")

    def test_an_archived_machine(self):
        self.laser.active = False
        self._refused("Laser 1 is out of service", "14:00", "15:00")

    def test_a_machine_with_bookings_ahead_is_neither_put_out_of_service_nor_archived(self):
        self._book("14:00", "15:00")
        for vals in ({"state": "out_of_service"}, {"active": False}):
            with self.subTest(vals), self._raises(UserError, "1 bookings of Laser 1 lie ahead.*14:00"):
                self.laser.write(vals)

    def test_too_short(self):
        self.laser.write({"shortest_minutes": 90})
        self._refused("shortest booking of Laser 1 is 1 h 30, and this one lasts 1 h: make it longer", "14:00", "15:00")

    def test_too_long(self):
        self.laser.write({"longest_minutes": 120})
        self._refused("longest booking of Laser 1 is 2 h, and this one lasts 2 h 30", "14:00", "16:30")

    def test_no_longest(self):
        self.laser.write({"longest_minutes": 0})
        self.assertEqual(self._book("2026-03-11 09:00", "2026-03-11 18:00").duration, 9)

    def test_off_the_slots(self):
        self._refused("slots of 30 min, and this booking goes from 14:10 for 1 h", "14:10", "15:10")
        self._refused("slots of 30 min, and this booking goes from 14:00 for 45 min", "14:00", "14:45")

    def test_seconds_are_off_the_slots(self):
        with self._raises(UserError, "slots of 30 min"):
            start = self._at("2026-03-10 14:00") + timedelta(seconds=1)
            self.Booking.create({**self._vals("14:00", "15:00"), "start": start})

    def test_the_past(self):
        self._refused(
            "Mon 9 Mar, 14:00|Mon, Mar 9.*is over: bookings are made for today or later",
            *(["2026-03-09 14:00", "2026-03-09 15:00"]),
        )

    def test_staff_books_what_began_today_a_portal_user_through_sudo_does_not(self):
        with freeze_time("2026-03-10 13:10:00"):
            self._book("14:00", "15:00").action_cancel(waive=True)
            portal = self._user("member", "base.group_portal", partner_id=self.anna.id)
            with self._raises(UserError, "is over"):
                self.Booking.with_user(portal).sudo().create(self._vals("14:00", "15:00"))

    def test_who_took_a_period_is_told_to_the_staff_alone(self):
        self._book("14:00", "15:00", partner=self.yann)
        with self._raises(UserError, "by Yann Kerdoncuff"):
            self.Booking.with_user(self.reception).create(self._vals("14:00", "15:00"))
        portal = self._user("member", "base.group_portal", partner_id=self.anna.id)
        with self.assertRaises(UserError) as refused:
            self.Booking.with_user(portal).sudo().create(self._vals("14:00", "15:00"))
        self.assertNotIn("Yann", str(refused.exception))

    def test_notice(self):
        self.laser.notice_hours = 24
        self._refused(r"booked at least 24 h ahead: from Wed.*09:00 on", "14:00", "15:00")
        self.assertTrue(self._book("2026-03-11 09:00", "2026-03-11 10:00"))

    def test_horizon(self):
        self.laser.horizon_days = 10
        self._refused(r"at most 10 days ahead: until Fri.*09:00", "2026-03-20 09:30", "2026-03-20 10:30")
        self.assertTrue(self._book("2026-03-20 09:00", "2026-03-20 10:00"))

    # -- Opening hours ---------------------------------------------------------------------------------------------

    def test_before_opening_and_after_closing(self):
        self._refused(
            "Laser 1 is open 09:00–18:00 on .*and this booking goes from .*08:30",
            "2026-03-11 08:30",
            "2026-03-11 09:30",
        )
        self._refused("Laser 1 is open 09:00–18:00 on .* to .*18:30", "17:30", "18:30")

    def test_closed_day(self):
        self._refused("Laser 1 is closed on 03/15/2026", "2026-03-15 14:00", "2026-03-15 15:00")

    def test_lunch_gap(self):
        self.calendar.attendance_ids.filtered(lambda line: line.dayofweek == "1").unlink()
        self.calendar.attendance_ids = [
            Command.create({"name": name, "dayofweek": "1", "hour_from": begin, "hour_to": end, "day_period": period})
            for name, begin, end, period in [
                ("am", 9, 12, "morning"),
                ("noon", 12, 14, "lunch"),
                ("pm", 14, 18.5, "afternoon"),
            ]
        ]
        self._refused("open 09:00–12:00, 14:00–18:30 on", "11:30", "14:30")
        self.assertTrue(self._book("17:00", "18:30"))

    def _leave(self, start, stop, **vals):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "date_from": self._at(start),
                "date_to": self._at(stop),
                "calendar_id": self.calendar.id,
                **vals,
            }
        )

    def test_public_holiday(self):
        self._leave("2026-03-11 00:00", "2026-03-12 00:00")
        self._refused("Laser 1 is closed on 03/11/2026", "2026-03-11 14:00", "2026-03-11 15:00")

    def test_holiday_of_every_calendar(self):
        self._leave("2026-03-11 00:00", "2026-03-12 00:00", calendar_id=False, company_id=self.company.id)
        self._refused("Laser 1 is closed on 03/11/2026", "2026-03-11 14:00", "2026-03-11 15:00")

    def test_a_leave_taken_back_opens_again(self):
        leave = self._leave("2026-03-11 00:00", "2026-03-12 00:00")
        self._refused("is closed on", "2026-03-11 14:00", "2026-03-11 15:00")
        leave.unlink()
        self.assertTrue(self._book("2026-03-11 14:00", "2026-03-11 15:00"))

    def test_exceptional_opening(self):
        self.env["fabloch.opening"].create(
            {
                "name": "Open day",
                "calendar_id": self.calendar.id,
                "start": self._at("2026-03-15 10:00"),
                "stop": self._at("2026-03-15 17:00"),
            }
        )
        self.assertTrue(self._book("2026-03-15 14:00", "2026-03-15 15:00"))
        self._refused("open 10:00–17:00 on 03/15/2026", "2026-03-15 09:00", "2026-03-15 11:00")

    def test_always_open_but_for_holidays(self):
        self.laser.always_open = True
        self._leave("2026-03-11 00:00", "2026-03-12 00:00")
        self.assertTrue(self._book("2026-03-10 22:00", "2026-03-11 00:00"))
        self._refused("is closed on 03/11/2026|is open .*03/11/2026", "2026-03-11 03:00", "2026-03-11 04:00")

    def test_overnight_only_the_edges_count(self):
        self.laser.write({"overnight": True, "longest_minutes": 0})
        self.assertTrue(self._book("2026-03-13 17:00", "2026-03-16 10:00"))
        self._refused("open 09:00–18:00", "2026-03-18 17:00", "2026-03-18 19:00")
        self._refused("open 09:00–18:00", "2026-03-18 08:00", "2026-03-18 10:00")
        self._refused("closed on 03/22/2026", "2026-03-21 17:00", "2026-03-22 10:00")

    def test_the_companys_hours_hold_where_a_machine_has_none(self):
        short = self._calendar("Short", range(5), 10, 12)
        self.laser.resource_calendar_id = False
        self.company.resource_calendar_id = self._calendar("Long", range(7), 8, 20)
        self._book("2026-03-12 14:00", "2026-03-12 15:00")
        self.company.resource_calendar_id = short
        self._refused("open 10:00–12:00", "2026-03-12 16:00", "2026-03-12 17:00")

    def test_hours_changed_on_the_resource_itself(self):
        self._book("2026-03-12 14:00", "2026-03-12 15:00")
        self.laser.resource_id.calendar_id = self._calendar("Short", range(5), 10, 12)
        self._refused("open 10:00–12:00", "2026-03-12 16:00", "2026-03-12 17:00")

    # -- Quota -------------------------------------------------------------------------------------------------------

    def test_quota_of_the_week(self):
        self.category.quota_hours_week = 6
        self._book("2026-03-12 09:00", "2026-03-12 14:30")
        self._refused(
            r"Anna Le Goff may book Laser for 6 h a week; 5 h 30 are booked already, and this booking asks for 1 h",
            "2026-03-13 14:00",
            "2026-03-13 15:00",
        )
        self._book("2026-03-14 14:00", "2026-03-14 14:30")
        self._book("2026-03-16 12:00", "2026-03-16 18:00")  # the next week

    def test_quota_of_two_bookings_in_one_call(self):
        self.category.quota_hours_week = 6
        vals_list = [self._vals(f"2026-03-{day} 09:00", f"2026-03-{day} 13:00") for day in (12, 13)]
        with self._raises(UserError, "6 h a week; 4 h are booked already, and this booking asks for 4 h"):
            self.Booking.create(vals_list)
        self.assertEqual(len(self.Booking.create([vals_list[0], {**vals_list[1], "partner_id": self.yann.id}])), 2)

    def test_quota_counts_units_and_other_machines_of_the_category_but_nothing_cancelled(self):
        self.category.quota_hours_week = 6
        pool = self._machine("Pool", capacity=3)
        booking = self._book("2026-03-12 09:00", "2026-03-12 11:00", pool, units=2)
        self._refused("4 h are booked already", "2026-03-13 09:00", "2026-03-13 12:00")
        booking.action_cancel()
        self._book("2026-03-13 09:00", "2026-03-13 12:00")

    def test_quota_doesnt_count_what_is_moved(self):
        self.category.quota_hours_week = 6
        booking = self._book("2026-03-12 09:00", "2026-03-12 14:00")
        booking.write({"start": self._at("2026-03-13 09:00"), "stop": self._at("2026-03-13 15:00")})
        self.assertEqual(booking.duration, 6)

    def test_an_expired_hold_doesnt_count_for_the_quota(self):
        self.category.quota_hours_week = 6
        hold = self._book("2026-03-12 09:00", "2026-03-12 14:00", confirm=False)
        hold.sudo().hold_until = self._at("2026-03-10 08:59")
        self._book("2026-03-13 09:00", "2026-03-13 14:00")

    def test_nobody_gives_a_booking_another_category(self):
        other = self._category("Free", self.hour, late_cancel_percent=0)
        with self._raises(AccessError, "category_id"):
            self.Booking.with_user(self.reception).create(self._vals("14:00", "15:00", category_id=other.id))
        booking = self._book("14:00", "15:00")
        with self._raises(AccessError, "category_id"):
            booking.with_user(self.reception).write({"category_id": other.id})

    # -- Authorisation -----------------------------------------------------------------------------------------------

    def _authorise(self, partner=None, **vals):
        return self.env["fabloch.authorisation"].create(
            {"partner_id": (partner or self.anna).id, "category_id": self.category.id, "date": "2026-01-01", **vals}
        )

    def test_authorisation_missing(self):
        self.category.requires_authorisation = True
        self._refused(
            "needs the authorisation “Laser”, which Anna Le Goff doesn't have. The reception", "14:00", "15:00"
        )
        self._authorise()
        self.assertTrue(self._book("14:00", "15:00"))

    def test_authorisation_expired_on_the_day_of_use(self):
        self.category.requires_authorisation = True
        self._authorise(date_end="2026-03-11")
        self.assertTrue(self._book("2026-03-11 14:00", "2026-03-11 15:00"))
        self._refused("isn't valid on that day", "2026-03-12 14:00", "2026-03-12 15:00")

    def test_authorisation_granted_for_later(self):
        self.category.requires_authorisation = True
        self._authorise(date="2026-03-12")
        self._refused("isn't valid on that day", "14:00", "15:00")

    def test_authorisation_withdrawn(self):
        self.category.requires_authorisation = True
        self._authorise(revoked_on="2026-03-01")
        self._refused("Anna Le Goff's was withdrawn", "14:00", "15:00")

    def test_authorisation_lost_when_unused(self):
        self.category.write({"requires_authorisation": True, "authorisation_unused_months": 2})
        self._authorise()
        self._refused("isn't valid on that day .*not used for too long", "14:00", "15:00")
        with clock.at(self._at("2026-02-01 09:00")):
            self._book("2026-02-10 14:00", "2026-02-10 15:00")
        self.assertTrue(self._book("2026-04-10 14:00", "2026-04-10 15:00"))

    def test_a_company_books_what_one_of_its_people_may_use(self):
        self.category.requires_authorisation = True
        [firm] = self._partners("Menuiserie", is_company=True)
        self._refused("which Menuiserie doesn't have", "14:00", "15:00", partner=firm)
        [joiner] = self._partners("Joiner", parent_id=firm.id)
        self._authorise(joiner)
        self.assertTrue(self._book("14:00", "15:00", partner=firm))
        [colleague] = self._partners("Colleague", parent_id=firm.id)
        self._refused("which .*Colleague doesn't have", "16:00", "17:00", partner=colleague)

    # -- Units -------------------------------------------------------------------------------------------------------

    def test_more_units_than_the_pool_has(self):
        pool = self._machine("Printers", capacity=4)
        self._refused(
            "Printers has 4 units, of which 4 are free .*and 5 are asked|Printers has 4 units, 5 units are asked",
            "14:00",
            "15:00",
            pool,
            units=5,
        )
        self._book("14:00", "15:00", pool, units=3)
        self._refused("Printers has 4 units, of which 1 are free .*and 2 are asked", "14:30", "15:30", pool, units=2)

    def test_no_units_at_all(self):
        for units in (0, -1):
            with self.subTest(units), mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self._book("14:00", "15:00", units=units)

    def test_a_booking_that_ends_before_it_starts(self):
        booking = self._book("14:00", "15:00")
        for vals in ({"start": booking.stop, "stop": booking.start}, {"duration": -1}, {"stop": booking.start}):
            # The constraint's own message is what a person reads then.
            with self.subTest(vals), mute_logger("odoo.sql_db"), self._raises(IntegrityError, "dates_ordered"):
                booking.write(vals)
        with self._raises(UserError, "ends after it starts"):
            self.Booking.create({**self._vals("2026-03-12 14:00", "2026-03-12 15:00"), "duration": -1})
        [asked] = self.Booking.new(self._vals("15:00", "14:00"))._requests()
        with self._raises(UserError, "ends after it starts"):
            self.laser._verdicts([asked])
        booking.write({"start": self._at("2026-03-10 16:00")})  # without its end: as long as bookings are
        self.assertEqual(booking.duration, 1)

    # -- Exceptions ----------------------------------------------------------------------------------------------------

    def test_an_exception_is_a_managers(self):
        vals = self._vals("2026-03-15 14:00", "2026-03-15 15:00", exception_reason="Fair")
        with self._raises(AccessError, "Only a machine manager books against a rule"):
            self.Booking.with_user(self.reception).create(vals)
        with self._raises(AccessError, "Only a machine manager"):
            self.Booking.with_user(self.reception).with_context(default_exception_reason="Fair").create(
                self._vals("2026-03-15 14:00", "2026-03-15 15:00")
            )
        self.assertTrue(self.Booking.with_user(self.manager).create(vals))

    def test_reception_moves_an_excepted_booking_under_the_rules(self):
        booking = self.Booking.with_user(self.manager).create(
            self._vals("2026-03-15 14:00", "2026-03-15 15:00", exception_reason="Fair")
        )
        start, stop = self._at("2026-03-22 03:00"), self._at("2026-03-22 04:00")
        with self._raises(UserError, "closed on"):
            booking.with_user(self.reception).write({"start": start, "stop": stop})
        booking.with_user(self.manager).write({"start": start, "stop": stop})
        self.assertEqual(booking.start, start)

    def test_no_exception_lets_two_bookings_overlap(self):
        self._book("14:00", "15:00")
        with self._raises(UserError, "is taken from"):
            self.Booking.with_user(self.manager).create(self._vals("14:00", "15:00", exception_reason="I want it"))

    # -- What can't be set ---------------------------------------------------------------------------------------------

    def test_engine_fields_cant_be_set(self):
        booking = self._book("14:00", "15:00")
        values = {
            "amount": 0.0,
            "arrived_at": "2026-03-10 08:00:00",
            "cancel_date": "2026-03-10 08:00:00",
            "cancel_reason": "x",
            "charge_ids": [Command.clear()],
            "company_id": self.company.id,
            "confirm_date": "2026-03-10 08:00:00",
            "hold_until": "2030-01-01 00:00:00",
            "member_category_id": False,
            "name": "R0",
            "occupancy_ids": [Command.clear()],
            "open_minutes": 0,
            "prepaid_minutes": 600,
            "price_explanation": "free",
            "use_ids": [Command.clear()],
            "visitor": False,
        }
        for name, value in values.items():
            with self.subTest(name), self._raises(AccessError, name):
                booking.with_user(self.reception).write({name: value})
            with self.subTest(f"create {name}"), self._raises(AccessError, name):
                self.Booking.with_user(self.reception).create(self._vals("16:00", "17:00", **{name: value}))
        result = self.Booking.with_user(self.reception).load(
            ["machine_id/.id", "partner_id/.id", "start", "stop", "prepaid_minutes"],
            [[str(self.laser.id), str(self.anna.id), "2026-03-12 14:00:00", "2026-03-12 15:00:00", "60"]],
        )
        self.assertFalse(result["ids"])

    def test_defaults_of_the_context_dont_set_them_either(self):
        context = {
            "default_prepaid_minutes": 600,
            "default_hold_until": "2030-01-01 00:00:00",
            "default_state": "confirmed",
            "default_name": "R0",
        }
        booking = self.Booking.with_user(self.reception).with_context(**context).create(self._vals("14:00", "15:00"))
        self.env.flush_all()
        self.assertEqual((booking.prepaid_minutes, booking.name == "R0"), (0, False))
        self.assertLess(booking.hold_until, self._at("2026-03-10 10:00"))
        # A confirmed booking is a charged one, whatever asked for it.
        self.assertEqual(booking.state == "confirmed", bool(booking.sudo().charge_ids))
        self.assertEqual(booking.state, "hold")

    def test_the_state_follows_from_buttons_alone(self):
        booking = self._book("14:00", "15:00")
        for state in ("hold", "confirmed", "cancelled", "no_show"):
            with self.subTest(state), self._raises(AccessError, "follows from its buttons"):
                booking.with_user(self.reception).write({"state": state})
        for state in ("cancelled", "no_show"):
            with self.subTest(f"create {state}"), self._raises(AccessError, "follows from its buttons"):
                self.Booking.with_user(self.reception).create(self._vals("16:00", "17:00", state=state))

    def test_created_confirmed_is_charged(self):
        booking = self.Booking.with_user(self.reception).create(self._vals("14:00", "15:00", state="confirmed"))
        self.assertEqual((booking.state, booking.amount), ("confirmed", 20.0))

    def test_an_import_confirms_and_charges(self):
        result = (
            self.Booking.with_user(self.reception)
            .with_context(tz="UTC")
            .load(
                ["machine_id/.id", "partner_id/.id", "start", "stop", "state"],
                [
                    [
                        str(self.laser.id),
                        str(self.anna.id),
                        f"2026-03-12 {hour}:00:00",
                        f"2026-03-12 {hour + 1}:00:00",
                        "Confirmed",
                    ]
                    for hour in (13, 14)
                ],
            )
        )
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"])
        bookings = self.Booking.browse(result["ids"])
        self.assertEqual((bookings.mapped("state"), sum(bookings.mapped("amount"))), (["confirmed"] * 2, 40.0))

    # -- Holds and moves ---------------------------------------------------------------------------------------------

    def test_a_hold_expires(self):
        hold = self._book("14:00", "15:00", confirm=False)
        self.assertEqual(hold.hold_until, self._at("2026-03-10 09:15"))
        with freeze_time("2026-03-10 08:14:59"), self._raises(UserError, "taken"):
            self._book("14:00", "15:00", partner=self.yann)
        with freeze_time("2026-03-10 08:15:00"):
            self.Booking._cron_expire()
            self.assertEqual((hold.state, len(hold.occupancy_ids)), ("cancelled", 0))
            self._book("14:00", "15:00", partner=self.yann)
            with self._raises(UserError, "“Cancelled” already"):
                hold.action_confirm()

    def test_an_expired_hold_is_confirmed_if_its_period_is_still_free(self):
        hold = self._book("14:00", "15:00", confirm=False)
        with freeze_time("2026-03-10 09:00:00"):
            hold.action_confirm()
        self.assertEqual((hold.state, hold.amount), ("confirmed", 20))

    def test_confirmed_once(self):
        booking = self._book("14:00", "15:00")
        with self._raises(UserError, "“Confirmed” already"):
            booking.action_confirm()
        self.assertEqual(len(booking.charge_ids), 1)

    def test_what_is_over_or_cancelled_cant_be_moved(self):
        booking = self._book("14:00", "15:00")
        booking.action_cancel()
        with self._raises(UserError, "no longer running"):
            booking.write({"stop": self._at("2026-03-10 16:00")})

    def test_a_running_booking_is_made_longer_and_shorter(self):
        self.laser.write({"overnight": True, "longest_minutes": 0, "notice_hours": 2})
        rental = self._book("2026-03-11 09:00", "2026-03-14 18:00")
        with freeze_time("2026-03-12 08:00:00"):
            rental.write({"stop": self._at("2026-03-13 12:00")})
            rental.write({"stop": self._at("2026-03-13 18:00")})
            with self._raises(UserError, "is over"):
                rental.write({"start": self._at("2026-03-11 14:00")})

    def test_a_resize_by_hours(self):
        booking = self._book("14:00", "15:00")
        booking.with_user(self.reception).write({"duration": 2})
        self.assertEqual(
            (booking.stop, booking.amount, booking.occupancy_ids.stop), (self._at("2026-03-10 16:00"), 40, booking.stop)
        )
        self._book("16:00", "17:00", partner=self.yann)
        with self._raises(UserError, "taken"):
            booking.with_user(self.reception).write({"duration": 3})

    def test_a_resize_into_the_next_booking_is_refused(self):
        booking = self._book("14:00", "15:00")
        self._book("15:00", "16:00", partner=self.yann)
        with self._raises(UserError, "taken from .*15:00"):
            booking.with_user(self.reception).write({"stop": self._at("2026-03-10 15:30")})

    def test_two_bookings_moved_onto_one_period_in_one_write(self):
        bookings = self._book("14:00", "15:00") | self._book("15:00", "16:00", partner=self.yann)
        with self._raises(UserError, "taken|set-up"):
            bookings.write({"start": self._at("2026-03-10 16:00"), "stop": self._at("2026-03-10 17:00")})

    def test_two_overlapping_bookings_in_one_call(self):
        with self._raises(UserError, "Laser 1"):
            self.Booking.create([self._vals("14:00", "15:00"), self._vals("14:30", "15:30", partner=self.yann)])

    # -- Nearest free period -----------------------------------------------------------------------------------------

    def test_no_period_is_proposed_that_is_as_bad(self):
        """A wrong length stays wrong at any time; a full week has no room at any time."""
        self.laser.write({"shortest_minutes": 60})
        for start, stop in (("14:10", "14:20"), ("14:10", "14:50")):
            with self.assertRaises(UserError) as refused:
                self._book(start, stop)
            self.assertNotIn("nearest free", str(refused.exception))
        self.category.quota_hours_week = 1
        self._book("2026-03-14 16:00", "2026-03-14 17:00")
        with self.assertRaises(UserError) as refused:
            self._book("2026-03-14 17:30", "2026-03-14 18:30")
        self.assertNotIn("nearest free", str(refused.exception))

    def test_what_is_proposed_can_be_booked(self):
        proposed = []
        FAST(given(st.data())(lambda data: self._book_what_is_proposed(data, proposed)))()
        self.assertGreater(len(proposed), 50)

    def _book_what_is_proposed(self, data, proposed):
        with self.cr.savepoint() as savepoint:
            machine = self._machine(
                "M",
                capacity=data.draw(st.integers(1, 2)),
                buffer_minutes=data.draw(st.sampled_from([0, 10, 30])),
                slot_minutes=data.draw(st.sampled_from([15, 30, 60])),
                notice_hours=data.draw(st.sampled_from([0, 3])),
                overnight=data.draw(st.booleans()),
                horizon_days=data.draw(st.sampled_from([0, 3, 90])),
                shortest_minutes=15,
                longest_minutes=data.draw(st.sampled_from([0, 120, 480])),
            )
            self.category.write(
                {
                    "quota_hours_week": data.draw(st.sampled_from([0, 8])),
                    "requires_authorisation": data.draw(st.booleans()),
                }
            )
            self._authorise(date_end="2026-03-12")
            moments = st.integers(0, 24 * 4 * 4).map(
                lambda quarter: self._at("2026-03-10 09:00") + timedelta(minutes=15 * quarter)
            )
            lengths = st.sampled_from([15, 30, 60, 90, 120, 240, 600])
            for _number in range(8):
                start = data.draw(moments)
                stop = start + timedelta(minutes=data.draw(lengths))
                vals = {
                    "machine_id": machine.id,
                    "partner_id": data.draw(st.sampled_from([self.anna.id, self.yann.id])),
                    "start": start,
                    "stop": stop,
                    "units": data.draw(st.integers(1, 2)),
                }
                request = self.Booking.new(vals)._requests()[0]
                request = request._replace(machine=machine, partner=self.env["res.partner"].browse(vals["partner_id"]))
                [verdict] = machine._verdicts([request])
                if not verdict.reason:
                    self.Booking.create(vals)
                elif "nearest free" in verdict.reason:
                    proposed.append(verdict.reason)
                    start, stop = verdict.nearest
                    self.Booking.create({**vals, "start": start, "stop": stop})
            savepoint.rollback()
        self.env.invalidate_all()
        self.env.registry.clear_cache()


@tagged("post_install", "-at_install")
class TestCallsFromOutside(RulesCase):
    """What a client calls, as Odoo's own dispatcher runs it."""

    def _call(self, user, method, *args, model="fabloch.booking", **kwargs):
        from odoo.service.model import call_kw

        return call_kw(self.env[model].with_user(user).with_context(), method, args, kwargs)

    def test_reception_books_moves_and_cancels(self):
        [booking_id] = self._call(self.reception, "create", [self._vals("14:00", "15:00")])
        self._call(self.reception, "action_confirm", [booking_id])
        self._call(self.reception, "write", [booking_id], {"stop": "2026-03-10 15:00:00"})
        booking = self.Booking.browse(booking_id)
        self.assertEqual((booking.state, booking.amount), ("confirmed", 40))
        self._call(self.reception, "action_cancel", [booking_id], reason="Ill")
        self.assertEqual((booking.state, booking.cancel_reason), ("cancelled", "Ill"))

    def test_rules_hold_for_a_call(self):
        self.laser.longest_minutes = 60
        with self._raises(UserError, "longest booking"):
            self._call(self.reception, "create", [self._vals("14:00", "16:00")])
        [booking_id] = self._call(self.reception, "create", [self._vals("14:00", "15:00", state="confirmed")])
        with self._raises(UserError, "longest booking"):
            self._call(self.reception, "write", [booking_id], {"stop": "2026-03-10 16:00:00"})

    def test_the_engine_is_out_of_reach(self):
        booking = self._book("14:00", "15:00")
        for method in ("_take", "_release", "_charge", "_keep", "_expire", "_reprice", "_cron_expire"):
            with self.subTest(method), self.assertRaises(AccessError):
                self._call(self.reception, method, booking.ids)

    def test_commands_through_the_machine_obey_the_rules(self):
        """A manager's form of the machine may write its bookings, too."""
        with self._raises(UserError, "closed on"):
            self.laser.with_user(self.manager).write(
                {
                    "booking_ids": [
                        Command.create(
                            {
                                "partner_id": self.anna.id,
                                "start": self._at("2026-03-15 14:00"),
                                "stop": self._at("2026-03-15 15:00"),
                            }
                        )
                    ]
                }
            )
        booking = self._book("14:00", "15:00")
        with self.assertRaises(AccessError):
            self.laser.with_user(self.manager).write(
                {"booking_ids": [Command.update(booking.id, {"state": "cancelled"})]}
            )

    def test_a_copy_takes_nothing_over(self):
        booking = self._book("14:00", "15:00")
        with self._raises(UserError, "taken"):
            booking.with_user(self.reception).copy()
        again = booking.with_user(self.reception).copy(
            {"start": self._at("2026-03-11 14:00"), "stop": self._at("2026-03-11 15:00")}
        )
        self.assertEqual((again.state, again.amount, len(again.sudo().charge_ids)), ("hold", 0, 0))
        self.assertEqual(self.Booking.search_count(Domain("id", "in", (again | booking).ids)), 2)
