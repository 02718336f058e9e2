"""Signing: same text for both sides, once each, and a signed document that nobody changes."""

import base64
import hashlib
import io
import json

import databases

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Date
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.fabloch_partnership.models.convention_sealed import SEALED_FIELDS

from tests.common import run_python, scratch_database
from tests.machines.racers import Racers, step

from .signing import PDF, image, quick_pdf
from .test_document import DocumentCase


class SignatureCase(DocumentCase):
    def _sent(self, **vals):
        convention = self._ready(**vals)
        convention.with_user(self.officer).action_send_for_signature()
        return convention

    def _half_signed(self, **vals):
        convention = self._sent(**vals)
        convention.with_user(self.president)._sign_for_us(image())
        return convention

    def _signed(self, **vals):
        convention = self._half_signed(**vals)
        with quick_pdf():
            convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        return convention

    def _mails(self, convention):
        return self.env["mail.mail"].search(
            [
                ("model", "=", convention._name),
                ("res_id", "=", convention.id),
                # Not those of Odoo's own activities.
                ("message_type", "=", "email_outgoing"),
            ],
            order="id",
        )


@tagged("post_install", "-at_install")
class TestSignature(SignatureCase):
    def test_we_sign_first_then_the_partner_is_mailed_and_concludes(self):
        convention = self._ready()
        convention.with_user(self.officer).action_send_for_signature()
        self.assertEqual(convention.state, "in_signature")
        self.assertFalse(self._mails(convention), "before our signature the partner is not asked")
        self.assertEqual(convention.activity_ids.user_id, self.president)
        convention.with_user(self.president)._sign_for_us(image())
        self.assertEqual(convention.company_signed_by, "Nolwenn Kerbrat")
        self.assertFalse(convention.activity_ids)
        mail = self._mails(convention)
        self.assertEqual(mail.recipient_ids, self.mayor)
        self.assertIn(convention.access_token, mail.body_html)
        self.assertEqual(convention.state, "in_signature")
        with quick_pdf():
            convention._sign_for_partner("  Claire   Masson ", image(), "192.0.2.7")
        self.assertEqual(convention.state, "signed")
        self.assertEqual(convention.signed_on, Date.context_today(convention))
        self.assertEqual(convention.partner_signed_by, "Claire Masson")
        self.assertEqual(convention.partner_signed_ip, "192.0.2.7")
        self.assertTrue(convention.partner_signed_on)

    def test_both_sides_get_the_document_with_its_hash(self):
        self.officer.email = "officer@example.com"
        self.president.email = "president@example.com"
        convention = self._ready(user_id=self.officer.id)
        convention.action_send_for_signature()
        convention.with_user(self.president)._sign_for_us(image())
        with quick_pdf():
            convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        digest = hashlib.sha256(PDF).hexdigest()
        self.assertEqual(convention.signed_sha256, digest)
        mail = self._mails(convention)[-1]
        self.assertEqual(mail.recipient_ids, self.mayor | self.officer.partner_id | self.president.partner_id)
        self.assertIn(digest, mail.body_html)
        self.assertEqual(mail.attachment_ids.raw, PDF)
        self.assertIn(digest, convention.message_ids.filtered("attachment_ids")[:1].body)

    def test_partner_first_when_the_settings_say_so(self):
        self.company.convention_we_sign_first = False
        convention = self._sent()
        self.assertEqual(self._mails(convention).recipient_ids, self.mayor)
        convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        self.assertEqual(convention.state, "in_signature")
        self.assertEqual(convention.activity_ids.user_id, self.president)
        with quick_pdf():
            convention.with_user(self.president)._sign_for_us(image())
        self.assertEqual(convention.state, "signed")

    def test_real_document_bears_both_signatures(self):
        convention = self._half_signed()
        convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        content = base64.b64decode(convention.signed_file)
        self.assertEqual(convention.signed_sha256, hashlib.sha256(content).hexdigest())
        text = " ".join(" ".join(page.extract_text() for page in PdfFileReader(io.BytesIO(content)).pages).split())
        self.assertIn("Signé par Claire Masson le", text)
        self.assertIn("Signé par Nolwenn Kerbrat le", text)
        self.assertNotIn("Paraphes", text)

    def test_printing_a_signed_convention_gives_the_signed_bytes(self):
        convention = self._signed()
        self.town.name = "Autre nom"
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, _kind = report._render_qweb_pdf("fabloch_partnership.action_report_convention", convention.ids)
        self.assertEqual(content, PDF)

    def test_only_the_named_signatory_signs_for_us(self):
        convention = self._sent()
        for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaisesRegex(AccessError, "Only Nolwenn Kerbrat signs"):
                convention.with_user(user)._sign_for_us(image())
        wizard = self.env["fabloch.convention.sign.for.us"].with_user(self.president)
        wizard.create({"convention_id": convention.id, "signature": image()}).action_sign()
        self.assertTrue(convention.company_signed_on)

    def test_each_side_signs_once(self):
        convention = self._half_signed()
        with self.assertRaisesRegex(UserError, "signed already"):
            convention.with_user(self.president)._sign_for_us(image())
        with quick_pdf():
            convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        with self.assertRaisesRegex(UserError, "not open for signature"):
            convention._sign_for_partner("Somebody else", image(), "192.0.2.8")
        self.assertEqual(convention.partner_signed_by, "Claire Masson")

    def test_both_sides_sign_the_same_text(self):
        convention = self._half_signed()
        convention.sudo().commitment_ids = [(0, 0, {"side": "partner", "name": "Verser un million"})]
        with self.assertRaisesRegex(UserError, "has changed since it was sent"):
            convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        self.assertFalse(convention.partner_signed_on)

    def test_incomplete_text_is_not_sent(self):
        training = self.env.ref("fabloch_partnership.convention_type_training")
        with self.assertRaisesRegex(UserError, "Objet et contenu de la formation"):
            self._sent(type_id=training.id)
        with self.assertRaisesRegex(UserError, "no e-mail"):
            self._sent(signatory_id=False)
        with self.assertRaisesRegex(UserError, "The parties: Ville d'Auray"):
            self._ready(signatory_id=False).action_send_to_signature()
        self.mayor.email = False
        with self.assertRaisesRegex(UserError, "no e-mail"):
            self._sent()
        convention = self._ready()
        convention.article_ids.unlink()
        with self.assertRaisesRegex(UserError, "a text: take its type"):
            convention.action_send_to_signature()

    def test_taking_back_voids_signatures_and_links(self):
        convention = self._half_signed()
        token = convention.access_token
        convention.with_user(self.officer).action_back_to_draft()
        self.assertEqual(convention.state, "draft")
        self.assertFalse(convention.company_signed_on or convention.text_sha256 or convention.company_signature)
        self.assertNotEqual(convention._portal_ensure_token(), token)
        with self.assertRaisesRegex(UserError, "goes back to negotiation"):
            convention.action_back_to_draft()

    def test_declined_goes_back_with_an_activity_for_who_follows_it(self):
        convention = self._half_signed(user_id=self.officer.id)
        token = convention.access_token
        convention._decline("Pas <b>d'accord</b> sur l'article 5", "Claire Masson")
        self.assertEqual(convention.state, "draft")
        self.assertEqual(convention.activity_ids.user_id, self.officer)
        self.assertIn("sur l'article 5", convention.activity_ids.note.replace("&#39;", "'"))
        self.assertNotIn("<b>", convention.activity_ids.note)
        self.assertNotIn("<b>", convention.message_ids[:1].body)
        self.assertNotEqual(convention.access_token, token)

    def test_link_is_mailed_again_only_while_the_partner_is_waited_for(self):
        convention = self._sent()
        with self.assertRaisesRegex(UserError, "waits for the signature of Nolwenn"):
            convention.action_resend()
        convention.with_user(self.president)._sign_for_us(image())
        convention.with_user(self.officer).action_resend()
        self.assertEqual(len(self._mails(convention)), 2)
        with quick_pdf():
            convention._sign_for_partner("Claire Masson", image(), "192.0.2.7")
        with self.assertRaisesRegex(UserError, "doesn't wait"):
            convention.action_resend()

    def test_names_and_images_that_cannot_be_taken(self):
        convention = self._half_signed()
        for name in ("", "   ", None, 12, ["x"], "x" * 101, "a\x00b", "a\u202eb"):
            with self.assertRaisesRegex(UserError, "Write your name"):
                convention._sign_for_partner(name, image(), "192.0.2.7")
        svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").decode()
        for signature, why in (
            (None, "missing"),
            ("", "missing"),
            ({"a": 1}, "missing"),
            (image(drawn=False), "missing"),
            ("%%%", "can't be read"),
            (base64.b64encode(b"hello").decode(), "can't be read"),
            (svg, "can't be read"),
            (image(kind="GIF"), "can't be read"),
            ("A" * 3_000_000, "too large"),
            (image((5000, 5000)), "too large"),
        ):
            with self.assertRaisesRegex(UserError, why):
                convention._sign_for_partner("Claire Masson", signature, "192.0.2.7")
        self.assertFalse(convention.partner_signed_on)
        self.assertEqual(convention.state, "in_signature")

    def test_signature_is_drawn_anew(self):
        stored = base64.b64decode(self._signed().partner_signature)
        self.assertTrue(stored.startswith(b"\x89PNG"))
        loud = base64.b64decode(image()) + b"<script>payload</script>"
        convention = self._half_signed()
        with quick_pdf():
            convention._sign_for_partner("Claire Masson", base64.b64encode(loud).decode(), "192.0.2.7")
        self.assertNotIn(b"payload", base64.b64decode(convention.partner_signature))


