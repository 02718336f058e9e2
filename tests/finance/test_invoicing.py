from datetime import date, timedelta
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_finance.models import charge_invoicing
from odoo.addons.fabloch_finance.models.charge_invoicing import last_monthly_date

from .common import TODAY, FinanceCase

ENGINE_LOG = "odoo.addons.fabloch_finance.models.invoicing_run"


@tagged("post_install", "-at_install")
class TestInvoicing(FinanceCase):
    def test_one_posted_invoice_for_each_payer(self):
        charges = self._charges(amounts=[20, 30]) | self._charges(self.other_payer, [5])
        run = charges._invoice(TODAY)
        self.assertEqual((run.state, run.invoice_count, run.amount, run.failure_count), ("done", 2, 55.0, 0))
        self.assertEqual(set(charges.mapped("state")), {"invoiced"})
        invoice = charges[0].invoice_id
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 50.0))
        self.assertEqual(invoice.invoice_line_ids.mapped("name"), ["Laser 0", "Laser 1"])
        self.assertEqual((invoice.invoice_date, invoice.invoice_date_due), (TODAY, TODAY))

    def test_the_payment_term_of_the_payer_sets_the_due_date(self):
        self.payer.property_payment_term_id = self.env.ref("account.account_payment_term_30days")
        charge = self._charges()
        charge._invoice(TODAY)
        self.assertEqual(charge.invoice_id.invoice_date_due, TODAY + timedelta(days=30))

    def test_what_is_not_billable_yet_waits(self):
        later = self._charges(date=TODAY + timedelta(days=1))
        run = later._invoice(TODAY)
        self.assertEqual((run.invoice_count, later.state), (0, "to_invoice"))

    def test_a_second_run_makes_nothing(self):
        charges = self._charges()
        charges._invoice(TODAY)
        self.assertEqual(charges._invoice(TODAY).invoice_count, 0)

    def test_lines_stand_under_the_name_of_each_user(self):
        company = self._payers("Atelier du Golfe", is_company=True)
        people = self.env["res.partner"].create([{"name": name, "parent_id": company.id} for name in ("Enora", "Malo")])
        charges = self._charges(people[0], [10, 11]) | self._charges(people[1], [12])
        charges._invoice(TODAY)
        lines = charges.invoice_id.invoice_line_ids.sorted("sequence")
        self.assertEqual(lines.mapped("name"), ["Enora", "Laser 0", "Laser 1", "Malo", "Laser 0"])

    def test_drafts_when_the_company_posts_by_hand(self):
        self.company.fabloch_invoicing_post = False
        charge = self._charges()
        charge._invoice(TODAY)
        self.assertEqual((charge.invoice_id.state, charge.state), ("draft", "invoiced"))

    def test_invoices_are_handed_to_the_background_mailing(self):
        self.company.fabloch_invoicing_send = True
        self.payer.email = "anna@example.com"
        charges = self._charges() | self._charges(self.other_payer)
        charges._invoice(TODAY)
        self.assertTrue(charges[0].invoice_id.is_being_sent)
        self.assertFalse(charges[1].invoice_id.is_being_sent, "no e-mail: nothing to send")

    def test_each_currency_has_its_invoice(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        charges = self._charges() | self._charges(currency_id=pound.id)
        run = charges._invoice(TODAY)
        self.assertEqual(run.invoice_count, 2)
        self.assertEqual(charges[1].invoice_id.currency_id, pound)

    def test_a_company_invoices_in_its_own_books_and_currency(self):
        other = self._other_company()
        product = self._product("Laser abroad")
        product.with_company(other).property_account_income_id = self.env["account.account"].search(
            [("company_ids", "in", other.ids), ("account_type", "=", "income")], limit=1
        )
        abroad = self.Charge.with_company(other).create(
            {
                "partner_id": self.payer.id,
                "product_id": product.id,
                "price_unit": 7,
                "date": TODAY,
                "company_id": other.id,
            }
        )
        runs = (self._charges() | abroad)._invoice(TODAY)
        self.assertEqual(runs.company_id, self.company | other)
        self.assertEqual(abroad.invoice_id.company_id, other)
        self.assertEqual(abroad.invoice_id.currency_id, other.currency_id)
        self.assertNotEqual(other.currency_id, self.company.currency_id, "the test would prove nothing")

    def _other_company(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        other = self.env["res.company"].create(
            {"name": "Fablab abroad", "currency_id": pound.id, "fabloch_invoicing_send": False}
        )
        self.env["account.chart.template"].try_loading("generic_coa", company=other, install_demo=False)
        other.currency_id = pound  # the chart set its own
        self.env.user.company_ids |= other
        self.env = self.env(context=dict(self.env.context, allowed_company_ids=(self.company | other).ids))
        self.Charge = self.Charge.with_env(self.env)
        return other


@tagged("post_install", "-at_install")
class TestInvoicingFailures(FinanceCase):
    """A payer who fails holds up nobody; the reason is on the run and asks somebody to act."""

    def assertOnlyFails(self, bad, reason):
        good = self._charges(self.other_payer)
        run = (bad | good)._invoice(TODAY)
        self.assertEqual(good.state, "invoiced", "the others are invoiced")
        self.assertEqual(set(bad.mapped("state")), {"to_invoice"})
        self.assertEqual(run.failure_ids.charge_ids, bad)
        self.assertRegex(run.failure_ids.reason, reason)
        return run

    def _activities(self, record):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
                ("activity_type_id", "=", self.env.ref("fabloch_finance.mail_activity_type_invoicing").id),
            ]
        )

    def test_archived_payer(self):
        charge = self._charges()
        self.payer.active = False
        self.assertOnlyFails(charge, "archived")

    def test_payer_without_address_until_it_has_one(self):
        self.payer.write({"street": False, "city": False})
        charge = self._charges()
        self.assertOnlyFails(charge, "Street.*City")
        self.assertEqual(len(self._activities(self.payer)), 1)
        charge._invoice(TODAY)
        self.assertEqual(len(self._activities(self.payer)), 1, "one activity, not one a day")
        self.payer.write({"street": "2 rue du Port", "city": "Auray"})
        charge._invoice(TODAY)
        self.assertEqual(charge.state, "invoiced")
        self.assertFalse(self._activities(self.payer), "nobody has to act any more")

    def test_locked_period(self):
        charges = self._charges() | self._charges(self.other_payer)
        self.company.fiscalyear_lock_date = TODAY
        run = charges._invoice(TODAY)
        self.assertEqual((run.invoice_count, run.failure_count), (0, 2))
        self.assertIn("locked", run.failure_ids[0].reason)
        self.assertEqual(len(self._activities(run)), 1, "one activity on the run, none on each payer")
        self.assertFalse(self._activities(self.payer))
        run = charges._invoice(TODAY, invoice_date=TODAY + timedelta(days=1))
        self.assertEqual(run.invoice_count, 2, "a date after the lock is the remedy that the message names")

    def test_product_without_income_account(self):
        self.company.income_account_id = False
        product = self._product("Orphan")
        product.categ_id = self.env["product.category"].create({"name": "Bare"})
        product.categ_id.property_account_income_categ_id = False
        self.assertOnlyFails(self._charges(product_id=product.id), "Orphan")

    def test_archived_currency(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        charge = self._charges(currency_id=pound.id)
        pound.active = False
        self.assertOnlyFails(charge, "GBP")

    def test_payer_of_another_company(self):
        charge = self._charges()
        self.payer.company_id = self.env["res.company"].create({"name": "Other fablab"})
        self.assertOnlyFails(charge, "Other fablab")

    def test_company_without_sale_journal(self):
        charge = self._charges()
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        run = charge._invoice(TODAY)
        self.assertIn("sale journal", run.failure_ids.reason)

    def test_archived_journal(self):
        charges = self._charges() | self._charges(self.other_payer)
        journal = self.company._fabloch_invoicing_journal().copy()
        self.company.fabloch_invoicing_journal_id = journal
        journal.active = False
        run = charges._invoice(TODAY)
        self.assertIn("sale journal", run.failure_ids[0].reason)
        self.assertFalse(self._activities(self.payer), "the company has to act, not its payers")

    def test_a_lock_asks_once_until_it_is_lifted(self):
        charge = self._charges()
        self.company.fiscalyear_lock_date = TODAY
        first = charge._invoice(TODAY)
        charge._invoice(TODAY)
        self.assertEqual(len(first._company_activities()), 1)
        self.company.fiscalyear_lock_date = False
        charge._invoice(TODAY)
        self.assertFalse(first._company_activities(), "nobody has to act any more")

    def test_what_still_fails_is_still_asked_for(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        bad = self._charges(currency_id=pound.id)
        pound.active = False
        (bad | self._charges())._invoice(TODAY)
        self.assertEqual(len(self._activities(self.payer)), 1)
        self._charges()._invoice(TODAY)
        self.assertEqual(len(self._activities(self.payer)), 1, "another invoice doesn't mend it")
        pound.active = True
        bad._invoice(TODAY)
        self.assertFalse(self._activities(self.payer))

    def test_the_follow_up_goes_to_somebody_who_can_act(self):
        desk = self._user("desk", "fabloch_finance.group_finance_user")
        outsider = self._user("outsider", "base.group_user")
        self.payer.city = False
        charge = self._charges()
        self.company.fabloch_invoicing_user_id = desk
        charge._invoice(TODAY)
        self.assertEqual(self._activities(self.payer).user_id, desk)
        self._activities(self.payer).unlink()
        for unable in (outsider, desk):
            self.company.fabloch_invoicing_user_id = unable
            desk.active = False
            charge._invoice(TODAY)
            self.assertNotIn(self._activities(self.payer).user_id, outsider | desk)
            self._activities(self.payer).unlink()

    def test_a_failure_outlives_its_contact_and_is_told_in_plain_text(self):
        self.payer.city = False
        charge = self._charges()
        with patch.object(
            self.env.registry["fabloch.charge"],
            "_payer_problem",
            lambda charges, group: charge_invoicing.InvoicingProblem("<b>1 < 2</b>", "payer"),
        ):
            run = charge._invoice(TODAY)
        self.assertIn("&lt;b&gt;1 &lt; 2&lt;/b&gt;", self._activities(self.payer).note)
        charge.unlink()
        self.payer.unlink()
        self.assertEqual(run.failure_ids.name, "Anna Le Goff")

    @mute_logger(ENGINE_LOG)
    def test_what_nobody_foresaw_is_isolated_by_halves(self):
        payers = self._payers(*(f"Payer {number}" for number in range(9)))
        charges = self.Charge.concat(*(self._charges(payer) for payer in payers))
        Move = self.env.registry["account.move"]
        post = Move.action_post

        def action_post(moves):
            if payers[5] in moves.partner_id:
                raise UserError("The moon is full")
            return post(moves)

        with patch.object(Move, "action_post", action_post):
            run = charges._invoice(TODAY)
        self.assertEqual((run.invoice_count, run.failure_count), (8, 1))
        self.assertEqual(run.failure_ids.partner_id, payers[5])
        self.assertEqual(run.failure_ids.reason, "The moon is full")
        self.assertFalse(self.env["account.move"].search([("partner_id", "=", payers[5].id)]))

    def test_a_race_is_not_taken_for_a_failure_of_the_payer(self):
        charge = self._charges()

        def action_post(moves):
            raise psycopg2.errors.SerializationFailure()

        with patch.object(self.env.registry["account.move"], "action_post", action_post):
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                charge._invoice(TODAY)

    def test_preview_says_what_the_run_does(self):
        self.other_payer.zip = False
        self._charges(amounts=[20, 15])
        self._charges(self.other_payer)
        preview = Form(self.env["fabloch.invoicing.preview"])
        preview.date = TODAY
        preview = preview.save()
        told = {line.partner_id: (line.charge_count, line.amount, bool(line.problem)) for line in preview.line_ids}
        self.assertEqual(told, {self.payer: (2, 35.0, False), self.other_payer: (1, 20.0, True)})
        self.assertEqual((preview.ready_count, preview.problem_count, preview.amount), (1, 1, 35.0))
        run = self.env["fabloch.invoicing.run"].browse(preview.action_invoice()["res_id"])
        self.assertEqual((run.invoice_count, run.amount), (1, 35.0))
        self.assertEqual(run.failure_ids.reason, preview.line_ids.filtered("problem").problem)

    def test_preview_leaves_the_monthly_payers_to_their_day(self):
        self.company.fabloch_invoicing_day = 5
        self.payer.invoicing_frequency = "monthly"
        self._charges(date=TODAY)
        self._charges(self.other_payer, date=TODAY)
        preview = self.env["fabloch.invoicing.preview"].create({"date": TODAY, "only_due": True})
        self.assertEqual(preview.line_ids.partner_id, self.other_payer)
        preview.only_due = False
        self.assertEqual(preview.line_ids.partner_id, self.payer | self.other_payer)

    def test_preview_of_chosen_charges_only_and_of_one_company(self):
        charges = self._charges(amounts=[20, 15])
        context = {"active_model": "fabloch.charge", "active_ids": charges[0].ids}
        preview = self.env["fabloch.invoicing.preview"].with_context(**context).create({"date": TODAY})
        self.assertEqual(preview.amount, 20.0)
        other = self.env["res.company"].create({"name": "Other fablab"})
        abroad = self._charges(company_id=other.id, product_id=self._product("Shared").id)
        context["active_ids"] = (charges | abroad).ids
        with self.assertRaisesRegex(UserError, "one company"):
            self.env["fabloch.invoicing.preview"].with_context(**context).create({"date": TODAY})

    def test_preview_of_nothing_says_what_to_do(self):
        preview = self.env["fabloch.invoicing.preview"].create({"date": TODAY})
        with self.assertRaisesRegex(UserError, "later date"):
            preview.action_invoice()


@tagged("post_install", "-at_install")
class TestSums(FinanceCase):
    def test_never_an_invoice_of_zero(self):
        charges = self._charges(amounts=[20, -20])
        run = charges._invoice(TODAY)
        self.assertEqual((run.invoice_count, run.failure_count), (0, 0))
        self.assertEqual(set(charges.mapped("state")), {"to_invoice"})
        more = self._charges(amounts=[5])
        (charges | more)._invoice(TODAY)
        self.assertEqual(more.invoice_id.amount_untaxed, 5.0)
        self.assertEqual(charges.invoice_id, more.invoice_id)

    def test_a_rebate_is_a_negative_line(self):
        charges = self._charges(amounts=[20, -5])
        charges._invoice(TODAY)
        self.assertEqual(charges.invoice_id.amount_untaxed, 15.0)
        self.assertEqual(charges.invoice_id.move_type, "out_invoice")

    def test_less_than_nothing_makes_a_credit_note(self):
        charges = self._charges(amounts=[-20, 5])
        run = charges._invoice(TODAY)
        self.assertEqual(charges.invoice_id.move_type, "out_refund")
        self.assertEqual((charges.invoice_id.amount_untaxed, run.amount), (15.0, -15.0))

    def _taxed(self, amount, rate=20, **vals):
        tax = self.env["account.tax"].create({"name": f"Tax {rate} {vals}", "amount": rate, **vals})
        charge = self._charges(amounts=[amount], tax_ids=[Command.set(tax.ids)])
        return charge

    def test_the_sum_to_pay_decides_taxes_included(self):
        charges = self._charges(amounts=[20]) | self._taxed(-19)
        charges._invoice(TODAY)
        self.assertEqual(charges.invoice_id.move_type, "out_refund")
        self.assertEqual(charges.invoice_id.amount_total, 2.8)

    def test_nothing_to_pay_taxes_included_is_not_invoiced(self):
        charges = self._taxed(20) | self._charges(amounts=[-24])
        self.assertEqual(charges._invoice(TODAY).invoice_count, 0)

    def test_tax_alone_is_invoiced(self):
        charges = self._taxed(20) | self._charges(amounts=[-20])
        charges._invoice(TODAY)
        self.assertEqual(charges.invoice_id.amount_total, 4.0)

    def test_a_tax_that_changed_after_the_quote_is_told_and_not_invoiced(self):
        charge = self._taxed(120, price_include_override="tax_included")
        self.assertEqual(charge.amount, 100.0)
        charge.tax_ids.amount = 10
        with mute_logger(ENGINE_LOG):
            run = charge._invoice(TODAY)
        self.assertIn("what was charged", run.failure_ids.reason)
        charge.tax_ids.amount = 20
        charge.tax_ids.active = False
        run = charge._invoice(TODAY)
        self.assertIn("archived", run.failure_ids.reason)
        self.assertEqual(charge.state, "to_invoice")

    def test_lines_sum_to_the_total_or_the_setting_is_named(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        charges = self._charges(amounts=[10.01] * 3, discount=50)
        with mute_logger(ENGINE_LOG):
            run = charges._invoice(TODAY)
        self.assertIn("Round per Line", run.failure_ids.reason)
        self.company.tax_calculation_rounding_method = "round_per_line"
        run = charges._invoice(TODAY)
        self.assertEqual(run.amount, sum(charges.mapped("amount")))
        self.assertEqual(charges.invoice_id.amount_total, run.amount)


@tagged("post_install", "-at_install")
class TestAfterwards(FinanceCase):
    """What becomes of the charge when its invoice changes."""

    def _invoiced(self, **vals):
        charge = self._charges(**vals)
        charge._invoice(TODAY)
        return charge

    def test_reset_to_draft_keeps_the_charge_invoiced(self):
        charge = self._invoiced()
        charge.invoice_id.button_draft()
        self.assertEqual(charge.state, "invoiced")
        self.assertEqual(charge._invoice(TODAY).invoice_count, 0)

    def test_a_deleted_draft_gives_the_charge_back(self):
        self.company.fabloch_invoicing_post = False
        charge = self._invoiced()
        charge.invoice_id.unlink()
        self.assertEqual((charge.state, charge.invoice_line_id.id), ("to_invoice", False))

    def test_a_line_taken_off_a_draft_gives_its_charge_back(self):
        self.company.fabloch_invoicing_post = False
        charges = self._charges(amounts=[20, 30])
        charges._invoice(TODAY)
        charges[0].invoice_line_id.unlink()
        self.assertEqual(charges.mapped("state"), ["to_invoice", "invoiced"])

    def test_a_cancelled_invoice_gives_the_charge_back_and_stays_cancelled(self):
        charge = self._invoiced()
        first = charge.invoice_id
        first.button_draft()
        first.button_cancel()
        self.assertEqual(charge.state, "to_invoice")
        with self.assertRaisesRegex(UserError, "cancelled invoice"), self.env.cr.savepoint():
            charge.unlink()
        charge._invoice(TODAY)
        self.assertNotEqual(charge.invoice_id, first)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            with self.env.cr.savepoint():
                first.button_draft()
                self.env.flush_all()

    def test_the_database_refuses_a_second_live_line(self):
        charge = self._invoiced()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            with self.env.cr.savepoint():
                self.env["account.move"].create(
                    {
                        "move_type": "out_invoice",
                        "partner_id": self.payer.id,
                        "invoice_line_ids": [
                            Command.create({"product_id": self.product.id, "fabloch_charge_id": charge.id})
                        ],
                    }
                )
                self.env.flush_all()

    def test_an_invoice_says_what_was_charged_or_is_not_posted(self):
        self.company.fabloch_invoicing_post = False
        pound = self.env.ref("base.GBP")
        pound.active = True
        for change in (
            lambda invoice, line: {"invoice_line_ids": [Command.update(line.id, {"price_unit": 1.0})]},
            lambda invoice, line: {"invoice_line_ids": [Command.update(line.id, {"quantity": 2})]},
            lambda invoice, line: {"invoice_line_ids": [Command.update(line.id, {"discount": 10})]},
            lambda invoice, line: {"partner_id": self.other_payer.id},
            lambda invoice, line: {"currency_id": pound.id},
        ):
            charge = self._invoiced()
            invoice = charge.invoice_id
            invoice.write(change(invoice, charge.invoice_line_id))
            with self.assertRaisesRegex(UserError, "what was charged"), self.env.cr.savepoint():
                invoice.action_post()
        charge = self._invoiced()
        charge.invoice_id.action_switch_move_type()
        with self.assertRaisesRegex(UserError, "what was charged"), self.env.cr.savepoint():
            charge.invoice_id.action_post()
        charge = self._invoiced()
        charge.invoice_line_id.name = "In other words"
        charge.invoice_id.invoice_line_ids = [Command.create({"name": "Something more", "price_unit": 3})]
        charge.invoice_id.action_post()
        self.assertEqual(charge.invoice_id.amount_untaxed, 23.0)

    def test_reverse_and_create_would_bill_twice(self):
        charge = self._invoiced()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=charge.invoice_id.ids)
            .create({"journal_id": charge.invoice_id.journal_id.id, "date": TODAY})
        )
        with self.assertRaisesRegex(UserError, "second time"):
            wizard.modify_moves()

    def test_a_credit_note_stays_once_its_charge_is_charged_again(self):
        charge = self._invoiced()
        credit = self._credit(charge)
        again = charge.action_reinvoice()
        with self.assertRaisesRegex(UserError, "charged again since"):
            credit.button_draft()
        again.action_waive("Given up after all")
        credit.button_draft()
        self.assertEqual(charge.amount_credited, 0.0)

    def test_a_negative_charge_can_be_reversed_and_charged_again(self):
        charge = self._invoiced(amounts=[-20])
        self._credit(charge)
        self.assertEqual(charge.amount_credited, -20.0)
        self.assertEqual(charge.action_reinvoice().amount, -20.0)

    def _credit(self, charge, price=None):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=charge.invoice_id.ids)
            .create({"journal_id": charge.invoice_id.journal_id.id, "date": TODAY})
        )
        credit = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        if price:
            credit.invoice_line_ids.price_unit = price
        credit.action_post()
        return credit

    def test_a_credit_in_part_shows_and_is_not_invoiced_again(self):
        charge = self._invoiced()
        self._credit(charge, price=8)
        self.assertEqual((charge.state, charge.amount_credited), ("invoiced", 8.0))
        with self.assertRaisesRegex(UserError, "not fully credited"):
            charge.action_reinvoice()

    def test_a_full_credit_can_be_invoiced_again_once(self):
        charge = self._invoiced()
        self._credit(charge)
        self.assertEqual((charge.state, charge.amount_credited), ("invoiced", 20.0))
        self.assertEqual(charge._invoice(TODAY).invoice_count, 0, "never by itself")
        again = charge.action_reinvoice()
        self.assertEqual((again.state, again.amount, again.origin_charge_id), ("to_invoice", 20.0, charge))
        again._invoice(TODAY)
        self.assertNotEqual(again.invoice_id, charge.invoice_id)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            with self.env.cr.savepoint():
                charge.action_reinvoice()


