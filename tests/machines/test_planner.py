"""The screens of bookings: what they are told by the server, and what a person does with them in a browser."""

from odoo.tests import tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestPlannerData(MachinesCase):
    def test_every_machine_has_a_row(self):
        data = self.env["fabloch.machine"].get_planner_data("2026-03-08 23:00:00", "2026-03-15 23:00:00")
        self.assertIn(self.laser.id, [row["id"] for row in data["machines"]])
