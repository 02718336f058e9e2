"""Promises in instalments, and one reminder for each that is late."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestDonationPromise(DonationCase):
    def _promise(self, **vals):
        wizard = self.env["fabloch.donation.promise"].with_user(self.officer)
        return wizard.create({"partner_id": self.donor.id, "total": 100, "count": 3, "date": TODAY, **vals})

    def test_instalments_sum_to_the_whole(self):
        action = self._promise(step="quarter").action_promise()
        gifts = self.Donation.search(action["domain"], order="date")
        self.assertEqual(gifts.mapped("amount"), [33.34, 33.33, 33.33])
        self.assertEqual([str(day) for day in gifts.mapped("date")], ["2026-03-10", "2026-06-10", "2026-09-10"])
        self.assertEqual(set(gifts.mapped("state")), {"pledged"})
        self.assertEqual(gifts[1:].promise_id, gifts[0])
        self.assertEqual(len(set(gifts.mapped("name"))), 3)

    def test_the_last_day_of_a_month_comes_back(self):
        wizard = self._promise(date="2026-01-31")
        self.assertEqual([str(wizard._date(rank)) for rank in range(3)], ["2026-01-31", "2026-02-28", "2026-03-31"])

    def test_no_instalment_is_empty(self):
        for vals in ({"count": 0}, {"count": 121}, {"total": 0.02, "count": 3}, {"total": 0}):
            with self.assertRaises(ValidationError):
                self._promise(**vals)

    @settings(max_examples=100, deadline=None)
    @given(total=st.integers(120, 10**9), count=st.integers(1, 120))
    def test_any_split_is_exact(self, total, count):
        wizard = self.env["fabloch.donation.promise"].new({"total": total / 100, "count": count, "date": TODAY})
        amounts = [round(amount * 100) for amount in wizard._amounts()]
        self.assertEqual((len(amounts), sum(amounts)), (count, total))
        self.assertLessEqual(max(amounts) - min(amounts), 1)


@tagged("post_install", "-at_install")
class TestDonationReminder(DonationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([]).gift_remind_after = 0
        cls.company.gift_remind_after = 15
        cls.donor.write({"email": "mona@example.com", "lang": "en_US"})
        cls.Reminder = cls.env["fabloch.donation.reminder"]

    def _remind(self, day):
        with freeze_time(day):
            due = self.Donation.search(self.Reminder._due_domain(self.company))
            return self.Reminder._send(due)

    def test_a_late_promise_is_reminded_of_once(self):
        gift = self._gift(date="2026-03-10")
        gift.action_confirm()
        self.assertNotIn(gift, self._remind("2026-03-24"))
        self.assertIn(gift, self._remind("2026-03-25"))
        mail = self.env["mail.mail"].search([("model", "=", "fabloch.donation"), ("res_id", "=", gift.id)])
        self.assertEqual(mail.recipient_ids, self.donor)
        self.assertIn("100.00", mail.body_html)
        self.assertIn("/membership/unsubscribe/", mail.body_html)
        self.assertNotIn(gift, self._remind("2026-03-26"))
        self.assertFalse(self.Reminder._send(gift))
        self.assertEqual(len(gift.reminder_ids), 1)

    def test_who_gave_said_no_or_is_away_is_left_in_peace(self):
        received, draft, old = self._gift(), self._gift(), self._gift(date="2025-01-01")
        (received | old).action_confirm()
        self._receive(received)
        expected = self._gift(self.patron)
        expected.action_confirm()
        found = self._remind("2026-04-10")
        self.assertFalse(found & (received | draft | old | expected))

    def test_an_opt_out_is_honoured(self):
        gift = self._gift()
        gift.action_confirm()
        self.donor.membership_mail_opt_out = True
        self.assertNotIn(gift, self._remind("2026-04-01"))

    def test_a_promise_that_bounced_is_reminded_of(self):
        gift = self._gift()
        gift.action_expect(TODAY)
        self.assertEqual(gift.payment, "expected")
        self.assertIn(gift, self._remind("2026-04-01"))

    def test_no_days_no_mail(self):
        self.company.gift_remind_after = 0
        gift = self._gift(date="2026-03-10")
        gift.action_confirm()
        with freeze_time("2026-04-01"), self.enter_registry_test_mode():
            self.env.ref("fabloch_partnership.ir_cron_donation_remind").method_direct_trigger()
        self.assertFalse(gift.reminder_ids)

    def test_the_cron_mails_in_the_language_of_the_donor(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("fabloch_partnership.mail_template_gift_late")
        template.with_context(lang="fr_FR").subject = "Votre promesse de don"
        self.donor.lang = "fr_FR"
        gift = self._gift(date="2026-03-10")
        gift.action_confirm()
        with freeze_time("2026-04-01"), self.enter_registry_test_mode():
            self.env.ref("fabloch_partnership.ir_cron_donation_remind").method_direct_trigger()
        mail = self.env["mail.mail"].search([("model", "=", "fabloch.donation"), ("res_id", "=", gift.id)])
        self.assertEqual(mail.subject, "Votre promesse de don")
