from odoo import fields, models
from odoo.exceptions import UserError


class TaxReceiptMail(models.Model):
    """The receipt to the donor, by mail."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt"

    def _mail(self):
        """Queue the mail with the PDF for those of these receipts that are live and whose donor has an e-mail.

        The mail and its date on the receipt are made in one transaction: a process that is killed leaves both or none.

        :return: the receipts that are mailed.
        """
        receipts = self.sudo().filtered(lambda receipt: receipt.state == "live" and receipt.partner_id.email)
        if not receipts:
            return receipts
        receipts._print_missing()
        template = self.env.ref("fabloch_partnership.mail_template_tax_receipt").sudo()
        mails = template.send_mail_batch(receipts.ids, force_send=False)
        receipt_of = {receipt.id: receipt for receipt in receipts.with_context(bin_size=False)}
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                [
                    {
                        "name": receipt_of[mail.res_id].pdf_name,
                        "datas": receipt_of[mail.res_id].pdf,
                        "mimetype": "application/pdf",
                        "res_model": "mail.message",
                        "res_id": mail.mail_message_id.id,
                    }
                    for mail in mails
                ]
            )
        )
        for mail, attachment in zip(mails, attachments, strict=True):
            mail.attachment_ids = attachment
        receipts.write({"mailed_on": fields.Datetime.now()})
        return receipts

    def action_send(self):
        """Mail these receipts to their donors (again, if they were)."""
        self._check_officer()
        self.check_access("read")
        for receipt in self.filtered(lambda receipt: not receipt.partner_id.email):
            raise UserError(
                self.env._("%s has no e-mail address: add one, or print the receipt.", receipt.partner_id.display_name)
            )
        self._mail()
        return True
