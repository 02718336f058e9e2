"""Maintenance: the bookings hit are listed, moved or cancelled without cost, and the machine is closed."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestClosurePlan(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._machine("Laser 2", cls.category)

    def _plan(self, start="13:00", stop="17:00", machines=None, **vals):
        machines = machines or self.laser
        return self.env["fabloch.closure.plan"].create(
            {
                "machine_ids": [Command.set(machines.ids)],
                "name": "Broken lens",
                "start": self._at(f"2026-03-10 {start}" if len(start) == 5 else start),
                "stop": self._at(f"2026-03-10 {stop}" if len(stop) == 5 else stop),
                **vals,
            }
        )

    def _decisions(self, plan):
        return [(line.booking_id, line.decision) for line in plan.line_ids]

    # -- What is listed and proposed -----------------------------------------------------------------------------------

    def test_what_lies_in_the_period_is_listed_and_nothing_else(self):
        before = self._book("11:00", "13:00")
        inside = self._book("14:00", "15:00")
        across = self._book("16:30", "18:00", partner=self.yann)
        other = self._book("14:00", "15:00", self.second, self.yann)
        cancelled = self._book("15:00", "16:00")
        cancelled.action_cancel(waive=True)
        plan = self._plan()
        self.assertEqual(plan.line_ids.booking_id, inside | across)
        self.assertNotIn(before | other, plan.line_ids.booking_id)
        self.assertEqual(plan.hit_count, 2)

    def test_a_hold_is_hit_while_it_lasts(self):
        live = self._book("14:00", "15:00", confirm=False)
        expired = self._book("15:00", "16:00", confirm=False, partner=self.yann)
        expired.sudo().hold_until = self._at("2026-03-10 08:30")
        plan = self._plan()
        self.assertEqual(plan.line_ids.booking_id, live)
        plan.action_plan()
        self.assertEqual((live.state, live.machine_id), ("hold", self.second))

    def test_another_free_machine_comes_first_then_another_time_then_cancelling(self):
        elsewhere = self._book("14:00", "15:00")
        self._book("15:00", "16:00", self.second, self.yann)
        later = self._book("15:00", "16:00")
        plan = self._plan()
        lines = {line.booking_id: line for line in plan.line_ids}
        self.assertEqual((lines[elsewhere].decision, lines[elsewhere].new_machine_id), ("machine", self.second))
        self.assertEqual((lines[later].decision, lines[later].new_start), ("time", self._at("2026-03-10 17:00")))
        self.assertEqual((plan.move_count, plan.cancel_count), (2, 0))

    def test_two_bookings_are_not_proposed_the_same_place(self):
        printers = self._machine("Printers", capacity=2)
        spare = self._machine("Spare printer")
        self.second.state = "out_of_service"
        self.laser.state = "out_of_service"
        bookings = self._book("14:00", "15:00", printers) | self._book("14:00", "15:00", printers, self.yann)
        plan = self._plan(machines=printers)
        self.assertEqual(plan.line_ids.booking_id, bookings)
        self.assertEqual(plan.line_ids.mapped("decision"), ["machine", "time"])
        plan.action_plan()
        self.assertEqual(bookings[0].machine_id, spare)
        self.assertEqual(bookings[1].machine_id, printers)

    def test_a_dearer_machine_is_not_proposed(self):
        own = self._service("Dear hour", 40.0)
        self._rate(self.category, "hour", 60, own, machine_id=self.second.id)
        self._book("14:00", "15:00")
        self.assertEqual(self._plan().line_ids.decision, "time")

    def test_what_the_rules_refuse_is_not_proposed(self):
        self.second.notice_hours = 48
        booking = self._book("14:00", "15:00")
        self.laser.notice_hours = 24 * 60
        plan = self._plan()
        self.assertEqual(self._decisions(plan), [(booking, "cancel")])

    def test_who_is_at_work_is_not_sent_to_another_time(self):
        self.second.state = "out_of_service"
        here = self._book("09:00", "10:00")
        here.action_check_in()
        coming = self._book("10:00", "11:00", partner=self.yann)
        plan = self._plan("09:00", "12:00")
        self.assertEqual(self._decisions(plan), [(here, "cancel"), (coming, "time")])

    # -- Doing it ------------------------------------------------------------------------------------------------------

    def test_all_is_done_at_once_and_nothing_clashes_afterwards(self):
        moved = self._book("14:00", "15:00")
        self._book("15:00", "16:00", self.second, self.yann)
        later = self._book("15:00", "16:00")
        gone = self._book("16:00", "17:00", partner=self.yann)
        plan = self._plan()
        plan.line_ids.filtered(lambda line: line.booking_id == gone).decision = "cancel"
        plan.action_plan()
        self.assertEqual((moved.machine_id, moved.state, moved.amount), (self.second, "confirmed", 20.0))
        self.assertEqual((later.machine_id, later.start), (self.laser, self._at("2026-03-10 17:00")))
        self.assertEqual((gone.state, gone.amount, gone.cancel_reason), ("cancelled", 0.0, "Broken lens"))
        closure = self.env["fabloch.closure"].search([("machine_ids", "in", self.laser.ids)])
        self.assertEqual((closure.name, closure.kind), ("Broken lens", "maintenance"))
        self.assertEqual(closure.occupancy_ids.mapped("start"), [self._at("2026-03-10 13:00")])
        with self.assertRaisesRegex(UserError, "in maintenance"):
            self._book("14:00", "15:00")

    def test_a_late_cancellation_costs_nothing_and_prepaid_time_comes_back(self):
        allowance = self.env["fabloch.allowance"].create(
            {
                "partner_id": self.anna.id,
                "product_ids": [Command.set(self.hour.ids)],
                "unit": "hour",
                "quantity": 5,
                "date_from": "2026-01-01",
                "name": "Pack",
            }
        )
        booking = self._book("14:00", "15:00")
        self.assertEqual((booking.prepaid_minutes, allowance.quantity_left), (60, 4.0))
        plan = self._plan()
        plan.line_ids.decision = "cancel"
        plan.action_plan()
        self.assertEqual((booking.state, booking.amount), ("cancelled", 0.0))
        self.assertEqual(allowance.quantity_left, 5.0)

    def test_a_move_may_go_where_another_hit_booking_was(self):
        self.second.state = "out_of_service"
        first = self._book("14:00", "15:00")
        tail = self._book("15:00", "17:00", partner=self.yann)
        plan = self._plan("13:00", "15:30")
        lines = {line.booking_id: line for line in plan.line_ids}
        lines[first].write({"decision": "time", "new_start": self._at("2026-03-10 16:00")})
        lines[tail].decision = "cancel"
        plan.action_plan()
        self.assertEqual(first.start, self._at("2026-03-10 16:00"))

    def test_a_decision_against_the_rules_says_which_and_nothing_is_done(self):
        booking = self._book("14:00", "15:00")
        plan = self._plan()
        plan.line_ids.write({"decision": "time", "new_start": self._at("2026-03-10 20:00")})
        with self.assertRaisesRegex(UserError, "Laser 1, Anna Le Goff can't be moved as decided:\n.*open 09:00–18:00"):
            with self.env.cr.savepoint():
                plan.action_plan()
        self.assertFalse(self.env["fabloch.closure"].search([("machine_ids", "in", self.laser.ids)]))
        self.env.invalidate_all()
        self.assertEqual(booking.start, self._at("2026-03-10 14:00"))
        self.assertTrue(booking.occupancy_ids)

    def test_a_booking_made_meanwhile_is_not_overrun(self):
        plan = self._plan()
        self.assertFalse(plan.line_ids)
        self._book("14:00", "15:00")
        with self.assertRaisesRegex(UserError, "1 more bookings lie in this period"):
            plan.action_plan()

    def test_a_booking_cancelled_meanwhile_is_left_alone(self):
        booking = self._book("14:00", "15:00")
        plan = self._plan()
        booking.action_cancel("Ill", waive=True)
        plan.action_plan()
        self.assertEqual((booking.state, booking.cancel_reason), ("cancelled", "Ill"))

    def test_closing_a_workshop_hits_the_machines_in_it(self):
        workshop = self._machine("Workshop", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id)
        self.laser.state = self.second.state = "out_of_service"
        booking = self._book("14:00", "15:00", saw)
        plan = self._plan(machines=workshop)
        self.assertEqual(self._decisions(plan), [(booking, "time")])
        plan.action_plan()
        # An hour before the closing is nearer than an hour after it.
        self.assertEqual(booking.start, self._at("2026-03-10 12:00"))
        with self.assertRaisesRegex(UserError, "Saw is in maintenance"):
            self._book("14:00", "15:00", saw)

    def test_maintenance_inside_a_workshop_hits_its_bookings(self):
        workshop = self._machine("Workshop", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id)
        booking = self._book("14:00", "15:00", workshop)
        plan = self._plan(machines=saw)
        self.assertEqual(plan.line_ids.booking_id, booking)
        plan.action_plan()
        # An hour before the closing is nearer than an hour after it.
        self.assertEqual(booking.start, self._at("2026-03-10 12:00"))

    def test_a_closing_that_has_begun_takes_what_is_left_of_it(self):
        self._book("2026-03-10 09:30", "2026-03-10 10:00")
        plan = self._plan("2026-03-10 08:00", "2026-03-10 12:00")
        plan.line_ids.decision = "cancel"
        plan.action_plan()
        closure = self.env["fabloch.closure"].search([("machine_ids", "in", self.laser.ids)])
        self.assertEqual(closure.start, self._at("2026-03-10 09:00"))

    def test_a_period_that_is_over_or_upside_down_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "is over"):
            self._plan("2026-03-09 08:00", "2026-03-09 12:00")
        with self.assertRaisesRegex(ValidationError, "ends after it starts"):
            self._plan("15:00", "14:00")

    def test_ending_a_closure_gives_the_machine_back(self):
        plan = self._plan("2026-03-10 09:00", "2026-03-10 18:00")
        plan.action_plan()
        closure = self.env["fabloch.closure"].search([("machine_ids", "in", self.laser.ids)])
        closure.action_end_now()
        self._book("14:00", "15:00")

    # -- Out of service ------------------------------------------------------------------------------------------------

    def test_out_of_service_hits_all_that_lies_ahead(self):
        soon = self._book("14:00", "15:00")
        far = self._book("2026-05-05 14:00", "2026-05-05 15:00")
        self._book("2026-05-05 14:00", "2026-05-05 15:00", self.second, self.yann)
        expired = self._book("16:00", "17:00", confirm=False)
        expired.sudo().hold_until = self._at("2026-03-10 08:30")
        plan = self._plan(kind="out_of_service", start="09:00", stop="10:00")
        self.assertEqual(self._decisions(plan), [(soon, "machine"), (far, "cancel")])
        plan.action_plan()
        self.assertEqual((soon.machine_id, far.state, far.amount), (self.second, "cancelled", 0.0))
        self.assertEqual(self.laser.state, "out_of_service")
        self.assertFalse(self.env["fabloch.closure"].search([("machine_ids", "in", self.laser.ids)]))
        with self.assertRaisesRegex(UserError, "out of service"):
            self._book("14:00", "15:00")
        self.laser.action_put_back()
        self._book("14:00", "15:00")

    # -- Access and cost -----------------------------------------------------------------------------------------------

    def test_only_managers_plan(self):
        self._book("14:00", "15:00")
        manager = self._user("manager", "fabloch_machines.group_machines_manager")
        reception = self._user("reception")
        with self.assertRaises(AccessError):
            self.env["fabloch.closure.plan"].with_user(reception).create(
                {"machine_ids": [Command.set(self.laser.ids)], "name": "No"}
            )
        plan = (
            self.env["fabloch.closure.plan"]
            .with_user(manager)
            .create(
                {
                    "machine_ids": [Command.set(self.laser.ids)],
                    "name": "Yes",
                    "start": self._at("2026-03-10 13:00"),
                    "stop": self._at("2026-03-10 17:00"),
                }
            )
        )
        plan.action_plan()
        closure = self.env["fabloch.closure"].search([("machine_ids", "in", self.laser.ids)])
        self.assertEqual(closure.user_id, manager)
        with self.assertRaises(AccessError):
            closure.with_user(reception).action_end_now()

    def test_proposing_costs_the_same_whatever_is_hit(self):
        self._book("13:00", "13:30")
        few = self._queries(lambda: self._plan("2026-03-10 13:00", "2026-03-13 18:00")._prepare_lines_vals())
        for day in (11, 12, 13):
            for hour in range(9, 17):
                self._book(f"2026-03-{day} {hour:02d}:00", f"2026-03-{day} {hour:02d}:30")
        plan = self._plan("2026-03-10 13:00", "2026-03-13 18:00")
        self.assertEqual(plan.hit_count, 25)
        many = self._queries(plan._prepare_lines_vals)
        self.assertLessEqual(many, few)
