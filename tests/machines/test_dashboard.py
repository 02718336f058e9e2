"""The machines and the workshop on the dashboard: hours and occupancy against plain SQL on the bookings."""

from datetime import date, datetime

from odoo import Command
from odoo.tests import HttpCase, freeze_time, tagged

from tests.dashboard import DashboardMixin

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestDashboard(DashboardMixin, MachinesCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workshop = cls._machine("Workshop", kind="workshop", capacity=1)
        for year, start in ((2025, datetime(2025, 3, 10, 8)), (2026, datetime(2026, 3, 10, 8))):
            with freeze_time(start):
                cls._book(f"{year}-03-12 09:00", f"{year}-03-12 13:30")
                cls._book(f"{year}-03-13 10:00", f"{year}-03-13 11:00", partner=cls.yann)
                if year == 2026:
                    cls._book("2026-04-14 10:00", "2026-04-14 16:00")
                    cls._book("2026-04-15 10:00", "2026-04-15 16:00").action_cancel()
                cls._book(f"{year}-03-17 09:00", f"{year}-03-17 {year - 2010}:00", cls.workshop)
            with freeze_time(datetime(year, 3, 31, 8)):
                machines = cls.laser | cls.workshop
                cls.env["fabloch.machine.day"]._fill(machines, date(year, 3, 11), date(year, 3, 20))
        income = cls.env["account.account"].create(
            {
                "name": "Rental",
                "code": "708399",
                "account_type": "income",
                "company_ids": [Command.set(cls.company.ids)],
                "fabloch_revenue_stream_id": cls.env.ref("fabloch_finance.revenue_stream_workshop").id,
            }
        )
        other = cls.env["account.account"].search(
            [("company_ids", "in", cls.company.ids), ("account_type", "=", "asset_current")], limit=1
        )
        for day, amount in (("2025-03-31", 150.0), ("2026-03-31", 240.5)):
            cls.env["account.move"].create(
                {
                    "move_type": "entry",
                    "date": day,
                    "line_ids": [
                        Command.create({"account_id": income.id, "balance": -amount}),
                        Command.create({"account_id": other.id, "balance": amount}),
                    ],
                }
            ).action_post()
        cls.board = cls._user("dashboard_board", "fabloch_finance.group_finance_board")

    def _use(self, year, kind):
        """Hours, bookings and occupancy (%) of a year, from the bookings themselves."""
        [[hours, bookings, booked]] = self._sql(
            """
            SELECT COALESCE(SUM(EXTRACT(EPOCH FROM booking.stop - booking.start) / 3600 * booking.units), 0),
                   COUNT(*),
                   COALESCE(SUM(booking.open_minutes) FILTER (WHERE EXTRACT(MONTH FROM booking.start) = 3), 0) / 60.0
              FROM fabloch_booking booking
              JOIN fabloch_machine machine ON machine.id = booking.machine_id
             WHERE booking.state = 'confirmed' AND machine.kind = %s AND EXTRACT(YEAR FROM booking.start) = %s
            """,
            kind,
            year,
        )
        [[open_hours]] = self._sql(
            """
            SELECT SUM(day.open_hours) FROM fabloch_machine_day day
              JOIN fabloch_machine machine ON machine.id = day.machine_id
             WHERE machine.kind = %s AND EXTRACT(YEAR FROM day.date) = %s
            """,
            kind,
            year,
        )
        return float(hours), bookings, 100 * float(booked) / float(open_hours)

    def _rental(self, year):
        [[amount]] = self._sql(
            """
            SELECT SUM(line.credit - line.debit) FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE account.code_store->>%s LIKE '7083%%' AND line.parent_state = 'posted'
               AND EXTRACT(YEAR FROM line.date) = %s
            """,
            str(self.company.id),
            year,
        )
        return float(amount)

    def test_every_figure_is_that_of_the_bookings_and_of_the_ledger(self):
        self._open(self.board, "2026", "2025")
        self._check_definitions()
        machines, machines_before = self._use(2026, "machine"), self._use(2025, "machine")
        workshop, workshop_before = self._use(2026, "workshop"), self._use(2025, "workshop")
        self.assertEqual((machines[:2], machines_before[:2]), ((11.5, 3), (5.5, 2)), "the test's own figures")
        self.assertEqual((workshop[0], workshop_before[0]), (7, 6))

        def growth(figure, figure_before):
            return figure, figure_before, figure / figure_before - 1

        def points(share, share_before):
            return share, share_before, share - share_before

        rows = {
            "Machines: hours": growth(machines[0], machines_before[0]),
            "Machines: bookings": growth(machines[1], machines_before[1]),
            "Machines: occupancy": points(machines[2], machines_before[2]),
            "Workshop: hours": growth(workshop[0], workshop_before[0]),
            "Workshop: occupancy": points(workshop[2], workshop_before[2]),
            "Workshop: revenue": growth(self._rental(2026), self._rental(2025)),
        }
        cards = {
            "Machine hours": (machines[0], machines_before[0]),
            "Occupancy of the machines": (machines[2], machines_before[2]),
        }
        expected = self._check(cards, {"Machines and workshop rental": rows})
        self._check_in_browser("dashboard_board", (None, expected))

    def test_charts_are_those_of_the_bookings(self):
        self._open(self.board, "2026", "2025")
        hours = self._sql(
            """
            SELECT date_trunc('month', booking.start)::date,
                   SUM(EXTRACT(EPOCH FROM booking.stop - booking.start) / 3600 * booking.units)
              FROM fabloch_booking booking
             WHERE booking.state = 'confirmed' AND EXTRACT(YEAR FROM booking.start) = 2026
          GROUP BY 1
            """
        )
        expected = {(month, self.category.display_name): float(value) for month, value in hours}
        self.assertEqual(len(expected), 2)
        self.assertEqual(self._chart_points("Booked hours, month by month"), expected)
        occupancy = round(self._use(2026, "machine")[2], 2)
        found = self._chart_points("Occupancy of the machines (%), month by month")
        self.assertEqual(found, {(date(2026, 3, 1),): occupancy})
