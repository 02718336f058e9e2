"""Renewing many memberships at once, killed at random moments and begun again. Invoicing and receipts, which have their
own small kills in tests/finance and tests/partnership, are killed as often in long_crashes.py.
"""

import unittest

from odoo.tests import tagged

from .common import of, tell
from .crashes import kill_and_start_again
from .races import START

KILLS = of(3, 50)
MEMBERS = of(4, 24)

PREPARE = (
    START
    + f"""
env.company.write({{"fabloch_invoicing_send": True, "fabloch_invoicing_post": True}})
[fee] = products(30, "Fee")
plan = env["fabloch.membership.plan"].create({{"name": "Yearly", "product_id": fee.id, "seats": 2}})
members = env["res.partner"].create([
    {{"name": f"Member {{n}}", "email": f"m{{n}}@example.com", **address}} for n in range({MEMBERS})])
covered = env["res.partner"].create([{{"name": f"Covered {{n}}", **address}} for n in range({MEMBERS})])
env["fabloch.membership"].create([
    {{"partner_id": member.id, "plan_id": plan.id, "date_start": date.today() - timedelta(days=360),
      "beneficiary_ids": [Command.set(person.ids)], "settled_elsewhere": True}}
    for member, person in zip(members, covered, strict=True)])
"""
)
# Whoever comes back after a crash looks at the list first: is there anybody left to renew?
WORK = """
wizard = env["fabloch.membership.batch.renew"].create({"use_domain": True, "invoice": True})
if wizard.renew_count:
    wizard.action_renew()
"""
MADE = ["fabloch.membership", "fabloch.charge", "fabloch.invoicing.run", "account.move", "account.move.line"]


@tagged("post_install", "-at_install")
class TestRenewalCrashes(unittest.TestCase):
    def test_a_renewal_that_is_killed_and_begun_again_ends_as_if_undisturbed(self):
        killed, survived, length, differences = kill_and_start_again(PREPARE, WORK, MADE, KILLS, seed=19)
        lost = tell("Renewal of memberships, killed and begun again", killed, survived, moments=length)
        self.assertEqual(lost, 0, differences[:1])
        self.assertGreaterEqual(killed, KILLS)
