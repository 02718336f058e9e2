from odoo import models
from odoo.tools import format_amount


class AccountMove(models.Model):
    """Invoice, with the words that French law wants on it."""

    # Its own file: legal identity and mentions, apart from invoicing.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "account.move"

    def _fabloch_issuer_identity(self):
        """Give who issues the document, in short texts to print in a row: name, address, SIRET, RNA, VAT number."""
        self.ensure_one()
        company = self.company_id.sudo()
        address = ", ".join(
            line.strip()
            for line in company.partner_id._display_address(without_company=True).splitlines()
            if line.strip()
        )
        numbers = (
            (self.env._("SIRET %s"), company.company_registry),
            (self.env._("RNA %s"), company.rna),
            (self.env._("VAT %s"), company.vat),
        )
        return [company.name, address, *(label % number for label, number in numbers if number)]

    def _fabloch_legal_mentions(self):
        """Give the legal mentions of a sale document, in the order in which they are printed.

        The VAT mention of the company's regime when the document bears no VAT; towards a business, what the Code de
        commerce wants about late and early payment. The words come from the legal parameters in force at its date.

        :raise UserError: when the parameters have no VAT mention for the regime at that date
        """
        self.ensure_one()
        if not self.is_sale_document(include_receipts=True):
            return []
        date = self.invoice_date or self.date
        mentions = []
        if self.currency_id.is_zero(self.amount_tax):
            mentions.append(self.company_id.sudo()._fabloch_vat_mention(date))
        if self.move_type != "out_refund" and self._fabloch_is_for_business():
            mentions += self._fabloch_late_payment_mentions(date)
        return [mention for mention in mentions if mention]

    def _fabloch_late_payment_mentions(self, date):
        """Give the mentions about late and early payment at a date, those that the legal parameters know."""
        rate, indemnity, articles, early_payment = (
            self.env["fabloch.legal.parameter"]._get(code, date, raise_if_not_found=False)
            for code in (
                "late_payment_rate",
                "late_payment_indemnity",
                "late_payment_articles",
                "early_payment_mention",
            )
        )
        late_payment = ""
        if rate and indemnity:
            late_payment = self.env._(
                "In case of late payment: penalties at %(rate)s, and a flat indemnity of %(indemnity)s for the costs of"
                " recovery%(articles)s.",
                rate=rate,
                indemnity=format_amount(self.env, indemnity, self.env.ref("base.EUR"), trailing_zeroes=False),
                articles=f" ({articles})" if articles else "",
            )
        return [late_payment, early_payment]

    def _fabloch_is_for_business(self):
        """Tell whether the customer buys as a business. Upper addons know more about customers: override."""
        self.ensure_one()
        return self.commercial_partner_id.is_company
