"""What partnership adds to the year-end pack."""

from freezegun import freeze_time

from odoo.tests import tagged

from tests.finance.year_end import YearEndMixin

from .receipt_case import ReceiptCase


@freeze_time("2026-11-10")
@tagged("post_install", "-at_install")
class TestYearEnd(YearEndMixin, ReceiptCase):
    def test_receipts_and_gifts_are_in_the_pack(self):
        late, issued = self._gift(amount=50, day="2026-03-01"), self._gift(self.patron, 1000, day="2026-02-03")
        self._gift(amount=77, day="2025-12-31")
        receipt = self.Receipt._issue(issued, render=False)
        receipt.flush_recordset()
        year = str(receipt.date.year)
        pack = self._pack(year)
        files = self._opened(pack._make())
        self.assertIn("1 000,00 €", self._pdf_text(files["05-tax-receipts-222bis.pdf"]))
        sheets = self._sheets(files["05-tax-receipts-222bis.xlsx"])
        self.assertEqual(sheets["Tax receipts"][1][0], receipt.name)
        self.assertEqual(sheets["Tax receipts"][-1][-1], 1000)
        self.assertEqual(sheets["Gifts received"][-1][2:], (2, 1050))
        self.assertEqual(len(sheets["Gift by gift"]), 4)
        self.assertEqual(self.env["fabloch.donation"].search(self._checks(pack)["gifts"].domain), late)
        names = {name[:2] for name in files}
        self.assertLessEqual({"00", "01", "02", "03", "04", "05", "06"}, names)

    def test_a_year_without_receipt_says_so(self):
        documents = self._in_its_company(self._pack("2024" if self._offered("2024") else "2025"))._documents()
        [omission] = [document for document in documents if document.name == "05-tax-receipts-222bis.pdf"]
        self.assertIn("No tax receipt", omission.reason)

    def _offered(self, name):
        return name in dict(self.env["fabloch.year.end.pack"]._selection_fiscal_year())
