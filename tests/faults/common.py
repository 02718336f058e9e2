"""What the fault tests share: how hard they try, and how they tell what came of it.

`bin/test` tries for seconds. `bin/bench --faults` sets FABLOCH_FAULTS to `full`: the numbers that we publish, which
take minutes; the modules named `long_*.py` are collected then only.
"""

import json
import os
from pathlib import Path

FULL = os.environ.get("FABLOCH_FAULTS") == "full"


def of(few, many):
    """How many times to try: `few` in bin/test, `many` in bin/bench --faults."""
    return many if FULL else few


def tell(name, tried, survived, **counts):
    """Prints what a fault test tried and what survived, and keeps it for the published table.

    :param str name: what was done, as the table shows it
    :param int tried: how many attempts, kills or calls were made
    :param int survived: how many ended as they must
    :param counts: whatever else is worth a figure (`retried=12`)
    :return: how many were lost; the test asserts that none was
    """
    lost = tried - survived
    facts = {"name": name, "tried": tried, "survived": survived, "lost": lost, **counts}
    print("\n" + ", ".join(f"{value} {key}" if key != "name" else value + ":" for key, value in facts.items()), end="")
    if target := os.environ.get("FABLOCH_FAULT_REPORT"):
        with Path(target).open("a") as report:
            report.write(json.dumps(facts) + "\n")
    return lost
