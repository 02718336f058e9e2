"""What bookings cost in queries: a fixed number, whatever the length of the history."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import MachinesCase

MACHINES = 50


@tagged("post_install", "-at_install")
class TestCosts(MachinesCase):
    """One laser with every rule on (quota, authorisation, member price), among 50 machines with a history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category.write({"quota_hours_week": 40.0, "requires_authorisation": True})
        cls._enrol(cls.anna, cls._member_plan({cls.hour: 15.0, cls.half_hour: 9.0}))
        cls.env["fabloch.authorisation"].create(
            [{"partner_id": partner.id, "category_id": cls.category.id} for partner in cls.anna | cls.yann]
        )
        cls.park = cls.env["fabloch.machine"].concat(
            *(cls._machine(f"Machine {number}", always_open=True) for number in range(MACHINES))
        )
        cls._book("09:00", "09:30")  # fills what is kept for the whole process
        cls._book("09:30", "10:00", partner=cls.yann)

    def _add_history(self, count):
        """`count` bookings of an hour over the park, two thirds of them before today, with their occupancy."""
        self.env.flush_all()
        self.cr.execute(
            """
            WITH made AS (
                INSERT INTO fabloch_booking
                       (name, partner_id, machine_id, category_id, company_id, currency_id,
                        start, stop, units, duration, state, confirm_date)
                SELECT 'H' || number, %(partner)s, (%(machines)s)[1 + number %% %(size)s], %(category)s, %(company)s,
                       %(currency)s, %(first)s::timestamp + interval '1 hour' * (number / %(size)s),
                       %(first)s::timestamp + interval '1 hour' * (number / %(size)s + 1), 1, 1, 'confirmed', now()
                  FROM generate_series(0, %(count)s - 1) number
             RETURNING id, machine_id, company_id, start, stop)
            INSERT INTO fabloch_occupancy (booking_id, machine_id, company_id, start, stop, unit, kind)
            SELECT id, machine_id, company_id, start, stop, 1, 'booking' FROM made
            """,
            {
                "partner": self.yann.id,
                "machines": self.park.ids,
                "size": MACHINES,
                "category": self.category.id,
                "company": self.company.id,
                "currency": self.company.currency_id.id,
                "first": datetime(2026, 3, 10) - timedelta(hours=count // MACHINES * 2 // 3),
                "count": count,
            },
        )
        self.cr.execute("ANALYZE fabloch_booking, fabloch_occupancy")
        self.env.invalidate_all()

    def _figures(self):
        """Queries of booking and confirming one hour, and of the free periods of the park in a month."""
        start, stop = datetime(2026, 3, 1), datetime(2026, 4, 1)
        hour = self._book("10:00", "11:00", confirm=False)
        hour.unlink()
        figures = {}
        for name, operation in (
            ("book", lambda: self._book("14:00", "15:30")),
            ("free", lambda: self.park._free_periods(start, stop)),
        ):
            figures[name] = self._queries(operation)
        made = [("machine_id", "=", self.laser.id), ("start", "=", self._at("2026-03-10 14:00"))]
        self.Booking.search([*made, ("state", "=", "confirmed")]).action_cancel(waive=True)
        return figures

    def test_a_booking_costs_the_same_at_1000_and_at_200000(self):
        self._add_history(1_000)
        few = self._figures()
        self._add_history_after(199_000)
        many = self._figures()
        print(f"\nat 1,000 bookings: {few}\nat 200,000 bookings: {many}")
        for name in few:
            self.assertEqual(few[name], many[name], name)
        self.assertLessEqual(many["book"], 15)
        self.assertLessEqual(many["free"], 6)

    def test_a_visitor_costs_no_more_than_a_member(self):
        self._book("12:00", "13:30", partner=self.yann)  # fills what is kept for the whole process
        visitor = self._queries(lambda: self._book("14:00", "15:30", partner=self.yann))
        self.assertLessEqual(visitor, 15)

    def _add_history_after(self, count):
        self.env["fabloch.occupancy"].search([("machine_id", "in", self.park.ids)]).unlink()
        self._add_history(count)

    def test_free_periods_read_the_occupancy_once(self):
        self.park._free_periods(datetime(2026, 3, 1), datetime(2026, 4, 1))  # reads the settings of all machines
        few = self._queries(lambda: self.park[:5]._free_periods(datetime(2026, 3, 1), datetime(2026, 4, 1)))
        many = self._queries(lambda: self.park._free_periods(datetime(2026, 3, 1), datetime(2026, 4, 1)))
        self.assertEqual(few, many)

    def test_a_hundred_bookings_in_one_call(self):
        people = self._partners(*(f"Person {number}" for number in range(100)))
        self.env["fabloch.authorisation"].create(
            [{"partner_id": partner.id, "category_id": self.category.id} for partner in people]
        )
        vals_list = [
            self._vals("14:00", "15:30", self.park[number % MACHINES], people[number])
            if number < MACHINES
            else self._vals("2026-03-11 14:00", "2026-03-11 15:30", self.park[number % MACHINES], people[number])
            for number in range(100)
        ]
        queries = self._queries(lambda: self.Booking.create([dict(vals, state="confirmed") for vals in vals_list]))
        print(f"\n100 bookings in one call: {queries} queries")
        self.assertLessEqual(queries, 60)

    def test_bookings_cancelled_in_one_call_cost_a_few_queries_each(self):
        self.category.write({"late_cancel_percent": 50.0, "quota_hours_week": 0.0})
        bookings = self.Booking.create(
            [{**self._vals("14:00", "15:30", machine, self.yann), "state": "confirmed"} for machine in self.park[:30]]
        )
        bookings[:1].action_cancel()
        few, many = self._queries(bookings[1:4].action_cancel), self._queries(bookings[4:].action_cancel)
        self.assertLess((many - few) / 23, 5, f"{few} queries for 3, {many} for 26")

    def test_a_setting_that_changes_counts_at_once(self):
        self.assertEqual(
            self.laser._quote(self.yann, self._at("2026-03-10 16:00"), self._at("2026-03-10 17:00")).total, 20
        )
        self.hour.list_price = 30
        self.assertEqual(
            self.laser._quote(self.yann, self._at("2026-03-10 16:00"), self._at("2026-03-10 17:00")).total, 24
        )
        self.rate_half.active = False
        self.assertEqual(
            self.laser._quote(self.yann, self._at("2026-03-10 16:00"), self._at("2026-03-10 17:00")).total, 30
        )
