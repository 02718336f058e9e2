"""Eight real processes want the same periods: through create, a move, an import and a call from outside."""

import json
import re
import unittest

from odoo.tests import tagged

from tests.common import run_python, scratch_database, spawn

PROCESSES = 8
ATTEMPTS = 50  # each

# The same period of every hour from 1 March 2027 on; machines are open day and night.
PREPARE = """
from datetime import datetime
env.company.write({"fabloch_invoicing_send": False})
account = env["account.account"].search([("account_type", "=", "income")], limit=1)
product = env["product.product"].create({
    "name": "Hour", "type": "service", "list_price": 10, "taxes_id": [(5,)], "property_account_income_id": account.id,
})
category = env["fabloch.machine.category"].create({"name": "Race", "product_id": product.id, "free_cancel_hours": 0})
env["fabloch.rate"].create({"name": "hour", "category_id": category.id, "minutes": 60, "product_id": product.id})
common = {"category_id": category.id, "always_open": True, "horizon_days": 0, "longest_minutes": 0}
workshop = env["fabloch.machine"].create({**common, "name": "Race workshop", "kind": "workshop"})
env["fabloch.machine"].create([
    {**common, "name": "Race laser"},
    {**common, "name": "Race printers", "capacity": 4},
    {**common, "name": "Race saw", "workshop_id": workshop.id},
])
env["res.partner"].create([
    {"name": f"Racer {n}", "street": "1 rue du Test", "zip": "56400", "city": "Auray"} for n in range(8)
])
"""

# Each process tries its periods in turn, by a way that changes with each attempt, as the server does: a failure of
# serialization or a deadlock is tried again, whatever the user sees is a message.
RACER = """
import collections, json, random, sys, time
from datetime import datetime, timedelta
import psycopg2
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import retrying
from odoo.tools import mute_logger
me = %(me)s
chance = random.Random(me)
machines = {machine.name: machine for machine in env["fabloch.machine"].search([("name", "like", "Race ")])}
partner = env["res.partner"].search([("name", "=", f"Racer {me}")])
reception = env["res.users"].with_context(no_reset_password=True).search([("login", "=", "race")])
Booking = env["fabloch.booking"].with_user(reception)
FIRST = datetime(2027, 3, 1)
counts = collections.Counter()
# What it moves into the contested periods: each process has its own, far from the others.
far = FIRST + timedelta(days=100 + 10 * me)
cr.commit()

class Again(Exception):
    pass

def contested(number):
    name = ("Race laser", "Race printers", "Race workshop", "Race saw")[number %% 4]
    start = FIRST + timedelta(hours=number // 4)
    return machines[name], start

def vals(machine, start):
    return {"machine_id": machine.id, "partner_id": partner.id, "start": start, "stop": start + timedelta(hours=1)}

def by_create(number):
    machine, start = contested(number)
    Booking.create(vals(machine, start)).action_confirm()

def by_move(number):
    machine, start = contested(number)
    own = Booking.create({**vals(machine, far + timedelta(hours=number)), "state": "confirmed"})
    env.flush_all()
    own.write({"start": start, "stop": start + timedelta(hours=1)})

def by_import(number):
    machine, start = contested(number)
    result = Booking.load(
        ["partner_id/.id", "machine_id/.id", "start", "stop", "state"],
        [[str(partner.id), str(machine.id), str(start), str(start + timedelta(hours=1)), "confirmed"]],
    )
    if not result["ids"]:
        message = result["messages"][0]["message"]
        # Odoo's import tells of a conflict instead of trying again: the person presses the button again.
        raise Again if "serialize" in message else UserError(message)

def by_rpc(number):
    from odoo.service.model import call_kw
    machine, start = contested(number)
    values = vals(machine, start)
    [booking] = call_kw(Booking, "create", [[values | {name: str(values[name]) for name in ("start", "stop")}]], {})
    call_kw(Booking, "action_confirm", [[booking]], {})

original_sleep = time.sleep
def counted_sleep(seconds):
    counts["again"] += 1
    original_sleep(seconds)
time.sleep = counted_sleep

print("ready", flush=True)
input()
with mute_logger("odoo.sql_db", "odoo.service.model", "odoo.models", "odoo.orm.models"):
    for number in range(%(attempts)s):
        way = (by_create, by_move, by_import, by_rpc)[(number // 4 + me) %% 4]
        counts["tried"] += 1
        try:
            while True:
                try:
                    retrying(lambda: way(number), env)
                    break
                except (psycopg2.errors.OperationalError, Again):
                    # The server gave up after five times: the person clicks again.
                    cr.rollback()
                    env.invalidate_all()
                    counts["gave_up"] += 1
            counts["won"] += 1
        except (UserError, ValidationError) as error:
            cr.rollback()
            env.invalidate_all()
            counts["lost"] += 1
            told = any(word in str(error) for word in ("taken", "free", "units"))
            counts["told"] += told
            if not told:
                print(repr(error), file=sys.stderr, flush=True)
print(json.dumps(counts), flush=True)
"""

RECEPTION = """
from odoo import Command
env["res.users"].with_context(no_reset_password=True).create({
    "name": "Race reception", "login": "race",
    "group_ids": [Command.set([env.ref("fabloch_machines.group_machines_user").id])],
})
"""

