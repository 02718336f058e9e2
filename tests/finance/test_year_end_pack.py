"""The year-end pack: each figure is the ledger's, nothing is another company's, whoever opens it reads the same."""

import base64
import hashlib
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from tests.common import rights_of

from .ledger import LedgerCase
from .year_end import YearEndMixin

CODES = ["706000", "706100", "708300", "741200", "754200", "755100", "756200", "764000", "607000", "411100"]

entries = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.integers(-999_999, 999_999).filter(bool),
        st.dates(date(2023, 6, 1), date(2026, 8, 31)),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@freeze_time("2026-03-10")
@tagged("post_install", "-at_install")
class TestYearEndPack(YearEndMixin, LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"name": "Association d'Été", "company_registry": "73282932000074"})

    def _story(self):
        self._entry(("706100", 1200.5), ("741200", 800), ("754200", 100), date="2025-02-10")
        self._entry(("706100", 0.1), ("706100", 0.2), date="2025-12-31")
        self._entry(("706100", 1000), ("741200", 1000), date="2024-05-01")
        self._entry(("706100", 77), date="2026-01-01")
        self._entry(("706100", 9999), date="2025-06-01", post=False)
        self._class_8(300, "2025-12-31")

    def _class_8(self, amount, day, post=True):
        accounts = self._accounts()
        move = self.env["account.move"].create(
            {
                "date": day,
                "line_ids": [
                    Command.create({"account_id": accounts["864000"].id, "balance": amount}),
                    Command.create({"account_id": accounts["875000"].id, "balance": -amount}),
                ],
            }
        )
        if post:
            move.action_post()
        return move

    # -- The whole -------------------------------------------------------------------------------------------------

    def test_the_pack_holds_its_documents_and_they_say_the_figures(self):
        self._story()
        calls = []
        run = IrActionsReport._run_wkhtmltopdf

        def counted(report, bodies, *args, **kwargs):
            calls.append(len(bodies))
            return run(report, bodies, *args, **kwargs)

        with patch.object(IrActionsReport, "_run_wkhtmltopdf", counted):
            kept = self._pack()._make()
        self.assertEqual(kept.name, "year-end-2025-association-d-ete.zip")
        files = self._opened(kept)
        finance = [name for name in files if name[:2] in ("00", "01", "02", "03", "73")]
        self.assertEqual(
            finance,
            [
                "00-contents.pdf",
                "01-revenue-by-stream.pdf",
                "01-revenue-by-stream.xlsx",
                "02-voluntary-contributions.pdf",
                "02-voluntary-contributions.xlsx",
                "03-thresholds.pdf",
                "03-thresholds.xlsx",
                "732829320FEC20251231.txt",
            ],
        )
        self.assertEqual(kept.document_count, len(files))
        self.assertEqual(len(calls), 2, "one call of the renderer for the documents, one for the contents")
        revenue = self._pdf_text(files["01-revenue-by-stream.pdf"])
        for words in ("Association d'Été", "1,200.80", "2,100.80", "2,000.00", "from 01/01/2025", "61.9 %"):
            self.assertIn(words, revenue)
        self.assertIn("300.00", self._pdf_text(files["02-voluntary-contributions.pdf"]))
        contents = self._pdf_text(files["00-contents.pdf"]).replace(" ", "")
        for name, content in files.items():
            if not name.startswith("00"):
                self.assertIn(name, contents)
                self.assertIn(hashlib.sha256(content).hexdigest(), contents)
        self.assertIn("Stillindraft:1", contents)
        self.assertIn(self.env.user.name.replace(" ", ""), contents)
        content = base64.b64decode(kept.content)
        self.assertEqual((kept.sha256, kept.size), (hashlib.sha256(content).hexdigest(), len(content)))

    def test_excel_has_the_ledgers_figures_as_numbers(self):
        self._story()
        pack = self._in_its_company(self._pack())
        files = {file.name: file.content for file in pack._files([self._document(pack, "01")])}
        sheets = self._sheets(files["01-revenue-by-stream.xlsx"])
        self.assertEqual(list(sheets), ["By stream", "Self-financing", "Control", "By account", "By month", "Items"])
        total = sheets["By stream"][-1]
        self.assertEqual(total[:4], ("All revenue", 2100.8, 2000, 100.8))
        self.assertAlmostEqual(total[4], 0.0504)
        self.assertEqual(sheets["By account"][-1][3:5], (2100.8, 2000))
        self.assertEqual(sheets["By month"][-1][1:], (0, 2100.5, *[0] * 9, 0.3, 2100.8))
        self.assertEqual(sum(round(row[-1] * 100) for row in sheets["Items"][1:]), 210_080)
        self.assertEqual(sheets["Control"][1:], [(*row,) for row in self._control_rows(2100.8, 2000)])
        rate = sheets["Self-financing"][-1]
        self.assertAlmostEqual(rate[1], 1300.8 / 2100.8)
        self.assertEqual(rate[2], 0.5)

    def _control_rows(self, amount, before):
        return [
            ("Class of income in the ledger", amount, before),
            ("Sum of the streams", amount, before),
            ("Difference", 0, 0),
        ]

    def _document(self, pack, name):
        return next(document for document in pack._documents() if document.name.startswith(name))

    def test_the_same_data_give_the_same_files(self):
        self._story()
        first, second = (self._opened(self._pack()._make()) for _number in range(2))
        self.assertEqual(list(first), list(second))
        for name, content in first.items():
            if not name.startswith("00"):
                self.assertEqual(content, second[name], name)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows=entries, calendar=st.booleans())
    def test_every_sum_is_the_ledgers(self, rows, calendar):
        with self.env.cr.savepoint(flush=True) as savepoint:
            self.company.write({"fiscalyear_last_month": "12" if calendar else "8", "fiscalyear_last_day": 31})
            for code, cents, day, post in rows:
                self._entry((code, cents / 100), date=day, post=post)
            pack = self._pack("2025" if calendar else "2024-2025")
            bounds = [("2025-01-01", "2025-12-31"), ("2024-01-01", "2024-12-31")]
            if not calendar:
                bounds = [("2024-09-01", "2025-08-31"), ("2023-09-01", "2024-08-31")]
            expected = [self._income(*dates) for dates in bounds]
            by_stream = self._table(pack, "01", "By stream")
            self.assertEqual(by_stream[-1][1:3], expected)
            self.assertEqual(self._table(pack, "01", "By account")[-1][3:5], expected)
            by_month = self._table(pack, "01", "By month")[-1]
            self.assertEqual((len(by_month), by_month[-1]), (14, expected[0]))
            items = self._table(pack, "01", "Items")
            self.assertEqual(round(sum(row[-1] for row in items), 2), expected[0])
            subtotals = [row for row in by_stream if row[0].startswith("Total:")]
            for number in (1, 2):
                self.assertEqual(round(sum(row[number] for row in subtotals), 2), expected[number - 1])
            self.assertEqual(self._table(pack, "01", "Control")[-1][1:], [0, 0])
            debit, credit, _count = self._fec_figures(pack)
            self.assertEqual(debit, credit)
            savepoint.rollback()
        self.env.invalidate_all()

    def _income(self, first, last):
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT COALESCE(SUM(credit - debit), 0) FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id AND move.state = 'posted'
              JOIN account_account account ON account.id = item.account_id
             WHERE item.company_id = %s AND item.date BETWEEN %s AND %s
               AND account.code_store->>%s LIKE '7%%'
            """,
            [self.company.id, first, last, str(self.company.id)],
        )
        return float(self.env.cr.fetchone()[0])

    # -- The FEC ---------------------------------------------------------------------------------------------------

    def _fec_figures(self, pack):
        pack = self._in_its_company(pack)
        return pack._fec_sums(pack._fec().content)

    def test_fec_has_the_posted_items_and_locks_nothing(self):
        self._story()
        pack = self._pack()
        fec = self._in_its_company(pack)._fec().content.decode()
        lines = [line.split("|") for line in fec.splitlines()[1:]]
        of_year = [line for line in lines if line[0] != "OUV"]
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT count(*), SUM(debit) FROM account_move_line
             WHERE company_id = %s AND parent_state = 'posted' AND balance != 0
               AND date BETWEEN '2025-01-01' AND '2025-12-31'
            """,
            [self.company.id],
        )
        count, debit = self.env.cr.fetchone()
        self.assertEqual((len(of_year), count), (9, 9))
        self.assertEqual(round(sum(float(line[11].replace(",", ".")) for line in of_year), 2), float(debit))
        self.assertNotIn("9999,00", fec, "a draft is no entry")
        debit, credit, count = self._fec_figures(pack)
        self.assertEqual((debit, count), (credit, len(lines)))
        self.assertFalse(self.company.fiscalyear_lock_date)

    def test_fec_takes_a_label_with_any_character(self):
        """A line feed of a word processor, or of another alphabet, pasted in a label ends no line of the file."""
        entry = self._entry(("706100", 12), date="2025-02-10")
        entry.line_ids.name = 'Planche\x0b\u2028de "chêne"\x85|\x1c brut'
        debit, credit, count = self._fec_figures(self._pack())
        self.assertEqual((debit, credit, count), (12, 12, 2))

    def test_fec_does_not_open_with_the_contributions_of_the_years_before(self):
        """Class 8 begins each exercise at nothing, as the income statement at whose foot it stands."""
        self._class_8(500, "2024-12-31")
        self._class_8(300, "2025-12-31")
        self._entry(("706100", 40), date="2024-05-01")
        pack = self._in_its_company(self._pack())
        lines = [line.split("|") for line in pack._fec().content.decode().splitlines()[1:]]
        class_8 = [(line[4], *(float(line[n].replace(",", ".")) for n in (11, 12))) for line in lines if line[4] > "8"]
        self.assertEqual([line for line in class_8 if line[0] < "9"], [("864000", 300, 0), ("875000", 0, 300)])
        self.assertEqual([line[4] for line in lines if line[0] == "OUV"], ["471000", "999999"])
        self.assertEqual(pack._fec_sums(pack._fec().content)[:2], (340, 340))

    def test_siren_comes_from_the_vat_number_too(self):
        self.company.write({"company_registry": False, "vat": "FR44732829320"})
        self.assertEqual(self._in_its_company(self._pack())._siren(), "732829320")

    def test_without_siren_the_pack_is_made_without_fec_and_says_so(self):
        self.company.write({"company_registry": "123456789", "vat": False})
        pack = self._pack()
        self.assertFalse(self._checks(pack)["siren"].passed)
        files = self._opened(pack._make())
        self.assertFalse([name for name in files if "FEC" in name])
        contents = self._pdf_text(files["00-contents.pdf"])
        self.assertIn("Not in this pack", contents.title().replace("In This", "in this").replace("Pack", "pack"))
        self.assertIn("the pack has no FEC", contents)

    # -- Exercises, companies, people ------------------------------------------------------------------------------

    def test_the_screen_has_a_title(self):
        self.assertEqual(self.env["fabloch.year.end.pack"].create({}).display_name[:13], "Year-end pack")

    def test_exercises_are_those_of_the_ledger_and_the_last_full_one_is_proposed(self):
        names = [name for name, _label in self.env["fabloch.year.end.pack"]._selection_fiscal_year()]
        self.assertEqual(names, ["2026", "2025"])
        self._entry(("706100", 10), date="2023-05-05")
        Pack = self.env["fabloch.year.end.pack"]
        self.assertEqual([name for name, _label in Pack._selection_fiscal_year()], ["2026", "2025", "2024", "2023"])
        self.assertEqual(Pack.create({}).fiscal_year, "2025")
        self.company.write({"fiscalyear_last_month": "8", "fiscalyear_last_day": 31})
        pack = Pack.create({})
        self.assertEqual(
            (pack.fiscal_year, pack.date_from, pack.date_to), ("2024-2025", date(2024, 9, 1), date(2025, 8, 31))
        )
        self.assertEqual(pack._year_before().name, "2023-2024")

    def test_nothing_is_another_companys(self):
        self._story()
        before = self._in_its_company(self._pack())
        files = {file.name: file.content for file in before._files(self._made(before))}
        other = self._company("Another association", company_registry="356000000")
        self._entry(("706100", 5000), ("741200", 4000), date="2025-03-03", company=other)
        after = self._in_its_company(self._pack())
        for file in after._files(self._made(after)):
            self.assertEqual(file.content, files[file.name], file.name)
        kept = self._pack()._make()
        manager = self._user("other accountant", "fabloch_finance.group_finance_manager", other)
        of_other = self.env(user=manager, context={"allowed_company_ids": other.ids})
        foreign = of_other["fabloch.year.end.pack"].create({"fiscal_year": "2025"})
        foreign.sudo().company_id = self.company
        self.assertFalse(of_other["fabloch.year.end.file"].search([]) & kept)
        with self.assertRaises(AccessError):
            foreign._make()

    def _made(self, pack):
        return [document for document in pack._documents() if type(document).__name__ != "PackOmission"]

    def test_a_branch_counts_in_the_pack_of_its_company(self):
        self._story()
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids += branch
        accounts = self._accounts()
        self.env["account.move"].with_company(branch).with_context(allowed_company_ids=branch.ids).create(
            {
                "journal_id": self.env["account.journal"]
                .search([("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1)
                .id,
                "company_id": branch.id,
                "date": "2025-04-04",
                "line_ids": [
                    Command.create({"account_id": accounts["706100"].id, "balance": -50}),
                    Command.create({"account_id": accounts["471000"].id, "balance": 50}),
                ],
            }
        ).action_post()
        pack = self._pack()
        self.assertEqual(self._table(pack, "01", "By stream")[-1][1], 2150.8)
        self.assertEqual(self._table(pack, "01", "By account")[-1][3], 2150.8)
        self.assertIn("000050,00", self._in_its_company(pack)._fec().content.decode())

    def test_only_the_accountant_makes_and_reads_packs(self):
        kept = self._pack()._make()
        accountant = self._user("accountant of packs", "fabloch_finance.group_finance_manager")
        self.assertEqual(rights_of(kept.with_user(accountant)), "r")
        made = self._pack(user=accountant)._make()
        self.assertEqual((made.create_uid, made.env.su), (accountant, False))
        self.assertTrue(made.with_user(accountant).content)
        for group in ("fabloch_finance.group_finance_user", "fabloch_finance.group_finance_board", "base.group_user"):
            user = self._user(f"no {group}", group)
            self.assertEqual(rights_of(kept.with_user(user)), "", group)
            for model in ("fabloch.year.end.pack", "fabloch.year.end.check"):
                self.assertEqual(rights_of(self.env[model].with_user(user)), "", group)
            with self.assertRaises(AccessError):
                self.env["fabloch.year.end.pack"].browse(self._pack().id).with_user(user)._make()

    # -- Checks ----------------------------------------------------------------------------------------------------

    def test_all_is_in_order_once_everything_is_done(self):
        self._entry(("706100", 100), date="2025-02-10")
        self.company.fiscalyear_lock_date = "2025-12-31"
        pack = self._pack()
        open_points = [check for check in self._checks(pack).values() if not check.passed]
        self.assertFalse(open_points)
        self.assertEqual((pack.warning_count, pack._make().warning_count), (0, 0))

    def test_each_check_finds_what_it_looks_for(self):
        partner = self.env["res.partner"].create({"name": "Anna"})
        product = self.env["product.product"].create({"name": "Laser", "type": "service"})
        draft = self._entry(("706100", 100), date="2025-12-31", post=False)
        self._entry(("706100", 100), date="2026-01-01", post=False)
        class_8 = self._class_8(10, "2025-03-01", post=False)
        charge = self.env["fabloch.charge"].create(
            {"partner_id": partner.id, "product_id": product.id, "price_unit": 5, "date": "2025-12-31"}
        )
        account = self._accounts()["706100"].copy({"code": "799999"})
        account.account_type = "income"
        self.env["account.move"].create(
            {
                "date": "2025-05-05",
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": -12}),
                    Command.create({"account_id": self._accounts()["471000"].id, "balance": 12}),
                ],
            }
        ).action_post()
        self.Stream.search([("account_prefixes", "like", "79")]).account_prefixes = "71, 72, 78"
        pack = self._pack()
        checks = self._checks(pack)
        found = {code: self.env[check.model].search(check.domain) for code, check in checks.items() if check.model}
        self.assertEqual(found["draft_entries"], draft | class_8)
        self.assertEqual(found["class_8_draft"], class_8.line_ids)
        self.assertEqual(found["charges"], charge)
        self.assertEqual(found["without_stream"], account)
        self.assertIn("799999", checks["without_stream"].result)
        for code in ("draft_entries", "class_8_draft", "charges", "without_stream", "locked"):
            self.assertFalse(checks[code].passed, code)
        for code in ("over", "control", "class_8_equal", "siren"):
            self.assertTrue(checks[code].passed, code)
        self.assertFalse(self._checks(self._pack("2026"))["over"].passed)
        line = pack.check_ids.filtered(lambda check: check.code == "charges")
        action = line.action_open()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), charge)
        charge.write({"waived": True, "waived_reason": "Test"})
        pack.action_check()
        self.assertEqual(pack.check_ids.filtered(lambda check: check.code == "charges").state, "passed")

    def test_class_8_says_when_its_sides_differ(self):
        self._class_8(300, "2025-12-31")
        self._class_8(100, "2024-12-31")
        pack = self._pack()
        self.assertEqual(
            [row[2:] for row in self._table(pack, "02", "Uses of contributions")], [[300, 0, 300, 100]] * 2
        )
        self.assertEqual(
            [row[2:] for row in self._table(pack, "02", "Sources of contributions")], [[0, 300, 300, 100]] * 2
        )
        self.assertEqual(self._table(pack, "02", "Control")[-1][1:], [0, 0])
        self.assertTrue(self._checks(pack)["class_8_equal"].passed)
        # The ORM keeps an entry in balance; a ledger that was taken over may not be.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET credit = 290, balance = -290 WHERE credit = 300 AND company_id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._table(pack, "02", "Control")[-1][1:], [10, 0])
        self.assertFalse(self._checks(pack)["class_8_equal"].passed)

    # -- Cost ------------------------------------------------------------------------------------------------------

    def test_fifty_entries_cost_the_queries_of_five(self):
        pack = self._in_its_company(self._pack())

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            pack._files(self._made(pack))
            pack._checks()
            return self.env.cr.sql_log_count - before

        def entries(count):
            for number in range(count):
                self._entry(("706100", 10 + number), ("741200", 5), date=date(2024 + number % 2, 1 + number % 12, 3))

        entries(5)
        queries()
        few = queries()
        entries(45)
        self.assertEqual(queries(), few)


@tagged("post_install", "-at_install")
class TestYearEndTour(YearEndMixin, HttpCase):
    def test_the_accountant_makes_a_pack_from_the_screen(self):
        company = self.env.company
        company.write({"company_registry": "73282932000074"})
        self.env["res.users"].create(
            {
                "name": "Yann Tour",
                "login": "yann_tour",
                "password": "yann_tour",
                "group_ids": [Command.set([self.env.ref("fabloch_finance.group_finance_manager").id])],
            }
        )
        self.start_tour("/odoo", "fabloch_finance_year_end_pack", login="yann_tour")
        kept = self.env["fabloch.year.end.file"].search([("company_id", "=", company.id)], limit=1)
        self.assertEqual(kept.create_uid.login, "yann_tour")
        self.assertTrue(self._opened(kept))
