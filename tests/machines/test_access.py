"""Who may do what: the board reads, the reception books, the manager sets up, a portal user sees its own."""

import inspect

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.common import rights_of

from .common import MachinesCase

BOARD = "fabloch_finance.group_finance_board"
DESK = "fabloch_machines.group_machines_user"
MANAGER = "fabloch_machines.group_machines_manager"
GROUPS = ["base.group_user", BOARD, DESK, MANAGER, "base.group_portal", "base.group_public"]
MODELS = {
    # model: rights (read, write, create, unlink) of nobody in particular, board, reception, manager, portal, public
    "fabloch.machine.category": ("r", "r", "r", "rwcu", "r", ""),
    "fabloch.machine": ("r", "r", "r", "rwcu", "r", ""),
    "fabloch.opening": ("r", "r", "r", "rwcu", "", ""),
    "fabloch.rate": ("", "r", "r", "rwcu", "", ""),
    "fabloch.occupancy": ("r", "r", "r", "r", "", ""),
    "fabloch.booking": ("", "r", "rwcu", "rwcu", "r", ""),
    "fabloch.booking.series": ("", "r", "r", "r", "r", ""),
    "fabloch.booking.wait": ("", "r", "rwc", "rwcu", "r", ""),
    "fabloch.booking.mail": ("", "", "r", "r", "", ""),
    "fabloch.closure": ("r", "r", "r", "rwcu", "", ""),
    "fabloch.authorisation": ("", "r", "rwc", "rwcu", "r", ""),
    "fabloch.authorisation.reminder": ("", "r", "r", "r", "", ""),
    "fabloch.machine.day": ("", "r", "r", "r", "", ""),
    "fabloch.machine.report": ("", "r", "r", "r", "", ""),
    "fabloch.cost.kind": ("", "r", "r", "r", "", ""),
    "fabloch.machine.cost": ("", "r", "r", "r", "", ""),
    "fabloch.machine.cost.report": ("", "r", "r", "r", "", ""),
    "fabloch.rate.scenario": ("", "r", "r", "rwcu", "", ""),
    "fabloch.rate.scenario.line": ("", "r", "r", "rwcu", "", ""),
    "fabloch.rate.scenario.pricelist": ("", "r", "r", "rwcu", "", ""),
}
# A value that each of these would be set to by somebody who wants to book for nothing.
ENGINE_VALUES = {
    "amount": 0.5,
    "arrived_at": "2026-03-10 10:00:00",
    "cancel_date": "2026-03-10 10:00:00",
    "cancel_reason": "Mine",
    "charge_ids": [(5,)],
    "confirm_date": "2026-03-01 10:00:00",
    "hold_until": "2036-03-01 10:00:00",
    "member_category_id": 1,
    "name": "MINE",
    "occupancy_ids": [(5,)],
    "open_minutes": 1,
    "prepaid_minutes": 600,
    "price_explanation": "Free",
    "use_ids": [(5,)],
    "visitor": True,
}


