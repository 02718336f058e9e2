"""Goods and skills stand in class 8 on both sides; waived expenses are owed to the volunteer, then given."""

import base64

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import TODAY
from .donation_common import DonationCase

SCAN = base64.b64encode(b"%PDF-1.4 a ticket")


@tagged("post_install", "-at_install")
class TestDonationInKind(DonationCase):
    def _balances(self, gift):
        return {line.account_id: line.balance for line in gift.move_id.line_ids}

    def _class_8(self, gift, kind):
        account = self.company.__getitem__
        amount = gift.amount
        return {
            account(f"gift_{kind}_used_account_id"): amount,
            account(f"gift_{kind}_given_account_id"): -amount,
        }

    def test_goods_are_described_and_valued_by_the_giver(self):
        gift = self._gift(self.patron, 800, nature="goods")
        with self.assertRaisesRegex(UserError, "Describe"):
            gift.action_confirm()
        gift.description = "Two sheets of marine plywood"
        gift.action_confirm()
        gift.action_receive("2026-03-05")
        self.assertEqual((gift.state, str(gift.date_received)), ("received", "2026-03-05"))
        self.assertEqual(gift.move_id.journal_id, self.company.gift_kind_journal_id)
        self.assertEqual(self._balances(gift), self._class_8(gift, "goods"))
        self.assertFalse(gift._ineligible_reasons())
        self.assertEqual(gift._receipt_text(), "Two sheets of marine plywood")

    def test_goods_lent_are_another_account(self):
        gift = self._gift(self.patron, 300, nature="goods", goods_lent=True, description="A van for a week")
        gift.action_receive(TODAY)
        self.assertEqual(self._balances(gift), self._class_8(gift, "lent"))

    def test_skills_are_days_people_and_their_cost(self):
        gift = self.Donation.create(
            {
                "partner_id": self.patron.id,
                "nature": "skills",
                "skill_days": 2.5,
                "skill_people": 3,
                "skill_day_cost": 211.11,
                "description": "Composite moulding, taught by three workers",
            }
        )
        self.assertEqual(gift.amount, 1583.33)
        gift.action_receive(TODAY)
        self.assertEqual(self._balances(gift), self._class_8(gift, "skills"))
        self.assertIn("3 personnes, 2,5 j par personne", gift._receipt_text())
        with self.assertRaisesRegex(UserError, "can't change"):
            gift.skill_days = 3

    def test_the_work_of_a_person_is_volunteering_and_gives_no_receipt(self):
        gift = self._gift(nature="skills", amount=200, description="Accounts of the year")
        gift.action_receive(TODAY)
        self.assertEqual(self._balances(gift), self._class_8(gift, "volunteering"))
        self.assertIn("volunteering", gift._ineligible_reasons()[gift])

    def test_a_cancelled_gift_in_kind_is_reversed(self):
        gift = self._gift(self.patron, 800, nature="goods", description="Plywood")
        gift.action_receive(TODAY)
        gift.action_cancel("Rotten wood, taken back")
        self.assertEqual(gift.state, "cancelled")
        accounts = gift.move_id.line_ids.account_id
        lines = self.env["account.move.line"].search([("account_id", "in", accounts.ids)])
        self.assertEqual({line.parent_state for line in lines}, {"posted"})
        for account in accounts:
            own = lines.filtered(lambda line, account=account: line.account_id == account)
            self.assertEqual(sum(own.mapped("balance")), 0.0)

    def test_an_entry_reversed_by_the_accountant_voids_the_gift(self):
        gift = self._gift(self.patron, 800, nature="goods", description="Plywood")
        gift.action_receive(TODAY)
        gift.move_id._reverse_moves([{"date": TODAY}], cancel=True)
        self.assertEqual((gift.state, gift.payment), ("cancelled", "refunded"))

    def test_an_entry_put_back_to_draft_makes_it_a_promise(self):
        gift = self._gift(self.patron, 800, nature="goods", description="Plywood")
        gift.action_receive(TODAY)
        gift.move_id.button_draft()
        self.assertEqual(gift.state, "pledged")
        gift.move_id.action_post()
        self.assertEqual(gift.state, "received")

    def test_many_in_kind_are_received_at_once(self):
        gifts = self._gift(self.patron, 10, nature="goods", description="Screws") | self._gift(
            self.patron, 20, nature="skills", description="Welding"
        )
        gifts.action_receive(TODAY)
        self.assertEqual(gifts.mapped("state"), ["received", "received"])
        self.assertEqual(len(gifts.move_id), 2)

    def test_money_needs_its_payment(self):
        with self.assertRaisesRegex(UserError, "is money"):
            self._gift().action_receive(TODAY)


