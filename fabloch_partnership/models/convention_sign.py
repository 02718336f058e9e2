from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.fabloch_finance import arguments


class ConventionSign(models.Model):
    """From the negotiation to the signature."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    sent_on = fields.Datetime("Sent to signature on", readonly=True, copy=False)

    def action_send_to_signature(self):
        """Send these drafts to signature: from now on what both sides are to sign can't change.

        :raises UserError: with everything that is missing, for each convention.
        """
        self.check_access("write")
        self._check_state("draft", self.env._("Only what is under negotiation is sent to signature."))
        if missing := self._missing_for_signature():
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(convention)s can't be sent to signature yet: %(reasons)s",
                        convention=convention.display_name,
                        reasons="".join(f"\n- {reason}" for reason in reasons),
                    )
                    for convention, reasons in missing.items()
                )
            )
        self.sudo().write({"state": "in_signature", "sent_on": fields.Datetime.now()})
        return True

    def action_back_to_draft(self):
        """Take these back from signature: their terms can be negotiated again.

        :raises UserError: when one is not in signature.
        """
        self.check_access("write")
        self._check_state("in_signature", self.env._("Only what is in signature goes back to negotiation."))
        self.sudo().write({"state": "draft"})
        return True

    def action_sign(self, date=None, **signature):
        """Note that both sides have signed these conventions, on paper or otherwise.

        :param date date: the day of the last signature; by default today.
        :param signature: what else is known of the signatures, among the fields of `_signature_fields`.
        :raises UserError: when one is not in signature, or the day is to come.
        """
        self.check_access("write")
        if unknown := set(signature) - self._signature_fields():
            raise AccessError(
                self.env._("This is no part of a signature and can't be set by it: %s.", ", ".join(sorted(unknown)))
            )
        self._check_state("in_signature", self.env._("Send it to signature first."))
        date = arguments.day(self.env, date) or fields.Date.context_today(self)
        if date > fields.Date.context_today(self):
            raise UserError(
                self.env._("A convention can't be signed on a day to come (%s).", format_date(self.env, date))
            )
        self._sign({**signature, "signed_on": date})
        return True

    @api.model
    def _signature_fields(self):
        """Return the names of the fields that come with a signature (document, names…), for `action_sign`.

        Whoever adds such fields adds their names here and to `_engine_fields`.
        """
        return set()

    def _sign(self, vals):
        """Sign these conventions, whatever their signatures came from; access was checked by the caller.

        :param dict vals: `signed_on`, and what is known of the signatures.
        """
        conventions = self.sudo()
        conventions._before_sign()
        conventions.write({**vals, "state": "signed"})
        conventions._after_sign()

    def _before_sign(self):
        """What has to hold, or to be made, just before these conventions are signed (superuser mode).

        Raise a `UserError` here to refuse the signature.
        """

    def _after_sign(self):
        """What follows from the signature, in the same transaction (superuser mode): money, envelopes, mails…"""

    def _check_state(self, state, what_to_do):
        for convention in self:
            if convention.state != state:
                raise UserError(
                    self.env._(
                        "%(convention)s is “%(state)s”. %(what_to_do)s",
                        convention=convention.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[convention.state],
                        what_to_do=what_to_do,
                    )
                )

    def _missing_for_signature(self):
        """Return {convention: [what it lacks to be signed]}; nothing for those that lack nothing."""
        missing = {}
        for convention in self:
            if reasons := convention._signature_obstacles():
                missing[convention] = reasons
        return missing

    def _signature_obstacles(self):
        """Return what this convention lacks to be signed, in words; other files add theirs."""
        self.ensure_one()
        reasons = []
        partner = self.partner_id.commercial_partner_id
        if not (partner.street and partner.zip and partner.city):
            reasons.append(self.env._("the partner's address (street, postcode, town): complete its contact"))
        if not self.signatory_id:
            reasons.append(self.env._("who signs for the partner"))
        if not self.company_signatory_id:
            reasons.append(self.env._("who signs for us"))
        if self.signatory_id and not (self.signatory_id.is_company or self.signatory_function) and partner.is_company:
            reasons.append(self.env._("the quality of the partner's signatory (mayor, manager, president…)"))
        if self.amended_id and self.amended_id.state != "signed":
            reasons.append(self.env._("a convention in force to amend: %s is not", self.amended_id.name))
        return reasons
