"""What any test may need beside Odoo's own test classes."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager

import databases

from tests.forked import Forked

_PROLOGUE = """
import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
def at_last(work):
    for _attempt in range(50):
        try:
            return retrying(work, env)
        except Exception as error:
            if "serialize" not in str(error) and "could not" not in str(error):
                raise
            cr.rollback()
            env.invalidate_all()
    raise SystemExit("never got through")
odoo.tools.config.parse_config(["--no-http", "-d", {name!r}], setup_logging=False)
with Registry({name!r}).cursor() as cr:
    env = api.Environment(cr, SUPERUSER_ID, {{}})
    exec(compile({code!r}, "<code>", "exec"))
"""


@contextmanager
def scratch_database():
    """The name of a fresh database with our addons and no demo data, for tests of real processes: they commit, race
    and are killed.

    It is a copy of the template (made in about a second), free of test cursors, and dropped at the end even if a
    process still uses it::

        with scratch_database() as name:
            racers = [spawn(BOOK, name) for _ in range(4)]
            codes = [racer.wait(60) for racer in racers]
            assert run_python("print(env['fabloch.booking'].search_count([]))", name) == "1"
    """
    with databases.scratch(os.environ["FABLOCH_TEST_TEMPLATE"]) as name:
        yield name


def spawn(code, name, **options):
    """Starts a separate Python process that runs `code` on database `name`, and returns it.

    `code` finds `env` (the superuser's), `cr`, `odoo`, and `at_last(work)`, which calls the function `work` as the
    server does, again and again while others are in its way; what it does is committed when it ends, rolled back if it
    raises. stdin, stdout and stderr are text, so that a test can hold several processes at an `input()` and let them go
    at once. The test ends what it spawned: `process.kill()` is how a crash is played.

    On a copy of the template it is a `Forked` one. On another database, or with `options` for it, it is a new
    `subprocess.Popen`, which loads Odoo by itself (about 3 s).
    """
    source = _PROLOGUE.format(name=name, code=code)
    if not options and name.startswith(os.environ["FABLOCH_TEST_TEMPLATE"] + "_"):
        return Forked(source, name)
    pipes = {stream: subprocess.PIPE for stream in ("stdin", "stdout", "stderr")}
    return subprocess.Popen([sys.executable, "-c", source], text=True, **(pipes | options))


def run_python(code, name, timeout=120):
    """Runs `code` as `spawn` does and returns what it printed, stripped; raises with its stderr if it failed."""
    process = spawn(code, name)
    try:
        output, errors = process.communicate(timeout=timeout)
    finally:
        process.kill()
    if process.returncode:
        raise AssertionError(f"exit code {process.returncode}\n{errors}")
    return output.strip()


def wait_for(process, marker):
    """Reads what the spawned `process` prints until a line has `marker`; fails with its stderr if none comes."""
    for line in process.stdout:
        if re.search(marker, line):
            return
    raise AssertionError(process.stderr.read())


def race(processes, timeout=240, code=0):
    """Lets spawned processes go at once and returns what each printed after `ready`.

    Each prints `ready` and waits at an `input()`. Fails with the stderr of one that ends with another exit `code`.
    """
    try:
        for process in processes:
            wait_for(process, "ready")
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        printed = []
        for process in processes:
            output, errors = process.communicate(timeout=timeout)
            assert process.returncode == code, f"exit code {process.returncode}\n{errors}"
            printed.append(output)
        return printed
    finally:
        for process in processes:
            process.kill()


def rights_of(records):
    """What the user of `records` may do to their model: r(ead), w(rite), c(reate), u(nlink)."""
    names = {"read": "r", "write": "w", "create": "c", "unlink": "u"}
    return "".join(letter for name, letter in names.items() if records.has_access(name))
