"""Races of real processes for the same periods, holds and states: what is booked twice, charged twice or lost?"""

import json
import re
import time
import unittest
from collections import Counter
from datetime import datetime, timedelta

import databases

from odoo.tests import tagged

from tests.common import run_python, scratch_database
from tests.faults.common import of, tell

from .racers import Racers, step

PROCESSES = 8
ROUNDS = of(50, 500)
POOL = 4

# A laser, a pool of four printers, a workshop with two machines; eight receptionists; for every round and process a
# booking far from the contested days that may be moved there.
PREPARE = f"""
import json
from datetime import datetime, timedelta
from odoo import Command
income = env["account.account"].search(
    [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
)
hour = env["product.product"].create({{
    "name": "Hour", "type": "service", "list_price": 20, "taxes_id": [Command.clear()],
    "property_account_income_id": income.id,
}})
category = env["fabloch.machine.category"].create({{"name": "Any", "product_id": hour.id}})
env["fabloch.rate"].create({{"name": "hour", "category_id": category.id, "minutes": 60, "product_id": hour.id}})
common = {{"category_id": category.id, "always_open": True, "horizon_days": 0}}
Machine = env["fabloch.machine"]
laser, printers, workshop = Machine.create([
    {{**common, "name": "Laser"}},
    {{**common, "name": "Printers", "capacity": {POOL}}},
    {{**common, "name": "Workshop", "kind": "workshop"}},
])
saw, drill, parking = Machine.create([
    {{**common, "name": "Saw", "workshop_id": workshop.id}},
    {{**common, "name": "Drill", "workshop_id": workshop.id}},
    {{**common, "name": "Parking", "capacity": {PROCESSES}}},
])
partners = env["res.partner"].create([
    {{"name": f"Person {{n}}", "street": "1 rue du Test", "zip": "56400", "city": "Auray"}} for n in range({PROCESSES})
])
users = env["res.users"].with_context(no_reset_password=True).create([
    {{"name": f"Desk {{n}}", "login": f"desk{{n}}", "email": f"desk{{n}}@example.com", "group_ids": [
        Command.set(env.ref("fabloch_machines.group_machines_user").ids)
    ]}} for n in range({PROCESSES})
])
day = datetime.combine(datetime.now().date() + timedelta(days=200), datetime.min.time())
parked = env["fabloch.booking"].create([
    {{
        "machine_id": parking.id, "partner_id": partner.id, "state": "confirmed",
        "start": day + timedelta(hours=round_), "stop": day + timedelta(hours=round_ + 1),
    }}
    for round_ in range({ROUNDS}) for partner in partners
])
print("PREPARED", json.dumps({{
    "laser": laser.id, "printers": printers.id, "workshop": workshop.id, "saw": saw.id, "drill": drill.id,
    "parking": parking.id, "partners": partners.ids, "users": users.ids, "parked": parked.ids,
}}))
"""

# Independent of the addon's own searches, and of its constraint.
OVERLAPS = """
    SELECT count(*) FROM fabloch_occupancy a
      JOIN fabloch_occupancy b ON a.machine_id = b.machine_id AND a.unit = b.unit AND a.id < b.id
       AND a.start < b.stop AND b.start < a.stop
"""
# What the bookings themselves say, whatever stands in the occupancy.
LIVE_AT = """
    SELECT machine_id, count(*) FROM fabloch_booking
     WHERE start = %s AND state IN ('hold', 'confirmed') AND machine_id <> %s GROUP BY machine_id
"""
MONDAY = datetime.combine(datetime.now().date() + timedelta(days=30), datetime.min.time())


