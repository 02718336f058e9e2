from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import periods

# Only the actions set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {
    "company_id",
    "granted_by_id",
    "next_ids",
    "previous_id",
    "reminder_ids",
    "revoked_by_id",
    "revoked_on",
    "revoked_reason",
}
# Who may do what: another person or other machines are another authorisation.
GRANTED_FIELDS = {"partner_id", "category_id"}


class Authorisation(models.Model):
    """An authorisation (habilitation): a person may use the machines of a category, until it expires.

    Beside this file: its status, never stored (authorisation_status.py), how it is granted, renewed and withdrawn
    (authorisation_grant.py), the mails before it ends (authorisation_reminder.py).
    """

    _name = "fabloch.authorisation"
    _description = "Authorisation"
    _inherit = ["mail.thread", "mail.activity.mixin", "fabloch.engine.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", "Person", required=True, index=True, ondelete="restrict", tracking=True)
    category_id = fields.Many2one(
        "fabloch.machine.category", required=True, index=True, ondelete="restrict", tracking=True, check_company=True
    )
    company_id = fields.Many2one(related="category_id.company_id", store=True, index=True)
    date = fields.Date("Granted on", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(
        "Valid until",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Last day; without end when empty.",
    )
    granted_by_id = fields.Many2one(
        "res.users", "Granted by", readonly=True, copy=False, default=lambda self: self.env.user, tracking=True
    )
    revoked_on = fields.Date("Withdrawn on", readonly=True, copy=False, tracking=True)
    revoked_by_id = fields.Many2one("res.users", "Withdrawn by", readonly=True, copy=False)
    revoked_reason = fields.Char("Reason of the withdrawal", readonly=True, copy=False, tracking=True)
    previous_id = fields.Many2one(
        "fabloch.authorisation", "Follows", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    next_ids = fields.One2many("fabloch.authorisation", "previous_id", "Followed by", readonly=True)
    note = fields.Char(help="How it was obtained: introduction, training, diploma.")

    _dates_ordered = models.Constraint(
        "CHECK (date_end >= date)", "An authorisation ends on or after the day on which it is granted."
    )
    _person_idx = models.Index("(partner_id, category_id)")

    @api.depends("category_id", "date")
    def _compute_date_end(self):
        for authorisation in self:
            months = authorisation.category_id.authorisation_months
            if authorisation.date and months:
                # Twelve months from 10 March are over on 9 March.
                authorisation.date_end = authorisation.date + relativedelta(months=months, days=-1)
            else:
                authorisation.date_end = False

    @api.depends("partner_id", "category_id")
    def _compute_display_name(self):
        for authorisation in self:
            authorisation.display_name = f"{authorisation.category_id.name}, {authorisation.partner_id.name}"

    @api.model_create_multi
    def create(self, vals_list):
        authorisations = super().create(vals_list)
        authorisations.sudo()._follow_previous()
        return authorisations

    def write(self, vals):
        self._check_engine_fields([vals])
        for name in GRANTED_FIELDS.intersection(vals):
            for authorisation in self:
                if authorisation[name].id != vals[name]:
                    raise UserError(
                        self.env._(
                            "%s stays with its person and its machines: withdraw it, with the reason, and grant "
                            "another one.",
                            authorisation.display_name,
                        )
                    )
        return super().write(vals)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "These fields of an authorisation follow from its buttons and can't be set: %s. "
            "Grant, renew or withdraw it.",
            ", ".join(names),
        )

    # -- What booking asks -------------------------------------------------------------------------------------------

    @api.model
    def _authorised(self, requests):
        """Return those of the `QuoteRequest`s whose person may use the machine on that day: as a set.

        A company may book what one of its people is authorised for. One query, two when a category takes
        authorisations away that aren't used.
        """
        Machine = self.env["fabloch.machine"]
        settings_of = {request: Machine._settings(request.machine.id) for request in requests}
        needing = [request for request in requests if settings_of[request].requires_authorisation]
        found = set(requests).difference(needing)
        if not needing:
            return found
        partners = self.env["res.partner"].union(*(request.partner for request in needing))
        valid = self.sudo().search_fetch(
            [
                ("category_id", "in", sorted({settings_of[request].category_id for request in needing})),
                ("revoked_on", "=", False),
                "|",
                ("partner_id", "in", partners.ids),
                ("partner_id.parent_id", "in", partners.ids),
            ],
            ["partner_id", "category_id", "date", "date_end", "revoked_on"],
        )
        unused_months = {settings.category_id: settings.unused_months for settings in settings_of.values()}
        last_used = valid._last_used() if any(unused_months.values()) else {}
        by_key = {}
        for authorisation in valid:
            for partner in authorisation.partner_id | authorisation.partner_id.parent_id:
                by_key.setdefault((partner.id, authorisation.category_id.id), []).append(authorisation)
        for request in needing:
            settings = settings_of[request]
            day = periods.to_local(request.start, settings.tz).date()
            for authorisation in by_key.get((request.partner.id, settings.category_id), ()):
                if authorisation._holds_on(day, settings.unused_months, last_used.get(authorisation)):
                    found.add(request)
        return found

    def _holds_on(self, day, unused_months, last_used=None):
        """Return whether this authorisation lets its person book for `day`.

        :param int unused_months: it is lost when it wasn't used for so long; never when 0.
        :param date last_used: the last use, if there was one.
        """
        if self.date > day or (self.date_end and self.date_end < day) or self.revoked_on:
            return False
        if not unused_months:
            return True
        return max(self.date, last_used or self.date) + relativedelta(months=unused_months) >= day

    def _last_used(self):
        """Return {authorisation: day of the last use of its category by its person}, where that matters."""
        counting = self.filtered(lambda authorisation: authorisation.category_id.authorisation_unused_months)
        if not counting:
            return {}
        last = {
            (partner, category): stop.date()
            for partner, category, stop in self.env["fabloch.booking"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "in", counting.partner_id.ids),
                    ("category_id", "in", counting.category_id.ids),
                    ("state", "=", "confirmed"),
                ],
                ["partner_id", "category_id"],
                ["stop:max"],
            )
        }
        return {
            authorisation: last[authorisation.partner_id, authorisation.category_id]
            for authorisation in counting
            if (authorisation.partner_id, authorisation.category_id) in last
        }

    @api.model
    def _missing_reason(self, request):
        """Say which authorisation is missing, and what to do about it."""
        category = request.machine.category_id
        held = self.sudo().search(
            [("partner_id", "=", request.partner.id), ("category_id", "=", category.id)], order="date desc", limit=1
        )
        words = {"machine": request.machine.name, "category": category.name, "person": request.partner.name}
        if held.revoked_on:
            reason = self.env._(
                "%(machine)s needs the authorisation “%(category)s”, and %(person)s's was withdrawn.", **words
            )
        elif held:
            reason = self.env._(
                "%(machine)s needs the authorisation “%(category)s”, and %(person)s's isn't valid on that day "
                "(expired, or not used for too long).",
                **words,
            )
        else:
            reason = self.env._(
                "%(machine)s needs the authorisation “%(category)s”, which %(person)s doesn't have.", **words
            )
        return f"{reason} {category._how_to_be_authorised(request.partner)}"
