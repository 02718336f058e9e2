from odoo import api, fields, models
from odoo.tools import SQL, formatLang


class ThresholdWarning(models.Model):
    """A warning that a threshold comes close, or is passed: one row each, so that each is given once.

    The activity sits on the row, and a unique index stops a second one, whatever races. A threshold that is passed at
    once is told as passed only.
    """

    _name = "fabloch.threshold.warning"
    _description = "Warning of a threshold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    code = fields.Selection(
        lambda self: self.env["fabloch.threshold.report"]._fields["code"].selection,
        string="Threshold",
        required=True,
        readonly=True,
    )
    fiscal_year = fields.Char(string="Year", required=True, readonly=True)
    level = fields.Selection([("warning", "Close"), ("over", "Over")], required=True, readonly=True)
    amount = fields.Monetary(readonly=True, help="On the day of the warning.")
    limit_amount = fields.Monetary(string="Limit", readonly=True)
    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")

    _once = models.UniqueIndex("(company_id, code, fiscal_year, level)", "This warning was given already.")

    @api.depends("code", "fiscal_year")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for warning in self:
            warning.name = f"{labels.get(warning.code, '')} {warning.fiscal_year or ''}".strip()

    @api.model
    def _cron_warn(self):
        """Give the warnings that are due in every company, for the year in progress and the one before.

        Entries of a year come in after its end, hence the one before.
        """
        rows = self._due()
        if not rows:
            return self
        self.flush_model()
        today = fields.Date.context_today(self)
        values = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')",
                row["company_id"],
                row["code"],
                row["fiscal_year"],
                row["level"],
                row["amount"],
                row["limit_amount"],
                today,
                self.env.uid,
            )
            for row in rows
        )
        given = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_threshold_warning
                       (company_id, code, fiscal_year, level, amount, limit_amount, date, create_uid, create_date)
                VALUES %s
           ON CONFLICT DO NOTHING
             RETURNING id
                """,
                values,
            )
        )
        self.invalidate_model()
        warnings = self.browse([warning_id for (warning_id,) in given])
        warnings._ask_to_act()
        return warnings

    @api.model
    def _due(self):
        """Return the warnings that were not given yet, as dicts (company_id, code, fiscal_year, level, amounts)."""
        Gauge = self.env["fabloch.threshold.report"].sudo()
        Gauge.invalidate_model()
        gauges = Gauge.search([("level", "!=", "ok")])
        given = {
            (company.id, code, year): set(levels)
            for company, code, year, levels in self.sudo()._read_group(
                [("company_id", "in", gauges.company_id.ids)],
                ["company_id", "code", "fiscal_year"],
                ["level:array_agg"],
            )
        }
        earliest = fields.Date.subtract(fields.Date.context_today(self), years=1)
        return [
            {name: gauge[name] for name in ("code", "fiscal_year", "level", "amount", "limit_amount")}
            | {"company_id": gauge.company_id.id}
            for gauge in gauges
            # Passed, then back under by a credit note: it was told, the milder warning tells nothing more.
            if gauge.date_to >= earliest
            and not given.get((gauge.company_id.id, gauge.code, gauge.fiscal_year), set()) & {gauge.level, "over"}
        ]

    def _ask_to_act(self):
        """Put an activity on each of these warnings, for the accountant of its company, in that person's language."""
        vals_list = []
        users = {company: company._fabloch_follow_up_user() for company in self.company_id}
        todo = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id(self._name)
        for warning in self:
            user = users[warning.company_id]
            spoken = warning.with_context(lang=user.lang or self.env.lang)
            words = {
                "threshold": spoken.name,
                "amount": formatLang(spoken.env, warning.amount, currency_obj=warning.currency_id),
                "limit": formatLang(spoken.env, warning.limit_amount, currency_obj=warning.currency_id),
            }
            if warning.level == "over":
                summary = spoken.env._("%(threshold)s: limit passed, %(amount)s for %(limit)s", **words)
            else:
                summary = spoken.env._("%(threshold)s: close to the limit, %(amount)s of %(limit)s", **words)
            vals_list.append(
                {
                    "res_model_id": model_id,
                    "res_id": warning.id,
                    "activity_type_id": todo.id,
                    "summary": summary,
                    "note": spoken.env["fabloch.threshold.report"]._advices().get(warning.code),
                    "date_deadline": warning.date,
                    "user_id": user.id,
                    "automated": True,
                }
            )
        # It waits on the accountant's screen: no mail besides.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def action_open_gauge(self):
        """Open the gauges of the year that the warning is about."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.threshold_report_action")
        return action | {"domain": [("company_id", "=", self.company_id.id), ("fiscal_year", "=", self.fiscal_year)]}
