"""Receipt numbers under real processes: eight at once, and one that is killed."""

import unittest

from odoo.tests import tagged

from tests.common import race, run_python, scratch_database, spawn, wait_for
from tests.machines.racers import Racers, step

PREPARE = """
import datetime
env.company.write({
    "street": "12 rue des Makers", "zip": "56400", "city": "Auray", "company_registry": "732829320",
    "receipt_object": "Fabriquer", "receipt_category": "Intérêt général",
    "receipt_signatory_name": "Soizic", "receipt_signatory_function": "présidente",
})
donors = env["res.partner"].create([
    {"name": f"Donor {n}", "street": "1 rue", "zip": "56400", "city": "Auray", "email": f"d{n}@example.com"}
    for n in range(GIFTS)
])
day = datetime.date.today() - datetime.timedelta(days=1)
gifts = env["fabloch.donation"].create([
    {"partner_id": donor.id, "amount": 10 + n, "date": day, "payment_mode": "cheque"}
    for n, donor in enumerate(donors)
])
RECEIVE
batch = env["fabloch.tax.receipt.batch"].create({"date_from": day, "date_to": day})
"""
# What the books do to a gift is the gift's own tests' business: here it is received, whatever brought that about.
RECEIVE = """
env.flush_all()
env.cr.execute("UPDATE fabloch_donation SET state = 'received', date_received = date")
env.invalidate_all()
"""

CHECK = """
receipts = env["fabloch.tax.receipt"].search([], order="sequence_number")
lines = receipts.line_ids
print(
    receipts.mapped("sequence_number") == list(range(1, len(receipts) + 1)),
    len(lines) == len(lines.donation_id) == len(receipts),
    all(receipt._is_intact() for receipt in receipts),
    sum(receipts.mapped("amount")) == sum(lines.donation_id.mapped("amount")),
    len(receipts), env["mail.mail"].search_count([("model", "=", "fabloch.tax.receipt")]),
)
"""

SMALL_STEPS = """
from odoo.addons.fabloch_partnership.models import tax_receipt_batch_run
tax_receipt_batch_run.DONORS_PER_STEP = 4
tax_receipt_batch_run.PDFS_PER_STEP = 4
tax_receipt_batch_run.MAILS_PER_STEP = 4
"""
CRON = "env['fabloch.tax.receipt.batch']._cron_run()\n"
READY = "print('ready', flush=True)\ninput()\n"

# Racers shorten the server's waits; here the true ones count, since everybody wants the one counter.
REAL_WAITS = "service.time = SimpleNamespace(sleep=lambda seconds: (retried.append(seconds), time.sleep(seconds)))"

# How far a batch is: its receipts, and the donors done.
HOW_FAR = """
batch = env["fabloch.tax.receipt.batch"].search([])
print(len(batch.receipt_ids), batch.position)
"""


def prepare(gifts):
    return PREPARE.replace("GIFTS", str(gifts)).replace("RECEIVE", RECEIVE)


