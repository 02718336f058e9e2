"""What anybody may call from outside: every public method of every model here, by those without rights."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MachinesCase

# What Odoo itself guards by access rights, and what needs more than the record.
ODOOS = {"create", "write", "unlink", "get_planner_data"}


@tagged("post_install", "-at_install")
class TestRpc(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._user("portal_rpc", groups="base.group_portal")
        cls.plain = cls._user("plain_rpc", groups="base.group_user")
        booking = cls._book("2026-03-12 10:00", "2026-03-12 11:00")
        running = cls._book("2026-03-10 09:00", "2026-03-10 11:00", partner=cls.portal.partner_id)
        hold = cls._book("2026-03-13 10:00", "2026-03-13 11:00", partner=cls.portal.partner_id, confirm=False)
        cls.env["fabloch.closure"].create(
            {
                "name": "Cleaning",
                "machine_ids": [Command.set(cls.laser.ids)],
                "start": cls._at("2026-03-20 10:00"),
                "stop": cls._at("2026-03-20 11:00"),
            }
        )
        wizards = [
            cls.env["fabloch.booking.cancel"].create({"booking_ids": [Command.set((booking | hold).ids)]}),
            cls.env["fabloch.authorisation.grant"].create(
                {
                    "partner_ids": [Command.set(cls.anna.ids)],
                    "category_ids": [Command.set(cls.category.ids)],
                }
            ),
            cls.env["fabloch.pack.sell"].create(
                {
                    "partner_id": cls.anna.id,
                    "product_id": cls._service("Pack", 10.0, fabloch_pack_hours=1).id,
                }
            ),
        ]
        cls.targets = [
            *(booking, running, hold, booking.charge_ids, cls.laser, cls.category, cls.anna),
            cls.laser._wait_for(cls.yann, booking.start, booking.stop),
            cls.env["fabloch.authorisation"].create({"partner_id": cls.anna.id, "category_id": cls.category.id}),
            cls.env["fabloch.closure"].search([], limit=1),
            *wizards,
        ]

    def _public_methods(self, record):
        return sorted(
            {
                name
                for cls in type(record).mro()
                if cls.__module__.startswith("odoo.addons.fabloch_machines.")
                for name, value in vars(cls).items()
                if callable(value) and not name.startswith("_") and name not in ODOOS
            }
        )

    def _facts(self):
        """Whatever a call could change of ours."""
        self.env.flush_all()
        facts = []
        for table in ("booking", "occupancy", "charge", "booking_wait", "authorisation", "closure", "machine"):
            self.cr.execute(f"SELECT md5(string_agg(t::varchar, '' ORDER BY id)) FROM fabloch_{table} t")
            facts += self.cr.fetchall()
        self.cr.execute("SELECT count(*) FROM account_move")
        return facts + self.cr.fetchall()

    def test_no_method_does_anything_for_who_has_no_right(self):
        before = self._facts()
        called = 0
        for record in self.targets:
            for user in (self.portal, self.plain):
                for name in self._public_methods(record):
                    with self.subTest(f"{record}.{name}", user=user.login):
                        called += 1
                        try:
                            # An AccessError most often; another refusal says nothing of somebody else's either.
                            with self.env.cr.savepoint():
                                self.env.invalidate_all()
                                getattr(record.with_user(user), name)()
                        except Exception as error:
                            self.assertNotIn("Anna", str(error))
                        self.env.invalidate_all()
                        self.assertEqual(self._facts(), before)
        self.assertGreater(called, 60)

    def test_planner_says_nothing_to_portal_users(self):
        with self.assertRaises(AccessError):
            self.env["fabloch.machine"].with_user(self.portal).get_planner_data(
                "2026-03-09 00:00:00", "2026-03-16 00:00:00"
            )
