"""Gifts of money: promised, received through Odoo's payments, bounced, given back, cancelled."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import TODAY
from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestDonationMoney(DonationCase):
    def _payments(self, gifts):
        return self.env["account.payment"].search([("invoice_ids", "in", gifts.move_id.ids)])

    def test_a_promise_has_its_number_and_nothing_in_the_books(self):
        gift = self._gift()
        self.assertFalse(gift.name)
        gift.action_confirm()
        self.assertEqual(gift.state, "pledged")
        self.assertRegex(gift.name, r"^DON/2026/\d{4}$")
        self.assertFalse(gift.move_id)
        with self.assertRaisesRegex(UserError, "no draft"):
            gift.action_confirm()

    def test_numbers_follow_each_other_in_each_year(self):
        gifts = self._gift() | self._gift() | self._gift(date="2027-02-01")
        gifts.action_confirm()
        first, second, other = [gift.name.rsplit("/", 1) for gift in gifts]
        self.assertEqual((first[0], other[0]), ("DON/2026", "DON/2027"))
        self.assertEqual(int(second[1]), int(first[1]) + 1)

    def test_a_cheque_is_received_when_it_is_paid(self):
        gift = self._gift()
        self._receive(gift, payment_mode="cheque", memo="cheque 123")
        self.assertEqual((gift.state, gift.payment, gift.payment_mode), ("received", "paid", "cheque"))
        self.assertEqual(gift.date_received, TODAY)
        income = gift.move_id.invoice_line_ids
        self.assertEqual(income.account_id, self.company.gift_individual_account_id)
        self.assertEqual((gift.move_id.move_type, -income.balance, income.tax_ids.ids), ("out_receipt", 100.0, []))
        self.assertEqual(gift.move_id.journal_id, self.company.gift_journal_id)
        payment = self._payments(gift)
        self.assertEqual((payment.amount, payment.memo, payment.journal_id), (100.0, "cheque 123", self.bank))

    def test_a_company_gives_on_the_account_of_companies(self):
        gift = self._gift(self.patron, 2500)
        self.assertEqual(gift.donor_kind, "company")
        self._receive(gift)
        self.assertEqual(gift.move_id.invoice_line_ids.account_id, self.company.gift_company_account_id)

    def test_the_officer_says_that_a_person_gives_as_a_business(self):
        gift = self._gift(donor_kind="company")
        self._receive(gift)
        self.assertEqual(gift.move_id.invoice_line_ids.account_id, self.company.gift_company_account_id)

    def test_a_part_is_received_and_the_rest_stays_promised(self):
        gift = self._gift(amount=100, counterpart_value=10.01)
        gift.action_confirm()
        self._receive(gift, amount=33.33)
        rest = gift.promise_ids
        self.assertEqual((gift.state, gift.amount), ("received", 33.33))
        self.assertEqual((rest.state, rest.amount, rest.move_id.ids), ("pledged", 66.67, []))
        self.assertEqual(gift.counterpart_value + rest.counterpart_value, 10.01)
        self.assertEqual(gift.move_id.amount_total, 33.33)
        self.assertNotEqual(gift.name, rest.name)

    def test_who_gives_more_than_promised_gave_that(self):
        gift = self._gift(amount=100)
        gift.action_confirm()
        self._receive(gift, amount=120)
        self.assertEqual((gift.amount, gift.move_id.amount_total, gift.state), (120.0, 120.0, "received"))

    def test_the_accountant_reconciles_a_receipt_that_was_posted_unpaid(self):
        gift = self._gift()
        gift.action_expect(TODAY)
        self.assertEqual((gift.state, gift.payment, gift.move_id.state), ("pledged", "expected", "posted"))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=gift.move_id.ids
        ).create({"payment_date": "2026-03-17", "journal_id": self.bank.id})._create_payments()
        self.assertEqual((gift.state, gift.date_received), ("received", Date.to_date("2026-03-17")))

    def test_an_expected_receipt_is_paid_by_the_window(self):
        gift = self._gift()
        gift.action_expect(TODAY)
        move = gift.move_id
        with self.assertRaisesRegex(UserError, "posted for the whole"):
            self._receive(gift, amount=30)
        self._receive(gift, date="2026-03-20")
        self.assertEqual((gift.state, gift.move_id), ("received", move))
        self.assertEqual(gift.date_received, Date.to_date("2026-03-20"))

    def test_a_cheque_that_bounces_makes_it_a_promise_again(self):
        gift = self._gift()
        self._receive(gift)
        self._payments(gift).action_draft()
        self.assertEqual((gift.state, gift.date_received), ("pledged", False))
        self.assertIn("received yet", gift._ineligible_reasons()[gift])
        with self.assertRaisesRegex(UserError, "cancel that payment"):
            self._receive(gift)
        self._payments(gift).action_cancel()
        self.assertEqual(gift.state, "pledged")
        self._receive(gift, date="2026-03-30")
        self.assertEqual((gift.state, gift.date_received), ("received", Date.to_date("2026-03-30")))
        receipts = self.env["account.move"].search([("ref", "=", gift.name), ("move_type", "=", "out_receipt")])
        self.assertEqual(receipts, gift.move_id)

    def test_a_gift_that_is_given_back_is_void(self):
        gift = self._gift()
        self._receive(gift)
        self.assertFalse(gift._ineligible_reasons())
        self._credit(gift.move_id)
        self.assertEqual((gift.state, gift.payment, gift.amount_refunded), ("cancelled", "refunded", 100.0))
        self.assertIn("given back", gift._ineligible_reasons()[gift])

    def test_a_part_that_is_given_back_leaves_no_right_to_a_receipt(self):
        gift = self._gift()
        self._receive(gift)
        self._credit(gift.move_id, 30.0)
        self.assertEqual((gift.state, gift.amount_refunded), ("received", 30.0))
        self.assertIn("given back", gift._ineligible_reasons()[gift])

    def _credit(self, move, amount=None):
        refund = move._reverse_moves([{"invoice_date": TODAY, "date": TODAY}])
        if amount:
            refund.invoice_line_ids.price_unit = amount
        refund.action_post()

    def test_money_that_came_is_not_cancelled(self):
        gift = self._gift()
        self._receive(gift)
        with self.assertRaisesRegex(UserError, "Give it back first"):
            gift.action_cancel("Mistake")
        self.assertEqual(gift.state, "received")

    def test_a_cancelled_promise_reverses_its_receipt(self):
        gift = self._gift()
        gift.action_expect(TODAY)
        with self.assertRaisesRegex(ValidationError, "why"):
            gift.action_cancel(" ")
        gift.action_cancel("Changed his mind")
        self.assertEqual((gift.state, gift.cancel_reason), ("cancelled", "Changed his mind"))
        self.assertEqual(gift.move_id.payment_state, "reversed")
        income = self.env["account.move.line"].search([("account_id", "=", self.company.gift_individual_account_id.id)])
        self.assertEqual(sum(income.mapped("balance")), 0.0)
        with self.assertRaisesRegex(UserError, "cancelled already"):
            gift.action_cancel("Again")

    def test_the_receipt_says_what_was_given(self):
        gift = self._gift()
        gift.action_expect(TODAY)
        gift.move_id.button_draft()
        self.assertEqual(gift.payment, False)
        gift.move_id.invoice_line_ids.price_unit = 99.0
        with self.assertRaisesRegex(UserError, "doesn't say what was given"):
            gift.move_id.action_post()
        with self.assertRaisesRegex(UserError, "put back to draft"):
            self._receive(gift)

    def test_what_is_posted_does_not_change(self):
        gift = self._gift()
        gift.action_confirm()
        gift.amount = 110.0
        self._receive(gift)
        for vals in ({"amount": 90.0}, {"partner_id": self.patron.id}, {"nature": "goods"}, {"donor_kind": "company"}):
            with self.assertRaisesRegex(UserError, "can't change any more"):
                gift.write(vals)
        gift.write({"amount": 110.0, "description": "For the laser"})
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            gift.unlink()

    def test_a_gift_is_more_than_nothing(self):
        with self.assertRaisesRegex(UserError, "more than 0"):
            self._gift(amount=0).action_confirm()

    def test_only_actions_set_the_state(self):
        gift = self._gift(env=self.env(user=self.officer))
        for vals in ({"state": "received"}, {"name": "DON/1"}, {"move_id": False}, {"date_received": TODAY}):
            with self.assertRaises(AccessError):
                gift.write(vals)
        with self.assertRaises(AccessError):
            self._gift(env=self.env(user=self.officer), confirm_date=TODAY)
        sneaky = self.Donation.with_user(self.officer).with_context(default_confirm_date=TODAY)
        self.assertEqual(sneaky.create({"partner_id": self.donor.id, "amount": 5}).state, "draft")

    def test_the_officer_alone_receives_a_cheque(self):
        gift = self._gift(env=self.env(user=self.officer))
        self._receive(gift)
        self.assertEqual(gift.state, "received")

    def test_many_are_received_at_once(self):
        gifts = self.Donation.browse(
            gift.id for gift in [self._gift(amount=10 + rank / 100) for rank in range(5)] + [self._gift(self.patron)]
        )
        self._receive(gifts, payment_mode="transfer")
        self.assertEqual(set(gifts.mapped("state")), {"received"})
        self.assertEqual(gifts.mapped("amount"), gifts.move_id.sorted("id").mapped("amount_total"))
        self.assertEqual(len(self._payments(gifts)), 6)

    def test_a_locked_promise_is_not_received_twice(self):
        gift = self._gift()
        self._receive(gift)
        with self.assertRaisesRegex(UserError, "received or cancelled already"):
            self._receive(gift)

    def test_a_missing_setting_is_named(self):
        self.company.gift_individual_account_id = False
        with self.assertRaisesRegex(UserError, "Gifts of individuals"):
            self._receive(self._gift())

    def test_late_promises_are_found(self):
        late, due = self._gift(date="2026-01-01"), self._gift(date="2999-01-01")
        (late | due).action_confirm()
        self.assertTrue(late.is_late)
        self.assertFalse(due.is_late)
        self.assertEqual(self.Donation.search([("is_late", "=", True), ("id", "in", (late | due).ids)]), late)
        self.assertEqual(self.Donation.search([("is_late", "=", False), ("id", "in", (late | due).ids)]), due)

    def test_what_a_receipt_copies(self):
        gift = self._gift(amount=42.42, form="private")
        self._receive(gift, payment_mode="cheque")
        self.assertEqual((gift.date_received, gift.payment_mode, gift.donor_kind), (TODAY, "cheque", "individual"))
        self.assertFalse(gift._receipt_text())


@tagged("post_install", "-at_install")
class TestDonationCost(DonationCase):
    def _queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _gifts(self, count):
        donors = self._payers(*[f"Donor {rank}" for rank in range(count)])
        return self.Donation.create(
            [{"partner_id": donor.id, "amount": 20.0, "date": TODAY, "counterpart_value": 1.0} for donor in donors]
        )

    def test_confirming_fifty_costs_what_confirming_one_costs(self):
        self._gifts(1).action_confirm()
        one, fifty = self._gifts(1), self._gifts(50)
        cost_one, cost_fifty = self._queries(one.action_confirm), self._queries(fifty.action_confirm)
        self.assertLessEqual(cost_fifty, cost_one + 12)
        self.assertLessEqual(cost_one, 40)

    def test_reading_fifty_costs_what_reading_one_costs(self):
        one, fifty = self._gifts(1), self._gifts(50)
        names = ["counterpart_limit", "counterpart_ok", "benefit_amount", "benefit_note", "is_late", "state", "payment"]
        cost_one, cost_fifty = self._queries(lambda: one.read(names)), self._queries(lambda: fifty.read(names))
        self.assertLessEqual(cost_fifty, cost_one + 3)

    def test_posting_fifty_receipts_is_one_batch(self):
        self._gifts(1).action_expect(TODAY)
        one, fifty = self._gifts(1), self._gifts(50)
        cost_one = self._queries(lambda: one.action_expect(TODAY))
        cost_fifty = self._queries(lambda: fifty.action_expect(TODAY))
        # Odoo's own posting costs a few queries for each entry.
        self.assertLessEqual(cost_fifty, cost_one + 50 * 6)


@tagged("post_install", "-at_install")
class TestDonationAccess(DonationCase):
    def test_the_board_reads_and_changes_nothing(self):
        gift = self._gift()
        board = self._user("board", "fabloch_finance.group_finance_board")
        self.assertEqual(gift.with_user(board).amount, 100.0)
        for work in (gift.with_user(board).action_confirm, lambda: gift.with_user(board).write({"amount": 1})):
            with self.assertRaises(AccessError):
                work()
        with self.assertRaises(AccessError):
            gift.with_user(board).action_cancel("No")

    def test_a_portal_user_sees_no_gift(self):
        gift = self._gift()
        portal = self._user("portal donor", "base.group_portal")
        with self.assertRaises(AccessError):
            gift.with_user(portal).read(["amount"])

    def test_an_officer_duplicates_waived_expenses(self):
        line = {"name": "Train", "kind": "receipt", "amount": 12}
        claim = self.Donation.create(
            {"partner_id": self.donor.id, "nature": "expenses", "expense_ids": [Command.create(line)]}
        )
        self.assertEqual(claim.with_user(self.officer).copy().amount, 12)

    def test_no_company_sees_the_gifts_of_another(self):
        other = self.env["res.company"].create({"name": "Other fablab"})
        gift = self.Donation.create({"partner_id": self.donor.id, "company_id": other.id, "amount": 10})
        claim = self.Donation.create(
            {
                "partner_id": self.donor.id,
                "company_id": other.id,
                "nature": "expenses",
                "expense_ids": [Command.create({"name": "Train", "kind": "receipt", "amount": 12})],
            }
        )
        self.assertFalse(self.Donation.with_user(self.officer).search([("id", "in", (gift | claim).ids)]))
        with self.assertRaises(AccessError):
            gift.with_user(self.officer).read(["amount"])
        with self.assertRaises(AccessError):
            claim.expense_ids.with_user(self.officer).read(["amount"])

    def test_the_counterparts_elsewhere_do_not_count_here(self):
        other = self.env["res.company"].create({"name": "Other fablab"})
        elsewhere = self.Donation.create(
            {"partner_id": self.donor.id, "company_id": other.id, "amount": 400, "counterpart_value": 60, "date": TODAY}
        )
        elsewhere.sudo().write({"confirm_date": TODAY})
        self.assertEqual(self._gift(amount=400).counterpart_limit, 73.0)

    def test_the_smart_button_counts_the_gifts_of_a_house(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.patron.id})
        self._gift(contact)
        self.assertEqual(self.patron.donation_count, 1)
        self.assertEqual(self.Donation.search(self.patron.action_open_donations()["domain"]).partner_id, contact)
