"""What is asked over HTTP of a server with four workers, by four clients at a time.

The database holds our demonstration. The pages are those of ours that a partner, a donor or a member opens, asked by
one portal user who belongs to a company with a convention and tax receipts, and the two calls that the planner makes
when the reception opens it on this week. Beside each stands Odoo's own `/my`, asked by that portal user as often and in
turn: every page is to take at most three times as long, of a hundred requests the fifth slowest of both compared.
Clients and server share the machine, on 127.0.0.1; each request is a connection of its own. The requests are counted
beforehand, the first of each page aren't measured, and the server is ended at the end.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from statistics import median, quantiles
from urllib.parse import urlencode

import databases

from odoo import Command, fields

from benchmarks import harness, odoo_file

TITLE = "Pages over HTTP (p95; 4 workers, 4 clients)"
PEER = ""
FLOOR = "Odoo's own /my"
UNIT = "page (95 % are faster)"
GOALS = {"floor": 3}

WORKERS = CLIENTS = 4
REQUESTS = 24 if harness.SMALL else 200
FIRST = 20
PORTAL, STAFF = "bench-portal", "accueil"
HOST = "127.0.0.1"
START_SECONDS = 180


def run(name, rounds):
    """Loads the demonstration, starts the server, and yields a row for each page."""
    pages = prepare(name)
    with server(name) as port:
        portal, staff = login(port, PORTAL), login(port, STAFF)
        calls = {"/my": lambda: get(port, "/my", portal)}
        for title, what in pages.items():
            if isinstance(what, str):
                calls[title] = lambda path=what: get(port, path, portal)
            else:
                calls[title] = lambda rpc=what: [call(port, staff, *each) for each in rpc]
        for each in calls.values():
            clients(each, FIRST)
        for title in pages:
            both = {"ours": calls[title], "floor": calls["/my"]}
            yield {"part": title, "size": CLIENTS, "sides": in_turn(both, rounds)}


def prepare(name):
    """Loads the demonstration with a portal user of a company that has everything.

    :return: {title: a path, or the calls (model, method, args, kwargs) of one screen}
    """
    with databases.Odoo(name) as odoo:
        with odoo.env() as env:
            # As bin/demo does it: else Odoo sends a French user on to an address with the language in it.
            databases._speak_french(env)
            databases._load_demo_data(env)
            databases._invoice(env)
        with odoo.env() as env:
            conventions = env["fabloch.convention"].search([("state", "in", ("in_signature", "signed"))])
            receipts = env["fabloch.tax.receipt"].search(
                [("partner_id", "in", conventions.partner_id.ids), ("state", "=", "live")]
            )
            company = receipts[0].partner_id
            env["res.users"].with_context(no_reset_password=True).create(
                {
                    "name": PORTAL,
                    "login": PORTAL,
                    "password": PORTAL,
                    "group_ids": [Command.set(env.ref("base.group_portal").ids)],
                    "partner_id": env["res.partner"].create({"name": PORTAL, "parent_id": company.id}).id,
                }
            )
            member = env["fabloch.membership"].search([("status", "=", "active")], limit=1).partner_id
            card = env["fabloch.member.card"]._of(member, env.company)[member]
            convention = conventions.filtered(lambda each: each.partner_id == company)[0]
            receipt = receipts.filtered(lambda each: each.partner_id == company)[0]
            return {
                "/my/conventions": "/my/conventions",
                "/my/conventions/…": f"/my/conventions/{convention.id}",
                "/my/tax_receipts": "/my/tax_receipts",
                "/my/tax_receipts/…/download": f"/my/tax_receipts/{receipt.id}/download",
                "/membership/card/…": f"/membership/card/{card.sudo().token}",
                "the planner's week": _planner_calls(env),
            }


def _planner_calls(env):
    """What the planner asks when it opens: see static/src/planner/planner_model.js."""
    today = fields.Date.context_today(env.user)
    monday = today - timedelta(days=today.weekday())
    start, stop = (f"{monday + timedelta(days=days)} 00:00:00" for days in (0, 7))
    domain = [("state", "!=", "cancelled")]
    shown = [
        *domain,
        ("start", "<", stop),
        ("stop", ">", start),
        ("state", "!=", "cancelled"),
        "|",
        ("state", "!=", "hold"),
        ("hold_until", ">", fields.Datetime.to_string(fields.Datetime.now())),
    ]
    columns = ["name", "partner_id", "machine_id", "state", "units", "arrived_at", "hold_until", "start", "stop"]
    assert env["fabloch.booking"].search_count(shown), "The planner is to show something."
    return [
        ("fabloch.booking", "search_read", [], {"domain": shown, "fields": columns, "order": "start, id"}),
        ("fabloch.machine", "get_planner_data", [start, stop, domain], {}),
    ]


# --- The server ------------------------------------------------------------------------------------------------------


@contextmanager
def server(name):
    """The port of an Odoo server on that database, ended by its own number at the end."""
    port, gevent_port = free_ports(2)
    process = subprocess.Popen(
        [sys.executable, odoo_file.__file__, "server", "-d", name, f"--db-filter=^{name}$", f"--workers={WORKERS}"]
        + [f"--http-interface={HOST}", f"--http-port={port}", f"--gevent-port={gevent_port}", "--max-cron-threads=0"]
        + ["--log-level=warn"],
        env=os.environ,
    )
    try:
        _await(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process, port):
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return get(port, "/web/login")
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.5)


def free_ports(count):
    """That many ports of this machine that nobody listens at."""
    sockets = [socket.create_server((HOST, 0)) for _each in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


# --- The clients -----------------------------------------------------------------------------------------------------


def ask(port, method, path, body=None, headers=None):
    """One request: its status, headers and body."""
    connection = HTTPConnection(HOST, port, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def get(port, path, cookie=None):
    """Asks for a page, which is to be there: a redirection to the login is a fault, too."""
    status, headers, body = ask(port, "GET", path, headers={"Cookie": cookie} if cookie else {})
    assert status == 200, f"{path} answers {status}, {headers.get('Location', 'and nothing else')}."
    return body


def call(port, cookie, model, method, args, kwargs):
    """Calls a method as the web client does."""
    body = json.dumps(
        {"jsonrpc": "2.0", "params": {"model": model, "method": method, "args": args, "kwargs": kwargs | CONTEXT}}
    )
    path = f"/web/dataset/call_kw/{model}/{method}"
    headers = {"Cookie": cookie, "Content-Type": "application/json"}
    status, _headers, answer = ask(port, "POST", path, body, headers)
    found = json.loads(answer)
    assert status == 200 and found.get("result"), found.get("error", f"{path} answers {status} and nothing.")
    return found["result"]


CONTEXT = {"context": {"lang": "fr_FR", "tz": "Europe/Paris"}}


def login(port, user):
    """The cookie of somebody whose password is the login."""
    _status, headers, page = ask(port, "GET", "/web/login")
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()
    body = urlencode({"csrf_token": token, "login": user, "password": user})
    cookie = _session(headers)
    status, headers, _page = ask(
        port,
        "POST",
        "/web/login",
        body,
        {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert status == 303, f"{user} can't log in ({status})."
    return _session(headers)


def _session(headers):
    return next(each.split(";")[0] for each in headers.get_all("Set-Cookie") if each.startswith("session_id="))


def in_turn(sides, rounds):
    """{side: {"seconds", "p50", "p95": of one request, "per_second": of all clients, "all": p95 of each round}}"""
    found = {side: {"latencies": [], "all": [], "elapsed": 0.0} for side in sides}
    for _round in range(rounds):
        for side, each in sides.items():
            start = time.perf_counter()
            latencies = clients(each, max(REQUESTS // rounds, CLIENTS))
            found[side]["elapsed"] += time.perf_counter() - start
            found[side]["latencies"] += latencies
            found[side]["all"].append(_p95(latencies))
    return {
        side: {
            "seconds": _p95(figures["latencies"]),
            "p50": median(figures["latencies"]),
            "p95": _p95(figures["latencies"]),
            "per_second": len(figures["latencies"]) / figures["elapsed"],
            "requests": len(figures["latencies"]),
            "all": figures["all"],
        }
        for side, figures in found.items()
    }


def clients(each, requests):
    """The seconds that each of so many requests took, asked by all clients at once."""

    def one(_number):
        start = time.perf_counter()
        each()
        return time.perf_counter() - start

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, range(requests)))


def _p95(latencies):
    return quantiles(latencies, n=20, method="inclusive")[-1]
