from odoo import api, models
from odoo.exceptions import UserError

# Only the actions and the computations set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {
    "amount_refunded",
    "cancel_date",
    "cancel_reason",
    "charge_id",
    "commercial_partner_id",
    "confirm_date",
    "date_received",
    "gift_date",
    "given_date",
    "membership_id",
    "move_id",
    "name",
    "origin",
    "payment",
    "promise_id",
    "promise_ids",
    "reminder_ids",
    "state",
}
# What stands in the books: it never changes while an entry says it.
POSTED_FIELDS = {
    "amount",
    "company_id",
    "donor_kind",
    "expense_ids",
    "goods_lent",
    "nature",
    "partner_id",
    "skill_day_cost",
    "skill_days",
    "skill_people",
}


class DonationRules(models.Model):
    """What may be done to a gift, and when; each refusal says what to do."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    def write(self, vals):
        self._check_engine_fields([vals])
        if locked := POSTED_FIELDS.intersection(vals):
            self._check_not_posted(locked, vals)
        return super().write(vals)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "These fields of a gift follow from the books or from an action and can't be set: %s. "
            "Use the buttons of the gift.",
            ", ".join(names),
        )

    def _check_not_posted(self, names, vals):
        for donation in self.filtered(lambda each: each._is_posted() or each.state == "cancelled"):
            for name in names:
                field = self._fields[name]
                if field.type != "one2many" and field.convert_to_write(donation[name], donation) == vals[name]:
                    continue
                raise UserError(
                    self.env._(
                        "“%(field)s” of %(gift)s can't change any more: the gift is in the books or cancelled. "
                        "Cancel it, with the reason, and record another one.",
                        field=field.get_description(self.env)["string"],
                        gift=donation.display_name,
                    )
                )

    def _is_posted(self):
        """Tell whether an entry that isn't cancelled, or the invoice of a fee, says what this gift is."""
        self.ensure_one()
        return self.origin == "fee" or (bool(self.move_id) and self.move_id.state != "cancel")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        for donation in self.filtered("confirm_date"):
            raise UserError(
                self.env._("%s has its number and can't be deleted: cancel it, with the reason.", donation.display_name)
            )
