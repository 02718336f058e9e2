"""What becomes of a convention's money: charges, gifts, subsidies, bills, to the cent."""

from fractions import Fraction
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.fabloch_partnership.shares import share_out, share_out_amount

from .test_convention_life import ConventionCase

DAY = fields.Date.to_date


class InstalmentCase(ConventionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = {}
        for name, code, kind, reconcile in (
            ("receivable", "T441", "asset_current", True),
            ("income", "T741", "income", False),
            ("deferred", "T487", "liability_current", False),
        ):
            cls.accounts[name] = cls.env["account.account"].create(
                {"name": name, "code": code, "account_type": kind, "reconcile": reconcile}
            )
        cls.fee_account = cls.env["account.account"].create({"name": "fees", "code": "T628", "account_type": "expense"})
        cls.company.write(
            {
                "grant_receivable_account_id": cls.accounts["receivable"].id,
                "grant_income_account_id": cls.accounts["income"].id,
                "grant_deferred_account_id": cls.accounts["deferred"].id,
                "convention_fee_account_id": cls.fee_account.id,
                "fiscalyear_last_month": "12",
                "fiscalyear_last_day": 31,
            }
        )
        Donation = cls.env.registry["fabloch.donation"]
        if not hasattr(Donation, "action_confirm"):
            cls.startClassPatcher(
                patch.object(
                    Donation, "action_confirm", lambda self: self.sudo().write({"state": "pledged"}), create=True
                )
            )
            cls.startClassPatcher(
                patch.object(
                    Donation,
                    "action_cancel",
                    lambda self, reason=None: self.sudo().write({"state": "cancelled"}),
                    create=True,
                )
            )

    def _states(self, convention):
        return convention.instalment_ids.mapped("state")

    def _balances(self, moves):
        """{account: balance} over these entries."""
        totals = {}
        for line in moves.line_ids:
            totals[line.account_id] = round(totals.get(line.account_id, 0.0) + line.balance, 2)
        return {name: totals.get(account, 0.0) for name, account in self.accounts.items()}

    def _pay(self, move, account, amount=None):
        """Pay the receivable of a subsidy from the bank, as a reconciled statement line would."""
        line = move.line_ids.filtered(lambda each: each.account_id == account)
        amount = amount or line.amount_residual
        bank = self.env["account.account"].search(
            [("account_type", "=", "asset_cash"), ("company_ids", "in", self.company.ids)], limit=1
        )
        payment = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-03-10",
                "line_ids": [
                    Command.create({"account_id": bank.id, "balance": amount}),
                    Command.create({"account_id": account.id, "balance": -amount, "partner_id": line.partner_id.id}),
                ],
            }
        )
        payment.action_post()
        (line + payment.line_ids.filtered(lambda each: each.account_id == account)).reconcile()


@tagged("post_install", "-at_install")
class TestShares(ConventionCase):
    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=40))
    def test_the_parts_make_the_whole_and_none_is_a_unit_off(self, units, weights):
        shares = share_out(units, weights)
        self.assertEqual(sum(shares), units)
        total = sum(weights)
        for share, weight in zip(shares, weights, strict=True):
            if total:
                self.assertLess(abs(share - Fraction(units * weight, total)), 1)
            if total and not weight:
                self.assertEqual(share, 0)

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, 10**8), st.lists(st.integers(1, 10**6), min_size=1, max_size=24))
    def test_amounts_are_shared_to_the_cent(self, cents, weights):
        shares = share_out_amount(cents / 100, [weight / 100 for weight in weights], self.env.company.currency_id)
        self.assertEqual(sum(round(share * 100) for share in shares), cents)
        for share in shares:
            self.assertEqual(round(share, 2), share)


