from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

PAUSES = [("promise", "Promised to pay"), ("dispute", "Disputed"), ("other", "Other reason")]


class ReminderPauseMixin(models.AbstractModel):
    """What may be left in peace for a while: a pause has a reason and, unless it lasts until it is lifted, an end."""

    _name = "fabloch.reminder.pause.mixin"
    _description = "Pause of the payment reminders"

    fabloch_remind_pause = fields.Selection(
        PAUSES,
        "Reminders paused",
        copy=False,
        tracking=True,
        help="No payment reminder goes as long as there is a reason not to send any.",
    )
    fabloch_remind_paused_until = fields.Date(
        "Paused until", copy=False, tracking=True, help="The last day of the pause. Empty: until it is lifted."
    )

    def _valid_field_parameter(self, field, name):
        # Both models that are paused are discussed, and track.
        return name == "tracking" or super()._valid_field_parameter(field, name)

    @api.constrains("fabloch_remind_pause", "fabloch_remind_paused_until")
    def _check_fabloch_remind_pause(self):
        for record in self:
            if record.fabloch_remind_pause == "promise" and not record.fabloch_remind_paused_until:
                raise ValidationError(
                    self.env._(
                        "%s: write the day until which payment was promised. After it, reminders go on.",
                        record.display_name,
                    )
                )

    def _fabloch_pause_text(self):
        """Return why no reminder goes today, or ''."""
        self.ensure_one()
        until = self.fabloch_remind_paused_until
        if not self.fabloch_remind_pause or (until and until < fields.Date.context_today(self)):
            return ""
        reason = dict(self._fields["fabloch_remind_pause"]._description_selection(self.env))[self.fabloch_remind_pause]
        if until:
            return self.env._("%(reason)s, until %(date)s", reason=reason, date=format_date(self.env, until))
        return reason


class AccountMove(models.Model):
    """An invoice may be disputed, or its payment promised for a day."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _name = "account.move"
    _inherit = ["account.move", "fabloch.reminder.pause.mixin"]


class ResPartner(models.Model):
    """A payer may be left in peace for all invoices."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _name = "res.partner"
    _inherit = ["res.partner", "fabloch.reminder.pause.mixin"]
