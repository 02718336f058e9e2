from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.fabloch_finance.arguments import may_be_id
from odoo.addons.portal.controllers.portal import CustomerPortal, pager

# A receipt is its donor's business: nothing of it stays in a cache.
HEADERS = [("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow")]


def pdf_response(content, name):
    return request.make_response(
        content,
        [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(content)),
            ("Content-Disposition", http.content_disposition(name)),
            *HEADERS,
        ],
    )


class TaxReceiptPortal(CustomerPortal):
    """The donor's own tax receipts."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "tax_receipt_count" in counters:
            values["tax_receipt_count"] = request.env["fabloch.tax.receipt"].search_count(self._own_receipts())
        return values

    def _own_receipts(self):
        """Domain of the receipts of who is logged in, or of the company that they belong to; the same for our staff."""
        partner = request.env.user.partner_id
        return [("partner_id", "in", (partner | partner.commercial_partner_id).ids)]

    @http.route(
        ["/my/tax_receipts", "/my/tax_receipts/page/<int:page>"],
        type="http",
        auth="user",
        website=True,  # the portal's layout asks for its languages
        methods=["GET"],
    )
    def my_tax_receipts(self, page=1, **_kwargs):
        """List the receipts of who is logged in."""
        Receipt, domain = request.env["fabloch.tax.receipt"], self._own_receipts()
        if not Receipt.has_access("read"):
            raise request.not_found()
        pages = pager(url="/my/tax_receipts", total=Receipt.search_count(domain), page=page, step=self._items_per_page)
        receipts = Receipt.search(domain, limit=self._items_per_page, offset=pages["offset"])
        response = request.render(
            "fabloch_partnership.portal_my_tax_receipts",
            {
                **self._prepare_portal_layout_values(),
                "receipts": receipts,
                "page_name": "tax_receipts",
                "pager": pages,
                "default_url": "/my/tax_receipts",
            },
        )
        response.headers.extend(HEADERS)
        return response

    @http.route("/my/tax_receipts/<int:receipt_id>/download", type="http", auth="user", methods=["GET"])
    def my_tax_receipt(self, receipt_id, **_kwargs):
        """Download one's own receipt as it is kept; a cancelled one bears the word."""
        if not may_be_id(receipt_id):
            raise request.not_found()
        receipt = request.env["fabloch.tax.receipt"].browse(receipt_id)
        try:
            receipt.check_access("read")
            known = receipt.exists().filtered_domain(self._own_receipts())
        except (AccessError, MissingError):
            known = False
        if not known:
            raise request.not_found()
        content = receipt._copy_pdf() if receipt.state == "cancelled" else receipt._checked_pdf()
        return pdf_response(content, receipt.pdf_name)


class TaxReceiptOffice(http.Controller):
    """PDFs for the officers."""

    @http.route("/fabloch/tax_receipt/<int:receipt_id>/<string:kind>", type="http", auth="user", methods=["GET"])
    def tax_receipt(self, receipt_id, kind, **_kwargs):
        """The original, for who may read it; a copy (duplicate, cancelled), for the officers."""
        receipt = self._readable("fabloch.tax.receipt", receipt_id)
        if kind == "original":
            return pdf_response(receipt._checked_pdf(), receipt.pdf_name)
        try:
            receipt._check_officer()
        except AccessError as error:
            raise request.not_found() from error
        if kind != "copy":
            raise request.not_found()
        return pdf_response(receipt._copy_pdf(), f"copie-{receipt.pdf_name}")

    @http.route("/fabloch/tax_statement/<int:statement_id>", type="http", auth="user", methods=["GET"])
    def tax_statement(self, statement_id, **_kwargs):
        """The yearly statement with its list."""
        statement = self._readable("fabloch.tax.receipt.statement", statement_id)
        return pdf_response(statement._render_pdf(), f"etat-recus-fiscaux-{statement.year}.pdf")

    def _readable(self, model, record_id):
        """Return the record that an internal user may read; not found otherwise."""
        if not may_be_id(record_id):
            raise request.not_found()
        record = request.env[model].browse(record_id)
        try:
            if not request.env.user._is_internal() or not record.exists():
                raise request.not_found()
            record.check_access("read")
        except (AccessError, MissingError, UserError) as error:
            raise request.not_found() from error
        return record
