from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestLegalParameter(TransactionCase):
    """What the law sets: the value of the day asked for, or an error that tells where to write it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Parameter = cls.env["fabloch.legal.parameter"]
        cls.Parameter.create(
            [
                {"code": "test_rate", "name": "Rate", "value": value, "date_from": date_from, "source": "Test"}
                for value, date_from in (("10", "2020-01-01"), ("12.5", "2025-01-01"))
            ]
        )

    def test_value_is_the_one_in_force_on_the_day(self):
        for day, expected in (
            ("2020-01-01", 10.0),
            ("2024-12-31", 10.0),
            ("2025-01-01", 12.5),
            (date(2030, 6, 1), 12.5),
        ):
            self.assertEqual(self.Parameter._get("test_rate", day), expected, day)

    def test_without_date_means_today(self):
        self.assertEqual(self.Parameter._get("test_rate"), 12.5)

    def test_missing_value_says_code_date_and_place(self):
        for code, day in (("test_rate", "2019-12-31"), ("test_nothing", "2025-06-01")):
            with self.assertRaises(UserError) as caught:
                self.Parameter._get(code, day)
            message = str(caught.exception)
            self.assertIn(code, message)
            self.assertIn(day[:4], message)
            self.assertIn("Legal parameters", message)

    def test_value_has_its_type(self):
        self.Parameter.create(
            [
                {
                    "code": "test_day",
                    "name": "D",
                    "value_type": "date",
                    "value": "2026-09-01",
                    "date_from": "2020-01-01",
                    "source": "T",
                },
                {
                    "code": "test_words",
                    "name": "W",
                    "value_type": "text",
                    "value": "TVA",
                    "date_from": "2020-01-01",
                    "source": "T",
                },
            ]
        )
        self.assertEqual(self.Parameter._get("test_day"), date(2026, 9, 1))
        self.assertEqual(self.Parameter._get("test_words"), "TVA")
        self.assertIsInstance(self.Parameter._get("test_rate"), float)

    def test_value_that_does_not_fit_its_kind_is_refused(self):
        for value_type, value in (("number", "12,5"), ("number", "nan"), ("date", "1 September 2026")):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.Parameter.create(
                    {
                        "code": "test_bad",
                        "name": "B",
                        "value_type": value_type,
                        "value": value,
                        "date_from": "2020-01-01",
                        "source": "T",
                    }
                )

    @mute_logger("odoo.sql_db")
    def test_one_value_by_code_and_date(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Parameter.create(
                {"code": "test_rate", "name": "Rate", "value": "1", "date_from": "2025-01-01", "source": "Test"}
            )

    def test_warm_value_costs_no_query(self):
        self.Parameter._get("test_rate", "2025-06-01")
        with self.assertQueryCount(0):
            self.assertEqual(self.Parameter._get("test_rate", "2022-06-01"), 10.0)
            self.assertEqual(self.Parameter._get("test_rate", "2026-06-01"), 12.5)

    def test_change_is_seen_at_once(self):
        latest = self.Parameter.search([("code", "=", "test_rate")], order="date_from desc", limit=1)
        self.assertEqual(self.Parameter._get("test_rate", "2026-01-01"), 12.5)
        latest.value = "13"
        self.assertEqual(self.Parameter._get("test_rate", "2026-01-01"), 13.0)
        latest.copy({"date_from": "2026-01-01", "value": "14"})
        self.assertEqual(self.Parameter._get("test_rate", "2026-01-01"), 14.0)
        latest.unlink()
        self.assertEqual(self.Parameter._get("test_rate", "2025-06-01"), 10.0)

    def test_end_date_is_the_eve_of_the_next_value(self):
        first, last = self.Parameter.search([("code", "=", "test_rate")], order="date_from")
        self.assertEqual((first.date_to, first.in_force), (date(2024, 12, 31), False))
        self.assertEqual((last.date_to, last.in_force), (False, True))
        in_force = self.Parameter.search([("code", "=", "test_rate"), ("in_force", "=", True)])
        not_in_force = self.Parameter.search([("code", "=", "test_rate"), ("in_force", "=", False)])
        self.assertEqual((in_force, not_in_force), (last, first))

    def test_each_group_does_what_its_row_says(self):
        board = new_test_user(self.env, "legal_board", groups="fabloch_finance.group_finance_board")
        staff = new_test_user(self.env, "legal_staff", groups="fabloch_finance.group_finance_user")
        accountant = new_test_user(self.env, "legal_accountant", groups="fabloch_finance.group_finance_manager")
        portal = new_test_user(self.env, "legal_portal", groups="base.group_portal")
        parameter = self.Parameter.search([("code", "=", "test_rate")], limit=1)
        for user in (board, staff):
            self.assertTrue(parameter.with_user(user).name)
            with self.assertRaises(AccessError):
                parameter.with_user(user).value = "1"
        parameter.with_user(accountant).value = "15"
        self.assertEqual(self.Parameter.with_user(portal)._get("test_rate"), 15.0)
        with self.assertRaises(AccessError):
            parameter.with_user(portal).read(["value"])

    def test_mention_of_each_vat_regime_by_date(self):
        company = self.env["res.company"].create({"name": "Test of the mentions"})
        for regime, day, expected in (
            ("subject", "2026-01-01", ""),
            ("franchise", "2026-08-31", "TVA non applicable, art. 293 B du CGI"),
            ("franchise", "2026-09-01", "TVA non applicable, article L. 223-3 du CIBS"),
        ):
            company.fabloch_vat_regime = regime
            self.assertEqual(company._fabloch_vat_mention(day), expected)
        company.fabloch_vat_regime = "association"
        for day in ("2025-01-01", "2026-10-01"):
            self.assertIn("261-7-1°", company._fabloch_vat_mention(day))

    def test_delivered_values_are_those_of_the_law(self):
        for code, day, expected in (
            ("lucrative_threshold", "2023-06-01", 76679),
            ("lucrative_threshold", "2024-06-01", 78596),
            ("lucrative_threshold", "2025-01-01", 80011),
            ("gift_individual_rate", "2026-01-01", 66),
            ("gift_company_rate", "2026-01-01", 60),
            ("gift_company_rate_reduced", "2026-01-01", 40),
            ("gift_individual_counterpart_cap", "2026-01-01", 73),
            ("grant_convention_threshold", "2026-01-01", 23000),
            ("late_payment_indemnity", "2026-01-01", 40),
            ("einvoice_issue_from", "2026-01-01", date(2027, 9, 1)),
        ):
            self.assertEqual(self.Parameter._get(code, day), expected, code)

    def test_every_delivered_value_says_where_it_comes_from(self):
        delivered = self.env["ir.model.data"].search(
            [("module", "=", "fabloch_finance"), ("model", "=", "fabloch.legal.parameter")]
        )
        parameters = self.Parameter.browse(delivered.mapped("res_id"))
        self.assertGreater(len(parameters), 40)
        self.assertTrue(all(parameters.mapped("source")))
        self.assertTrue(all(delivered.mapped("noupdate")))

    def test_rna_is_w_and_nine_characters(self):
        company = self.env["res.company"].create({"name": "Test of the RNA", "rna": "W561234567"})
        with self.assertRaises(ValidationError):
            company.rna = "561234567"
