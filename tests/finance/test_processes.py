"""Races and crashes of the invoicing, with real processes on a database of their own."""

import unittest

from odoo.tests import tagged

from tests.common import race, run_python, scratch_database, spawn, wait_for

PAYERS = 12
CHARGES_EACH = 3

PREPARE = f"""
env.company.write({{"fabloch_invoicing_send": False, "fabloch_invoicing_auto": True}})
product = env["product.product"].create({{"name": "Laser", "type": "service", "taxes_id": [(5,)]}})
payers = env["res.partner"].create([
    {{"name": f"Payer {{n}}", "street": "1 rue du Test", "zip": "56400", "city": "Auray"}} for n in range({PAYERS})
])
env["fabloch.charge"].create([
    {{"partner_id": payer.id, "product_id": product.id, "name": f"Use {{n}}", "price_unit": 10 + n}}
    for payer in payers for n in range({CHARGES_EACH})
])
"""

# Every charge on exactly one live line; one invoice a payer; invoice numbers without gap.
CHECK = """
charges = env["fabloch.charge"].search([])
lines = env["account.move.line"].search([("fabloch_charge_id", "!=", False), ("parent_state", "!=", "cancel")])
moves = lines.move_id
numbers = sorted(int(name.rsplit("/", 1)[1]) for name in moves.mapped("name"))
print(
    set(charges.mapped("state")) == {"invoiced"},
    len(lines) == len(lines.fabloch_charge_id) == len(charges),
    len(moves) == len(moves.partner_id),
    numbers == list(range(numbers[0], numbers[0] + len(numbers))),
    len(charges), len(moves), sum(moves.mapped("amount_untaxed")) == sum(charges.mapped("amount")),
)
"""
ALL_WELL = f"True True True True {PAYERS * CHARGES_EACH} {PAYERS} True"

SMALL_BATCHES = """
from odoo.addons.fabloch_finance.models import charge_invoicing
charge_invoicing.PAYERS_PER_BATCH = 4
"""

CRON = """
env["fabloch.charge"]._cron_invoice()
"""

# As a click of a member of the staff does, the server trying again after a serialization failure.
STAFF = """
from odoo.service.model import retrying
def click():
    charges = env["fabloch.charge"].search([("state", "=", "to_invoice")])
    return charges._invoice()
retrying(click, env)
"""

READY = """
print("ready", flush=True)
input()
"""


@tagged("post_install", "-at_install")
class TestProcesses(unittest.TestCase):
    def test_four_runs_at_once_invoice_each_charge_once(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            racers = [spawn(SMALL_BATCHES + READY + work, name) for work in (CRON, STAFF, CRON, STAFF)]
            race(racers)
            # A racer leaves alone what another holds at that moment, so one more call may have work.
            run_python(CRON, name)
            self.assertEqual(run_python(CHECK, name), ALL_WELL)

    def test_killed_inside_a_batch(self):
        pause_inside = """
from odoo.addons.account.models.account_move import AccountMove
post = AccountMove.action_post
calls = []
def action_post(moves):
    result = post(moves)
    calls.append(moves)
    if len(calls) == 2:
        env.flush_all()
        print("inside", flush=True)
        input()
    return result
AccountMove.action_post = action_post
"""
        self._kill_at("inside", pause_inside, invoiced_by_then=4)

    def test_killed_between_two_batches(self):
        pause_between = """
from odoo.addons.base.models.ir_cron import IrCron
commit = IrCron._commit_progress
calls = []
def commit_progress(cron, processed=0, **options):
    left = commit(cron, processed, **options)
    calls.append(processed)
    if sum(calls) == 8:
        print("between", flush=True)
        input()
    return left
IrCron._commit_progress = commit_progress
"""
        self._kill_at("between", pause_between, invoiced_by_then=8)

    def _kill_at(self, marker, pause, invoiced_by_then):
        with scratch_database() as name:
            run_python(PREPARE, name)
            victim = spawn(SMALL_BATCHES + pause + CRON, name)
            wait_for(victim, marker)
            victim.kill()
            victim.communicate()
            state = (
                "print(len(env['account.move'].search([('fabloch_run_id', '!=', False)])), "
                "env['fabloch.invoicing.run'].search([]).mapped('state'))"
            )
            self.assertEqual(run_python(state, name), f"{invoiced_by_then} ['running']")
            run_python(SMALL_BATCHES + CRON, name)
            self.assertEqual(run_python(CHECK, name), ALL_WELL)
            self.assertEqual(run_python(state, name), f"{PAYERS} ['done']", "the same run was resumed")
