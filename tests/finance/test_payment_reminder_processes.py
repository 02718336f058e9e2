"""Two clicks and the cron at the same moment, in real processes: one mail."""

import unittest

from odoo.tests import tagged

from tests.common import race, run_python, scratch_database, spawn

PREPARE = """
from datetime import timedelta
from odoo import fields
payers = env["res.partner"].create([{"name": f"Payer {n}", "email": f"payer{n}@example.com"} for n in range(4)])
env.company.fabloch_remind_auto = True
day = fields.Date.today() - timedelta(days=30)
env["account.move"].create([
    {"move_type": "out_invoice", "partner_id": payer.id, "invoice_date": day, "invoice_date_due": day,
     "invoice_payment_term_id": False,
     "invoice_line_ids": [(0, 0, {"name": "Laser", "price_unit": 20, "tax_ids": [(5,)]})]}
    for payer in payers
]).action_post()
"""
CLICK = """
print("ready", flush=True)
input()
def click():
    moves = env["account.move"].search([("move_type", "=", "out_invoice")])
    env["fabloch.payment.reminder"]._remind(moves)
at_last(click)
"""
CRON = """
print("ready", flush=True)
input()
at_last(env["fabloch.payment.reminder"]._cron_remind)
"""
CHECK = """
rows = env["fabloch.payment.reminder"].search([])
mails = env["mail.mail"].search([("model", "=", "account.move")])
print(len(rows), set(rows.mapped("level")), len(rows.move_id), len(mails), len(mails.recipient_ids))
"""


@tagged("post_install", "-at_install")
class TestReminderProcesses(unittest.TestCase):
    def test_two_clicks_and_the_cron_send_one_mail_a_payer(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            race([spawn(work, name) for work in (CLICK, CRON, CLICK)])
            self.assertEqual(run_python(CHECK, name), "4 {1} 4 4 4")
