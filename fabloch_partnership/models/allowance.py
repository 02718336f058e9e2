from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

# What the convention agrees on: who is no officer leaves it alone.
AGREED_FIELDS = {
    "beneficiary_ids",
    "date_from",
    "date_to",
    "invoice_price",
    "invoice_product_id",
    "invoicing",
    "name",
    "period",
    "product_ids",
    "quantity",
    "unit",
}
GRANTING_STATES = ("draft", "signed")


class Allowance(models.Model):
    """An envelope: hours, money or fees that a convention grants to its partner's people.

    It can be used on the days on which the convention runs, and ends with it. What it pays is in the lower addons;
    what the partner is invoiced for it in allowance_invoicing.py, what it is told in envelope_statement.py.
    """

    _inherit = "fabloch.allowance"

    convention_id = fields.Many2one(
        "fabloch.convention",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The convention that grants it: it can be used on the days on which that runs.",
    )
    convention_status = fields.Selection(related="convention_id.status")

    @api.constrains("convention_id", "partner_id", "company_id", "date_from", "date_to")
    def _check_convention(self):
        for envelope in self.sudo().filtered("convention_id"):
            convention = envelope.convention_id
            if envelope.partner_id.commercial_partner_id != convention.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "The envelope “%(envelope)s” is for the partner of its convention, %(partner)s: choose who of "
                        "its people may use it under “Beneficiaries”.",
                        envelope=envelope.name,
                        partner=convention.partner_id.display_name,
                    )
                )
            last_day = convention.last_day
            if envelope.date_from < convention.date_start or (
                last_day and (not envelope.date_to or envelope.date_to > last_day)
            ):
                raise ValidationError(
                    self.env._(
                        "The envelope “%(envelope)s” lies within its convention, which starts on %(start)s and ends "
                        "on %(end)s: correct its dates.",
                        envelope=envelope.name,
                        start=format_date(self.env, convention.date_start),
                        end=format_date(self.env, last_day) or "…",
                    )
                )

    @api.onchange("convention_id")
    def _onchange_convention_id(self):
        if convention := self.convention_id:
            self.partner_id = convention.partner_id.commercial_partner_id
            self.company_id = convention.company_id
            self.date_from = convention.date_start
            self.date_to = convention.last_day or convention.date_end

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_convention_id")
        vals_list = [self._with_convention(vals, default) for vals in vals_list]
        allowances = super().create(vals_list)
        allowances.filtered("convention_id")._tell_convention(self.env._("Envelope granted"))
        return allowances

    def write(self, vals):
        if "convention_id" in vals and not self.env.su:
            raise AccessError(
                self.env._("An envelope stays with the convention that grants it: grant another one instead.")
            )
        changed = self.filtered("convention_id") if AGREED_FIELDS.intersection(vals) else self.browse()
        changed._check_officer()
        result = super().write(vals)
        changed._tell_convention(self.env._("Envelope changed"))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_officer(self):
        envelopes = self.filtered("convention_id")
        envelopes._check_officer()
        envelopes._tell_convention(self.env._("Envelope taken back"))

    def _with_convention(self, vals, default):
        """Return `vals` with what the convention says of its envelope: holder, company, dates.

        :raises AccessError: for who may not write the convention.
        :raises UserError: when the convention can't grant anything now.
        """
        self._check_storable(vals)
        convention = self.env["fabloch.convention"].browse(vals.get("convention_id", default) or [])
        if not convention:
            return vals
        convention.check_access("write")
        if convention.state not in GRANTING_STATES:
            raise UserError(
                self.env._(
                    "%s is in signature or terminated, so it grants no envelope now: do it before it is sent for "
                    "signature, or once it is signed.",
                    convention.display_name,
                )
            )
        proposed = {
            "convention_id": convention.id,
            "partner_id": convention.partner_id.commercial_partner_id.id,
            "company_id": convention.company_id.id,
            "date_from": convention.date_start,
            "date_to": convention.last_day or convention.date_end,
        }
        return {**proposed, **{name: value for name, value in vals.items() if name not in proposed or value}}

    def _check_officer(self):
        """Check that the user may change these envelopes: an officer, and not while both sides look at the text."""
        if self and not self.env.su:
            self.convention_id.check_access("write")
            if signing := self.convention_id.filtered(lambda each: each.state == "in_signature")[:1]:
                raise UserError(
                    self.env._(
                        "%s is in signature: what it grants stays as it is. Take it back to negotiation first, or "
                        "change it once it is signed.",
                        signing.display_name,
                    )
                )

    def _tell_convention(self, what):
        """Note on the signed conventions what was granted or changed: they are locked, their envelopes aren't."""
        for envelope in self.filtered(lambda each: each.convention_id.state == "signed"):
            body = self.env._(
                "%(what)s: “%(name)s”, %(quantity)s, from %(start)s to %(end)s.",
                what=what,
                name=envelope.name,
                quantity=envelope._quantity_text(envelope.quantity),
                start=format_date(self.env, envelope.date_from),
                end=format_date(self.env, envelope.date_to) or "…",
            )
            if envelope.invoicing == "used":
                price = 1.0 if envelope.unit == "currency" else envelope.invoice_price
                body += " " + self.env._(
                    "Invoiced by what is used, at %s for one.",
                    formatLang(self.env, price, currency_obj=envelope.currency_id),
                )
            envelope.convention_id.message_post(body=body)

    @api.model
    def _in_force_domain(self, date):
        running = self.env["fabloch.convention"]._running_domain(date)
        granted = Domain("convention_id", "=", False) | Domain("convention_id", "any", running)
        return super()._in_force_domain(date) & granted

    def _cover_names(self, lang):
        env = self.with_context(lang=lang).env
        return [
            env._(
                "the envelope “%(envelope)s” of %(partner)s",
                envelope=allowance.name,
                partner=allowance.partner_id.name,
            )
            if allowance.convention_id
            else name
            for allowance, name in zip(self, super()._cover_names(lang), strict=True)
        ]