@tagged("post_install", "-at_install")
class TestRaces(unittest.TestCase):
    """Eight receptionists want the same 50 periods (500 in bin/bench --faults), by four ways each."""

    def test_eight_processes_want_the_same_periods(self):
        with scratch_database() as name:
            # PostgreSQL looks for a deadlock after a second: every one of them would be waited for.
            databases.execute(f'ALTER DATABASE "{name}" SET deadlock_timeout = 50')
            self.ids = _prepare(name)
            with Racers(PROCESSES, name) as racers:
                begun = time.monotonic()
                answers = [(round_, racers.race_on(self._calls(round_))) for round_ in range(ROUNDS)]
                seconds = time.monotonic() - begun
            tally, reasons = Counter(), Counter()
            for round_, of_round in answers:
                for process, answer in enumerate(of_round):
                    self._count(tally, reasons, WAYS[(round_ + process) % len(WAYS)], answer)
                self._check_round(name, round_, sum(answer["refused"] is None for answer in of_round))
            self.assertEqual(databases.execute(OVERLAPS, database=name), [(0,)])
            charged = run_python(CHARGED_ONCE, name, timeout=900)
        tell(
            "Bookings of the same periods by 8 processes",
            tally["tried"],
            tally["won"] + tally["lost"],
            won=tally["won"],
            refused=tally["lost"],
            retried=tally["retried"],
            seconds=round(seconds),
        )
        print("; " + ", ".join(f"{way} {tally[way]} won" for way in WAYS))
        for reason, count in reasons.most_common():
            print(f"  {count:3} × {reason}")
        self.assertEqual(tally["tried"], PROCESSES * ROUNDS)
        self.assertEqual(tally["won"], int(charged.split()[0]))
        self.assertEqual(charged.split()[1], "True", "each booking that won has its charge, once")

    def _calls(self, round_):
        return [self._way(WAYS[(round_ + process) % len(WAYS)], round_, process) for process in range(PROCESSES)]

    def _wanted(self, round_, process):
        if round_ % 5 < 2:
            return "laser"
        if round_ % 5 < 4:
            return "printers"
        # The ways turn with the process as well: each of them tries the workshop in one round or another.
        return ("workshop", "saw", "drill")[(process + round_ // 5) % 3]

    def _start(self, round_):
        return MONDAY + timedelta(days=round_)

    def _way(self, way, round_, process):
        start = self._start(round_)
        uid = self.ids["users"][process]
        vals = {
            "machine_id": self.ids[self._wanted(round_, process)],
            "partner_id": self.ids["partners"][process],
            "start": str(start),
            "stop": str(start + timedelta(hours=2)),
        }
        model = "fabloch.booking"
        if way == "book":
            return [step(uid, model, "book", vals)]
        if way == "create":
            return [step(uid, model, "create", [vals]), step(uid, model, "action_confirm", "PREVIOUS")]
        if way == "write":
            del vals["partner_id"]
            parked = self.ids["parked"][round_ * PROCESSES + process]
            return [step(uid, model, "write", [parked], vals)]
        columns = ["machine_id/.id", "partner_id/.id", "start", "stop", "state"]
        row = [str(vals["machine_id"]), str(vals["partner_id"]), vals["start"], vals["stop"], "confirmed"]
        return [step(uid, model, "load", columns, [row])]

    def _count(self, tally, reasons, way, answer):
        self.assertIsNone(answer["raw"], "a loser reads a message, not what the database said")
        tally.update({"tried": 1, "retried": answer["retried"]})
        if answer["refused"] is None:
            tally.update({"won": 1, way: 1})
            return
        tally["lost"] += 1
        self.assertRegex(answer["refused"], RULE)
        reasons[re.search(RULE, answer["refused"]).group(0)] += 1

    def _check_round(self, name, round_, won):
        live = dict(databases.execute(LIVE_AT, self._start(round_), self.ids["parking"], database=name))
        self.assertEqual(sum(live.values()), won, "who was told to have won has its booking, nobody else")
        wanted = {self._wanted(round_, process) for process in range(PROCESSES)}
        if wanted == {"laser"}:
            self.assertEqual(live, {self.ids["laser"]: 1})
        elif wanted == {"printers"}:
            self.assertEqual(live, {self.ids["printers"]: POOL})
        else:
            alone, together = {self.ids["workshop"]: 1}, {self.ids["saw"]: 1, self.ids["drill"]: 1}
            self.assertIn(live, (alone, together), "the workshop, or what stands in it")


@tagged("post_install", "-at_install")
class TestRacesOnOneBooking(unittest.TestCase):
    """Two people do something to the same booking at the same moment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scratch = scratch_database()
        cls.name = scratch.__enter__()
        cls.addClassCleanup(scratch.__exit__, None, None, None)
        databases.execute(f'ALTER DATABASE "{cls.name}" SET deadlock_timeout = 50')
        cls.ids = _prepare(cls.name)
        cls.racers = cls.enterClassContext(Racers(2, cls.name))

    def _hold(self, day):
        start = MONDAY + timedelta(days=day)
        vals = {
            "machine_id": self.ids["laser"],
            "partner_id": self.ids["partners"][0],
            "start": str(start),
            "stop": str(start + timedelta(hours=2)),
        }
        [answer] = self.racers.race([[step(self.ids["users"][0], "fabloch.booking", "create", [vals])]])
        self.assertIsNone(answer["refused"])
        return answer["result"][0], vals

    def _race(self, *methods_and_args):
        """Each of the two users calls its method; returns the answers, none of which may be a raw error."""
        calls = [
            [step(uid, "fabloch.booking", *call)]
            for uid, call in zip(self.ids["users"], methods_and_args, strict=False)
        ]
        answers = self.racers.race(calls)
        for answer in answers:
            self.assertIsNone(answer["raw"])
        return answers

    def _state(self, booking_id):
        """State, number of rows of occupancy, sum of the charges that are due."""
        [row] = databases.execute(
            """
            SELECT b.state, (SELECT count(*) FROM fabloch_occupancy o WHERE o.booking_id = b.id),
                   (SELECT COALESCE(sum(amount), 0)::float FROM fabloch_charge c
                     WHERE c.booking_id = b.id AND NOT COALESCE(c.waived, FALSE))
              FROM fabloch_booking b WHERE b.id = %s
            """,
            booking_id,
            database=self.name,
        )
        return row

    def test_two_confirm_one_hold_and_it_is_charged_once(self):
        for day in range(10):
            booking_id, _vals = self._hold(day)
            answers = self._race(("action_confirm", [booking_id]), ("action_confirm", [booking_id]))
            refused = [answer["refused"] for answer in answers if answer["refused"]]
            self.assertEqual(len(refused), 1)
            self.assertIn("only what is on hold can be confirmed", refused[0])
            self.assertEqual(self._state(booking_id), ("confirmed", 1, 40.0))

    def test_a_cancellation_races_a_confirmation_and_nothing_is_left(self):
        for day in range(20, 30):
            booking_id, _vals = self._hold(day)
            confirm, cancel = self._race(("action_confirm", [booking_id]), ("action_cancel", [booking_id]))
            self.assertIsNone(cancel["refused"], "in time, a hold and a confirmed booking alike are cancelled")
            if confirm["refused"]:
                self.assertIn("only what is on hold can be confirmed", confirm["refused"])
            self.assertEqual(self._state(booking_id), ("cancelled", 0, 0.0))

    def test_an_expired_hold_goes_to_one_of_two(self):
        for day in range(40, 50):
            hold_id, vals = self._hold(day)
            databases.execute(
                "UPDATE fabloch_booking SET hold_until = now() at time zone 'utc' - interval '1 hour' WHERE id = %s",
                hold_id,
                database=self.name,
            )
            answers = self._race(("book", vals), ("book", vals))
            refused = [answer["refused"] for answer in answers if answer["refused"]]
            self.assertEqual(len(refused), 1)
            self.assertRegex(refused[0], RULE)
            self.assertEqual(self._state(hold_id), ("cancelled", 0, 0.0))
            [winner] = [answer["result"][0] for answer in answers if not answer["refused"]]
            self.assertEqual(self._state(winner), ("confirmed", 1, 40.0))


WAYS = ("book", "create", "write", "load")
# The words by which a refusal says which rule it is.
RULE = r"is taken from|units, of which \d are free|Somebody else has just taken this period"
CHARGED_ONCE = f"""
bookings = env["fabloch.booking"].search([("start", ">=", "{MONDAY}"), ("machine_id.name", "!=", "Parking")])
print(len(bookings), all(
    booking.state == "confirmed" and len(booking.charge_ids) == 1 and booking.amount == 40
    and booking.machine_id._quote(booking.partner_id, booking.start, booking.stop).total == 40
    for booking in bookings
))
"""


def _prepare(name):
    output = run_python(PREPARE, name, timeout=900)
    return json.loads(next(line for line in output.splitlines() if line.startswith("PREPARED")).split(" ", 1)[1])
