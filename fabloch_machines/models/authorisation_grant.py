from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.fabloch_finance import arguments

from .. import clock
from .authorisation_status import VALID_STATUSES


class AuthorisationGrant(models.Model):
    """How authorisations come, go on and go."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.authorisation"

    @api.model
    def _grant(self, partners, categories, date=None, note=None, date_end=None):
        """Authorise each of `partners` for each of `categories`; who is authorised already is left as is.

        :param date date: the first day (default: today).
        :param date date_end: the last day (default: as each category says).
        :return: the authorisations made.
        """
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        held = {(found.partner_id, found.category_id) for found in self._held(partners, categories)}
        vals = {"date": date, "note": note or False, **({"date_end": date_end} if date_end else {})}
        return self.create(
            [
                {**vals, "partner_id": partner.id, "category_id": category.id}
                for partner in partners
                for category in categories
                if (partner, category) not in held
            ]
        )

    @api.model
    def _held(self, partners, categories):
        """Return the authorisations of `partners` for `categories` that are valid today, or begin later."""
        return self.search(
            [
                ("partner_id", "in", partners.ids),
                ("category_id", "in", categories.ids),
                ("status", "in", [*VALID_STATUSES, "upcoming"]),
            ]
        )

    def _follow_previous(self):
        """Say which authorisation each of these follows: the latest of the same person and category before it."""
        alone = self.filtered(lambda authorisation: not authorisation.previous_id)
        if not alone:
            return
        earlier = self.search(
            [
                ("partner_id", "in", alone.partner_id.ids),
                ("category_id", "in", alone.category_id.ids),
                ("next_ids", "=", False),
            ]
        ).grouped(lambda authorisation: (authorisation.partner_id, authorisation.category_id))
        for authorisation in alone:
            key = (authorisation.partner_id, authorisation.category_id)
            before = earlier[key].filtered(
                lambda other, own=authorisation: (other.date, other.id) < (own.date, own.id) and not other.next_ids
            )
            authorisation.previous_id = before.sorted(lambda other: (other.date, other.id))[-1:]

    def action_renew(self):
        """Grant each of these anew: from the day after its end, or from today when that is over; open them.

        :raises UserError: when one can't be renewed, with the reason.
        """
        for authorisation in self:
            if reason := authorisation._renewal_obstacle():
                raise UserError(
                    self.env._("%(authorisation)s: %(reason)s", authorisation=authorisation.display_name, reason=reason)
                )
        following = self._renew()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.authorisation_action")
        action.update(domain=[("id", "in", following.ids)], context={})
        if len(following) == 1:
            action.update(views=[(False, "form")], res_id=following.id)
        return action

    def _renew(self):
        """Create the authorisation that follows each of these."""
        self.browse().check_access("create")
        today = fields.Date.context_today(self)
        # What it follows is the action's word: nobody else may write it.
        following = self.sudo().create([authorisation._prepare_next_vals(today) for authorisation in self])
        return following.sudo(self.env.su)

    def _prepare_next_vals(self, today):
        """Values of the authorisation that follows this one when it is renewed on the day `today`."""
        self.ensure_one()
        running = self.status in VALID_STATUSES
        return {
            "partner_id": self.partner_id.id,
            "category_id": self.category_id.id,
            "date": fields.Date.add(self.date_end, days=1) if running else today,
            "previous_id": self.id,
            "granted_by_id": self.env.uid,
        }

    def _renewal_obstacle(self):
        """Return why this authorisation can't be renewed; None if it can."""
        self.ensure_one()
        if self.revoked_on:
            return self.env._("it was withdrawn: grant a new one when the reason is gone.")
        if self._is_followed():
            return self.env._("it is renewed already.")
        if self.status == "upcoming":
            return self.env._("it hasn't begun yet.")
        if self.status in VALID_STATUSES and not self.date_end:
            return self.env._("it has no end: there is nothing to renew.")
        if not self.partner_id.active or not self.category_id.active:
            return self.env._("its person or its category is archived: restore it first.")
        return None

    def action_withdraw(self, reason=None):
        """Withdraw these authorisations, from today.

        Bookings that are confirmed already stay: the screen says which, for the staff to decide.

        :param str reason: why; kept, and shown to the staff.
        :raises UserError: without a reason, or when one is withdrawn already.
        """
        reason = arguments.words(self.env, reason)
        if not reason:
            raise UserError(self.env._("Say why the authorisation is withdrawn."))
        for authorisation in self:
            if authorisation.revoked_on:
                raise UserError(
                    self.env._(
                        "%(authorisation)s was withdrawn on %(date)s already: %(reason)s",
                        authorisation=authorisation.display_name,
                        date=format_date(self.env, authorisation.revoked_on),
                        reason=authorisation.revoked_reason,
                    )
                )
        self.check_access("write")
        self.sudo().write(
            {
                "revoked_on": fields.Date.context_today(self),
                "revoked_by_id": self.env.uid,
                "revoked_reason": reason,
            }
        )
        return True

    def _bookings_ahead(self):
        """Return the bookings that these persons still have on these machines."""
        if not self:
            return self.env["fabloch.booking"]
        found = self.env["fabloch.booking"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("category_id", "in", self.category_id.ids),
                ("state", "=", "confirmed"),
                ("start", ">", clock.now()),
            ],
            order="start",
        )
        pairs = {(authorisation.partner_id, authorisation.category_id) for authorisation in self}
        return found.filtered(lambda booking: (booking.partner_id, booking.category_id) in pairs)
