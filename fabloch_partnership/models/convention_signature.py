import base64
import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ..signed_file import Refused, signature_png
from .convention_sealed import SEALED_FIELDS

MAX_NAME = 100


class ConventionSignature(models.Model):
    """The signatures: the text is sent, each side signs that same text in whichever order, the second one concludes.

    By default the association signs first, so that the partner's signature makes the convention. What the portal asks
    for ends in `_sign_for_partner` and `_decline`.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    company_signed_by = fields.Char("Signed for us by (name)", readonly=True, copy=False)
    company_signed_on = fields.Datetime("Signed for us on", readonly=True, copy=False)
    company_signature = fields.Binary("Our signature", attachment=False, readonly=True, copy=False)
    partner_signed_by = fields.Char("Signed for the partner by (name)", readonly=True, copy=False)
    partner_signed_on = fields.Datetime("Signed for the partner on", readonly=True, copy=False)
    partner_signed_ip = fields.Char(
        "From the address",
        readonly=True,
        copy=False,
        groups="fabloch_partnership.group_partnership_user",
        help="The IP address from which the partner signed online.",
    )
    partner_signed_user_id = fields.Many2one(
        "res.users",
        "With the account",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="fabloch_partnership.group_partnership_user",
        help="Empty: with the link that was mailed to the signatory, without logging in.",
    )
    partner_signature = fields.Binary("The partner's signature", attachment=False, readonly=True, copy=False)
    can_sign_for_us = fields.Boolean(compute="_compute_can_sign_for_us")

    @api.depends("state", "company_signatory_id", "company_signed_on")
    @api.depends_context("uid")
    def _compute_can_sign_for_us(self):
        for convention in self:
            convention.can_sign_for_us = (
                convention.state == "in_signature"
                and not convention.company_signed_on
                and convention.company_signatory_id == self.env.user
            )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | SEALED_FIELDS

    def _engine_refusal(self, names):
        sealed = sorted(SEALED_FIELDS.intersection(names))
        if not sealed:
            return super()._engine_refusal(names)
        return self.env._(
            "These fields of a convention follow from its signature and can't be set: %s. Use its buttons.",
            ", ".join(sealed),
        )

    # -- Signing ------------------------------------------------------------------------------------------------------

    def action_open_sign_for_us(self):
        """Return the action of the wizard in which our signatory signs."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.convention_sign_for_us_action") | {
            "context": {"default_convention_id": self.id}
        }

    def _sign_for_us(self, signature):
        """Record the signature of the association by the present user; mail the partner, or conclude.

        :param signature: the image, in base64
        :raise AccessError: when the user isn't the convention's signatory for us
        """
        self.ensure_one()
        if self.env.user != self.company_signatory_id:
            raise AccessError(
                self.env._(
                    "Only %(signatory)s signs %(convention)s for the association. Change “Signed for us by” while it"
                    " is negotiated, or ask them to sign.",
                    signatory=self.company_signatory_id.name or self.env._("its signatory"),
                    convention=self.display_name,
                )
            )
        convention = self.sudo()
        convention._check_may_sign("company")
        convention.write(
            {
                "company_signed_by": self.env.user.name,
                "company_signed_on": fields.Datetime.now(),
                "company_signature": self._checked_signature(signature),
            }
        )
        convention.activity_unlink(["mail.mail_activity_data_todo"], user_id=self.env.uid)
        if convention.partner_signed_on:
            convention._conclude()
        else:
            convention._mail_for_signature()

    def _sign_for_partner(self, name, signature, ip, user=None):
        """Record the partner's signature, once; conclude if the association has signed, else ask it to.

        :param str name: as the person typed it
        :param str signature: the image, in base64
        :param str ip: from where
        :param user: the portal user who signs; None for somebody who came with the mailed link
        :raise UserError: when it can't be signed (any more), or the name or the image can't be taken
        """
        self.ensure_one()
        convention = self.sudo()
        convention._check_may_sign("partner")
        convention.write(
            {
                "partner_signed_by": self._checked_name(name),
                "partner_signed_on": fields.Datetime.now(),
                "partner_signed_ip": ip,
                "partner_signed_user_id": user.id if user else False,
                "partner_signature": self._checked_signature(signature),
            }
        )
        if convention.company_signed_on:
            convention._conclude()
        else:
            convention._ask_our_signature()

    def _check_may_sign(self, side):
        """Check, under a lock, that this side may sign now: two at once are one after the other here."""
        self.ensure_one()
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Somebody is signing %s right now: look at it again in a moment.", self.display_name)
            )
        self.invalidate_recordset()
        if self.state != "in_signature":
            raise UserError(self.env._("%s is not open for signature (any more).", self.display_name))
        if self[f"{side}_signed_on"]:
            raise UserError(self.env._("%s is signed already on this side.", self.display_name))
        if self.text_sha256 != self._document_fingerprint():
            raise UserError(
                self.env._(
                    "The text of %s has changed since it was sent for signature. It has to be taken back and sent"
                    " again, so that both sides sign the same text.",
                    self.display_name,
                )
            )

    def _checked_name(self, name):
        name = re.sub(r"\s+", " ", name).strip() if isinstance(name, str) else ""
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise UserError(self.env._("Write your name in at most %s characters.", MAX_NAME))
        return name

    def _checked_signature(self, signature):
        try:
            return base64.b64encode(signature_png(signature))
        except Refused as refused:
            reasons = {
                "missing": self.env._("The signature is missing: draw it, type it or load an image."),
                "size": self.env._("The image of the signature is too large: draw it, or load a smaller one."),
                "kind": self.env._("The signature can't be read: draw it, or load a PNG or JPEG image."),
            }
            raise UserError(reasons[refused.reason]) from refused

    def _conclude(self):
        """Both sides have signed: keep the document, sign, tell both."""
        self.ensure_one()
        # The renderer and the assets that it asks for see what is in the database.
        self.flush_recordset()
        report = self.env["ir.actions.report"].with_company(self.company_id).with_context(force_report_rendering=True)
        content, _kind = report._render_qweb_pdf("fabloch_partnership.action_report_convention", self.ids)
        self._seal(content, self._document_file_name(), "online")
        self.action_sign(fields.Date.context_today(self, max(self.partner_signed_on, self.company_signed_on)))
        self._tell_signed()

    def _sign_on_paper(self, date, content, extension):
        """Keep the scan `content` of what was signed on paper on `date`, and sign.

        :raise UserError: when it is not in signature, or a signed document is kept already
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "draft":
            raise UserError(
                self.env._("%s is not in signature: fix its text first with “Sign on paper”.", self.display_name)
            )
        if self.state == "in_signature":
            # A signature online is void when the paper makes the convention.
            void = {name: False for name in SEALED_FIELDS if name.startswith(("partner_", "company_"))}
            self.sudo().write(void)
        name = f"{self._get_report_base_filename()}.{extension}"
        self._seal(content, name, "paper")
        if self.state == "in_signature":
            self.action_sign(date)
        self._tell_signed(send=False)

    def _decline(self, message, name):
        """The partner doesn't sign: back to the negotiation, with what they say, as an activity of who follows it."""
        self.ensure_one()
        convention = self.sudo()
        if convention.state != "in_signature" or convention.partner_signed_on:
            raise UserError(self.env._("%s is not open for signature (any more).", convention.display_name))
        convention.action_back_to_draft()
        note = self.env._("%(name)s doesn't sign: %(message)s", name=name, message=message or "–")
        convention.message_post(body=note, author_id=convention._signature_mail_partner().id)
        user = convention.user_id or convention.company_signatory_id
        if user:
            convention.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The partner declined to sign"),
                note=plaintext2html(note),
                user_id=user.id,
            )