@tagged("post_install", "-at_install")
class TestPaper(SignatureCase):
    def _paper(self, convention, content=PDF, date="2026-02-03", name="scan.pdf", user=None):
        wizard = self.env["fabloch.convention.sign.paper"].with_user(user or self.officer)
        if convention.state == "draft":
            convention.action_send_to_signature()
        wizard.create(
            {"convention_id": convention.id, "date": date, "scan": base64.b64encode(content), "scan_name": name}
        ).action_sign()

    def test_scan_is_kept_and_the_convention_signed_on_the_date_of_the_paper(self):
        for content, extension in (
            (PDF, "pdf"),
            (base64.b64decode(image()), "png"),
            (base64.b64decode(image(kind="JPEG")), "jpg"),
        ):
            convention = self._ready()
            self._paper(convention, content, name="malware.exe")
            self.assertEqual((convention.state, convention.signed_on), ("signed", Date.to_date("2026-02-03")))
            self.assertEqual(convention.signature_mode, "paper")
            self.assertTrue(convention.signed_file_name.endswith(f".{extension}"))
            self.assertEqual(convention.signed_sha256, hashlib.sha256(content).hexdigest())
            self.assertFalse(self._mails(convention))

    def test_other_files_and_dates_to_come_are_refused(self):
        convention = self._ready()
        for content in (b"MZ\x90 program", b"<html>%PDF-</html>", b"%PDF-1.4 cut off", b"GIF89a", b"PK\x03\x04"):
            with self.assertRaisesRegex(UserError, "no PDF, PNG or JPEG"):
                self._paper(convention, content)
        with self.assertRaisesRegex(UserError, "over 20 MB"):
            self._paper(convention, b"%PDF-" + b"0" * 20_000_001 + b"%%EOF")
        with self.assertRaisesRegex(ValidationError, "to come"):
            self._paper(convention, date="2199-01-01")
        self.assertEqual(convention.state, "in_signature")

    def test_paper_voids_a_signature_begun_online(self):
        convention = self._half_signed()
        self._paper(convention)
        self.assertFalse(convention.company_signed_on or convention.company_signature)
        self.assertEqual(convention.state, "signed")

    def test_scan_found_later_is_kept_once(self):
        convention = self._sent()
        convention.action_sign("2026-01-05")
        self._paper(convention)
        self.assertEqual(convention.signed_on, Date.to_date("2026-01-05"))
        self.assertTrue(convention.signed_sha256)
        with self.assertRaisesRegex(UserError, "kept as it is"):
            self._paper(convention, PDF + b"2%%EOF")


