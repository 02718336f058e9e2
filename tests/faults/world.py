"""A fablab in which something of everything exists, for tests that go through all models instead of naming them."""

from datetime import date, timedelta

from odoo import Command
from odoo.tests import freeze_time

from tests.machines.common import MachinesCase
from tests.partnership.receipt_case import ReceiptCase
from tests.partnership.test_instalment import InstalmentCase

GROUPS = {
    "reception": (
        "fabloch_finance.group_finance_user",
        "fabloch_membership.group_membership_user",
        "fabloch_machines.group_machines_user",
    ),
    "managers": (
        "base.group_partner_manager",
        "product.group_product_manager",
        "fabloch_finance.group_finance_manager",
        "fabloch_membership.group_membership_manager",
        "fabloch_machines.group_machines_manager",
        "fabloch_partnership.group_partnership_manager",
    ),
}


class WorldCase(MachinesCase, InstalmentCase, ReceiptCase):
    """`SIZE` records of every model that one can have as many of as one wants, each about another person.

    `TODAY` is 10 March 2026. `reception` and `managers` are the users of the desk and of everything, `portal` and
    `plain` have none of our groups.
    """

    SIZE = 3

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"fabloch_wait_minutes": 120, "membership_invoice_now": True})
        cls.users = {
            "reception": cls._user("world_reception", ",".join(GROUPS["reception"])),
            "managers": cls._user("world_managers", ",".join(GROUPS["managers"])),
            "plain": cls._user("world_plain", "base.group_user"),
            "portal": cls._user("world_portal", "base.group_portal"),
        }
        cls._make_people()
        cls._make_machines()
        cls._make_bookings()
        cls._make_partnerships()
        cls._make_finance()
        cls.env.flush_all()

    @classmethod
    def _each(cls, model, vals):
        """Creates `SIZE` records; `vals(number)` gives the values of one."""
        return cls.env[model].create([vals(number) for number in range(cls.SIZE)])

    @classmethod
    def _make_people(cls):
        numbers = range(cls.SIZE)
        cls.people = cls._partners(*(f"Person {number}" for number in numbers), email="somebody@example.com")
        cls.users["portal"].partner_id.write({"street": "1 rue du Test", "zip": "56400", "city": "Auray"})
        cls.people[0].name = "Portal"
        cls.houses = cls._partners(*(f"House {number}" for number in numbers), is_company=True, is_network=True)
        cls.houses.write({"company_registry": "44306184100047", "legal_form": "SARL"})
        fees = [cls._service(f"Fee {number}", 30.0) for number in numbers]
        cls.plans = cls._each(
            "fabloch.membership.plan", lambda number: {"name": f"Plan {number}", "product_id": fees[number].id}
        )
        cls.memberships = cls._each(
            "fabloch.membership",
            lambda number: {
                "partner_id": cls.people[number].id,
                "plan_id": cls.plans[number].id,
                "date_start": "2026-01-01" if number % 2 else "2025-01-01",
            },
        )
        (cls.memberships - cls.memberships[1::3]).write({"settled_elsewhere": True})
        cls.memberships._confirm(date=date(2026, 3, 10))
        cls.env["fabloch.member.card"]._of(cls.people, cls.company)
        cls._each("fabloch.member.category", lambda number: {"name": f"Category {number}", "code": f"world{number}"})

    @classmethod
    def _make_machines(cls):
        numbers = range(cls.SIZE)
        hours = [cls._service(f"Hour {number}", 20.0) for number in numbers]
        cls.categories = cls.env["fabloch.machine.category"].union(
            *(cls._category(f"Category {number}", hours[number], late_cancel_percent=50.0) for number in numbers)
        )
        for category, hour in zip(cls.categories, hours, strict=True):
            cls._rate(category, "hour", 60, hour)
        cls.machines = cls.env["fabloch.machine"].union(
            *(
                cls._machine(f"Machine {number}", cls.categories[number], always_open=True, host_id=host.id)
                for number, host in enumerate(cls.houses)
            )
        )
        cls.machines.action_follow_costs()
        cls._each(
            "fabloch.authorisation",
            lambda number: {"partner_id": cls.people[number].id, "category_id": cls.categories[number].id},
        )
        cls._each(
            "fabloch.closure",
            lambda number: {
                "name": f"Cleaning {number}",
                "machine_ids": [Command.set(cls.machines[number].ids)],
                "start": cls._at("2026-03-20 10:00"),
                "stop": cls._at("2026-03-20 11:00"),
            },
        )
        for number in numbers:
            cls._calendar(f"Hours {number}", range(5), 9, 18)
            cls.env["fabloch.cost.kind"].create({"name": f"Kind {number}", "code": f"world{number}"})

    @classmethod
    def _make_bookings(cls):
        numbers = range(cls.SIZE)
        machines = cls.env["fabloch.machine"].union(
            *(cls._machine(f"Bench {number}", cls.categories[number], always_open=True) for number in numbers)
        )
        cls.benches = machines
        cls.bookings = cls._each(
            "fabloch.booking", lambda number: cls._vals("09:30", "12:30", machines[number], cls.people[number])
        )
        (cls.bookings - cls.bookings[::4]).action_confirm()
        cls._each(
            "fabloch.booking.wait",
            lambda number: cls._vals("09:30", "12:30", machines[number], cls.houses[number]),
        )
        cls.series = cls._each(
            "fabloch.booking.series",
            lambda number: {
                "name": "Every week",
                "rrule": "FREQ=WEEKLY;COUNT=2",
                "partner_id": cls.people[number].id,
                "machine_id": machines[number].id,
            },
        )
        cls.env["fabloch.booking"].create(
            [
                cls._vals(f"2026-03-{day} 10:00", f"2026-03-{day} 11:00", machine, person, series_id=series.id)
                for machine, person, series in zip(machines, cls.people, cls.series, strict=True)
                for day in (17, 24)
            ]
        )
        pack = cls._service("Pack", 100.0, fabloch_pack_hours=1)
        cls.charges = cls._each(
            "fabloch.charge",
            lambda number: {"partner_id": cls.people[number].id, "product_id": pack.id, "date": "2026-03-01"},
        )
        cls.env["fabloch.machine.day"]._fill(machines, date(2026, 3, 1), date(2026, 3, 9))
        cls.scenarios = cls._each("fabloch.rate.scenario", lambda number: {"name": f"Scenario {number}"})
        cls._each(
            "fabloch.rate.scenario.line",
            lambda number: {
                "scenario_id": cls.scenarios[number].id,
                "rate_id": cls.categories[number].rate_ids.id,
                "new_price": 25.0,
            },
        )

    @classmethod
    def _make_partnerships(cls):
        numbers = range(cls.SIZE)
        cls._each("fabloch.convention.type", lambda number: {"name": f"Type {number}", "code": f"world{number}"})
        cls._each(
            "fabloch.convention.type.article", lambda number: {"name": f"Article {number}", "body": "<p>Text</p>"}
        )
        cls.bodies = cls._each("fabloch.mandate.body", lambda number: {"name": f"Body {number}"})
        cls.conventions = cls.env["fabloch.convention"].union(*map(cls._make_convention, numbers))
        cls.env["fabloch.allowance"].create(
            [{"name": "Hours", "convention_id": convention.id, "quantity": 10} for convention in cls.conventions]
        )
        cls.conventions[1::2].action_send_to_signature()
        cls.conventions[1::4].action_sign("2026-03-01")
        cls.gifts = cls.env["fabloch.donation"].union(
            *(cls._gift(house, day=f"{2022 + number % 5}-02-03") for number, house in enumerate(cls.houses)),
            *(cls._gift(partner) for partner in cls.people),
        )
        for year in range(2022, 2027):
            with freeze_time(f"{year}-03-01 09:00:00"):
                given = cls.gifts.filtered(lambda gift, year=year: gift.date.year == year)
                cls.env["fabloch.tax.receipt"]._issue(given, render=False)
        cls.pledges = cls._each(
            "fabloch.donation",
            lambda number: {
                "partner_id": cls.houses[number].id,
                "amount": 50.0,
                "nature": "cash",
                "payment_mode": "cheque",
                "date": "2026-02-03",
            },
        )
        cls.pledges.sudo().state = "pledged"
        cls.batches = cls._each(
            "fabloch.tax.receipt.batch",
            lambda number: {"date_from": "2026-01-01", "date_to": date(2026, 1, 2) + timedelta(number)},
        )
        cls._each(
            "fabloch.tax.receipt.refusal",
            lambda number: {
                "batch_id": cls.batches[number].id,
                "partner_id": cls.people[number].id,
                "reason": "No address",
            },
        )
        cls._each(
            "fabloch.mandate",
            lambda number: {
                "network_id": cls.houses[number].id,
                "partner_id": cls.people[number].id,
                "body_id": cls.bodies[number].id,
                "date_from": "2024-01-01",
            },
        )

    @classmethod
    def _make_convention(cls, number):
        """A convention of each kind in turn, with something due and something promised."""
        house = cls.houses[number]
        kind = ("charge", "donation", "subsidy", "bill")[number // 4 % 4]
        product = cls.sponsored.id if kind == "charge" else False
        return cls._ready(
            ("2026-03-05", 100.0),
            ("2026-09-01", 100.0),
            partner=house,
            kind=kind,
            product=product,
            user_id=cls.officer.id,
            commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-02-01", "value": 5})],
        )

    @classmethod
    def _make_finance(cls):
        streams = cls._each("fabloch.revenue.stream", lambda number: {"name": f"Stream {number}", "code": f"w{number}"})
        cls.budgets = cls._each(
            "fabloch.budget",
            lambda number: {
                "date_from": f"{2026 - number}-01-01",
                "line_ids": [Command.create({"stream_id": streams[number].id, "amount": 100.0})],
            },
        )
        accounts = cls._each(
            "account.account",
            lambda number: {
                "name": f"Income {number}",
                "code": f"709{number:03}",
                "account_type": "income",
                "fabloch_revenue_stream_id": streams[number].id if number % 2 else False,
            },
        )
        cls.invoices = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": person.id,
                    # Ten exercises, for the reports that have a row for each.
                    "invoice_date": f"{2026 - number % 10}-01-05",
                    "invoice_date_due": f"{2026 - number % 10}-01-20",
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "x", "price_unit": 10, "tax_ids": [Command.clear()], "account_id": account.id}
                        )
                    ],
                }
                for number, (person, account) in enumerate(zip(cls.people, accounts, strict=True))
            ]
        )
        cls.invoices.action_post()
        paid = cls.invoices.copy({"invoice_date": "2026-01-06"})
        paid.action_post()
        cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=paid.ids).create(
            {"group_payment": False}
        )._create_payments()
        cls._each(
            "fabloch.payment.reminder",
            lambda number: {
                "move_id": cls.invoices[number].id,
                "company_id": cls.company.id,
                "partner_id": cls.people[number].id,
                "level": 1,
                "date": "2026-02-01",
                "user_id": cls.env.uid,
                "currency_id": cls.company.currency_id.id,
            },
        )
        runs = cls._each("fabloch.invoicing.run", lambda number: {"date": date(2026, 1, 1) + timedelta(number)})
        cls._each(
            "fabloch.invoicing.failure",
            lambda number: {
                "run_id": runs[number].id,
                "name": "Person",
                "partner_id": cls.people[number].id,
                "reason": "No address",
                "currency_id": cls.company.currency_id.id,
            },
        )
        cls._each(
            "fabloch.threshold.warning",
            lambda number: {
                "code": "lucrative",
                "fiscal_year": str(2026 - number),
                "level": "over",
                "company_id": cls.company.id,
            },
        )
        cls._each(
            "fabloch.year.end.file",
            lambda number: {
                "name": f"pack-{number}.zip",
                "company_id": cls.company.id,
                "fiscal_year": str(2026 - number),
                "date_from": f"{2026 - number}-01-01",
                "date_to": f"{2026 - number}-12-31",
                "content": "UEs=",
                "size": 2,
                "sha256": "0",
                "document_count": 1,
                "warning_count": 0,
            },
        )
        expenses = cls.env["account.account"].search(
            [("company_ids", "in", cls.company.ids), ("account_type", "=", "expense"), ("code", "=like", "6%")], limit=1
        )
        costs = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-02-05",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": expenses.id,
                            "balance": sign * 10.0,
                            "analytic_distribution": {str(machine.analytic_account_id.id): 100} if sign > 0 else False,
                        }
                    )
                    for machine in cls.machines
                    for sign in (1, -1)
                ],
            }
        )
        costs.action_post()
        kinds = cls._each("fabloch.volunteer.kind", lambda number: {"name": f"World {number}"})
        cls._each(
            "fabloch.volunteer.rate",
            lambda number: {"date_from": date(2020, 1, 1) + timedelta(number), "hourly_rate": 12, "source": "Test"},
        )
        cls._each(
            "fabloch.volunteer.hours",
            lambda number: {
                "partner_id": cls.people[number].id,
                "kind_id": kinds[number].id,
                "hours": 2,
                "date": "2026-02-03",
            },
        )
        cls._each(
            "fabloch.volunteer.posting",
            lambda number: {
                "date_from": date(2021, 1, 1) + timedelta(number),
                "date_to": date(2021, 1, 1) + timedelta(number),
            },
        )
