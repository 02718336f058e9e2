from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

NO_END = fields.Date.to_date("9999-12-31")


class Mandate(models.Model):
    """Who of ours sits in which body of a network, since when, until when."""

    _name = "fabloch.mandate"
    _description = "Mandate in a network"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "network_id, body_id, date_from desc, id"
    _rec_names_search = ["partner_id.name", "network_id.name", "role"]
    _check_company_auto = True
    _mail_post_access = "read"

    network_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain=[("is_network", "=", True)],
        context={"default_is_network": True, "default_is_company": True},
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Representative",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain=[("is_company", "=", False)],
        help="Who of ours sits there.",
    )
    body_id = fields.Many2one(
        "fabloch.mandate.body",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="Board, bureau, working group… Type a name that isn't in the list to add it.",
    )
    role = fields.Char(
        required=True,
        tracking=True,
        default=lambda self: self.env._("Member"),
        help="Member, president, treasurer, substitute…",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    convention_id = fields.Many2one(
        "fabloch.convention",
        "Affiliation",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain="[('partner_id', '=', network_id)]",
        help="The convention by which we belong to the network.",
    )
    date_from = fields.Date("Since", required=True, tracking=True, index=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", tracking=True, index=True, help="The last day; empty while no end is known.")
    elected_on = fields.Date("Elected or appointed on")
    elected_by = fields.Char("Elected or appointed by", help="The network's general assembly, our own bureau…")
    user_id = fields.Many2one(
        "res.users",
        "Followed by",
        default=lambda self: self.env.user,
        ondelete="set null",
        domain=[("share", "=", False)],
        help="Gets the reminder before the end of the mandate.",
    )
    note = fields.Text()
    is_current = fields.Boolean("Held today", compute="_compute_is_current", search="_search_is_current")
    active_on = fields.Date(
        "Held on",
        compute="_compute_is_current",
        search="_search_active_on",
        help="Search a date here: the mandates that were, or will be, held on that day.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A mandate ends on or after the day on which it begins."
    )

    @api.depends("partner_id", "role", "body_id", "network_id")
    def _compute_display_name(self):
        for mandate in self:
            parts = [mandate.partner_id.name, mandate.role, mandate.body_id.name, mandate.network_id.name]
            mandate.display_name = " – ".join(filter(None, parts))

    @api.depends("date_from", "date_to")
    @api.depends_context("tz")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for mandate in self:
            mandate.is_current = mandate._is_held_on(today)
            mandate.active_on = mandate.is_current and today

    def _is_held_on(self, day):
        """Tell whether this mandate is held on the day `day`, its first and last day included."""
        self.ensure_one()
        return bool(self.date_from) and self.date_from <= day <= (self.date_to or NO_END)

    @api.model
    def _held_domain(self, day, until=None):
        """Domain of the mandates held on `day`, or on any day from `day` to `until`."""
        return Domain("date_from", "<=", until or day) & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))

    def _search_is_current(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        domain = self._held_domain(fields.Date.context_today(self))
        return domain if (operator == "in") == (True in value) else ~domain

    def _search_active_on(self, operator, value):
        """Search by the date that a person types: = is held on that day; < and > on some day before or after it."""
        if operator in ("in", "not in"):
            days = [fields.Date.to_date(day) for day in value if day]
            domain = Domain.OR(self._held_domain(day) for day in days)
            return domain if operator == "in" else ~domain
        day = fields.Date.to_date(value)
        if operator in ("<", "<="):
            return Domain("date_from", operator, day)
        if operator in (">", ">="):
            return Domain("date_to", "=", False) | Domain("date_to", operator, day)
        return NotImplemented

    @api.constrains("network_id")
    def _check_network(self):
        for mandate in self:
            if not mandate.network_id.is_network:
                raise ValidationError(
                    self.env._(
                        "%s isn't marked as a network: tick “Network” on its contact first.", mandate.network_id.name
                    )
                )

    @api.constrains("network_id", "body_id", "role", "partner_id", "date_from", "date_to", "company_id")
    def _check_overlap(self):
        """Nobody holds the same role in the same body twice on one day."""
        domain = Domain.AND(
            Domain(name, "in", self[name].ids) for name in ("network_id", "partner_id", "body_id", "company_id")
        )
        held = self.sudo().search(domain, order="date_from, id")
        for seat in held.grouped(lambda each: each._seat()).values():
            last = seat[:1]
            for mandate in seat[1:]:
                if mandate.date_from <= (last.date_to or NO_END):
                    older = mandate if last in self else last
                    raise ValidationError(
                        self.env._(
                            "%(person)s holds this role there already, on the same days: %(one)s, since %(since)s. "
                            "End that mandate first, or begin the new one on the day after.",
                            person=mandate.partner_id.name,
                            one=older.display_name,
                            since=fields.Date.to_string(older.date_from),
                        )
                    )
                last = mandate

    def _seat(self):
        """What one person can hold only once at a time; the case of a role's letters says nothing."""
        self.ensure_one()
        role = " ".join((self.role or "").casefold().split())
        return self.company_id, self.network_id, self.body_id, self.partner_id, role

    def action_end(self):
        """End these mandates today: an officer resigns, or another one is elected.

        :raises ValidationError: of a mandate that hasn't begun, which is deleted instead.
        """
        self.date_to = fields.Date.context_today(self)

    def action_hold_again(self):
        """Make the mandates that follow these without gap, for the same person: re-elected.

        :return: the action that opens them.
        :raises ValidationError: of a mandate without end, or whose following one is there.
        """
        if endless := self.filtered(lambda mandate: not mandate.date_to)[:1]:
            raise ValidationError(
                self.env._("%s has no end: enter it first, then the next mandate follows.", endless.display_name)
            )
        following = self.create(
            [
                {
                    **mandate.copy_data()[0],
                    "date_from": mandate.date_to + timedelta(days=1),
                    "date_to": False,
                    "elected_on": False,
                }
                for mandate in self
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.mandate_action")
        action["domain"] = [("id", "in", following.ids)]
        if len(following) == 1:
            action.update(views=[(False, "form")], res_id=following.id)
        return action | {"context": {}}

    def _report_groups(self):
        """Return the list of (network, its mandates of these) in which the printed list shows them."""
        ordered = self.sorted(lambda each: (each.network_id.name or "", each.body_id.sequence, each.date_from, each.id))
        return list(ordered.grouped("network_id").items())
