"""Volunteer hours: entered, valued by the rate of their day, posted once in class 8, locked while they are posted."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from tests.common import rights_of

from .ledger import LedgerCase

MANAGER = "fabloch_finance.group_finance_manager"
DESK = "fabloch_finance.group_finance_user"
BOARD = "fabloch_finance.group_finance_board"


class VolunteerCase(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10"))
        cls.Hours = cls.env["fabloch.volunteer.hours"]
        cls.Posting = cls.env["fabloch.volunteer.posting"]
        cls.Rate = cls.env["fabloch.volunteer.rate"]
        cls.reception = cls.env.ref("fabloch_finance.volunteer_kind_reception")
        cls.training = cls.env.ref("fabloch_finance.volunteer_kind_training")
        cls.anna, cls.yann = cls.env["res.partner"].create([{"name": "Anna Le Goff"}, {"name": "Yann Kerdoncuff"}])
        cls._rate(12.0)

    @classmethod
    def _rate(cls, value, date_from="2025-01-01", kind=None, company=None):
        return cls.Rate.create(
            {
                "hourly_rate": value,
                "date_from": date_from,
                "kind_id": kind and kind.id,
                "source": "Test",
                "company_id": (company or cls.company).id,
            }
        )

    @classmethod
    def _give(cls, hours=2.0, day="2026-02-03", partner=None, kind=None, **vals):
        return cls.Hours.create(
            {
                "partner_id": (partner or cls.anna).id,
                "kind_id": (kind or cls.reception).id,
                "date": day,
                "hours": hours,
                **vals,
            }
        )

    def _post(self, date_from="2026-01-01", date_to="2026-02-28"):
        posting = self.Posting.create({"date_from": date_from, "date_to": date_to})
        posting.action_post()
        return posting


@tagged("post_install", "-at_install")
class TestVolunteerHours(VolunteerCase):
    def test_the_rate_of_the_day_and_of_the_kind_values_them(self):
        self._rate(13.5, "2026-02-01")
        self._rate(20.0, "2026-02-03", kind=self.training)
        lines = [
            self._give(2, "2026-01-31"),
            self._give(2, "2026-02-01"),
            self._give(2, "2026-02-02", kind=self.training),
            self._give(2, "2026-02-03", kind=self.training),
            self._give(2, "2024-12-31"),
        ]
        self.assertEqual([line.value for line in lines], [24.0, 27.0, 27.0, 40.0, 0.0])

    def test_a_new_rate_values_again_what_is_not_posted(self):
        posted = self._give(2)
        self._post()
        line = self._give(2)
        self.assertEqual((posted.value, line.value), (24.0, 24.0))
        rate = self._rate(15.0, "2026-02-01")
        self.assertEqual((posted.value, line.value), (24.0, 30.0))
        rate.hourly_rate = 16.0
        self.assertEqual((posted.value, line.value), (24.0, 32.0))
        rate.unlink()
        self.assertEqual((posted.value, line.value), (24.0, 24.0))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(hours=st.integers(1, 2400), rate=st.integers(1, 99_999))
    def test_the_value_is_exact_to_the_cent(self, hours, rate):
        with self.env.cr.savepoint() as savepoint:
            self._rate(rate / 100, "2026-02-03")
            line = self._give(hours / 100)
            self.env.flush_all()
            self.env.invalidate_all()
            expected = (Decimal(hours) * rate / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)
            self.assertEqual(Decimal(str(line.value)), expected.normalize() if expected else expected)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)

    def test_a_day_has_24_hours(self):
        self._give(20)
        self._give(4)
        with self.assertRaisesRegex(ValidationError, "more than 24 hours"):
            self._give(0.01)
        self._give(24, partner=self.yann)
        self._give(24, day="2026-02-04")
        for hours in (0, -1, 24.5):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                with self.env.cr.savepoint():
                    self._give(hours, day="2026-02-05")
                    self.env.flush_all()

    def test_hours_to_come_and_bodies_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "still to come"):
            self._give(day="2026-03-11")
        with self.assertRaisesRegex(ValidationError, "volunteers are people"):
            self._give(partner=self.env["res.partner"].create({"name": "Chantier", "is_company": True}))

    def test_the_next_line_goes_on_with_the_same_kind(self):
        self._give(kind=self.training)
        self.assertEqual(self.Hours.default_get(["kind_id"])["kind_id"], self.training.id)

    def test_many_lines_cost_as_much_as_few(self):
        def cost(count, day):
            vals_list = [
                {"partner_id": partner.id, "kind_id": self.reception.id, "date": day, "hours": 1}
                for partner in self.env["res.partner"].create([{"name": f"P{number}"} for number in range(count)])
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Hours.create(vals_list)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2, "2026-02-10")
        self.assertEqual(cost(50, "2026-02-11"), cost(5, "2026-02-12"))


@tagged("post_install", "-at_install")
class TestVolunteerPosting(VolunteerCase):
    def test_a_period_is_posted_in_one_action_split_by_kind(self):
        lines = self._give(2) | self._give(1.5, "2026-01-01", self.yann) | self._give(1, kind=self.training)
        later, older = self._give(day="2026-03-01"), self._give(day="2025-12-31")
        posting = self.Posting.create({"date_from": "2026-01-01", "date_to": "2026-02-28"})
        self.assertEqual((posting.line_count, posting.hours, posting.value), (3, 4.5, 54.0))
        posting.action_post()
        self.assertEqual((posting.state, posting.hours_ids, posting.hours, posting.value), ("posted", lines, 4.5, 54.0))
        self.assertFalse((later | older).posting_id)
        move = posting.move_id
        self.assertEqual((move.state, str(move.date), move.journal_id.type), ("posted", "2026-02-28", "general"))
        rows = [(line.account_id.code, line.balance, line.name) for line in move.line_ids.sorted("id")]
        self.assertEqual(
            rows,
            [
                ("864000", 42.0, "Reception: 3.50 h"),
                ("875000", -42.0, "Reception: 3.50 h"),
                ("864000", 12.0, "Training given: 1.00 h"),
                ("875000", -12.0, "Training given: 1.00 h"),
            ],
        )

    def test_the_time_sheet_is_the_evidence(self):
        self._give(1.25, note="Welcome evening")
        self._give(2, "2026-01-01", self.yann)
        posting = self._post()
        sheet = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", posting.move_id.id)]
        )
        self.assertEqual(len(sheet), 1)
        text = self.env["ir.actions.report"]._render_qweb_html("fabloch_finance.report_volunteer_sheet", posting.ids)[0]
        text = text.decode()
        for words in ("Anna Le Goff", "Welcome evening", "1.25", "15.00", "Yann Kerdoncuff", "24.00", "39.00"):
            self.assertIn(words, text)
        self.assertIn(posting.move_id.name, text)
        self.assertEqual(text.count("Signature of the volunteer"), 2)

    def test_posted_hours_are_locked(self):
        line = self._give()
        self._post()
        for vals in ({"hours": 3}, {"date": "2026-02-04"}, {"partner_id": self.yann.id}, {"note": "x"}):
            with self.assertRaisesRegex(UserError, "cancel that posting"):
                line.write(vals)
        with self.assertRaisesRegex(UserError, "cancel that posting"):
            line.unlink()

    def test_the_same_hours_are_never_posted_twice(self):
        self._give()
        posting = self._post()
        with self.assertRaisesRegex(UserError, "No hours are left"):
            self._post()
        with self.assertRaisesRegex(UserError, "posted already"):
            posting.action_post()
        self._give(1)
        self.assertEqual(self._post().value, 12.0)

    def test_cancelling_reverses_the_entry_and_frees_the_hours(self):
        line = self._give()
        posting = self._post()
        posting.action_cancel()
        self.assertEqual(posting.state, "cancelled")
        self.assertFalse(line.posting_id)
        items = self.env["account.move.line"].search(
            [("account_id.code", "in", ("864000", "875000")), ("company_id", "=", self.company.id)]
        )
        self.assertEqual((len(items), set(items.mapped("parent_state"))), (4, {"posted"}))
        for account in items.account_id:
            self.assertEqual(sum(items.filtered(lambda item, a=account: item.account_id == a).mapped("balance")), 0)
        self.assertEqual(posting.value, 24.0)
        line.hours = 3
        self.assertEqual(self._post().value, 36.0)
        with self.assertRaisesRegex(UserError, "isn't posted"):
            posting.action_cancel()

    def test_freed_hours_follow_the_rates_again(self):
        line = self._give(2)
        posting = self._post()
        self.Rate.search([("company_id", "=", self.company.id)]).hourly_rate = 15.0
        self.assertEqual(line.value, 24.0)
        posting.action_cancel()
        self.assertEqual((line.hourly_rate, line.value), (15.0, 30.0))
        self.assertEqual(self._post().value, 30.0)
        self.assertEqual(posting.value, 24.0)

    def test_the_entry_is_undone_by_its_posting_only(self):
        self._give()
        posting = self._post()
        move = posting.move_id
        for undo in (move.button_draft, move.button_cancel, lambda: move._reverse_moves(cancel=True)):
            with self.assertRaisesRegex(UserError, "cancel “"):
                undo()
        with self.assertRaisesRegex(UserError, "never deleted"):
            posting.unlink()

    def test_a_posting_stays_in_one_exercise_and_needs_a_rate(self):
        with self.assertRaisesRegex(ValidationError, "one exercise"):
            self.Posting.create({"date_from": "2025-12-01", "date_to": "2026-01-31"})
        self._give(day="2024-05-01")
        posting = self.Posting.create({"date_from": "2024-01-01", "date_to": "2024-12-31"})
        self.assertEqual(posting.unvalued_count, 1)
        with self.assertRaisesRegex(UserError, "No rate values"):
            posting.action_post()

    def test_it_proposes_what_is_left(self):
        self._give(day="2025-05-01")
        period = self.Posting.default_get(["date_from", "date_to"])
        self.assertEqual([str(day) for day in period.values()], ["2025-01-01", "2025-12-31"])
        self._post("2025-01-01", "2025-12-31")
        posting = self.Posting.new({})
        self.assertEqual((str(posting.date_from), str(posting.date_to)), ("2026-01-01", "2026-02-28"))

    def test_a_list_of_postings_tells_what_each_would_take_at_one_cost(self):
        for day, hours in (("2026-01-05", 1.5), ("2026-01-20", 2.25), ("2026-02-03", 3)):
            self._give(hours, day)
        self._give(1, "2024-12-30")  # before the first rate
        other = self._company("Other association of the list")
        self._give(8, "2026-01-06", company_id=other.id)
        periods = [("2026-01-01", "2026-01-31"), ("2026-01-10", "2026-02-28"), ("2024-01-01", "2024-12-31")]
        costs = []
        for count in (1, 10):
            drafts = self.Posting.create([{"date_from": first, "date_to": last} for first, last in periods * count])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            told = drafts.mapped(lambda each: (each.line_count, each.hours, each.value, each.unvalued_count))
            costs.append(self.cr.sql_log_count - before)
            self.assertEqual(told, [(2, 3.75, 45, 0), (2, 5.25, 63, 0), (1, 1, 0, 1)] * count)
        self.assertEqual(*costs)

    def test_it_says_which_account_is_missing(self):
        self._give()
        self.company.gift_volunteering_given_account_id = False
        with self.assertRaisesRegex(UserError, "Volunteering: gift"):
            self._post()

    def test_many_hours_cost_as_much_as_few(self):
        def cost(count, month):
            people = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(count)])
            for partner in people:
                self._give(1, f"2026-{month}-10", partner)
            posting = self.Posting.create({"date_from": f"2026-{month}-01", "date_to": f"2026-{month}-28"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            posting.action_post()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2, "01")
        few = cost(5, "02")
        with freeze_time("2026-12-31"):
            self.assertLessEqual(cost(50, "04"), few + 3)


@tagged("post_install", "-at_install")
class TestVolunteerAccess(VolunteerCase):
    def test_who_may_do_what(self):
        models = {
            "fabloch.volunteer.hours": ("rwcu", "rwcu", "rwcu", "rwcu", ""),
            "fabloch.volunteer.kind": ("r", "r", "r", "rwcu", ""),
            "fabloch.volunteer.rate": ("", "r", "r", "rwcu", ""),
            "fabloch.volunteer.posting": ("", "r", "r", "rwcu", ""),
        }
        groups = ["base.group_user", BOARD, DESK, MANAGER, "base.group_portal"]
        for number, group in enumerate(groups):
            user = self._user(f"volunteer_{number}", group)
            for model, rights in models.items():
                self.assertEqual(rights_of(self.env[model].with_user(user)), rights[number], (model, group))

    def test_each_sees_their_own_and_the_staff_sees_all(self):
        member, board, desk = (
            self._user(f"volunteer_{name}", group)
            for name, group in (("member", "base.group_user"), ("board", BOARD), ("desk", DESK))
        )
        other = self._give()
        mine = self.Hours.with_user(member).create({"kind_id": self.reception.id, "hours": 2, "date": "2026-02-03"})
        self.assertEqual(mine.partner_id, member.partner_id)
        self.assertEqual(mine.sudo().value, 24.0)
        for_another = self.Hours.with_user(member).create(
            {"kind_id": self.reception.id, "hours": 2, "date": "2026-02-03", "partner_id": self.yann.id}
        )
        all_of_it = other | mine.with_env(self.env) | for_another.with_env(self.env)
        self.assertEqual(len(self.Hours.with_user(member).search([])), 2)
        with self.assertRaises(AccessError):
            other.with_user(member).read(["hours"])
        for user in (board, desk):
            self.assertEqual(self.Hours.with_user(user).search([]).with_env(self.env), all_of_it.sorted())
        other.with_user(desk).hours = 3
        with self.assertRaises(AccessError):
            other.with_user(board).hours = 4

    def test_another_company_sees_nothing(self):
        self._give()
        self._post()
        other = self._company("Other association of the test")
        accountant = self._user("volunteer_elsewhere", MANAGER, company=other)
        for model in (self.Hours, self.Posting, self.Rate):
            elsewhere = model.with_user(accountant).with_context(allowed_company_ids=other.ids)
            self.assertFalse(elsewhere.search([]), model)

    def test_nobody_writes_what_the_engine_does(self):
        line = self._give()
        posting = self._post()
        accountant = self._user("volunteer_manager", MANAGER)
        for record, vals in (
            (line, {"posting_id": False}),
            (line, {"value": 1000}),
            (posting, {"state": "draft"}),
            (posting, {"posted_value": 1}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(accountant).write(vals)
        free = self.Hours.with_user(accountant).with_context(default_posting_id=posting.id)
        self.assertFalse(free.create({"kind_id": self.reception.id, "hours": 1, "date": "2026-02-03"}).posting_id)

    def test_the_accountant_posts_and_cancels(self):
        self._give()
        accountant = self._user("volunteer_manager", MANAGER)
        posting = self.Posting.with_user(accountant).create({"date_from": "2026-01-01", "date_to": "2026-02-28"})
        posting.action_post()
        posting.action_cancel()
        self.assertEqual(posting.state, "cancelled")
        board = self._user("volunteer_board", BOARD)
        with self.assertRaises(AccessError):
            posting.with_user(board).action_post()
