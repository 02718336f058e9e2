"""The demonstration shows the association's own figures, whatever the day on which it is made."""

from datetime import date, timedelta

from odoo.addons.fabloch_membership.demo import people, uses
from odoo.addons.fabloch_membership.period import rolling_end

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
