"""Repeating bookings: the dates by the wall clock, what is in the way of each, all or nothing."""

from datetime import date, datetime, timedelta

import psycopg2
from dateutil.rrule import rrulestr

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.fabloch_machines import recurrence

from .common import MachinesCase


class SeriesCase(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Repeat = cls.env["fabloch.booking.repeat"]

    @classmethod
    def _repeat(cls, start, stop, machine=None, partner=None, **vals):
        """A wizard; times as Auray's clock says."""
        return cls.Repeat.create(
            {
                **cls._vals(start, stop, machine, partner),
                "unit": "week",
                "end": "count",
                "count": 4,
                **vals,
            }
        )

    @classmethod
    def _clock(cls, bookings):
        """When bookings or dates begin and end by Auray's clock."""
        machine = cls.laser
        tz = machine._settings(machine.id).tz
        from odoo.addons.fabloch_machines import periods

        return [
            (f"{periods.to_local(each.start, tz):%m-%d %H:%M}", f"{periods.to_local(each.stop, tz):%H:%M}")
            for each in bookings.sorted("start")
        ]


@tagged("post_install", "-at_install")
class TestRecurrence(MachinesCase):
    def test_text_is_read_back_by_an_icalendar_library(self):
        start = datetime(2026, 3, 17, 9, 0)
        for rule in (
            recurrence.Rule("week", weekdays=(1, 3), until=date(2026, 6, 30)),
            recurrence.Rule("week", 2, weekdays=(1,), count=7),
            recurrence.Rule("day", 3, count=20),
            recurrence.Rule("month", count=6),
            recurrence.Rule("month", position=3, until=date(2026, 12, 31)),
        ):
            with self.subTest(rule=rule):
                read = rrulestr(recurrence.to_text(rule, start, "Europe/Paris"))
                expected = recurrence.occurrences(rule, start, 400)
                self.assertEqual([moment.replace(tzinfo=None) for moment in read], expected)
                self.assertEqual(expected[0], start)

    def test_the_fifth_tuesday_is_the_last_one(self):
        found = recurrence.occurrences(
            recurrence.Rule("month", position=recurrence.position_in_month(date(2026, 3, 31)), count=3),
            datetime(2026, 3, 31, 9),
            10,
        )
        self.assertEqual([moment.date() for moment in found], [date(2026, 3, 31), date(2026, 4, 28), date(2026, 5, 26)])


@tagged("post_install", "-at_install")
class TestSeries(SeriesCase):
    def test_nine_oclock_stays_nine_oclock_when_the_time_changes(self):
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        self.assertEqual(
            self._clock(wizard.line_ids),
            [("03-17 09:00", "12:00"), ("03-24 09:00", "12:00"), ("03-31 09:00", "12:00"), ("04-07 09:00", "12:00")],
        )
        # The time changes on 29 March.
        self.assertEqual([line.start.hour for line in wizard.line_ids], [8, 8, 7, 7])

    def test_the_preview_writes_no_booking_and_says_what_is_in_the_way(self):
        self._book("2026-03-24 10:00", "2026-03-24 11:00", partner=self.yann)
        before = self.Booking.search_count([])
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        self.assertEqual(self.Booking.search_count([]), before)
        self.assertEqual(wizard.line_ids.mapped("verdict"), ["free", "refused", "free", "free"])
        refused = wizard.line_ids[1]
        self.assertRegex(refused.reason, r"taken from .*10:00.* to .*11:00")
        self.assertEqual(refused.nearest_start, self._at("2026-03-24 11:00"))
        self.assertIn("11:00 – 14:00", refused.nearest_text)
        self.assertEqual((wizard.free_count, wizard.refused_count), (3, 1))

    def test_a_refused_date_that_is_ticked_stops_the_whole(self):
        self._book("2026-03-24 10:00", "2026-03-24 11:00", partner=self.yann)
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        with self.assertRaisesRegex(UserError, "1 dates .* 24 Mar|1 dates .*Mar 24|1 dates .*untick"):
            wizard.action_create_series()
        self.assertFalse(self.env["fabloch.booking.series"].search([("partner_id", "=", self.anna.id)]))

    def test_unticked_and_nearest_make_the_rest(self):
        self._book("2026-03-24 10:00", "2026-03-24 11:00", partner=self.yann)
        self._book("2026-03-31 10:00", "2026-03-31 11:00", partner=self.yann)
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00", note="Signs")
        wizard.action_preview()
        wizard.line_ids[1].action_take_nearest()
        wizard.line_ids.filtered(lambda line: line.verdict == "refused").keep = False
        action = wizard.action_create_series()
        series = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(
            self._clock(series.booking_ids),
            [("03-17 09:00", "12:00"), ("03-24 11:00", "14:00"), ("04-07 09:00", "12:00")],
        )
        self.assertEqual(set(series.booking_ids.mapped("state")), {"confirmed"})
        self.assertEqual(set(series.booking_ids.mapped("note")), {"Signs"})
        self.assertEqual(series.booking_ids.mapped("amount"), [60.0, 60.0, 60.0])
        self.assertEqual(
            series.name,
            "Every Tuesday, 9:00 AM–12:00 PM, 4 times".replace(" AM", "\u202fAM").replace(" PM", "\u202fPM"),
        )
        self.assertIn("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4", series.rrule)
        self.assertEqual((series.booking_count, series.ahead_count), (3, 3))

    def test_two_dates_dont_take_one_proposal(self):
        machine = self._machine("Narrow", longest_minutes=600)
        self._book("2026-03-17 09:00", "2026-03-17 16:00", machine, self.yann)
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 11:00", machine, unit="day", count=2)
        self._book("2026-03-18 09:00", "2026-03-18 18:00", machine, self.yann)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.mapped("verdict"), ["refused", "refused"])
        wizard.action_take_nearest()
        kept = wizard.line_ids.filtered(lambda line: line.verdict != "refused")
        overlap = [
            (one, other)
            for one in kept
            for other in kept
            if one != other and one.start < other.stop and other.start < one.stop
        ]
        self.assertFalse(overlap)

    def test_taken_since_the_preview_nothing_is_written_and_the_new_clash_is_listed(self):
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        self._book("2026-03-31 09:00", "2026-03-31 10:00", partner=self.yann)
        action = wizard.action_create_series()
        self.assertEqual(action["res_model"], "fabloch.booking.repeat")
        self.assertTrue(wizard.taken_since)
        self.assertEqual(wizard.line_ids.mapped("verdict"), ["free", "free", "refused", "free"])
        self.assertFalse(self.Booking.search([("partner_id", "=", self.anna.id)]))

    def test_members_price_and_total_are_those_that_are_charged(self):
        plan = self._member_plan({self.hour: 10.0, self.half_hour: 6.0})
        self._enrol(self.anna, plan)
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        self.assertEqual(wizard.amount, 120.0)
        series = self._made(wizard)
        self.assertEqual(sum(series.booking_ids.mapped("amount")), 120.0)

    def test_beyond_the_horizon_a_manager_says_why(self):
        vals = {"until": "2026-06-30", "end": "until"}
        user = self._user("desk")
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00", **vals)
        wizard = self._as(user, wizard)
        wizard.action_preview()
        late = wizard.line_ids.filtered(lambda line: line.verdict == "refused")
        self.assertEqual((len(wizard.line_ids), len(late)), (16, 4))
        self.assertIn("at most 90 days ahead", late[0].reason)
        manager = self._user("boss", "fabloch_machines.group_machines_manager")
        wizard = self._as(manager, wizard)
        wizard.action_preview()
        self.assertEqual(set(wizard.line_ids.mapped("verdict")), {"free", "exception"})
        series = self._made(wizard)
        self.assertEqual(len(series.booking_ids), 16)
        self.assertEqual(len(series.booking_ids.filtered("exception_reason")), 4)

    def _as(self, user, wizard):
        return self.Repeat.with_user(user).create(
            {
                "machine_id": wizard.machine_id.id,
                "partner_id": wizard.partner_id.id,
                "start": wizard.start,
                "stop": wizard.stop,
                "unit": "week",
                "end": "until",
                "until": "2026-06-30",
                "exception_reason": "School",
            }
        )

    def _made(self, wizard):
        action = wizard.action_create_series()
        self.assertEqual(action["res_model"], "fabloch.booking.series")
        return self.env["fabloch.booking.series"].browse(action["res_id"])

    def test_what_is_no_rule_is_refused(self):
        for vals, message in (
            ({"tue": False}, "Tick at least one"),
            ({"interval": 0}, "from 1 on"),
            ({"end": "until", "until": False}, "Until when"),
            ({"end": "until", "until": "2026-03-01"}, "before the first booking"),
            ({"count": 367}, "from 1 to 366"),
            ({"unit": "day", "end": "until", "until": "2027-12-31"}, "more than 366"),
            ({"stop": self._at("2026-03-17 09:00")}, "ends after it starts"),
        ):
            with self.subTest(message):
                wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
                wizard.write(vals)
                with self.assertRaisesRegex(UserError, message):
                    wizard.action_preview()

    def test_a_time_that_the_clock_skips_is_refused(self):
        machine = self._machine("Always", always_open=True)
        wizard = self._repeat("2026-03-28 02:00", "2026-03-28 03:00", machine, unit="day", count=3)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.mapped("verdict"), ["free", "refused", "free"])
        self.assertIn("skips", wizard.line_ids[1].reason)

    def test_like_a_booking(self):
        booking = self._book("14:00", "15:00", note="Signs")
        wizard = self.Repeat.with_context(default_booking_id=booking.id).create({"count": 3, "end": "count"})
        self.assertEqual(
            (wizard.machine_id, wizard.partner_id, wizard.start, wizard.stop, wizard.units, wizard.note, wizard.tue),
            (self.laser, self.anna, booking.start, booking.stop, 1, "Signs", True),
        )
        wizard.action_preview()
        # The booking itself stands there already.
        self.assertEqual(wizard.line_ids.mapped("verdict"), ["refused", "free", "free"])

    def test_the_window_opens_like_its_booking(self):
        booking = self._book("14:00", "15:00", note="Signs")
        window = Form(self.Repeat.with_context(default_booking_id=booking.id))
        self.assertEqual(
            (window.machine_id, window.partner_id, window.start, window.stop, window.units, window.tue),
            (self.laser, self.anna, booking.start, booking.stop, 1, True),
        )
        self.assertEqual(Form(self.Repeat).units, 1)

    def test_cancelling_what_lies_ahead_leaves_the_rest(self):
        wizard = self._repeat("10:00", "11:00")
        wizard.action_preview()
        series = self._made(wizard)
        bookings = series.booking_ids.sorted("start")
        bookings[0].with_context(tracking_disable=True).sudo().write({"arrived_at": bookings[0].start})
        with self._later(hours=2):
            series.action_cancel_ahead("Moved away")
            self.assertEqual(bookings.mapped("state"), ["confirmed", "cancelled", "cancelled", "cancelled"])
            self.assertEqual(bookings.mapped("amount"), [20.0, 0.0, 0.0, 0.0])
            self.assertEqual(set(bookings[1:].mapped("cancel_reason")), {"Moved away"})
            self.assertEqual(series.ahead_count, 0)
            with self.assertRaisesRegex(UserError, "nothing to cancel"):
                series.action_cancel_ahead()

    def test_the_policy_holds_unless_staff_waives_it(self):
        for waive, kept in ((False, 10.0), (True, 0.0)):
            wizard = self._repeat("16:00", "17:00", count=2)
            wizard.action_preview()
            series = self._made(wizard)
            (series.action_cancel_ahead_free if waive else series.action_cancel_ahead)()
            self.assertEqual(series.booking_ids.sorted("start").mapped("amount"), [kept, 0.0])

    def _later(self, **delta):
        from odoo.addons.fabloch_machines import clock

        return clock.at(clock.now() + timedelta(**delta))

    def test_fifty_two_dates_cost_the_queries_of_five(self):
        self.laser.horizon_days = 0
        self._repeat("2026-03-17 09:00", "2026-03-17 12:00").action_preview()
        costs = []
        for count in (5, 52):
            wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00", count=count)
            costs.append(self._queries(wizard.action_preview))
            self.assertEqual(len(wizard.line_ids), count)
        self.assertLessEqual(costs[1], costs[0] + 1, costs)
        self.assertLess(costs[0], 45)

    def test_nobody_sets_the_series_of_a_booking(self):
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        series = self._made(wizard)
        booking = self._book("14:00", "15:00")
        with self.assertRaises(AccessError):
            booking.with_user(self._user("desk")).series_id = series

    def test_somebody_quicker_than_the_call_is_listed(self):
        wizard = self._repeat("2026-03-17 09:00", "2026-03-17 12:00")
        wizard.action_preview()
        error = self._exclusion_error()
        self.patch(type(wizard), "_create_series", lambda wizard, lines: (_ for _ in ()).throw(error))
        action = wizard.action_create_series()
        self.assertEqual(action["res_model"], "fabloch.booking.repeat")
        self.assertTrue(wizard.taken_since)
        self.assertEqual(wizard.line_ids.mapped("verdict"), ["free", "refused", "free", "free"])

    def _exclusion_error(self):
        """What PostgreSQL says to who comes second on 24 March."""

        class Diagnostics:
            message_detail = (
                "Key (tsrange(start, stop), int4range(machine_id, machine_id, '[]'::text), int4range(unit, unit, "
                '\'[]\'::text))=(["2026-03-24 08:00:00","2026-03-24 11:00:00"), '
                f"[{self.laser.id},{self.laser.id + 1}), [1,2)) conflicts with existing key"
            )

        class Refused(psycopg2.errors.ExclusionViolation):
            diag = Diagnostics()

        return Refused()
