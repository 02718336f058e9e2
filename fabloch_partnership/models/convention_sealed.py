import base64
import hashlib

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..signed_file import sha256

# What a signature leaves. Once the signed file is kept, nobody writes these again: not the superuser, not with any
# context.
SEALED_FIELDS = {
    "company_signature",
    "company_signed_by",
    "company_signed_on",
    "partner_signature",
    "partner_signed_by",
    "partner_signed_ip",
    "partner_signed_on",
    "partner_signed_user_id",
    "sent_on",
    "signature_mode",
    "signed_file",
    "signed_file_name",
    "signed_sha256",
    "text_sha256",
}


class ConventionSealed(models.Model):
    """The signed document: its bytes, kept with their SHA-256, never changed and never deleted."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    signature_mode = fields.Selection(
        [("paper", "On paper"), ("online", "Online")], "Way of signing", readonly=True, copy=False
    )
    # In the row itself: an attachment could be changed apart from it.
    signed_file = fields.Binary("Signed document", attachment=False, readonly=True, copy=False)
    signed_file_name = fields.Char("Name of the signed document", readonly=True, copy=False)
    signed_sha256 = fields.Char(
        "SHA-256 of the signed document",
        readonly=True,
        copy=False,
        help="Fingerprint of the file, mailed to both sides: anybody can compute it on their copy and compare.",
    )

    def write(self, vals):
        if SEALED_FIELDS.intersection(vals):
            # Why not is told, with the convention's name, to those only who may write it at all.
            self.check_access("write")
            self._check_not_sealed()
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        self._check_not_sealed()
        return super().unlink()

    def _check_not_sealed(self):
        sealed = self.sudo().filtered("signed_sha256")[:1]
        if sealed:
            raise UserError(
                self.env._(
                    "The signed document of %s is kept as it is: nobody changes or deletes it, its signatures or its"
                    " fingerprint. Make an amendment, or terminate the convention.",
                    sealed.display_name,
                )
            )

    def _signed_content(self):
        """Return the bytes of the signed document, b"" without one."""
        self.ensure_one()
        # Whatever a caller's context asks, the bytes and not their size.
        record = self.with_context(bin_size=False, bin_size_signed_file=False)
        return base64.b64decode(record.signed_file or b"")

    def _seal(self, content, name, mode):
        """Keep the bytes `content` as the signed document. Once."""
        self.ensure_one()
        self._check_not_sealed()
        self.sudo().write(
            {
                "signed_file": base64.b64encode(content),
                "signed_file_name": name,
                "signed_sha256": sha256(content),
                "signature_mode": mode,
            }
        )

    @api.readonly
    def action_verify(self):
        """Compute the fingerprint of the kept file again and tell whether it is the one that was mailed."""
        self.ensure_one()
        self.check_access("read")
        right = hashlib.sha256(self._signed_content()).hexdigest() == self.signed_sha256
        message = (
            self.env._("The document is the one that was signed. SHA-256: %s", self.signed_sha256)
            if right
            else self.env._(
                "The document is NOT the one that was signed: somebody changed it in the database. Compare with the"
                " copy that was mailed to both sides."
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success" if right else "danger", "sticky": True, "message": message},
        }

    def _signed_mail_partners(self):
        """Return the contacts of both sides who get the signed document."""
        self.ensure_one()
        ours = (self.company_signatory_id | self.user_id).partner_id
        return (self._signature_mail_partner() | ours).filtered("email")

    def _tell_signed(self, send=True):
        """Say in the chatter that the document is kept, with its fingerprint; mail it to both sides."""
        template = self.env.ref("fabloch_partnership.mail_template_convention_signed")
        for convention in self.sudo():
            message = convention.message_post(
                body=self.env._(
                    "Signed document kept: %(name)s, SHA-256 %(hash)s.",
                    name=convention.signed_file_name,
                    hash=convention.signed_sha256,
                ),
                attachments=[(convention.signed_file_name, convention._signed_content())],
                subtype_xmlid="mail.mt_note",
            )
            if send:
                template.send_mail(
                    convention.id,
                    email_values={"attachment_ids": [Command.link(each.id) for each in message.attachment_ids]},
                )
