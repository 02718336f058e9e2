"""The nights in which the clock changes: 29 March 2026 lacks an hour, 25 October 2026 has one twice."""

from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestClockChange(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        limits = {"longest_minutes": 0, "horizon_days": 0}
        cls.printer = cls._machine("Printer", always_open=True, **limits)
        cls.night = cls._calendar("Sunday nights", [6], 1, 6)
        cls.owl = cls._machine("Owl", resource_calendar_id=cls.night.id, **limits)

    def _charged(self, booking):
        return sum(booking.charge_ids.mapped("amount"))

    def test_a_night_of_five_hours_in_march(self):
        booking = self._book("2026-03-28 23:00", "2026-03-29 05:00", self.printer)
        self.assertEqual(booking.stop - booking.start, timedelta(hours=5))
        self.assertEqual((booking.duration, booking.open_minutes), (5.0, 300))
        self.assertEqual((booking.charge_ids.quantity, self._charged(booking)), (5.0, 100.0))

    def test_a_night_of_seven_hours_in_october(self):
        booking = self._book("2026-10-24 23:00", "2026-10-25 05:00", self.printer)
        self.assertEqual(booking.stop - booking.start, timedelta(hours=7))
        self.assertEqual((booking.duration, booking.open_minutes), (7.0, 420))
        self.assertEqual((booking.charge_ids.quantity, self._charged(booking)), (7.0, 140.0))

    def test_the_text_says_what_the_clock_on_the_wall_said(self):
        march = self._book("2026-03-28 23:00", "2026-03-29 05:00", self.printer)
        october = self._book("2026-10-24 23:00", "2026-10-25 05:00", self.printer)
        plain = [name.replace("\u202f", " ") for name in (march.charge_ids.name, october.charge_ids.name)]
        self.assertEqual(
            plain,
            [
                "Printer, from Saturday 28 March 2026 11:00 PM to Sunday 29 March 2026 5:00 AM: 5 × hour",
                "Printer, from Saturday 24 October 2026 11:00 PM to Sunday 25 October 2026 5:00 AM: 7 × hour",
            ],
        )

    def test_the_hour_after_midnight_is_of_its_own_day(self):
        # By the clock of the server it is still yesterday.
        booking = self._book("2026-10-25 00:00", "2026-10-25 01:00", self.printer)
        self.assertEqual(
            booking.charge_ids.name.replace("\u202f", " "),
            "Printer, Sunday 25 October 2026, 12:00 AM–1:00 AM: 1 × hour",
        )

    def test_the_hour_that_comes_twice_can_be_booked_twice(self):
        first = self._at("2026-10-25 02:00")
        self.assertEqual(first, datetime(2026, 10, 25, 0, 0), "the first of the two")
        second = first + timedelta(hours=1)
        hours = self.Booking.create(
            [
                {
                    "machine_id": self.printer.id,
                    "partner_id": partner.id,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "state": "confirmed",
                }
                for partner, start in ((self.anna, first), (self.yann, second))
            ]
        )
        self.assertEqual(hours.mapped("amount"), [20.0, 20.0])
        with self.assertRaisesRegex(UserError, "taken"):
            self._book("2026-10-25 02:30", "2026-10-25 03:00", self.printer)

    def test_opening_hours_from_one_to_six_last_four_hours_and_six(self):
        for day, hours, amount in ("2026-03-29", 4, 80.0), ("2026-10-25", 6, 120.0), ("2026-11-01", 5, 100.0):
            start, stop = self._at(f"{day} 01:00"), self._at(f"{day} 06:00")
            self.assertEqual(self.owl._open_minutes(start, stop), hours * 60, day)
            free = self.owl._free_periods(start - timedelta(hours=5), stop + timedelta(hours=5))
            self.assertEqual(free[self.owl], [(start, stop)], day)
            self.assertEqual(stop - start, timedelta(hours=hours), day)
            booking = self._book(f"{day} 01:00", f"{day} 06:00", self.owl)
            self.assertEqual((booking.duration, self._charged(booking)), (hours, amount), day)
            with self.assertRaisesRegex(UserError, "is open 01:00–06:00"):
                self._book(f"{day} 06:00", f"{day} 06:30", self.owl)

    def test_the_day_opens_at_nine_by_the_new_clock(self):
        monday = self._at("2026-03-30 00:00")
        free = self.laser._free_periods(monday, monday + timedelta(days=1))[self.laser]
        self.assertEqual(free, [(datetime(2026, 3, 30, 7), datetime(2026, 3, 30, 16))])
        saturday = self._at("2026-03-28 00:00")
        free = self.laser._free_periods(saturday, saturday + timedelta(days=1))[self.laser]
        self.assertEqual(free, [(datetime(2026, 3, 28, 8), datetime(2026, 3, 28, 17))])

    def test_a_day_has_23_hours_or_25(self):
        spring = self._book("2026-03-29 00:00", "2026-03-30 00:00", self.printer)
        autumn = self._book("2026-10-25 00:00", "2026-10-26 00:00", self.printer)
        self.assertEqual((spring | autumn).mapped("duration"), [23.0, 25.0])
        self.assertEqual((spring | autumn).mapped("amount"), [460.0, 500.0])

    def _months(self, booking):
        return [(charge.date, charge.quantity, charge.amount) for charge in booking.charge_ids.sorted(lambda c: c.date)]

    def test_months_are_cut_at_midnight_by_the_new_clock(self):
        spring = self._book("2026-03-29 00:00", "2026-04-02 00:00", self.printer)
        self.assertEqual(self._months(spring), [(date(2026, 3, 31), 71, 1420.0), (date(2026, 4, 1), 24, 480.0)])
        autumn = self._book("2026-10-25 00:00", "2026-11-02 00:00", self.printer)
        self.assertEqual(self._months(autumn), [(date(2026, 10, 31), 169, 3380.0), (date(2026, 11, 1), 24, 480.0)])

    def test_an_evening_into_april_counts_its_first_hour_in_march(self):
        # 22:00 UTC is midnight already.
        booking = self._book("2026-03-31 23:00", "2026-04-01 05:00", self.printer)
        self.assertEqual(self._months(booking), [(date(2026, 3, 31), 1, 20.0), (date(2026, 4, 1), 5, 100.0)])
        self.assertEqual(
            [charge.name.replace("\u202f", " ").split(": ")[1] for charge in booking.charge_ids.sorted("date")],
            ["1 × hour (March 2026)", "5 × hour (April 2026)"],
        )
        november = self._book("2026-10-31 23:00", "2026-11-01 05:00", self.printer)
        self.assertEqual(self._months(november), [(date(2026, 10, 31), 1, 20.0), (date(2026, 11, 1), 5, 100.0)])
