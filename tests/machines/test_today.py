"""The reception's day: who comes when, by the clock in Auray, and checking in from it."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestToday(MachinesCase):
    def _today(self):
        return self.Booking.search([("today", "=", True)], order="start, id")

    def test_today_is_the_day_in_auray(self):
        night = self._machine("Night machine", always_open=True)
        self.company.resource_calendar_id.tz = "Europe/Paris"
        first = self._book("2026-03-11 00:00", "2026-03-11 00:30", night)
        last = self._book("2026-03-10 23:00", "2026-03-10 23:30", night)
        self.assertEqual(self._today(), last)
        # Still 10 March in Greenwich.
        with freeze_time("2026-03-10 23:10:00"):
            self.env.invalidate_all()
            self.assertEqual(self._today(), first)
            self.assertEqual(first.phase, "now")

    def test_what_takes_nothing_is_left_out_and_absences_stay(self):
        self._book("09:30", "10:00").action_cancel(waive=True)
        hold = self._book("10:00", "10:30", confirm=False)
        expired = self._book("10:30", "11:00", confirm=False)
        expired.sudo().hold_until = self._at("2026-03-10 08:59")
        absent = self._book("09:00", "09:30", partner=self.yann)
        absent.action_no_show()
        self._book("2026-03-11 10:00", "2026-03-11 11:00")
        self.assertEqual(self._today(), absent | hold)
        self.assertEqual((absent.phase, hold.phase), ("past", "coming"))
        self.assertEqual((hold.today, expired.today), (True, False))

    def test_what_runs_over_days_is_there_each_day(self):
        workshop = self._machine("Workshop", kind="workshop", overnight=True, longest_minutes=0)
        booking = self._book("2026-03-10 14:00", "2026-03-12 10:00", workshop)
        with freeze_time("2026-03-11 10:00:00"):
            self.env.invalidate_all()
            self.assertEqual(self._today(), booking)
            self.assertEqual(booking.today_times, "Tue 10 14:00 – Thu 12 10:00")

    def test_now_coming_past_are_groups_in_order_of_time(self):
        past = self._book("09:00", "10:00")
        now = self._book("10:00", "11:00")
        coming = self._book("11:00", "12:00") | self._book("14:00", "15:00")
        with freeze_time("2026-03-10 09:30:00"):  # 10:30 in Auray
            self.env.invalidate_all()
            self.assertEqual([booking.phase for booking in past | now | coming], ["past", "now", "coming", "coming"])
            groups = self.Booking._read_group([("today", "=", True)], ["phase"], ["id:recordset"], order="phase")
            self.assertEqual(dict(groups), {"past": past, "now": now, "coming": coming})
            for phase, bookings in groups:
                self.assertEqual(self.Booking.search([("phase", "=", phase), ("today", "=", True)]), bookings[::-1])
            self.assertEqual(
                self.Booking.search([("phase", "!=", "past"), ("today", "=", True)], order="start"), now | coming
            )

    def test_the_groups_are_shown_empty_too(self):
        self._book("14:00", "15:00")
        result = self.Booking.with_context(read_group_expand=True).web_read_group(
            [("today", "=", True)], ["phase"], ["__count"]
        )
        self.assertEqual(
            [(group["phase"], group["__count"]) for group in result["groups"]], [("now", 0), ("coming", 1), ("past", 0)]
        )

    def test_the_state_at_the_desk(self):
        booking = self._book("09:00", "10:00")
        self.assertEqual(booking.desk_state, "expected")
        with freeze_time("2026-03-10 08:10:00"):
            self.env.invalidate_all()
            self.assertEqual(booking.desk_state, "late")
            self.assertIn("Late by 10 min", booking.desk_warning)
        booking.action_check_in()
        self.assertEqual(booking.desk_state, "here")
        with freeze_time("2026-03-10 09:00:00"):
            self.env.invalidate_all()
            self.assertEqual(booking.desk_state, "left")
        other = self._book("10:00", "11:00")
        with freeze_time("2026-03-10 10:00:00"):
            self.env.invalidate_all()
            self.assertEqual(other.desk_state, "unnoted")

    def test_what_the_reception_should_see_to(self):
        plan = self._member_plan({self.hour: 15.0})
        self._enrol(self.yann, plan, "2025-01-01", date_end="2025-12-31")
        visitor = self._book("09:30", "10:00")
        self.assertTrue(visitor.visitor)
        self.assertFalse(visitor.desk_warning)
        lapsed = self._book("10:00", "11:00", partner=self.yann)
        self.assertIn("The membership has ended", lapsed.desk_warning)
        hold = self._book("11:00", "12:00", confirm=False)
        self.assertIn("Not confirmed: held until 09:15", hold.desk_warning)
        self.assertIn("No membership", hold.desk_warning)

    def test_price_and_prepaid(self):
        self.env["fabloch.allowance"].create(
            {
                "partner_id": self.anna.id,
                "product_ids": [Command.set(self.hour.ids)],
                "unit": "hour",
                "quantity": 1,
                "date_from": "2026-01-01",
                "name": "Pack",
            }
        )
        prepaid = self._book("09:00", "10:00")
        self.assertEqual(prepaid.today_price, "Prepaid: 1 h")
        self.assertIn("20.00", self._book("10:00", "11:00").today_price)

    def test_the_day_costs_the_same_whatever_its_length(self):
        wanted = ["today_times", "today_price", "desk_warning", "desk_state", "phase", "membership_status"]
        self._book("09:00", "09:30")
        self._today().read(wanted)
        few = self._queries(lambda: self._today().read(wanted))
        for hour in range(10, 18):
            self._book(f"{hour}:00", f"{hour}:30", partner=self.yann if hour % 2 else self.anna)
        self.assertEqual(self._queries(lambda: self._today().read(wanted)), few)

    def test_machine_managers_reach_their_configuration_and_only_theirs(self):
        def names(login, group):
            user = self._user(login, group)
            menus = self.env["ir.ui.menu"].with_user(user)
            visible_ids = set(menus._visible_menu_ids())
            # Below what isn't shown nothing is.
            shown = (
                self.env["ir.ui.menu"]
                .browse(visible_ids)
                .filtered(lambda menu: set(map(int, menu.parent_path.strip("/").split("/"))) <= visible_ids)
            )
            return {xmlid.split(".")[1] for xmlid in shown.get_external_id().values() if xmlid}

        manager = names("boss", "fabloch_machines.group_machines_manager")
        reception = names("desk", "fabloch_machines.group_machines_user")
        accountant = names("books", "fabloch_finance.group_finance_manager")
        wanted = {"fabloch_menu_configuration", "machine_category_menu", "rate_menu", "resource_calendar_menu"}
        self.assertLessEqual(wanted | {"booking_today_menu", "machine_menu"}, manager)
        self.assertFalse({"revenue_stream_menu", "legal_parameter_menu"} & manager)
        self.assertLessEqual({"booking_today_menu", "machine_menu"}, reception)
        self.assertFalse(({"closure_menu"} | wanted) & reception)
        self.assertLessEqual({"revenue_stream_menu", "legal_parameter_menu"}, accountant)
        self.assertNotIn("machine_category_menu", accountant)


@tagged("post_install", "-at_install")
class TestTodayTour(HttpCase):
    def test_reception_checks_a_person_in(self):
        env = self.env
        account = env["account.account"].search(
            [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
        )
        product = env["product.product"].create(
            {
                "name": "Tour hour",
                "type": "service",
                "list_price": 20.0,
                "taxes_id": [Command.clear()],
                "property_account_income_id": account.id,
            }
        )
        category = env["fabloch.machine.category"].create({"name": "Tour lasers", "product_id": product.id})
        env["fabloch.rate"].create(
            {"name": "half hour", "category_id": category.id, "minutes": 30, "product_id": product.id}
        )
        machine = env["fabloch.machine"].create({"name": "Tour laser", "category_id": category.id, "always_open": True})
        person = env["res.partner"].create({"name": "Rozenn Guillou"})
        now = fields.Datetime.now()
        start = now.replace(minute=now.minute // 30 * 30, second=0)
        # A booking that runs now; staff books what has begun today, and just after midnight nothing has.
        booking = env["fabloch.booking"].create(
            {
                "partner_id": person.id,
                "machine_id": machine.id,
                "start": start,
                "stop": start + timedelta(minutes=60),
            }
        )
        new_test_user(env, "reception", groups="fabloch_machines.group_machines_user", lang="en_US")
        self.start_tour("/odoo/fablab-today", "fabloch_machines_today", login="reception")
        self.assertEqual(booking.state, "confirmed")
        self.assertTrue(booking.arrived_at)
