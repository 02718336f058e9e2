"""What staff could otherwise do by a call from outside: a free membership, a forged card, somebody else's payment."""

from ast import literal_eval
from datetime import date

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY, MembershipCase

DESK = "fabloch_membership.group_membership_user"


@tagged("post_install", "-at_install")
class TestGuards(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls._user("guarded", DESK)

    def test_status_and_payment_are_never_set_by_hand(self):
        membership = self._membership(confirm=True)
        values = {
            "in_order": True,
            "payment": "paid",
            "confirm_date": False,
            "cancel_date": False,
            "grace_until": "2099-01-01",
            "is_renewed": True,
            "previous_id": membership.id,
            "company_id": self.company.id,
        }
        for name, value in values.items():
            with self.subTest(name), self.assertRaisesRegex(AccessError, name):
                membership.with_user(self.desk).write({name: value})
        with self.assertRaisesRegex(AccessError, "in_order"):
            self.Membership.with_user(self.desk).create(
                {"partner_id": self.yann.id, "plan_id": self.rolling.id, "in_order": True}
            )
        self.assertEqual(membership.status, "waiting")

    def test_a_context_is_no_way_around(self):
        records = self.Membership.with_user(self.desk)
        vals = {"partner_id": self.yann.id, "plan_id": self.rolling.id}
        with self.assertRaisesRegex(AccessError, "take"):
            records.with_context(default_settled_elsewhere=True).create(vals)
        membership = records.with_context(default_in_order=True, default_confirm_date=TODAY).create(vals)
        self.assertEqual((membership.status, membership.in_order), ("draft", False))

    def test_nobody_is_covered_over_the_contact(self):
        """It would pass by the seats, the rights on memberships and the member number; so would a copy."""
        self.rolling.seats = 1
        membership = self._membership(beneficiary_ids=[Command.link(self.yann.id)])
        covered = {"covering_membership_ids": [Command.link(membership.id)]}
        with self.assertRaisesRegex(ValidationError, "chosen on the membership"), self.cr.savepoint():
            self.anna.with_user(self.desk).write(covered)
        with self.assertRaisesRegex(ValidationError, "chosen on the membership"), self.cr.savepoint():
            self.env["res.partner"].with_user(self.desk).create({"name": "Newcomer", **covered})
        with self.assertRaisesRegex(ValidationError, "chosen on the membership"), self.cr.savepoint():
            self.yann.with_user(self.desk).write({"covering_membership_ids": [Command.clear()]})
        self.assertFalse(self.yann.copy().covering_membership_ids)
        self.env.invalidate_all()
        self.assertEqual(membership.beneficiary_ids, self.yann)

    def test_a_charge_pays_for_its_own_membership_only(self):
        paid, other = self._running(), self._membership(self.yann, confirm=True)
        with self.assertRaisesRegex(AccessError, "membership_id"):
            paid.charge_ids.with_user(self.desk).write({"membership_id": other.id})
        with self.assertRaisesRegex(AccessError, "charge_ids"):
            other.with_user(self.desk).write({"charge_ids": [Command.link(paid.charge_ids.id)]})
        charge = (
            self.env["fabloch.charge"]
            .with_user(self.desk)
            .with_context(default_membership_id=other.id, default_waived=True, default_waived_reason="Mine")
            .create({"partner_id": self.yann.id, "product_id": self.rolling.product_id.id})
        )
        self.assertEqual((charge.membership_id, charge.waived, charge.state), (self.Membership, False, "to_invoice"))

    def test_only_the_manager_moves_a_confirmed_period(self):
        membership = self._running()
        with self.assertRaisesRegex(AccessError, "manager"):
            membership.with_user(self.desk).write({"date_end": "2099-12-31"})
        membership.with_user(self.desk).write({"date_end": membership.date_end})
        boss = self._user("boss", "fabloch_membership.group_membership_manager")
        membership.with_user(boss).write({"date_end": date(2027, 3, 31)})
        self.assertEqual(membership.date_end, date(2027, 3, 31))

    def test_reception_goes_all_the_way_without_more_rights(self):
        membership = self.Membership.with_user(self.desk).create(
            {"partner_id": self.anna.id, "plan_id": self.rolling.id, "date_start": TODAY}
        )
        membership.action_confirm()
        invoice = membership.charge_ids.invoice_id
        refund = (
            self.env["account.move.reversal"]
            .with_user(self.desk)
            .with_context(active_model="account.move", active_ids=invoice.ids)
        )
        refund.create({"journal_id": invoice.journal_id.id}).reverse_moves()
        credit = membership.charge_ids.credit_line_ids.move_id
        credit.with_user(self.desk).action_post()
        self.assertEqual(membership.payment, "refunded")
        membership.action_charge_again()
        self.assertEqual((membership.payment, len(membership.charge_ids)), ("to_invoice", 2))
        membership.action_invoice()
        membership.action_register_payment()
        again = membership.charge_ids.filtered("origin_charge_id").invoice_id
        self.env["account.payment.register"].with_user(self.desk).with_context(
            active_model="account.move", active_ids=again.ids
        ).create({})._create_payments()
        self.assertEqual((membership.payment, membership.status), ("paid", "active"))
        membership.action_cancel("Moved away")
        self.assertEqual(membership.status, "cancelled")

    def test_a_card_is_neither_moved_nor_revived(self):
        card = self.env["fabloch.member.card"]._of(self.anna, self.company)[self.anna].with_user(self.desk)
        with self.assertRaisesRegex(AccessError, "taken back"):
            card.write({"partner_id": self.yann.id})
        card.action_take_back()
        with self.assertRaisesRegex(AccessError, "taken back"):
            card.write({"active": True})
        self.assertFalse(card.active)

    def test_a_member_from_outside_prints_the_own_card_only(self):
        firm = self._partners("Firm", is_company=True)[0]
        self.rolling.seats = 2
        membership = self._running(firm, beneficiary_ids=[Command.set((self.anna | self.yann).ids)])
        user = new_test_user(self.env, "portal_anna", groups="base.group_portal", partner_id=self.anna.id)
        printed = membership.with_user(user)._cards()
        self.assertEqual([partner.id for partner, _membership, _card in printed], self.anna.ids)

    def test_hostile_tokens_are_unknown_and_no_error(self):
        Card = self.env["fabloch.member.card"]
        for token in ("a\x00b", "é", "\n", ""):
            with self.subTest(token):
                self.assertIsNone(Card._check_token(token))
                self.assertFalse(self.Membership._opt_out_partner(self.anna.id, token))
        self.assertFalse(self.Membership._opt_out_partner(10**30, "x"))

    def test_board_opens_a_membership(self):
        board = self._user("board_reader", "fabloch_finance.group_finance_board")
        membership = self._running()
        views = self.Membership.with_user(board).get_views([(False, "form"), (False, "list"), (False, "kanban")])
        names = views["models"]["fabloch.membership"]["fields"]
        self.assertNotIn("invoice_ids", names)
        specification = {name: {} for name in names}
        [shown] = membership.with_user(board).web_read(specification)
        self.assertEqual((shown["invoice_count"], shown["payment"]), (1, "paid"))


@tagged("post_install", "-at_install")
class TestSequences(MembershipCase):
    """Ways a desk really goes."""

    def test_fee_of_a_cancelled_membership_is_never_invoiced_again(self):
        cancelled = self._membership(confirm=True)
        cancelled.action_cancel("A mistake")
        invoice = cancelled.charge_ids.invoice_id
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(cancelled.charge_ids.state, "waived")
        deleted = self._membership(self.yann, confirm=True)
        deleted.action_cancel("A mistake")
        draft = deleted.charge_ids.invoice_id
        draft.button_draft()
        draft.unlink()
        self.assertEqual(
            (deleted.charge_ids.state, deleted.charge_ids.waived_reason), ("waived", "Membership cancelled: A mistake")
        )
        running = self._membership(self.yann, start=date(2026, 4, 1), confirm=True)
        running.charge_ids.invoice_id.button_draft()
        running.charge_ids.invoice_id.button_cancel()
        self.assertEqual(running.charge_ids.state, "to_invoice")

    def test_cancelled_without_payment_counts_nowhere_whatever_the_day_given(self):
        self.company.membership_invoice_now = False
        membership = self._membership(start=date(2026, 1, 1), confirm=True)
        membership.action_cancel("Never came", date=date(2026, 2, 1))
        self.assertEqual(membership.cancel_date, date(2026, 1, 1))
        self.env.flush_all()
        self.assertFalse(self.env["fabloch.membership.report"].search([("partner_id", "=", self.anna.id)]))

    def test_enrolled_anew_instead_of_renewed_is_renewed(self):
        self.anna.email = "anna@example.com"
        first = self._running(start=date(2025, 4, 1))
        self.assertTrue(first.to_renew)
        again = self._running(start=date(2026, 4, 1))
        self.assertEqual(again.previous_id, first)
        self.assertFalse(first.to_renew)
        due = self.env["fabloch.membership.reminder"]._due_domains(self.company, TODAY)
        self.assertNotIn(first, self.Membership.search(due["before"]))

    def test_another_plan_afterwards_is_a_renewal_too_but_the_same_plan_first(self):
        other = self._plan("Other", 10.0)
        first = self._running(start=date(2025, 3, 1))
        aside = self._running(plan=other, start=date(2025, 3, 5))
        following = self._running(start=date(2026, 3, 10))
        self.assertEqual(following.previous_id, first)
        last = self._running(plan=self.fixed, start=date(2026, 3, 10))
        self.assertEqual(last.previous_id, aside)

    def test_who_is_covered_does_not_renew_the_firm_s_membership(self):
        firm = self._partners("Firm", is_company=True)[0]
        self.rolling.seats = 1
        self._running(firm, start=date(2025, 4, 1), beneficiary_ids=[Command.set(self.anna.ids)])
        wizard = (
            self.env["fabloch.membership.batch.renew"]
            .with_context(active_model="res.partner", active_ids=self.anna.ids)
            .create({})
        )
        self.assertFalse(wizard.membership_ids)
        with self.assertRaisesRegex(UserError, "no membership to renew"):
            self.anna.action_renew_membership()

    def test_the_membership_that_ends_is_renewed_not_the_other(self):
        other = self._plan("Other", 10.0)
        self._running(plan=other)
        ending = self._running(start=date(2025, 4, 1))
        self.assertEqual(self.anna._memberships_to_renew(), ending)

    def test_wizard_forgets_the_contact_that_is_taken_out(self):
        self.anna.write({"email": "anna@example.com", "phone": "0123456789"})
        with Form(self.env["fabloch.membership.enrol"]) as form:
            form.partner_id = self.anna
            self.assertEqual(form.email, "anna@example.com")
            form.partner_id = self.env["res.partner"]
            form.name = "Somebody else"
            self.assertEqual((form.email, form.phone, form.street), (False, False, False))

    def test_payment_of_a_draft_invoice_says_what_to_do(self):
        self.company.fabloch_invoicing_post = False
        membership = self._membership(confirm=True)
        with self.assertRaisesRegex(UserError, "draft"):
            membership.action_register_payment()
        paid = self._membership(self.yann, confirm=True)
        paid.charge_ids.invoice_id.action_post()
        self._pay(paid)
        with self.assertRaisesRegex(UserError, "nothing left"):
            paid.action_register_payment()

    def test_unpaid_and_over_is_to_be_paid_or_cancelled_not_renewed(self):
        membership = self._membership(start=date(2025, 1, 1), confirm=True)
        self.assertEqual(membership.status, "expired")
        self.assertIn("without its fee being settled", membership.next_step)

    def test_fee_is_not_negative(self):
        with self.assertRaisesRegex(Exception, "membership_price_positive"):
            self._membership(price=-5)

    def test_never_leaves_out_the_association_and_its_staff(self):
        self._user("colleague", "base.group_user")
        arch = self.env.ref("fabloch_membership.member_view_search").arch
        [never] = etree.fromstring(arch).xpath("//filter[@name='never']")
        found = self.env["res.partner"].search(literal_eval(never.get("domain")))
        self.assertIn(self.anna, found)
        self.assertNotIn(self.company.partner_id, found)
        self.assertFalse(found.user_ids.filtered(lambda user: not user.share))


@tagged("post_install", "-at_install")
class TestMerge(MembershipCase):
    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((source | target).ids, target)

    def test_number_card_and_memberships_go_with_the_contact(self):
        old = self._running(start=date(2024, 1, 1))
        new = self._running(self.yann)
        numbers = self.anna.member_number, self.yann.member_number
        cards = self.env["fabloch.member.card"]._of(self.anna | self.yann, self.company)
        card = cards[self.yann]
        self._merge(self.anna, self.yann)
        self.assertEqual(self.yann.member_number, numbers[1])
        self.assertEqual(self.yann.membership_ids, new | old)
        self.assertEqual(self.env["fabloch.member.card"].search([("partner_id", "=", self.yann.id)]), card)
        [other] = self._partners("Yann K.")
        self._merge(self.yann, other)
        self.assertEqual((other.member_number, other.membership_status), (numbers[1], "active"))

    def test_overlapping_memberships_are_named(self):
        self._running()
        self._running(self.yann)
        with self.assertRaisesRegex(UserError, "on the same days: (Anna Le Goff.*Yann|Yann Kerdoncuff.*Anna)"):
            self._merge(self.anna, self.yann)
