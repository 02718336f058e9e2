"""Who may do what: the board reads, the reception enrols, the manager sets up, a portal user sees its own."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from tests.common import rights_of

from .common import TODAY, MembershipCase

MODELS = {
    # model: rights (read, write, create, unlink) of nobody in particular, board, reception, manager, portal
    "fabloch.member.category": ("r", "r", "r", "rwcu", "r"),
    "fabloch.membership.plan": ("", "r", "r", "rwcu", "r"),
    "fabloch.membership": ("", "r", "rwcu", "rwcu", "r"),
    "fabloch.membership.reminder": ("", "r", "r", "r", ""),
    "fabloch.member.card": ("", "", "rw", "rw", ""),
    "fabloch.membership.report": ("", "r", "r", "r", ""),
    "fabloch.membership.enrol": ("", "", "rwcu", "rwcu", ""),
    "fabloch.membership.batch.renew": ("", "", "rwcu", "rwcu", ""),
    "fabloch.membership.cancel": ("", "", "rwcu", "rwcu", ""),
}
GROUPS = [
    "base.group_user",
    "fabloch_finance.group_finance_board",
    "fabloch_membership.group_membership_user",
    "fabloch_membership.group_membership_manager",
    "base.group_portal",
]


@tagged("post_install", "-at_install")
class TestAccess(MembershipCase):
    def test_each_group_can_do_exactly_its_row(self):
        users = [new_test_user(self.env, f"user{number}", groups=group) for number, group in enumerate(GROUPS)]
        for model, rights in MODELS.items():
            for user, group, letters in zip(users, GROUPS, rights, strict=True):
                self.assertEqual(rights_of(self.env[model].with_user(user)), letters, f"{group} on {model}")

    def test_portal_user_sees_its_own_memberships_only(self):
        firm = self._partners("Firm", is_company=True)
        employee, covered, stranger = self._partners("Employee", "Covered", "Stranger")
        employee.parent_id = firm
        self.rolling.seats = 1
        of_firm = self._running(firm, beneficiary_ids=[(6, 0, covered.ids)])
        of_stranger = self._running(stranger)
        seen = {}
        for partner in (employee, covered, stranger):
            user = new_test_user(self.env, f"portal{partner.id}", groups="base.group_portal", partner_id=partner.id)
            seen[partner] = self.Membership.with_user(user).search([])
        self.assertEqual(seen, {employee: of_firm, covered: of_firm, stranger: of_stranger})
        user = self.env["res.users"].search([("partner_id", "=", stranger.id)])
        [shown] = of_stranger.with_user(user).read(
            ["display_name", "plan_id", "status", "payment", "price", "valid_until"]
        )
        self.assertEqual((shown["status"], shown["payment"]), ("active", "paid"))
        with self.assertRaises(AccessError):
            of_firm.with_user(user).read(["date_end"])
        with self.assertRaises(AccessError):
            of_stranger.with_user(user).write({"date_end": "2030-01-01"})

    def test_no_company_sees_another_s(self):
        other = self.env["res.company"].create({"name": "Other"})
        membership = self._running()
        self.env["fabloch.member.card"]._of(self.anna, self.company)
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="fabloch_membership.group_membership_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in (
            "fabloch.membership",
            "fabloch.membership.plan",
            "fabloch.member.card",
            "fabloch.membership.report",
        ):
            domain = [("company_id", "=", self.company.id)]
            self.assertFalse(self.env[model].with_user(stranger).search(domain), model)
        self.assertEqual(self.anna.with_user(stranger).with_company(other).membership_status, "none")
        with self.assertRaises(AccessError):
            membership.with_user(stranger).action_cancel("Mine now")

    def test_reception_enrols_renews_and_cancels(self):
        desk = self._user("desk", "fabloch_membership.group_membership_user")
        membership = self.Membership.with_user(desk).create(
            {"partner_id": self.anna.id, "plan_id": self.rolling.id, "date_start": TODAY}
        )
        membership.action_confirm()
        self._pay(membership.sudo())
        self.assertEqual(membership.status, "active")
        following = membership._renew()
        following.action_cancel("A mistake")
        self.assertEqual(following.status, "cancelled")

    def test_board_reads_figures_and_members_but_changes_nothing(self):
        board = self._user("board", "fabloch_finance.group_finance_board")
        membership = self._running()
        self.assertEqual(membership.with_user(board).status, "active")
        self.assertTrue(self.env["fabloch.membership.report"].with_user(board).search([]))
        with self.assertRaises(AccessError):
            membership.with_user(board).action_cancel("No")

    def test_status_of_a_contact_is_readable_without_access_to_memberships(self):
        self._running()
        someone = self._user("someone", "base.group_user")
        self.assertEqual(self.anna.with_user(someone).membership_status, "active")
