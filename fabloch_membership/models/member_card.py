import base64
import io
import secrets

import qrcode

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.image import image_data_uri

from .membership_status import VALID_STATUSES


class MemberCard(models.Model):
    """The secret in a member's QR code: whoever holds the card can check that it is valid, and learn nothing else.

    A card is kept from year to year; taking it back makes its QR code worthless and the next print makes another.
    """

    _name = "fabloch.member.card"
    _description = "Member card"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Member", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    token = fields.Char(
        required=True, copy=False, groups="base.group_system", default=lambda self: secrets.token_urlsafe(24)
    )
    date = fields.Date("Made on", required=True, default=fields.Date.context_today)
    active = fields.Boolean(default=True)

    _token_unique = models.UniqueIndex("(token)", "This card's token exists already.")
    _one_card = models.UniqueIndex(
        "(partner_id, company_id) WHERE active", "This member has a card already: take it back first."
    )

    def write(self, vals):
        """A card is taken back, and nothing else: moved to another contact, or revived, it would be a forgery."""
        if not self.env.su and vals != {"active": False}:
            raise AccessError(self.env._("A card can only be taken back: the next print makes a new one."))
        return super().write(vals)

    @api.model
    def _of(self, partners, company):
        """Return {partner: its live card in `company`}; those who have none get one."""
        Card = self.sudo()
        cards = Card.search([("partner_id", "in", partners.ids), ("company_id", "=", company.id)])
        missing = partners - cards.partner_id
        cards |= Card.create([{"partner_id": partner.id, "company_id": company.id} for partner in missing])
        return {card.partner_id: card for card in cards}

    def action_take_back(self):
        """Make these cards worthless, when they are lost or stolen; the next print makes new ones."""
        self.check_access("write")
        self.sudo().write({"active": False})
        return True

    @api.model
    def _check_token(self, token):
        """Tell what the card with this `token` is worth today.

        :param str token: as scanned.
        :return: None for a card that doesn't exist (or was taken back), else (valid, last day or False).
        """
        readable = token and token.isascii() and token.isprintable()
        card = self.sudo().search([("token", "=", token)], limit=1) if readable else self
        if not card:
            return None
        partner = card.partner_id.with_company(card.company_id)
        membership = partner.current_membership_id
        return membership.status in VALID_STATUSES, membership.valid_until if membership.in_order else False

    def _url(self):
        """Return the address that the QR code leads to."""
        self.ensure_one()
        return f"{self.sudo().get_base_url()}/membership/card/{self.sudo().token}"

    def _qr_code(self):
        """Return the QR code as a data URI: it stands in the PDF, no request is made to draw it."""
        self.ensure_one()
        image = io.BytesIO()
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=8, border=1)
        code.add_data(self._url())
        code.make_image().save(image, "PNG")
        return image_data_uri(base64.b64encode(image.getvalue()))