# Independent of our code: a self-join over the rows, and the winners of each period.
CHECK = """
import json
env.cr.execute('''
    SELECT count(*) FROM fabloch_occupancy a JOIN fabloch_occupancy b
        ON a.id < b.id AND a.machine_id = b.machine_id AND a.unit = b.unit AND a.start < b.stop AND b.start < a.stop
''')
[overlaps] = env.cr.fetchone()
env.cr.execute('''
    SELECT m.name, b.start, count(*) FROM fabloch_booking b JOIN fabloch_machine m ON m.id = b.machine_id
     WHERE b.state = 'confirmed' AND b.start < '2027-05-01' GROUP BY m.name, b.start
''')
winners = {}
for name, start, count in env.cr.fetchall():
    winners.setdefault(name, {})[str(start)] = count
env.cr.execute('''
    SELECT count(*) FROM fabloch_booking b WHERE b.state = 'confirmed'
       AND (SELECT count(*) FROM fabloch_charge c WHERE c.booking_id = b.id AND c.state = 'to_invoice') != 1
''')
[charged_wrong] = env.cr.fetchone()
print(json.dumps([overlaps, winners, charged_wrong]))
"""


def race(processes, names):
    """Let all go at once, and return the sum of what they counted."""
    try:
        return _race(processes, names)
    finally:
        for process in processes:
            process.kill()


def _race(processes, names):
    for process in processes:
        for line in process.stdout:
            if re.search("ready", line):
                break
        else:
            raise AssertionError(process.stderr.read())
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    total = dict.fromkeys(names, 0)
    for process in processes:
        output, errors = process.communicate(timeout=240)
        if process.returncode:
            raise AssertionError(errors[-3000:])
        print(errors, end="")
        for name, count in json.loads(output.strip().splitlines()[-1]).items():
            total[name] = total.get(name, 0) + count
    return total


@tagged("post_install", "-at_install")
class TestRaces(unittest.TestCase):
    def test_eight_processes_want_the_same_periods(self):
        with scratch_database() as name:
            run_python(PREPARE + RECEPTION, name)
            racers = [spawn(RACER % {"me": me, "attempts": ATTEMPTS}, name) for me in range(PROCESSES)]
            counts = race(racers, ("tried", "won", "lost", "told", "again"))
            overlaps, winners, charged_wrong = json.loads(run_python(CHECK, name))
        print(f"\nraces: {counts}")
        self.assertEqual(counts["tried"], PROCESSES * ATTEMPTS)
        self.assertEqual(counts["won"] + counts["lost"], counts["tried"])
        self.assertEqual(counts["told"], counts["lost"], "every loser is told which rule")
        self.assertEqual(overlaps, 0)
        self.assertEqual(charged_wrong, 0, "a winner has its one charge")
        periods = len({number // 4 for number in range(ATTEMPTS) if number % 4 == 0})
        self.assertEqual(set(winners["Race laser"].values()), {1}, "one winner a period")
        self.assertEqual(len(winners["Race laser"]), periods)
        self.assertEqual(set(winners["Race printers"].values()), {4}, "as many winners as units")
        both = [*winners.get("Race workshop", {}), *winners.get("Race saw", {})]
        self.assertEqual(len(both), len(set(both)), "the workshop or what stands in it, never both")
        self.assertEqual(sum(sum(of.values()) for of in winners.values()), counts["won"])

    def test_one_hold_is_confirmed_once(self):
        confirm = """
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import mute_logger
import json
booking = env["fabloch.booking"].search([("name", "!=", "/")], limit=1)
cr.commit()
print("ready", flush=True)
input()
try:
    with mute_logger("odoo.sql_db", "odoo.service.model"):
        retrying(lambda: booking.%s() and None, env)
    print(json.dumps({"won": 1}), flush=True)
except UserError:
    cr.rollback()
    print(json.dumps({"lost": 1}), flush=True)
"""
        hold = """
from datetime import datetime
laser = env["fabloch.machine"].search([("name", "=", "Race laser")])
partner = env["res.partner"].search([("name", "=", "Racer 0")])
env["fabloch.booking"].create({
    "machine_id": laser.id, "partner_id": partner.id,
    "start": datetime(2027, 3, 1, 10), "stop": datetime(2027, 3, 1, 12),
})
"""
        count = """
booking = env["fabloch.booking"].search([], limit=1)
live = booking.charge_ids.filtered(lambda charge: charge.state == "to_invoice")
print(booking.state, len(live), len(booking.occupancy_ids))
"""
        with scratch_database() as name:
            run_python(PREPARE + hold, name)
            counts = race([spawn(confirm % "action_confirm", name) for _ in range(4)], ("won", "lost"))
            self.assertEqual(counts, {"won": 1, "lost": 3})
            self.assertEqual(run_python(count, name), "confirmed 1 1")
            counts = race([spawn(confirm % "action_cancel", name) for _ in range(3)], ("won", "lost"))
            self.assertEqual(counts, {"won": 1, "lost": 2})
            self.assertEqual(run_python(count, name), "cancelled 0 0")
