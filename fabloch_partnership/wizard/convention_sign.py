from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..signed_file import MAX_SCAN_BYTES, Refused, decode, scan_extension


class ConventionSignForUs(models.TransientModel):
    """Our signatory signs a convention."""

    _name = "fabloch.convention.sign.for.us"
    _description = "Sign a convention for the association"

    convention_id = fields.Many2one("fabloch.convention", required=True, readonly=True, ondelete="cascade")
    name = fields.Char("Your name", default=lambda self: self.env.user.name, readonly=True)
    signature = fields.Binary(required=True, attachment=False)

    def action_sign(self):
        """Sign; the partner is mailed, or the convention is concluded when they have signed."""
        self.ensure_one()
        self.convention_id._sign_for_us(self.with_context(bin_size=False).signature)
        return {"type": "ir.actions.act_window_close"}


class ConventionSignPaper(models.TransientModel):
    """Record that a convention was signed on paper, with its scan."""

    _name = "fabloch.convention.sign.paper"
    _description = "Convention signed on paper"

    convention_id = fields.Many2one("fabloch.convention", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(related="convention_id.state")
    date = fields.Date("Signed on", required=True, default=fields.Date.context_today)
    scan = fields.Binary(required=True, attachment=False, help="PDF, PNG or JPEG, at most 20 MB.")
    scan_name = fields.Char()

    def action_sign(self):
        """Keep the scan and sign the convention on the date of the paper."""
        self.ensure_one()
        if self.date > fields.Date.context_today(self):
            raise ValidationError(
                self.env._(
                    "The paper can't be signed on %s, which is to come: give the date that it bears.",
                    format_date(self.env, self.date),
                )
            )
        content, extension = self._checked_scan()
        self.convention_id._sign_on_paper(self.date, content, extension)
        return {"type": "ir.actions.act_window_close"}

    def _checked_scan(self):
        encoded = self.with_context(bin_size=False).scan
        try:
            content = decode(encoded, MAX_SCAN_BYTES)
            return content, scan_extension(content)
        except Refused as refused:
            reasons = {
                "missing": self.env._("The scan is missing: choose the file."),
                "size": self.env._("The scan is over 20 MB: scan it again with a lower resolution."),
                "kind": self.env._("“%s” is no PDF, PNG or JPEG: scan the paper as a PDF.", self.scan_name or ""),
            }
            raise UserError(reasons[refused.reason]) from refused
