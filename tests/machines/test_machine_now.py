"""What machines are doing now, until when, and the picture of their week."""

from lxml import etree

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestMachineNow(MachinesCase):
    def _now(self, machine):
        self.env.invalidate_all()
        return machine.status_now, machine.status_until or None, machine.units_free_now

    def _close(self, start, stop, machine=None, **vals):
        return self.env["fabloch.closure"].create(
            {
                "name": "Broken",
                "machine_ids": [Command.set((machine or self.laser).ids)],
                "start": self._at(f"2026-03-10 {start}"),
                "stop": self._at(f"2026-03-10 {stop}"),
                **vals,
            }
        )

    def test_free_until_the_next_booking_or_closing_time(self):
        self.assertEqual(self._now(self.laser), ("free", self._at("2026-03-10 18:00"), 1))
        self.assertEqual((self.laser.next_text, self.laser.current_text), (False, False))
        booking = self._book("14:00", "15:00")
        self.assertEqual(self._now(self.laser), ("free", self._at("2026-03-10 14:00"), 1))
        self.assertEqual(self.laser.next_booking_id, booking)
        self.assertEqual(self.laser.with_context(lang="en_US").status_text, "until 14:00")
        self.assertEqual(self.laser.next_text, "14:00, Anna Le Goff")
        self.assertFalse(self.laser.current_booking_ids)

    def test_taken_until_nobody_follows(self):
        first = self._book("09:00", "10:00")
        self._book("10:00", "11:00", partner=self.yann)
        self.assertEqual(self._now(self.laser), ("taken", self._at("2026-03-10 11:00"), 0))
        self.assertEqual(self.laser.current_booking_ids, first)
        self.assertEqual(self.laser.current_text, "Anna Le Goff")
        self.assertEqual(self.laser.next_booking_id.partner_id, self.yann)

    def test_set_up_time_counts_as_taken(self):
        self.laser.buffer_minutes = 30
        self._book("09:00", "10:00")
        self.assertEqual(self._now(self.laser), ("taken", self._at("2026-03-10 10:30"), 0))

    def test_a_pool_says_how_many_are_free(self):
        pool = self._machine("Printers", capacity=3)
        self._book("09:00", "11:00", pool, units=2)
        self.assertEqual(self._now(pool), ("free", self._at("2026-03-10 18:00"), 1))
        self._book("09:00", "10:00", pool, self.yann)
        self.assertEqual(self._now(pool), ("taken", self._at("2026-03-10 10:00"), 0))
        self.assertEqual(pool.current_booking_ids.partner_id, self.anna | self.yann)

    def test_an_expired_hold_takes_nothing(self):
        hold = self._book("09:00", "10:00", confirm=False)
        self.assertEqual(self._now(self.laser)[0], "taken")
        hold.sudo().hold_until = self._at("2026-03-10 08:59")
        self.assertEqual(self._now(self.laser)[0], "free")

    def test_maintenance_closure_and_out_of_service(self):
        closure = self._close("09:00", "12:00")
        self._book("12:00", "13:00")
        self.assertEqual(self._now(self.laser), ("maintenance", self._at("2026-03-10 12:00"), 0))
        closure.kind = "closure"
        self.assertEqual(self._now(self.laser), ("closed", self._at("2026-03-10 12:00"), 0))
        other = self._machine("Laser 2")
        other.state = "out_of_service"
        self.assertEqual(self._now(other), ("out_of_service", None, 0))

    def test_closed_outside_the_hours_until_they_begin(self):
        with freeze_time("2026-03-14 20:00:00"):  # Saturday evening
            self.assertEqual(self._now(self.laser), ("closed", self._at("2026-03-16 09:00"), 0))

    def test_a_workshop_is_taken_by_who_uses_a_machine_in_it(self):
        workshop = self._machine("Workshop", kind="workshop")
        saw = self._machine("Saw", workshop_id=workshop.id)
        self._book("09:00", "10:00", saw)
        self.assertEqual(self._now(workshop), ("taken", self._at("2026-03-10 10:00"), 0))
        self.assertEqual(workshop.current_booking_ids.partner_id, self.anna)
        booking = self._book("11:00", "12:00", workshop, self.yann)
        self.assertEqual(self._now(saw)[0], "taken")
        self.assertEqual(saw.next_booking_id, booking)

    def test_search_by_what_they_do_now(self):
        other = self._machine("Laser 2")
        self._book("09:00", "10:00")
        mine = [("id", "in", (self.laser | other).ids)]
        search = self.env["fabloch.machine"].search
        self.assertEqual(search([("status_now", "=", "taken"), *mine]), self.laser)
        self.assertEqual(search([("status_now", "!=", "taken"), *mine]), other)
        self.assertEqual(search([("status_now", "in", ["free", "taken"]), *mine]), self.laser | other)

    def test_who_is_on_it_is_not_for_the_portal(self):
        self._book("09:00", "10:00")
        portal = self._user("portal", "base.group_portal")
        machine = self.laser.with_user(portal)
        self.assertEqual(machine.read(["status_now"])[0]["status_now"], "taken")
        names = machine.fields_get()
        for name in ("current_text", "current_booking_ids", "next_booking_id", "next_text"):
            self.assertNotIn(name, names)

    def test_booking_from_the_card_proposes_the_nearest_free_time(self):
        self._book("09:00", "10:00")
        context = self.laser.action_book()["context"]
        self.assertEqual(context["default_start"], "2026-03-10 09:00:00")
        self.assertEqual(context["default_machine_id"], self.laser.id)

    def test_the_state_of_many_machines_costs_one_query_on_occupancy(self):
        machines = self.env["fabloch.machine"]
        for number in range(12):
            machine = self._machine(f"Machine {number}")
            machines |= machine
            self._book("09:00", "10:00", machine)
            self._book("11:00", "12:00", machine)
        machines.mapped("status_now")  # what settings the cache lacks is read here
        wanted = ["status_now", "status_text", "current_text", "next_text"]
        few = self._queries(lambda: machines[:2].read(wanted))
        many = self._queries(lambda: machines.read(wanted))
        self.assertEqual(many, few)
        self.env.invalidate_all()
        rows = machines._occupancy_ahead(self._at("2026-03-10 09:00"))
        self.assertEqual(len(rows), 12)


