from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare, format_date

HOURS_A_DAY = 24
# What an entry in the books rests on: it doesn't change while it is posted.
POSTED_FIELDS = {"partner_id", "kind_id", "date", "hours", "note", "company_id"}


class VolunteerHours(models.Model):
    """Hours that a person gave to the association on one day, doing one kind of work.

    Their value is the hours, in decimals, by the rate of that day, to the cent; it follows the rates until a posting
    books it in class 8, and is then fixed.
    """

    _name = "fabloch.volunteer.hours"
    _description = "Volunteer hours"
    _inherit = ["fabloch.engine.mixin"]
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        "Volunteer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("is_company", "=", False)],
        default=lambda self: self.env.user.partner_id,
    )
    kind_id = fields.Many2one(
        "fabloch.volunteer.kind",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_kind_id(),
    )
    date = fields.Date(required=True, index=True, default=fields.Date.context_today)
    hours = fields.Float(required=True, digits=(5, 2), help="In decimals of an hour: an hour and a half is 1.5.")
    note = fields.Char()
    hourly_rate = fields.Monetary(
        string="Value of an hour",
        compute="_compute_hourly_rate",
        store=True,
        aggregator=None,
        help="The rate of the kind on that day; 0 while none is known.",
    )
    value = fields.Monetary(compute="_compute_value", store=True, help="Hours by the value of an hour, to the cent.")
    posting_id = fields.Many2one(
        "fabloch.volunteer.posting", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _hours_of_a_day = models.Constraint(
        "CHECK (hours > 0 AND hours <= 24)", "The hours of a day are more than 0, and 24 at most."
    )
    _unposted_idx = models.Index("(company_id, date) WHERE posting_id IS NULL")

    def _default_kind_id(self):
        """The kind that this user entered last: whoever enters a pile of sheets goes on with the same one."""
        last = self.search([("create_uid", "=", self.env.uid)], order="id desc", limit=1)
        return last.kind_id or self.env["fabloch.volunteer.kind"].search([], limit=1)

    @api.depends("kind_id", "date", "company_id")
    def _compute_hourly_rate(self):
        history = self.env["fabloch.volunteer.rate"]._history(self.company_id)
        for line in self:
            if line.posting_id:
                continue
            of_company = history.get(line.company_id, {})
            own, common = of_company.get(line.kind_id.id, []), of_company.get(False, [])
            line.hourly_rate = next((rate for start, rate in [*own, *common] if line.date and start <= line.date), 0.0)

    @api.depends("hours", "hourly_rate")
    def _compute_value(self):
        for line in self:
            line.value = line.currency_id.round(line.hours * line.hourly_rate) if line.currency_id else 0.0

    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        if late := self.filtered(lambda line: line.date > today)[:1]:
            raise ValidationError(
                self.env._(
                    "%(day)s is still to come: enter the hours of %(person)s once they are given.",
                    day=format_date(self.env, late.date),
                    person=late.partner_id.display_name,
                )
            )

    @api.constrains("partner_id")
    def _check_partner_id(self):
        if body := self.partner_id.filtered("is_company")[:1]:
            raise ValidationError(
                self.env._("%s is a body: volunteers are people. Choose the person who came.", body.display_name)
            )

    @api.constrains("partner_id", "date", "hours")
    def _check_day(self):
        """Nobody gives more than 24 hours on one day, whoever enters them and for whichever company."""
        totals = self.sudo()._read_group(
            [("partner_id", "in", self.partner_id.ids), ("date", "in", self.mapped("date"))],
            ["partner_id", "date:day"],
            ["hours:sum"],
        )
        mine = {(line.partner_id, line.date) for line in self.sudo()}
        for partner, day, hours in totals:
            if (partner, day) in mine and float_compare(hours, HOURS_A_DAY, precision_digits=2) > 0:
                raise ValidationError(
                    self.env._(
                        "%(person)s would have given more than 24 hours on %(day)s. Look for hours entered twice.",
                        person=partner.display_name,
                        day=format_date(self.env, day),
                    )
                )

    # -- CRUD ------------------------------------------------------------------------------------------------

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"hourly_rate", "posting_id", "value"}

    def write(self, vals):
        self._check_engine_fields([vals])
        if POSTED_FIELDS.intersection(vals):
            # Why not is told, with the person's name, to those only who may write these hours at all.
            self.check_access("write")
            self._check_unposted()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_unposted()

    def _check_unposted(self):
        # Whoever reads the row may be behind a posting that just locked it: the database says.
        posted = self.sudo().filtered("posting_id")[:1]
        if posted:
            raise UserError(
                self.env._(
                    "The hours of %(person)s on %(day)s are in the books, with “%(posting)s”: cancel that posting "
                    "first, correct them, and post again.",
                    person=posted.partner_id.display_name,
                    day=format_date(self.env, posted.date),
                    posting=posted.posting_id.display_name,
                )
            )

    # -- For a posting ---------------------------------------------------------------------------------------

    @api.model
    def _take_unposted(self, company, date_from, date_to):
        """Return the hours of a period that no posting has, locked until the transaction ends.

        Whoever posts at the same time waits here, then starts again and finds them posted.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM fabloch_volunteer_hours
                 WHERE company_id = %s AND date BETWEEN %s AND %s AND posting_id IS NULL
              ORDER BY id FOR UPDATE
                """,
                company.id,
                date_from,
                date_to,
            )
        )
        return self.browse([line_id for (line_id,) in rows])
