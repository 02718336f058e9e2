"""One work measured on one database: the process that bin/bench starts for each."""

import importlib
import json
import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

from . import harness


def run(work, name, rounds):
    """Measures `work` on database `name` at each of its sizes, and yields one row of figures for each."""
    module = importlib.import_module(f"benchmarks.works.{work}")
    config.parse_config(["--no-http", "-d", name], setup_logging=False)
    if hasattr(module, "run"):
        for row in module.run(name, rounds):
            yield {"work": work, **row}
        return
    rounds_of = getattr(module, "ROUNDS", {})
    with Registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "fr_FR", "tz": "Europe/Paris"})
        for size in module.SIZES:
            print(f"  {work}: {size:,} …", file=sys.stderr, flush=True)
            module.prepare(env, size)
            harness.analyze(env)
            parts = module.parts(env) if hasattr(module, "parts") else {"": module.sides(env)}
            for part, sides in parts.items():
                found = harness.measure(env, sides, rounds_of.get(size, rounds), warm=size in rounds_of)
                yield {"work": work, "part": part, "size": size, "sides": found}


if __name__ == "__main__":
    for row in run(sys.argv[1], sys.argv[2], int(sys.argv[3])):
        print("ROW " + json.dumps(row), flush=True)
