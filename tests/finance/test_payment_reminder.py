"""Who is reminded of an unpaid invoice, when, how, and who isn't."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .unpaid import TODAY, UnpaidCase


@tagged("post_install", "-at_install")
class TestPaymentReminder(UnpaidCase):
    def _on(self, days):
        """The clock, that many days from today."""
        self.env.flush_all()
        self.env.invalidate_all()
        return freeze_time(f"{TODAY + timedelta(days=days)} 09:00:00")

    def test_three_levels_in_order_with_the_days_of_the_settings(self):
        self.company.write({"fabloch_remind_days_1": 5, "fabloch_remind_days_2": 10, "fabloch_remind_days_3": 20})
        invoice = self._move(self.anna, 100, days_late=0)
        went = []
        for day in range(1, 80):
            with self._on(day):
                if not self._told(invoice)["Anna"]:
                    went.append((day, self._rows(invoice).level))
        self.assertEqual(went, [(5, 1), (15, 2), (35, 3)])
        self.assertEqual(invoice.fabloch_reminder_ids.sorted("date").mapped("level"), [1, 2, 3])
        with self._on(80):
            self.assertEqual(self._rows(invoice).status, "done")
            self.assertIn("three times", self._told(invoice)["Anna"])
        subjects = self._mails(self.anna).sorted("id").mapped("subject")
        self.assertEqual(
            [subject.split(":")[1].split(",")[0].split("(")[0].strip() for subject in subjects],
            ["a payment you may have forgotten", "second reminder", "last reminder"],
        )

    def test_one_mail_a_payer_lists_what_is_ripe_each_with_its_level(self):
        old = self._move(self.anna, 100, days_late=30)
        self.assertFalse(self._told(old)["Anna"])
        with self._on(16):
            young = self._move(self.anna, 50.5, days_late=9)
            early = self._move(self.anna, 7, days_late=2)
            self.assertEqual(self._told(young), {"Anna": ""})
            mail = self._mails(self.anna).sorted("id")[-1:]
            self.assertEqual(len(self._mails(self.anna)), 2)
            for text in (old.name, young.name, "46", "9", "150.50", "First reminder", "Second reminder"):
                self.assertIn(text, mail.body_html)
            self.assertIn(f"/my/invoices/{old.id}?access_token=", mail.body_html)
            self.assertNotIn(early.name, mail.body_html)
            self.assertIn("second reminder", mail.subject)
            self.assertEqual((old | young | early).mapped("fabloch_reminder_level"), [2, 1, 0])
            row = young.fabloch_reminder_ids
            self.assertEqual((row.amount, row.email, row.user_id), (50.5, "anna@example.com", self.env.user))
            self.assertEqual(row.message_id, mail.mail_message_id)
            self.assertIn("First reminder sent to anna@example.com", "".join(young.message_ids.mapped("body")))

    def test_never_twice_on_a_day(self):
        invoice = self._move(self.anna, 100)
        self.assertEqual(self._told(invoice), {"Anna": ""})
        self.assertIn("today already", self._told(invoice)["Anna"])
        self.assertEqual(len(self._mails(self.anna)), 1)
        self.assertEqual(self._rows(invoice).status, "today")

    def test_a_payment_a_credit_note_and_a_cancellation_stop_everything(self):
        paid, reversed_, partly = (self._move(self.anna, 100), self._move(self.yann, 60), self._move(self.yann, 80))
        self._pay(paid)
        reversed_._reverse_moves([{}], cancel=True)
        self._pay(partly, amount=30)
        self.assertIn("everything is paid", self._told(paid)["Anna"])
        self.assertEqual(self._told(reversed_ | partly), {"Yann": ""})
        self.assertEqual(partly.fabloch_reminder_ids.amount, 50)
        self.assertFalse(reversed_.fabloch_reminder_ids)
        with self._on(40):
            self._pay(partly)
            self.assertFalse(partly.fabloch_is_late)
            self.assertIn("everything is paid", self._told(partly)["Yann"])

    def test_a_pause_holds_until_its_last_day(self):
        promised, disputed, other = (self._move(payer, 10) for payer in self._payers("P", "D", "O"))
        promised.write({"fabloch_remind_pause": "promise", "fabloch_remind_paused_until": TODAY + timedelta(days=3)})
        pause = self.env["fabloch.payment.pause"].with_context(
            active_model="fabloch.unpaid.report", active_ids=self._rows(disputed).ids
        )
        pause.create({"reason": "dispute", "scope": "payer"}).action_apply()
        self.assertEqual(disputed.partner_id.fabloch_remind_pause, "dispute")
        other.action_toggle_block_payment()
        told = self._told(promised | disputed | other)
        self.assertIn("Promised to pay, until", told["P"])
        self.assertIn("Disputed", told["D"])
        self.assertIn("blocked", told["O"])
        with self._on(3):
            self.assertTrue(self._told(promised)["P"])
        with self._on(4):
            self.assertEqual(self._told(promised | disputed)["P"], "")
            pause.create({"reason": False, "scope": "payer"}).action_apply()
            self.assertEqual(self._told(disputed), {"D": ""})

    def test_nobody_is_dunned_while_his_money_waits(self):
        invoice = self._move(self.anna, 100)
        refund = self._move(self.anna, 30, kind="out_refund")
        self.assertIn("30.00", self._told(invoice)["Anna"])
        self.assertFalse(self._mails(self.anna))
        (invoice | refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(self._told(invoice), {"Anna": ""})
        self.assertEqual(invoice.fabloch_reminder_ids.amount, 70)

    def test_the_law_on_late_payment_is_for_businesses_only(self):
        [firm] = self._payers("Firm", is_company=True)
        mails = {}
        for payer in (self.anna, firm):
            invoice = self._move(payer, 100, days_late=40)
            for days in (0, 15, 30):
                with self._on(days):
                    self.assertEqual(self._told(invoice), {payer.name: ""})
            mails[payer] = self._mails(payer).sorted("id").mapped("body_html")
        self.assertFalse([body for body in mails[self.anna] if "40" in body.split("Total")[1] or "penalties" in body])
        self.assertFalse([body for body in mails[firm][:2] if "penalties" in body])
        self.assertIn("penalties", mails[firm][2])
        self.assertIn("L. 441-10", mails[firm][2])
        self.assertIn("€\xa040", mails[firm][2].replace("40\xa0€", "€\xa040").replace("€40", "€\xa040"))

    def test_without_a_mail_address_others_still_get_theirs(self):
        [silent] = self._payers("Silent", email=False)
        [clerk] = self._payers("Clerk", email=False, parent_id=self._payers("House", is_company=True).id)
        invoices = self._move(silent, 10) | self._move(self.yann, 20) | self._move(clerk, 30)
        told = self._told(invoices)
        self.assertIn("e-mail", told["Silent"])
        self.assertEqual((told["Yann"], told["Clerk"]), ("", ""))
        self.assertEqual(invoices[2].fabloch_reminder_ids.email, "house@example.com")

    def test_a_mail_that_breaks_holds_up_nobody(self):
        payers = self._payers("A", "B", "C")
        invoices = self.env["account.move"].union(*(self._move(payer, 10) for payer in payers))
        table = type(invoices)._fabloch_reminder_table

        def broken(move):
            if move.partner_id.name == "B":
                raise ValueError("no such thing")
            return table(move)

        logger = "odoo.addons.fabloch_finance.models.payment_reminder"
        with (
            patch.object(type(invoices), "_fabloch_reminder_table", broken),
            mute_logger(logger, "odoo.addons.mail.models.mail_render_mixin"),
        ):
            told = self._told(invoices)
        self.assertEqual((told["A"], told["C"]), ("", ""))
        self.assertTrue(told["B"])
        self.assertFalse(invoices[1].fabloch_reminder_ids)

    def test_the_cron_reminds_where_it_is_wanted_and_asks_to_act(self):
        [silent] = self._payers("Silent", email=False)
        invoices = self._move(silent, 10) | self._move(self.yann, 20) | self._move(self.anna, 30)
        self._move(self.anna, 5, kind="out_refund")
        with self.enter_registry_test_mode():
            self.env.ref("fabloch_finance.ir_cron_remind").method_direct_trigger()
            self.assertFalse(self._rows(invoices).filtered("level"))
            self.company.fabloch_remind_auto = True
            for _time in range(2):
                self.env.ref("fabloch_finance.ir_cron_remind").method_direct_trigger()
        self.assertEqual(invoices.mapped("fabloch_reminder_level"), [0, 1, 0])
        kind = self.env.ref("fabloch_finance.mail_activity_type_reminder")
        activities = self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])
        self.assertEqual(set(activities.mapped("res_name")), {"Silent", "Anna"})
        self.assertEqual(len(activities), 2)
        silent.email = "silent@example.com"
        with self.enter_registry_test_mode():
            self.env.ref("fabloch_finance.ir_cron_remind").method_direct_trigger()
        self.assertEqual(activities.exists().mapped("res_name"), ["Anna"])

    def test_the_cron_goes_on_where_its_time_was_over(self):
        payers = self._payers(*(f"Payer {number}" for number in range(5)))
        invoices = self.env["account.move"].union(*(self._move(payer, 10) for payer in payers))
        self.company.fabloch_remind_auto = True
        counts = []

        def commit(_cron, processed=0, **_options):
            return 0 if processed else 60

        for _run in range(4):
            with (
                patch("odoo.addons.fabloch_finance.models.payment_reminder_cron.PAYERS_PER_BATCH", 2),
                patch.object(type(self.env["ir.cron"]), "_commit_progress", commit),
            ):
                self.Reminder._cron_remind()
            counts.append(len(invoices.fabloch_reminder_ids))
        self.assertEqual(counts, [2, 4, 5, 5])
        self.assertEqual(len(self._mails(payers)), 5)

    def test_a_batch_costs_the_same_for_five_and_for_fifty(self):
        counts = []
        for size in (1, 5, 45):
            payers = self._payers(*(f"Payer {size} {number}" for number in range(size)))
            moves = self.env["account.move"].union(*(self._move(payer, 10) for payer in payers))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(self._told(moves).values()), {""})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 2, counts)

    def test_only_those_who_invoice_remind(self):
        invoice = self._move(self.anna, 100)
        board = self._user("board", "fabloch_finance.group_finance_board,account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.Reminder.with_user(board)._remind(invoice.with_user(board))
        desk = self._user("desk", "fabloch_finance.group_finance_user")
        action = self._rows(invoice).with_user(desk).action_remind()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(invoice.fabloch_reminder_ids.user_id, desk)
        self.assertEqual(self.Reminder.with_user(board).search([]).mapped("level"), [1])
        for user in (board, desk):
            rows = self.Reminder.with_user(user)
            self.assertFalse([right for right in ("create", "write", "unlink") if rows.has_access(right)])
        other = self._company("Another one")
        stranger = self._user("stranger", "fabloch_finance.group_finance_user", company=other)
        elsewhere = self.Reminder.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search([]))
        with self.assertRaises(AccessError):
            elsewhere._remind(invoice.with_user(stranger).with_context(allowed_company_ids=other.ids))

    def test_preview_tells_who_gets_what_and_then_what_became_of_it(self):
        [silent] = self._payers("Silent", email=False)
        self._move(self.anna, 100)
        self._move(silent, 10)
        desk = self._user("desk2", "fabloch_finance.group_finance_user")
        action = self.Unpaid.with_user(desk).action_preview_reminders()
        remind = self.env["fabloch.payment.remind"].with_user(desk).browse(action["res_id"])
        self.assertEqual((remind.ready_count, remind.skipped_count), (1, 1))
        line = remind.line_ids[0]
        self.assertEqual((line.partner_id, line.level, line.amount), (self.anna, 1, 100))
        self.assertIn("slipped your mind", line.body)
        self.assertIn("100.00", line.subject)
        self.assertFalse(self._mails(self.anna))
        remind.action_send()
        self.assertEqual((remind.state, remind.ready_count), ("done", 1))
        self.assertEqual(self._mails(self.anna).mail_message_id.body.count("slipped your mind"), 1)
