"""Cost recovery by machine: costs by analytic distribution, to the cent those of the ledger; ratios of sums; hours
that pay the costs."""

from collections import defaultdict
from datetime import date
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MachinesCase

# Account codes of the French charts, the column that each is in, and whether it grows with the hours.
KINDS = {
    "681120": ("depreciation", False),
    "615500": ("maintenance", False),
    "606800": ("consumables", True),
    "606100": ("energy", True),
    "613500": ("other", False),
    "641100": (None, False),  # no kind: what is put on machines is another cost, the rest is nobody's
}
numbers = count()
entries = st.lists(
    st.fixed_dictionaries(
        {
            "lines": st.lists(
                st.tuples(
                    st.sampled_from(sorted(KINDS)),
                    st.integers(-99_999, 99_999).filter(bool),
                    st.dictionaries(st.integers(0, 2), st.integers(1, 9_000), max_size=3),
                ),
                min_size=1,
                max_size=3,
            ),
            "date": st.dates(date(2024, 1, 1), date(2026, 12, 31)),
            "state": st.sampled_from(["posted", "posted", "posted", "draft", "reversed", "redraft"]),
        }
    ),
    min_size=1,
    max_size=5,
)


class CostCase(MachinesCase):
    """A company of its own on the association chart, three machines whose costs are followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_company = cls.company
        cls.company = cls._other_company("Association of the costs")
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls.company = cls.company.with_env(cls.env)
        cls.Report, cls.Cost = cls.env["fabloch.machine.cost.report"], cls.env["fabloch.machine.cost"]
        cls.Booking = cls.env["fabloch.booking"]
        accounts = cls.env["account.account"].with_company(cls.company).search([("company_ids", "in", cls.company.ids)])
        cls.accounts = {account.code: account for account in accounts}
        cls.account = cls.accounts["706100"]
        cls.calendar = cls._calendar("Costs", range(7), 0, 24)
        cls.company.resource_calendar_id = cls.calendar
        hour = cls._service("Costed hour", 20.0)
        cls.category = cls._category("Costed", hour)
        cls._rate(cls.category, "hour", 60, hour)
        cls.machines = cls.env["fabloch.machine"].union(
            *(cls._machine(name) for name in ("Laser", "Router", "Printer"))
        )
        cls.laser, cls.router, cls.printer = cls.machines
        cls.machines.action_follow_costs()

    @classmethod
    def _other_company(cls, name, **vals):
        company = cls.env["res.company"].create({"name": name, "country_id": cls.env.ref("base.fr").id, **vals})
        cls.env.user.company_ids += company
        cls.env["account.chart.template"].try_loading("fr_association", company)
        return company

    def _entry(self, *lines, day="2026-03-05", post=True, **vals):
        """An entry of (account code, debit, {machine: percentage}), balanced on a waiting account."""
        commands = [
            Command.create(
                {
                    "account_id": self.accounts[code].id,
                    "name": f"Item on {code}",
                    "balance": amount,
                    "analytic_distribution": {
                        str(machine.analytic_account_id.id): share for machine, share in shares.items()
                    },
                }
            )
            for code, amount, shares in lines
        ]
        rest = -round(sum(amount for _code, amount, _shares in lines), 2)
        commands.append(Command.create({"account_id": self.accounts["471000"].id, "balance": rest}))
        move = self.env["account.move"].create(
            {"move_type": "entry", "date": day, "ref": f"Costs {next(numbers)}", "line_ids": commands, **vals}
        )
        if post:
            move.action_post()
        return move

    def _row(self, machine=None, year="2026"):
        self.env.flush_all()
        self.Report.invalidate_model()  # a row has the same id whatever was posted since
        return self.Report.search(
            [
                ("company_id", "=", self.company.id),
                ("machine_id", "=", machine.id if machine else False),
                ("fiscal_year", "=", year),
            ]
        )

    def _use(self, machine, hours, revenue, start="2026-02-02 08:00:00"):
        """Confirmed hours on a machine, and a charge for them, without the rules of a booking."""
        self.env.flush_all()
        self.cr.execute(
            """
            INSERT INTO fabloch_booking
                   (name, partner_id, machine_id, category_id, company_id, currency_id,
                    start, stop, units, duration, state, confirm_date)
            VALUES ('C' || %(number)s, %(partner)s, %(machine)s, %(category)s, %(company)s, %(currency)s,
                    %(start)s::timestamp, %(start)s::timestamp + %(hours)s * interval '1 hour', 1, %(hours)s,
                    'confirmed', now())
         RETURNING id
            """,
            {
                "number": next(numbers),
                "partner": self.anna.id,
                "machine": machine.id,
                "category": self.category.id,
                "company": self.company.id,
                "currency": self.company.currency_id.id,
                "start": start,
                "hours": hours,
            },
        )
        booking = self.Booking.browse(self.cr.fetchone())
        charge = self.env["fabloch.charge"].create(
            {
                "booking_id": booking.id,
                "partner_id": self.anna.id,
                "product_id": self.category.product_id.id,
                "quantity": 1,
                "price_unit": revenue,
                "date": start[:10],
            }
        )
        return booking, charge


@tagged("post_install", "-at_install")
class TestCosts(CostCase):
    """What is put on machines, and what remains."""

    def test_percentages_of_an_entry_are_on_their_machines_and_the_rest_on_none(self):
        self._entry(
            ("606100", 200.0, {self.laser: 40, self.router: 25}),
            ("681120", 550.0, {self.laser: 100}),
            ("615500", 90.0, {}),
        )
        laser, router, rest = self._row(self.laser), self._row(self.router), self._row()
        self.assertEqual((laser.energy, laser.depreciation, laser.cost), (80.0, 550.0, 630.0))
        self.assertEqual((laser.fixed_cost, laser.variable_cost), (550.0, 80.0))
        self.assertEqual((router.energy, router.cost), (50.0, 50.0))
        self.assertEqual((rest.energy, rest.maintenance, rest.cost), (70.0, 90.0, 160.0))
        self.assertEqual(rest.name, "Not put on a machine")
        self.assertFalse(self._row(self.printer))

    def test_thirds_are_the_whole_to_the_cent(self):
        self._entry(("606100", 100.0, {self.laser: 33.33, self.router: 33.33, self.printer: 33.34}))
        costs = [self._row(machine).cost for machine in self.machines]
        self.assertEqual(sorted(costs), [33.33, 33.33, 33.34])
        self.assertFalse(self._row())

    def test_more_than_all_of_it_shows_as_less_than_nothing_left(self):
        self._entry(("606100", 100.0, {self.laser: 80, self.router: 50}))
        self.assertEqual((self._row(self.laser).cost, self._row(self.router).cost, self._row().cost), (80, 50, -30))

    def test_a_bill_and_its_credit_note(self):
        partner = self.env["res.partner"].create({"name": "Supplier"})
        vals = {
            "partner_id": partner.id,
            "invoice_date": "2026-03-02",
            "date": "2026-03-02",
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Tube",
                        "account_id": self.accounts["615500"].id,
                        "price_unit": 300.0,
                        "tax_ids": [Command.clear()],
                        "analytic_distribution": {str(self.laser.analytic_account_id.id): 100},
                    }
                )
            ],
        }
        bill = self.env["account.move"].create({"move_type": "in_invoice", **vals})
        self.assertFalse(self._row(self.laser), "a draft costs nothing")
        bill.action_post()
        self.assertEqual(self._row(self.laser).maintenance, 300.0)
        refund = bill._reverse_moves([{"date": "2026-03-04", "invoice_date": "2026-03-04", "ref": "Back"}])
        refund.invoice_line_ids.price_unit = 120.0
        refund.action_post()
        self.assertEqual((self._row(self.laser).maintenance, self._row(self.laser).margin), (180.0, -180.0))
        bill.button_draft()
        self.assertEqual(self._row(self.laser).maintenance, -120.0)

    def test_distribution_of_a_posted_item_is_changed(self):
        move = self._entry(("606100", 100.0, {self.laser: 100}))
        item = move.line_ids.filtered("debit")
        item.analytic_distribution = {str(self.router.analytic_account_id.id): 30}
        self.assertFalse(self._row(self.laser))
        self.assertEqual((self._row(self.router).cost, self._row().cost), (30.0, 70.0))

    def test_machines_beside_another_plan_in_one_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Projects of the test"})
        project = self.env["account.analytic.account"].create(
            {"name": "Makers", "plan_id": plan.id, "company_id": self.company.id}
        )
        move = self._entry(("606100", 100.0, {}), post=False)
        account = self.laser.analytic_account_id
        move.line_ids.filtered("debit").analytic_distribution = {f"{project.id},{account.id}": 60, str(project.id): 40}
        move.action_post()
        self.assertEqual((self._row(self.laser).cost, self._row().cost), (60.0, 40.0))

    def test_accounts_without_kind_count_where_they_are_put_only(self):
        self._entry(("641100", 1000.0, {self.laser: 5}), ("706100", -70.0, {self.laser: 100}))
        laser = self._row(self.laser)
        self.assertEqual((laser.other, laser.fixed_cost, laser.cost, laser.revenue), (50.0, 50.0, 50.0, 0.0))
        self.assertFalse(self._row())

    def test_analytic_items_without_journal_item_are_not_in_the_ledger(self):
        plan = self.env["fabloch.machine"]._cost_plan()
        self.env["account.analytic.line"].create(
            {
                "name": "By hand",
                plan._column_name(): self.laser.analytic_account_id.id,
                "amount": -50.0,
                "company_id": self.company.id,
            }
        )
        self.assertFalse(self._row(self.laser))

    def test_longest_prefix_and_a_kind_of_the_company(self):
        self.env["fabloch.cost.kind"].create(
            {
                "name": "Water",
                "code": "water",
                "account_prefixes": "6061",
                "behaviour": "fixed",
                "company_id": self.company.id,
            }
        )
        self._entry(("606100", 30.0, {self.laser: 100}))
        laser = self._row(self.laser)
        self.assertEqual((laser.energy, laser.other, laser.variable_cost), (0.0, 30.0, 0.0))
        with self.assertRaisesRegex(ValidationError, "prefix 6811 is in"):
            self.env["fabloch.cost.kind"].create({"name": "Again", "code": "again", "account_prefixes": "6811"})

    def test_costs_of_the_workshop_stay_on_it(self):
        workshop = self._machine("Workshop", kind="workshop")
        self.laser.workshop_id = workshop
        workshop.action_follow_costs()
        self._entry(("606100", 100.0, {workshop: 70, self.laser: 10}))
        self.assertEqual((self._row(workshop).cost, self._row(self.laser).cost), (70.0, 10.0))

    def test_fiscal_years_are_those_of_the_company(self):
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        self._entry(("606100", 10.0, {self.laser: 100}), day="2025-08-31")
        self._entry(("606100", 20.0, {self.laser: 100}), day="2025-09-01")
        self._use(self.laser, 2, 50.0, start="2025-09-01 08:00:00")
        self._use(self.laser, 3, 70.0, start="2025-08-31 08:00:00")
        for year, figures in (("2024-2025", (10, 3, 70)), ("2025-2026", (20, 2, 50))):
            row = self._row(self.laser, year)
            self.assertEqual((row.cost, row.hours, row.revenue), figures)
        found = self.Report.search([("company_id", "=", self.company.id), ("fiscal_year_age", "=", 1)])
        self.assertEqual((found.fiscal_year, found.fiscal_year_age), ("2024-2025", 1))

    # -- the invariant ---------------------------------------------------------------------------------------------

    @settings(
        max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(entries=entries)
    def test_costs_on_machines_and_on_none_are_the_ledger_to_the_cent(self, entries):
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            for vals in entries:
                lines = [
                    (code, cents / 100, {self.machines[number]: share / 100 for number, share in shares.items()})
                    for code, cents, shares in vals["lines"]
                ]
                move = self._entry(*lines, day=vals["date"], post=vals["state"] != "draft")
                if vals["state"] == "reversed":
                    move._reverse_moves([{"date": vals["date"]}], cancel=True)
                elif vals["state"] == "redraft":
                    move.button_draft()
            self.env.flush_all()
            # By another road: the journal items and the analytic items as Odoo keeps them.
            items = self.env["account.move.line"].search(
                [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
            )
            ledger, of_machines = defaultdict(float), defaultdict(float)
            for item in items:
                code, year = item.account_id.code, str(item.date.year)
                if code not in KINDS:
                    continue
                column = KINDS[code][0]
                if column:
                    ledger[column, year] += item.balance
                for analytic in item.analytic_line_ids:
                    [account] = analytic._get_analytic_accounts()
                    machine = self.machines.filtered(lambda m, account=account: m.analytic_account_id == account)
                    of_machines[machine.id, column or "other", year] -= analytic.amount
                    if not column:
                        ledger["other", year] -= analytic.amount
                    # An item's part is the percentage of its balance, give or take the cents that Odoo spreads.
                    share = item.analytic_distribution[str(account.id)]
                    self.assertAlmostEqual(-analytic.amount, item.balance * share / 100, delta=0.03)
            found, on_machines = defaultdict(float), defaultdict(float)
            for row in self.Report.search([("company_id", "=", self.company.id)]):
                for column in ("depreciation", "maintenance", "consumables", "energy", "other"):
                    found[column, row.fiscal_year] += row[column]
                    on_machines[row.machine_id.id, column, row.fiscal_year] += row[column]
                self.assertAlmostEqual(row.cost, row.fixed_cost + row.variable_cost, places=2)
                self.assertAlmostEqual(row.variable_cost, row.consumables + row.energy, places=2)
            self.assertEqual(_cents(found), _cents(ledger))
            self.assertEqual(
                {key: amount for key, amount in _cents(on_machines).items() if key[0]}, _cents(of_machines)
            )
        finally:
            self.env.flush_all()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)


def _cents(amounts):
    return {key: round(amount, 2) for key, amount in amounts.items() if round(amount, 2)}


@tagged("post_install", "-at_install")
class TestRecovery(CostCase):
    """Revenue against costs, per hour, and the hours that pay them."""

    def test_figures_of_a_machine(self):
        self._use(self.laser, 50, 1000.0)
        self._entry(("681120", 600.0, {self.laser: 100}), ("606100", 200.0, {self.laser: 100}))
        row = self._row(self.laser)
        self.assertEqual((row.hours, row.revenue, row.cost, row.margin), (50.0, 1000.0, 800.0, 200.0))
        self.assertEqual((row.recovery_rate, row.revenue_per_hour, row.cost_per_hour), (1.25, 20.0, 16.0))
        # An hour brings 20 and costs 4 more: 600 / 16.
        self.assertEqual((row.break_even_hours, row.break_even_state), (37.5, "reached"))
        self._entry(("681120", 1000.0, {self.laser: 100}))
        row = self._row(self.laser)
        self.assertEqual((row.break_even_hours, row.break_even_state), (100.0, "ahead"))

    def test_credit_notes_and_waived_charges_bring_nothing(self):
        _booking, charge = self._use(self.laser, 2, 40.0)
        self._use(self.laser, 1, 20.0)[1].write({"waived": True, "waived_reason": "Test"})
        self.assertEqual((self._row(self.laser).revenue, self._row(self.laser).hours), (40.0, 3.0))
        self.env.cr.execute("UPDATE fabloch_charge SET amount_credited = 15 WHERE id = %s", [charge.id])
        self.env.invalidate_all()
        self.assertEqual(self._row(self.laser).revenue, 25.0)

    def test_an_hour_that_does_not_pay_its_own_costs_never_breaks_even(self):
        self._use(self.laser, 10, 100.0)
        self._entry(("606100", 100.0, {self.laser: 100}), ("681120", 5.0, {self.laser: 100}))
        row = self._row(self.laser)
        self.assertEqual((row.break_even_state, row.break_even_hours), ("never", 0.0))

    def test_without_hours_or_without_costs(self):
        self._entry(("681120", 60.0, {self.router: 100}))
        row = self._row(self.router)
        self.assertEqual((row.break_even_state, row.recovery_rate, row.cost_per_hour), ("unused", 0.0, 0.0))
        self._use(self.printer, 4, 60.0)
        row = self._row(self.printer)
        self.assertEqual((row.break_even_state, row.recovery_rate, row.revenue_per_hour), (False, 0.0, 15.0))
        groups = self.Report._read_group(
            [("machine_id", "in", self.machines.ids)], ["machine_id"], ["recovery_rate:avg", "break_even_hours:avg"]
        )
        self.assertEqual({machine: figures for machine, *figures in groups}[self.printer], [False, False])

    def test_groups_have_ratios_of_sums(self):
        self._use(self.laser, 100, 1500.0)
        self._use(self.router, 10, 100.0)
        self._entry(("681120", 400.0, {self.laser: 25, self.router: 75}), ("606100", 220.0, {self.laser: 100}))
        names = ["recovery_rate", "cost_per_hour", "revenue_per_hour", "break_even_hours"]
        [figures] = self.Report._read_group(
            [("machine_id", "in", self.machines.ids)], [], [f"{name}:avg" for name in names]
        )
        found = dict(zip(names, figures, strict=True))
        self.assertAlmostEqual(found["recovery_rate"], 1600 / 620)
        self.assertAlmostEqual(found["cost_per_hour"], 620 / 110)
        self.assertAlmostEqual(found["revenue_per_hour"], 1600 / 110)
        self.assertAlmostEqual(found["break_even_hours"], 400 / (1600 / 110 - 220 / 110))

    @settings(
        max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(
        hours=st.integers(1, 300),
        revenue=st.integers(1, 500_000),
        fixed=st.integers(0, 500_000),
        variable=st.integers(0, 500_000),
    )
    def test_break_even_by_trying_hours(self, hours, revenue, fixed, variable):
        """Walk through the hours until what they bring pays fixed costs and their own variable ones."""
        if not fixed and not variable:
            return
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            self._use(self.laser, hours, revenue / 100)
            lines = [("681120", fixed / 100), ("606800", variable / 100)]
            self._entry(*((code, amount, {self.laser: 100}) for code, amount in lines if amount))
            row = self._row(self.laser)

            def pays(tried):  # both sides times `hours` cents: exact in whole numbers
                return revenue * tried >= fixed * hours + variable * tried

            if revenue <= variable:
                self.assertEqual(row.break_even_state, "never")
                self.assertFalse(pays(10**12) and fixed)
                return
            low, high = 0, 1
            while not pays(high):
                low, high = high, high * 2
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if pays(middle) else (middle, high)
            tolerance = 1e-6 * high
            self.assertLessEqual(row.break_even_hours, high + tolerance)
            self.assertGreaterEqual(row.break_even_hours, low - tolerance)
            self.assertEqual(row.break_even_state, "reached" if pays(hours) else "ahead")
        finally:
            self.env.flush_all()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    # -- Following costs -----------------------------------------------------------------------------------------

    def test_follow_makes_one_account_a_machine_and_no_second(self):
        before = self.machines.analytic_account_id
        new = self._machine("New")
        (self.machines | new).action_follow_costs()
        self.assertEqual(self.machines.analytic_account_id, before)
        account = new.analytic_account_id
        self.assertEqual((account.name, account.company_id), ("New", self.company))
        self.assertEqual(account.plan_id, self.env.ref("fabloch_machines.analytic_plan_machines"))
        self.assertNotIn("analytic_account_id", new.copy_data()[0])

    def test_an_account_is_of_one_machine_of_its_company_and_of_the_plan(self):
        with self.assertRaises(UniqueViolation):
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.router.analytic_account_id = self.laser.analytic_account_id
                self.env.flush_all()
        plan = self.env["account.analytic.plan"].create({"name": "Elsewhere"})
        account = self.env["account.analytic.account"].create({"name": "A", "plan_id": plan.id, "company_id": False})
        with self.assertRaisesRegex(ValidationError, "is in the analytic plan “Elsewhere”"):
            self.router.analytic_account_id = account
        account = self.env["account.analytic.account"].create(
            {"name": "B", "plan_id": self.env["fabloch.machine"]._cost_plan().id, "company_id": self.first_company.id}
        )
        with self.assertRaisesRegex(Exception, "company"):
            self.router.analytic_account_id = account

    def test_who_follows_costs(self):
        new = self._machine("New")
        for login, groups, allowed in (
            ("cost_board", "fabloch_finance.group_finance_board", False),
            ("cost_desk", "fabloch_machines.group_machines_user", False),
            ("cost_accountant", "fabloch_finance.group_finance_manager", True),
        ):
            machine = new.with_user(self._user(login, groups))
            if allowed:
                machine.action_follow_costs()
            else:
                with self.assertRaisesRegex(AccessError, "ask one of them"):
                    machine.action_follow_costs()
        self.assertTrue(new.analytic_account_id)

    # -- Who sees what ---------------------------------------------------------------------------------------------

    def test_board_reads_figures_and_items_without_accounting_rights(self):
        self._use(self.laser, 5, 100.0)
        self._entry(("606100", 80.0, {self.laser: 100}))
        board = self._user("recovery_board", "fabloch_finance.group_finance_board")
        row = self._row(self.laser).with_user(board)
        self.assertEqual(row.recovery_rate, 1.25)
        items = self.Cost.with_user(board).search(row.action_open_costs()["domain"])
        [values] = items.web_read({"amount": {}, "move_id": {"fields": {"display_name": {}}}, "kind_id": {}})
        self.assertEqual(values["amount"], 80.0)
        machine = self.laser.with_user(board)
        self.assertEqual((machine.cost_this_year, machine.cost_recovery_rate), (80.0, 1.25))

    def test_nobody_else_and_no_other_company(self):
        self._entry(("606100", 80.0, {self.laser: 50}))
        for login, groups in (("rec_portal", "base.group_portal"), ("rec_employee", "base.group_user")):
            user = self._user(login, groups)
            for model in (self.Report, self.Cost, self.env["fabloch.cost.kind"]):
                with self.assertRaises(AccessError):
                    model.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.laser.with_user(user).read(["cost_recovery_rate"])
        stranger = self._user("rec_stranger", "fabloch_finance.group_finance_board")
        stranger.write({"company_ids": [Command.set(self.first_company.ids)], "company_id": self.first_company.id})
        for model in (self.Report, self.Cost):
            rows = model.with_user(stranger).with_context(allowed_company_ids=self.first_company.ids).search([])
            self.assertNotIn(self.company, rows.sudo().company_id)

    # -- Cost ------------------------------------------------------------------------------------------------------

    def test_queries_are_the_same_for_few_and_many(self):
        def read(machines):
            rows = self.Report.search([("machine_id", "in", machines.ids)])
            rows.mapped("recovery_rate")
            machines.mapped("cost_recovery_rate")
            self.Report._read_group([("machine_id", "in", machines.ids)], ["category_id"], ["break_even_hours:avg"])

        park = self.env["fabloch.machine"].union(*(self._machine(f"Park {number}") for number in range(50)))
        self._queries(lambda: None)
        few = self._queries(park[:5].action_follow_costs)
        many = self._queries(park[5:].action_follow_costs)
        self.assertLess((many - few) / 40, 3, f"{few} queries for 5, {many} for 45")
        self._entry(*(("606100", 10.0, {machine: 100}) for machine in park))
        read(park)
        few, many = self._queries(lambda: read(park[:5])), self._queries(lambda: read(park))
        self.assertEqual(few, many)
        self.assertEqual(len(self.Report.search([("machine_id", "in", park.ids)])), 50)