@tagged("post_install", "-at_install")
class TestReceiptProcesses(unittest.TestCase):
    def test_eight_people_issue_at_once(self):
        with scratch_database() as name:
            run_python(prepare(24), name)
            ids = [int(number) for number in run_python("print(*env['fabloch.donation'].search([]).ids)", name).split()]
            [admin] = run_python("print(env.ref('base.user_admin').id)", name).split()
            with Racers(8, name, REAL_WAITS) as racers:
                # Three gifts each; then all of them the same one.
                issued = 0
                for turn in range(3):
                    mine = [[ids[turn * 8 + number]] for number in range(8)]
                    answers = racers.race(
                        [[step(int(admin), "fabloch.donation", "action_issue_receipt", gift)] for gift in mine]
                    )
                    self.assertFalse([answer["raw"] for answer in answers if answer["raw"]])
                    issued += sum(not answer["refused"] for answer in answers)
                self.assertEqual(issued, 24)
                answers = racers.race(
                    [[step(int(admin), "fabloch.donation", "action_issue_receipt", ids[:1])] for _number in range(8)]
                )
                refused = sum("is on the tax receipt" in (answer["refused"] or "") for answer in answers)
                self.assertEqual(refused, 8)
            self.assertEqual(run_python(CHECK, name), "True True True True 24 0")

    def test_one_gift_wanted_by_eight_gets_one_receipt(self):
        with scratch_database() as name:
            run_python(prepare(1), name)
            [gift] = run_python("print(*env['fabloch.donation'].search([]).ids)", name).split()
            with Racers(8, name, REAL_WAITS) as racers:
                answers = racers.race(
                    [[step(2, "fabloch.donation", "action_issue_receipt", [int(gift)])] for _number in range(8)]
                )
            self.assertFalse([answer["raw"] for answer in answers if answer["raw"]])
            self.assertEqual(sum(not answer["refused"] for answer in answers), 1)
            self.assertEqual(run_python(CHECK, name), "True True True True 1 0")

    def test_workers_and_people_at_once(self):
        with scratch_database() as name:
            run_python(prepare(24) + "batch.action_start()", name)
            single = """
from odoo.service.model import retrying
def click():
    gift = env["fabloch.donation"].search([("receipt_line_ids", "=", False)], limit=1, order="id desc")
    return gift and env["fabloch.tax.receipt"]._issue(gift)
for _time in range(3):
    retrying(click, env)
    env.cr.commit()
"""
            racers = [spawn(SMALL_STEPS + READY + work, name) for work in (CRON, single, CRON, CRON)]
            race(racers)
            run_python(CRON, name)
            self.assertRegex(run_python(CHECK, name), r"^True True True True 24 2[0-9]$")

    def test_killed_while_issuing(self):
        self._kill_at(
            """
from odoo.addons.fabloch_partnership.models.tax_receipt_batch_run import TaxReceiptBatchRun as Run
issue, calls = Run._issue_for, []
def issue_for(batch, donor_ids):
    issue(batch, donor_ids)
    calls.append(donor_ids)
    if len(calls) == 2:
        env.flush_all()
        print("here", flush=True)
        input()
Run._issue_for = issue_for
""",
            "4 4",
        )

    def test_killed_while_printing(self):
        self._kill_at(
            """
from odoo.addons.fabloch_partnership.models.tax_receipt_pdf import TaxReceiptPdf
render, calls = TaxReceiptPdf._render_pdfs, []
def render_pdfs(receipts, stamp=None):
    calls.append(receipts)
    if len(calls) == 2:
        print("here", flush=True)
        input()
    return render(receipts, stamp)
TaxReceiptPdf._render_pdfs = render_pdfs
""",
            "12 12",
        )

    def test_killed_while_mailing(self):
        self._kill_at(
            """
from odoo.addons.fabloch_partnership.models.tax_receipt_mail import TaxReceiptMail
mail, calls = TaxReceiptMail._mail, []
def _mail(receipts):
    result = mail(receipts)
    calls.append(receipts)
    if len(calls) == 2:
        env.flush_all()
        print("here", flush=True)
        input()
    return result
TaxReceiptMail._mail = _mail
""",
            "12 12",
        )

    def _kill_at(self, pause, left):
        with scratch_database() as name:
            run_python(prepare(12) + "batch.action_start()", name)
            victim = spawn(SMALL_STEPS + pause + CRON, name)
            wait_for(victim, "here")
            victim.kill()
            victim.communicate()
            self.assertEqual(run_python(HOW_FAR, name), left)
            run_python(SMALL_STEPS + CRON, name)
            self.assertEqual(run_python(CHECK, name), "True True True True 12 12")
            self.assertEqual(run_python("print(env['fabloch.tax.receipt.batch'].search([]).state)", name), "done")

    def test_the_addon_can_be_removed_with_its_receipts(self):
        with scratch_database() as name:
            run_python(prepare(2) + "env['fabloch.tax.receipt']._issue(gifts)", name)
            run_python(
                "env['ir.module.module'].search([('name', '=', 'fabloch_partnership')]).button_immediate_uninstall()",
                name,
                timeout=300,
            )
            left = """
env.cr.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'fabloch_tax_receipt%%' AND relkind = 'r'")
tables = env.cr.fetchone()[0]
env.cr.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'fabloch_tax_receipt%%'")
print(tables, env.cr.fetchone()[0], env['res.partner'].search_count([('name', 'like', 'Donor ')]))
"""
            self.assertEqual(run_python(left, name), "0 0 2")
