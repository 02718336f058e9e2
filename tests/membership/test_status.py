"""A membership's status follows from its dates, its payment and today, with no job."""

import itertools
from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from .common import TODAY, MembershipCase


@tagged("post_install", "-at_install")
class TestStatus(MembershipCase):
    def test_each_status_on_its_day(self):
        membership = self._membership(start=date(2026, 4, 1))
        self.rolling.grace_days = 10
        self.assertEqual(membership.status, "draft")
        membership._confirm()
        self.assertEqual(membership.status, "waiting")
        self._pay(membership)
        self.assertEqual(membership.status, "upcoming")
        for day, status in [
            ("2026-03-31", "upcoming"),
            ("2026-04-01", "active"),
            ("2027-03-31", "active"),
            ("2027-04-01", "grace"),
            ("2027-04-10", "grace"),
            ("2027-04-11", "expired"),
        ]:
            with self.subTest(day), freeze_time(day):
                self.env.invalidate_all()
                self.assertEqual(membership.status, status)
                self.assertEqual(self.Membership.search([("status", "=", status)]), membership)
                self.assertFalse(self.Membership.search([("status", "!=", status), ("id", "=", membership.id)]))

    def test_sql_and_python_agree_on_every_combination(self):
        days = [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)]
        combinations = list(itertools.product([False, TODAY], [False, *days], days, [0, 1, 2], [0, 1], [False, True]))
        partners = self._partners(*(f"P{number}" for number in range(len(combinations))))
        memberships = self.Membership.create(
            [
                {
                    "partner_id": partner.id,
                    "plan_id": self.rolling.id,
                    "date_start": start,
                    "date_end": start + timedelta(days=length),
                }
                for partner, (_confirm, _cancel, start, length, _grace, _settled) in zip(
                    partners, combinations, strict=True
                )
            ]
        )
        for membership, (confirm, cancel, *_others) in zip(memberships, combinations, strict=True):
            membership.write({"confirm_date": confirm, "cancel_date": cancel})
        self.env.flush_all()
        for membership, (*_others, grace, settled) in zip(memberships, combinations, strict=True):
            grace_until = membership.date_end + timedelta(days=grace)
            membership.write({"grace_until": grace_until, "in_order": settled})
        self.assertEqual(len(memberships), 2 * 4 * 3 * 3 * 2 * 2)
        self.env.flush_all()
        in_database = {}
        for status, found in self.Membership._read_group([("id", "in", memberships.ids)], ["status"], ["id:recordset"]):
            in_database |= dict.fromkeys(found, status)
        in_python = {membership: membership._status_on(TODAY) for membership in memberships}
        self.assertEqual(in_database, in_python)
        self.assertEqual(len(set(in_python.values())), 7, "every status occurs")

    def test_company_may_let_unpaid_members_in(self):
        membership = self._membership(confirm=True)
        self.assertEqual((membership.payment, membership.status), ("unpaid", "waiting"))
        self.company.membership_active_unpaid = True
        self.assertEqual(membership.status, "active")

    def test_free_membership_needs_no_invoice(self):
        membership = self._membership(plan=self._plan("Honorary", 0.0), confirm=True)
        self.assertEqual((membership.payment, membership.status), ("nothing", "active"))
        self.assertFalse(membership.invoice_ids)

    def test_waived_fee_is_settled(self):
        self.company.membership_invoice_now = False
        membership = self._membership(confirm=True)
        self.assertEqual((membership.payment, membership.status), ("to_invoice", "waiting"))
        membership.charge_ids.action_waive("Volunteer of the year")
        self.assertEqual((membership.payment, membership.status), ("nothing", "active"))

    def _credit(self, invoice):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        action = wizard.reverse_moves()
        credit = self.env["account.move"].browse(action["res_id"])
        if credit.state == "draft":
            credit.action_post()
        return credit

    def test_refunded_membership_is_not_active(self):
        membership = self._running()
        self.assertEqual(membership.status, "active")
        self._credit(membership.charge_ids.invoice_id)
        self.assertEqual((membership.payment, membership.status), ("refunded", "waiting"))

    def test_credited_fee_can_be_charged_again(self):
        membership = self._running()
        self._credit(membership.charge_ids.invoice_id)
        membership.action_charge_again()
        self.assertEqual((membership.payment, len(membership.charge_ids)), ("to_invoice", 2))
        membership.action_invoice()
        self._pay(membership)
        self.assertEqual((membership.payment, membership.status), ("paid", "active"))

    def test_invoice_back_to_draft_suspends_the_membership(self):
        membership = self._running()
        membership.charge_ids.invoice_id.button_draft()
        self.assertEqual(membership.status, "waiting")

    def test_partner_has_the_best_of_its_memberships(self):
        self.assertEqual(self.anna.membership_status, "none")
        old = self._running(start=date(2024, 5, 1))
        self.assertEqual(self.anna.membership_status, "expired")
        self._running(plan=self.fixed, start=date(2026, 1, 1))
        self.assertEqual((self.anna.membership_status, self.anna.current_plan_id), ("active", self.fixed))
        self.assertEqual(old.status, "expired")
        self.assertEqual(self.anna.membership_end, date(2026, 12, 31))

    def test_person_covered_by_a_company_is_a_member(self):
        firm = self._partners("Menuiserie", member_category_id=self.sme.id, is_company=True)
        plan = self._plan("Firm", 200.0, seats=2)
        membership = self._running(firm, plan, beneficiary_ids=[(6, 0, (self.anna | self.yann).ids)])
        self.assertEqual((firm | self.anna | self.yann).mapped("membership_status"), ["active"] * 3)
        self.assertEqual(self.anna.current_membership_id, membership)
        active = self.env["res.partner"].search([("membership_status", "=", "active")])
        self.assertEqual(active, firm | self.anna | self.yann)
        self.assertTrue(all((firm | self.anna | self.yann).mapped("member_number")))

    def test_contacts_search_group_and_sort_by_status_and_plan(self):
        self._running()
        self._membership(self.yann, plan=self.fixed)
        zoe = self._partners("Zoé Never")
        Partner = self.env["res.partner"]
        domain = [("id", "in", (self.anna | self.yann | zoe).ids)]
        groups = Partner._read_group(domain, ["membership_status"], ["id:recordset"])
        self.assertEqual(dict(groups), {"active": self.anna, "draft": self.yann, "none": zoe})
        groups = Partner._read_group(domain, ["current_plan_id"], ["id:recordset"])
        self.assertEqual(
            {plan.id: found for plan, found in groups},
            {self.rolling.id: self.anna, self.fixed.id: self.yann, False: zoe},
        )
        self.assertEqual(Partner.search([*domain, ("membership_status", "!=", "active")]), self.yann | zoe)
        self.assertEqual(Partner.search([*domain, ("membership_status", "in", ["none", "active"])]), self.anna | zoe)
        self.assertEqual(Partner.search([*domain, ("current_plan_id", "=", False)]), zoe)
        self.assertEqual(Partner.search([*domain, ("current_plan_id", "ilike", "roll")]), self.anna)
        self.assertEqual(Partner.search([*domain, ("current_plan_id.months", "=", 12)]), self.anna | self.yann)
        self.assertEqual(
            Partner.search(domain, order="membership_end desc, id").ids,
            [zoe.id, self.yann.id, self.anna.id][:1]
            + (self.anna | self.yann).sorted("membership_end", reverse=True).ids,
        )

    def test_search_by_any_two_statuses_finds_whose_best_is_one_of_them(self):
        """The search asks for no ranking: it says the same as the best membership of each."""
        days = {
            "active": TODAY,
            "expired": date(2023, 5, 1),
            "upcoming": date(2027, 4, 1),
            "grace": date(2025, 3, 2),
        }
        self.rolling.grace_days = 30
        mixes = [(), ("draft",), ("expired", "draft"), ("expired", "waiting"), ("expired", "upcoming"), ("cancelled",)]
        mixes += [("grace",), ("grace", "expired"), ("active", "expired"), ("expired", "cancelled")]
        mixes += [("cancelled", "draft"), ("active", "upcoming")]
        people = self._partners(*(f"Person {number}" for number in range(len(mixes))))
        for person, mix in zip(people, mixes, strict=True):
            for status in mix:
                plan = self.rolling if status != "draft" else self._plan("Other", 10.0)
                if status in days:
                    made = self._running(person, plan, start=days[status])
                else:
                    made = self._membership(person, plan, start=TODAY, confirm=status == "waiting")
                if status == "cancelled":
                    made.action_cancel("Moved away")
                self.assertEqual(made.status, status)
        best = dict(zip(people, people.mapped("membership_status"), strict=True))
        found = {"none", "draft", "expired", "waiting", "upcoming", "cancelled", "grace", "active"}
        self.assertEqual(set(best.values()), found)
        pairs = [*itertools.combinations(sorted(found), 1), *itertools.combinations(sorted(found), 2)]
        for wanted in [*pairs, ("none", "active", "expired")]:
            domain = [("id", "in", people.ids), ("membership_status", "in", wanted)]
            expected = people.filtered(lambda person, wanted=wanted: best[person] in wanted)
            self.assertEqual(self.env["res.partner"].search(domain, order="id"), expected, wanted)
            self.assertEqual(
                self.env["res.partner"].search(
                    [("id", "in", people.ids), ("membership_status", "not in", wanted)], order="id"
                ),
                people - expected,
                wanted,
            )

    def test_to_renew_is_found_within_the_reminder_delay(self):
        soon = self._running(start=date(2025, 4, 1))  # ends on 31 March 2026, in 21 days
        self._running(self.yann, start=date(2025, 5, 1))
        self.assertEqual(self.Membership.search([("to_renew", "=", True)]), soon)
        self.assertEqual(self.env["res.partner"].search([("membership_to_renew", "=", True)]), self.anna)
        self.assertTrue(self.anna.membership_to_renew)
        self.assertFalse(self.yann.membership_to_renew)
        soon._renew(confirm=False)
        self.assertFalse(self.Membership.search([("to_renew", "=", True)]))
