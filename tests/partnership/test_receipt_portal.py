"""The donor's own receipts in the portal, and nobody else's."""

from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .receipt_case import ReceiptCase


@tagged("post_install", "-at_install")
class TestReceiptPortal(HttpCase, ReceiptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-10"):
            cls.own = cls.Receipt._issue(cls._gift())
            cls.companys = cls.Receipt._issue(cls._gift(cls.patron))
            cls.anothers = cls.Receipt._issue(cls._gift(cls.payer))
        cls._portal("mona", cls.donor)
        contact = cls.env["res.partner"].create({"name": "Accounts", "parent_id": cls.patron.id})
        cls._portal("accounts", contact)
        new_test_user(cls.env, "clerk", groups="base.group_user")
        cls.env.flush_all()

    @classmethod
    def _portal(cls, login, partner):
        cls.env["res.users"].create(
            {
                "login": login,
                "password": login,
                "partner_id": partner.id,
                "group_ids": [(6, 0, cls.env.ref("base.group_portal").ids)],
            }
        )

    def _download(self, receipt):
        return self.url_open(f"/my/tax_receipts/{receipt.id}/download", allow_redirects=False)

    def test_own_receipt_is_downloaded_and_stays_in_no_cache(self):
        self.authenticate("mona", "mona")
        page = self.url_open("/my/tax_receipts")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.own.name, page.text)
        self.assertNotIn(self.anothers.name, page.text)
        response = self._download(self.own)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertEqual(response.content, self.own._checked_pdf())
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["tax_receipt_count"]})
        self.assertEqual(counters["tax_receipt_count"], 1)
        self.assertIn("/my/tax_receipts", self.url_open("/my").text)

    def test_anothers_receipt_is_not_found(self):
        self.authenticate("mona", "mona")
        for receipt in (self.anothers, self.companys):
            self.assertEqual(self._download(receipt).status_code, 404)
        self.assertEqual(self.url_open("/my/tax_receipts/999999999/download").status_code, 404)
        for url in (f"/fabloch/tax_receipt/{self.own.id}/original", f"/fabloch/tax_receipt/{self.own.id}/copy"):
            self.assertEqual(self.url_open(url).status_code, 404)

    def test_no_other_address_opens_anothers_receipt(self):
        report = "fabloch_partnership.report_tax_receipt_document"
        self.payer.email = "another@example.com"
        self.anothers._mail()
        mailed = self.env["ir.attachment"].search([("name", "=", self.anothers.pdf_name)])
        self.assertEqual(len(mailed), 1)
        for login in ("mona", "accounts", "clerk"):
            self.authenticate(login, login)
            for url in (
                f"/web/content/fabloch.tax.receipt/{self.anothers.id}/pdf",
                f"/web/content?model=fabloch.tax.receipt&id={self.anothers.id}&field=pdf",
                f"/web/image/fabloch.tax.receipt/{self.anothers.id}/signature",
                f"/web/content/{mailed.id}",
                f"/report/pdf/{report}/{self.anothers.id}",
                f"/report/html/{report}/{self.anothers.id}",
                f"/fabloch/tax_statement/{self.company.id}2026",
            ):
                with mute_logger("odoo.http", "odoo.addons.web.controllers.report", "odoo.addons.base.models.ir_qweb"):
                    response = self.url_open(url)
                self.assertNotIn(b"%PDF", response.content[:10], (login, url))
                self.assertNotIn(self.anothers.donor_name, response.text, (login, url))

    def test_contact_of_a_company_sees_the_company_s(self):
        self.authenticate("accounts", "accounts")
        self.assertEqual(self._download(self.companys).status_code, 200)
        self.assertEqual(self._download(self.own).status_code, 404)

    def test_not_logged_in_is_sent_to_the_login(self):
        self.authenticate(None, None)
        for url in ("/my/tax_receipts", f"/my/tax_receipts/{self.own.id}/download"):
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])

    def test_wrong_method_is_refused(self):
        self.authenticate("mona", "mona")
        for url in ("/my/tax_receipts", f"/my/tax_receipts/{self.own.id}/download"):
            self.assertEqual(self.url_open(url, data={"x": "1"}).status_code, 405)

    def test_cancelled_one_bears_the_word(self):
        self.own.action_cancel("wrong")
        self.env.flush_all()
        self.authenticate("mona", "mona")
        self.assertIn("ANNULÉ", self._text(self._download(self.own).content))

    def test_staff_without_the_right_finds_nothing(self):
        self.authenticate("clerk", "clerk")
        for url in (
            f"/fabloch/tax_receipt/{self.own.id}/original",
            f"/fabloch/tax_receipt/{self.own.id}/copy",
            f"/fabloch/tax_statement/{self.company.id * 10000 + 2026}",
            "/my/tax_receipts",
            f"/my/tax_receipts/{self.own.id}/download",
        ):
            self.assertEqual(self.url_open(url).status_code, 404, url)

    def test_officer_prints_a_duplicate_and_the_statement(self):
        self.authenticate("officer", "officer")
        response = self.url_open(f"/fabloch/tax_receipt/{self.own.id}/copy")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertIn("DUPLICATA", self._text(response.content))
        original = self.url_open(f"/fabloch/tax_receipt/{self.own.id}/original")
        self.assertEqual(original.content, self.own._checked_pdf())
        statement = self.url_open(f"/fabloch/tax_statement/{self.company.id * 10000 + 2026}")
        self.assertIn("Reçus fiscaux délivrés en 2026", self._text(statement.content))

    def test_rules_of_the_portal_hold_for_calls_too(self):
        mona = self.env["res.users"].search([("login", "=", "mona")])
        self.assertEqual(self.Receipt.with_user(mona).search([]), self.own)

    def test_no_company_sees_another_s(self):
        other = self.env["res.company"].create({"name": "Another house"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="fabloch_partnership.group_partnership_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("fabloch.tax.receipt", "fabloch.tax.receipt.line", "fabloch.tax.receipt.statement"):
            self.assertFalse(self.env[model].with_user(stranger).search([]))
