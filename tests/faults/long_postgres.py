"""PostgreSQL stops at once, as when the power fails, while people book and invoice; and comes back.

It is a PostgreSQL of this test's own, in a folder of its own, whose writes are durable as a fablab's are.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg2

from odoo.tests import tagged

from tests.common import run_python, scratch_database, spawn
from tests.machines.test_races import OVERLAPS, RULE

from .common import tell
from .races import INVOICED_ONCE, START

WORKERS = 4
TURNS = 60
STOPS = 5

# Two machines for four people: each period is wanted by two.
PREPARE = (
    START
    + f"""
env.company.write({{"fabloch_invoicing_send": False}})
[hour] = products(20, "Laser hour")
category = env["fabloch.machine.category"].create({{"name": "Laser", "product_id": hour.id}})
env["fabloch.rate"].create({{"name": "hour", "category_id": category.id, "minutes": 60, "product_id": hour.id}})
env["fabloch.machine"].create([
    {{"name": f"Laser {{n}}", "category_id": category.id, "always_open": True, "horizon_days": 0}} for n in range(2)])
env["res.partner"].create([{{"name": f"Person {{n}}", **address}} for n in range({WORKERS})])
"""
)
# Whoever gets no answer asks again until there is one, and looks first whether it was done after all: the server may
# stop between the commit and its answer. What is printed is what the caller was told.
WORK = """
import json, os, time
from datetime import date, datetime, timedelta
from functools import partial
import psycopg2
from odoo.exceptions import UserError
machine = env["fabloch.machine"].search([("name", "=", "Laser {half}")]).id
person = env["res.partner"].search([("name", "=", "Person {number}")]).id
day = datetime.combine(date.today() + timedelta(days=30), datetime.min.time())
cr.commit()
odoo.sql_db.close_all()

def book(turn, again, env):
    start = day + timedelta(hours=turn)
    found = env["fabloch.booking"].search([("partner_id", "=", person), ("start", "=", start)])
    if found:
        return ["found" if again else "twice", found.id]
    booking = env["fabloch.booking"].create(
        {{"machine_id": machine, "partner_id": person, "start": start, "stop": start + timedelta(hours=1)}})
    booking.action_confirm()
    return ["booked", booking.id]

def invoice(turn, again, env):
    charges = env["fabloch.charge"].with_context(fabloch_invoice_ahead=True).search([("state", "=", "to_invoice")])
    runs = charges._invoice(date.today() + timedelta(days=400), invoice_date=date.today())
    return ["invoiced", *runs.invoice_ids.ids]

def answer(work):
    with env.registry.cursor() as own:
        acting = api.Environment(own, SUPERUSER_ID, {{}})
        acting.transaction.default_env = acting
        return retrying(partial(work, acting), acting)

print("ready", flush=True)
input()
for turn in range({turns}):
    work, tries = invoice if turn % 5 == 4 else book, 0
    while True:
        try:
            told = answer(partial(work, turn, tries > 0))
            break
        except UserError as error:
            told = ["refused", str(error)]
            break
        except psycopg2.Error:  # no connection, one that broke, or others in the way
            tries += 1
            if tries > 1000:
                raise
            time.sleep(0.5)
    print("TOLD", json.dumps([tries, *told]), flush=True)
