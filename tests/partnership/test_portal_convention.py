"""The partner's pages, as the world calls them: who sees what, who signs, and what is refused."""

import base64
import hashlib
from datetime import timedelta

from odoo import fields, http
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .signing import PDF, image, quick_pdf


class PortalCase(HttpCase):
    """A town whose mayor signs, a clerk of the town, somebody of another organisation; today's dates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, no_reset_password=True))
        cls.env.company.write({"city": "Auray", "street": "1 quai", "zip": "56400"})
        cls.town, cls.other = cls.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "street": "1 rue", "zip": "56400", "city": "Auray"}
                for name in ("Ville d'Auray", "Autre ville")
            ]
        )
        cls.mayor, cls.clerk, cls.stranger = (
            new_test_user(cls.env, login, groups="base.group_portal", name=name, email=f"{login}@example.com")
            for login, name in (
                ("portal-mayor", "Claire Masson"),
                ("portal-clerk", "Alan Clerc"),
                ("portal-stranger", "Igor Autre"),
            )
        )
        (cls.mayor | cls.clerk).partner_id.parent_id = cls.town
        cls.mayor.partner_id.function = "maire"
        cls.stranger.partner_id.parent_id = cls.other
        cls.president = new_test_user(
            cls.env, "staff-president", groups="fabloch_partnership.group_partnership_user", name="Nolwenn Kerbrat"
        )
        cls.president.partner_id.function = "présidente"
        cls.kind = cls.env.ref("fabloch_partnership.convention_type_partnership")

    def _convention(self, **vals):
        return self.env["fabloch.convention"].create(
            {
                "partner_id": self.town.id,
                "signatory_id": self.mayor.partner_id.id,
                "company_signatory_id": self.president.id,
                "user_id": self.president.id,
                "title": "Fabriquer ensemble",
                "type_id": self.kind.id,
                "date_start": fields.Date.today() - timedelta(days=10),
                "date_end": fields.Date.today() + timedelta(days=300),
                **vals,
            }
        )

    def _to_sign(self, **vals):
        convention = self._convention(**vals)
        convention.action_send_for_signature()
        convention.with_user(self.president)._sign_for_us(image())
        self.env.flush_all()
        return convention

    def _signed(self, **vals):
        convention = self._to_sign(**vals)
        with quick_pdf():
            convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        self.env.flush_all()
        return convention

    def _login(self, user):
        self.authenticate(user and user.login, user and user.login)

    def _accept(self, convention, token=None, **params):
        url = f"/my/conventions/{convention.id}/accept" + (f"?access_token={token}" if token else "")
        with quick_pdf():
            answer = self.make_jsonrpc_request(url, {"name": "Claire Masson", "signature": image(), **params})
        convention.invalidate_recordset()
        return answer

    def _get(self, path, **options):
        return self.url_open(path, allow_redirects=False, **options)


@tagged("post_install", "-at_install")
class TestPages(PortalCase):
    def test_list_asks_to_log_in(self):
        self._login(None)
        page = self._get("/my/conventions")
        self.assertEqual(page.status_code, 303)
        self.assertIn("/web/login", page.headers["Location"])

    def test_list_and_counters_show_the_own_organisation_s_from_signature_on(self):
        draft = self._convention(title="Encore en discussion")
        shown = self._to_sign(title="À signer"), self._signed(title="Déjà signée")
        foreign = self._to_sign(partner_id=self.other.id, title="Pas la nôtre")
        for user in (self.mayor, self.clerk):
            self._login(user)
            page = self._get("/my/conventions").text
            for convention in shown:
                self.assertIn(convention.name, page)
                self.assertNotIn(convention.access_token or "no token", page)
            self.assertNotIn(draft.title, page)
            self.assertNotIn(foreign.name, page)
            counters = self.make_jsonrpc_request(
                "/my/counters", {"counters": ["convention_count", "convention_to_sign_count"]}
            )
            self.assertEqual((counters["convention_count"], counters["convention_to_sign_count"]), (2, 1))
        self._login(self.stranger)
        page = self._get("/my/conventions").text
        self.assertIn(foreign.name, page)
        self.assertNotIn(shown[0].name, page)

    def test_what_we_sign_first_is_not_shown_as_to_sign_before_we_have(self):
        convention = self._convention()
        convention.action_send_for_signature()
        self.env.flush_all()
        self._login(self.mayor)

        def count():
            return self.make_jsonrpc_request("/my/counters", {"counters": ["convention_to_sign_count"]})[
                "convention_to_sign_count"
            ]

        self.assertIn("Waiting for our signature", self._get("/my/conventions").text)
        self.assertEqual(count(), 0)
        self.assertIn(f"Still to sign: {self.president.name}", convention.next_step)
        convention.with_user(self.president)._sign_for_us(image())
        self.env.flush_all()
        self.assertNotIn("Waiting for our signature", self._get("/my/conventions").text)
        self.assertEqual(count(), 1)
        self.assertNotIn(self.president.name, convention.next_step)

    def test_list_is_paged(self):
        for number in range(85):
            self._convention(title=f"Convention {number:03}")
        self.env["fabloch.convention"].search([("partner_id", "=", self.town.id)]).sudo().state = "in_signature"
        self.env.flush_all()
        self._login(self.mayor)
        first, second = (self._get(path).text for path in ("/my/conventions", "/my/conventions/page/2"))
        self.assertEqual((first.count("/my/conventions/") > 80, second.count("Convention 0") > 0), (True, True))
        for sortby in ("state", "name", "'; DROP TABLE"):
            self.assertEqual(self._get(f"/my/conventions?sortby={sortby}").status_code, 200)

    def test_page_needs_the_account_or_the_token(self):
        convention = self._to_sign()
        url, token = f"/my/conventions/{convention.id}", convention.access_token
        for user, query, seen in (
            (None, "", False),
            (None, "?access_token=", False),
            (None, "?access_token=wrong", False),
            (None, f"?access_token={token[:-1]}", False),
            (None, f"?access_token={token}", True),
            (self.stranger, "", False),
            (self.stranger, f"?access_token={self._to_sign().access_token}", False),
            (self.clerk, "", True),
            (self.mayor, "", True),
        ):
            with self.subTest(user=user and user.login, query=query):
                self._login(user)
                page = self._get(url + query)
                self.assertEqual(page.status_code, 200 if seen else 303)
                self.assertEqual("Fabriquer ensemble" in page.text, seen)
                pdf = self._get(f"{url}{query}{'&' if query else '?'}report_type=pdf")
                self.assertEqual(pdf.status_code, 200 if seen else 303)

    def test_page_of_what_does_not_exist_or_is_negotiated(self):
        draft = self._convention()
        token = draft._portal_ensure_token()
        self.env.flush_all()
        self._login(self.mayor)
        for path in (f"/my/conventions/{draft.id}?access_token={token}", "/my/conventions/999999999"):
            self.assertEqual(self._get(path).status_code, 303)
        self.assertEqual(self._get("/my/conventions/abc").status_code, 404)

    def test_page_is_neither_cached_nor_indexed(self):
        convention = self._to_sign()
        self._login(None)
        headers = self._get(f"/my/conventions/{convention.id}?access_token={convention.access_token}").headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertIn("noindex", headers["X-Robots-Tag"])

    def test_reader_who_is_no_signatory_gets_no_button_and_no_token(self):
        convention = self._to_sign()
        self._login(self.clerk)
        page = self._get(f"/my/conventions/{convention.id}").text
        self.assertNotIn("modal_convention_accept", page)
        self.assertNotIn(convention.access_token, page)
        target = self._get(f"/mail/view?model=fabloch.convention&res_id={convention.id}").headers["Location"]
        self.assertIn(f"/my/conventions/{convention.id}", target)
        self.assertNotIn(convention.access_token, target)
        self._login(self.mayor)
        self.assertIn("modal_convention_accept", self._get(f"/my/conventions/{convention.id}").text)

    def test_document_is_the_very_file_that_was_signed(self):
        convention = self._signed()
        self._login(self.clerk)
        answer = self._get(f"/my/conventions/{convention.id}?report_type=pdf&download=true")
        self.assertEqual(answer.content, PDF)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn(hashlib.sha256(PDF).hexdigest(), self._get(f"/my/conventions/{convention.id}").text)

    def test_paper_is_shown_as_its_scan_alone(self):
        convention = self._convention()
        convention.action_send_to_signature()
        convention._sign_on_paper(fields.Date.today(), PDF, "pdf")
        self.env.flush_all()
        self._login(self.mayor)
        page = self._get(f"/my/conventions/{convention.id}").text
        self.assertIn("report_type=pdf", page)
        self.assertNotIn("Article 1", page)

    def test_what_people_write_is_shown_as_text(self):
        script = "<script>alert(1)</script>"
        convention = self._to_sign(title=f"Titre {script}")
        convention.commitment_ids.unlink()
        self._accept(convention, convention.access_token, name=f"Eve {script}")
        self.assertEqual(convention.partner_signed_by, f"Eve {script}")
        page = self._get(f"/my/conventions/{convention.id}?access_token={convention.access_token}&message=signed")
        self.assertNotIn(script, page.text)
        self.assertIn("Eve &lt;script&gt;", page.text)


@tagged("post_install", "-at_install")
class TestAccept(PortalCase):
    def test_link_signs_without_an_account(self):
        convention = self._to_sign()
        self._login(None)
        answer = self._accept(convention, convention.access_token)
        self.assertTrue(answer["force_refresh"], answer)
        self.assertIn("message=signed", answer["redirect_url"])
        self.assertEqual((convention.state, convention.partner_signed_by), ("signed", "Claire Masson"))
        self.assertEqual(convention.partner_signed_ip, "127.0.0.1")
        self.assertFalse(convention.partner_signed_user_id)
        self.assertEqual(base64.b64decode(convention.signed_file), PDF)
        self.assertEqual(self._get(answer["redirect_url"]).status_code, 200)

    def test_signatory_signs_with_the_own_account(self):
        convention = self._to_sign()
        self._login(self.mayor)
        self.assertTrue(self._accept(convention).get("force_refresh"))
        self.assertEqual(convention.partner_signed_user_id, self.mayor)

    def test_who_may_not_sign(self):
        convention = self._to_sign()
        token = convention.access_token
        for user, given, why in (
            (None, None, "doesn't exist"),
            (None, "wrong", "doesn't exist"),
            (self.stranger, None, "doesn't exist"),
            (self.stranger, "wrong", "doesn't exist"),
            (self.clerk, None, "Only the signatory"),
            (self.president, None, "logged in as staff"),
            (self.president, token, "logged in as staff"),
        ):
            with self.subTest(user=user and user.login, token=given):
                self._login(user)
                self.assertIn(why, self._accept(convention, given)["error"])
        self.assertFalse(convention.partner_signed_on)

    def test_signed_once(self):
        convention = self._to_sign()
        token = convention.access_token
        self._login(None)
        self._accept(convention, token)
        again = self._accept(convention, token, name="Somebody else")
        self.assertIn("not open for signature", again["error"])
        self.assertEqual(convention.partner_signed_by, "Claire Masson")

    def test_states_in_which_nothing_is_signed(self):
        self._login(None)
        taken_back = self._to_sign()
        token = taken_back.access_token
        taken_back.action_back_to_draft()
        self.env.flush_all()
        self.assertIn("no longer valid", self._accept(taken_back, token)["error"])
        ended = self._to_sign()
        ended.sudo().write({"state": "terminated", "terminated_on": ended.date_start})
        self.env.flush_all()
        self.assertIn("not open for signature", self._accept(ended, ended.access_token)["error"])
        ours_missing = self._convention()
        ours_missing.action_send_for_signature()
        token = ours_missing._portal_ensure_token()
        self.env.flush_all()
        self.assertTrue(self._accept(ours_missing, token)["error"])
        self.assertFalse((taken_back | ended | ours_missing).filtered("partner_signed_on"))

    def test_what_is_handed_in_is_checked(self):
        convention = self._to_sign()
        self._login(None)
        for params, why in (
            ({"name": ""}, "Write your name"),
            ({"name": "x" * 200}, "Write your name"),
            ({"signature": None}, "missing"),
            ({"signature": "A" * 3_000_000}, "too large"),
            ({"signature": "bm90IGFuIGltYWdl"}, "can't be read"),
        ):
            self.assertIn(why, self._accept(convention, convention.access_token, **params)["error"])
        self.assertEqual((convention.state, convention.partner_signed_on), ("in_signature", False))

    def test_changed_text_is_not_signed(self):
        convention = self._to_sign()
        convention.sudo().title = "Autre objet"
        self.env.flush_all()
        self._login(None)
        self.assertIn("has changed since", self._accept(convention, convention.access_token)["error"])

    @mute_logger("odoo.http")
    def test_wrong_methods(self):
        convention = self._to_sign()
        url = f"/my/conventions/{convention.id}"
        token = f"?access_token={convention.access_token}"
        self._login(None)
        self.assertNotEqual(self._get(f"{url}/accept{token}").status_code, 200)
        self.assertNotEqual(self._get(f"{url}/accept{token}", data={"name": "x"}).status_code, 200)
        self.assertEqual(self._get(f"{url}/decline{token}").status_code, 405)
        # Without the form's own token the form is somebody else's.
        self.assertEqual(self._get(f"{url}/decline{token}", data={"decline_message": "x"}).status_code, 400)
        convention.invalidate_recordset()
        self.assertEqual(convention.state, "in_signature")


@tagged("post_install", "-at_install")
class TestDecline(PortalCase):
    def _decline(self, convention, token=None, message="Article 5 à revoir"):
        url = f"/my/conventions/{convention.id}/decline" + (f"?access_token={token}" if token else "")
        answer = self._get(url, data={"decline_message": message, "csrf_token": http.Request.csrf_token(self)})
        convention.invalidate_recordset()
        return answer

    def test_decline_with_the_link(self):
        convention = self._to_sign()
        self._login(None)
        self.assertEqual(self._decline(convention, convention.access_token).status_code, 200)
        self.assertEqual(convention.state, "draft")
        self.assertEqual(convention.activity_ids.user_id, self.president)
        self.assertIn("Article 5 à revoir", convention.activity_ids.note)
        self.assertFalse(convention.company_signed_on)

    def test_who_may_not_decline(self):
        convention = self._to_sign()
        for user, token in (
            (None, None),
            (None, "wrong"),
            (self.stranger, None),
            (self.clerk, None),
            (self.president, convention.access_token),
        ):
            self._login(user)
            self.assertEqual(self._decline(convention, token).status_code, 303)
        self.assertEqual(convention.state, "in_signature")

    def test_what_is_signed_is_not_declined(self):
        convention = self._signed()
        self._login(None)
        self._decline(convention, convention.access_token)
        self.assertEqual(convention.state, "signed")


@tagged("post_install", "-at_install")
class TestRights(PortalCase):
    """What a portal user gets through calls, pages aside."""

    def _call(self, model, method, args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_calls_read_the_own_organisation_s_and_write_nothing(self):
        lines = {
            "commitment_ids": [(0, 0, {"side": "us", "name": "Ouvrir l'atelier"})],
            "instalment_ids": [
                (0, 0, {"name": "Un", "date": fields.Date.today(), "amount": 10.0, "kind": "donation"}),
            ],
        }
        ours = self._to_sign(**lines)
        self._convention(**lines)
        foreign = self._to_sign(partner_id=self.other.id, **lines)
        self.env.flush_all()
        self._login(self.clerk)
        self.assertEqual(self._call("fabloch.convention", "search", [[]]), ours.ids)
        for model, records in (
            ("fabloch.convention.article", ours.article_ids),
            ("fabloch.convention.commitment", ours.commitment_ids),
            ("fabloch.convention.instalment", ours.instalment_ids),
        ):
            found = self._call(model, "search", [[]])
            self.assertEqual(sorted(found), sorted(records.ids), model)
        refused = (
            ("fabloch.convention", "read", [foreign.ids, ["title"]]),
            ("fabloch.convention", "write", [ours.ids, {"title": "x"}]),
            ("fabloch.convention", "write", [ours.ids, {"partner_signed_by": "x"}]),
            ("fabloch.convention", "unlink", [ours.ids]),
            ("fabloch.convention", "read", [ours.ids, ["partner_signed_ip"]]),
            ("fabloch.convention", "read", [ours.ids, ["access_token"]]),
            ("fabloch.convention", "action_sign", [ours.ids]),
            ("fabloch.convention", "action_back_to_draft", [ours.ids]),
            ("fabloch.convention", "action_resend", [ours.ids]),
            ("fabloch.convention", "_sign_for_partner", [ours.ids, "x", image(), "1.2.3.4"]),
            ("fabloch.convention.article", "write", [ours.article_ids[:1].ids, {"name": "x"}]),
            ("fabloch.convention.type.article", "search", [[]]),
            ("fabloch.convention.sign.paper", "create", [{"convention_id": ours.id}]),
            ("fabloch.convention.sign.for.us", "create", [{"convention_id": ours.id, "signature": image()}]),
        )
        for model, method, args in refused:
            with self.subTest(f"{model}.{method}"), mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                self._call(model, method, args)
        ours.invalidate_recordset()
        self.assertEqual((ours.state, ours.title), ("in_signature", "Fabriquer ensemble"))


@tagged("post_install", "-at_install")
class TestTour(PortalCase):
    def test_partner_signs_in_the_portal(self):
        """The mayor, in French: from the portal's home to the signed document."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.mayor.lang = "fr_FR"
        convention = self._to_sign()
        with quick_pdf():
            self.start_tour("/my/home", "fabloch_convention_sign", login="portal-mayor")
        convention.invalidate_recordset()
        self.assertEqual((convention.state, convention.partner_signed_by), ("signed", "Claire Masson"))
        self.assertEqual(convention.partner_signed_user_id, self.mayor)
        self.assertTrue(convention.partner_signature)
