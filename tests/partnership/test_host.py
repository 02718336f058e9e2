"""A machine at a partner's can be booked on the days on which its convention runs, and on no other."""

from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .test_envelope_cover import EnvelopeCase


class HostCase(EnvelopeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.joinery = cls._payers("Menuiserie ODO", is_company=True)
        cls.workshop_of_joinery = cls._payers("ODO, atelier de Baden", parent_id=cls.joinery.id)
        cls.saw = cls._machine("Saw", host_id=cls.workshop_of_joinery.id)
        cls.type_loan = cls.env.ref("fabloch_partnership.convention_type_loan")
        cls.machine_manager = cls._user("machine manager", "fabloch_machines.group_machines_manager")

    @classmethod
    def _hosting(cls, state="signed", **vals):
        convention = cls._convention(
            cls.joinery, **{"type_id": cls.type_loan.id, "tacit_renewal": False, "date_end": "2026-03-31", **vals}
        )
        convention.sudo().state = state
        return convention

    def _books_saw(self, day, **vals):
        return self._book(f"{day} 14:00", f"{day} 15:00", machine=self.saw, **vals)

    def _refused(self, day, words, **vals):
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            self._books_saw(day, **vals)


@tagged("post_install", "-at_install")
class TestHost(HostCase):
    def test_the_type_of_provision_hosts_machines(self):
        self.assertTrue(self.type_loan.hosts_machines)
        self.assertFalse(self.type_partnership.hosts_machines)

    def test_each_state_of_the_convention_says_what_to_do(self):
        self._refused("2026-03-12", "with whom no convention runs")
        self._convention(self.joinery, type_id=self.type_partnership.id).sudo().state = "signed"
        self._refused("2026-03-12", "with whom no convention runs")
        convention = self._hosting("in_signature")
        self._refused("2026-03-12", f"convention {convention.name} is still in signature")
        convention.sudo().state = "signed"
        self._books_saw("2026-03-12")
        self._books_saw("2026-03-31")
        self._refused("2026-04-01", "ended on 03/31/2026")
        convention.sudo().write({"state": "terminated", "terminated_on": "2026-03-20"})
        self._refused("2026-03-21", "ended on 03/20/2026")
        self._books_saw("2026-03-20")

    def test_on_each_day_of_the_booking(self):
        self._hosting()
        self.saw.write({"overnight": True, "longest_minutes": 0})
        with self.assertRaisesRegex(UserError, "ends on 03/31/2026"), self.cr.savepoint():
            self._book("2026-03-31 14:00", "2026-04-01 10:00", machine=self.saw)
        following = self._hosting(date_start="2026-04-01", date_end="2026-04-30")
        self._book("2026-03-31 14:00", "2026-04-01 10:00", machine=self.saw)
        following.sudo().state = "draft"
        self._refused("2026-04-02", "ended on")

    def test_no_exception_lets_people_into_the_partners_premises(self):
        vals = {"exception_reason": "They know us"}
        booking = self.Booking.with_user(self.machine_manager)
        with self.assertRaisesRegex(UserError, "no convention runs"):
            booking.create({**self._vals("2026-03-12 14:00", "2026-03-12 15:00", self.saw), **vals})

    def test_what_stands_in_a_hosted_workshop_is_hosted(self):
        workshop = self._machine("Joinery", kind="workshop", host_id=self.joinery.id)
        drill = self._machine("Drill", workshop_id=workshop.id)
        with self.assertRaisesRegex(UserError, "no convention runs"), self.cr.savepoint():
            self._book("14:00", "15:00", machine=drill)
        convention = self._hosting()
        self._book("14:00", "15:00", machine=drill)
        self.assertEqual(convention.hosted_machine_count, 3)

    def test_another_company_has_its_own_conventions(self):
        other = self.env["res.company"].create({"name": "Another lab"})
        self._hosting(company_id=other.id)
        self._refused("2026-03-12", "no convention runs")

    def test_a_machine_of_ours_asks_nothing(self):
        self._book("10:00", "11:00")
        plain = self._queries(lambda: self._book("11:00", "12:00"))
        self._hosting()
        self._books_saw("2026-03-12")
        hosted = self._queries(lambda: self._books_saw("2026-03-13"))
        self.assertLessEqual(hosted - plain, 1)
        self.assertEqual(self._queries(lambda: self._book("12:00", "13:00")), plain)

    def test_free_periods_and_planner_leave_it_closed_outside(self):
        self._hosting(date_start="2026-03-12", date_end="2026-03-13")
        start, stop = datetime(2026, 3, 11), datetime(2026, 3, 16)
        free = (self.saw | self.laser)._free_periods(start, stop)
        self.assertEqual(
            free[self.saw],
            [
                (self._at("2026-03-12 09:00"), self._at("2026-03-12 18:00")),
                (self._at("2026-03-13 09:00"), self._at("2026-03-13 18:00")),
            ],
        )
        self.assertEqual(len(free[self.laser]), 4)
        data = self.env["fabloch.machine"].get_planner_data(
            "2026-03-11 00:00:00", "2026-03-16 00:00:00", [("machine_id", "=", self.saw.id)]
        )
        self.assertEqual(
            [(block["start"], block["stop"], block["name"]) for block in data["blocks"]],
            [
                ("2026-03-11 00:00:00", "2026-03-11 23:00:00", "No convention with the host"),
                ("2026-03-13 23:00:00", "2026-03-16 00:00:00", "No convention with the host"),
            ],
        )

    def test_the_machine_says_until_when(self):
        self.assertEqual((self.saw.host_bookable, self.laser.host_bookable), (False, True))
        convention = self._hosting()
        self.saw.invalidate_recordset()
        self.assertEqual((self.saw.host_bookable, self.saw.host_until), (True, date(2026, 3, 31)))
        convention.write({"tacit_renewal": True, "renewal_months": 12, "renewal_limit": 0})
        self.saw.invalidate_recordset()
        self.assertEqual((self.saw.host_bookable, self.saw.host_until), (True, False))
        self.assertFalse(self.laser.host_status)

    def test_it_is_shown_closed_now(self):
        self.assertEqual((self.saw.status_now, self.laser.status_now), ("closed", "free"))
        self._hosting()
        self.saw.invalidate_recordset()
        self.assertEqual(self.saw.status_now, "free")

    def test_an_end_lists_and_cancels_what_comes_after_without_cost(self):
        convention = self._hosting()
        self.category.write({"free_cancel_hours": 10_000, "late_cancel_percent": 100})
        kept, late = self._books_saw("2026-03-14"), self._books_saw("2026-03-20")
        ours = self._book("2026-03-20 14:00", "2026-03-20 15:00")
        self.assertEqual(convention._hosted_bookings_after("2026-03-14"), late)
        self.assertEqual(convention._hosted_bookings_after("2026-03-13"), kept | late)
        cancelled = convention.with_user(self.officer)._cancel_hosted_bookings_after("2026-03-14", "ODO ends")
        self.assertEqual((cancelled, late.state, late.amount, late.cancel_reason), (late, "cancelled", 0.0, "ODO ends"))
        self.assertEqual((kept.state, ours.state), ("confirmed", "confirmed"))

    def test_a_termination_cancels_what_nobody_could_be_let_in_for(self):
        convention = self._hosting()
        kept, late = self._books_saw("2026-03-14"), self._books_saw("2026-03-20")
        wizard = self.env["fabloch.convention.terminate"].with_user(self.officer)
        wizard = wizard.create({"convention_id": convention.id, "date": "2026-03-14", "reason": "ODO ends"})
        self.assertEqual(wizard.booking_count, 1)
        wizard.action_terminate()
        self.assertEqual((late.state, late.cancel_reason, kept.state), ("cancelled", "ODO ends", "confirmed"))

    def test_an_end_noted_late_leaves_what_took_place(self):
        convention = self._hosting()
        done, to_come = self._books_saw("2026-03-14"), self._books_saw("2026-03-20")
        with freeze_time("2026-03-18 09:00:00"):
            self.env.invalidate_all()
            convention.action_terminate("2026-03-12", "ODO ended")
        self.assertEqual((done.state, to_come.state), ("confirmed", "cancelled"))

    def test_an_end_leaves_what_another_convention_covers(self):
        convention = self._hosting()
        self._hosting(date_start="2026-03-18", date_end="2026-12-31")
        self._books_saw("2026-03-20")
        early = self._books_saw("2026-03-16")
        self.assertEqual(convention._hosted_bookings_after("2026-03-14"), early)
