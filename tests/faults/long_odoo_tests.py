"""Odoo's own tests of what we extend, with our addons and without: what fails with ours fails without them too.

The logs of both runs are kept in the folder that FABLOCH_FAULT_LOGS names, if it does.
"""

import importlib.util
import os
import re
import socket
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import databases

from odoo.tests import tagged

from tests.common import scratch_database

from .common import tell

# Whole suites, but for those of accounting: the files whose subject ours touch (moves, payments, accounts, companies,
# partners, charts, what is printed and sent); all of them would take an hour.
SUITES = {
    "account": """
        account_account account_invoice_report account_lock_exception account_move_duplicate account_move_entry
        account_move_out_invoice account_move_out_refund account_move_send account_partner account_payment
        account_payment_register audit_trail chart_template company_branch digest fiscal_position ir_actions_report
        payment_term product res_partner_merge sequence_mixin
    """,
    "analytic": None,
    "l10n_fr_account": None,
    "mail": None,
    "portal": None,
    "product": None,
    "resource": None,
}
# Clicked through a browser, each a minute: our own tours do that.
TOURS = ("start_tour(", "browser_js(")

# Odoo runs some tests while it installs their addon, when those above it, ours, aren't there yet: here they run at the
# end, as the others do.
RUN = """
import sys
from odoo.service import server
from odoo.tests import loader
from odoo.tests.suite import OdooSuite
from odoo.tools import config
name, port, tags = sys.argv[1:]
config.parse_config(["-d", name, "--http-port", port, "--test-tags", tags, "--stop-after-init"], setup_logging=True)
make = loader.make_suite
loader.make_suite = lambda modules, _position: OdooSuite([*make(modules, "at_install"), *make(modules, "post_install")])
sys.exit(server.start(preload=[name], stop=True))
"""


def files_of(addon, chosen):
    """The files of Odoo's tests to run, as its `--test-tags` names them."""
    folder = Path(importlib.util.find_spec(f"odoo.addons.{addon}").origin).parent / "tests"
    found = sorted(folder.glob("test_*.py"))
    assert found, (
        f"this Odoo has no tests of {addon} (looked in {folder}): run with ODOO_SOURCE=/path/to/a/checkout/of/odoo-19"
    )
    wanted = {f"test_{name}.py" for name in (chosen or "").split()}
    assert wanted <= {path.name for path in found}, wanted
    return [
        f"/{addon}/tests/{path.name}"
        for path in found
        if (not wanted or path.name in wanted) and not any(tour in path.read_text() for tour in TOURS)
    ]


def run(name):
    """What was run on the database and what failed, by Odoo's own log: two sets of names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    tags = ",".join(path for addon, chosen in SUITES.items() for path in files_of(addon, chosen))
    done = subprocess.run(
        [sys.executable, "-c", RUN, name, port, tags],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=3600,
    )
    if kept := os.environ.get("FABLOCH_FAULT_LOGS"):
        Path(kept, f"{name}.log").write_text(done.stderr)
    started = set(re.findall(r" odoo\.addons\.([\w.]+): Starting (\S+) \.\.\.", done.stderr))
    skipped = set(re.findall(r" odoo\.addons\.([\w.]+): skipped (\S+) ", done.stderr))
    failed = set(re.findall(r" (?:ERROR|FAIL): (?:Subtest )?((?:setUpClass \(|\w+\.)[^\s:)]+)", done.stderr))
    assert re.search(r"\d+ failed, \d+ error\(s\) of \d+ tests", done.stderr), done.stderr[-3000:]
    return started - skipped, failed


@tagged("post_install", "-at_install")
class TestLongOdooTests(unittest.TestCase):
    def test_odoo_s_tests_fail_no_more_with_ours(self):
        start = time.time()
        with databases.scratch(databases.base()) as bare, scratch_database() as ours, ThreadPoolExecutor() as pool:
            (ran_without, failed_without), (ran_with, failed_with) = pool.map(run, [bare, ours])
        lost = sorted(failed_with - failed_without)
        tell(
            "Odoo's own tests, with our addons as without",
            tried=len(ran_without),
            survived=len(ran_without & ran_with) - len(lost),
            failed_without_too=len(failed_without & failed_with),
            failed_without_only=len(failed_without - failed_with),
            seconds=round(time.time() - start),
        )
        print("\nwithout:", *sorted(failed_without), "\nwith:", *sorted(failed_with), sep="\n  ")
        self.assertGreater(len(ran_without), 300)
        self.assertEqual(ran_without - ran_with, set(), "a test that ours keep from being run")
        self.assertEqual(lost, [])
