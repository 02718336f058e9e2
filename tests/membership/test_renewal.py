"""Renewals: no gap on time, an honest gap when late; in batch, with the reasons of those left out."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, MembershipCase


@tagged("post_install", "-at_install")
class TestRenewal(MembershipCase):
    def test_renewal_on_time_follows_without_gap(self):
        membership = self._running(start=date(2025, 4, 1))
        following = membership._renew()
        self.assertEqual((following.date_start, following.date_end), (date(2026, 4, 1), date(2027, 3, 31)))
        self.assertEqual((following.previous_id, following.payment), (membership, "unpaid"))
        self.assertTrue(membership.is_renewed)

    def test_renewed_member_stays_active_over_the_change(self):
        membership = self._running(start=date(2025, 4, 1))
        self._pay(membership._renew())
        for day in ("2026-03-31", "2026-04-01", "2027-03-31"):
            with self.subTest(day), freeze_time(day):
                self.env.invalidate_all()
                self.assertEqual(self.anna.membership_status, "active")

    def test_renewal_within_the_grace_days_follows_without_gap(self):
        self.rolling.grace_days = 15
        membership = self._running(start=date(2025, 3, 1))  # ended on 28 February
        self.assertEqual(membership.status, "grace")
        self.assertEqual(membership._renew().date_start, date(2026, 3, 1))

    def test_late_renewal_starts_today_and_leaves_the_gap_visible(self):
        membership = self._running(start=date(2025, 1, 1))
        following = membership._renew()
        self.assertEqual((following.date_start, following.date_end), (TODAY, date(2027, 3, 9)))

    def test_late_renewal_of_a_fixed_plan_pays_the_months_left(self):
        membership = self._running(plan=self.fixed, start=date(2025, 6, 1))
        following = membership._renew()
        self.assertEqual((following.date_start, following.date_end), (TODAY, date(2026, 12, 31)))
        self.assertEqual(following.price, 100.0)

    def test_early_renewal_of_a_fixed_plan_is_the_whole_next_year(self):
        membership = self._running(plan=self.fixed, start=date(2026, 2, 1))
        following = membership._renew()
        self.assertEqual((following.date_start, following.date_end), (date(2027, 1, 1), date(2027, 12, 31)))
        self.assertEqual(following.price, 120.0)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(start=st.dates(date(2024, 3, 11), date(2025, 12, 31)), months=st.integers(3, 14), grace=st.integers(0, 60))
    def test_renewal_never_overlaps_and_never_hides_a_gap(self, start, months, grace):
        with self.cr.savepoint() as savepoint:
            self.rolling.write({"months": months, "grace_days": grace})
            membership = self._running(start=start)
            following = membership._renew(confirm=False)
            gap = following.date_start - membership.date_end
            if membership.grace_until >= TODAY:
                self.assertEqual(gap, timedelta(days=1))
            else:
                self.assertEqual(following.date_start, TODAY)
                self.assertGreater(gap, timedelta(days=grace))
            savepoint.rollback()
        self.env.invalidate_all()

    def test_renewing_twice_is_refused(self):
        membership = self._running(start=date(2025, 4, 1))
        membership._renew()
        with self.assertRaisesRegex(UserError, "renewed already"):
            membership.action_renew()

    def test_deleted_draft_can_be_renewed_again(self):
        membership = self._running(start=date(2025, 4, 1))
        membership._renew(confirm=False).unlink()
        self.assertFalse(membership.is_renewed)
        membership.action_renew()
        self.assertTrue(membership.is_renewed)

    def test_people_covered_go_along(self):
        self.rolling.seats = 1
        membership = self._running(start=date(2025, 4, 1), beneficiary_ids=[Command.set(self.yann.ids)])
        self.assertEqual(membership._renew().beneficiary_ids, self.yann)

    def test_each_obstacle_has_its_reason(self):
        draft, cancelled, renewed, unpaid, archived, other_category = (
            self._membership(partner, start=date(2025, 4, 1))
            for partner in self._partners("Draft", "Cancelled", "Renewed", "Unpaid", "Archived", "Category")
        )
        self.rolling.category_ids = self.individual
        (cancelled | renewed | archived | other_category | unpaid)._confirm()
        self._pay(cancelled | renewed | archived | other_category)
        cancelled.action_cancel("Left")
        renewed._renew(confirm=False)
        archived.partner_id.active = False
        other_category.partner_id.member_category_id = self.sme
        everyone = draft | cancelled | renewed | unpaid | archived | other_category
        reasons = everyone._renewal_obstacles()
        for membership, words in [
            (draft, "draft"),
            (cancelled, "enrol the member anew"),
            (renewed, "renewed already"),
            (unpaid, "not settled"),
            (archived, "archived"),
            (other_category, "category"),
        ]:
            self.assertIn(words, reasons[membership])
        self.assertFalse(everyone._renew())


@tagged("post_install", "-at_install")
class TestBatchRenewal(MembershipCase):
    def _wizard(self, memberships=None, **vals):
        context = {"active_model": "fabloch.membership", "active_ids": memberships.ids} if memberships else {}
        return self.env["fabloch.membership.batch.renew"].with_context(**context).create(vals)

    def test_selection_is_renewed_and_those_left_out_are_listed_with_the_reason(self):
        ready = self._running(start=date(2025, 4, 1))
        draft = self._membership(self.yann, start=date(2025, 4, 1))
        wizard = self._wizard(ready | draft, invoice=True)
        self.assertEqual((wizard.renew_count, wizard.skip_count, wizard.amount), (1, 1, 30.0))
        wizard.action_renew()
        self.assertEqual(wizard.new_membership_ids, ready.next_ids)
        self.assertEqual(ready.next_ids.payment, "unpaid")
        self.assertEqual(
            [(line.partner_id, line.reason) for line in wizard.line_ids], [(self.yann, "still a draft: confirm it.")]
        )

    def test_rule_picks_those_to_renew(self):
        ready = self._running(start=date(2025, 4, 1))
        self._running(self.yann, start=date(2025, 9, 1))
        wizard = self._wizard()
        self.assertTrue(wizard.use_domain)
        wizard.action_renew()
        self.assertEqual(wizard.new_membership_ids.previous_id, ready)

    def test_one_run_invoices_all_and_names_who_could_not_be(self):
        memberships = self.Membership
        for partner in self._partners(*(f"P{number}" for number in range(5))):
            memberships |= self._running(partner, start=date(2025, 4, 1))
        memberships[2].partner_id.city = False
        wizard = self._wizard(memberships, invoice=True)
        before = self.env["fabloch.invoicing.run"].search_count([])
        wizard.action_renew()
        self.assertEqual(self.env["fabloch.invoicing.run"].search_count([]), before + 1)
        self.assertEqual(len(wizard.new_membership_ids), 5)
        self.assertEqual(sorted(wizard.new_membership_ids.mapped("payment")), ["to_invoice"] + ["unpaid"] * 4)
        self.assertEqual(wizard.line_ids.partner_id, memberships[2].partner_id)
        self.assertIn("City", wizard.line_ids.reason)

    def test_nobody_to_renew_is_said(self):
        with self.assertRaisesRegex(UserError, "None of these"):
            self._wizard(self._membership()).action_renew()

    def test_contacts_of_the_members_list_are_renewed(self):
        self._running(start=date(2025, 4, 1))
        wizard = (
            self.env["fabloch.membership.batch.renew"]
            .with_context(active_model="res.partner", active_ids=self.anna.ids)
            .create({})
        )
        wizard.action_renew()
        self.assertEqual(wizard.new_membership_ids.partner_id, self.anna)
