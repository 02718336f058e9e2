"""A backup of the demonstration, restored under another name: the same rows, rules, figures and files, and Odoo works
on it. With PostgreSQL's own tools and a copy of the files, and with Odoo's."""

import contextlib
import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import databases
import psycopg2

from odoo.tests import tagged

from tests.common import run_python, scratch_database

from .common import tell
from .lifecycle import LOAD, assert_odoo_works, figures, objects, odoo, rows

# The receipts' PDFs by number, each compared with the hash that was taken of it when it was issued.
RECEIPTS = """
import base64, hashlib, json
receipts = env["fabloch.tax.receipt"].search([("pdf", "!=", False)])
pdfs = {receipt.name: hashlib.sha256(base64.b64decode(receipt.pdf)).hexdigest() for receipt in receipts}
assert pdfs == {receipt.name: receipt.sha256 for receipt in receipts}
print(json.dumps(pdfs))
"""
# A copy that Odoo restores gets an identity of its own.
IDENTITY = ("database.uuid", "database.secret", "database.create_date")


def meant(found):
    """Objects without the brackets and casts that PostgreSQL writes otherwise once it has read its own condition."""
    return {re.sub(r"[()]|::(text|character varying|double precision|numeric)(\[\])?", "", line) for line in found}


def files(name):
    """The paths of the files that the database's attachments ask for; each must be there, with the content it had.

    Odoo names a file after the SHA1 of its content.
    """
    query = "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"
    asked = [path for (path,) in databases.execute(query, database=name)]
    for path in asked:
        file = databases.filestore(name) / path
        assert hashlib.sha1(file.read_bytes()).hexdigest() == file.name, file
    return asked


@contextlib.contextmanager
def served(name):
    """The address at which Odoo serves the database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "odoo", "server", "-d", name, f"--db-filter=^{name}$", f"--http-port={port}"]
    process = subprocess.Popen([*command, "--log-level=warn", "--max-cron-threads=0"], stdin=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def ask(opener, url, **params):
    """Calls a JSON route, again while the server is starting."""
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
    for _attempt in range(120):
        try:
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            answer = json.load(opener.open(request, timeout=120))
            break
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(1)
    else:
        raise AssertionError(f"{url} doesn't answer")
    assert "error" not in answer, answer["error"]
    return answer["result"]


@tagged("post_install", "-at_install")
class TestLongBackup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = cls.enterClassContext(scratch_database())
        run_python(LOAD, cls.name, timeout=1800)
        cls.stood = objects(cls.name), rows(cls.name)
        cls.figures = figures(cls.name)
        cls.receipts = json.loads(run_python(RECEIPTS, cls.name))
        assert cls.receipts, "the demonstration has issued receipts"

    def test_postgresql_s_backup(self):
        with tempfile.TemporaryDirectory() as folder, databases.fresh_name(self.name) as restored:
            start = time.time()
            dump = Path(folder, "dump")
            subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", self.name], check=True)
            shutil.copytree(databases.filestore(self.name), Path(folder, "files"))
            subprocess.run(["createdb", "--template=template0", restored], check=True)
            subprocess.run(["pg_restore", "--exit-on-error", f"--dbname={restored}", dump], check=True)
            shutil.copytree(Path(folder, "files"), databases.filestore(restored))
            self._assert_same("pg_dump and pg_restore", restored, time.time() - start, dump.stat().st_size)

    def test_odoo_s_backup(self):
        with tempfile.TemporaryDirectory() as folder, databases.fresh_name(self.name) as restored:
            start = time.time()
            dump = Path(folder, "dump.zip")
            self.assertEqual(odoo("db", "dump", self.name, str(dump)), [])
            self.assertEqual(odoo("db", "load", restored, str(dump)), [])
            self._assert_same("Odoo's dump and load", restored, time.time() - start, dump.stat().st_size, IDENTITY)

    def _assert_same(self, title, restored, seconds, size, but=()):
        """The restored database and files are those of the demonstration, but for parameters whose key is in `but`."""
        stood, found = self.stood, (objects(restored), rows(restored))
        self.assertEqual(meant(found[0]), meant(stood[0]), "tables, constraints, indexes, functions, triggers")
        self.assertEqual(found[1].keys(), stood[1].keys())
        changed = [(row, found[1][key]) for key, row in stood[1].items() if row != found[1][key]]
        self.assertEqual([pair for pair in changed if pair[0].get("key") not in but], [])
        self.assertEqual(sorted(files(restored)), sorted(files(self.name)))
        self.assertEqual(figures(restored), self.figures)
        self.assertEqual(json.loads(run_python(RECEIPTS, restored)), self.receipts)
        with self.assertRaisesRegex(psycopg2.Error, "never edited"):
            databases.execute("UPDATE fabloch_tax_receipt SET amount = amount + 1", database=restored)
        with served(restored) as address:
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            ask(opener, f"{address}/web/session/authenticate", db=restored, login="admin", password="admin")
            count = ask(
                opener,
                f"{address}/web/dataset/call_kw",
                model="fabloch.tax.receipt",
                method="search_count",
                args=[[]],
                kwargs={},
            )
        self.assertEqual(count, self.figures["fabloch.tax.receipt"]["records"])
        works = assert_odoo_works(restored)
        tell(
            f"{title} of the demonstration, rows ({size >> 20} MB, {seconds:.0f} s; {works})",
            tried=len(stood[1]),
            survived=sum(found[1][key] == row or row.get("key") in but for key, row in stood[1].items()),
            objects=len(stood[0]),
            figures=sum(map(len, self.figures.values())),
            receipts=len(self.receipts),
            files=len(files(restored)),
        )
