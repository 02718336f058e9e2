"""Several processes use, or invoice, one envelope at once: never more than there is, and nothing twice."""

import unittest

from odoo.tests import tagged

from tests.common import race, run_python, scratch_database, spawn

PREPARE = """
account = env["account.account"].search([("account_type", "=", "income")], limit=1)
hour, lab = env["product.product"].create([
    {"name": name, "type": "service", "list_price": 20, "taxes_id": [(5,)], "property_account_income_id": account.id}
    for name in ("Laser hour", "Use of the fablab")])
category = env["fabloch.machine.category"].create({"name": "Laser", "product_id": hour.id})
env["fabloch.rate"].create({"name": "hour", "category_id": category.id, "minutes": 60, "product_id": hour.id})
env["fabloch.machine"].create([
    {"name": f"Laser {n}", "category_id": category.id, "always_open": True, "horizon_days": 0} for n in range(4)])
school = env["res.partner"].create({"name": "School", "is_company": True})
env["res.partner"].create([{"name": f"Racer {n}", "parent_id": school.id} for n in range(4)])
convention = env["fabloch.convention"].create({
    "partner_id": school.id, "title": "Fab", "date_start": "2020-01-01", "date_end": "2099-12-31",
    "type_id": env.ref("fabloch_partnership.convention_type_partnership").id, "tacit_renewal": False})
convention.state = "signed"
env["fabloch.allowance"].create({
    "name": "Envelope", "convention_id": convention.id, "unit": "currency", "quantity": 50,
    "invoicing": "used", "period": "month", "invoice_product_id": lab.id})
"""

BOOK = """
import time
from datetime import timedelta
from odoo import fields
machine = env["fabloch.machine"].search([("name", "=", "Laser {number}")])
person = env["res.partner"].search([("name", "=", "Racer {number}")])
day = fields.Datetime.now().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)
print("ready", flush=True)
input()
for turn in range(5):
    def once():
        start = day + timedelta(hours=turn)
        booking = env["fabloch.booking"].create(
            {{"machine_id": machine.id, "partner_id": person.id, "start": start, "stop": start + timedelta(hours=1)}})
        booking.action_confirm()
        if turn == 3:
            booking.action_cancel("Changed its mind")
        env.flush_all()
        time.sleep(0 if turn else 2)  # the others read what is left meanwhile
    at_last(once)
    cr.commit()
"""

INVOICE = """
import psycopg2
from odoo import fields
print("ready", flush=True)
input()
for _attempt in range(50):
    try:
        env["fabloch.allowance"].search([])._invoice_uses(fields.Date.to_date("2099-01-01"))
        {before_commit}
        cr.commit()
        break
    except psycopg2.errors.OperationalError:
        cr.rollback()
        env.invalidate_all()
"""

CHECK = """
bookings = env["fabloch.booking"].search([])
[envelope] = env["fabloch.allowance"].search([])
charges = bookings.charge_ids.filtered(lambda charge: not charge.waived)
print(
    len(bookings), sum(charges.mapped("amount_covered")), sum(charges.mapped("amount")), envelope.quantity_left,
    round(sum(envelope.use_ids.mapped("quantity")), 2),
)
"""

INVOICED = """
[envelope] = env["fabloch.allowance"].search([])
charges = env["fabloch.charge"].search([("envelope_id", "=", envelope.id)])
print(sum(charges.mapped("amount")), envelope.quantity_used, all(envelope.use_ids.mapped("billed_charge_id.id")))
"""


@tagged("post_install", "-at_install")
class TestRace(unittest.TestCase):
    def test_four_processes_on_one_envelope_never_spend_more_than_there_is_and_it_is_invoiced_once(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            race([spawn(BOOK.format(number=number), name) for number in range(4)])
            count, covered, charged, left, used = run_python(CHECK, name).split()
            self.assertEqual(int(count), 20)
            # 16 hours at 20 € stay booked: 50 € of them are the envelope's at most, to the cent.
            self.assertEqual(float(covered) + float(charged), 320.0)
            self.assertEqual(float(used) + float(left), 50.0)
            self.assertEqual(float(covered), float(used))
            self.assertGreaterEqual(float(left), 0)

            race([spawn(INVOICE.format(before_commit="import os; os._exit(9)"), name)], code=9)
            self.assertEqual(float(run_python(INVOICED, name).split()[0]), 0.0)
            race([spawn(INVOICE.format(before_commit="pass"), name) for _n in range(3)])
            invoiced, spent, all_billed = run_python(INVOICED, name).split()
            self.assertEqual((float(invoiced), all_billed), (float(spent), "True"))
