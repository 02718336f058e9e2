"""Takes the pictures of docs/images/ from a running `bin/demo`, so that they can be taken again after a change.

    .local/venv/bin/python docs/screenshots.py [--url http://127.0.0.1:8069] [NAME...]

Headless Chromium is driven through its DevTools protocol. A picture is: who looks, at which address, and, if need
be, what JavaScript does there before the picture is taken.
"""

import argparse
import base64
import json
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
    script: str = ""
    width: int = 1366
    height: int = 800


PICTURES = {
    "members": Picture("accueil", "/odoo/members"),
    "charges": Picture("compta", "/odoo/charges"),
    "runs": Picture("compta", "/odoo/invoicing-runs"),
    "revenue": Picture("bureau", "/odoo/revenue"),
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
        self.process = subprocess.Popen([binary, *options], stderr=subprocess.DEVNULL)
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


IDLE = "document.querySelector('.o_action_manager .o_action, .modal')"


def log_in(browser, url, login):
    browser.send("Network.clearBrowserCookies")
    browser.open(f"{url}/web/login")
    browser.wait("document.querySelector('.oe_login_form [name=password]')")
    browser.run(
        "const form = document.querySelector('.oe_login_form');"
        f"form.elements.login.value = form.elements.password.value = {json.dumps(login)};"
        "HTMLFormElement.prototype.submit.call(form);"
    )
    browser.wait("!location.pathname.startsWith('/web/login')")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8069")
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
                log_in(browser, arguments.url, picture.login)
                logged_in = picture.login
            browser.open(arguments.url + picture.path)
            if picture.path.startswith("/odoo"):
                browser.wait(IDLE)
            time.sleep(1.5)
            if picture.script:
                browser.run(f"(async () => {{ {picture.script} }})()")
                time.sleep(1.5)
            data = browser.send("Page.captureScreenshot", format="png")["data"]
            arguments.to.joinpath(f"{name}.png").write_bytes(base64.b64decode(data))
            print(name)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