@tagged("post_install", "-at_install")
class TestAccess(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls._user("desk", DESK)
        cls.portal = cls._user("portal", "base.group_portal", partner_id=cls.anna.id)

    def test_each_group_can_do_exactly_its_row(self):
        users = [self._user(f"user{number}", group) for number, group in enumerate(GROUPS)]
        for model, rights in MODELS.items():
            for user, group, letters in zip(users, GROUPS, rights, strict=True):
                self.assertEqual(rights_of(self.env[model].with_user(user)), letters, f"{group} on {model}")

    def test_portal_user_sees_its_own_bookings_and_authorisations_only(self):
        mine, theirs = self._book("10:00", "11:00"), self._book("11:00", "12:00", partner=self.yann)
        authorisations = self.env["fabloch.authorisation"].create(
            [{"partner_id": partner.id, "category_id": self.category.id} for partner in (self.anna, self.yann)]
        )
        self.assertEqual(self.Booking.with_user(self.portal).search([]), mine)
        self.assertEqual(authorisations.with_user(self.portal).search([]), authorisations[0])
        [shown] = mine.with_user(self.portal).read(["display_name", "start", "stop", "state", "amount"])
        self.assertEqual((shown["state"], shown["amount"]), ("confirmed", 20.0))
        with self.assertRaises(AccessError):
            theirs.with_user(self.portal).read(["start"])

    def test_portal_user_books_nothing_by_calls_from_outside(self):
        hold = self._book("10:00", "11:00", confirm=False)
        Booking = self.Booking.with_user(self.portal)
        for partner in (self.anna, self.yann):
            with self.assertRaises(AccessError):
                Booking.create(self._vals("14:00", "15:00", partner=partner))
        own = hold.with_user(self.portal)
        for vals in ({"note": "x"}, {"start": self._at("2026-03-10 12:00")}, {"state": "confirmed"}):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            own.unlink()

    def test_public_methods_called_by_a_portal_user_change_nothing(self):
        booking = self._book("10:00", "11:00", partner=self.yann)
        own = self._book("11:00", "12:00")
        self.env.flush_all()
        records = {
            "fabloch.booking": booking | own,
            "fabloch.machine": self.laser,
            "fabloch.machine.category": self.category,
            "fabloch.rate": self.rate_hour,
            "fabloch.occupancy": booking.occupancy_ids,
            "fabloch.closure": self.env["fabloch.closure"].create(
                {
                    "name": "x",
                    "machine_ids": [(6, 0, self.laser.ids)],
                    "start": self._at("2026-03-10 16:00"),
                    "stop": self._at("2026-03-10 17:00"),
                }
            ),
            "fabloch.authorisation": self.env["fabloch.authorisation"].create(
                {"partner_id": self.yann.id, "category_id": self.category.id}
            ),
        }
        tried = []
        for model, called in records.items():
            for name in self._own_public_methods(model):
                for target in called:
                    tried.append(name)
                    before = self._picture(records)
                    for kwargs in ({}, {"reason": "x", "waive": True}):
                        with mute_logger("odoo.addons.base.models.ir_model"):
                            try:
                                with self.env.cr.savepoint():
                                    call_kw(self.env[model].with_user(self.portal), name, [target.ids], dict(kwargs))
                                    self.env.flush_all()
                            except (AccessError, UserError, TypeError):
                                pass
                    self.env.invalidate_all()
                    self.assertEqual(self._picture(records), before, f"{model}.{name}")
        self.assertIn("action_cancel", tried)

    def _own_public_methods(self, model):
        """Names of the methods that our addon defines on `model` and a call from outside reaches."""
        found = set()
        for cls in type(self.env[model]).mro():
            if cls.__module__.startswith("odoo.addons.fabloch_machines"):
                for name, _member in inspect.getmembers(cls, inspect.isfunction):
                    if not name.startswith("_") and name in vars(cls):
                        found.add(name)
        callable_names = set()
        for name in found - {"create", "write", "unlink"}:
            try:
                get_public_method(self.env[model], name)
            except AccessError:
                continue
            callable_names.add(name)
        return sorted(callable_names)

    def _picture(self, records):
        return {
            "bookings": records["fabloch.booking"].mapped(
                lambda b: (b.state, b.start, b.stop, b.amount, b.arrived_at, b.cancel_reason)
            ),
            "occupancy": self.env["fabloch.occupancy"].search_count([]),
            "charges": self.env["fabloch.charge"].search_count([]),
            "invoices": self.env["account.move"].search_count([]),
            "machines": self.laser.read(["state", "active", "name", "capacity"]),
            "authorisations": records["fabloch.authorisation"].read(["revoked_on", "date_end"]),
            "closures": records["fabloch.closure"].read(["start", "stop"]),
        }

    def test_no_company_sees_another_s(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._user("stranger", MANAGER)
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        booking = self._book("10:00", "11:00")
        self.env["fabloch.authorisation"].create({"partner_id": self.anna.id, "category_id": self.category.id})
        for model in MODELS:
            found = self.env[model].with_user(stranger).search([])
            if "company_id" in found._fields:
                self.assertFalse(found.filtered(lambda record: record.sudo().company_id == self.company), model)
        for call in ("action_cancel", "action_confirm", "action_check_in"):
            with self.assertRaises(UserError):
                getattr(booking.with_user(stranger), call)()
        with self.assertRaises(UserError):
            self.Booking.with_user(stranger).create(self._vals("14:00", "15:00"))
        self.assertEqual(booking.state, "confirmed")

    def test_reception_books_and_the_board_only_reads(self):
        booking = self.Booking.with_user(self.desk).create(self._vals("10:00", "11:00"))
        booking.action_confirm()
        self.assertEqual(booking.amount, 20.0)
        board = self._user("board", BOARD)
        self.assertEqual(booking.with_user(board).state, "confirmed")
        for call in ("action_cancel", "action_check_in"):
            with self.assertRaises(AccessError):
                getattr(booking.with_user(board), call)()
        with self.assertRaises(AccessError):
            self.laser.with_user(self.desk).name = "Mine"

    def test_the_reception_has_no_exceptions(self):
        vals = self._vals("19:00", "20:00", exception_reason="A friend")
        with self.assertRaisesRegex(AccessError, "machine manager"):
            self.Booking.with_user(self.desk).create(vals)
        manager = self._user("manager", MANAGER)
        self.assertEqual(self.Booking.with_user(manager).create(vals).state, "hold")

    # -- What the engine alone sets ------------------------------------------------------------------------------

    def test_engine_fields_are_not_set_by_create_write_or_import(self):
        hold = self._book("10:00", "11:00", confirm=False).with_user(self.desk)
        Booking = self.Booking.with_user(self.desk)
        for name, value in ENGINE_VALUES.items():
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    Booking.create({**self._vals("14:00", "15:00"), name: value})
                with self.assertRaises(AccessError):
                    hold.write({name: value})
        result = Booking.load(
            ["machine_id/.id", "partner_id/.id", "start", "stop", "amount"],
            [[str(self.laser.id), str(self.anna.id), "2026-03-10 14:00:00", "2026-03-10 15:00:00", "1"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("amount", result["messages"][0]["message"])

    def test_engine_fields_are_not_set_by_the_context(self):
        context = {f"default_{name}": value for name, value in ENGINE_VALUES.items()} | {"default_state": "confirmed"}
        booking = self.Booking.with_user(self.desk).with_context(**context).create(self._vals("14:00", "15:00"))
        self.assertEqual((booking.state, booking.amount, booking.prepaid_minutes), ("hold", 0.0, 0))
        self.assertFalse(booking.confirm_date or booking.visitor or booking.cancel_reason)
        self.assertLess(booking.hold_until, self._at("2026-03-10 12:00"))
        self.assertNotEqual(booking.name, "MINE")
        self.assertEqual(len(booking.occupancy_ids), 1)
        booking.action_confirm()
        self.assertEqual(booking.amount, 20.0)

    def test_the_state_follows_from_the_buttons(self):
        booking = self._book("14:00", "15:00").with_user(self.desk)
        for state in ("hold", "cancelled", "no_show"):
            with self.assertRaises(AccessError):
                booking.write({"state": state})
        for state in ("cancelled", "no_show"):
            with self.assertRaises(UserError):
                self.Booking.with_user(self.desk).create(self._vals("16:00", "17:00", state=state))

    def test_what_was_confirmed_is_kept(self):
        booking = self._book("14:00", "15:00")
        manager = self._user("manager", MANAGER)
        with self.assertRaisesRegex(UserError, "cancel it instead"):
            booking.with_user(manager).unlink()
        booking.action_cancel()
        with self.assertRaises(UserError):
            booking.with_user(manager).unlink()
        with self.assertRaises(UserError):
            booking.with_user(manager).write({"start": self._at("2026-03-10 16:00")})

    def test_managers_reach_their_own_configuration_and_no_other(self):
        ours = {
            MANAGER: "fabloch_machines.machine_configuration_menu",
            "fabloch_membership.group_membership_manager": "fabloch_membership.membership_configuration_menu",
        }
        for number, (group, own) in enumerate(ours.items()):
            user = self._user(f"manager{number}", group)
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertIn(self.env.ref(own).id, visible, group)
            for other in ("fabloch_finance.revenue_stream_menu", "fabloch_finance.legal_parameter_menu"):
                self.assertNotIn(self.env.ref(other).id, visible, group)
