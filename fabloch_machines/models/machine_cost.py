from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL


class MachineCost(models.Model):
    """What a machine costs: the analytic account on which the accountant puts its part of bills and depreciation.

    A workshop has its own; the machines in it don't share what is put there.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.machine"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        "Cost account",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        groups="fabloch_finance.group_finance_board",
        help="Costs put on this analytic account, on bills and entries, are the machine's.",
    )
    cost_this_year = fields.Monetary(
        compute="_compute_cost_recovery", compute_sudo=True, groups="fabloch_finance.group_finance_board"
    )
    cost_recovery_rate = fields.Float(
        compute="_compute_cost_recovery",
        compute_sudo=True,
        groups="fabloch_finance.group_finance_board",
        help="Revenue over costs of this fiscal year.",
    )

    _analytic_account_unique = models.UniqueIndex(
        "(analytic_account_id) WHERE analytic_account_id IS NOT NULL",
        "Another machine has this cost account: its costs would count twice. Give each machine an account of its own.",
    )

    @api.constrains("analytic_account_id")
    def _check_analytic_account_plan(self):
        """Costs are read in one column of the analytic items, that of one plan."""
        plan = self._cost_plan()
        for machine in self.sudo():
            account = machine.analytic_account_id
            if account and account.root_plan_id != plan.root_id:
                raise ValidationError(
                    self.env._(
                        "The cost account of %(machine)s, “%(account)s”, is in the analytic plan “%(plan)s”. Choose an"
                        " account of the plan “%(expected)s”, or let “Follow the costs” make one.",
                        machine=machine.name,
                        account=account.name,
                        plan=account.root_plan_id.name,
                        expected=plan.name,
                    )
                )

    @api.depends_context("uid")
    def _compute_cost_recovery(self):
        today = fields.Date.context_today(self)
        years = {company: company._fabloch_fiscal_year(today).name for company in self.company_id}
        rows = self.env["fabloch.machine.cost.report"]._read_group(
            [("machine_id", "in", self.ids), ("fiscal_year", "in", list(set(years.values())))],
            ["machine_id", "fiscal_year"],
            ["cost:sum", "recovery_rate:avg"],
        )
        found = {(machine.id, year): figures for machine, year, *figures in rows}
        for machine in self:
            cost, rate = found.get((machine.id, years.get(machine.company_id)), (0.0, 0.0))
            machine.cost_this_year, machine.cost_recovery_rate = cost, rate or 0.0

    def action_follow_costs(self):
        """Give each of these machines that has none an analytic account in the plan of the machines.

        :raise AccessError: to who is neither a machine manager nor an accountant
        """
        allowed = ("fabloch_machines.group_machines_manager", "fabloch_finance.group_finance_manager")
        if not any(self.env.user.has_group(group) for group in allowed):
            raise AccessError(
                self.env._("Only machine managers and accountants begin to follow costs: ask one of them.")
            )
        self.check_access("read")
        machines = self.sudo().filtered(lambda machine: not machine.analytic_account_id)
        plan = self._cost_plan()
        accounts = machines.env["account.analytic.account"].create(
            [{"name": machine.name, "plan_id": plan.id, "company_id": machine.company_id.id} for machine in machines]
        )
        for machine, account in zip(machines, accounts, strict=True):
            machine.analytic_account_id = account
        return True

    def action_open_cost_recovery(self):
        """Open the cost recovery of these machines, year by year."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.machine_cost_report_action")
        return action | {"domain": [("machine_id", "in", self.ids)], "context": {}}

    @api.model
    def _cost_plan(self):
        """Return the analytic plan of the machines, made again when somebody has deleted it."""
        plan = self.env.ref("fabloch_machines.analytic_plan_machines", raise_if_not_found=False)
        if not plan:
            plan = self.env["account.analytic.plan"].sudo().create({"name": self.env._("Machines")})
            self.env["ir.model.data"].sudo()._update_xmlids(
                [{"xml_id": "fabloch_machines.analytic_plan_machines", "record": plan, "noupdate": True}]
            )
        return plan.sudo()

    @api.model
    def _cost_column(self):
        """Return the SQL of the column of `account_analytic_line`, there called `line`, that names a machine's account.

        Odoo keeps a column for each analytic plan; the one of the machines' plan, or its parent's.
        """
        plan = self.env.ref("fabloch_machines.analytic_plan_machines", raise_if_not_found=False)
        if not plan:
            return SQL("NULL::integer")
        name = plan.sudo()._column_name()
        return SQL.identifier("line", name, to_flush=self.env["account.analytic.line"]._fields[name])
