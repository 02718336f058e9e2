"""Every address that our addons serve, asked for with hostile paths, queries, forms and JSON.

Found in the server's own table of routes. Whatever is asked for, by a visitor or somebody logged in to the portal: no
error 500, no traceback, nothing written, nothing said of somebody else.
"""

import inspect
import json
import threading
from collections import Counter
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from . import hostile
from .common import of, tell
from .test_hostile_rpc import LOUD, deterministic
from .world import WorldCase

SECRET = "Gwenola"
# What Odoo keeps of any request: who came, and the styles and scripts of pages.
OF_ODOO = {"res_device_log", "res_users_log", "ir_attachment", "bus_bus"}
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**63, -(2**63), 10**40]
TEXTS = [text for text in hostile.SCALARS if isinstance(text, str)]


@tagged("post_install", "-at_install")
class TestHostileRoutes(HttpCase, WorldCase):
    SIZE = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.people | cls.houses).write({"name": SECRET})
        new_test_user(cls.env, "hostile_portal", "base.group_portal")
        cls.sent = cls.conventions.filtered(lambda convention: convention.state == "in_signature")
        if not cls.sent:
            cls.conventions[0].action_send_to_signature()
            cls.sent = cls.conventions[0]
        cls.token = cls.sent[0]._portal_ensure_token()
        cls.env.flush_all()
        cls.outcomes = Counter()

    def setUp(self):
        super().setUp()
        # The server sets it for each request, before it looks at its table of routes.
        threading.current_thread().dbname = self.env.cr.dbname
        self.rules = [
            rule
            for rule in self.env["ir.http"].routing_map().iter_rules()
            if rule.endpoint.original_endpoint.__module__.startswith("odoo.addons.fabloch_")
        ]

    def _address(self, rule, data):
        """The path of a rule with hostile parts: numbers where it takes numbers, of real things at times."""
        known = [self.sent[0].id, *self.env["fabloch.tax.receipt"].search([]).ids, self.people[0].id]
        parts = {}
        for name, converter in rule._converters.items():
            numbers = "Int" in type(converter).__name__
            value = data.draw(st.sampled_from(known + NUMBERS) if numbers else st.sampled_from(TEXTS) | st.text())
            parts[name] = quote(str(value).encode("utf-8", "surrogatepass")[:500], safe="")
        return "".join(parts[part] if dynamic else part for dynamic, part in rule._trace if part != "|")

    def _values(self, rule, data, values):
        """Hostile values for the arguments that the page knows, and one that it doesn't."""
        names = [name for name in inspect.signature(rule.endpoint.original_endpoint).parameters if name != "self"]
        asked = data.draw(st.dictionaries(st.sampled_from([*names, "lang", "debug", "__class__"]), values, max_size=4))
        # With the link that was mailed, others of the checks are reached.
        if "access_token" in names and data.draw(st.booleans()):
            asked["access_token"] = self.token
        return {name: value for name, value in asked.items() if name not in rule._converters}

    def _ask(self, rule, data):
        path = self._address(rule, data)
        with mute_logger(*LOUD, "odoo.http", "werkzeug"):
            if rule.endpoint.routing["type"] == "jsonrpc":
                body = {"jsonrpc": "2.0", "method": "call", "params": self._values(rule, data, hostile.values)}
                return path, body, self.url_open(path, json.dumps(body), headers={"Content-Type": "application/json"})
            asked = self._values(rule, data, st.sampled_from(TEXTS) | st.text(max_size=20))
            asked = {name: value.encode("utf-8", "surrogatepass") for name, value in asked.items()}
            if rule.methods and "POST" in rule.methods and data.draw(st.booleans()):
                asked["csrf_token"] = http.Request.csrf_token(self)
                return path, asked, self.url_open(path, asked, allow_redirects=False)
            query = "&".join(f"{quote(name)}={quote(value[:500])}" for name, value in asked.items())
            return path, query, self.url_open(f"{path}?{query}", allow_redirects=False)

    def _check(self, rule, data, who):
        before = hostile.written(self.env.cr)
        path, sent, answer = self._ask(rule, data)
        self.outcomes["tried"] += 1
        self.env.invalidate_all()
        after = hostile.written(self.env.cr)
        written = {table for table in after if after[table] != before.get(table, 0)} - OF_ODOO
        call = f"{who}: {rule.rule} {path} {str(sent)[:300]}: {answer.status_code} {answer.text[-1500:]}"
        self.assertLess(answer.status_code, 500, call)
        self.assertNotIn("Traceback (most recent call last)", answer.text, call)
        # A link that was mailed is the partner's own: with it they read the convention, and may decline it.
        if self.token not in str(sent):
            self.assertNotIn(SECRET, answer.text, call)
            self.assertFalse(written, call)
        elif not path.endswith("/decline"):
            self.assertFalse(written, call)
        self.outcomes["survived"] += 1
        self.outcomes[str(answer.status_code)] += 1

    def _fuzz(self, rule, who, examples):
        @deterministic(examples)
        @given(st.data())
        def attempt(data):
            self._check(rule, data, who)

        attempt()

    def test_no_address_answers_with_an_error_or_writes(self):
        self.assertGreater(len(self.rules), 9)
        for who in ("visitor", "hostile_portal"):
            self.authenticate(*([who] * 2 if who != "visitor" else [None, None]))
            for rule in self.rules:
                with self.subTest(rule.rule, who=who):
                    self._fuzz(rule, who, of(10, 150))
        answers = {f"answers {status}": count for status, count in sorted(self.outcomes.items()) if status.isdigit()}
        lost = tell(
            "Hostile requests",
            tried=self.outcomes["tried"],
            survived=self.outcomes["survived"],
            addresses=len(self.rules),
            **answers,
        )
        self.assertFalse(lost)
