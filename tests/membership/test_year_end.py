"""What membership adds to the year-end pack: the members of the report, businesses apart."""

from datetime import date

from odoo.tests import tagged

from tests.finance.year_end import YearEndMixin

from .common import MembershipCase


@tagged("post_install", "-at_install")
class TestYearEnd(YearEndMixin, MembershipCase):
    def test_members_by_category_and_plan_with_the_businesses_apart(self):
        Category = self.env["fabloch.member.category"]
        firm = Category.create({"name": "Firm of the test", "code": "test_firm", "is_business": True})
        person = Category.create({"name": "Person of the test", "code": "test_person"})
        stays, leaves, comes = self._partners("Stays", "Leaves", "Comes")
        (stays | leaves).member_category_id = firm
        comes.member_category_id = person
        for partner, years in ((stays, (2024, 2025)), (leaves, (2024,)), (comes, (2025,))):
            for year in years:
                self._membership(
                    partner,
                    settled_elsewhere=True,
                    start=date(year, 1, 1),
                    date_end=date(year, 12, 31),
                    price=10.0 + year - 2020,
                )
        pack = self._pack("2025")
        rows = {row[0]: row[1:] for row in self._table(pack, "04", "By category")}
        # members, new, renewed, came back, lapsed, members before, fees, fees before
        self.assertEqual(rows["Firm of the test"], [1, 0, 1, 0, 1, 2, 15, 28])
        self.assertEqual(rows["Total: Businesses"], [1, 0, 1, 0, 1, 2, 15, 28])
        self.assertEqual(rows["Total: Other members"], [1, 1, 0, 0, 0, 0, 15, 0])
        self.assertEqual(rows["All members"], [2, 1, 1, 0, 1, 2, 30, 28])
        self.assertEqual(self._table(pack, "04", "By plan")[-1][1:], [2, 1, 1, 0, 1, 2, 30, 28])
