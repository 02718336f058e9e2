"""The member card: a PDF whose QR code leads to a page that says valid or not, and nothing else."""

import base64
import io
from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools.pdf import PdfFileReader

from .common import MembershipCase


@tagged("post_install", "-at_install")
class TestCard(MembershipCase):
    def test_card_is_kept_from_year_to_year(self):
        Card = self.env["fabloch.member.card"]
        first = Card._of(self.anna, self.company)[self.anna]
        self.assertEqual(Card._of(self.anna, self.company)[self.anna], first)

    def test_tokens_are_long_and_differ(self):
        people = self._partners(*(f"P{number}" for number in range(50)))
        cards = self.env["fabloch.member.card"]._of(people, self.company)
        tokens = {card.token for card in cards.values()}
        self.assertEqual(len(tokens), 50)
        self.assertTrue(all(len(base64.urlsafe_b64decode(token)) * 8 >= 128 for token in tokens))

    def test_reception_cannot_read_the_tokens(self):
        card = self.env["fabloch.member.card"]._of(self.anna, self.company)[self.anna]
        reception = self._user("desk", "fabloch_membership.group_membership_user")
        with self.assertRaises(AccessError):
            card.with_user(reception).read(["token"])

    def test_token_is_worth_what_the_membership_is(self):
        Card = self.env["fabloch.member.card"]
        token = Card._of(self.anna, self.company)[self.anna].token
        self.assertEqual(Card._check_token(token), (False, False))
        membership = self._membership(confirm=True)
        self.assertEqual(Card._check_token(token), (False, False), "unpaid")
        self._pay(membership)
        self.assertEqual(Card._check_token(token), (True, date(2027, 3, 9)))
        with freeze_time("2027-03-10"):
            self.env.invalidate_all()
            self.assertEqual(Card._check_token(token), (False, date(2027, 3, 9)))

    def test_card_taken_back_is_worthless_and_the_next_one_is_another(self):
        Card = self.env["fabloch.member.card"]
        self._running()
        lost = Card._of(self.anna, self.company)[self.anna]
        lost.action_take_back()
        self.assertIsNone(Card._check_token(lost.token))
        found = Card._of(self.anna, self.company)[self.anna]
        self.assertNotEqual(found.token, lost.token)
        self.assertTrue(Card._check_token(found.token)[0])

    def test_pdf_has_one_page_for_each_person_with_name_number_and_end(self):
        self.rolling.seats = 1
        membership = self._running(beneficiary_ids=[(6, 0, self.yann.ids)])
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, kind = report._render_qweb_pdf("fabloch_membership.action_report_member_card", membership.ids)
        self.assertEqual(kind, "pdf")
        reader = PdfFileReader(io.BytesIO(pdf))
        self.assertEqual(len(reader.pages), 2)
        texts = [page.extract_text() for page in reader.pages]
        for text, partner in zip(texts, self.anna | self.yann, strict=True):
            self.assertIn(partner.name, text)
            self.assertIn(partner.member_number, text)
            self.assertIn("03/09/2027", text)
        box = reader.pages[0].mediabox
        self.assertAlmostEqual(float(box[2]) / 72 * 25.4, 86, delta=1)
        self.assertAlmostEqual(float(box[3]) / 72 * 25.4, 54, delta=1)


@tagged("post_install", "-at_install")
class TestCardPage(HttpCase):
    """The page as the world sees it, today."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("fr_FR")
        product = self.env["product.product"].create({"name": "Fee", "type": "service"})
        plan = self.env["fabloch.membership.plan"].create({"name": "Secret plan", "product_id": product.id})
        self.member, self.lapsed = self.env["res.partner"].create(
            [{"name": "Anna Le Goff"}, {"name": "Yann Kerdoncuff"}]
        )
        today = date.today()
        self.last_day = today + timedelta(days=30)
        self.env["fabloch.membership"].create(
            [
                {
                    "partner_id": partner.id,
                    "plan_id": plan.id,
                    "date_start": end - timedelta(days=300),
                    "date_end": end,
                    "settled_elsewhere": True,
                }
                for partner, end in ((self.member, self.last_day), (self.lapsed, today - timedelta(days=1)))
            ]
        )
        self.cards = self.env["fabloch.member.card"]._of(self.member | self.lapsed, self.env.company)

    def _page(self, token):
        return self.url_open(f"/membership/card/{token}", headers={"Accept-Language": "en-US"})

    def test_valid_card_says_until_when_and_nothing_else(self):
        page = self._page(self.cards[self.member].token)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Valid card", page.text)
        self.assertIn(self.last_day.strftime("%m/%d/%Y"), page.text)
        for secret in ("Anna", "Le Goff", "Secret plan", self.member.member_number, self.env.company.name):
            self.assertNotIn(secret, page.text)

    def test_lapsed_card_is_not_valid(self):
        page = self._page(self.cards[self.lapsed].token)
        self.assertEqual(page.status_code, 200)
        self.assertIn("not valid", page.text)
        self.assertNotIn("Yann", page.text)

    def test_wrong_token_is_not_valid_and_404(self):
        token = self.cards[self.member].token
        for wrong in ("x", token[:-1] + ("a" if token[-1] != "a" else "b"), token.swapcase(), "%25", "'--"):
            with self.subTest(wrong):
                page = self._page(wrong)
                self.assertEqual(page.status_code, 404)
                self.assertIn("not valid", page.text)

    def test_page_is_neither_cached_nor_indexed(self):
        headers = self._page(self.cards[self.member].token).headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertIn("noindex", headers["X-Robots-Tag"])
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")

    def test_page_speaks_the_visitor_s_language(self):
        self.env["ir.module.module"]._load_module_terms(["fabloch_membership"], ["fr_FR"])
        url = f"/membership/card/{self.cards[self.member].token}"
        self.assertIn("Carte valable", self.url_open(url, headers={"Accept-Language": "fr-FR,fr"}).text)
