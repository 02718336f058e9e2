from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class VolunteerPosting(models.Model):
    """The volunteer hours of a period, booked in one action: class 8 on both sides, the time sheet as the evidence.

    It takes every hour of its period that no posting has yet. Once posted, its hours are locked; cancelling reverses
    the entry and frees them. The entry itself is in volunteer_posting_entry.py.
    """

    _name = "fabloch.volunteer.posting"
    _description = "Posting of volunteer hours"
    _inherit = ["mail.thread", "fabloch.engine.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    date_from = fields.Date("From", required=True, default=lambda self: self._default_period()[0], tracking=True)
    date_to = fields.Date(
        "Until",
        required=True,
        default=lambda self: self._default_period()[1],
        tracking=True,
        help="The day of the entry.",
    )
    state = fields.Selection(
        [("draft", "To post"), ("posted", "Posted"), ("cancelled", "Cancelled")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    hours_ids = fields.One2many("fabloch.volunteer.hours", "posting_id", "Time sheet", readonly=True, copy=False)
    line_count = fields.Integer("Lines", compute="_compute_totals")
    hours = fields.Float(compute="_compute_totals", digits=(16, 2), help="Those to post while it isn't posted.")
    value = fields.Monetary(compute="_compute_totals")
    unvalued_count = fields.Integer("Lines without a rate", compute="_compute_totals")
    posted_hours = fields.Float("Hours posted", readonly=True, copy=False, digits=(16, 2))
    posted_value = fields.Monetary("Value posted", readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move", "Entry", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _period_order = models.Constraint("CHECK (date_from <= date_to)", "A period ends after it begins.")

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_name(self):
        for posting in self:
            posting.name = self.env._(
                "Volunteering from %(start)s to %(end)s",
                start=format_date(self.env, posting.date_from) if posting.date_from else "…",
                end=format_date(self.env, posting.date_to) if posting.date_to else "…",
            )

    @api.model
    def _default_period(self):
        """Propose what is left: the exercise of the first hours not posted, to the end of last month at most."""
        today = fields.Date.context_today(self)
        company = self.env.company
        first = (
            self.env["fabloch.volunteer.hours"]
            .sudo()
            .search([("company_id", "=", company.id), ("posting_id", "=", False)], order="date, id", limit=1)
        )
        year = company._fabloch_fiscal_year(first.date or today)
        month_end = today.replace(day=1) - relativedelta(days=1)
        return year.date_from, min(year.date_to, month_end if month_end >= year.date_from else today)

    @api.depends("state", "date_from", "date_to", "company_id", "hours_ids.value", "posted_hours", "posted_value")
    def _compute_totals(self):
        drafts = self.filtered(lambda posting: posting.state == "draft" and posting.date_from and posting.date_to)
        (self - drafts).unvalued_count = 0
        for posting in self - drafts:
            posting.line_count = len(posting.hours_ids)
            posting.hours, posting.value = posting.posted_hours, posting.posted_value
        by_day, unvalued_by_day = drafts._unposted_by_day()
        for posting in drafts:
            days = [figures for key, figures in by_day.items() if posting._is_of(*key)]
            posting.line_count = sum(count for count, _hours, _value in days)
            posting.hours = sum(hours for _count, hours, _value in days)
            posting.value = posting.currency_id.round(sum(value for _count, _hours, value in days))
            posting.unvalued_count = sum(count for key, count in unvalued_by_day.items() if posting._is_of(*key))

    def _unposted_by_day(self):
        """Return what these drafts may take: {(company, day): (lines, hours, value)}, {(company, day): lines without a
        rate}. Two queries, whatever their number.
        """
        if not self:
            return {}, {}
        Hours = self.env["fabloch.volunteer.hours"]
        domain = [
            ("company_id", "in", self.company_id.ids),
            ("posting_id", "=", False),
            ("date", ">=", min(self.mapped("date_from"))),
            ("date", "<=", max(self.mapped("date_to"))),
        ]
        by = ["company_id", "date:day"]
        totals = Hours._read_group(domain, by, ["__count", "hours:sum", "value:sum"])
        unvalued = Hours._read_group([*domain, ("hourly_rate", "=", 0)], by, ["__count"])
        return (
            {(company, day): tuple(figures) for company, day, *figures in totals},
            {(company, day): count for company, day, count in unvalued},
        )

    def _is_of(self, company, day):
        """Tell whether hours of that company and day are in the period of this posting."""
        return self.company_id == company and self.date_from <= day <= self.date_to

    @api.constrains("date_from", "date_to", "company_id")
    def _check_one_exercise(self):
        for posting in self:
            year = posting.company_id._fabloch_fiscal_year(posting.date_from)
            if posting.date_to > year.date_to:
                raise ValidationError(
                    self.env._(
                        "A posting stays within one exercise: that of %(start)s ends on %(end)s. Make one posting for "
                        "each exercise.",
                        start=format_date(self.env, posting.date_from),
                        end=format_date(self.env, year.date_to),
                    )
                )

    # -- CRUD ------------------------------------------------------------------------------------------------

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"hours_ids", "move_id", "posted_hours", "posted_value", "state"}

    def write(self, vals):
        self._check_engine_fields([vals])
        if {"date_from", "date_to", "company_id"}.intersection(vals) and any(
            posting.state != "draft" for posting in self
        ):
            raise UserError(
                self.env._("The period of a posting that was posted can't change: cancel it, and make another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if kept := self.filtered(lambda posting: posting.state != "draft")[:1]:
            raise UserError(
                self.env._("“%s” has an entry in the books: it is cancelled, never deleted.", kept.display_name)
            )

    def _to_post_domain(self):
        """Return the domain of the hours that this posting would take."""
        self.ensure_one()
        return [
            ("company_id", "=", self.company_id.id),
            ("posting_id", "=", False),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]

    def action_open_hours(self):
        """Open the hours of this posting, or those that it would take."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.volunteer_hours_action")
        domain = self._to_post_domain() if self.state == "draft" else [("posting_id", "=", self.id)]
        return action | {"domain": domain, "context": {}}

    def action_open_move(self):
        """Open the entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
            "name": self.move_id.display_name,
        }
