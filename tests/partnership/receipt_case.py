"""Data for the tests of tax receipts: a body that may issue them, donors, gifts."""

import base64
import io

from PIL import Image, ImageDraw
from pypdf import PdfReader

from odoo import fields

from .common import PartnershipCase

DAY = fields.Date.to_date


def signature():
    """A small image, base64."""
    image = Image.new("RGB", (300, 90), "white")
    ImageDraw.Draw(image).line([(10, 70), (80, 20), (120, 75), (200, 15), (290, 60)], fill="#123a6b", width=4)
    content = io.BytesIO()
    image.save(content, "PNG")
    return base64.b64encode(content.getvalue())


class ReceiptCase(PartnershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Receipt = cls.env["fabloch.tax.receipt"]
        cls.company.write(
            {
                "name": "La FABrique du Test",
                "street": "12 rue des Makers",
                "zip": "56400",
                "city": "Auray",
                "company_registry": "732829320",
                "rna": "W561234567",
                "receipt_object": "Rendre accessible à tous la fabrication numérique",
                "receipt_category": "Œuvre ou organisme d'intérêt général",
                "receipt_signatory_name": "Soizic Le Bihan",
                "receipt_signatory_function": "présidente",
                "receipt_signature": signature(),
            }
        )
        cls.patron.write({"company_registry": "44306184100047", "legal_form": "SARL"})

    @classmethod
    def _gift(cls, donor=None, amount=100.0, day="2026-02-03", **vals):
        """A gift that is received on `day`."""
        gift = cls.env["fabloch.donation"].create(
            {
                "partner_id": (donor or cls.donor).id,
                "amount": amount,
                "date": day,
                "nature": "cash",
                "payment_mode": "cheque",
                **vals,
            }
        )
        gift.sudo().write({"state": "received", "date_received": day})
        return gift

    def _text(self, receipt_or_bytes):
        """What can be read on a PDF, on one line."""
        content = receipt_or_bytes if isinstance(receipt_or_bytes, bytes) else receipt_or_bytes._checked_pdf()
        pages = PdfReader(io.BytesIO(content)).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())
        return text.replace(" ,", ",")  # a space that the renderer puts between two weights of a font
