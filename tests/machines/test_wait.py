"""The waitlist: in order, one offer at a time, nobody else meanwhile."""

from datetime import timedelta

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_machines import clock

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestWait(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Wait = cls.env["fabloch.booking.wait"]
        cls.env["fabloch.booking.wait"].search([]).unlink()
        cls.company.fabloch_wait_minutes = 120
        cls.zoe, cls.bran = cls._partners("Zoé Le Gall", "Bran Tanguy")

    def setUp(self):
        super().setUp()
        # The test's own transaction stays whole.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **options: 600)

    @classmethod
    def _wait(cls, partner, start, stop, machine=None, **vals):
        return cls.Wait.create(cls._vals(start, stop, machine, partner, **vals))

    def _later(self, **delta):
        return clock.at(clock.now() + timedelta(**delta))

    def _taken_and_two_wait(self):
        taken = self._book("14:00", "16:00")
        return taken, self._wait(self.yann, "14:00", "16:00"), self._wait(self.zoe, "14:00", "15:00")

    # -- Who is offered what -----------------------------------------------------------------------------------------

    def test_a_cancelled_booking_is_offered_to_the_first_in_the_line_alone(self):
        taken, first, second = self._taken_and_two_wait()
        taken.action_cancel()
        self.assertEqual((first.state, second.state), ("offered", "waiting"))
        offered = first.booking_id
        self.assertEqual(
            (offered.partner_id, offered.start, offered.stop, offered.state, offered.wait_id),
            (self.yann, taken.start, taken.stop, "hold", first),
        )
        self.assertEqual(offered.hold_until, clock.now() + timedelta(minutes=120))
        self.assertEqual(first.offered_until, offered.hold_until)

    def test_what_is_offered_nobody_else_can_take(self):
        taken, _first, _second = self._taken_and_two_wait()
        taken.action_cancel()
        with self.assertRaisesRegex(UserError, "taken"):
            self._book("15:00", "16:00", partner=self.bran)

    def test_confirmed_is_booked(self):
        taken, first, second = self._taken_and_two_wait()
        taken.action_cancel()
        first.booking_id.action_confirm()
        self.assertEqual((first.state, first.booking_id.state, second.state), ("booked", "confirmed", "waiting"))
        self.assertEqual(first.booking_id.amount, 40.0)

    def test_expired_is_offered_to_the_next(self):
        taken, first, second = self._taken_and_two_wait()
        taken.action_cancel()
        with self._later(minutes=119):
            self.Wait._cron_offer()
            self.assertEqual((first.state, second.state), ("offered", "waiting"))
        with self._later(minutes=120):
            self.Wait._cron_offer()
            self.assertEqual((first.state, second.state), ("expired", "offered"))
            self.assertEqual(first.booking_id.state, "cancelled")
            with self.assertRaises(UserError):
                first.action_confirm()

    def test_refused_is_offered_to_the_next(self):
        taken, first, second = self._taken_and_two_wait()
        taken.action_cancel()
        first.action_cancel()
        self.assertEqual((first.state, second.state), ("cancelled", "offered"))
        second.booking_id.action_cancel()
        self.assertEqual(second.state, "cancelled")
        self._book("14:00", "16:00", partner=self.bran)

    def test_leaving_the_line_while_waiting(self):
        taken, first, second = self._taken_and_two_wait()
        first.action_cancel()
        taken.action_cancel()
        self.assertEqual((first.state, second.state), ("cancelled", "offered"))
        with self.assertRaisesRegex(UserError, "no longer"):
            first.action_cancel()

    def test_no_offer_while_a_part_is_still_taken(self):
        early, late = self._book("14:00", "15:00"), self._book("15:00", "16:00")
        whole, half = self._wait(self.yann, "14:00", "16:00"), self._wait(self.zoe, "14:00", "15:00")
        early.action_cancel()
        self.assertEqual((whole.state, half.state), ("waiting", "offered"))
        half.action_cancel()
        late.action_cancel()
        self.assertEqual(whole.state, "offered")

    def test_an_offer_never_lasts_beyond_the_start(self):
        taken = self._book("10:00", "11:00")
        wait = self._wait(self.yann, "10:00", "11:00")
        taken.action_cancel()
        self.assertEqual(wait.offered_until, self._at("2026-03-10 10:00"))

    def test_a_period_that_has_begun_expires(self):
        taken = self._book("10:00", "12:00")
        wait = self._wait(self.yann, "10:00", "11:00")
        with self._later(hours=1):
            taken.action_no_show()
            self.assertEqual(wait.state, "waiting")
            self.Wait._cron_offer()
        self.assertEqual(wait.state, "expired")

    # -- What frees a period -----------------------------------------------------------------------------------------

    def test_freed_by_a_move(self):
        taken, first, _second = self._taken_and_two_wait()
        taken.write({"start": self._at("2026-03-10 16:00"), "stop": self._at("2026-03-10 18:00")})
        self.assertEqual(first.state, "offered")

    def test_freed_by_a_move_to_another_machine(self):
        taken, first, _second = self._taken_and_two_wait()
        taken.machine_id = self._machine("Laser 2")
        self.assertEqual(first.state, "offered")

    def test_freed_by_shortening(self):
        taken = self._book("14:00", "16:00")
        wait = self._wait(self.yann, "15:00", "16:00")
        taken.stop = self._at("2026-03-10 15:00")
        self.assertEqual(wait.state, "offered")

    def test_freed_by_a_no_show(self):
        taken = self._book("10:00", "16:00")
        wait = self._wait(self.yann, "14:00", "15:00")
        with self._later(hours=1, minutes=30):
            taken.action_no_show()
        self.assertEqual(wait.state, "offered")

    def test_freed_by_a_hold_that_nobody_confirmed(self):
        self._book("14:00", "15:00", confirm=False)
        wait = self._wait(self.yann, "14:00", "15:00")
        with self._later(minutes=15):
            self.Booking._cron_expire()
        self.assertEqual(wait.state, "offered")

    def _closure(self, start, stop):
        return self.env["fabloch.closure"].create(
            {
                "name": "Lens",
                "machine_ids": [Command.set(self.laser.ids)],
                "start": self._at(start),
                "stop": self._at(stop),
            }
        )

    def test_freed_by_a_closure_that_is_removed_or_shortened(self):
        for end in ("remove", "shorten"):
            day = "2026-03-12" if end == "remove" else "2026-03-13"
            closure = self._closure(f"{day} 09:00", f"{day} 18:00")
            wait = self._wait(self.yann, f"{day} 14:00", f"{day} 15:00")
            if end == "remove":
                closure.unlink()
            else:
                closure.stop = self._at(f"{day} 14:00")
            self.assertEqual(wait.state, "offered", end)

    def test_a_workshop_that_frees_frees_its_machines_and_the_reverse(self):
        workshop = self._machine("Workshop", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id)
        whole = self._book("14:00", "15:00", workshop)
        inside = self._wait(self.yann, "14:00", "15:00", saw)
        whole.action_cancel()
        self.assertEqual(inside.state, "offered")
        around = self._wait(self.zoe, "14:00", "15:00", workshop)
        inside.booking_id.action_cancel()
        self.assertEqual(around.state, "offered")

    def test_units_of_a_pool(self):
        pool = self._machine("Printers", capacity=2)
        one, _other = self._book("14:00", "15:00", pool), self._book("14:00", "15:00", pool, self.bran)
        both = self._wait(self.yann, "14:00", "15:00", pool, units=2)
        single = self._wait(self.zoe, "14:00", "15:00", pool)
        one.action_cancel()
        self.assertEqual((both.state, single.state), ("waiting", "offered"))

    def test_what_was_missed_the_cron_finds(self):
        taken, first, second = self._taken_and_two_wait()
        # Behind the back of every action.
        taken.sudo().occupancy_ids.unlink()
        self.Wait._cron_offer()
        self.assertEqual((first.state, second.state), ("offered", "waiting"))
        self.Wait._cron_offer()
        self.assertEqual(len(self.Booking.search([("wait_id", "in", (first | second).ids)])), 1)

    # -- Rules -------------------------------------------------------------------------------------------------------

    def test_whom_a_rule_is_against_is_passed_over_with_the_reason(self):
        taken, first, second = self._taken_and_two_wait()
        self.category.quota_hours_week = 4
        self._book("2026-03-11 09:00", "2026-03-11 12:00", partner=self.yann)
        taken.action_cancel()
        self.assertEqual((first.state, second.state), ("waiting", "offered"))
        self.assertIn("for 4 h a week", first.passed_reason)
        self.assertTrue(first.passed_date)

    def test_nobody_waits_for_what_is_free_over_or_refused_in_any_case(self):
        self._book("14:00", "15:00")
        with self.assertRaisesRegex(UserError, "free in this period"):
            self._wait(self.yann, "15:00", "16:00")
        with self.assertRaisesRegex(UserError, "open .*09:00–18:00"):
            self._wait(self.yann, "14:00", "19:00")
        with self.assertRaisesRegex(UserError, "has begun"):
            self._wait(self.yann, "08:00", "15:00")

    def test_nobody_waits_twice_for_one_period(self):
        self._book("14:00", "15:00")
        self._wait(self.yann, "14:00", "15:00")
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            self._wait(self.yann, "14:00", "15:00")

    def test_method_of_the_machine(self):
        self._book("14:00", "15:00")
        start, stop = self._at("2026-03-10 14:00"), self._at("2026-03-10 15:00")
        wait = self.laser._wait_for(self.yann, start, stop, note="Signs")
        self.assertEqual((wait.state, wait.note, wait.company_id), ("waiting", "Signs", self.company))

    def test_nobody_offers_by_hand_or_changes_what_is_waited_for(self):
        self._book("14:00", "16:00")
        desk = self._user("desk")
        wait = self.Wait.with_user(desk).create(self._vals("14:00", "15:00", partner=self.yann))
        for vals in ({"state": "offered"}, {"offered_until": self._at("2026-03-10 15:00")}):
            with self.assertRaises(AccessError):
                wait.write(vals)
        with self.assertRaises(AccessError):
            self.Wait.with_user(desk).create(self._vals("15:00", "16:00", partner=self.yann, state="booked"))
        wait = (
            self.Wait.with_user(desk)
            .with_context(default_state="booked")
            .create(self._vals("15:00", "16:00", partner=self.zoe))
        )
        self.assertEqual(wait.state, "waiting")
        with self.assertRaisesRegex(UserError, "place in the line"):
            wait.stop = self._at("2026-03-10 15:30")
        wait.note = "Late"

    def test_a_portal_user_sees_and_answers_its_own_only(self):
        taken, first, second = self._taken_and_two_wait()
        portal = self._user("zoe", "base.group_portal", partner_id=self.zoe.id)
        waits = self.Wait.with_user(portal)
        self.assertEqual(waits.search([]), second)
        with self.assertRaises(AccessError):
            first.with_user(portal).action_cancel()
        with self.assertRaises(AccessError):
            second.with_user(portal).write({"note": "x"})
        second.with_user(portal).action_cancel()
        self.assertEqual(second.state, "cancelled")
        taken.action_cancel()
        self.assertEqual(first.state, "offered")

    def test_a_portal_user_who_cancels_frees_for_others(self):
        portal = self._user("anna", "base.group_portal", partner_id=self.anna.id)
        taken, first, _second = self._taken_and_two_wait()
        taken.with_user(portal).sudo().action_cancel()
        self.assertEqual(first.state, "offered")

    # -- Cost --------------------------------------------------------------------------------------------------------

    def test_one_query_when_nobody_waits(self):
        self._book("14:00", "15:00")
        self.env.flush_all()
        self.Wait._offer_freed(self.laser)
        with self.assertQueryCount(1):
            self.Wait._offer_freed(self.laser)

    def test_confirming_costs_nothing_more_when_nobody_waited(self):
        booking = self._book("14:00", "15:00", confirm=False)
        asked = []
        self.patch(type(self.Wait), "_fetch_query", lambda *args, **kwargs: asked.append(args))
        self.patch(type(self.Wait), "write", lambda waits, vals: asked.append(waits) if waits else True)
        booking.action_confirm()
        self.assertFalse(asked)

    def test_many_who_wait_cost_what_few_do(self):
        costs = []
        for count in (2, 20):
            taken = self._book("14:00", "15:00")
            people = self._partners(*(f"Waiter {count} {number}" for number in range(count)))
            waits = self.Wait.create([self._vals("14:00", "15:00", partner=person) for person in people])
            costs.append(self._queries(taken.action_cancel))
            self.assertEqual(waits.mapped("state").count("offered"), 1)
            waits.filtered(lambda wait: wait.state == "waiting").action_cancel()
            waits.booking_id.action_cancel()
        self.assertLessEqual(costs[1], costs[0] + 1, costs)
