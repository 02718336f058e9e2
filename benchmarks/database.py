"""The databases of the benchmarks: a French company, our addons and the peer of the work, no demo data.

One for each peer: what one of them costs Odoo (the OCA's membership looks at every invoice line that is written) is not
put on the account of another's comparison.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import databases

REQUIREMENTS = Path(__file__).parent / "requirements.txt"
KIND = "fabloch_bench"


def template(peers):
    """The name of the database with ours and these peers, which works copy; it is built if it is not there."""
    facts = databases.addons_state().encode() + REQUIREMENTS.read_bytes() + " ".join(peers).encode()
    name = f"{KIND}_{hashlib.sha256(facts).hexdigest()[:8]}"
    with databases.locked(name):
        if not databases.exists(name):
            source = databases.test_template()
            with databases.building(f"{name}_new", f"Database with ours and {', '.join(peers) or 'no peer'}") as new:
                databases.copy(source, new)
                with databases.Odoo(new) as odoo:
                    odoo.install(peers)
                databases.rename(new, name)
        databases.used(name)
    databases.prune(KIND)
    return name


@contextmanager
def copy(peers):
    """The name of a copy for one work; it is dropped at the end."""
    with databases.scratch(template(peers)) as name:
        yield name
