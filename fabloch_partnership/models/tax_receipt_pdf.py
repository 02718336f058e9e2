import base64
import hashlib
import logging

from babel.dates import format_date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every
from odoo.tools.image import image_data_uri

from odoo.addons.fabloch_finance.pdf_parts import split_pdf

from ..receipt_text import amount_text, siren_text

_logger = logging.getLogger(__name__)

PDFS_PER_CALL = 25

# The words of the administration's models, in French whatever the reader's language: a receipt is a French document.
FORM_WORDS = {
    "manual": "Déclaration de don manuel",
    "notarial": "Acte authentique",
    "private": "Acte sous seing privé",
    "other": "Autre",
}
NATURE_WORDS = {
    "cash": "Numéraire",
    "goods": "Autre : bien",
    "skills": "Autre : compétences ou services",
    "expenses": "Autre : frais engagés par un bénévole, qui renonce à leur remboursement",
}
MODE_WORDS = {
    "cash": "Remise d'espèces",
    "cheque": "Chèque",
    "transfer": "Virement, prélèvement, carte bancaire",
}


def french_date(date):
    """Return a date in French words, whatever the reader's language.

    >>> from datetime import date
    >>> french_date(date(2026, 3, 1)), french_date(date(2026, 3, 11))
    ('1er mars 2026', '11 mars 2026')
    """
    day = "1er" if date.day == 1 else str(date.day)
    return f"{day} {format_date(date, 'MMMM y', locale='fr')}"


class TaxReceiptPdf(models.Model):
    """The receipt on paper: printed once from what was copied at issue, kept in the row with its SHA-256."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt"

    def _print_missing(self):
        """Print the PDFs of those of these receipts that have none yet, and keep them with their hash."""
        for receipts in split_every(PDFS_PER_CALL, self.filtered(lambda receipt: not receipt.sha256).ids, self.browse):
            for receipt, content in zip(receipts, receipts._render_pdfs(), strict=True):
                receipt.sudo().write({"pdf": base64.b64encode(content), "sha256": hashlib.sha256(content).hexdigest()})

    def _print_after_commit(self, mail=False):
        """Print the PDFs (and mail them) as soon as the transaction is committed, before the answer goes out.

        Whoever else issues waits for the number only, not for the renderer. If this fails, the PDF is printed when
        somebody first asks for it.
        """
        registry, uid, context, ids = self.env.registry, self.env.uid, dict(self.env.context), self.ids

        @self.env.cr.postcommit.add
        def print_now():
            with registry.cursor() as cr:
                receipts = api.Environment(cr, uid, context, su=True)[self._name].browse(ids)
                try:
                    receipts._print_missing()
                    if mail:
                        receipts._mail()
                except Exception:
                    cr.rollback()
                    _logger.exception("Tax receipts %s are issued, but not printed yet", ids)

    def _render_pdfs(self, stamp=None):
        """Return the list of the PDFs (bytes) of these receipts, in order, all printed by one call of the renderer.

        :param str stamp: word across the page (DUPLICATA, ANNULÉ).
        """
        bodies = [receipt._render_html(stamp) for receipt in self.sudo()]
        if not bodies:
            return []
        printed = self._run_renderer(bodies)
        if len(bodies) == 1:
            return [printed]
        if contents := split_pdf(printed, len(bodies)):
            return contents
        _logger.warning("The renderer gave no outline to split the receipts by: printing them one by one")
        return [self._run_renderer([body]) for body in bodies]

    @api.model
    def _run_renderer(self, bodies):
        """Return the PDF (bytes) of these pages, one after the other."""
        report = self.env.ref("fabloch_partnership.action_report_tax_receipt").sudo()
        return report.with_context(fabloch_static_page=True)._run_wkhtmltopdf(bodies, report_ref=report.report_name)

    def _render_html(self, stamp=None):
        """Return the page, complete in itself: no style, font or image is fetched from anywhere."""
        self.ensure_one()
        return self._page("fabloch_partnership.report_tax_receipt_document", self._prepare_print_values(stamp))

    @api.model
    def _page(self, template, values):
        """Return a page of its own; without the doctype the renderer would fall back to the manners of 1997."""
        return f"<!DOCTYPE html>{self.env['ir.qweb']._render(template, values)}"

    def _prepare_print_values(self, stamp=None):
        """What the layout prints: the receipt's own columns, in French figures and words."""
        self.ensure_one()
        symbol = self.currency_id.symbol

        def money(amount):
            return amount_text(amount, symbol)

        return {
            "receipt": self,
            "cash_lines": self.line_ids.filtered(lambda line: line.nature == "cash"),
            "kind_lines": self.line_ids.filtered(lambda line: line.nature != "cash"),
            "stamp": stamp,
            "stamp_date": french_date(fields.Date.context_today(self)),
            "cancelled_on": french_date(self.cancelled_on) if self.cancelled_on else False,
            "money": money,
            "french_date": french_date,
            "siren": lambda number: siren_text(number) if number else False,
            "signature_uri": image_data_uri(self.signature) if self.signature else False,
            "forms": FORM_WORDS,
            "natures": NATURE_WORDS,
            "modes": MODE_WORDS,
        }

    # -- What is kept ------------------------------------------------------------------------------------

    def _is_intact(self):
        """Tell whether the kept PDF is the one that was printed at issue."""
        self.ensure_one()
        pdf = self.sudo().with_context(bin_size=False).pdf
        return bool(pdf) and hashlib.sha256(base64.b64decode(pdf)).hexdigest() == self.sudo().sha256

    def _checked_pdf(self):
        """Return the kept PDF (bytes), printed now if it never was.

        :raises UserError: when it isn't the one that was issued.
        """
        self.ensure_one()
        self._print_missing()
        if not self._is_intact():
            raise UserError(
                self.env._(
                    "The PDF of the tax receipt %s is not the one that was issued: its SHA-256 differs. "
                    "Tell the administrator; the backups hold the right one.",
                    self.name,
                )
            )
        return base64.b64decode(self.sudo().with_context(bin_size=False).pdf)

    def _copy_pdf(self):
        """Return a copy (bytes) with the content of the original, marked as a duplicate, or as cancelled."""
        self.ensure_one()
        [content] = self._render_pdfs("ANNULÉ" if self.state == "cancelled" else "DUPLICATA")
        return content

    # -- Actions -------------------------------------------------------------------------------------------

    def action_verify(self):
        """Recompute the hash of each kept PDF and tell the result."""
        self.check_access("read")
        altered = self.filtered(lambda receipt: receipt.sha256 and not receipt._is_intact())
        unprinted = self.filtered(lambda receipt: not receipt.sha256)
        if altered:
            message = self.env._("Altered since their issue: %s", ", ".join(altered.mapped("name")))
        elif unprinted:
            message = self.env._("Not printed yet: %s", ", ".join(unprinted.mapped("name")))
        else:
            message = self.env._("The PDF is the one that was issued, bit for bit.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if altered else "warning" if unprinted else "success",
                "message": message,
                "sticky": bool(altered),
            },
        }

    def action_download(self):
        """Download the original as it is kept."""
        return self._action_url("original")

    def action_duplicate(self):
        """Print the same content again, marked DUPLICATA with today's date (ANNULÉ when cancelled)."""
        return self._action_url("copy")

    def _action_url(self, copy):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/fabloch/tax_receipt/{self.id}/{copy}", "target": "new"}

    def _action_open(self):
        """Open these receipts: the one, or the list."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.tax_receipt_action")
        if len(self) == 1:
            return {**action, "view_mode": "form", "views": [(False, "form")], "res_id": self.id}
        return {**action, "domain": [("id", "in", self.ids)]}
