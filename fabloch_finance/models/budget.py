from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_round, format_date


class Budget(models.Model):
    """What the association plans to earn in one fiscal year, stream by stream; the assembly or the board votes it.

    A voted budget never changes. It is revised by a copy that takes its place once it is voted in turn: what was
    voted before stays readable.
    """

    _name = "fabloch.budget"
    _description = "Budget"
    _inherit = ["mail.thread", "fabloch.engine.mixin"]
    _order = "date_from desc, id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "First day",
        required=True,
        default=lambda self: self.env.company._fabloch_fiscal_year().date_from,
        help="Any day that you choose becomes the first one of its fiscal year.",
    )
    date_to = fields.Date("Last day", compute="_compute_date_to", store=True, precompute=True)
    state = fields.Selection(
        [("draft", "Draft"), ("voted", "Voted"), ("replaced", "Replaced")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
    )
    vote_date = fields.Date(
        "Voted on", copy=False, tracking=True, help="The day of the assembly or of the board's meeting."
    )
    revised_id = fields.Many2one(
        "fabloch.budget",
        "Revises",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The voted budget whose place this one takes once it is voted.",
    )
    revision_ids = fields.One2many("fabloch.budget", "revised_id", "Revisions")
    note = fields.Text("Notes")
    line_ids = fields.One2many("fabloch.budget.line", "budget_id", "Lines", copy=True)
    amount = fields.Monetary("Total", compute="_compute_amount", store=True)

    _one_voted = models.UniqueIndex(
        "(company_id, date_from) WHERE state = 'voted'",
        "This fiscal year has a voted budget already: revise that one instead of voting another.",
    )
    _vote_dated = models.Constraint(
        "CHECK (state = 'draft' OR vote_date IS NOT NULL)", "Write the day on which the budget was voted."
    )

    @api.constrains("date_from", "company_id")
    def _check_date_from(self):
        for budget in self:
            year = budget.company_id._fabloch_fiscal_year(budget.date_from)
            if budget.date_from != year.date_from:
                raise ValidationError(
                    self.env._(
                        "A budget is for a whole fiscal year, which begins on %(first)s, not on %(day)s.",
                        first=format_date(self.env, year.date_from),
                        day=format_date(self.env, budget.date_from),
                    )
                )

    @api.constrains("date_from", "company_id", "revised_id")
    def _check_revised_id(self):
        """A revision of another year would take the place of a budget that stays without one."""
        for budget in self:
            revised = budget.revised_id
            if revised and (budget.company_id, budget.date_from) != (revised.company_id, revised.date_from):
                raise ValidationError(
                    self.env._(
                        "A revision is for the fiscal year and the company of the budget whose place it takes, which "
                        "begins on %s: make another budget for another year.",
                        format_date(self.env, revised.date_from),
                    )
                )

    @api.constrains("company_id")
    def _check_company_id(self):
        self.line_ids._check_stream_company()

    @api.depends("date_from", "company_id", "revised_id")
    def _compute_name(self):
        for budget in self:
            year = budget.date_from and budget.company_id._fabloch_fiscal_year(budget.date_from).name
            if budget.revised_id:
                budget.name = self.env._("Budget %s, revised", year)
            else:
                budget.name = self.env._("Budget %s", year or "")

    @api.depends("date_from", "company_id")
    def _compute_date_to(self):
        for budget in self:
            if budget.date_from and budget.company_id:
                budget.date_to = budget.company_id._fabloch_fiscal_year(budget.date_from).date_to

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for budget in self:
            budget.amount = budget.currency_id.round(sum(budget.line_ids.mapped("amount")))

    @api.onchange("date_from", "company_id")
    def _onchange_date_from(self):
        if self.date_from and self.company_id:
            self.date_from = self.company_id._fabloch_fiscal_year(self.date_from).date_from

    def write(self, vals):
        self._check_engine_fields([vals])
        if not self.env.su:
            self._check_draft()
        return super().write(vals)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"revised_id", "revision_ids", "state"}

    def _engine_refusal(self, names):
        return self.env._("Only the buttons of a budget set these fields: %s. Vote it, or revise it.", ", ".join(names))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_voted(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to change what was voted.

        :raises UserError: for a voted or replaced budget.
        """
        for budget in self:
            if budget.state != "draft":
                raise UserError(
                    self.env._(
                        "%(budget)s was voted on %(day)s and can't change any more: revise it, and vote the revision.",
                        budget=budget.name,
                        day=format_date(self.env, budget.vote_date),
                    )
                )

    # -- Vote and revise -------------------------------------------------------------------------------------------

    def action_vote(self):
        """Note that these budgets were voted, on the day that they say (default: today); they are locked from now on.

        :raises UserError: when one is no draft, or has no line.
        """
        self.check_access("write")
        self._check_draft()
        for budget in self:
            if not budget.line_ids:
                raise UserError(self.env._("%s has no line yet: write what each stream should bring.", budget.name))
        budgets = self.sudo()
        replaced = budgets.revised_id.filtered(lambda budget: budget.state == "voted")
        replaced.state = "replaced"
        replaced.flush_recordset(["state"])
        budgets.filtered(lambda budget: not budget.vote_date).vote_date = fields.Date.context_today(self)
        budgets.state = "voted"
        return True

    def action_revise(self):
        """Open a draft with the same lines, which takes the place of this voted budget once it is voted.

        :raises UserError: when it isn't voted; a revision that is a draft already is opened instead of a second one.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state != "voted":
            raise UserError(self.env._("Only a voted budget is revised; %s can be changed as it is.", self.name))
        revision = self.revision_ids.filtered(lambda budget: budget.state == "draft")[:1]
        if not revision:
            revision = self.copy()
            revision.sudo().revised_id = self
        return revision._open()

    def action_copy_to_next_year(self):
        """Make, and open, a draft with the same lines for the fiscal year after this one.

        :raises UserError: when that year has a budget already.
        """
        self.ensure_one()
        self.check_access("create")
        year = self.company_id._fabloch_fiscal_year(self.date_from, ago=-1)
        if found := self.search([("company_id", "=", self.company_id.id), ("date_from", "=", year.date_from)], limit=1):
            raise UserError(self.env._("%s exists already: change or revise it.", found.name))
        return self.copy({"date_from": year.date_from})._open()

    def _open(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}

    def action_open_report(self):
        """Open this budget beside the actual revenue and the forecast."""
        self.ensure_one()
        year = self.company_id._fabloch_fiscal_year(self.date_from).name
        return self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.budget_report_action") | {
            "domain": [("company_id", "=", self.company_id.id), ("fiscal_year", "=", year)],
            "context": {"search_default_group_by_kind": 1},
        }

    # -- What the year before brought ------------------------------------------------------------------------------

    def _actuals_before(self):
        """Return {(budget, stream): revenue of the fiscal year before}, in one query; stream empty: without stream."""
        wanted = {
            budget: budget.company_id._fabloch_fiscal_year(budget.date_from, ago=1)
            for budget in self
            if budget.date_from and budget.company_id
        }
        if not wanted:
            return {}
        Report = self.env["fabloch.revenue.report"]
        domain = Domain.OR(
            Domain("company_id", "=", budget.company_id.id)
            & Domain("date", ">=", year.date_from)
            & Domain("date", "<=", year.date_to)
            for budget, year in wanted.items()
        )
        found = {
            (company, name, stream): amount
            for company, name, stream, amount in Report._read_group(
                domain, ["company_id", "fiscal_year", "stream_id"], ["amount:sum"]
            )
        }
        return {
            (budget, stream): budget.currency_id.round(amount)
            for budget, year in wanted.items()
            for (company, name, stream), amount in found.items()
            if (company, name) == (budget.company_id, year.name)
        }

    def _fill(self, change=0.0, step=0.0):
        """Write into these drafts what each stream brought the year before; lines of other streams stay.

        What has no stream is left out: a budget is made of streams.

        :param float change: how much more, in percent (less than 0: less).
        :param float step: round to the nearest multiple, 0: to the cent.
        :raises UserError: when one is no draft, or nothing is known of the year before.
        """
        self._check_draft()
        actuals = self._actuals_before()
        for budget in self:
            amounts = {
                stream: float_round(amount * (1 + change / 100), precision_rounding=step or budget.currency_id.rounding)
                for (owner, stream), amount in actuals.items()
                if owner == budget and stream
            }
            if not amounts:
                raise UserError(
                    self.env._("Nothing is posted in the fiscal year before %s: write the lines by hand.", budget.name)
                )
            lines = {line.stream_id: line for line in budget.line_ids}
            budget.line_ids = [
                fields.Command.update(lines[stream].id, {"amount": amount})
                if stream in lines
                else fields.Command.create({"stream_id": stream.id, "amount": amount})
                for stream, amount in amounts.items()
            ]
