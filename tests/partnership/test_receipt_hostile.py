"""What an inspector or an attacker tries on gifts and their receipts."""

from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .donation_common import DonationCase
from .receipt_case import ReceiptCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31")
class TestMoneyThatDidNotCome(DonationCase):
    """The books are what a receipt rests on: what wasn't paid in money is no gift of money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.friends = cls.env["fabloch.membership.plan"].create(
            {
                "name": "Ami",
                "product_id": cls._fee_product(30).id,
                "period": "rolling",
                "months": 12,
                "tangible_counterpart": False,
            }
        )

    @classmethod
    def _fee_product(cls, price):
        return cls.env["product.product"].create(
            {"name": "Cotisation", "type": "service", "list_price": price, "taxes_id": False}
        )

    def _fee(self):
        membership = self.env["fabloch.membership"].create(
            {"partner_id": self.donor.id, "plan_id": self.friends.id, "date_start": TODAY}
        )
        membership._confirm(TODAY, invoice=True)
        return membership

    def _pay(self, moves, **vals):
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"payment_date": TODAY, "journal_id": self.bank.id, **vals})
            ._create_payments()
        )

    def test_what_is_written_off_was_not_given(self):
        gift = self._gift(amount=100)
        gift.action_expect(TODAY)
        write_off = self.company.gift_other_expense_account_id
        self._pay(gift.move_id, amount=60, payment_difference_handling="reconcile", writeoff_account_id=write_off.id)
        self.assertNotEqual(gift.state, "received")
        self.assertIn(gift, gift._ineligible_reasons())

    def test_what_is_written_off_without_an_entry_of_the_payment_was_not_given(self):
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        self.test_what_is_written_off_was_not_given()

    def test_a_whole_payment_without_an_entry_of_its_own_is_received(self):
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        gift = self._gift(amount=100)
        gift.action_expect(TODAY)
        self._pay(gift.move_id)
        self.assertEqual(gift.state, "received")

    def test_a_fee_given_back_in_part_gives_no_receipt_of_the_whole(self):
        membership = self._fee()
        membership.action_fee_as_gift()
        gift, invoice = membership.donation_ids, membership.charge_ids.invoice_id
        self._pay(invoice)
        self.assertFalse(gift._ineligible_reasons())
        refund = invoice._reverse_moves([{"invoice_date": TODAY, "date": TODAY}])
        refund.invoice_line_ids.price_unit = 10
        refund.action_post()
        self.assertIn(gift, gift._ineligible_reasons())

    def test_two_gifts_of_one_day_share_the_ceiling(self):
        gifts = self._gift(self.patron, 15000) | self._gift(self.patron, 15000)
        gifts.action_confirm()
        self.assertEqual(sum(gifts.mapped("benefit_amount")), 12000.0)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestReceiptAttacks(ReceiptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Batch = cls.env["fabloch.tax.receipt.batch"]
        cls.elsewhere = cls.env["res.company"].create({"name": "Ailleurs"})

    def _refused_by_sql(self, act):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.env.cr.savepoint(flush=False),
        ):
            act()
            self.env.flush_all()
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_no_gift_is_added_to_an_issued_receipt(self):
        receipt = self.Receipt._issue(self._gift(), render=False)
        other = self._gift(amount=900)
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        vals = {"receipt_id": receipt.id, **self.Receipt._prepare_line_vals(other)}
        lines = self.env["fabloch.tax.receipt.line"].with_context(fabloch_issue=True).sudo()
        self._refused_by_sql(lambda: lines.create(vals))

    def test_a_batch_starts_as_a_draft_of_who_makes_it(self):
        Batch = self.Batch.with_user(self.officer)
        with self.assertRaises(UserError):
            Batch.create({"state": "issuing", "user_id": self.manager.id})
        batch = Batch.with_context(default_state="issuing", default_user_id=self.manager.id).create({})
        self.assertEqual((batch.state, batch.user_id), ("draft", self.officer))

    def test_the_batch_of_another_company_is_out_of_reach(self):
        batch = self.Batch.sudo().create({"company_id": self.elsewhere.id})
        with self.assertRaises(AccessError):
            batch.with_user(self.officer).action_preview()

    def test_the_window_names_no_gift_of_another_company(self):
        self.donor.name = "Secret donor"
        gift = self._gift(company_id=self.elsewhere.id)
        wizard = self.env["fabloch.tax.receipt.issue"].with_user(self.officer)
        try:
            [values] = wizard.web_save({"donation_ids": [(6, 0, gift.ids)]}, {"refusals": {}, "ready_count": {}})
        except AccessError:
            return
        self.assertNotIn("Secret", values["refusals"] or "")

    def test_an_archived_donor_gets_the_receipt_of_the_year(self):
        self._gift(day="2025-05-01")
        house = self.patron
        contact = self.env["res.partner"].create({"name": "C", "parent_id": house.id})
        self._gift(contact, day="2025-06-01")
        self.donor.active = False
        (contact | house).active = False
        self.env.flush_all()
        self.env.invalidate_all()
        batch = self.Batch.with_user(self.officer).create(
            {"date_from": "2025-01-01", "date_to": "2025-12-31", "send_mail": False}
        )
        batch.action_start()
        with patch.object(type(self.Receipt), "_print_missing", lambda receipts: None):
            batch.sudo()._step()
        self.assertEqual(batch.receipt_ids.partner_id, self.donor | house)

    def test_merging_gifts_on_a_receipt_away_is_refused_or_flagged(self):
        contact, other = self.env["res.partner"].create(
            [{"name": "Contact", "parent_id": self.patron.id, "email": "a@x.fr"}, {"name": "Autre", "email": "a@x.fr"}]
        )
        gift = self._gift(contact)
        receipt = self.Receipt._issue(gift, render=False)
        self.assertEqual(receipt.partner_id, self.patron)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        try:
            wizard._merge((contact | other).ids, other)
        except UserError:
            return
        self.env.invalidate_all()
        self.assertTrue(receipt.to_check, gift.partner_id.name)

    def test_a_receipt_whose_print_failed_is_printed_by_the_next_run(self):
        receipt = self.Receipt._issue(self._gift(), render=False)
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *a, **k: float("inf"))
        self.Batch._cron_run()
        self.assertFalse(receipt.sha256, "somebody may be printing it")
        with freeze_time("2099-01-01"):
            self.Batch._cron_run()
        self.assertTrue(receipt.sha256)

    def test_a_batch_costs_at_most_twelve_queries_a_receipt(self):
        """Issue, keep, and mail; the renderer itself is left out."""
        donors = self.env["res.partner"].create(
            [
                {"name": f"D{n}", "street": "1 rue", "zip": "56400", "city": "Auray", "email": f"d{n}@example.com"}
                for n in range(40)
            ]
        )
        for donor in donors:
            self._gift(donor, day="2024-05-01")
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *a, **k: float("inf"))
        batch = self.Batch.with_user(self.officer).create({"date_from": "2024-01-01", "date_to": "2024-12-31"})
        batch.action_start()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with patch.object(type(self.Receipt), "_render_pdfs", lambda receipts, stamp=None: [b"%PDF"] * len(receipts)):
            self.Batch._cron_run()
        self.env.flush_all()
        self.assertEqual((batch.state, batch.mailed_count), ("done", 40))
        self.assertLessEqual((self.env.cr.sql_log_count - before) / 40, 12)

    def test_the_statement_is_that_of_the_exercise(self):
        """CGI art. 222 bis: the calendar year, or the exercise when it is another one."""
        self.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        with freeze_time("2026-06-30"):
            self.Receipt._issue(self._gift(amount=10, day="2025-07-01"), render=False)
            self.Receipt._issue(self._gift(amount=20, day="2025-06-30"), render=False)
        with freeze_time("2026-07-01"):
            self.Receipt._issue(self._gift(amount=40, day="2026-02-03"), render=False)
        self.env.flush_all()
        statements = self.env["fabloch.tax.receipt.statement"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            [(each.year, each.amount, each.amount_of_year, each.amount_before) for each in statements],
            [(2027, 40.0, 0.0, 40.0), (2026, 30.0, 10.0, 20.0)],
        )
        self.assertEqual([sum(each._receipts().mapped("amount")) for each in statements], [40.0, 30.0])
        self.assertEqual(str(statements[1].deadline), "2026-09-30")
        self.assertIn("du 1er juillet 2025 au 30 juin 2026", self._text(statements[1]._render_pdf()))

    def test_one_receipt_that_cannot_be_printed_does_not_hold_up_the_others(self):
        donors = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "street": "1 rue", "zip": "56400", "city": "Auray", "email": f"p{n}@example.com"}
                for n in range(4)
            ]
        )
        for donor in donors:
            self._gift(donor, day="2024-05-01")
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *a, **k: float("inf"))
        batch = self.Batch.with_user(self.officer).create({"date_from": "2024-01-01", "date_to": "2024-12-31"})
        batch.action_start()

        def render(receipts, stamp=None):
            if "P1" in receipts.mapped("donor_name"):
                raise ValueError("broken")
            return [b"%PDF"] * len(receipts)

        with (
            patch.object(type(self.Receipt), "_render_pdfs", render),
            mute_logger("odoo.addons.fabloch_partnership.models.tax_receipt_batch_run"),
        ):
            self.Batch._cron_run()
        self.assertEqual((batch.state, batch.printed_count, batch.mailed_count), ("printing", 3, 0))
        self.Batch._cron_run()
        self.assertEqual((batch.state, batch.printed_count, batch.mailed_count), ("done", 4, 4))
