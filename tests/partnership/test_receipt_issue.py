"""What a receipt states, what is refused one, and how it is taken back."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .receipt_case import DAY, ReceiptCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestReceiptIssue(ReceiptCase):
    def test_individual_receipt_states_every_mention(self):
        gifts = self._gift(amount=80) + self._gift(amount=40.5, day="2026-02-20", payment_mode="cash")
        receipt = self.Receipt._issue(gifts)
        self.assertEqual((receipt.kind, receipt.amount, receipt.amount_cash), ("individual", 120.5, 120.5))
        text = self._text(receipt)
        for mention in (
            receipt.name,
            "11580*05",
            "CGI art. 200",
            "La FABrique du Test",
            "732 829 320",
            "W561234567",
            "12 rue des Makers",
            "56400 Auray",
            "Rendre accessible à tous la fabrication numérique",
            "Œuvre ou organisme d'intérêt général",
            "Mona Ar Floc'h",
            "1 rue du Test",
            "*** 120,50 € ***",
            "cent vingt euros et cinquante centimes",
            "03/02/2026",
            "20/02/2026",
            "Déclaration de don manuel",
            "Numéraire",
            "Chèque",
            "Remise d'espèces",
            "Soizic Le Bihan, présidente",
            "10 mars 2026",
            "du 3 février 2026 au 20 février 2026",
        ):
            self.assertIn(mention, text)

    def test_company_receipt_states_every_mention(self):
        gifts = (
            self._gift(self.patron, 1500, payment_mode="transfer")
            + self._gift(self.patron, 800, nature="goods", description="Établi de menuisier, 2 m, neuf", form="private")
            + self._gift(
                self.patron, 1200, nature="skills", description="3 jours de Loïc Riou, menuisier, mis à disposition"
            )
        )
        receipt = self.Receipt._issue(gifts)
        self.assertEqual((receipt.kind, receipt.amount_in_kind, receipt.amount_cash), ("company", 2000, 1500))
        text = self._text(receipt)
        for mention in (
            receipt.name,
            "16216",
            "CGI art. 238 bis",
            "Forme juridique : SARL",
            "443 061 841",
            "Chantier naval",
            "Établi de menuisier, 2 m, neuf",
            "3 jours de Loïc Riou, menuisier, mis à disposition",
            "Acte sous seing privé",
            "Virement, prélèvement, carte bancaire",
            "Total des dons en nature et compétences 2 000,00 €",
            "Total des versements en numéraire 1 500,00 €",
            "Total général 3 500,00 €",
            "*** 3 500,00 € ***",
            "trois mille cinq cents euros",
            "3 février 2026",
            "déterminée par l'entreprise donatrice",
        ):
            self.assertIn(mention, text)

    def test_copied_at_issue_and_nothing_follows_the_contact(self):
        receipt = self.Receipt._issue(self._gift())
        self.donor.write({"name": "Someone Else", "street": "elsewhere"})
        self.company.write({"receipt_object": "Another object", "receipt_signatory_name": "Another"})
        copy = self._text(receipt._copy_pdf())
        self.assertIn("Mona Ar Floc'h", copy)
        self.assertIn("DUPLICATA du 10 mars 2026", copy)
        self.assertIn("Soizic Le Bihan", copy)
        self.assertNotIn("Another", copy)
        self.assertNotIn("DUPLICATA", self._text(receipt), "the original stays as it was")

    def test_one_receipt_for_each_donor_and_fiscal_year(self):
        self.patron.write({"fiscalyear_last_month": 1, "fiscalyear_last_day": 31})
        gifts = (
            self._gift(self.patron, 10, "2026-01-31")
            + self._gift(self.patron, 20, "2026-02-01")
            + self._gift(self.patron, 30, "2026-03-01")
            + self._gift(amount=40, day="2025-12-31")
            + self._gift(amount=50, day="2026-01-01")
        )
        receipts = self.Receipt._issue(gifts, render=False)
        self.assertEqual(sorted(receipts.mapped("amount")), [10, 40, 50, 50])
        self.assertEqual(receipts.mapped("sequence_number"), [1, 2, 3, 4])
        self.assertEqual(receipts.mapped("name")[0], "2026-00001")

    def test_one_receipt_for_each_gift_when_asked(self):
        gifts = self._gift(amount=10) + self._gift(amount=20)
        receipts = self.Receipt._issue(gifts, per_gift=True, render=False)
        self.assertEqual(receipts.mapped("amount"), [10, 20])

    def test_the_contact_of_a_company_gives_for_it(self):
        contact = self.env["res.partner"].create({"name": "Accounts", "parent_id": self.patron.id})
        receipt = self.Receipt._issue(self._gift(contact), render=False)
        self.assertEqual((receipt.partner_id, receipt.donor_siren), (self.patron, "443061841"))

    # -- Refusals -------------------------------------------------------------------------------------

    def _refused(self, gifts, words, **options):
        refusals = self.Receipt._refusals(gifts, **options)
        self.assertEqual(set(refusals), set(gifts))
        for reason in refusals.values():
            self.assertIn(words, reason)
        before = self.Receipt.search_count([])
        with self.assertRaisesRegex(UserError, "No tax receipt was issued"):
            self.Receipt._issue(gifts, render=False, **options)
        self.assertEqual(self.Receipt.search_count([]), before)

    def test_unpaid_is_refused(self):
        gift = self._gift()
        gift.sudo().write({"state": "pledged", "date_received": False})
        self._refused(gift, "not received")

    def test_refunded_is_refused(self):
        gift = self._gift()
        gift.sudo().write({"state": "cancelled"})
        self._refused(gift, "cancelled or refunded")

    def test_already_on_a_live_receipt_is_refused(self):
        gift = self._gift()
        receipt = self.Receipt._issue(gift, render=False)
        self._refused(gift, receipt.name)

    def test_ineligible_is_refused(self):
        gift = self._gift()
        self.patch(type(gift), "_ineligible_reasons", lambda gifts: dict.fromkeys(gifts, "counterpart too high"))
        self._refused(gift, "counterpart too high")

    def test_donor_without_address_is_refused(self):
        self.donor.zip = False
        self._refused(self._gift(), "address of Mona")

    def test_company_without_siren_is_refused(self):
        for number in (False, "443061842", "44306184100048", "12"):
            self.patron.company_registry = number
            self._refused(self._gift(self.patron), "SIREN")

    def test_company_without_legal_form_is_refused(self):
        self.patron.legal_form = False
        self._refused(self._gift(self.patron), "legal form")

    def test_two_fiscal_years_of_the_donor_on_one_receipt_are_refused(self):
        self.patron.write({"fiscalyear_last_month": 1, "fiscalyear_last_day": 31})
        gifts = self._gift(self.patron, 10, "2026-01-31") + self._gift(self.patron, 20, "2026-02-01")
        self._refused(gifts, "two fiscal years", together=True)

    def test_body_without_settings_is_refused(self):
        gift = self._gift()
        self.company.receipt_object = False
        self._refused(gift, "the object")
        self.company.write({"receipt_object": "x", "receipt_signatory_name": False})
        self._refused(gift, "signatory")

    def test_undescribed_or_without_payment_mode_is_refused(self):
        self._refused(self._gift(self.patron, nature="goods", payment_mode=False), "not described")
        self._refused(self._gift(payment_mode=False), "payment mode")

    def test_numbers_follow_the_dates(self):
        self.Receipt._issue(self._gift(), render=False)
        with self.assertRaisesRegex(UserError, "numbers follow the dates"):
            self.Receipt._issue(self._gift(), date="2026-03-09", render=False)
        with self.assertRaisesRegex(UserError, "today or on a past day"):
            self.Receipt._issue(self._gift(), date="2026-03-11", render=False)

    # -- Taken back -------------------------------------------------------------------------------------

    def test_cancel_frees_the_gift_and_keeps_the_receipt(self):
        gift = self._gift()
        receipt = self.Receipt._issue(gift)
        hash_before = receipt.sha256
        with self.assertRaises(AccessError):
            receipt.with_user(self.officer).action_cancel("wrong")
        with self.assertRaisesRegex(UserError, "Say why"):
            receipt.with_user(self.manager).action_cancel(" ")
        receipt.with_user(self.manager).action_cancel("wrong address")
        self.assertEqual((receipt.state, receipt.sha256), ("cancelled", hash_before))
        self.assertEqual(receipt.cancelled_by_id, self.manager)
        self.assertTrue(receipt._is_intact())
        self.assertIn("ANNULÉ le 10 mars 2026 – motif : wrong address", self._text(receipt._copy_pdf()))
        with self.assertRaisesRegex(UserError, "cancelled already"):
            receipt.action_cancel("again")
        gift.payment_mode = "cash"
        again = self.Receipt._issue(gift, render=False)
        self.assertEqual((again.sequence_number, again.line_ids.payment_mode), (2, "cash"))
        self.assertEqual(receipt.line_ids.payment_mode, "cheque")

    def test_replace_keeps_both_and_says_so(self):
        self.donor.street = "wrong street"
        receipt = self.Receipt._issue(self._gift() + self._gift(amount=5))
        self.donor.street = "7 rue Juste"
        new = receipt.with_user(self.manager).action_replace("wrong address")
        self.assertEqual((receipt.state, new.state, new.replaces_id), ("cancelled", "live", receipt))
        self.assertEqual((new.amount, receipt.replacement_ids), (105, new))
        text = self._text(new)
        self.assertIn(f"Annule et remplace le reçu n° {receipt.name}", text)
        self.assertIn("7 rue Juste", text)
        self.assertIn("wrong street", self._text(receipt))

    def test_gift_on_a_live_receipt_is_locked(self):
        gift = self._gift()
        receipt = self.Receipt._issue(gift, render=False)
        for vals in (
            {"payment_mode": "cash"},
            {"amount": 1},
            {"partner_id": self.payer.id},
            {"date": "2026-01-01"},
            {"state": "cancelled"},
            {"date_received": False},
        ):
            with self.assertRaisesRegex(UserError, f"{receipt.name}: cancel that receipt first"):
                gift.sudo().write(vals)
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            gift.unlink()
        gift.write({"amount": 100.0, "convention_id": False})  # nothing that the receipt states changes

    def test_lost_payment_flags_the_receipt(self):
        gift = self._gift()
        receipt = self.Receipt.with_user(self.officer)._issue(gift.with_user(self.officer), render=False)
        self.env.flush_all()
        self.assertFalse(receipt.to_check)
        # As the books do it: what is computed is written below `write`.
        for _twice in range(2):
            self.env["fabloch.donation"].browse(gift.id).sudo()._write_multi([{"state": "pledged"}])
            gift.modified(["state"])
            gift.invalidate_recordset(["state"])
            self.env.cr.flush()
        self.assertTrue(receipt.to_check)
        self.assertIn("no longer received", receipt.check_reason)
        activity = receipt.sudo().activity_ids
        self.assertEqual(len(activity), 1, "asked once")
        self.assertEqual(activity.user_id, self.officer)
        receipt.with_user(self.officer).action_checked()
        self.assertFalse(receipt.to_check or receipt.sudo().activity_ids)

    # -- Who ------------------------------------------------------------------------------------------------

    def test_officer_issues_board_reads(self):
        gift = self._gift()
        board = self._user("board member", "fabloch_finance.group_finance_board")
        with self.assertRaises(AccessError):
            self.Receipt.with_user(board)._issue(gift.with_user(board))
        receipt = self.Receipt.with_user(self.officer)._issue(gift.with_user(self.officer))
        self.assertEqual(receipt.with_user(board).amount, 100)
        self.assertEqual(receipt.env.user, self.officer)
        self.assertTrue(receipt.sha256)

    def test_cost_of_an_issue(self):
        donors = self.env["res.partner"].create(
            [{"name": f"D{n}", "street": "1 rue", "zip": "56400", "city": "Auray"} for n in range(60)]
        )
        gifts = self.env["fabloch.donation"].concat(*(self._gift(donor) for donor in donors for _twice in range(2)))
        counts = []
        for few in (gifts[:20], gifts[20:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            receipts = self.Receipt._issue(few, render=False)
            self.env.flush_all()
            counts.append((len(receipts), self.env.cr.sql_log_count - before))
        (few, cost_few), (many, cost_many) = counts
        self.assertEqual((few, many), (10, 50))
        self.assertLess(cost_many - cost_few, (many - few) * 0.2, "a receipt costs no query of its own")
        self.assertLess(cost_many, 40)

    def test_day_of_the_test(self):
        self.assertEqual(self.Receipt._issue(self._gift(), render=False).date, DAY("2026-03-10"))
