"""The demonstration shows the association's own figures, whatever the day on which it is made."""

import re
from datetime import date, timedelta

import databases

from odoo.addons.fabloch_membership.demo import people, uses
from odoo.addons.fabloch_membership.period import rolling_end

from tests.common import run_python, scratch_database

TODAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(0, 1461, 3)] + [date(2028, 2, 29)]
BUSINESSES = {"pme", "profession_liberale", "auto_entrepreneur", "artisan", "artiste"}


def exercises(today):
    return [date(today.year + number, 1, 1) for number in (-2, -1, 0)]


def yearly_members(today, exercise):
    """Categories of those who join or renew in an exercise (0, 1, 2), among the plans of the fiscal year."""
    year = exercises(today)[exercise].year
    return [
        member.category
        for member in people.members(exercises(today), today)
        if member.category in people.YEARLY and year in {day.year for day in (member.joins, *member.renewals)}
    ]


def test_plan_of_the_demonstration_has_the_figures_of_the_report_on_any_day():
    for today in TODAYS:
        before, last = yearly_members(today, 0), yearly_members(today, 1)
        assert last.count("association") == 9
        assert last.count("pme") == 5
        assert len([category for category in last if category in BUSINESSES - {"pme"}]) == 45
        assert len([category for category in before if category in BUSINESSES]) == 41


def test_renewals_come_in_time_on_any_day():
    for today in TODAYS:
        for member in people.members(exercises(today), today):
            end = (
                date(member.starts.year, 12, 31) if member.category in people.YEARLY else rolling_end(member.starts, 12)
            )
            for day in member.renewals:
                grace = 60 if member.category in people.YEARLY else 30
                assert end - timedelta(days=40) < day <= end + timedelta(days=grace), (today, member)
                end = date(end.year + 1, 12, 31) if member.category in people.YEARLY else rolling_end(end, 12)


def test_the_people_are_different_ones():
    members = people.members(exercises(TODAYS[0]), TODAYS[0])
    assert len({member.key for member in members}) == len({member.email for member in members}) == len(members)


def test_uses_are_never_after_today_and_wait_for_the_invoicing():
    for today in TODAYS:
        found = uses.uses(exercises(today), today, ["a", "b", "c"], ["d"], ["e"])
        assert found[-1].date <= today
        assert found == uses.uses(exercises(today), today, ["a", "b", "c"], ["d"], ["e"])


LOAD = f"""
import sys
sys.path.insert(0, {str(databases.ROOT / "bin")!r})
import databases
databases._load_demo_data(env)
print(env["ir.module.module"].search_count([("demo", "=", True)]))
"""
CHECK = """
from odoo import fields
today = fields.Date.context_today(env["res.company"].with_context(tz="Europe/Paris"))
statuses = env["fabloch.membership"].search([]).mapped("status")
assert set(statuses) == {"draft", "waiting", "upcoming", "active", "grace", "expired", "cancelled"}, set(statuses)
assert env["res.partner"].search_count([("membership_to_renew", "=", True)]) > 1
charges = env["fabloch.charge"].search([("state", "=", "to_invoice")])
groups = charges._invoicing_groups(today)
assert [group.payer.name for group in groups if group.problem] == ["Atelier des Embruns sans adresse"]
assert len(groups) > 2
assert not env["account.move"].search_count([("state", "!=", "posted")])
assert not env["account.move"].search_count([("date", ">", today)])
assert not env["mail.mail"].search_count([("email_to", "!=", False)])
for login, group in (
    ("accueil", "fabloch_membership.group_membership_user"),
    ("compta", "fabloch_finance.group_finance_manager"),
    ("bureau", "fabloch_finance.group_finance_board"),
    ("adherente", "base.group_portal"),
):
    user = env["res.users"].search([("login", "=", login)])
    assert user.has_group(group), login
    credentials = {"type": "password", "login": login, "password": login}
    user.with_user(user)._check_credentials(credentials, {"interactive": True})
"""


def test_the_demonstration_shows_the_figures_of_the_report():
    """Loads it as bin/demo does and reads what bin/demo prints: a minute or two."""
    with scratch_database() as name:
        assert run_python(LOAD, name, timeout=900) == str(len(databases.addons()))
        run_python(CHECK, name)
        printed = run_python((databases.ROOT / "bin" / "demo_summary.py").read_text(), name)

    def figures(label):
        line = re.search(rf"^ +{label} {{2,}}(.+)$", printed, re.MULTILINE)
        return [value.strip() for value in re.split(r" {2,}", line[1])]

    assert figures("Association")[1] == "9"
    assert figures("Entreprises et indépendants, ensemble")[:2] == ["41", "50"]
    assert figures("dont PME")[1] == "5"
    assert figures("indépendants, ensemble")[1] == "45"
    made, paid = figures("Factures émises"), figures("dont payées")
    assert 0 < int(paid[1]) < int(made[1])
    rates = [float(rate.rstrip("\u00a0 %").replace(",", ".")) for rate in figures("Taux d'autofinancement")]
    assert 30 < rates[0] < rates[1] < 50
