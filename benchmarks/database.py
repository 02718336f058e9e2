"""The database of the benchmarks: a French company, our addons and the peers, no demo data."""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import databases

PEERS = ("resource_booking", "contract", "membership", "mis_builder")
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
KIND = "fabloch_bench"


def template():
    """The name of the database that every work copies; it is built if it is not there."""
    state = hashlib.sha256(databases.addons_state().encode() + REQUIREMENTS.read_bytes()).hexdigest()[:8]
    name = f"{KIND}_{state}"
    with databases.locked(name):
        if not databases.exists(name):
            source = databases.test_template()
            with databases.building(f"{name}_new", f"Benchmarks' database with {', '.join(PEERS)} too") as new:
                databases.copy(source, new)
                with databases.Odoo(new) as odoo:
                    odoo.install(PEERS)
                databases.rename(new, name)
    return name


@contextmanager
def copy():
    """The name of a copy for one work; it is dropped at the end."""
    with databases.scratch(template()) as name:
        yield name
