"""Work that is killed at random moments and started again, and what must be the same at the end.

A moment is a statement that the process sends to PostgreSQL, a commit, or a document that is printed: they are counted,
so that the same seed kills at the same moments on a fast and on a slow machine. The kill falls while PostgreSQL is at
that statement, not between two of them.
"""

import json
import random
import time

import databases

from tests.common import run_python, scratch_database, spawn

# Does WORK and tells how many moments it took; at the moment number DEADLY it is killed.
MORTAL = """
import os, signal, threading
from odoo.addons.fabloch_partnership.models.tax_receipt_pdf import TaxReceiptPdf
from odoo.sql_db import Cursor

moments, fatal = 0, threading.Event()

def counted(method):
    def wrapper(*args, **options):
        global moments
        moments += 1
        if moments == DEADLY:
            fatal.set()
        return method(*args, **options)
    return wrapper

def kill():
    # It gets its turn when the other thread waits for PostgreSQL.
    fatal.wait()
    os.kill(os.getpid(), signal.SIGKILL)

Cursor.execute, Cursor.commit = counted(Cursor.execute), counted(Cursor.commit)
TaxReceiptPdf._run_renderer = counted(TaxReceiptPdf._run_renderer)
threading.Thread(target=kill, daemon=True).start()
exec(compile(WORK, "<work>", "exec"), {"env": env})
cr.commit()
# On a line of its own, whatever is printed before.
print("\\nMOMENTS", moments)
"""


def run(work, name, deadly=0):
    """Do `work` on database `name`, killed at its moment number `deadly` if it comes to that one.

    Returns the moments that it took, None if it was killed; and the last line that it printed before.
    """
    process = spawn(f"DEADLY, WORK = {deadly}, {work!r}\n{MORTAL}", name)
    printed, errors = process.communicate(timeout=600)
    _wait_for_the_dead(name)
    if process.returncode == -9 and deadly:
        return None, ""
    assert process.returncode == 0, errors
    *lines, moments = printed.split("\n")[:-1]
    return int(moments.split()[1]), "\n".join(lines).strip().split("\n")[-1]


def _wait_for_the_dead(name):
    """PostgreSQL notices a dead caller at the end of the statement only; until then it keeps its locks."""
    for _attempt in range(600):
        if databases.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", name) == [(0,)]:
            return
        time.sleep(0.1)
    raise AssertionError("somebody is still connected")


def kill_and_start_again(prepare, work, made, kills, seed):
    """Kill `work` so often, over as many databases as that takes; each is worked at until the work ends undisturbed.

    :param str prepare: code that prepares a database.
    :param str work: code of the work; called again, it goes on.
    :param list made: models of what the work makes or changes; see FINGERPRINT.
    :param int seed: of the moments.
    :return: the number of kills, of those whose database ended as the undisturbed one, and the differences.
    """
    chance = random.Random(seed)
    tell_all = f"MADE = {made!r}\n{FINGERPRINT}"
    killed = survived = 0
    differences = []
    with scratch_database() as prepared, scratch_database() as name:
        run_python(prepare, prepared, timeout=300)
        _renew(prepared, name)
        length, _printed = run(work, name)
        right = json.loads(run(tell_all, name)[1])
        assert all(right.values()), f"the undisturbed work made nothing: {right}"
        while killed < kills:
            _renew(prepared, name)
            before = killed
            # Some way past the end as well: then nothing kills, and the database is done.
            while run(work, name, chance.randint(1, length * 5 // 4) if killed < kills else 0)[0] is None:
                killed += 1
            found = json.loads(run(tell_all, name)[1])
            if found == right:
                survived += killed - before
            else:
                differences.append(_difference(right, found))
    return killed, survived, length, differences


def _renew(source, name):
    databases.drop(name)
    databases.copy(source, name)


def _difference(right, found):
    """What differs, shortly: of each model how many there should be and are, and the facts of a first one."""
    differs = {}
    for what, rows in right.items():
        if rows != found[what]:
            lacks = {fact for row in rows if row not in found[what] for fact in row.split("\n")}
            has = {fact for row in found[what] if row not in rows for fact in row.split("\n")}
            differs[what] = {"are": (len(rows), len(found[what])), "lacks": lacks - has, "has": has - lacks}
    return differs


# Prints, for each model of MADE, every record with all its stored fields, in an order of its own. Left out is what two
# undisturbed runs may differ in: ids, times, tokens, and who of several has which number. Records that the work makes
# are named by their contact. The numbers themselves are compared as a list: none left out, none twice.
FINGERPRINT = """
import json, re
from datetime import date
LEFT_OUT = {"id", "access_token", "mail_message_id", "name_placeholder", "sequence_number", "sha256"}
NUMBER = re.compile(r"[A-Z]+/[0-9]{4}/[0-9]+|[0-9]{4}-[0-9]{5}")

def shown(value):
    if isinstance(value, str):
        return NUMBER.sub("#", value)
    if isinstance(value, date):
        return str(value)
    if isinstance(value, float):
        return round(value, 6)
    if hasattr(value, "_name"):
        return sorted([each._name, contact(each) if each._name in MADE else each.id] for each in value)
    return value

def contact(record):
    return record.partner_id.ids if "partner_id" in record._fields else []

facts = {}
for model in MADE:
    records = env[model].with_context(active_test=False).search([])
    names = [
        name for name, field in sorted(records._fields.items())
        if field.store and field.type not in ("datetime", "binary", "one2many") and name not in LEFT_OUT
    ]
    facts[model] = sorted("\\n".join(f"{name}: {shown(record[name])}" for name in names) for record in records)
    if "sequence_number" in records._fields:
        facts["numbers of " + model] = sorted(map(str, records.mapped("name")))
    if "sha256" in records._fields:
        facts["kept PDFs of " + model] = [f"intact: {record._is_intact()}" for record in records]
print(json.dumps(facts))
"""
