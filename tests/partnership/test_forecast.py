"""What conventions, promised gifts and envelopes still bring: each amount once, where the books will have it."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import freeze_time, tagged

from .donation_common import DonationCase
from .test_envelope_cover import EnvelopeCase
from .test_instalment import InstalmentCase


def expected(case, **domain):
    """The rows of the forecast of the case's company, read anew."""
    Forecast = case.env["fabloch.forecast.report"]
    Forecast.invalidate_model()
    return Forecast.search(
        [("company_id", "=", case.company.id), *((name, "=", value) for name, value in domain.items())]
    )


@tagged("post_install", "-at_install")
class TestInstalmentForecast(InstalmentCase):
    def _draft(self, kind, *instalments, **vals):
        return self._ready(*instalments, kind=kind, **vals)

    def _sign(self, convention):
        convention.action_send_to_signature()
        convention.action_sign("2026-03-01")
        return convention

    def _of(self, convention):
        ids = convention.instalment_ids.ids
        return expected(self, res_model="fabloch.convention.instalment").filtered(lambda row: row.res_id in ids)

    def test_a_subsidy_is_expected_from_the_signature_to_the_notification(self):
        draft = self._draft("subsidy", ("2026-06-01", 6000.0))
        self.assertFalse(self._of(draft), "nothing is signed")
        self._sign(draft)
        row = self._of(draft)
        self.assertEqual((row.date, row.amount, row.account_id), (date(2026, 6, 1), 6000.0, self.accounts["income"]))
        draft.instalment_ids.action_notify("2026-03-05")
        self.assertFalse(self._of(draft), "it is in the ledger")

    def test_a_dropped_subsidy_is_not_expected(self):
        convention = self._sign(self._draft("subsidy", ("2026-06-01", 600.0)))
        convention.action_terminate("2026-05-01", "No more money")
        self.assertFalse(self._of(convention))

    def test_an_invoice_is_a_charge_and_a_fee_no_revenue(self):
        invoiced = self._sign(self._draft("charge", ("2026-06-01", 600.0)))
        paid = self._sign(self._draft("bill", ("2026-06-01", 50.0)))
        rows = expected(self, partner_id=self.town.id)
        self.assertEqual([(row.source, row.res_id) for row in rows], [("charge", invoiced.instalment_ids.charge_id.id)])
        self.assertFalse(self._of(invoiced + paid))

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        cents=st.integers(100, 9_000_000),
        start=st.dates(date(2025, 6, 1), date(2027, 6, 1)),
        length=st.integers(0, 1200),
        month=st.sampled_from(["12", "8", "2"]),
    )
    def test_the_years_have_what_the_notification_posts_in_them(self, cents, start, length, month):
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            self.company.write({"fiscalyear_last_month": month, "fiscalyear_last_day": 28 if month == "2" else 31})
            period = {"period_start": start, "period_end": fields.Date.add(start, days=length)}
            convention = self._sign(self._draft("subsidy", ("2026-05-10", cents / 100, period)))
            shares = convention.instalment_ids._shares_of_years(date(2026, 5, 10))
            posted = sorted(round(amount, 2) for _day, amount in shares if amount)
            self.assertEqual(sorted(round(row.amount, 2) for row in self._of(convention)), posted)
            years = {self.company._fabloch_fiscal_year(day).name for day, amount in shares if amount}
            self.assertEqual(set(self._of(convention).mapped("fiscal_year")), years)
        finally:
            self.env.flush_all()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def test_the_later_years_of_a_notified_subsidy_are_scheduled_entries(self):
        period = {"period_start": "2026-03-02", "period_end": "2027-06-30"}
        convention = self._sign(self._draft("subsidy", ("2026-04-01", 1000.0, period)))
        before = {row.fiscal_year: row.amount for row in self._of(convention)}
        convention.instalment_ids.action_notify("2026-03-05")
        self.assertFalse(self._of(convention))
        later = expected(self, source="scheduled_entry", fiscal_year="2027").filtered(
            lambda row: row.res_id in convention.instalment_ids.deferral_ids.ids
        )
        self.assertEqual(later.amount, before["2027"])
        self.assertEqual(sum(before.values()), 1000.0)


@tagged("post_install", "-at_install")
class TestGiftForecast(DonationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10"))

    def _gifts(self, gift):
        found = expected(self).filtered(lambda row: row.account_id.code and row.account_id.code.startswith("GIFT"))
        return [(row.source, row.amount) for row in found]

    def test_a_promise_is_expected_until_it_is_in_the_books(self):
        gift = self._gift(amount=120.0, date="2026-12-01")
        self.assertFalse(self._gifts(gift), "a draft is no promise")
        gift.action_confirm()
        row = expected(self, source="gift", res_id=gift.id)
        self.assertEqual(row.account_id, self.company.gift_individual_account_id)
        gift.action_expect()
        self.assertFalse(self._gifts(gift), "its receipt is posted")
        gift.move_id.button_draft()
        self.assertEqual(self._gifts(gift), [("draft_invoice", 120.0)], "once, as the draft")
        gift.move_id.button_cancel()
        self.assertEqual(self._gifts(gift), [("gift", 120.0)])
        gift.action_cancel("Changed their mind")
        self.assertFalse(self._gifts(gift))

    def test_goods_are_no_revenue_and_a_patron_gives_on_the_account_of_companies(self):
        goods = self._gift(nature="goods", description="A table")
        goods.action_confirm()
        self.assertFalse(expected(self, source="gift", res_id=goods.id))
        patron = self._gift(self.patron)
        patron.action_confirm()
        self.assertEqual(
            expected(self, source="gift", res_id=patron.id).account_id, self.company.gift_company_account_id
        )


@tagged("post_install", "-at_install")
class TestEnvelopeForecast(EnvelopeCase):
    def test_what_was_used_is_expected_as_it_will_be_charged(self):
        product = self._product("Use of the fablab", property_account_income_id=self.income_account.id)
        envelope = self._envelope(
            "hour", 100.0, invoicing="used", period="quarter", invoice_product_id=product.id, invoice_price=15.0
        )
        self._pupil_books("2026-03-10 14:00", "2026-03-10 15:30")
        self._pupil_books("2026-04-01 14:00", "2026-04-01 16:00")
        rows = expected(self, source="envelope", res_id=envelope.id)
        found = sorted((row.due_date, row.amount) for row in rows)
        self.assertEqual(found, [(date(2026, 3, 31), 22.5), (date(2026, 6, 30), 30.0)])
        charges = envelope._invoice_uses(date(2026, 7, 1))
        self.assertEqual(sorted((charge.date, charge.amount) for charge in charges), found)
        self.assertFalse(expected(self, source="envelope", res_id=envelope.id))