@tagged("post_install", "-at_install")
class TestSealed(SignatureCase):
    def test_nobody_changes_a_signed_document(self):
        convention = self._signed()
        before = convention.read(["signed_file", "signed_sha256"])
        flags = {
            "_force_unlink": True,
            "install_mode": True,
            "module": "fabloch_partnership",
            "import_file": True,
            "tracking_disable": True,
            "bin_size": True,
        }
        values = {"partner_signed_by": "x", "partner_signed_on": False, "signed_file": base64.b64encode(b"other")}
        admin = self.env.ref("base.user_admin")
        for name in sorted(SEALED_FIELDS):
            value = values.get(name, False)
            for record in (
                convention.sudo(),
                convention.with_user(admin).with_context(**flags),
                convention.sudo().with_context(**flags),
                convention.with_user(self.manager),
            ):
                with self.assertRaises(UserError, msg=name):
                    record.write({name: value})
        for record in (convention.sudo(), convention.sudo().with_context(**flags), convention.with_user(admin)):
            with self.assertRaisesRegex(UserError, "kept as it is"):
                record.unlink()
        self.assertEqual(convention.read(["signed_file", "signed_sha256"]), before)

    def test_nobody_forges_a_signature_before(self):
        for convention in (self._ready(), self._sent(), self._half_signed()):
            for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
                for name in SEALED_FIELDS:
                    with self.assertRaises(AccessError):
                        convention.with_user(user).write({name: False})
        forged = {"partner_signed_by": "x", "partner_signature": image(), "signed_file": base64.b64encode(PDF)}
        base = {"partner_id": self.town.id, "title": "x", "type_id": self.type_partnership.id}
        with self.assertRaises(AccessError):
            self.Convention.with_user(self.manager).create({**base, **forged})
        context = {f"default_{name}": value for name, value in forged.items()}
        convention = self.Convention.with_user(self.manager).with_context(**context).create(base)
        self.assertFalse(convention.signed_file or convention.partner_signed_by or convention.partner_signature)

    def test_copy_takes_no_signature_along(self):
        copy = self._signed().copy()
        self.assertFalse(any(copy[name] for name in SEALED_FIELDS))
        self.assertTrue(copy.article_ids)

    def test_verify_tells_a_file_changed_behind_our_back(self):
        convention = self._signed()
        answer = convention.with_user(self.officer).with_context(bin_size=True).action_verify()
        self.assertEqual(answer["params"]["type"], "success")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE fabloch_convention SET signed_file = %s WHERE id = %s",
            (base64.b64encode(b"%PDF-1.4 forged %%EOF"), convention.id),
        )
        convention.invalidate_recordset()
        self.assertEqual(convention.action_verify()["params"]["type"], "danger")


