"""Installing all our addons on Odoo's base database, loading them in a fresh process, and upgrading one of them.

The base database has what our addons need of others (accounting, the French language …) and none of ours. Beside them
stand Odoo's own `event` and `maintenance`, what one might take instead for sessions and machines: much less code, so
the ratio has no goal and is only told. Each time is of a process of its own, without Python's start; loading takes
turns, what installs and upgrades is done once. Upgrading `fabloch_membership` upgrades the addons that stand on it,
too, as Odoo does; nothing stands on `event`.
"""

import subprocess
import sys
from statistics import median

import databases

TITLE = "Installing, loading, upgrading"
PEER = "event + maintenance (Odoo)"
FLOOR = ""
UNIT = "run"
GOALS = {}

PEERS = ("event", "maintenance")
UPGRADED = {"ours": "fabloch_membership", "peer": "event"}

CODE = """
import sys, time
import databases

def seconds(name, what, *modules):
    with databases.Odoo(name) as odoo:
        from odoo.modules.registry import Registry
        start = time.perf_counter()
        if what == "load":
            Registry(name)
        else:
            odoo.install(**{what: modules})
        return time.perf_counter() - start

print(seconds(*sys.argv[1:]))
"""


def run(_name, rounds):
    """Yields a row for the installation, the loading and the upgrade; each side has its own copy of the base."""
    base = databases.base()
    with databases.scratch(base) as ours, databases.scratch(base) as peer:
        names = {"ours": ours, "peer": peer}
        modules = {"ours": databases.addons(), "peer": PEERS}
        yield _row("install", {side: [_seconds(names[side], "install", *modules[side])] for side in names})
        loads = {side: [] for side in names}
        for turn in range(rounds + 1):
            for side, found in loads.items():
                seconds = _seconds(names[side], "load")
                if turn:
                    found.append(seconds)
        yield _row("load", loads)
        yield _row("upgrade", {side: [_seconds(names[side], "upgrade", UPGRADED[side])] for side in names})


def _row(part, found):
    return {
        "part": part,
        "size": 1,
        "sides": {side: {"seconds": median(seconds), "all": seconds} for side, seconds in found.items()},
    }


def _seconds(name, what, *modules):
    command = [sys.executable, "-c", CODE, name, what, *modules]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.splitlines()[-1])
