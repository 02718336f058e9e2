"""The receipts of a year in one go: in steps, resumable, each gift once, each mail once."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_partnership.models import tax_receipt_batch_run

from .receipt_case import DAY, ReceiptCase

RUN = "odoo.addons.fabloch_partnership.models.tax_receipt_batch_run"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestReceiptBatch(ReceiptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Batch = cls.env["fabloch.tax.receipt.batch"]
        cls.donors = cls.env["res.partner"].create(
            [
                {"name": f"Donor {n}", "street": "1 rue", "zip": "56400", "city": "Auray", "email": f"d{n}@example.com"}
                for n in range(6)
            ]
        )
        cls.gifts = cls.env["fabloch.donation"].concat(
            *(cls._gift(donor, 10 * n + 10, day="2025-05-01") for n, donor in enumerate(cls.donors))
        )
        cls._gift(cls.donors[0], 7, day="2026-01-02")  # of another year

    def setUp(self):
        super().setUp()
        # The cron commits; inside a test everything stays in one transaction.
        self.commits = []

        def commit(_cron, processed=0, *, remaining=None, deactivate=False):
            self.commits.append((processed, remaining))
            return float("inf")

        self.patch(self.env.registry["ir.cron"], "_commit_progress", commit)

    def _batch(self, **vals):
        return self.Batch.with_user(self.officer).create({"date_from": "2025-01-01", "date_to": "2025-12-31", **vals})

    def _run(self, batch):
        batch.action_start()
        self.Batch._cron_run()
        return batch

    def test_a_batch_is_named_after_its_year_or_its_days(self):
        batch = self.Batch.create({})
        self.assertEqual(batch.name, "2025")
        batch.date_to = "2025-06-30"
        self.assertEqual(batch.name, "01/01/2025 – 06/30/2025")

    def test_default_period_is_last_year(self):
        batch = self.Batch.create({})
        self.assertEqual((batch.date_from, batch.date_to), (DAY("2025-01-01"), DAY("2025-12-31")))

    def test_preview_then_run(self):
        self.donors[1].zip = False
        batch = self._batch()
        batch.action_preview()
        self.assertEqual((batch.donor_count, batch.preview_gift_count, batch.preview_amount), (6, 5, 190))
        self.assertIn("address", batch.refusal_ids.reason)
        self.assertEqual(batch.refusal_ids.donation_id, self.gifts[1])
        self.assertFalse(batch.receipt_ids)
        with patch(f"{RUN}.DONORS_PER_STEP", 2):
            self._run(batch)
        self.assertEqual((batch.state, batch.progress), ("done", 100))
        self.assertEqual((batch.receipt_count, batch.printed_count, batch.mailed_count), (5, 5, 5))
        self.assertEqual((batch.amount, batch.refusal_count), (190, 1))
        self.assertEqual(batch.receipt_ids.line_ids.donation_id, self.gifts - self.gifts[1])
        self.assertEqual(sorted(batch.receipt_ids.mapped("sequence_number")), [1, 2, 3, 4, 5])
        self.assertTrue(all(receipt._is_intact() for receipt in batch.receipt_ids))
        for receipt in batch.receipt_ids:
            text = self._text(receipt)
            self.assertIn(receipt.name, text)
            self.assertIn(receipt.donor_name, text)

    def test_mails_carry_their_own_pdf_once(self):
        batch = self._run(self._batch())
        mails = self.env["mail.mail"].sudo().search([("model", "=", "fabloch.tax.receipt")])
        self.assertEqual(len(mails), 6)
        for mail in mails:
            receipt = self.Receipt.browse(mail.res_id)
            self.assertEqual(mail.attachment_ids.datas, receipt.with_context(bin_size=False).pdf)
            self.assertEqual(mail.recipient_ids, receipt.partner_id)
        batch.sudo().state = "mailing"
        self.Batch._cron_run()
        self.assertEqual(self.env["mail.mail"].sudo().search_count([("model", "=", "fabloch.tax.receipt")]), 6)

    def test_without_mail_or_address_nobody_is_written_to(self):
        self.donors[0].email = False
        batch = self._run(self._batch())
        self.assertEqual((batch.mailed_count, batch.state), (5, "done"))
        self.gifts.receipt_line_ids.receipt_id.action_cancel("again")
        batch = self._run(self._batch(send_mail=False))
        self.assertEqual((batch.receipt_count, batch.mailed_count, batch.state), (6, 0, "done"))

    def test_smallest_amount_kind_and_each_gift(self):
        self._gift(self.patron, 500, day="2025-04-01")
        self._gift(self.donors[0], 15, day="2025-06-01")
        batch = self._run(self._batch(kind="individual", amount_min=25, send_mail=False, per_gift=True))
        amounts = sorted(batch.receipt_ids.mapped("amount"))
        self.assertEqual(amounts, [10, 15, 30, 40, 50, 60], "20 is too little; 10 and 15 are one donor's")
        batch = self._run(self._batch(kind="company", send_mail=False))
        self.assertEqual(batch.receipt_ids.partner_id, self.patron)

    def test_second_batch_finds_nothing(self):
        self._run(self._batch(send_mail=False))
        with self.assertRaisesRegex(UserError, "No gift of this period"):
            self._batch().action_start()

    def test_stopped_in_the_middle_goes_on(self):
        batch = self._batch(send_mail=False)
        batch.action_start()
        real = tax_receipt_batch_run.TaxReceiptBatchRun._issue_for
        seen = []

        def fail_at_third(this, donor_ids):
            seen.append(donor_ids)
            if len(seen) == 3:
                raise RuntimeError("killed")
            return real(this, donor_ids)

        with patch(f"{RUN}.DONORS_PER_STEP", 2):
            with patch.object(type(batch), "_issue_for", fail_at_third), self.assertRaisesRegex(RuntimeError, "killed"):
                self.Batch._cron_run()
            self.env.invalidate_all()
            self.assertEqual((batch.position, batch.receipt_count, batch.progress), (4, 4, 66))
            self.Batch._cron_run()
        self.assertEqual((batch.state, batch.receipt_count), ("done", 6))

    def test_who_breaks_a_step_is_set_aside(self):
        batch, culprit = self._batch(send_mail=False), self.donors[3]
        real = type(self.Receipt)._prepare_receipt_vals

        def prepare(this, group, date):
            if group.donor == culprit:
                raise ValueError("nobody foresaw it")
            return real(this, group, date)

        self.patch(type(self.Receipt), "_prepare_receipt_vals", prepare)
        with mute_logger(RUN):
            self._run(batch)
        self.assertEqual(batch.refusal_ids.partner_id, culprit)
        self.assertIn("nobody foresaw it", batch.refusal_ids.reason)
        self.assertEqual(sorted(batch.receipt_ids.mapped("sequence_number")), [1, 2, 3, 4, 5])

    def test_started_batch_is_settled(self):
        batch = self._run(self._batch(send_mail=False))
        with self.assertRaisesRegex(UserError, "started"):
            batch.action_start()
        with self.assertRaisesRegex(UserError, "can't be changed"):
            batch.write({"date_to": "2026-01-01"})
        with self.assertRaisesRegex(UserError, "progress"):
            batch.write({"state": "draft"})
        with self.assertRaisesRegex(UserError, "is kept"):
            batch.unlink()

    def test_cost_does_not_grow_with_the_donors(self):
        donors = self.env["res.partner"].create(
            [{"name": f"D{n}", "street": "1 rue", "zip": "56400", "city": "Auray"} for n in range(150)]
        )
        self.env["fabloch.donation"].concat(*(self._gift(donor, day="2024-05-01") for donor in donors[:50]))
        self.env["fabloch.donation"].concat(*(self._gift(donor, day="2023-05-01") for donor in donors[50:]))
        costs = {}
        with patch.object(type(self.Receipt), "_print_missing", lambda receipts: None):
            for count, year in ((50, 2024), (100, 2023)):
                batch = self._batch(date_from=f"{year}-01-01", date_to=f"{year}-12-31", send_mail=False)
                batch.action_start()
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                batch.sudo()._step()
                self.env.flush_all()
                costs[count] = self.env.cr.sql_log_count - before
                self.assertEqual(batch.receipt_count, count)
        self.assertLess(costs[100] - costs[50], 15)
        self.assertLess(costs[100], 100 * 1, "12 a receipt are allowed; a step needs less than one")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestReceiptStatement(ReceiptCase):
    def test_equals_the_live_receipts(self):
        gifts = [
            self._gift(amount=10.1, day="2025-12-31"),
            self._gift(amount=20.2),
            self._gift(self.patron, 1000),
            self._gift(self.payer, 33),
        ]
        receipts = [self.Receipt._issue(gift, render=False) for gift in gifts]
        receipts[3].action_cancel("wrong")
        self.env.flush_all()
        statement = self.env["fabloch.tax.receipt.statement"].search(
            [("company_id", "=", self.company.id), ("year", "=", 2026)]
        )
        self.assertEqual((statement.receipt_count, round(statement.amount, 2)), (3, 1030.3))
        self.env.cr.execute(
            """
            SELECT count(DISTINCT r.id), sum(l.amount) FROM fabloch_tax_receipt_line l
              JOIN fabloch_tax_receipt r ON r.id = l.receipt_id
             WHERE l.live AND r.company_id = %s AND r.date BETWEEN '2026-01-01' AND '2026-12-31'
            """,
            [self.company.id],
        )
        count, total = self.env.cr.fetchone()
        self.assertEqual((statement.receipt_count, round(statement.amount, 2)), (count, round(float(total), 2)))
        self.assertEqual((round(statement.amount_before, 2), round(statement.amount_of_year, 2)), (10.1, 1020.2))
        self.assertEqual(statement.cancelled_count, 1)
        self.assertEqual(statement._receipts(), self.Receipt.concat(*receipts[:3]))
        text = self._text(statement._render_pdf())
        for mention in ("CGI art. 222 bis", "Reçus fiscaux délivrés en 2026", "1 030,30 €", "4 mai 2027", "2026-00003"):
            self.assertIn(mention, text)

    def test_deadline(self):
        deadline = self.env["fabloch.tax.receipt.statement"]._deadline
        for year, day in ((2024, "2025-05-05"), (2025, "2026-05-05"), (2026, "2027-05-04"), (2022, "2023-05-03")):
            self.assertEqual(deadline(self.company, year), DAY(day), year)
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        self.assertEqual(deadline(self.company, 2025), fields.Date.to_date("2025-11-30"))

    def test_deadline_follows_the_parameters(self):
        self.env["fabloch.legal.parameter"].create(
            {
                "code": "gift_statement_working_day",
                "name": "x",
                "value": "3",
                "date_from": "2026-01-01",
                "source": "x",
            }
        )
        deadline = self.env["fabloch.tax.receipt.statement"]._deadline
        self.assertEqual(deadline(self.company, 2025), DAY("2026-05-05"))
        self.assertEqual(deadline(self.company, 2026), DAY("2027-05-05"))