@tagged("post_install", "-at_install")
class TestWeek(MachinesCase):
    def _day(self, machine, number):
        load = machine._week_load()[machine]
        return load, load["days"][number]

    def test_open_and_booked_hours_of_each_day(self):
        self._book("14:00", "16:30")
        load, tuesday = self._day(self.laser, 1)
        self.assertEqual((tuesday["open"], tuesday["booked"], tuesday["percent"]), ("9 h", "2 h 30", 28))
        self.assertTrue(tuesday["today"])
        self.assertEqual((load["open"], load["booked"], load["percent"]), ("54 h", "2 h 30", 5))
        self.assertEqual(load["days"][6]["open"], "")

    def test_a_pool_counts_its_units_together(self):
        pool = self._machine("Printers", capacity=4)
        self._book("09:00", "18:00", pool, units=2, exception_reason="long")
        _load, tuesday = self._day(pool, 1)
        self.assertEqual((tuesday["open"], tuesday["booked"], tuesday["percent"]), ("36 h", "18 h", 50))
        [bar] = [bar for bar in tuesday["bars"] if bar["kind"] == "booked"]
        self.assertEqual((bar["height"], bar["left"], bar["width"]), (50, 0.0, 100.0))

    def test_a_booking_over_the_night_is_shared_by_its_days(self):
        workshop = self._machine("Workshop", kind="workshop", overnight=True, longest_minutes=0)
        self._book("2026-03-10 14:00", "2026-03-11 10:00", workshop)
        load = workshop._week_load()[workshop]
        self.assertEqual([load["days"][number]["booked"] for number in (1, 2)], ["10 h", "10 h"])

    def test_maintenance_is_drawn_and_not_counted(self):
        self.env["fabloch.closure"].create(
            {
                "name": "Broken",
                "machine_ids": [Command.set(self.laser.ids)],
                "start": self._at("2026-03-11 09:00"),
                "stop": self._at("2026-03-11 12:00"),
            }
        )
        _load, day = self._day(self.laser, 2)
        self.assertEqual((day["booked"], [bar["kind"] for bar in day["bars"]]), ("", ["open", "closed"]))
        self.assertIn("o_closed", self.laser.week_html)

    def test_the_weeks_bookings_can_be_reached(self):
        this = self._book("14:00", "15:00")
        self._book("2026-03-16 14:00", "2026-03-16 15:00")
        action = self.laser.action_open_week()
        self.assertEqual(self.Booking.search(action["domain"]), this)

    def test_prices_of_visitors_and_members_stand_side_by_side(self):
        self._member_plan({self.hour: 15.0, self.half_hour: 9.0})
        html = self.laser.price_html
        for text in ("Visitors", "Members", "20.00", "15.00", "half hour"):
            self.assertIn(text, html)

    def test_the_week_of_many_machines_costs_one_query(self):
        machines = self.laser
        for number in range(8):
            machines |= self._machine(f"Machine {number}")
        machines._week_load()
        few = self._queries(lambda: machines[:1]._week_load())
        self.assertEqual(self._queries(machines._week_load), few)


@tagged("post_install", "-at_install")
class TestViews(MachinesCase):
    def test_every_screen_opens_for_whom_it_is_meant(self):
        actions = {
            "fabloch_finance.group_finance_board": ["machine_action", "booking_action_today"],
            "fabloch_machines.group_machines_user": ["machine_action", "booking_action_today"],
            "fabloch_machines.group_machines_manager": [
                "machine_action",
                "machine_category_action",
                "rate_action",
                "closure_action",
                "closure_plan_action",
                "resource_calendar_action",
                "holidays_add_action",
            ],
        }
        for group, names in actions.items():
            user = self._user(f"user of {group}", group)
            for name in names:
                action = self.env.ref(f"fabloch_machines.{name}")
                views = [(view_id, kind) for view_id, kind in action.views] + [(False, "search")]
                model = self.env[action.res_model].with_user(user)
                found = model.get_views(views)["views"]
                for kind in ("list", "kanban"):
                    if kind in found:
                        fields = [node.get("name") for node in etree.fromstring(found[kind]["arch"]).iter("field")]
                        model.search([], limit=5).read(list(set(fields)))

    def test_a_machine_is_duplicated_with_a_name_of_its_own(self):
        second = self.laser.copy()
        self.assertNotEqual(second.resource_id, self.laser.resource_id)
        self.assertEqual(second.name, second.resource_id.name)
        self.assertNotEqual(second.name, self.laser.name)
        self.assertEqual(self.laser.copy({"name": "Laser 2"}).resource_id.name, "Laser 2")