@tagged("post_install", "-at_install")
class TestCharges(InstalmentCase):
    def test_the_signature_makes_charges_on_their_dates(self):
        convention = self._ready(("2026-06-01", 300.10), ("2026-09-01", 199.90))
        self.assertEqual(self._states(convention), ["planned", "planned"])
        convention.action_send_to_signature()
        convention.with_user(self.officer).action_sign()
        charges = convention.instalment_ids.charge_id
        self.assertEqual(charges.mapped("date"), [DAY("2026-06-01"), DAY("2026-09-01")])
        self.assertEqual(charges.mapped("amount"), [300.10, 199.90])
        self.assertEqual(charges.partner_id, self.town)
        self.assertIn(convention.name, charges[0].name)
        self.assertEqual(self._states(convention), ["to_invoice", "to_invoice"])

    def test_the_state_follows_the_invoice(self):
        convention = self._signed(("2026-03-05", 300))
        instalment = convention.instalment_ids
        charge = instalment.charge_id
        self.assertTrue(instalment.is_late)
        charge._invoice("2026-03-10")
        self.assertEqual(instalment.state, "invoiced")
        with freeze_time("2026-06-30"):
            self.env.invalidate_all()
            self.assertTrue(instalment.is_late)
        invoice = charge.invoice_id
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        ).action_create_payments()
        self.assertEqual(instalment.state, "paid")
        charge._credit(100, "Mistake")
        self.assertEqual(instalment.state, "refunded")
        again = charge.action_reinvoice()
        self.assertEqual((again.instalment_id, instalment.charge_id), (instalment, again))
        self.assertEqual(instalment.state, "to_invoice")
        again.action_waive("Gone")
        self.assertEqual(instalment.state, "cancelled")

    def test_an_untaxed_amount_stays_so_with_taxes_in_the_price(self):
        tax = self.env["account.tax"].create(
            {"name": "20 incl", "amount": 20, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        self.sponsored.taxes_id = tax
        charge = self._signed(("2026-06-01", 333.33)).instalment_ids.charge_id
        self.assertEqual(charge.amount, 333.33)

    def test_the_link_is_the_engine_s(self):
        instalment = self._signed(("2026-06-01", 300)).instalment_ids
        charge = self._charges()
        for user in (self.officer, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                charge.with_user(user).instalment_id = instalment

    def test_searching_and_grouping_say_what_the_field_says(self):
        self._signed(("2026-03-05", 300), ("2026-09-01", 10))
        self._signed(("2026-03-05", 50), kind="bill")
        self._signed(("2026-03-05", 60), kind="subsidy")
        self._ready(("2026-03-05", 70))
        Instalment = self.env["fabloch.convention.instalment"]
        everything = Instalment.search([])
        for state in dict(Instalment._fields["state"]._description_selection(self.env)):
            self.assertEqual(
                Instalment.search([("state", "=", state)]), everything.filtered(lambda i, s=state: i.state == s), state
            )
        self.assertEqual(Instalment.search([("is_late", "=", True)]), everything.filtered("is_late"))
        self.assertEqual(Instalment.search([("is_late", "=", False)]), everything.filtered(lambda i: not i.is_late))
        groups = dict(Instalment._read_group([], ["state"], ["__count"]))
        self.assertEqual(sum(groups.values()), len(everything))
        self.assertEqual(groups["to_invoice"], len(everything.filtered(lambda i: i.state == "to_invoice")))


@tagged("post_install", "-at_install")
class TestGifts(InstalmentCase):
    def test_the_signature_pledges_gifts_with_their_share_of_the_counterparts(self):
        convention = self._signed(
            ("2026-06-01", 1000),
            ("2026-09-01", 1000),
            ("2026-12-01", 1000),
            partner=self.patron,
            kind="donation",
            commitment_ids=[
                Command.create({"name": "Logo on the machine", "value": 100}),
                Command.create({"name": "Come to the opening", "value": 0}),
                Command.create({"name": "Pay", "value": 50, "side": "partner"}),
            ],
        )
        gifts = convention.donation_ids.sorted("date")
        self.assertEqual(gifts.mapped("counterpart_value"), [33.34, 33.33, 33.33])
        self.assertEqual(gifts.mapped("amount"), [1000, 1000, 1000])
        self.assertEqual(gifts.mapped("state"), ["pledged"] * 3)
        self.assertEqual(gifts[0].counterpart_description, "Logo on the machine")
        self.assertEqual((gifts.partner_id, set(gifts.mapped("nature"))), (self.patron, {"cash"}))
        self.assertEqual(self._states(convention), ["pledged"] * 3)

    def test_pledges_after_the_end_are_cancelled(self):
        convention = self._signed(("2026-06-01", 1000), ("2026-12-01", 1000), partner=self.patron, kind="donation")
        convention.action_terminate("2026-06-30", "They closed")
        self.assertEqual(self._states(convention), ["pledged", "cancelled"])
        self.assertEqual(convention.instalment_ids[1].donation_id.state, "cancelled")


@tagged("post_install", "-at_install")
class TestBills(InstalmentCase):
    def test_a_fee_that_we_pay_becomes_a_bill(self):
        convention = self._signed(("2026-04-01", 150), kind="bill", product=False)
        instalment = convention.instalment_ids
        self.assertEqual(instalment.state, "to_pay")
        instalment.with_user(self.officer).action_make_bill()
        bill = instalment.move_id
        self.assertEqual((bill.move_type, bill.state, bill.partner_id), ("in_invoice", "draft", self.town))
        self.assertEqual((bill.amount_untaxed, bill.invoice_line_ids.account_id), (150, self.fee_account))
        with self.assertRaises(UserError):
            instalment.action_make_bill()
        bill.action_post()
        self.assertEqual(instalment.state, "to_pay")
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=bill.ids).create(
            {}
        ).action_create_payments()
        self.assertEqual(instalment.state, "paid")


@tagged("post_install", "-at_install")
class TestGrants(InstalmentCase):
    def _grant(self, *instalments, **vals):
        return self._ready(*instalments, **{"kind": "subsidy", "type_id": self.type_grant.id, **vals})

    def _sign(self, convention):
        convention.action_send_to_signature()
        convention.action_sign("2026-03-01")

    def test_a_subsidy_of_one_year_is_income_when_notified_and_paid_when_reconciled(self):
        convention = self._grant(("2026-05-01", 5000))
        self._sign(convention)
        instalment = convention.instalment_ids
        self.assertEqual(instalment.state, "expected")
        instalment.with_user(self.officer).action_notify("2026-03-09")
        self.assertEqual(instalment.state, "notified")
        self.assertEqual(instalment.move_id.date, DAY("2026-03-09"))
        self.assertEqual(self._balances(instalment.move_id), {"receivable": 5000, "income": -5000, "deferred": 0})
        self.assertFalse(instalment.deferral_ids)
        self._pay(instalment.move_id, self.accounts["receivable"], 2000)
        self.assertEqual(instalment.state, "notified")
        self._pay(instalment.move_id, self.accounts["receivable"])
        self.assertEqual(instalment.state, "paid")
        with self.assertRaisesRegex(UserError, "waits for its notification"):
            instalment.action_notify()

    def test_what_belongs_to_later_years_is_deferred_and_comes_with_them(self):
        # 306 days of 2026, 365 of 2027, 59 of 2028
        convention = self._grant(("2026-05-01", 10000), date_start="2026-03-01", date_end="2028-02-28")
        self._sign(convention)
        instalment = convention.instalment_ids
        instalment.action_notify()
        expected = [4191.78, 5000.0, 808.22]
        entries = instalment.move_id
        self.assertEqual(
            self._balances(entries),
            {"receivable": 10000, "income": -expected[0], "deferred": 5808.22} | {"deferred": -5808.22},
        )
        later = instalment.deferral_ids.sorted("date")
        self.assertEqual(later.mapped("date"), [DAY("2027-01-01"), DAY("2028-01-01")])
        self.assertEqual(later.mapped("amount_total"), expected[1:])
        self.assertEqual(set(later.mapped("state")), {"draft"})
        with freeze_time("2028-01-02"):
            self.env["account.move"]._autopost_draft_entries()
        self.assertEqual(set(later.mapped("state")), {"posted"})
        self.assertEqual(self._balances(entries + later), {"receivable": 10000, "income": -10000, "deferred": 0})

    def test_a_late_notification_posts_what_has_begun(self):
        convention = self._grant(("2025-05-01", 730), date_start="2025-01-01", date_end="2026-12-31")
        self._sign(convention)
        convention.instalment_ids.action_notify("2025-06-01")
        [later] = convention.instalment_ids.deferral_ids
        self.assertEqual((later.date, later.state, later.amount_total), (DAY("2026-01-01"), "posted", 365))

    def test_an_instalment_may_cover_its_own_year(self):
        convention = self._grant(
            ("2026-05-01", 900, {"period_start": "2026-01-01", "period_end": "2026-12-31"}),
            date_end="2027-12-31",
        )
        self._sign(convention)
        convention.instalment_ids.action_notify()
        self.assertFalse(convention.instalment_ids.deferral_ids)

    @settings(max_examples=40, deadline=None)
    @given(
        st.integers(1, 10**8),
        st.dates(DAY("2024-01-01"), DAY("2027-12-31")),
        st.integers(0, 1500),
        st.dates(DAY("2024-01-01"), DAY("2027-12-31")),
        st.integers(1, 12),
    )
    def test_the_shares_of_years_make_the_subsidy_to_the_cent(self, cents, start, length, notified, month):
        self.company.write({"fiscalyear_last_month": str(month), "fiscalyear_last_day": 28})
        end = fields.Date.add(start, days=length)
        instalment = self._grant((start, cents / 100), date_start=start, date_end=end).instalment_ids
        shares = instalment._shares_of_years(notified)
        self.assertEqual(sum(round(amount * 100) for _start, amount in shares), cents)
        for first_day, amount in shares[1:]:
            year = self.company.compute_fiscalyear_dates(first_day)
            self.assertEqual(year["date_from"], first_day)
            self.assertGreater(first_day, notified)
            days = (min(end, year["date_to"]) - max(start, first_day)).days + 1
            self.assertLess(abs(Fraction(cents * days, length + 1) - round(amount * 100)), 1)

    def test_over_the_threshold_the_law_wants_a_signed_convention(self):
        under = self._grant(("2026-05-01", 23000))
        under.instalment_ids.with_user(self.officer).action_notify()
        self.assertEqual(under.instalment_ids.state, "notified")
        over = self._grant(("2026-05-01", 0.01))
        self.assertTrue(over.over_threshold)
        self.assertIn(over, self.Convention.search([("over_threshold", "=", True)]))
        with self.assertRaisesRegex(UserError, "2000-321"):
            over.instalment_ids.action_notify()
        other_year = self._grant(("2027-05-01", 23000))
        self.assertFalse(other_year.over_threshold)
        self._sign(over)
        over.instalment_ids.action_notify()
        self.assertEqual(over.instalment_ids.state, "notified")

    def test_the_report_is_an_activity_for_each_year_covered(self):
        convention = self._grant(
            ("2026-05-01", 30000), ("2027-05-01", 30000), date_end="2027-12-31", user_id=self.officer.id
        )
        self._sign(convention)
        convention.instalment_ids.action_notify()
        activities = convention.activity_ids.sorted("date_deadline")
        self.assertEqual(activities.mapped("date_deadline"), [DAY("2027-06-30"), DAY("2028-06-30")])
        self.assertEqual(activities.user_id, self.officer)
        self.assertIn("financial report", activities[0].summary)

    def test_no_report_under_the_threshold(self):
        convention = self._grant(("2026-05-01", 20000))
        self._sign(convention)
        convention.instalment_ids.action_notify()
        self.assertFalse(convention.activity_ids)

    def test_the_republican_commitment_is_demanded_since_2022(self):
        convention = self._grant(("2026-05-01", 500), republican_commitment_on=False)
        with self.assertRaisesRegex(UserError, "engagement républicain"):
            convention.instalment_ids.action_notify()
        with self.assertRaisesRegex(UserError, "engagement républicain"):
            convention.action_send_to_signature()
        old = self._grant(
            ("2021-05-01", 500), republican_commitment_on=False, date_start="2021-01-01", date_end="2021-12-31"
        )
        old.action_send_to_signature()

    def test_without_accounts_it_says_where_to_choose_them(self):
        self.company.grant_deferred_account_id = False
        convention = self._grant(("2026-05-01", 500))
        self._sign(convention)
        with self.assertRaisesRegex(UserError, "Choose the accounts"):
            convention.instalment_ids.action_notify()

    def test_what_is_notified_does_not_change_even_in_a_draft(self):
        convention = self._grant(("2026-05-01", 500))
        convention.instalment_ids.action_notify()
        instalment = convention.instalment_ids.with_user(self.officer)
        with self.assertRaises(UserError):
            instalment.amount = 600
        with self.assertRaises(UserError):
            instalment.unlink()

    def test_an_entry_put_back_waits_again_and_a_reversed_one_is_dropped(self):
        convention = self._grant(("2026-05-01", 500))
        self._sign(convention)
        instalment = convention.instalment_ids
        instalment.action_notify()
        instalment.move_id.button_draft()
        self.assertEqual(instalment.state, "expected")
        with self.assertRaisesRegex(UserError, "put back to draft"):
            instalment.action_notify()
        instalment.move_id.action_post()
        instalment.move_id._reverse_moves([{"date": DAY("2026-03-10")}], cancel=True)
        self.assertEqual(instalment.state, "cancelled")

    def test_a_notification_taken_back_takes_the_later_years_along(self):
        convention = self._grant(
            ("2026-05-01", 1095), date_start="2025-01-01", date_end="2027-12-31", republican_commitment_on="2025-01-01"
        )
        self._sign(convention)
        instalment = convention.instalment_ids
        instalment.action_notify("2025-06-01")
        entry = instalment.move_id
        begun, to_come = instalment.deferral_ids.sorted("date")
        self.assertEqual((begun.state, to_come.state), ("posted", "draft"))
        entry._reverse_moves(cancel=True)
        self.assertFalse(to_come.exists())
        moves = entry + begun + entry.reversal_move_ids + begun.reversal_move_ids
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(self._balances(moves), {"receivable": 0, "income": 0, "deferred": 0})

    def _queries(self, count):
        conventions = self.Convention.union(*[self._grant(("2026-05-01", 100)) for _ in range(count)])
        conventions.action_send_to_signature()
        conventions.action_sign("2026-03-01")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        conventions.instalment_ids.action_notify()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_notifying_twenty_costs_little_more_than_one(self):
        self._queries(1)
        one, twenty = self._queries(1), self._queries(20)
        # Odoo itself numbers and posts the entries one by one.
        self.assertLess((twenty - one) / 19, 8, (one, twenty))


@tagged("post_install", "-at_install")
class TestChart(InstalmentCase):
    def test_the_association_chart_fills_in_the_accounts(self):
        company = self.env["res.company"].create({"name": "New", "country_id": self.env.ref("base.fr").id})
        self.env["account.chart.template"].try_loading("fr_association", company, install_demo=False)
        codes = {
            name: company[name].with_company(company).code
            for name in (
                "grant_receivable_account_id",
                "grant_income_account_id",
                "grant_deferred_account_id",
                "convention_fee_account_id",
            )
        }
        self.assertEqual([code[:3] for code in codes.values()], ["441", "741", "487", "628"])
