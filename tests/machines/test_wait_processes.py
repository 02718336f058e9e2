"""Offers and mails under races, with real processes on a database of their own."""

import unittest

from odoo.tests import tagged

from tests.common import race, run_python, scratch_database, spawn

WAITERS = 4

PREPARE = f"""
from datetime import datetime, timedelta
product = env["product.product"].create({{"name": "Hour", "type": "service", "list_price": 10, "taxes_id": [(5,)]}})
category = env["fabloch.machine.category"].create({{"name": "Printers", "product_id": product.id}})
env["fabloch.rate"].create(
    {{"name": "hour", "category_id": category.id, "minutes": 60, "product_id": product.id}}
)
pool = env["fabloch.machine"].create(
    {{"name": "Printers", "category_id": category.id, "capacity": 2, "always_open": True}}
)
start = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=3)
people = env["res.partner"].create(
    [{{"name": f"Person {{n}}", "email": f"p{{n}}@example.com"}} for n in range({WAITERS} + 2)]
)
vals = {{"machine_id": pool.id, "start": start, "stop": start + timedelta(hours=1)}}
env["fabloch.booking"].create([{{**vals, "partner_id": person.id, "state": "confirmed"}} for person in people[:2]])
env["fabloch.booking.wait"].create([{{**vals, "partner_id": person.id}} for person in people[2:]])
"""

READY = """
print("ready", flush=True)
input()
"""

# As a click does, the server trying again after a serialization failure.
CANCEL = """
from odoo.service.model import retrying
bookings = env["fabloch.booking"].search([("state", "=", "confirmed")], order="id").ids
def click():
    env["fabloch.booking"].browse(bookings[{number}]).action_cancel()
retrying(click, env)
"""

OFFER = """
from odoo.service.model import retrying
def offer():
    env["fabloch.booking.wait"].search([("state", "=", "waiting")])._offer()
retrying(offer, env)
"""

# The first two of the line have an offer each, on units of their own; nobody has two.
CHECK = """
waits = env["fabloch.booking.wait"].search([], order="id")
holds = env["fabloch.booking"].search([("state", "=", "hold")], order="id")
print(
    waits.mapped("state"),
    len(holds) == len(holds.wait_id) == len(holds.partner_id),
    sorted(holds.occupancy_ids.filtered(lambda row: row.kind == "booking").mapped("unit")),
)
"""
ALL_WELL = "['offered', 'offered', 'waiting', 'waiting'] True [1, 2]"

MAIL = """
import psycopg2
bookings = env["fabloch.booking.mail"]
try:
    for series, ids in bookings._due("confirmed").items():
        bookings._send("confirmed", ids)
except psycopg2.errors.SerializationFailure:
    # As the scheduler does: the next call sees what this one has met.
    cr.rollback()
"""


@tagged("post_install", "-at_install")
class TestWaitProcesses(unittest.TestCase):
    def test_two_cancel_at_once_while_a_cron_offers(self):
        work = [CANCEL.format(number=0), CANCEL.format(number=1), OFFER]
        with scratch_database() as name:
            run_python(PREPARE, name)
            race([spawn(READY + code, name) for code in work])
            run_python(OFFER, name)
            self.assertEqual(run_python(CHECK, name), ALL_WELL)

    def test_two_crons_mail_each_booking_once(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            race([spawn(READY + MAIL, name) for _number in range(2)])
            run_python(MAIL, name)
            count = """
print(
    env["fabloch.booking.mail"].search_count([("kind", "=", "confirmed")]),
    env["mail.mail"].search_count([("model", "=", "fabloch.booking")]),
)
"""
            self.assertEqual(run_python(count, name), "2 2")
