"""What the partner is told: granted, used by whom, given back, left, invoiced; and who sees what."""

import re
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_envelope_cover import EnvelopeCase


@tagged("post_install", "-at_install")
class TestStatement(EnvelopeCase):
    def _used(self):
        envelope = self._envelope("hour", 20.0)
        self._pupil_books("2026-03-10 14:00", "2026-03-10 15:30")
        self._pupil_books("2026-04-01 14:00", "2026-04-01 16:00")
        self._book("2026-03-12 14:00", "2026-03-12 15:00", partner=self.other_pupil).action_cancel("Ill", waive=True)
        return envelope

    def test_it_balances(self):
        statement = self._used()._statement("2026-03-01", "2026-03-31")
        self.assertEqual(
            [(line.date, line.partner, line.what, line.taken, line.returned) for line in statement.lines],
            [
                (date(2026, 3, 10), self.pupil, "Laser 1", 1.5, 0.0),
                (date(2026, 3, 12), self.other_pupil, "Laser 1", 1.0, 1.0),
            ],
        )
        self.assertEqual(
            (statement.before, statement.taken, statement.returned, statement.left), (20.0, 2.5, 1.0, 18.5)
        )
        later = self.convention.envelope_ids._statement("2026-04-01", "2026-04-30")
        self.assertEqual((later.before, later.taken, later.left), (18.5, 2.0, 16.5))

    def test_the_page_says_it_all(self):
        envelope = self._used()
        html = self.env["ir.actions.report"]._render_qweb_html(
            "fabloch_partnership.action_report_envelope_statement",
            envelope.ids,
            data={"date_from": "2026-03-01", "date_to": "2026-03-31"},
        )[0]
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))
        for word in (
            "Lycée Duquesclin",
            "Gaël",
            "Nolwenn",
            "Laser 1",
            "20 h",
            "2 h 30",
            "18 h 30",
            self.convention.name,
        ):
            self.assertIn(word, text)

    def test_the_pdf_of_a_convention_has_a_page_for_each_envelope(self):
        self._used()
        self._envelope(quantity=50.0)
        pdf = self.convention.with_context(force_report_rendering=True)._statement_pdf("2026-03-01", "2026-03-31")
        self.assertTrue(pdf.startswith(b"%PDF"))

    def test_sent_to_the_partner_and_kept_in_the_thread(self):
        self.school.email = "lycee@example.com"
        envelope = self._used()
        wizard = (
            self.env["fabloch.envelope.statement"]
            .with_user(self.officer)
            .with_context(active_ids=envelope.ids, force_report_rendering=True)
            .create({"date_from": "2026-03-01", "date_to": "2026-03-31"})
        )
        wizard.action_send()
        message = self.convention.message_ids[:1]
        self.assertEqual(message.partner_ids, self.school)
        self.assertIn("18 h 30", message.body)
        self.assertEqual(message.attachment_ids.mapped("mimetype"), ["application/pdf"])
        self.assertEqual(message.attachment_ids.res_id, self.convention.id)


@tagged("post_install", "-at_install")
class TestAccess(EnvelopeCase):
    def test_portal_users_see_their_own(self):
        def portal(partner):
            return new_test_user(self.env, f"portal {partner.id}", groups="base.group_portal", partner_id=partner.id)

        envelope = self._envelope("hour", 20.0)
        named = self._envelope("hour", 5.0, beneficiary_ids=[Command.set(self.anna.ids)])
        own = self._pupil_books()
        self._book("15:00", "16:00", partner=self.other_pupil)
        Allowance, Use = self.env["fabloch.allowance"], self.env["fabloch.allowance.use"]
        for partner, seen, used in (
            (self.pupil, envelope | named, own.use_ids),
            (self.school, envelope | named, envelope.use_ids),
            (self.anna, named, Use),
            (self.yann, Allowance, Use),
        ):
            user = portal(partner)
            mine = Allowance.with_user(user).search([("convention_id", "=", self.convention.id)])
            self.assertEqual(mine.sudo(), seen, partner.name)
            self.assertEqual(Use.with_user(user).search([]).sudo() & envelope.use_ids, used, partner.name)
            if envelope in mine:
                self.assertEqual(mine.filtered(lambda each: each.id == envelope.id).quantity_left, 18.0)
            with self.assertRaises(AccessError):
                (mine or envelope.with_user(user)).write({"name": "Mine"})

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Another lab"})
        envelope = self._envelope("currency", 100.0)
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="fabloch_partnership.group_partnership_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["fabloch.allowance"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            envelope.with_user(stranger).read(["name"])
        with self.assertRaises(AccessError):
            self.env["fabloch.allowance"].with_user(stranger).create(
                {"name": "E", "convention_id": self.convention.id, "unit": "hour", "quantity": 5}
            )
        draw = self.env["fabloch.allowance"]._draw(self.pupil, self.hour, 5.0, "currency", date(2026, 3, 10), other)
        self.assertFalse(draw)
