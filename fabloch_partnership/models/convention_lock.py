from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance.guard import without_defaults, would_change

# Only the actions and the computations set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {
    "agreed_end",
    "amended_id",
    "amendment_ids",
    "amount",
    "counterpart_value",
    "last_day",
    "name",
    "next_ids",
    "previous_id",
    "sent_on",
    "signed_on",
    "state",
    "terminated_on",
    "termination_reason",
    "total_amount",
    "total_counterpart_value",
    "was_sent",
}
# What both sides sign: never changed from the moment when it is sent to signature.
TERM_FIELDS = {
    "company_id",
    "company_signatory_id",
    "date_end",
    "date_start",
    "notice_months",
    "partner_id",
    "renewal_limit",
    "renewal_months",
    "signatory_function",
    "signatory_id",
    "tacit_renewal",
    "title",
    "type_id",
}


class ConventionLock(models.Model):
    """What can't be done to a convention: what is being signed, or is signed, stays as it is, whoever asks.

    Only the engine itself (superuser mode, which no call from outside has) passes.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    was_sent = fields.Boolean(
        "Sent to signature once", readonly=True, copy=False, help="Whatever became of it: it is kept for good."
    )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return _engine_refusal(self, names)

    @api.model
    def _term_fields(self):
        """Return the names of the fields that are locked once sent to signature; other files add their own."""
        return TERM_FIELDS

    @api.model
    def default_get(self, fields_list):
        # The column of a kanban gives its state as a default: what is made there is to be negotiated all the same.
        return super(ConventionLock, without_defaults(self, self._engine_fields())).default_get(fields_list)

    def write(self, vals):
        self._check_engine_fields([vals])
        if not self.env.su:
            for convention in self.filtered(lambda each: each.state != "draft"):
                if changed := _changed(convention, self._term_fields(), vals):
                    raise convention._locked_error(changed)
            self._check_may_archive(vals)
            self._check_amendment_terms(vals)
        if vals.get("state", "draft") != "draft":
            vals = {**vals, "was_sent": True}
        return super().write(vals)

    def _locked_error(self, names=(), part=None):
        """Return the error that says what is locked here, and what to do instead."""
        record = part or self
        words = {
            "convention": self.display_name,
            "fields": ", ".join(record._fields[name].get_description(self.env)["string"] for name in names)
            or record._description,
        }
        if self.state == "in_signature":
            return UserError(
                self.env._(
                    "%(convention)s is in signature: what is being signed can't change (%(fields)s). Take it back to "
                    "negotiation first.",
                    **words,
                )
            )
        return UserError(
            self.env._(
                "%(convention)s is signed: its terms are locked (%(fields)s). Make an amendment (avenant) instead.",
                **words,
            )
        )

    def _check_may_archive(self, vals):
        if vals.get("active", True):
            return
        for convention in self:
            if convention.status not in ("draft", "expired", "terminated"):
                raise UserError(
                    self.env._(
                        "%s can't be archived: take it back from signature, or end it first.", convention.display_name
                    )
                )

    def _check_amendment_terms(self, vals):
        """The partner, company and renewal of an amendment are those of the convention that it amends."""
        names = {"partner_id", "company_id", "tacit_renewal", "renewal_months", "renewal_limit", "notice_months"}
        for convention in self.filtered("amended_id"):
            if changed := _changed(convention, names, vals):
                raise UserError(
                    self.env._(
                        "%(amendment)s amends %(convention)s: %(fields)s can't differ from it.",
                        amendment=convention.name,
                        convention=convention.amended_id.name,
                        fields=", ".join(self._fields[name].get_description(self.env)["string"] for name in changed),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        for convention in self:
            if convention.state != "draft" or convention.was_sent:
                raise UserError(
                    self.env._(
                        "%s was sent to signature and can't be deleted: end it, or take it back to negotiation and "
                        "archive it.",
                        convention.display_name,
                    )
                )


class ConventionPart(models.AbstractModel):
    """What stands inside a convention and is locked with it: commitments, instalments."""

    _name = "fabloch.convention.part"
    _description = "Part of a convention"
    _inherit = "fabloch.engine.mixin"

    @api.model
    def _engine_fields(self):
        # They are the convention's: who pays is who signs.
        return super()._engine_fields() | {"company_id", "partner_id"}

    def _engine_refusal(self, names):
        return _engine_refusal(self, names)

    @api.model
    def _free_fields(self):
        """Return the names of the fields that stay free once the convention is signed; other files add their own."""
        return set()

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_convention_open()
        return parts

    def write(self, vals):
        self._check_engine_fields([vals])
        locked = set(vals) - self._free_fields() - self._engine_fields()
        if not locked or self.env.su:
            return super().write(vals)
        self.check_access("write")
        for part in self:
            if part.convention_id.state != "draft" or part._is_made():
                if changed := _changed(part, locked, vals):
                    raise part.convention_id._locked_error(changed, part)
        result = super().write(vals)
        if "convention_id" in locked:
            self._check_convention_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self._check_convention_open()

    def _is_made(self):
        """Tell whether something was made of this part already, so that it can't change even in a draft."""
        self.ensure_one()
        return False

    def _check_convention_open(self):
        if self.env.su:
            return
        for part in self:
            if part.convention_id.state != "draft" or part._is_made():
                raise part.convention_id._locked_error(part=part)


def _changed(record, names, vals):
    """Return which fields of `names` these values would really change, in order."""
    return sorted(
        name for name in names.intersection(vals) if name in record._fields and would_change(record, name, vals[name])
    )


def _engine_refusal(records, names):
    return records.env._(
        "These fields of a convention follow from its terms or from an action and can't be set: %s. Use the "
        "buttons of the convention.",
        ", ".join(names),
    )
