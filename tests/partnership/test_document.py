"""The text of conventions: models, fields, and what the printed document says."""

import doctest
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.fabloch_partnership import placeholders
from odoo.addons.fabloch_partnership.models.convention_text import PLACEHOLDERS

from .common import PartnershipCase

TYPES = ("partnership", "patronage", "sponsorship", "loan", "service", "network", "grant", "training")


class DocumentCase(PartnershipCase):
    """A convention with everything that its document says, whoever runs it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"name": "Fablab d'Essai", "city": "Auray", "street": "1 quai", "zip": "56400", "rna": "W561234567"}
        )
        cls.president = cls._user("president", "fabloch_partnership.group_partnership_user")
        cls.president.partner_id.write({"name": "Nolwenn Kerbrat", "function": "présidente"})
        cls.mayor = cls.env["res.partner"].create(
            {"name": "Claire Masson", "parent_id": cls.town.id, "function": "maire", "email": "claire@example.com"}
        )
        cls.town.company_registry = "21560007500014"

    @classmethod
    def _ready(cls, **vals):
        return cls._convention(
            **{"signatory_id": cls.mayor.id, "company_signatory_id": cls.president.id, **vals},
        )

    def _text(self, convention):
        """The words of the printed document, on one line, with plain spaces."""
        body = self.env["ir.qweb"]._render("fabloch_partnership.convention_document", {"convention": convention})
        root = html.fromstring(str(body))
        for style in root.iter("style"):
            style.text = ""
        for block in root.iter("td", "th", "h2", "p"):
            block.tail = f" {block.tail or ''}"
        return " ".join(root.text_content().split())


@tagged("post_install", "-at_install")
class TestDocument(DocumentCase):
    def test_every_type_has_a_text_whose_fields_are_all_filled_in(self):
        for code in TYPES:
            with self.subTest(code):
                convention = self._ready(type_id=self.env.ref(f"fabloch_partnership.convention_type_{code}").id)
                self.assertGreaterEqual(len(convention.article_ids), 10)
                text = self._text(convention)
                self.assertNotIn("{", text)
                self.assertIn("Données personnelles", text)
                self.assertIn("Différends", text)
                self.assertIn("Fablab d'Essai", text)

    def test_what_the_law_wants_stands_in_the_text_of_its_type(self):
        wanted = {
            "grant": ("article 10 de la loi n° 2000-321", "23 000 €", "6 mois", "contrat d’engagement républicain"),
            "patronage": ("article 238 bis", "25 %", "reçu fiscal"),
            "sponsorship": ("n’ouvre droit à aucun reçu fiscal",),
            "loan": ("formé et autorisé", "attestations d’assurance", "état des lieux"),
            "training": ("D. 6353-1", "certificat de réalisation", "demi-journée", "programme"),
        }
        for code, words in wanted.items():
            kind = self.env.ref(f"fabloch_partnership.convention_type_{code}")
            text = self._text(self._ready(type_id=kind.id))
            for word in words:
                self.assertIn(word, text, code)

    def test_legal_figures_follow_the_parameters(self):
        self.env["fabloch.legal.parameter"].create(
            {
                "code": "gift_company_counterpart_share",
                "name": "Share",
                "value": "10",
                "date_from": "2025-06-01",
                "source": "test",
            }
        )
        text = self._text(self._ready(type_id=self.type_patronage.id))
        self.assertIn("10 %", text)
        self.assertNotIn("25 %", text)

    def test_parties_with_their_legal_identity(self):
        self.town.legal_form = "commune"
        text = self._text(self._ready())
        self.assertIn("Fablab d'Essai, association régie par la loi du 1er juillet 1901, dont le siège est situé", text)
        self.assertIn("RNA W561234567", text)
        self.assertIn("Ville d'Auray, commune, dont le siège est situé 1 rue du Test, 56400 Auray", text)
        self.assertIn("SIRET 21560007500014", text)
        self.assertIn("ayant pour représentant Claire Masson, en qualité de maire", text)
        self.assertIn("ayant pour représentant Nolwenn Kerbrat, en qualité de présidente", text)

    def test_schedules_are_tables_to_the_cent(self):
        convention = self._ready(
            type_id=self.type_patronage.id,
            instalment_ids=[
                (0, 0, {"name": "Premier", "date": "2026-02-01", "amount": 1000.1, "kind": "donation"}),
                (0, 0, {"name": "Second", "date": "2026-08-15", "amount": 234.56, "kind": "donation"}),
            ],
            commitment_ids=[
                (0, 0, {"side": "us", "name": "Logo sur le site", "value": 80}),
                (0, 0, {"side": "partner", "name": "Deux journées d'un ingénieur", "date_due": "2026-05-01"}),
            ],
        )
        text = self._text(convention)
        self.assertIn("Total 1 234,66 €", text)
        self.assertIn("1er février 2026 Premier 1 000,10 €", text)
        self.assertIn("Deux journées d'un ingénieur 1er mai 2026", text)
        self.assertIn("qu’elle évalue au total à 80,00 €", text)

    def test_tacit_renewal_and_duration_follow_the_convention(self):
        convention = self._ready(tacit_renewal=True, renewal_months=12, notice_months=2, renewal_limit=3)
        text = self._text(convention)
        self.assertIn("pour une durée de 1 an", text)
        self.assertIn("périodes de 12 mois, dans la limite de 3 fois", text)
        self.assertIn("au moins 2 mois avant le terme", text)
        convention.tacit_renewal = False
        self.assertIn("n’est pas reconduite tacitement", self._text(convention))

    def test_text_is_copied_and_then_its_own(self):
        convention = self._ready()
        model = self.type_partnership.article_ids.filtered(lambda each: each.name == "Différends")
        own = convention.article_ids.filtered(lambda each: each.name == "Différends")
        model.body = "<p>Autre chose</p>"
        self.assertNotIn("Autre chose", own.body)
        own.body = "<p>Rien que pour nous</p>"
        self.assertIn("Autre chose", model.body)
        convention.action_take_text()
        self.assertIn("Autre chose", self._text(convention))

    def test_new_type_brings_its_text_unless_somebody_worked_on_it(self):
        convention, worked_on = self._ready(), self._ready()
        worked_on.article_ids[0].body = "<p>À nous</p>"
        (convention | worked_on).type_id = self.type_patronage
        self.assertIn("238 bis", self._text(convention))
        self.assertIn("À nous", self._text(worked_on))

    def test_amendment_has_a_short_text_of_its_own(self):
        convention = self._ready()
        amendment = self._ready(amended_id=convention.id, title="Un an de plus")
        self.assertEqual(len(amendment.article_ids), 4)
        text = self._text(amendment)
        self.assertIn(f"Avenant n° 1 à la convention {convention.name}", text)
        self.assertIn(f"la convention n° {convention.name}", text)
        self.assertEqual(amendment._document_blanks(), ["Article 2 – Ce qui change"])

    def test_unknown_field_is_refused_with_the_names_that_exist(self):
        article = self._ready().article_ids[0]
        for wrong in ("{partner}", "{montant", "montant}", "{{objet}}", "{ objet }", "{objet.name}", "{0}", "{}"):
            with self.subTest(wrong), self.assertRaises(ValidationError) as caught:
                article.body = f"<p>Pour {wrong}.</p>"
            self.assertIn("{echeancier}", str(caught.exception))
        with self.assertRaisesRegex(ValidationError, "alone in its paragraph"):
            article.body = "<p>Voici {echeancier}</p>"

    def test_nothing_in_a_text_or_a_value_is_evaluated(self):
        convention = self._ready(title="<script>alert(1)</script>${7*7}{montant}")
        self.town.name = "<img src=x onerror=alert(2)>"
        article = convention.article_ids.filtered("numbered")[0]
        article.body = '<p>{objet}</p><t t-out="env.cr"/><p><a href="javascript:alert(3)">x</a></p>'
        body = str(self.env["ir.qweb"]._render("fabloch_partnership.convention_document", {"convention": convention}))
        self.assertNotIn("<script>", body)
        self.assertNotIn("<img src=x", body)
        self.assertNotIn("t-out", body)
        self.assertNotIn("javascript:", body)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;${7*7}{montant}", body)

    def test_text_is_fixed_once_it_is_sent(self):
        convention = self._ready()
        convention.sudo().state = "in_signature"
        article = convention.article_ids[0]
        for change in (
            lambda: article.write({"body": "<p>x</p>"}),
            lambda: article.sudo().write({"name": "x"}),
            article.unlink,
            lambda: article.copy(),
            lambda: self.env["fabloch.convention.article"].create(
                {"convention_id": convention.id, "name": "x", "body": "<p>x</p>"}
            ),
            convention.action_take_text,
        ):
            with self.assertRaisesRegex(UserError, "fixed"):
                change()

    def test_article_does_not_move_into_a_fixed_text(self):
        convention, other = self._ready(), self._ready()
        convention.sudo().state = "in_signature"
        with self.assertRaisesRegex(UserError, "fixed"):
            other.article_ids[0].convention_id = convention

    def test_pdf_has_the_parties_the_articles_and_the_blocks_to_sign(self):
        convention = self._ready()
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, kind = report._render_qweb_pdf("fabloch_partnership.action_report_convention", convention.ids)
        self.assertEqual(kind, "pdf")
        reader = PdfFileReader(io.BytesIO(pdf))
        text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        for words in ("Convention de partenariat", "Ville d'Auray", "Article 1", "Claire Masson", "Fait à Auray"):
            self.assertIn(words, text)
        self.assertAlmostEqual(float(reader.pages[0].mediabox[2]) / 72 * 25.4, 210, delta=1)

    def test_french_whatever_the_language_of_the_reader(self):
        convention = self._ready()
        self.env["res.lang"]._activate_lang("fr_FR")
        fingerprints = {convention.with_context(lang=lang)._document_fingerprint() for lang in ("en_US", "fr_FR")}
        self.assertEqual(len(fingerprints), 1)
        self.assertIn("Entre les soussignés", self._text(convention.with_context(lang="en_US")))

    def test_cost_does_not_grow_with_the_text(self):
        convention = self._ready()
        convention._document_articles()
        self.env["fabloch.convention.article"].create(
            [
                {"convention_id": convention.id, "name": f"Article {number}", "body": "<p>{objet} {montant}</p>"}
                for number in range(50)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            convention._document_articles()

    def test_board_reads_and_managers_alone_write_the_models(self):
        board = self._user("board", "fabloch_finance.group_finance_board")
        model = self.type_partnership.article_ids[0]
        self.assertTrue(model.with_user(board).name)
        for user, allowed in ((board, False), (self.officer, False), (self.manager, True)):
            self.assertEqual(model.with_user(user).has_access("write"), allowed)


@tagged("post_install", "-at_install")
class TestPlaceholders(PartnershipCase):
    def test_examples(self):
        self.assertFalse(doctest.testmod(placeholders).failed)

    @settings(max_examples=150, deadline=None)
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40), st.sampled_from(sorted(PLACEHOLDERS)))
    def test_value_comes_out_as_it_was_and_makes_no_markup(self, value, name):
        filled = placeholders.fill(f"<p>a<b>{{{name}}}</b></p>", {name: value})
        root = html.fragment_fromstring(str(filled), create_parent="div")
        self.assertEqual([each.tag for each in root.iter()], ["div", "p", "b"])
        seen = (root.find("p/b").text or "").replace("\xa0", " ")
        self.assertEqual(seen, value.replace("\xa0", " "))

    @settings(max_examples=150, deadline=None)
    @given(st.text("{}ab_objet <>&", max_size=30))
    def test_what_is_accepted_is_filled_in_without_a_brace(self, text):
        source = f"<p>{text.replace('<', '&lt;')}</p>"
        if not placeholders.unknown(source, {"objet"}):
            filled = placeholders.fill(source, {"objet": "X"})
            self.assertNotIn("{", filled)
            self.assertNotIn("}", filled)