os._exit(0)
"""


@tagged("post_install", "-at_install")
class TestPostgresStops(unittest.TestCase):
    def test_what_was_confirmed_is_there_and_nothing_is_there_twice(self):
        with scratch_database() as name, cluster() as postgres:
            run_python(PREPARE, name)
            postgres.take_over(name)
            told = self._work(postgres, name)
            last = spawn(INVOICE_ALL, name, env=postgres.env)
            errors = last.communicate(timeout=600)[1]
            self.assertEqual(last.returncode, 0, errors)
            self._check(postgres, name, told)

    def _work(self, postgres, name):
        """Let the workers work while PostgreSQL stops and starts; return what they were told."""
        with tempfile.TemporaryDirectory() as folder:
            outputs = [Path(folder, str(number)) for number in range(WORKERS)]
            workers = []
            for number, output in enumerate(outputs):
                code = WORK.format(number=number, half=number % 2, turns=TURNS)
                with output.open("w") as told, output.with_suffix(".log").open("w") as log:
                    workers.append(spawn(code, name, stdout=told, stderr=log, env=postgres.env))
            try:
                wait = partial(_wait, workers, outputs)
                wait(lambda: sum(_lines(output, "ready") for output in outputs) == WORKERS)
                for worker in workers:
                    worker.stdin.write("go\n")
                    worker.stdin.flush()
                # Spread over the work, whatever its pace.
                for stop in range(1, STOPS + 1):
                    done = WORKERS * TURNS * stop // (STOPS + 1)
                    wait(lambda done=done: sum(_lines(output, "TOLD") for output in outputs) >= done)
                    postgres.stop("immediate")
                    time.sleep(0.5)
                    postgres.start()
                codes = [worker.wait(timeout=900) for worker in workers]
            finally:
                for worker in workers:
                    worker.kill()
                    worker.communicate()
            self.assertEqual(codes, [0] * WORKERS, _logs(outputs))
            return [
                json.loads(line.split(" ", 1)[1])
                for output in outputs
                for line in output.read_text().splitlines()
                if line.startswith("TOLD")
            ]

    def _check(self, postgres, name, told):
        query = partial(postgres.query, name)
        kinds = {kind: [answer[2:] for answer in told if answer[1] == kind] for kind in ANSWERS}
        bookings = [number for kind in ("booked", "found") for [number] in kinds[kind]]
        invoices = [number for numbers in kinds["invoiced"] for number in numbers]
        wrong = {what: query(text) for what, text in {**INVOICED_ONCE, **WRONG}.items()}
        wrong["bookings that were confirmed and are not there"] = len(bookings) - query(
            "SELECT count(*) FROM fabloch_booking WHERE state = 'confirmed' AND id = ANY(%s)", bookings
        )
        wrong["bookings that nobody was told of"] = query(
            "SELECT count(*) FROM fabloch_booking WHERE id <> ALL(%s)", bookings
        )
        wrong["invoices that were confirmed and are not there"] = len(invoices) - query(
            "SELECT count(*) FROM account_move WHERE state = 'posted' AND id = ANY(%s)", invoices
        )
        wrong["answers that are none"] = len(told) - sum(map(len, kinds.values()))
        wrong["refusals by no rule"] = sum(not re.search(RULE, reason) for [reason] in kinds["refused"])
        retried = sum(answer[0] for answer in told)
        lost = tell(
            f"Bookings and invoicing while PostgreSQL was stopped {STOPS} times",
            len(told),
            len(told) - sum(wrong.values()),
            retried=retried,
            committed_without_answer=len(kinds["found"]),
        )
        self.assertEqual(lost, 0, wrong)
        self.assertEqual(len(told), WORKERS * TURNS)
        self.assertGreaterEqual(retried, STOPS, "somebody was at work each time")
        self.assertEqual(len(bookings), 2 * sum(turn % 5 != 4 for turn in range(TURNS)), "each period is taken, once")


INVOICE_ALL = """
charges = env["fabloch.charge"].with_context(fabloch_invoice_ahead=True).search([("state", "=", "to_invoice")])
charges._invoice("2099-01-01", invoice_date=odoo.fields.Date.today())
"""
ANSWERS = ("booked", "found", "refused", "invoiced")
WRONG = {
    "periods that are booked twice": OVERLAPS,
    "bookings without one charge of their price": """
        SELECT count(*) FROM fabloch_booking b WHERE b.state = 'confirmed' AND NOT (1, 20.0) = (
            SELECT count(*), COALESCE(sum(c.amount), 0) FROM fabloch_charge c WHERE c.booking_id = b.id)
    """,
}


def _lines(path, beginning):
    return sum(line.startswith(beginning) for line in path.read_text().splitlines())


def _logs(outputs):
    return "".join(output.with_suffix(".log").read_text()[-3000:] for output in outputs)


def _wait(workers, outputs, happened):
    """Wait until something happened; fail when a worker ended before."""
    while not happened():
        if any(worker.poll() for worker in workers):
            raise AssertionError(f"a worker died\n{_logs(outputs)}")
        time.sleep(0.1)


class Cluster:
    """A PostgreSQL in `folder`, on a Unix socket there."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        # PostgreSQL refuses to run as root: then it runs as the user that its package made.
        self.run_as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.env = os.environ | {"PGHOST": str(folder), "PGPORT": "5432", "PGUSER": "odoo"}

    def make(self):
        if self.run_as:
            shutil.chown(self.folder, "postgres")
        self._call("initdb", "-U", "odoo", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        # Durable, as it is by default: what was confirmed must outlive the stop. A deadlock is looked for early.
        options = f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\ndeadlock_timeout = 50\n"
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(options)
        self.start()

    def start(self, options=""):
        log = str(self.folder / "server.log")
        self._call("pg_ctl", "-s", "-w", "-t", "300", "-l", log, "-o", options, "start")

    def stop(self, mode):
        self._call("pg_ctl", "-s", "-w", "-t", "300", "-m", mode, "stop")

    def take_over(self, name):
        """Copy a database of the tests' own server, under its name: its files stay where they are."""
        self.stop("fast")
        self.start("-F")  # the copy may be lost: no write waits for the disk
        self.query("postgres", f'CREATE DATABASE "{name}"')
        dump = subprocess.Popen([self.programs / "pg_dump", name], stdout=subprocess.PIPE)
        restore = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", name]
        subprocess.run(restore, env=self.env, stdin=dump.stdout, check=True)
        assert dump.wait() == 0, "the database could not be read"
        self.query(name, "ANALYZE")
        self.stop("fast")
        self.start()

    def query(self, name, text, *params):
        """The one figure that a query answers, if it answers any."""
        connection = psycopg2.connect(host=str(self.folder), port=5432, user="odoo", dbname=name)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text, params or None)
                return cursor.fetchone()[0] if cursor.description else None
        finally:
            connection.close()

    def _call(self, program, *arguments):
        command = [*self.run_as, str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        result = subprocess.run(
            command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        assert result.returncode == 0, f"{program}: {result.stderr}"


@contextmanager
def cluster():
    """A `Cluster` that runs; it is stopped and removed at the end."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    programs = installed[-1] if installed else Path(shutil.which("initdb")).parent
    folder = Path(tempfile.mkdtemp(prefix="fabloch-"))
    postgres = Cluster(folder, programs)
    try:
        postgres.make()
        yield postgres
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            postgres.stop("immediate")
        shutil.rmtree(folder)