PREPARE = """
import json
env.company.write({"name": "Fablab", "city": "Auray", "street": "1 quai", "zip": "56400"})
env.user.partner_id.function = "présidente"
town = env["res.partner"].create(
    {"name": "Ville", "is_company": True, "street": "1 rue", "zip": "56400", "city": "Auray"}
)
mayor = env["res.partner"].create(
    {"name": "Claire", "parent_id": town.id, "function": "maire", "email": "claire@example.com"}
)
conventions = env["fabloch.convention"].create([{
    "partner_id": town.id, "signatory_id": mayor.id, "title": "Race", "company_signatory_id": env.uid,
    "type_id": env.ref("fabloch_partnership.convention_type_partnership").id,
} for _n in range(ROUNDS)])
for convention in conventions:
    convention.action_send_to_signature()
    convention._sign_for_us("IMAGE")
print("PREPARED", json.dumps(conventions.ids))
"""
# Two people press the button at once, each in a process, as the portal's route does.
SIGN_ROUTE = """
from odoo.addons.base.models.ir_actions_report import IrActionsReport
IrActionsReport._render_qweb_pdf = lambda *_args, **_kwargs: (b"%PDF-1.4 %%EOF", "pdf")
from odoo.addons.fabloch_partnership.models.convention_signature import ConventionSignature
def sign(self, name):
    return self._sign_for_partner(name, "IMAGE", "192.0.2.1")
type(env["fabloch.convention"]).sign_in_race = sign
"""
ROUNDS = 12


@tagged("post_install", "-at_install")
class TestRace(DocumentCase):
    def test_two_at_once_make_one_signature(self):
        with scratch_database() as name:
            output = run_python(PREPARE.replace("ROUNDS", str(ROUNDS)).replace("IMAGE", image()), name)
            ids = json.loads(next(x for x in output.splitlines() if x.startswith("PREPARED")).split(" ", 1)[1])
            with Racers(3, name, SIGN_ROUTE.replace("IMAGE", image())) as racers:
                for convention_id in ids:
                    answers = racers.race(
                        [
                            [step(1, "fabloch.convention", "sign_in_race", [convention_id], f"Signer {n}")]
                            for n in range(3)
                        ]
                    )
                    self.assertFalse([each["raw"] for each in answers if each["raw"]])
                    self.assertEqual(sum(not each["refused"] for each in answers), 1)
            rows = databases.execute(
                "SELECT count(*), count(signed_sha256), count(DISTINCT partner_signed_by) FROM fabloch_convention"
                " WHERE state = 'signed'",
                database=name,
            )
            self.assertEqual(rows[0][:2], (ROUNDS, ROUNDS))
            mails = databases.execute(
                "SELECT count(*) FROM mail_mail WHERE body_html LIKE '%%SHA-256%%'", database=name
            )
            self.assertEqual(mails[0][0], ROUNDS, "one mail for each convention, whoever raced")
