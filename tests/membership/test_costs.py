"""Costs: the same number of queries for 10 members and for 1,000."""

from datetime import date, timedelta

from odoo.tests import Form, tagged

from .common import TODAY, MembershipCase


@tagged("post_install", "-at_install")
class TestCosts(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pricelist = cls.env["product.pricelist"].create({"name": "Members"})
        cls.rolling.pricelist_id = pricelist

    def _members(self, count, tag):
        partners = self._partners(*(f"{tag} {number}" for number in range(count)))
        for years_ago in (0, 1, 2):
            self.Membership.create(
                [
                    {
                        "partner_id": partner.id,
                        "plan_id": self.rolling.id,
                        "date_start": TODAY - timedelta(days=365 * years_ago + 30),
                        "date_end": TODAY - timedelta(days=365 * years_ago + 30 - 364),
                        "settled_elsewhere": True,
                    }
                    for partner in partners
                ]
            )
        return partners

    def _queries(self, operation):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        operation()
        return self.cr.sql_log_count - before

    def _compare(self, operation, few, many):
        operation(few)  # fill the caches that hold for the whole process
        counts = [self._queries(lambda partners=partners: operation(partners)) for partners in (few, many)]
        self.assertEqual(counts[0], counts[1])
        return counts[0]

    def test_reads_cost_the_same_for_10_and_for_1000_members(self):
        few = self._members(10, "Few")
        many = self._members(1000, "Many")
        Partner, Report = self.env["res.partner"], self.env["fabloch.membership.report"]

        def members_list(partners):
            found = Partner.search(
                [("id", "in", partners.ids), ("membership_status", "in", ["active", "grace"])], limit=len(partners)
            )
            self.assertEqual(len(found), len(partners))
            found.web_read(
                {
                    "complete_name": {},
                    "member_number": {},
                    "membership_status": {},
                    "membership_end": {},
                    "membership_to_renew": {},
                    "current_plan_id": {"fields": {"display_name": {}}},
                    "member_category_id": {"fields": {"display_name": {}}},
                }
            )

        def groups(partners):
            domain = [("id", "in", partners.ids)]
            Partner._read_group(domain, ["membership_status"], ["__count"])
            Partner._read_group(domain, ["current_plan_id"], ["__count"])
            self.assertEqual(Partner.search_count([*domain, ("membership_to_renew", "=", True)]), 0)

        def memberships_list(partners):
            found = self.Membership.search([("partner_id", "in", partners.ids), ("status", "=", "active")])
            found.web_read(
                {
                    name: {}
                    for name in ("status", "payment", "to_renew", "valid_until", "next_step", "price", "date_end")
                }
            )

        def figures(partners):
            domain = [("partner_id", "in", partners.ids)]
            aggregates = ["members:count_distinct", "lapsed_members:count_distinct", "amount:sum"]
            rows = Report._read_group(domain, ["fiscal_year", "category_id", "plan_id"], aggregates)
            self.assertIn(len(partners), [row[3] for row in rows])

        def prices(partners):
            self.assertEqual(partners.property_product_pricelist, self.rolling.pricelist_id)

        for operation, limit in ((members_list, 9), (groups, 7), (memberships_list, 7), (figures, 3), (prices, 8)):
            with self.subTest(operation.__name__):
                self.assertLessEqual(self._compare(operation, few, many), limit)

    def test_confirming_costs_no_own_query_a_member(self):
        """Apart from Odoo's own writes of contacts and charges, which grow with the number."""
        self.company.membership_invoice_now = False
        counts = []
        for number in (5, 105):
            partners = self._partners(*(f"P{number}-{index}" for index in range(number)))
            memberships = self.Membership.create(
                [{"partner_id": p.id, "plan_id": self.rolling.id, "date_start": TODAY} for p in partners]
            )
            counts.append(self._queries(lambda memberships=memberships: memberships._confirm() and None))
        self.assertLess((counts[1] - counts[0]) / 100, 1, counts)

    def test_history_does_not_slow_a_member_down(self):
        def status():
            self.assertEqual(self.anna.membership_status, "active")

        self._membership(start=date(2026, 1, 1), settled_elsewhere=True)
        status()
        few = self._queries(status)
        self.Membership.create(
            [
                {
                    "partner_id": self.anna.id,
                    "plan_id": self.rolling.id,
                    "date_start": date(1900 + year, 1, 1),
                    "date_end": date(1900 + year, 12, 31),
                    "settled_elsewhere": True,
                }
                for year in range(100)
            ]
        )
        self.assertEqual(self._queries(status), few)

    def test_enrolment_form_opens_within_a_few_queries(self):
        Form(self.env["fabloch.membership.enrol"])
        self.assertLess(self._queries(lambda: Form(self.env["fabloch.membership.enrol"])), 40)
