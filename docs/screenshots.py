"""Takes the pictures of docs/images/ from a running `bin/demo`, so that they can be taken again after a change.

    .local/venv/bin/python docs/screenshots.py [--url http://127.0.0.1:8069] [NAME...]

Headless Chromium is driven through its DevTools protocol. A picture is: who looks, at which address, and, if need
be, which record is opened there, what is done on the page, or whether its answer is a PDF.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import websocket

IMAGES = Path(__file__).parent / "images"


class Picture(NamedTuple):
    login: str
    path: str
    find: tuple = ()
    width: int = 1366
    height: int = 800
    end: str = ""
    click: str = ""
    pdf: bool = False
    pause: float = 1.5  # seconds until the page has drawn itself: a dashboard's charts take longer


# With `find` (model, domain), the first record found is opened, at the address that `end` ends.
PICTURES = {
    "members": Picture("accueil", "/odoo/fablab-members"),
    "enrol": Picture("accueil", "/odoo/action-fabloch_membership.membership_enrol_action"),
    "membership": Picture(
        "accueil",
        "/odoo/action-fabloch_membership.membership_action",
        find=("fabloch.membership", [["status", "=", "waiting"]]),
    ),
    "today": Picture("accueil", "/odoo/action-fabloch_machines.booking_action_today"),
    "planner": Picture("accueil", "/odoo/action-fabloch_machines.booking_planner_action", width=1600),
    "booking": Picture(
        "accueil",
        "/odoo/action-fabloch_machines.booking_action",
        find=("fabloch.booking", [["machine_id.kind", "=", "workshop"], ["state", "=", "confirmed"]]),
    ),
    "machines": Picture("atelier", "/odoo/action-fabloch_machines.machine_action"),
    "occupancy": Picture("bureau", "/odoo/action-fabloch_machines.machine_report_action", width=1600, height=640),
    "conventions": Picture("partenariats", "/odoo/action-fabloch_partnership.convention_action", width=1600),
    "convention": Picture(
        "partenariats",
        "/odoo/action-fabloch_partnership.convention_action",
        find=("fabloch.convention", [["state", "=", "signed"], ["instalment_ids", "!=", False]]),
    ),
    "gifts": Picture("partenariats", "/odoo/action-fabloch_partnership.donation_action"),
    "signing": Picture(
        "odo",
        "/my/conventions",
        find=("fabloch.convention", [["state", "=", "in_signature"]]),
        height=660,
        click="a.o_convention_sign",
    ),
    "receipt": Picture(
        "partenariats",
        "/fabloch/tax_receipt",
        find=("fabloch.tax.receipt", [["state", "=", "live"], ["amount_in_kind", ">", 0], ["amount_cash", ">", 0]]),
        width=800,
        height=760,
        end="/original",
        pdf=True,
    ),
    "receipts": Picture("partenariats", "/odoo/action-fabloch_partnership.tax_receipt_action"),
    "networks": Picture("partenariats", "/odoo/fablab-networks", height=480),
    "mandates": Picture("partenariats", "/odoo/fablab-mandates", height=480),
    "charges": Picture("compta", "/odoo/fablab-charges"),
    "preview": Picture("compta", "/odoo/action-fabloch_finance.invoicing_preview_action"),
    "run": Picture(
        "compta",
        "/odoo/fablab-invoicing-runs",
        find=("fabloch.invoicing.run", [["failure_ids", "!=", False], ["invoice_ids", "!=", False]]),
    ),
    "revenue": Picture("bureau", "/odoo/action-fabloch_finance.revenue_report_action"),
    "self_financing": Picture("bureau", "/odoo/action-fabloch_finance.self_financing_report_action", height=400),
    "figures": Picture("bureau", "/odoo/action-fabloch_membership.membership_report_action", width=1600, height=640),
    "dashboard": Picture(
        "bureau", "/odoo/action-fabloch_finance.dashboard_self_financing_action", height=1000, pause=8
    ),
    "revenue_year": Picture("bureau", "/odoo/action-fabloch_finance.revenue_year_report_action", height=640),
    "budget": Picture("bureau", "/odoo/action-fabloch_finance.budget_report_action", width=1600, height=640),
    "thresholds": Picture("bureau", "/odoo/action-fabloch_finance.threshold_report_action", pause=3),
    "unpaid": Picture("compta", "/odoo/fablab-unpaid", width=1600, height=640, click=".o_group_header:last-of-type"),
    "costs": Picture("bureau", "/odoo/action-fabloch_machines.machine_cost_report_action", width=1600, height=640),
    "whatif": Picture(
        "bureau",
        "/odoo/action-fabloch_machines.rate_scenario_action",
        find=("fabloch.rate.scenario", []),
        height=1200,
        click="button[name=action_replay]",
        pause=5,
    ),
    "year_end": Picture("compta", "/odoo/action-fabloch_finance.year_end_pack_action", height=1000, pause=3),
}


class Browser:
    """One headless Chromium with one page."""

    def __init__(self, port=9333):
        self.profile = tempfile.mkdtemp(prefix="screenshots")
        binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        options = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=fr",
            f"--user-data-dir={self.profile}",
            f"--remote-debugging-port={port}",
            "--remote-allow-origins=*",
        )
        # Times are shown in the browser's zone: the fablab's.
        paris = dict(os.environ, TZ="Europe/Paris")
        self.process = subprocess.Popen([binary, *options], stderr=subprocess.DEVNULL, env=paris)
        for _attempt in range(100):
            try:
                targets = json.load(urlopen(f"http://127.0.0.1:{port}/json"))
                page = next(target for target in targets if target["type"] == "page")
                break
            except (OSError, StopIteration):
                time.sleep(0.1)
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=30)
        self.last_id = 0

    def send(self, method, **params):
        self.last_id += 1
        self.socket.send(json.dumps({"id": self.last_id, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def run(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def wait(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(f"Boolean({condition})"):
                return
            time.sleep(0.2)
        raise TimeoutError(condition)

    def open(self, url):
        self.send("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


# Chromium would save the answer as a file; its own viewer shows it without a frame.
SHOW_PDF = """fetch(%s).then(answer => answer.blob()).then(blob => {
    location.href = URL.createObjectURL(new Blob([blob], {type: "application/pdf"})) + "#toolbar=0&view=FitH";
})"""

IDLE = "document.querySelector('.o_action_manager .o_action, .modal')"


def call(browser, path, params):
    """The result of a JSON call to Odoo, made by the page that is open."""
    request = {
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"params": params}),
    }
    return browser.run(
        f"fetch({path!r}, {json.dumps(request)}).then(answer => answer.json()).then(data => data.result)"
    )


def log_in(browser, url, database, login):
    browser.send("Network.clearBrowserCookies")
    browser.send("Network.enable")
    browser.send("Network.setExtraHTTPHeaders", headers={"Accept-Language": "fr-FR,fr"})
    browser.open(f"{url}/web/login")
    call(browser, "/web/session/authenticate", {"db": database, "login": login, "password": login})


def record_path(browser, model=None, domain=()):
    """The end of the address of the first record of `model` that fits `domain`."""
    if not model:
        return ""
    params = {"model": model, "method": "search", "args": [domain], "kwargs": {"limit": 1}}
    [record_id] = call(browser, "/web/dataset/call_kw", params)
    return f"/{record_id}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("--database", default="fabloch_demo")
    parser.add_argument("--to", type=Path, default=IMAGES)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    arguments = parser.parse_args()
    browser, logged_in = Browser(), None
    try:
        for name in arguments.names or PICTURES:
            picture = PICTURES[name]
            browser.send(
                "Emulation.setDeviceMetricsOverride",
                width=picture.width,
                height=picture.height,
                deviceScaleFactor=1,
                mobile=False,
            )
            if picture.login != logged_in:
                log_in(browser, arguments.url, arguments.database, picture.login)
                logged_in = picture.login
            address = picture.path + record_path(browser, *picture.find) + picture.end
            if picture.pdf:
                browser.run(SHOW_PDF % json.dumps(address))
                time.sleep(3)
            else:
                browser.open(arguments.url + address)
            if picture.path.startswith("/odoo"):
                browser.wait(IDLE)
            time.sleep(picture.pause)
            if picture.click:
                browser.run(f"document.querySelector({picture.click!r}).click()")
                time.sleep(2)
            data = browser.send("Page.captureScreenshot", format="png")["data"]
            arguments.to.joinpath(f"{name}.png").write_bytes(base64.b64decode(data))
            print(name)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
