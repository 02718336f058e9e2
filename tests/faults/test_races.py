"""Eight people want the last seats of one membership at the same moment: are more people covered than it has seats?"""

import unittest

import databases

from odoo.tests import tagged

from tests.machines.racers import step

from .common import of, tell
from .races import Tally, contest, prepared

ROUNDS = of(12, 500)
SEATS = 3

PREPARE = f"""
[fee, small_fee] = products(100, "Fee", "Small fee")
plan, small = env["fabloch.membership.plan"].create([
    {{"name": "Company", "product_id": fee.id, "seats": {SEATS}}},
    {{"name": "Small company", "product_id": small_fee.id, "seats": {SEATS - 1}}},
])
people = env["res.partner"].create([{{"name": f"Person {{n}}", **address}} for n in range(PROCESSES)])
companies = env["res.partner"].create([{{"name": f"Company {{n}}", **address}} for n in range({ROUNDS})])
memberships = env["fabloch.membership"].create([{{"partner_id": each.id, "plan_id": plan.id}} for each in companies])
print(json.dumps({{
    "users": users("fabloch_membership.group_membership_user"), "people": people.ids, "small": small.id,
    "memberships": memberships.ids,
}}))
"""
# Independent of the addon's own searches.
COVERED = """
    SELECT m.id, p.seats, (SELECT count(*) FROM fabloch_membership_beneficiary_rel r WHERE r.membership_id = m.id)
      FROM fabloch_membership m JOIN fabloch_membership_plan p ON p.id = m.plan_id
"""


@tagged("post_install", "-at_install")
class TestSeats(unittest.TestCase):
    def test_no_more_people_are_covered_than_there_are_seats(self):
        tally = Tally("covers at most|is chosen on the membership:")
        with prepared(PREPARE) as (name, self.facts):
            rounds = contest(name, ROUNDS, self._calls, tally)
            covered = {number: (seats, people) for number, seats, people in databases.execute(COVERED, database=name)}
        over = 0
        for number, answers in zip(self.facts["memberships"], rounds, strict=True):
            seats, people = covered[number]
            # Six try to cover somebody; the last one tries another plan, and none of the contact's own way gets in.
            told = sum(answer["refused"] is None for answer in answers[:6])
            over += people > seats or people != told
            self.assertTrue(answers[6]["refused"], "a seat is never taken over the contact")
        lost = tell(
            "Seats of a membership, wanted by 8 processes",
            tally["tried"],
            tally["tried"] - len(tally.odd) - over,
            won=tally["won"],
            refused=tally["refused"],
            retried=tally["retried"],
        )
        self.assertEqual(lost, 0, f"{over} memberships cover more than they have seats; {tally.odd[:3]}")
        self.assertGreater(tally["refused"], 0)

    def _calls(self, round_):
        membership, users, people = (self.facts[key] for key in ("memberships", "users", "people"))
        wanted = [membership[round_]]
        cover = [
            [step(users[number], "fabloch.membership", "write", wanted, {"beneficiary_ids": [[4, people[number]]]})]
            for number in range(6)
        ]
        over_contact = {"covering_membership_ids": [[4, wanted[0]]]}
        return [
            *cover,
            [step(users[6], "res.partner", "write", [people[6]], over_contact)],
            [step(users[7], "fabloch.membership", "write", wanted, {"plan_id": self.facts["small"]})],
        ]
