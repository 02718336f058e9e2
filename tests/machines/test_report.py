"""The figures of machine use: hours by the day of use, revenue by charges, occupancy as a ratio of sums, a history
that later opening hours don't rewrite."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.fabloch_machines import clock, periods

from tests.machines.common import MachinesCase


@tagged("post_install", "-at_install")
class TestMachineReport(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["fabloch.machine.report"]
        cls.Day = cls.env["fabloch.machine.day"]
        cls.category.write({"late_cancel_percent": 50, "no_show_percent": 100})

    def _read(self, aggregates, groupby=(), **domain):
        self.env.flush_all()
        rows = self.Report._read_group([(name, "=", value) for name, value in domain.items()], groupby, aggregates)
        return {row[: len(groupby)]: row[len(groupby) :] for row in rows} if groupby else rows[0]

    def _fill(self, first, last, machines=None, **options):
        days = (date.fromisoformat(first), date.fromisoformat(last))
        return self.Day._fill(machines or self.laser, *days, **options)

    # -- Hours -----------------------------------------------------------------------------------------------------

    def test_hours_count_on_the_days_of_use(self):
        """Booked on 10 March for April: April's hours, and April's revenue."""
        self._book("2026-04-14 10:00", "2026-04-14 12:30")
        found = self._read(["hours:sum", "bookings:sum", "revenue:sum"], ["date:month"], machine_id=self.laser.id)
        self.assertEqual(found, {(date(2026, 4, 1),): (2.5, 1, 52)})

    def test_a_booking_over_months_and_a_change_of_the_clock_is_split_by_the_local_clock(self):
        """From 28 March to 2 April: the night of 29 March lasts an hour less."""
        workshop = self._machine("Workshop", kind="workshop", overnight=True, longest_minutes=0, capacity=1)
        self._book("2026-03-28 10:00", "2026-04-02 10:00", workshop)
        booking = self.Booking.search([("machine_id", "=", workshop.id)])
        found = self._read(["hours:sum", "bookings:sum"], ["date:month"], booking_id=booking.id)
        hours = {month: hours for (month,), (hours, _bookings) in found.items()}
        # 14 h on the 28th, 23 h on the 29th, 24 h on the 30th and on the 31st; then 24 h and 10 h.
        self.assertEqual({month: hours[month] for month in sorted(hours)}, {date(2026, 3, 1): 85, date(2026, 4, 1): 34})
        self.assertEqual(sum(bookings for _hours, bookings in found.values()), 1)
        by_day = self._read(["hours:sum"], ["date:day"], booking_id=booking.id)
        self.assertEqual(by_day[date(2026, 3, 29),], (23,))

    def test_midnight_belongs_to_the_day_before_and_time_is_the_machines(self):
        self.laser.always_open = True
        booking = self._book("2026-03-31 21:00", "2026-04-01 00:00")
        self.assertEqual(self._read(["hours:sum"], ["date:day"], booking_id=booking.id)[date(2026, 3, 31),], (3,))
        self.calendar.tz = "America/New_York"
        self.assertEqual(self._read(["hours:sum"], ["date:day"], booking_id=booking.id)[date(2026, 3, 31),], (3,))
        self.calendar.tz = "Asia/Tokyo"
        found = self._read(["hours:sum"], ["date:day"], booking_id=booking.id)
        self.assertEqual({day: hours for (day,), (hours,) in found.items() if hours}, {date(2026, 4, 1): 3})

    def test_cancelled_ones_and_holds_do_not_count(self):
        self._book("2026-03-20 10:00", "2026-03-20 11:00").action_cancel()
        self._book("2026-03-20 12:00", "2026-03-20 13:00", confirm=False)
        self.assertFalse(self.Report.search_count([("machine_id", "=", self.laser.id), ("hours", ">", 0)]))
        self.assertEqual(self._read(["bookings:sum", "revenue:sum"], machine_id=self.laser.id), (0, 0))

    def test_late_cancellations_leave_their_share_as_revenue_alone(self):
        booking = self._book("10:00", "12:00")
        booking.action_cancel()
        found = self._read(["bookings:sum", "hours:sum", "revenue:sum"], machine_id=self.laser.id)
        self.assertEqual(found, (0, 0, 20))

    def test_no_shows_count_apart(self):
        self._fill("2026-03-09", "2026-03-09")
        booking = self._book("10:00", "12:00", units=1)
        with clock.at(self._at("2026-03-10 11:00")):
            booking.action_no_show()
        with freeze_time(datetime(2026, 3, 11, 8, 0)):
            self._fill("2026-03-10", "2026-03-10")
        found = self._read(
            ["bookings:sum", "hours:sum", "no_shows:sum", "no_show_hours:sum", "booked_open_hours:sum", "revenue:sum"],
            machine_id=self.laser.id,
        )
        self.assertEqual(found, (0, 0, 1, 2, 0, 40))

    def test_units_of_a_pool_count_each(self):
        pool = self._machine("Printers", capacity=4)
        booking = self._book("10:00", "12:00", pool, units=3)
        self.assertEqual(self._read(["hours:sum", "bookings:sum"], booking_id=booking.id), (6, 1))

    # -- Revenue -----------------------------------------------------------------------------------------------------

    def test_revenue_is_time_and_consumables_less_credits(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 12:30")
        sheet = self._service("Plywood", 9.0)
        self.env["fabloch.charge"].sudo().create(
            {
                "booking_id": booking.id,
                "partner_id": self.anna.id,
                "product_id": sheet.id,
                "quantity": 2,
                "date": "2026-03-12",
            }
        )
        aggregates = ["revenue:sum", "time_revenue:sum", "consumable_revenue:sum"]
        self.assertEqual(self._read(aggregates, booking_id=booking.id), (70, 52, 18))
        with freeze_time(datetime(2026, 3, 13, 8, 0)):
            booking.charge_ids._invoice(date(2026, 3, 13))
            booking._time_charges()._credit(50, "Half of it")
        self.assertEqual(self._read(aggregates, booking_id=booking.id), (44, 26, 18))
        self.assertEqual(booking.amount, 44)

    def test_waived_charges_bring_nothing(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 12:00")
        booking.charge_ids.action_waive("Broken machine")
        self.assertEqual(self._read(["revenue:sum", "hours:sum"], booking_id=booking.id), (0, 2))

    def test_sums_equal_an_independent_computation(self):
        """A workshop over months, a pool, visitors and a member, by month and by machine."""
        pool = self._machine("Printers", capacity=4)
        workshop = self._machine("Workshop", kind="workshop", overnight=True, longest_minutes=0)
        bookings = (
            self._book("2026-03-27 10:00", "2026-04-03 17:00", workshop)
            | self._book("2026-03-30 10:00", "2026-03-30 15:30", pool, self.yann, units=2)
            | self._book("2026-04-01 09:00", "2026-04-01 12:00", pool, units=3)
            | self._book("2026-04-04 14:00", "2026-04-04 18:00")
        )
        self._fill("2026-03-01", "2026-05-31", self.laser | pool | workshop)
        expected = {}
        for booking in bookings:
            begin = booking.start
            cuts = [*periods.month_cuts(booking.start, booking.stop, "Europe/Paris"), booking.stop]
            for end in cuts:
                key = (booking.machine_id, periods.to_local(begin, "Europe/Paris").date().replace(day=1))
                share = (end - begin) / (booking.stop - booking.start)
                hours, opened, money = expected.get(key, (0, 0, 0))
                hours += (end - begin).total_seconds() / 3600 * booking.units
                expected[key] = (hours, opened + booking.open_minutes / 60 * share, money)
                begin = end
            for charge in booking.charge_ids:
                key = (booking.machine_id, charge.date.replace(day=1))
                expected[key] = (*expected.get(key, (0, 0, 0))[:2], expected.get(key, (0, 0, 0))[2] + charge.amount)
        found = self._read(
            ["hours:sum", "booked_open_hours:sum", "revenue:sum"],
            ["machine_id", "date:month"],
            company_id=self.company.id,
        )
        for key, figures in expected.items():
            for figure, wanted in zip(found[key], figures, strict=True):
                self.assertAlmostEqual(figure, wanted, 6, key)
        for key, figures in found.items():
            if key not in expected:
                self.assertEqual(tuple(figures), (0, 0, 0), key)

    # -- Occupancy -------------------------------------------------------------------------------------------------

    def test_occupancy_is_a_ratio_of_sums_in_every_total(self):
        pool = self._machine("Printers", capacity=4)
        self._book("2026-03-11 09:00", "2026-03-11 13:30")  # 4 h 30 of 9 h
        self._book("2026-03-11 09:00", "2026-03-11 10:30", pool, units=3)  # 4 h 30 of 36 h
        self._fill("2026-03-11", "2026-03-11", self.laser | pool)
        by_machine = self._read(["occupancy:avg"], ["machine_id"], date=date(2026, 3, 11))
        self.assertEqual(by_machine, {(self.laser,): (50,), (pool,): (12.5,)})
        self.assertEqual(self._read(["occupancy:avg"], category_id=self.category.id), (20,), "not the mean, 31.25")
        grouped = self.Report._read_grouping_sets(
            [("category_id", "=", self.category.id)], [[], ["machine_id"]], ["occupancy:avg"]
        )
        self.assertEqual(grouped[0], [(20,)])
        self.assertEqual(dict(grouped[1]), {self.laser: 50, pool: 12.5})

    def test_only_days_that_are_over_make_occupancy(self):
        self._book("2026-03-12 09:00", "2026-03-12 13:30")
        self._book("2026-03-13 09:00", "2026-03-13 13:30")
        self._fill("2026-03-12", "2026-03-12")
        self.assertEqual(self._read(["occupancy:avg", "hours:sum"], machine_id=self.laser.id), (50, 9))

    def test_without_open_hours_there_is_no_occupancy(self):
        self._book("2026-03-12 09:00", "2026-03-12 13:30")
        self.assertEqual(self._read(["occupancy:avg"], machine_id=self.laser.id), (0,))

    def test_open_hours_leave_closures_and_public_holidays_out(self):
        pool = self._machine("Printers", capacity=2)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": self._at("2026-03-14 00:00"),
                "date_to": self._at("2026-03-15 00:00"),
            }
        )
        self.env["fabloch.closure"].create(
            {
                "name": "New nozzles",
                "machine_ids": [Command.set(pool.ids)],
                "start": self._at("2026-03-13 16:00"),
                "stop": self._at("2026-03-16 10:00"),
            }
        )
        rows = self._fill("2026-03-12", "2026-03-16", self.laser | pool)
        hours = {(row.machine_id, row.date.day): row.open_hours for row in rows}
        self.assertEqual([hours[self.laser, day] for day in range(12, 17)], [9, 9, 0, 0, 9])
        self.assertEqual([hours[pool, day] for day in range(12, 17)], [18, 14, 0, 0, 16])

    def test_open_hours_follow_the_clock_that_changes(self):
        self.laser.always_open = True
        rows = self._fill("2026-03-28", "2026-03-30")
        self.assertEqual(rows.mapped("open_hours"), [24, 23, 24])

    # -- The nightly job ---------------------------------------------------------------------------------------------

    def _cron(self, moment):
        with freeze_time(moment), patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60.0):
            self.Day._cron_fill()

    def test_every_day_that_is_over_is_noted_once_and_history_is_not_rewritten(self):
        self.company.fabloch_machine_days_until = "2026-03-08"
        self._cron(datetime(2026, 3, 10, 22, 30))  # 23:30 in Auray: the 10th isn't over
        mine = [("machine_id", "=", self.laser.id)]
        self.assertEqual(self.Day.search(mine).mapped("date"), [date(2026, 3, 9)])
        self.calendar.attendance_ids.write({"hour_to": 12})
        self._cron(datetime(2026, 3, 13, 3, 0))  # two nights later: the days between are caught up
        self.assertEqual({row.date.day: row.open_hours for row in self.Day.search(mine)}, {9: 9, 10: 3, 11: 3, 12: 3})
        self._cron(datetime(2026, 3, 13, 4, 0))
        self.assertEqual(self.Day.search_count(mine), 4)
        self.assertEqual(self.company.fabloch_machine_days_until, date(2026, 3, 12))

    def test_the_first_night_begins_with_the_machines(self):
        self.env["fabloch.machine"].search(
            [("company_id", "=", self.company.id), ("id", "!=", self.laser.id)]
        ).active = False
        self.company.fabloch_machine_days_until = False
        self.env.cr.execute(
            "UPDATE fabloch_machine SET create_date = '2026-03-08 10:00:00' WHERE id = %s", [self.laser.id]
        )
        self.laser.invalidate_recordset()
        self._cron(datetime(2026, 3, 11, 3, 0))
        rows = self.Day.search([("machine_id", "=", self.laser.id)])
        self.assertEqual(sorted(rows.mapped("date")), [date(2026, 3, day) for day in (8, 9, 10)])

    def test_a_job_that_is_stopped_goes_on_where_it_was(self):
        self.company.fabloch_machine_days_until = "2026-01-01"
        with (
            freeze_time(datetime(2026, 3, 11, 3, 0)),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0.0),
        ):
            self.Day._cron_fill()
        self.assertEqual(self.company.fabloch_machine_days_until, date(2026, 2, 1))
        self._cron(datetime(2026, 3, 11, 3, 0))
        rows = self.Day.search([("machine_id", "=", self.laser.id)])
        self.assertEqual(len(rows), 68)
        self.assertEqual(len(set(rows.mapped("date"))), 68)

    def test_out_of_service_is_no_capacity_and_comes_back_without_rewriting(self):
        self.laser.state = "out_of_service"
        self.assertEqual(self._fill("2026-03-09", "2026-03-09").open_hours, 0)
        self.laser.state = "in_service"
        self.assertFalse(self._fill("2026-03-09", "2026-03-09"))
        self.assertEqual(self.Day.search([("machine_id", "=", self.laser.id)]).open_hours, 0)

    def test_a_manager_recomputes_a_period(self):
        self._fill("2026-03-02", "2026-03-03")
        self.calendar.attendance_ids.write({"hour_to": 12})
        manager = self._user("report_manager", "fabloch_machines.group_machines_manager")
        Recompute = self.env["fabloch.machine.day.recompute"].with_user(manager)
        vals = {"date_from": "2026-03-03", "date_to": "2026-03-04", "machine_ids": [Command.set(self.laser.ids)]}
        Recompute.create(vals).action_recompute()
        rows = self.Day.search([("machine_id", "=", self.laser.id)])
        self.assertEqual({row.date.day: row.open_hours for row in rows}, {2: 9, 3: 3, 4: 3})
        with self.assertRaisesRegex(UserError, "ends before today"):
            Recompute.create(vals | {"date_to": "2026-03-10"}).action_recompute()
        reception = self._user("report_reception")
        with self.assertRaises(AccessError):
            self.env["fabloch.machine.day.recompute"].with_user(reception).create(vals)
        with self.assertRaises(AccessError):
            rows.with_user(manager)[0].open_hours = 24

    # -- Companies and costs -----------------------------------------------------------------------------------------

    def test_each_company_sees_its_own_machines(self):
        other = self.env["res.company"].create({"name": "Other lab"})
        with patch.object(type(self), "company", other):
            category = self._category("Other laser", self.hour, company_id=other.id)
        theirs = self._machine("Their laser", category, company_id=other.id, resource_calendar_id=False)
        self._book("2026-03-12 09:00", "2026-03-12 10:00")
        self._fill("2026-03-09", "2026-03-09", self.laser | theirs)
        board = self._user("report_board", "fabloch_finance.group_finance_board")
        found = self.Report.with_user(board).search([("machine_id", "in", (self.laser | theirs).ids)])
        self.assertEqual(found.machine_id, self.laser)
        board.company_ids += other
        both = self.Report.with_user(board).with_context(allowed_company_ids=board.company_ids.ids)
        self.assertEqual(both.search([("machine_id", "in", (self.laser | theirs).ids)]).machine_id, self.laser | theirs)
        with self.assertRaises(AccessError):
            self.Report.with_user(self._user("report_nobody", "base.group_user")).search([])

    def test_filling_costs_the_same_queries_for_a_day_and_for_a_year(self):
        machines = self.laser | self._machine("Laser 2") | self._machine("Laser 3")
        self.env.registry.clear_cache()
        one = self._queries(lambda: self._fill("2025-01-01", "2025-01-01"))
        self.env.registry.clear_cache()
        many = self._queries(lambda: self._fill("2025-01-02", "2025-01-31", machines))
        self.assertLessEqual(many, one + 2)

    def test_years_stand_beside_each_other(self):
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        self._fill("2025-08-30", "2025-09-02")
        found = self._read(["open_hours:sum"], ["fiscal_year"], machine_id=self.laser.id)
        self.assertEqual({year: hours for (year,), (hours,) in found.items()}, {"2024-2025": 9, "2025-2026": 18})
        domain = [("machine_id", "=", self.laser.id)]
        self.assertEqual(self.Report.search_count([*domain, ("fiscal_year_age", "=", 0)]), 2)
        last = self.Report.search([*domain, ("fiscal_year_age", "=", 1)])
        self.assertEqual(set(last.mapped("fiscal_year_age")), {1})
        self.assertEqual({row.date for row in last}, {date(2025, 8, 30), date(2025, 8, 31)})
        self.assertEqual(timedelta(days=1), last[0].date - last[1].date)
