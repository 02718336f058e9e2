from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .ledger import LedgerCase

EXPECTED_STREAMS = {
    "756100": "membership",
    "756200": "membership",
    "706100": "machine",
    "708300": "workshop",
    "706200": "training",
    "706000": "service",
    "706400": "service",
    "708800": "service",
    "707000": "sale",
    "709700": "sale",
    "709600": "service",
    "706300": "sponsorship",
    "754110": "giving",
    "754200": "giving",
    "753000": "contribution",
    "755100": "contribution",
    "730000": "public",
    "741200": "public",
    "747000": "public",
    "752000": "other",
    "764000": "other",
    "778000": "other",
    "713550": "technical",
    "789400": "technical",
}


@tagged("post_install", "-at_install")
class TestRevenueStream(LedgerCase):
    """Each income account belongs to one stream at most: by hand, else by the longest prefix."""

    def _stream(self, code):
        return self.env.ref(f"fabloch_finance.revenue_stream_{code}")

    def test_delivered_streams_take_the_accounts_of_the_association_chart(self):
        accounts = self._accounts()
        streams = {code: accounts[code].fabloch_effective_stream_id.code for code in EXPECTED_STREAMS}
        self.assertEqual(streams, EXPECTED_STREAMS)

    def test_no_income_account_of_the_association_chart_is_left_out(self):
        mapping = self.Stream._stream_by_account(self.company)
        income = {account.id for account in self._accounts().values() if account.internal_group == "income"}
        self.assertEqual(set(mapping), income)
        self.assertTrue(all(mapping.values()))

    def test_numbers_that_mean_something_else_for_companies_are_other_income(self):
        accounts = self._accounts(self._company("Company of the test", chart="fr"))
        for code in ("753000", "754000", "755100", "755500"):
            self.assertEqual(accounts[code].fabloch_effective_stream_id.code, "other", code)

    def test_longest_prefix_wins(self):
        stream = self.Stream.create({"name": "Laser", "code": "test_laser", "account_prefixes": "70610"})
        self.assertEqual(self._accounts()["706100"].fabloch_effective_stream_id, stream)

    def test_archived_stream_takes_nothing(self):
        self.env.ref("fabloch_finance.revenue_stream_machine").active = False
        self.assertEqual(self._accounts()["706100"].fabloch_effective_stream_id.code, "service")

    def test_account_set_by_hand_goes_before_prefixes(self):
        account = self._accounts()["706100"]
        account.fabloch_revenue_stream_id = self._stream("workshop")
        self.assertEqual(account.fabloch_effective_stream_id, self._stream("workshop"))
        account.fabloch_revenue_stream_id = False
        self.assertEqual(account.fabloch_effective_stream_id, self._stream("machine"))

    def test_stream_of_a_company_goes_before_the_common_one_and_touches_no_other(self):
        other = self._company("Other association of the test")
        own = self.Stream.create(
            {"name": "Ours", "code": "test_ours", "account_prefixes": "7061", "company_id": self.company.id}
        )
        self.assertEqual(self._accounts()["706100"].fabloch_effective_stream_id, own)
        self.assertEqual(self._accounts(other)["706100"].fabloch_effective_stream_id, self._stream("machine"))

    def test_other_account_types_have_no_stream(self):
        for code in ("875000", "607000", "411100"):
            self.assertFalse(self._accounts()[code].fabloch_effective_stream_id)

    def test_one_prefix_in_two_streams_is_refused(self):
        with self.assertRaises(ValidationError) as caught:
            self.Stream.create({"name": "Twin", "code": "test_twin", "account_prefixes": "7999, 756"})
        self.assertIn("756", str(caught.exception))

    def test_prefix_that_is_no_code_is_refused(self):
        with self.assertRaises(ValidationError):
            self.Stream.create({"name": "Wild", "code": "test_wild", "account_prefixes": "70%"})

    @mute_logger("odoo.sql_db")
    def test_code_is_unique(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Stream.create({"name": "Again", "code": "membership"})

    def test_stream_chosen_by_hand_is_not_deleted(self):
        self._accounts()["764000"].fabloch_revenue_stream_id = self._stream("sponsorship")
        with self.assertRaises(UserError):
            self._stream("sponsorship").unlink()
        self._accounts()["764000"].fabloch_revenue_stream_id = False
        self._stream("sponsorship").unlink()
        self.assertEqual(self._accounts()["706300"].fabloch_effective_stream_id.code, "service")

    def test_copy_takes_no_prefix(self):
        copy = self._stream("membership").copy()
        self.assertFalse(copy.account_prefixes)
        self.assertNotEqual(copy.code, "membership")

    def test_own_and_private_are_self_financing_unless_told_otherwise(self):
        ticked = set(self.Stream.search([("self_financing", "=", True)]).mapped("kind"))
        self.assertEqual(ticked, {"own", "private"})
        stream = self._stream("giving")
        stream.self_financing = False
        stream.sequence += 1
        self.assertFalse(stream.self_financing)

    def test_rate_is_self_financing_revenue_over_all_revenue(self):
        self._entry(("756200", 1000.0), ("706100", 500.0), ("754200", 300.0), ("741200", 1200.0))
        self._entry(("706100", -100.0), ("764000", 100.0), date="2026-06-30")
        self._entry(("756200", 77.0), date="2025-12-31")
        self._entry(("756200", 88.0), date="2026-05-05", post=False)
        figures = self.Stream._self_financing("2026-01-01", "2026-12-31")
        amounts = {row["code"]: row["amount"] for row in figures["streams"]}
        self.assertEqual(
            amounts, {"membership": 1000.0, "machine": 400.0, "giving": 300.0, "public": 1200.0, "other": 100.0}
        )
        self.assertEqual(figures["revenue"], 3000.0)
        self.assertEqual(figures["self_financing"], 1700.0)
        self.assertAlmostEqual(figures["rate"], 1700 / 3000)

    def test_no_revenue_has_no_rate(self):
        self.assertIsNone(self.Stream._self_financing("2001-01-01", "2001-12-31")["rate"])

    def test_revenue_without_stream_is_told_apart_and_counts(self):
        self._stream("other").account_prefixes = "75, 77"
        self._entry(("764000", 40.0), ("756200", 60.0))
        figures = self.Stream._self_financing("2026-01-01", "2026-12-31")
        self.assertEqual(figures["streams"][-1]["stream_id"], False)
        self.assertEqual(figures["streams"][-1]["amount"], 40.0)
        self.assertAlmostEqual(figures["rate"], 0.6)

    def test_self_financing_costs_one_query(self):
        self._entry(("756200", 10.0))
        self.Stream._self_financing("2026-01-01", "2026-12-31")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.Stream._self_financing("2026-01-01", "2026-12-31")

    def test_board_reads_the_figures_without_accounting_rights(self):
        self._entry(("756200", 10.0))
        board = self._user("stream_board", "fabloch_finance.group_finance_board")
        self.assertFalse(board.has_group("account.group_account_readonly"))
        self.assertEqual(self.Stream.with_user(board)._self_financing("2026-01-01", "2026-12-31")["revenue"], 10.0)
        with self.assertRaises(AccessError):
            self._stream("giving").with_user(board).self_financing = False

    def test_others_do_not(self):
        for login, groups in (("stream_portal", "base.group_portal"), ("stream_employee", "base.group_user")):
            user = self._user(login, groups)
            with self.assertRaises(AccessError):
                self.Stream.with_user(user)._self_financing("2026-01-01", "2026-12-31")

    def test_accountant_moves_an_account_and_the_figures_follow(self):
        accountant = self._user("stream_accountant", "fabloch_finance.group_finance_manager")
        self._entry(("706100", 10.0))
        self._accounts()["706100"].with_user(accountant).fabloch_revenue_stream_id = self._stream("public")
        figures = self.Stream._self_financing("2026-01-01", "2026-12-31")
        self.assertEqual([row["code"] for row in figures["streams"]], ["public"])
        self.assertEqual(figures["rate"], 0.0)
