"""Whether a convention runs follows from its dates and signature, on any day, without any job."""

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import PartnershipCase

DAY = fields.Date.to_date


@tagged("post_install", "-at_install")
class TestConventionStatus(PartnershipCase):
    def _signed(self, **vals):
        convention = self._convention(**{"tacit_renewal": False, **vals})
        convention.sudo().write({"state": "signed", "signed_on": convention.date_start})
        return convention

    def test_status_follows_the_dates(self):
        convention = self._signed(notice_months=3)
        for day, status in (
            ("2025-12-31", "upcoming"),
            ("2026-01-01", "running"),
            ("2026-09-29", "running"),
            ("2026-09-30", "to_renew"),
            ("2026-12-31", "to_renew"),
            ("2027-01-01", "expired"),
        ):
            with freeze_time(day):
                convention.invalidate_recordset()
                self.assertEqual(convention.status, status, day)
                self.assertEqual(convention.is_running, status in ("running", "to_renew"))

    def test_tacit_renewal_moves_the_term_and_its_notice(self):
        convention = self._signed(tacit_renewal=True, renewal_months=12, notice_months=2)
        self.assertFalse(convention.last_day)
        for day, end, notice in (
            ("2026-06-01", "2026-12-31", "2026-10-31"),
            ("2026-12-31", "2026-12-31", "2026-10-31"),
            ("2027-01-01", "2027-12-31", "2027-10-31"),
            ("2031-02-01", "2031-12-31", "2031-10-31"),
        ):
            with freeze_time(day):
                convention.invalidate_recordset()
                self.assertEqual((convention.term_end, convention.notice_date), (DAY(end), DAY(notice)), day)
                self.assertEqual(convention.status, "running")

    def test_renewals_end_at_their_limit(self):
        convention = self._signed(tacit_renewal=True, renewal_months=12, renewal_limit=2)
        self.assertEqual(convention.last_day, DAY("2028-12-31"))
        with freeze_time("2029-01-01"):
            convention.invalidate_recordset()
            self.assertEqual(convention.status, "expired")

    @settings(max_examples=60, deadline=None)
    @given(
        st.sampled_from(["draft", "in_signature", "signed", "terminated"]),
        st.integers(-400, 400),
        st.integers(0, 500),
        st.booleans(),
        st.integers(0, 6),
        st.integers(0, 2),
    )
    def test_search_and_value_agree(self, state, start, length, tacit, notice, limit):
        with freeze_time("2026-03-10"):
            today = DAY("2026-03-10")
            convention = self._convention(
                date_start=today + relativedelta(days=start),
                date_end=today + relativedelta(days=start + length),
                tacit_renewal=tacit,
                renewal_months=6,
                renewal_limit=limit,
                notice_months=notice,
            )
            vals = {"state": state}
            if state == "terminated":
                vals["terminated_on"] = today + relativedelta(days=start + length // 2)
            convention.sudo().write(vals)
            for status in dict(self.Convention._fields["status"]._description_selection(self.env)):
                found = self.Convention.search([("id", "=", convention.id), ("status", "=", status)])
                self.assertEqual(bool(found), convention.status == status, (status, convention.status))
            running = self.Convention.search([("id", "=", convention.id), ("is_running", "=", True)])
            self.assertEqual(bool(running), convention.is_running)
