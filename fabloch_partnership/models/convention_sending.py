from odoo import fields, models
from odoo.exceptions import UserError

from .convention_sealed import SEALED_FIELDS


class ConventionSending(models.Model):
    """The way to the signatures: the text is completed, fixed, and the link to sign is mailed; or taken back."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    # It lets its holder sign: a colleague of the signatory who reads the convention in the portal doesn't get it.
    access_token = fields.Char(groups="base.group_user")
    text_sha256 = fields.Char(
        "Fingerprint of the text sent",
        readonly=True,
        copy=False,
        help="Both sides sign this very text: if it changes in between, it has to be sent again.",
    )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for convention in self:
            convention.access_url = f"/my/conventions/{convention.id}"
        return result

    def _portal_ensure_token(self):
        return super(ConventionSending, self.sudo())._portal_ensure_token()

    def _get_share_url(self, redirect=False, signup_partner=False, pid=None, share_token=True):
        """Portal users go to the page with their account, without the token."""
        record = self.sudo() if self.env.user.share and not self.env.su else self
        return super(ConventionSending, record)._get_share_url(
            redirect, signup_partner, pid, share_token and record is self
        )

    def action_send_for_signature(self):
        """Fix the text and have it signed: our signatory first, if the company's settings say so, then the partner.

        :raise UserError: when it isn't being negotiated, something is left to complete, or nobody can be mailed
        """
        self.check_access("write")
        for convention in self.filtered(lambda each: not each._signature_mail_partner().email):
            raise UserError(
                self.env._(
                    "%(convention)s can't be sent: %(partner)s has no e-mail. Give one on the contact, or have it"
                    " signed on paper.",
                    convention=convention.display_name,
                    partner=convention._signature_mail_partner().display_name,
                )
            )
        self.action_send_to_signature()
        first = self.filtered("company_id.convention_we_sign_first")
        (self - first)._mail_for_signature()
        first._ask_our_signature()
        if len(self) == 1 and self.can_sign_for_us:
            return self.action_open_sign_for_us()
        return True

    def action_send_to_signature(self):
        result = super().action_send_to_signature()
        for convention in self:
            convention.sudo().text_sha256 = convention._document_fingerprint()
        return result

    def _signature_obstacles(self):
        reasons = super()._signature_obstacles()
        if not self.article_ids:
            reasons.append(self.env._("a text: take its type's, or write articles on the page “Text”"))
        elif blanks := self._document_blanks():
            reasons.append(self.env._("what the document leaves “[à compléter]”: %s", "; ".join(blanks)))
        return reasons

    def _signature_mail_partner(self):
        """Return the contact to whom the link to sign is mailed."""
        self.ensure_one()
        return self.signatory_id or self.partner_id

    def _mail_for_signature(self):
        template = self.env.ref("fabloch_partnership.mail_template_convention_to_sign")
        for convention in self:
            convention.sudo()._portal_ensure_token()
            template.sudo().send_mail(convention.id)
            convention.sudo().message_post(
                body=self.env._(
                    "The link to sign was mailed to %s.", convention._signature_mail_partner().display_name
                ),
                subtype_xmlid="mail.mt_note",
            )

    def action_resend(self):
        """Mail the link to sign again.

        :raise UserError: when the partner has signed already, or our signature comes first and is missing
        """
        self.check_access("write")
        for convention in self:
            if convention.state != "in_signature" or convention.partner_signed_on:
                raise UserError(self.env._("%s doesn't wait for the partner's signature.", convention.display_name))
            if convention.company_id.convention_we_sign_first and not convention.company_signed_on:
                raise UserError(
                    self.env._(
                        "%(convention)s waits for the signature of %(signatory)s first.",
                        convention=convention.display_name,
                        signatory=convention.company_signatory_id.name or self.env._("our signatory"),
                    )
                )
        self._mail_for_signature()
        return True

    def _ask_our_signature(self):
        for convention in self.filtered(lambda each: each.company_signatory_id and not each.can_sign_for_us):
            convention.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Sign this convention"),
                user_id=convention.company_signatory_id.id,
            )

    def action_back_to_draft(self):
        """Take the text back to the negotiation: the signatures made so far and the links mailed are void."""
        result = super().action_back_to_draft()
        self.sudo().write({"access_token": False, **dict.fromkeys(SEALED_FIELDS - {"sent_on"}, False)})
        return result
