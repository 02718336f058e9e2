"""Each pytest process (each xdist worker too) works on its own copy of the template that bin/test made."""

import threading

import freezegun
import pytest

from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

from tests.common import scratch_database

# How long a test takes is told by the real clock, in those too that stop theirs.
freezegun.configure(extend_ignore_list=["_pytest."])


@pytest.fixture(scope="session", autouse=True)
def load_registry():
    """Takes the place of pytest-odoo's fixture of this name, whose copies clash between two runs at once."""
    threading.current_thread().testing = True
    with scratch_database() as name:
        config["db_name"] = [name]
        config["dbfilter"] = f"^{name}$"
        Registry(name)
        yield
        Registry.delete(name)
        close_db(name)