@tagged("post_install", "-at_install")
class TestCron(FinanceCase):
    def setUp(self):
        super().setUp()
        # The cron commits; inside a test everything stays in one transaction.
        self.today = fields.Date.context_today(self.Charge)
        self.commits = []
        patcher = patch.object(
            self.env.registry["ir.cron"],
            "_commit_progress",
            lambda _cron, processed=0, *, remaining=None, deactivate=False: self._commit(processed, remaining),
        )
        patcher.start()
        self.addCleanup(patcher.stop)
        self.time_left = 1000

    def _commit(self, processed, remaining):
        self.env.flush_all()
        self.commits.append((processed, remaining))
        self.time_left -= processed
        return max(self.time_left, 0)

    def _runs(self):
        return self.env["fabloch.invoicing.run"].search([("company_id", "=", self.company.id)])

    def test_monthly_payers_wait_for_their_day(self):
        self.company.fabloch_invoicing_day = 28
        cut_off = last_monthly_date(self.today, 28)
        self.payer.invoicing_frequency = "monthly"
        old = self._charges(date=cut_off)
        new = self._charges(date=cut_off + timedelta(days=1))
        now = self._charges(self.other_payer, date=self.today)
        self.Charge._cron_invoice()
        expected = "invoiced" if cut_off == self.today else "to_invoice"
        self.assertEqual([old.state, new.state, now.state], ["invoiced", expected, "invoiced"])

    def test_the_company_sets_the_default_frequency(self):
        self.company.write({"fabloch_invoicing_frequency": "monthly", "fabloch_invoicing_day": 28})
        cut_off = last_monthly_date(self.today, 28)
        if cut_off == self.today:
            cut_off -= timedelta(days=1)
        self.other_payer.invoicing_frequency = "immediate"
        at_once = self._charges(self.other_payer, date=self.today)
        domain = self.Charge._due_domain(self.company, cut_off + timedelta(days=1))
        tomorrow = self._charges(date=cut_off + timedelta(days=1))
        self.assertNotIn(tomorrow, self.Charge.search(domain))
        self.Charge._cron_invoice()
        self.assertEqual(at_once.state, "invoiced")

    def test_the_choice_of_a_company_holds_at_its_invoice_address(self):
        self.company.fabloch_invoicing_day = 28
        company = self._payers("Menuiserie", is_company=True, invoicing_frequency="monthly")
        self.env["res.partner"].create({"name": "Accounts", "parent_id": company.id, "type": "invoice"})
        charge = self._charges(company, date=last_monthly_date(self.today, 28) + timedelta(days=1))
        if charge.date <= self.today:
            self.assertNotIn(charge, self.Charge.search(self.Charge._due_domain(self.company, charge.date)))
        self.assertEqual(charge.invoice_partner_id.invoicing_frequency, "monthly")

    @mute_logger("odoo.addons.fabloch_finance.models.charge_invoicing")
    def test_what_breaks_the_batch_itself_is_isolated_too(self):
        payers = self._payers(*(f"Payer {number}" for number in range(5)))
        charges = self.Charge.concat(*(self._charges(payer, date=self.today) for payer in payers))
        Charge = self.env.registry["fabloch.charge"]
        payer_problem = Charge._payer_problem

        def broken(records, group):
            if group.payer == payers[3]:
                raise ValueError("A hook of another addon")
            return payer_problem(records, group)

        with patch.object(Charge, "_payer_problem", broken):
            self.Charge._cron_invoice()
        self.assertEqual(charges.mapped("state"), ["invoiced"] * 3 + ["to_invoice", "invoiced"])
        failure = self._runs()[0].failure_ids
        self.assertEqual((failure.partner_id, failure.reason), (payers[3], "A hook of another addon"))

    def test_failures_of_the_night_are_told_in_the_language_of_who_follows_up(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.fabloch_invoicing_user_id = self._user("compta", "fabloch_finance.group_finance_manager")
        self.company.fabloch_invoicing_user_id.lang = "fr_FR"
        self.payer.city = False
        self._charges(date=self.today)
        self.Charge.with_context({})._cron_invoice()
        self.assertIn("Ville", self._runs()[0].failure_ids.reason)
        self.assertIn("manque", self._runs()[0].failure_ids.reason)

    def test_charges_that_make_up_for_each_other_leave_no_run_either(self):
        before = self._runs()
        self._charges(amounts=[20, -20], date=self.today)
        self.Charge._cron_invoice()
        self.assertEqual(self._runs(), before)

    def test_each_company_has_its_own_run(self):
        other = self.env["res.company"].create({"name": "Other fablab", "country_id": self.env.ref("base.fr").id})
        charge = self._charges(date=self.today)
        abroad = self._charges(company_id=other.id, product_id=self._product("Shared").id, date=self.today)
        self.Charge._cron_invoice()
        self.assertEqual(charge.state, "invoiced")
        run = self.env["fabloch.invoicing.run"].search([("company_id", "=", other.id)])
        self.assertIn("sale journal", run.failure_ids.reason)
        self.assertEqual((run.state, abroad.state), ("done", "to_invoice"))

    def test_a_company_can_do_without(self):
        self.company.fabloch_invoicing_auto = False
        charge = self._charges(date=self.today)
        self.Charge._cron_invoice()
        self.assertEqual(charge.state, "to_invoice")

    def test_a_day_with_nothing_to_do_leaves_no_run(self):
        before = self._runs()
        self.Charge._cron_invoice()
        self.assertEqual(self._runs(), before)

    def test_batches_are_committed_and_resumed_in_the_same_run(self):
        payers = self._payers(*(f"Payer {number}" for number in range(5)))
        payers[0].zip = False
        charges = self.Charge.concat(*(self._charges(payer, date=self.today) for payer in payers))
        self.time_left = 3
        with patch.object(charge_invoicing, "PAYERS_PER_BATCH", 2):
            self.Charge._cron_invoice()
            run = self._runs()[0]
            self.assertEqual(run.state, "running")
            self.assertEqual(self.commits, [(0, 5), (2, 3), (2, 1)])
            self.time_left = 1000
            self.Charge._cron_invoice()
        self.assertEqual(self._runs()[0], run, "the same run goes on")
        self.assertEqual((run.state, run.invoice_count, run.failure_count), ("done", 4, 1))
        self.assertEqual((charges - charges[0]).mapped("state"), ["invoiced"] * 4)

    def test_yesterdays_dead_run_is_told_and_todays_does_the_rest(self):
        dead = self.env["fabloch.invoicing.run"].create(
            {"date": self.today - timedelta(days=1), "company_id": self.company.id}
        )
        charge = self._charges(date=self.today)
        self.Charge._cron_invoice()
        self.assertEqual((dead.state, charge.state), ("interrupted", "invoiced"))
        self.assertEqual(charge.invoice_id.fabloch_run_id.state, "done")

    def test_monthly_date(self):
        self.assertEqual(last_monthly_date(date(2026, 3, 9), 10), date(2026, 2, 10))
        self.assertEqual(last_monthly_date(date(2026, 3, 10), 10), date(2026, 3, 10))
        self.assertEqual(last_monthly_date(date(2026, 1, 1), 28), date(2025, 12, 28))
