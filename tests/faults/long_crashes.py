"""Invoicing, and a year's tax receipts, killed fifty times each at random moments and started again."""

import unittest

from odoo.tests import tagged

from .common import tell
from .crashes import kill_and_start_again
from .races import START

KILLS = 50

# Mails are on: an invoice is handed to Odoo's background mailing (which isn't run here) when it is posted, or never.
CHARGES = (
    START
    + """
env.company.write({"fabloch_invoicing_send": True, "fabloch_invoicing_auto": True, "fabloch_invoicing_post": True})
[use] = products(10, "Use")
payers = env["res.partner"].create([
    {"name": f"Payer {n}", "email": f"p{n}@example.com", **address} for n in range(20)])
payers[7].city = False  # can't be invoiced: a failure, once
env["fabloch.charge"].create([
    {"partner_id": payer.id, "product_id": use.id, "name": f"Use {n}", "price_unit": 10 + n}
    for payer in payers for n in range(3)])
"""
)
INVOICE = """
from odoo.addons.fabloch_finance.models import charge_invoicing
charge_invoicing.PAYERS_PER_BATCH = 3
env["fabloch.charge"]._cron_invoice()
"""

GIFTS = (
    START
    + """
env.company.write({
    **address, "company_registry": "732829320",
    "receipt_object": "Fabriquer", "receipt_category": "Intérêt général",
    "receipt_signatory_name": "Soizic", "receipt_signatory_function": "présidente",
})
donors = env["res.partner"].create([
    {"name": f"Donor {n}", "email": f"d{n}@example.com", **address} for n in range(12)])
donors[5].zip = False  # no receipt without address: refused, once
day = date.today() - timedelta(days=1)
env["fabloch.donation"].create([
    {"partner_id": donor.id, "amount": 10 + n, "date": day, "payment_mode": "cheque"}
    for n, donor in enumerate(donors)])
# What the books do to a gift is the gift's own tests' business: here it is received.
env.flush_all()
env.cr.execute("UPDATE fabloch_donation SET state = 'received', date_received = date")
env.invalidate_all()
env["fabloch.tax.receipt.batch"].create({"date_from": day, "date_to": day}).action_start()
"""
)
ISSUE = """
from odoo.addons.fabloch_partnership.models import tax_receipt_batch_run as run
run.DONORS_PER_STEP = run.PDFS_PER_STEP = run.MAILS_PER_STEP = 4
env["fabloch.tax.receipt.batch"]._cron_run()
"""


@tagged("post_install", "-at_install")
class TestCrashes(unittest.TestCase):
    def _kill(self, title, prepare, work, made, seed):
        killed, survived, length, differences = kill_and_start_again(prepare, work, made, KILLS, seed)
        lost = tell(title, killed, survived, moments=length)
        self.assertEqual(lost, 0, differences[:1])
        self.assertGreaterEqual(killed, KILLS)

    def test_invoicing(self):
        made = ["fabloch.charge", "fabloch.invoicing.run", "fabloch.invoicing.failure"]
        made += ["account.move", "account.move.line", "mail.activity"]
        self._kill("Invoicing, killed and started again", CHARGES, INVOICE, made, seed=7)

    def test_tax_receipts(self):
        made = ["fabloch.tax.receipt.batch", "fabloch.tax.receipt", "fabloch.tax.receipt.line"]
        made += ["fabloch.tax.receipt.refusal", "fabloch.tax.receipt.counter", "fabloch.donation", "mail.mail"]
        self._kill("A batch of tax receipts, killed and started again", GIFTS, ISSUE, made, seed=11)
