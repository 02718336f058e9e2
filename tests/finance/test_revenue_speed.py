"""The report by stream beside the plain SQL that gives the same figures, on a large ledger of its own.

FABLOCH_SPEED_ITEMS says how many journal items, 200,000 otherwise; the limit was set for 1,000,000.
"""

import json
import os
import unittest

from odoo.tests import tagged

from tests.common import run_python, scratch_database

ITEMS = int(os.environ.get("FABLOCH_SPEED_ITEMS", 200_000))
LIMIT = 1.5
ANYWAY = 0.05  # seconds, whatever the size: the streams of the accounts, Odoo's own work

FILL = f"""
from tests.finance.big_ledger import fill
fill(env, {ITEMS})
"""

MEASURE = """
from tests.finance.big_ledger import YEARS, count_queries, durations, plain_group_by, tell
company = env["res.company"].search([("name", "=", "Large association")])
env = env(context={"allowed_company_ids": company.ids})
plain = plain_group_by(env, company)
of_company = [("company_id", "=", company.id)]
domain = [*of_company, ("date", ">=", f"{YEARS[0]}-01-01"), ("date", "<=", f"{YEARS[-1]}-12-31")]

def report():
    return env["fabloch.revenue.report"]._read_group(domain, ["stream_id", "date:month"], ["amount:sum"])

def read(model, name):
    env.invalidate_all()
    return env[model].search_fetch(of_company, [name]).mapped(name)

calls = {
    "plain": plain,
    "report": report,
    "year": lambda: read("fabloch.revenue.year.report", "amount"),
    "rate": lambda: read("fabloch.self.financing.report", "rate"),
    "control": lambda: read("fabloch.revenue.control", "difference"),
}
ours = {(stream.id or None, str(month)): round(amount, 2) for stream, month, amount in report()}
theirs = {(stream, str(month)): round(float(amount), 2) for stream, month, amount in plain()}
for call in calls.values():
    call()
queries = {name: count_queries(env, call) for name, call in calls.items()}
tell({
    "same": ours == theirs,
    "groups": len(ours),
    "streams": len({stream for stream, _month in ours}),
    "differences": read("fabloch.revenue.control", "difference"),
    "queries": queries,
    "seconds": durations(5, **calls),
})
"""


@tagged("post_install", "-at_install")
class TestRevenueSpeed(unittest.TestCase):
    def test_report_by_stream_and_month_costs_what_its_sql_costs(self):
        with scratch_database() as name:
            run_python(FILL, name, timeout=1800)
            found = json.loads(run_python(MEASURE, name, timeout=600).splitlines()[-1])
        print(f"\n{ITEMS} items:", found)
        self.assertTrue(found["same"])
        self.assertEqual((found["streams"], found["groups"]), (12, 12 * 36))
        self.assertEqual(set(found["differences"]), {0.0})
        self.assertEqual(set(found["queries"].values()), {1}, found["queries"])
        seconds = found["seconds"]
        self.assertLessEqual(seconds["report"], LIMIT * seconds["plain"] + ANYWAY, seconds)
        # Sums of sums, by day first: a year costs little more than the months; the control sums the ledger twice.
        self.assertLessEqual(max(seconds["year"], seconds["rate"]), 2 * LIMIT * seconds["plain"] + ANYWAY, seconds)