@tagged("post_install", "-at_install")
class TestDonationExpenses(DonationCase):
    def _claim(self, *lines, **vals):
        lines = lines or (
            {"name": "Auray – Vannes, fair", "kind": "distance", "vehicle": "car_5", "distance": 42.5, "date": TODAY},
            {"name": "Screws", "kind": "receipt", "amount": 12.4, "scan": SCAN, "date": TODAY},
        )
        return self.Donation.create(
            {
                "partner_id": self.donor.id,
                "nature": "expenses",
                "date": TODAY,
                "expense_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )

    def _rate(self, value, date_from="2026-01-01", code="gift_expense_km_car_5"):
        self.env["fabloch.legal.parameter"].create(
            {"code": code, "name": "Rate", "value": value, "date_from": date_from, "source": "Test"}
        )

    def test_kilometres_follow_the_scale_of_the_day(self):
        self._rate("0.5")
        self._rate("0.6", "2026-03-11")
        claim = self._claim(
            {"name": "A", "vehicle": "car_5", "distance": 10.1, "date": "2026-03-10"},
            {"name": "B", "vehicle": "car_5", "distance": 10.1, "date": "2026-03-11"},
        )
        self.assertEqual(claim.expense_ids.sorted("date").mapped("amount"), [5.05, 6.06])
        self.assertEqual(claim.amount, 11.11)

    def test_the_amount_of_a_trip_cannot_be_forced(self):
        self._rate("0.5")
        claim = self._claim({"name": "A", "vehicle": "car_5", "distance": 10})
        with self.assertRaisesRegex(ValidationError, "scale"):
            claim.expense_ids.amount = 4000
        with self.assertRaisesRegex(ValidationError, "scale"):
            self._claim({"name": "A", "vehicle": "car_5", "distance": 10, "amount": 5000})

    def test_a_claim_is_posted_as_a_debt_that_is_waived(self):
        self._rate("0.5")
        claim = self._claim()
        self.assertEqual(claim.amount, 33.65)
        claim.action_confirm()
        with self.assertRaisesRegex(UserError, "waiver"):
            claim.action_receive(TODAY)
        claim.waiver_date = TODAY
        claim.action_receive(TODAY)
        self.assertEqual((claim.state, claim.date_received), ("received", TODAY))
        company, lines = self.company, claim.move_id.line_ids
        rows = [(line.account_id, line.debit, line.credit) for line in lines.sorted("id")]
        self.assertCountEqual(
            rows,
            [
                (company.gift_trip_account_id, 21.25, 0.0),
                (company.gift_other_expense_account_id, 12.4, 0.0),
                (company.gift_volunteer_account_id, 0.0, 33.65),
                (company.gift_volunteer_account_id, 33.65, 0.0),
                (company.gift_waived_account_id, 0.0, 33.65),
            ],
        )
        owed = lines.filtered(lambda line: line.account_id == company.gift_volunteer_account_id)
        self.assertEqual(set(owed.mapped("reconciled")), {True})
        self.assertFalse(claim._ineligible_reasons())
        with self.assertRaisesRegex(UserError, "can't change"):
            claim.expense_ids[0].name = "Other"
        with self.assertRaisesRegex(UserError, "can't change"):
            claim.expense_ids[0].unlink()
        claim.action_cancel("Counted twice")
        balances = self.env["account.move.line"]._read_group(
            [("account_id", "in", lines.account_id.ids)], ["account_id"], ["balance:sum", "amount_residual:sum"]
        )
        self.assertEqual({row[1:] for row in balances}, {(0.0, 0.0)})

    def test_a_claim_that_shrinks_keeps_its_counterparts_within_the_limit(self):
        claim = self._claim({"name": "Glue", "kind": "receipt", "amount": 100}, counterpart_value=25)
        claim.action_confirm()
        with self.assertRaisesRegex(ValidationError, "counterparts"):
            claim.expense_ids.amount = 90
            self.env.flush_all()

    def test_a_receipt_needs_its_scan(self):
        claim = self._claim({"name": "Screws", "kind": "receipt", "amount": 12.4}, waiver_date=TODAY)
        with self.assertRaisesRegex(UserError, "scan"):
            claim.action_receive(TODAY)

    def test_beyond_the_first_kilometres_the_scale_is_lower(self):
        first = self._claim({"name": "A", "vehicle": "car_5", "distance": 4000, "date": TODAY}, waiver_date=TODAY)
        first.action_receive(TODAY)
        second = self._claim({"name": "B", "vehicle": "car_5", "distance": 1001, "date": TODAY}, waiver_date=TODAY)
        with self.assertRaisesRegex(UserError, "5001 km in 2026"):
            second.action_receive(TODAY)
        second.expense_ids.distance = 1000
        second.action_receive(TODAY)
        self.assertEqual(second.state, "received")

    def test_the_claim_prints_with_its_waiver(self):
        claim = self._claim()
        report = self.env.ref("fabloch_partnership.action_report_donation_claim")
        html = self.env["ir.actions.report"]._render_qweb_html(report.report_name, claim.ids)[0].decode()
        for text in ("Mona Ar Floc", "Auray – Vannes, fair", "Receipt enclosed", "I give up their repayment"):
            self.assertIn(text, html)
        self.assertIn("Signature of the volunteer", html)
        self.assertEqual(Date.to_string(claim.date), "2026-03-10")
