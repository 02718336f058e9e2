"""Every web address of ours, called by those who may not and with what isn't right: nothing is told, nothing changes.

The addresses are those of Odoo's own map; one without a row in ROUTES makes the first test fail. Who may use them calls
them too: otherwise an address that is misspelt here would pass for one that is well closed.
"""

import re
from datetime import timedelta
from typing import NamedTuple

from odoo import fields, http
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from tests.partnership.receipt_case import ReceiptCase
from tests.partnership.signing import image, quick_pdf
from tests.partnership.test_portal_convention import PortalCase

from .common import tell

TITLE = "Un accord que personne d'autre ne lit"
# What an answer is, beside the number of an HTTP error: somebody's record, a page without any, a redirection to the
# login or to the portal's home, a failure of the server.
TOLD, NOTHING, LOGIN, HOME, BROKEN = "told", "nothing told", "login", "home", "broken"
WRONG = {NOTHING, LOGIN, HOME, "400", "404"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAFE = METHODS[:3]
# What is no record's number, and nobody's token; as they stand in an address.
NUMBERS = ("0", "-1", "abc", "999999999", "2147483648", "9223372036854775808", "1" + 40 * "0")
TOKENS = ("", "x", "%00", "%C3%A9", "%FF", "'--", "%25s", "..%2F..", 3000 * "a")


class Row(NamedTuple):
    """Who may use a route (None: whoever has its token), and what the others get from it: somebody who isn't logged
    in, a stranger of the portal, and staff without a role."""

    right: str | None
    nobody: str
    stranger: str
    staff: str


ROUTES = {
    "/membership/card/<string:token>": Row(None, "404", "404", "404"),
    "/membership/unsubscribe/<int:partner_id>/<string:token>": Row(None, "404", "404", "404"),
    "/my/conventions": Row("portal-mayor", LOGIN, NOTHING, NOTHING),
    "/my/conventions/page/<int:page>": Row("portal-mayor", LOGIN, NOTHING, NOTHING),
    "/my/conventions/<int:convention_id>": Row("portal-mayor", HOME, HOME, HOME),
    "/my/conventions/<int:convention_id>/accept": Row("portal-mayor", NOTHING, NOTHING, NOTHING),
    "/my/conventions/<int:convention_id>/decline": Row("portal-mayor", HOME, HOME, HOME),
    "/my/tax_receipts": Row("portal-donor", LOGIN, NOTHING, "404"),
    "/my/tax_receipts/page/<int:page>": Row("portal-donor", LOGIN, NOTHING, "404"),
    "/my/tax_receipts/<int:receipt_id>/download": Row("portal-donor", LOGIN, "404", "404"),
    "/fabloch/tax_receipt/<int:receipt_id>/<string:kind>": Row("officer", LOGIN, "404", "404"),
    "/fabloch/tax_statement/<int:statement_id>": Row("officer", LOGIN, "404", "404"),
}


@tagged("post_install", "-at_install")
class TestRoutes(PortalCase, ReceiptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-10"):
            cls.receipt = cls.Receipt._issue(cls._gift())
        new_test_user(cls.env, "portal-donor", "base.group_portal", partner_id=cls.donor.id)
        new_test_user(cls.env, "staff-clerk", "base.group_user")
        plan = cls.env["fabloch.membership.plan"].create({"name": "Plan", "product_id": cls.product.id})
        today = fields.Date.today()
        cls.env["fabloch.membership"].create(
            {
                "partner_id": cls.payer.id,
                "plan_id": plan.id,
                "date_start": today - timedelta(days=10),
                "date_end": today + timedelta(days=20),
                "settled_elsewhere": True,
            }
        )
        Http = cls.env["ir.http"]
        rules = Http._generate_routing_rules(sorted(cls.registry._init_modules), Http._get_converters())
        cls.routes = {address: endpoint.routing for address, endpoint in rules if cls._is_ours(endpoint)}

    @staticmethod
    def _is_ours(endpoint):
        return getattr(endpoint, "func", endpoint).__module__.startswith("odoo.addons.fabloch_")

    def setUp(self):
        super().setUp()
        self.convention = self._to_sign(title=TITLE)
        self.foreign = self._to_sign(partner_id=self.other.id, title="Another's")
        card = self.env["fabloch.member.card"]._of(self.payer, self.company)[self.payer]
        self.arguments = {
            "/membership/card": {"token": card.token},
            "/membership/unsubscribe": {
                "token": self.env["fabloch.membership"]._opt_out_token(self.payer.id),
                "partner_id": self.payer.id,
            },
            "/my/conventions": {"convention_id": self.convention.id, "page": 1},
            "/my/tax_receipts": {"receipt_id": self.receipt.id, "page": 1},
            "/fabloch/tax_receipt": {"receipt_id": self.receipt.id, "kind": "original"},
            "/fabloch/tax_statement": {"statement_id": self.company.id * 10000 + 2026},
        }
        convention, receipt = self.convention, self.receipt
        self.secrets = [
            *(TITLE, convention.name, convention.access_token, receipt.name, receipt.donor_name, "%PDF"),
            # What only the right token is told, and what says that a convention was signed or declined.
            *("Valid card", "Stop the renewal mails", "force_refresh", "sign this convention."),
        ]
        self.tried, self.lost = 0, []
        self.env.flush_all()

    # -- The tests ----------------------------------------------------------------------------------------------------

    def test_each_route_of_ours_has_its_row(self):
        self.assertEqual(set(self.routes), set(ROUTES))

    def test_who_may_use_a_route_gets_there(self):
        for route, row in ROUTES.items():
            self._login(self._user_of(row.right))
            # An answer to a convention is its last: the next one asks about it anew.
            with self.subTest(route), self.env.cr.savepoint() as savepoint:
                self._expect({TOLD}, route, "who may")
                savepoint.rollback()
                self.env.invalidate_all()
        self._finish("Routes: called by who may use them")

    def test_others_get_what_the_row_says(self):
        for visitor, login in (("nobody", None), ("stranger", "portal-stranger"), ("staff", "staff-clerk")):
            self._login(self._user_of(login))
            for route, row in ROUTES.items():
                self._expect({getattr(row, visitor)}, route, visitor, token="wrong")
        self._finish("Routes: called by who may not")

    def test_numbers_and_tokens_that_are_not_right(self):
        for route, row in ROUTES.items():
            for login in {row.right, None}:
                self._login(self._user_of(login))
                for name, wrong in self._wrong_arguments(route):
                    # A list shows its reader what is theirs, whatever the number of the page.
                    allowed = WRONG | {TOLD} if name == "page" and login else WRONG
                    self._expect(allowed, route, f"{login} with {name}={wrong[:30]}", **{name: wrong})
        self._login(None)
        for route in (route for route in ROUTES if "convention_id" in route):
            for token in (*TOKENS, self.convention.access_token[:-1], self.foreign.access_token):
                allowed = {ROUTES[route].nobody, "400"}
                self._expect(allowed, route, f"access_token={token[:30]}", query=f"?access_token={token}")
        self._finish("Routes: called with wrong numbers and tokens")

    def test_wrong_methods_and_forms_without_their_token(self):
        forms = ({}, {"csrf_token": "wrong"}, {"csrf_token": f"{40 * 'a'}o9999999999"})
        for route, row in ROUTES.items():
            self._login(self._user_of(row.right))
            routing = self.routes[route]
            # Where GET is answered, HEAD is; OPTIONS reaches every route, and asks as GET does or is refused.
            methods = set(routing["methods"] or METHODS)
            methods |= {"HEAD", "OPTIONS"} if "GET" in methods else set()
            for method in METHODS:
                if routing["type"] == "jsonrpc":
                    self._expect({"400", "405", "415"}, route, f"{method} of a form", method=method, data={"name": "x"})
                elif method not in methods:
                    self._expect({"405"}, route, method, method=method, data={})
                elif method not in SAFE:
                    for form in forms:
                        self._expect({"400"}, route, f"{method} of {form}", method=method, data=form)
        self._finish("Routes: wrong methods and forms without their token")

    # -- The calls ----------------------------------------------------------------------------------------------------

    def _user_of(self, login):
        return login and self.env["res.users"].search([("login", "=", login)])

    def _right_arguments(self, route):
        return next(values for start, values in self.arguments.items() if route.startswith(start))

    def _wrong_arguments(self, route):
        """(name, value) of each argument in the route, put wrong in each way that fits it."""
        for kind, name in re.findall(r"<(\w+):(\w+)>", route):
            right = self._right_arguments(route)[name]
            near = (right[:-1], right + "a", right.swapcase()) if name == "token" else ()
            yield from ((name, wrong) for wrong in (NUMBERS if kind == "int" else TOKENS + near))

    def _expect(self, allowed, route, what, method=None, data=None, query="", **arguments):
        """Calls the route and notes it among the lost if the answer is none of those allowed."""
        arguments = self._right_arguments(route) | arguments
        url = re.sub(r"<\w+:(\w+)>", lambda match: str(arguments[match[1]]), route) + query
        routing = self.routes[route]
        options = {"data": data}
        if method is None and routing["type"] == "jsonrpc":
            options = {"json": {"params": {"name": "Claire Masson", "signature": image()}}}
        elif method is None and routing["methods"] == ["POST"]:
            options = {"data": {"decline_message": "No", "csrf_token": http.Request.csrf_token(self)}}
        with quick_pdf(), mute_logger("odoo.http", "odoo.sql_db", "werkzeug"):
            answer = self.url_open(url, method=method, allow_redirects=False, timeout=60, **options)
        self.tried += 1
        kind = self._kind(answer)
        if kind not in allowed:
            self.lost.append(f"{route}, {what}: {kind}, not {' or '.join(sorted(allowed))}")

    def _kind(self, answer):
        text = answer.content.decode("utf-8", "replace")
        if answer.status_code >= 500 or "Traceback" in text or "Odoo Server Error" in text:
            return BROKEN
        if any(secret in text for secret in self.secrets):
            return TOLD
        if answer.status_code in (302, 303):
            return LOGIN if "/web/login" in answer.headers["Location"] else HOME
        return NOTHING if answer.status_code == 200 else str(answer.status_code)

    def _finish(self, name):
        """Tells what came of the calls; none may be lost, and nothing may have changed."""
        tell(name, self.tried, self.tried - len(self.lost))
        self.assertFalse(self.lost, "\n".join(self.lost))
        self.env.invalidate_all()
        self.assertEqual((self.convention.state, self.convention.partner_signed_on), ("in_signature", False))
        self.assertFalse(self.payer.membership_mail_opt_out)
        self.assertEqual(self.receipt.state, "live")
