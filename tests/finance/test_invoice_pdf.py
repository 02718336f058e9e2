import io
import re

from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestInvoicePdf(LedgerCase):
    """A printed invoice says who issues it and what the law wants, whatever the renderer makes of headers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "La FABrique du Test",
                "street": "12 rue des Makers",
                "zip": "56400",
                "city": "Auray",
                "company_registry": "81234567800017",
                "rna": "W561234567",
                "fabloch_vat_regime": "association",
            }
        )
        address = {
            "street": "3 quai du Port",
            "zip": "56000",
            "city": "Vannes",
            "country_id": cls.env.ref("base.fr").id,
        }
        cls.business = cls.env["res.partner"].create({"name": "Chantier du Loch", "is_company": True, **address})
        cls.person = cls.env["res.partner"].create({"name": "Anna Le Goff", **address})
        cls.term = cls.env["account.payment.term"].create(
            {
                "name": "30 days",
                "note": "Payable within 30 days",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )

    def _invoice(self, partner=None, day="2026-03-10", lines=2, taxes=None, move_type="out_invoice"):
        invoice = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.business).id,
                "invoice_date": day,
                "invoice_payment_term_id": self.term.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": f"Laser cutting {number}",
                            "price_unit": 20.0,
                            "account_id": self._accounts()["706100"].id,
                            "tax_ids": [Command.set(taxes.ids if taxes else [])],
                        }
                    )
                    for number in range(lines)
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _pages(self, invoice, report="account.account_invoices"):
        Report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            content, _format = Report._render_qweb_pdf(report, res_ids=invoice.ids)
        return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]

    def test_printed_invoice_bears_every_mention(self):
        (page,) = self._pages(self._invoice())
        for mention in (
            "La FABrique du Test",
            "12 rue des Makers",
            "56400 Auray",
            "SIRET 81234567800017",
            "RNA W561234567",
            "Chantier du Loch",
            "3 quai du Port",
            "Exonération de TVA, art. 261-7-1° du CGI",
            "Payable within 30 days",
            "04/09/2026",  # due date
            "trois fois le taux d'intérêt légal",
            "flat indemnity of 40 €",
            "art. L. 441-10 et D. 441-5 du code de commerce",
            "Pas d'escompte pour paiement anticipé.",
            "Page 1 / 1",
        ):
            self.assertIn(mention, page.replace("\xa0", " ").replace("’", "'"))

    def test_every_page_bears_its_number_and_the_issuer(self):
        pages = self._pages(self._invoice(lines=70))
        self.assertGreater(len(pages), 1)
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Page {number} / {len(pages)}", page)
            self.assertIn("La FABrique du Test", page)
        self.assertIn("261-7-1°", pages[-1])

    def test_credit_note_bears_identity_and_vat_mention(self):
        (page,) = self._pages(self._invoice(move_type="out_refund"))
        self.assertIn("SIRET 81234567800017", page)
        self.assertIn("261-7-1°", page)
        self.assertNotIn("trois fois", page)

    def test_identity_is_in_the_body_too(self):
        invoice = self._invoice()
        self.assertEqual(
            invoice._fabloch_issuer_identity()[:1] + invoice._fabloch_issuer_identity()[2:],
            ["La FABrique du Test", "SIRET 81234567800017", "RNA W561234567"],
        )
        self.assertRegex(invoice._fabloch_issuer_identity()[1], "12 rue des Makers.*56400 Auray")

    def test_mention_is_the_one_of_the_regime_on_the_invoice_date(self):
        for regime, day, mention in (
            ("association", "2026-08-31", "Exonération de TVA, art. 261-7-1° du CGI"),
            ("franchise", "2026-08-31", "TVA non applicable, art. 293 B du CGI"),
            ("franchise", "2026-09-01", "TVA non applicable, article L. 223-3 du CIBS"),
        ):
            self.company.fabloch_vat_regime = regime
            self.assertEqual(self._invoice(self.person, day)._fabloch_legal_mentions(), [mention])

    def test_invoice_with_vat_or_of_a_taxed_company_bears_no_exemption(self):
        tax = self.env["account.tax"].search(
            [("company_id", "=", self.company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 20)], limit=1
        )
        self.assertEqual(self._invoice(self.person, taxes=tax)._fabloch_legal_mentions(), [])
        self.company.fabloch_vat_regime = "subject"
        self.assertEqual(self._invoice(self.person)._fabloch_legal_mentions(), [])

    def test_late_payment_is_said_to_businesses_only(self):
        self.assertEqual(len(self._invoice(self.person)._fabloch_legal_mentions()), 1)
        self.assertEqual(len(self._invoice(self.business)._fabloch_legal_mentions()), 3)

    def test_nothing_is_said_that_the_parameters_do_not_say(self):
        invoice = self._invoice(self.business)
        Parameter = self.env["fabloch.legal.parameter"]
        Parameter.search([("code", "in", ("late_payment_rate", "early_payment_mention"))]).unlink()
        self.assertEqual(len(invoice._fabloch_legal_mentions()), 1)
        Parameter.search([("code", "=", "vat_mention_association")]).unlink()
        with self.assertRaises(UserError):
            invoice._fabloch_legal_mentions()

    def test_vendor_bill_has_none_of_it(self):
        bill = self._invoice(move_type="in_invoice")
        self.assertEqual(bill._fabloch_legal_mentions(), [])
