"""An issued receipt stays as it is: for the ORM, for calls from outside, for the database's own administrator."""

import psycopg2
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.fabloch_partnership.receipt_text import amount_words, luhn_sum, siren_of

from .receipt_case import ReceiptCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestReceiptGuard(ReceiptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receipt = cls.Receipt._issue(cls._gift())
        cls.env.flush_all()
        # As a commit would do, so that the tables are at rest.
        cls.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cls.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        cls.admin = cls.env.ref("base.user_admin")

    def _refused_by_sql(self, query, *params):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(psycopg2.IntegrityError, "never edited|without gap"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(query, params)
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _vals_of(self, receipt):
        """All that a receipt states, for a forged one."""
        left_out = {"id", "pdf", "sha256", "signature", "line_ids", "replacement_ids"}
        names = [
            name
            for name, field in receipt._fields.items()
            if field.store
            and name not in left_out
            and not name.startswith(("message", "activity", "create_", "write_"))
        ]
        return {name: receipt._fields[name].convert_to_write(receipt[name], receipt) for name in names}

    def test_orm_refuses_everybody(self):
        for receipt in (self.receipt, self.receipt.sudo(), self.receipt.with_user(self.manager)):
            for vals in (
                {"amount": 1},
                {"donor_name": "x"},
                {"name": "x"},
                {"date": "2026-01-01"},
                {"kind": "company"},
            ):
                with self.assertRaisesRegex(UserError, "never edited and never deleted"):
                    receipt.write(vals)
            for act in (receipt.unlink, receipt.line_ids.unlink, lambda r=receipt: r.line_ids.write({"amount": 1})):
                with self.assertRaisesRegex(UserError, "never edited and never deleted"):
                    act()
            with self.assertRaisesRegex(UserError, "can't be copied"):
                receipt.copy()
        with self.assertRaisesRegex(UserError, "never edited"):
            self.receipt.with_user(self.manager).write({"state": "cancelled"})
        with self.assertRaisesRegex(UserError, "issued from gifts"):
            self.Receipt.create({"name": "2026-00002"})

    def test_pdf_is_set_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.receipt.sudo().write({"pdf": b"QUJD", "sha256": "x"})
        unprinted = self.Receipt._issue(self._gift(), render=False)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            unprinted.sudo().write({"pdf": b"QUJD", "sha256": "not its hash"})

    def test_calls_from_outside_are_refused(self):
        for user in (self.admin, self.officer, self.manager):
            model = self.env["fabloch.tax.receipt"].with_user(user)
            for method, args in (
                ("write", [self.receipt.ids, {"amount": 1}]),
                ("unlink", [self.receipt.ids]),
                ("create", [[{"name": "2026-00009"}]]),
                ("web_save", [self.receipt.ids, {"donor_name": "x"}, {"donor_name": {}}]),
                ("copy", [self.receipt.ids]),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():  # AccessError is one
                    call_kw(model, method, args, {})
            for method in ("_issue", "_create_issued", "_print_missing"):
                with self.assertRaises(AccessError):
                    call_kw(model, method, [self.receipt.ids], {})
            with self.assertRaises(AccessError):
                call_kw(self.env["fabloch.tax.receipt.counter"].with_user(user), "search_read", [[]], {})

    def test_sql_refuses_everybody(self):
        receipt_id = self.receipt.id
        for query in (
            "UPDATE fabloch_tax_receipt SET amount = 1, amount_cash = 1 WHERE id = %s",
            "UPDATE fabloch_tax_receipt SET donor_name = 'x' WHERE id = %s",
            "UPDATE fabloch_tax_receipt SET pdf = NULL, sha256 = NULL WHERE id = %s",
            "UPDATE fabloch_tax_receipt SET sha256 = 'x' WHERE id = %s",
            "UPDATE fabloch_tax_receipt SET cancel_reason = 'x' WHERE id = %s",
            "UPDATE fabloch_tax_receipt SET state = 'cancelled', cancel_reason = 'x', cancelled_on = now(),"
            " amount_words = 'x' WHERE id = %s",
            "DELETE FROM fabloch_tax_receipt WHERE id = %s",
            "UPDATE fabloch_tax_receipt_line SET amount = 1 WHERE receipt_id = %s",
            "UPDATE fabloch_tax_receipt_line SET live = FALSE WHERE receipt_id = %s",
            "DELETE FROM fabloch_tax_receipt_line WHERE receipt_id = %s",
        ):
            self._refused_by_sql(query, receipt_id)
        for query in (
            "TRUNCATE fabloch_tax_receipt CASCADE",
            "TRUNCATE fabloch_tax_receipt_line",
            "DELETE FROM fabloch_tax_receipt_counter",
            "UPDATE fabloch_tax_receipt_counter SET last = 0",
            "UPDATE fabloch_tax_receipt_counter SET last = last + 1",
            "UPDATE fabloch_tax_receipt_counter SET year = 2030",
            "INSERT INTO fabloch_tax_receipt_counter (company_id, year, last, last_date)"
            " SELECT company_id, 2031, 1, now() FROM fabloch_tax_receipt_counter",
        ):
            self._refused_by_sql(query)

    def test_replication_role_does_not_pass_by(self):
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute("SET LOCAL session_replication_role = replica")
            self._refused_by_sql("DELETE FROM fabloch_tax_receipt WHERE id = %s", self.receipt.id)
            self.env.cr.execute("SET LOCAL session_replication_role = DEFAULT")

    def test_cancelled_is_cancelled_for_good(self):
        self.receipt.action_cancel("wrong")
        self.env.flush_all()
        for query in (
            "UPDATE fabloch_tax_receipt SET state = 'live' WHERE id = %s",
            "UPDATE fabloch_tax_receipt SET cancel_reason = 'other' WHERE id = %s",
            "UPDATE fabloch_tax_receipt_line SET live = TRUE WHERE receipt_id = %s",
        ):
            self._refused_by_sql(query, self.receipt.id)

    def test_nothing_pulls_a_receipt_away(self):
        for record in (self.donor, self.receipt.line_ids.donation_id):
            with self.assertRaises(Exception) as caught, mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                record.sudo().unlink()
            self.assertIsInstance(caught.exception, UserError | psycopg2.IntegrityError)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.env.cr.execute("DELETE FROM fabloch_donation WHERE id = %s", [self.receipt.line_ids.donation_id.id])

    def test_a_donor_with_receipts_is_the_one_that_stays(self):
        other = self.env["res.partner"].create({"name": "Mona"})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaisesRegex(UserError, "tax receipts"):
            wizard._merge((self.donor | other).ids, other)
        wizard._merge((self.donor | other).ids, self.donor)
        self.assertEqual(self.receipt.partner_id, self.donor)

    def test_no_gap_is_the_database_s_own_rule(self):
        self.Receipt._issue(self._gift() + self._gift(self.patron), render=False)
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        vals = {**self._vals_of(self.receipt), "name": "2026-00099", "sequence_number": 99}
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.Receipt.sudo().with_context(fabloch_issue=True).create(vals)
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_hash_tells_an_altered_pdf(self):
        self.assertTrue(self.receipt._is_intact())
        self.assertEqual(self.receipt.action_verify()["params"]["type"], "success")
        self.env.cr.execute("ALTER TABLE fabloch_tax_receipt DISABLE TRIGGER fabloch_tax_receipt_kept")
        self.env.cr.execute("UPDATE fabloch_tax_receipt SET pdf = 'QUJD' WHERE id = %s", [self.receipt.id])
        self.env.cr.execute("ALTER TABLE fabloch_tax_receipt ENABLE ALWAYS TRIGGER fabloch_tax_receipt_kept")
        self.env.invalidate_all()
        self.assertFalse(self.receipt._is_intact())
        self.assertEqual(self.receipt.action_verify()["params"]["type"], "danger")
        with self.assertRaisesRegex(UserError, "SHA-256 differs"):
            self.receipt._checked_pdf()

    def test_a_gift_is_on_one_live_receipt(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.patch(type(self.Receipt), "_refusals", lambda *args, **kwargs: {})
            self.Receipt._issue(self.receipt.line_ids.donation_id, render=False)

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, 999_999_99))
    def test_words_say_the_amount(self, cents):
        words = amount_words(cents / 100)
        self.assertEqual("centime" in words, bool(cents % 100))
        self.assertRegex(words, r"^[a-zé' -]+ (d')?euros?( et [a-zé -]+ centimes?)?$|^[a-zé -]+ d'euros")

    @settings(max_examples=200, deadline=None)
    @given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.integers(0, 8), st.integers(1, 9))
    def test_a_wrong_digit_is_no_siren(self, digits, position, shift):
        right = next(digits + str(key) for key in range(10) if luhn_sum(digits + str(key)) % 10 == 0)
        self.assertEqual(siren_of(right), right)
        wrong = right[:position] + str((int(right[position]) + shift) % 10) + right[position + 1 :]
        self.assertIsNone(siren_of(wrong))
