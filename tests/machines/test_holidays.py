"""The public holidays of a year close the opening hours, once."""

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.fabloch_machines.holidays import french_holidays

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestHolidays(MachinesCase):
    def _add(self, year=2026, calendars=None, user=None):
        wizard = (
            self.env["fabloch.holidays.add"]
            .with_user(user or self.env.user)
            .create({"year": year, "calendar_ids": [Command.set((calendars or self.calendar).ids)]})
        )
        wizard.action_add()
        return self._leaves(year)

    def _leaves(self, year=2026):
        return self.env["resource.calendar.leaves"].search(
            [
                ("calendar_id", "=", self.calendar.id),
                ("date_from", ">=", f"{year - 1}-12-31 00:00:00"),
                ("date_to", "<=", f"{year}-12-31 23:59:59"),
            ],
            order="date_from",
        )

    def test_the_eleven_days_of_the_code_du_travail(self):
        self.assertEqual(
            [day for day, _code in french_holidays(2026)],
            [
                date(2026, 1, 1),
                date(2026, 4, 6),
                date(2026, 5, 1),
                date(2026, 5, 8),
                date(2026, 5, 14),
                date(2026, 5, 25),
                date(2026, 7, 14),
                date(2026, 8, 15),
                date(2026, 11, 1),
                date(2026, 11, 11),
                date(2026, 12, 25),
            ],
        )
        self.assertEqual(dict(map(reversed, french_holidays(2024)))["easter_monday"], date(2024, 4, 1))

    def test_they_close_from_midnight_to_midnight_by_the_local_clock(self):
        leaves = self._add()
        self.assertEqual(len(leaves), 11)
        self.assertEqual(
            (leaves[0].date_from, leaves[0].date_to), (datetime(2025, 12, 31, 23, 0), datetime(2026, 1, 1, 23, 0))
        )
        self.assertEqual(leaves[6].date_from, datetime(2026, 7, 13, 22, 0))
        self.assertEqual(leaves[1].name, "Easter Monday")
        self.assertFalse(leaves.resource_id)

    def test_nobody_books_on_them(self):
        self._book("2026-04-07 10:00", "2026-04-07 11:00")
        self._add()
        with self.assertRaisesRegex(UserError, "closed on"):
            self._book("2026-04-06 10:00", "2026-04-06 11:00")

    def test_a_second_time_adds_nothing(self):
        first = self._add()
        self.assertEqual(self._add(), first)

    def test_what_is_closed_already_stays_as_it_is(self):
        own, everywhere = self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Closed",
                    "calendar_id": self.calendar.id,
                    "date_from": "2026-04-30 22:00:00",
                    "date_to": "2026-05-01 21:59:59",  # as Odoo's own screens write a day
                },
                {
                    "name": "Summer",
                    "calendar_id": False,
                    "date_from": "2026-07-31 22:00:00",
                    "date_to": "2026-08-31 22:00:00",
                },
            ]
        )
        leaves = self._add()
        self.assertEqual(len(leaves), 10)  # all but 15 August, 1 May being the one there was
        self.assertIn(own, leaves)
        self.assertNotIn("Assumption", leaves.mapped("name"))
        self.assertEqual(everywhere.name, "Summer")

    def test_two_on_one_day_make_one_closing(self):
        # In 2008 Ascension was on 1 May.
        leaves = self._add(2008)
        self.assertEqual(len(leaves), 10)
        self.assertIn("Ascension Day, Labour Day", leaves.mapped("name"))

    def test_bookings_on_these_days_are_counted_beforehand(self):
        self._book("2026-04-06 10:00", "2026-04-06 11:00")
        wizard = self.env["fabloch.holidays.add"].create(
            {"year": 2026, "calendar_ids": [Command.set(self.calendar.ids)]}
        )
        self.assertEqual((wizard.add_count, wizard.booking_count), (11, 1))

    def test_only_managers_add_them(self):
        with self.assertRaises(AccessError):
            self._add(user=self._user("reception"))
        self.assertEqual(len(self._add(user=self._user("boss", "fabloch_machines.group_machines_manager"))), 11)

    def test_a_year_that_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(UserError, "from 1970 to 2099"):
            self._add(26)
