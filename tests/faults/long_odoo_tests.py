"""Odoo's own tests of what we extend, with our addons: what fails with them fails without them too.

The logs are kept in the folder that FABLOCH_FAULT_LOGS names, if it does.
"""

import importlib.util
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
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

# Odoo runs some tests while it loads their addon, when those above it, ours, aren't there yet: here they run at the
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
def make_at_the_end(modules, position):
    positions = ("at_install", "post_install") if position == "post_install" else ()
    return OdooSuite([test for each in positions for test in make(modules, each)])
loader.make_suite = make_at_the_end
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


def run(name, paths):
    """What Odoo ran of these files on the database, and what failed, by its own log: two sets of names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-c", RUN, name, port, ",".join(paths)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(os.environ.get("FABLOCH_FAULT_LOGS", folder), f"{name}.log")
        with path.open("w") as log:
            subprocess.run(command, stdin=subprocess.DEVNULL, stderr=log, check=False, timeout=7200)
        log = path.read_text()
    [(failures, errors)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of \d+ tests", log)
    failed = re.findall(r" ERROR \S+ ([\w.]+): (?:ERROR|FAIL): (?:Subtest )?(.+)", log)
    assert len(failed) == int(failures) + int(errors), failed
    ran = set(re.findall(r" odoo\.addons\.([\w.]+): Starting (\S+) \.\.\.", log))
    ran -= set(re.findall(r" odoo\.addons\.([\w.]+): skipped (\S+) ", log))
    return ran, {(module_of(logger, what), what) for logger, what in failed}


def module_of(logger, what):
    """The file in which something failed: the log's name, or what a class says whose preparation failed."""
    return (re.search(r"odoo\.addons\.([\w.]+)\.\w+\)", what) or re.search(r"odoo\.addons\.(.+)", logger))[1]


@tagged("post_install", "-at_install")
class TestLongOdooTests(unittest.TestCase):
    def test_odoo_s_tests_fail_no_more_with_ours(self):
        """The files in which something fails with ours are run without them: the same must fail."""
        start = time.time()
        paths = [path for addon, chosen in SUITES.items() for path in files_of(addon, chosen)]
        with scratch_database() as ours:
            ran, failed = run(ours, paths)
        self.assertGreater(len(ran), 500)
        failed_without = set()
        if again := sorted({f"/{module.replace('.', '/')}.py" for module, _test in failed}):
            with databases.scratch(databases.base()) as bare:
                _ran, failed_without = run(bare, again)
        lost = sorted(failed - failed_without)
        print("\nfails without ours too:", *sorted(failed & failed_without), sep="\n  ")
        tell(
            "Odoo's own tests with our addons",
            tried=len(ran),
            survived=len(ran) - len(lost),
            failed_without_too=len(failed & failed_without),
            seconds=round(time.time() - start),
        )
        self.assertEqual(lost, [])
