import logging

import psycopg2

from odoo import Command, api, fields, models
from odoo.tools import plaintext2html

from .charge_invoicing import InvoicingProblem

_logger = logging.getLogger(__name__)


class InvoicingRun(models.Model):
    """One go of invoicing in one company: who ran it, up to when, what came out and what failed."""

    _name = "fabloch.invoicing.run"
    _description = "Invoicing run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one("res.users", "By", readonly=True, default=lambda self: self.env.user)
    date = fields.Date("Charges up to", required=True, readonly=True, default=fields.Date.context_today)
    invoice_date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("interrupted", "Interrupted")],
        required=True,
        readonly=True,
        default="running",
        help="Interrupted: the process died; the invoices below stand, the next run did the rest.",
    )
    journal_id = fields.Many2one("account.journal", compute="_compute_journal_id")
    invoice_ids = fields.One2many("account.move", "fabloch_run_id", "Invoices")
    failure_ids = fields.One2many("fabloch.invoicing.failure", "run_id", "Failures", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    invoice_count = fields.Integer("Number of invoices", compute="_compute_totals")
    amount = fields.Monetary("Amount invoiced", compute="_compute_totals", help="Untaxed, company currency.")
    failure_count = fields.Integer("Number of failures", compute="_compute_totals")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code("fabloch.invoicing.run") or "/"
        return super().create(vals_list)

    @api.depends("company_id.fabloch_invoicing_journal_id")
    def _compute_journal_id(self):
        for run in self:
            run.journal_id = run.company_id._fabloch_invoicing_journal()

    @api.depends("invoice_ids.state", "failure_ids")
    def _compute_totals(self):
        invoiced = {
            run: (count, amount)
            for run, count, amount in self.env["account.move"]._read_group(
                [("fabloch_run_id", "in", self.ids), ("state", "!=", "cancel")],
                ["fabloch_run_id"],
                ["__count", "amount_untaxed_signed:sum"],
            )
        }
        failed = dict(
            self.env["fabloch.invoicing.failure"]._read_group([("run_id", "in", self.ids)], ["run_id"], ["__count"])
        )
        for run in self:
            run.invoice_count, run.amount = invoiced.get(run, (0, 0.0))
            run.failure_count = failed.get(run, 0)

    # -- Invoicing ---------------------------------------------------------------------------------

    def _process(self, charges):
        """Invoice `charges` (of this run's company) up to the run's date; record what can't be.

        Invoices are made with the rights of the engine, whoever runs it: the caller was allowed to.

        :return: the invoices made.
        """
        self.ensure_one()
        self = self.sudo()
        charges = charges.sudo().with_company(self.company_id)._lock_billable(self.date)
        groups = charges.with_context(lang=self.env.context.get("lang"))._invoicing_groups(self.invoice_date)
        failures = [(group, group.problem) for group in groups if group.problem]
        invoices = self._make_invoices([group for group in groups if not group.problem], failures)
        self._close_activities(invoices.partner_id)
        self._record_failures([(group, problem) for group, problem in failures if problem.scope != "nothing"])
        self._send_invoices(invoices)
        return invoices

    def _make_invoices(self, groups, failures):
        """Create, and post, the invoices of `groups`: all at once, or by halves until the culprit is alone."""
        Move = self.env["account.move"].with_company(self.company_id)
        if not groups:
            return Move
        try:
            with self.env.cr.savepoint():
                Charge = self.env["fabloch.charge"]
                invoices = Move.create([Charge._prepare_invoice_vals(group, self) for group in groups])
                if self.company_id.fabloch_invoicing_post:
                    invoices.action_post()
                else:
                    invoices._check_fabloch_charges()
            return invoices
        except psycopg2.OperationalError:
            raise  # a race with another worker: the whole transaction has to start again
        except Exception as error:
            if len(groups) == 1:
                _logger.warning("Invoicing of %s failed", groups[0].payer.display_name, exc_info=True)
                failures.append((groups[0], self._problem_of(error)))
                return Move
        half = len(groups) // 2
        return self._make_invoices(groups[:half], failures) | self._make_invoices(groups[half:], failures)

    @api.model
    def _problem_of(self, error):
        return InvoicingProblem(str(error) or type(error).__name__, "payer")

    def _record_crash(self, charges, error):
        """Keep for this run that `error` broke the invoicing of `charges` before any invoice was tried."""
        problem = self._problem_of(error)
        self.sudo()._record_failures([(group, problem) for group in charges._grouped_for_invoicing()])

    def _finish(self):
        """Close these runs; one that had nothing to tell leaves no trace."""
        for run in self.sudo():
            if run.invoice_ids or run.failure_ids:
                run.state = "done"
            else:
                run.unlink()

    def _send_invoices(self, invoices):
        """Hand the posted invoices of payers who have an e-mail to Odoo's background mailing."""
        to_send = invoices.filtered(lambda move: move.state == "posted" and move.partner_id.email)
        if to_send and self.company_id.fabloch_invoicing_send:
            to_send.sending_data = {
                "author_user_id": self.env.user.id,
                "author_partner_id": self.env.user.partner_id.id,
            }
            self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

    def _record_failures(self, failures):
        if not failures:
            return
        self.env["fabloch.invoicing.failure"].create(
            [
                {
                    "run_id": self.id,
                    "partner_id": group.payer.id,
                    "name": group.payer.display_name,
                    "reason": problem.reason,
                    "charge_ids": [Command.set(group.charges.ids)],
                    "amount": group.amount,
                    "currency_id": group.currency.id,
                }
                for group, problem in failures
            ]
        )
        of_company = {problem.reason for _group, problem in failures if problem.scope == "company"}
        if of_company:
            run = self._company_activities().mapped(lambda activity: self.browse(activity.res_id))[:1] or self
            self._ask_to_act({run: "\n".join(sorted(of_company))})
        of_payer = {}
        for group, problem in failures:
            if problem.scope == "payer":
                of_payer.setdefault(group.payer, []).append(problem.reason)
        self._ask_to_act({payer: "\n".join(reasons) for payer, reasons in of_payer.items()})

    # -- Activities --------------------------------------------------------------------------------

    def _activity_type(self):
        return self.env.ref("fabloch_finance.mail_activity_type_invoicing")

    def _open_activities(self, records):
        return self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", self._activity_type().id),
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
            ]
        )

    def _company_activities(self):
        """Return the open activities about what prevents this company from invoicing anyone."""
        activities = self.env["mail.activity"].search(
            [("activity_type_id", "=", self._activity_type().id), ("res_model", "=", self._name)]
        )
        return activities.filtered(lambda activity: self.browse(activity.res_id).company_id == self.company_id)

    def _ask_to_act(self, reasons):
        """Put one activity on each record of `reasons` (record → why), or refresh the one it has."""
        if not reasons:
            return
        records = next(iter(reasons)).browse([record.id for record in reasons])
        activity_of = {activity.res_id: activity for activity in self._open_activities(records)}
        user = self._follow_up_user()
        to_create = []
        for record, reason in reasons.items():
            note = plaintext2html(reason)
            if activity := activity_of.get(record.id):
                activity.note = note
                continue
            to_create.append(
                {
                    "activity_type_id": self._activity_type().id,
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "user_id": user.id,
                    "summary": self.env._("Not invoiced"),
                    "note": note,
                    "date_deadline": fields.Date.context_today(self),
                }
            )
        # One mail per payer and run would drown the accountant: the activity is enough.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(to_create)

    def _follow_up_user(self):
        """Return who is asked to act: the one of the settings, who ran it, or an accountant of the company."""
        run = self.sudo()
        return run.company_id._fabloch_follow_up_user(run.company_id.fabloch_invoicing_user_id | run.user_id)

    def _close_activities(self, payers):
        """Invoices went out after all: nobody has to act for these payers, unless more of theirs is due."""
        if not payers:
            return
        self._company_activities().unlink()
        due = self.env["fabloch.charge"]._read_group(
            [("invoice_partner_id", "in", payers.ids), ("state", "=", "to_invoice"), ("date", "<=", self.date)],
            ["invoice_partner_id"],
        )
        self._open_activities(payers - payers.browse([payer.id for (payer,) in due])).unlink()

    # -- Resuming ------------------------------------------------------------------------------------

    @api.model
    def _resume(self, company, date):
        """Return the unfinished run of `company` for that `date`; older unfinished ones are closed."""
        unfinished = self.search([("company_id", "=", company.id), ("state", "=", "running")])
        current = unfinished.filtered(lambda run: run.date == date)[:1]
        (unfinished - current).state = "interrupted"
        return current

    def _tried_payer_ids(self):
        return self.failure_ids.partner_id.ids

    def action_open_invoices(self):
        """Open the invoices of this run."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        action.update(
            domain=[("fabloch_run_id", "=", self.id)], context={"create": False, "default_move_type": "out_invoice"}
        )
        return action
