"""What is due, when: a view that is never out of date, and activities that are raised once and closed by themselves."""

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command, fields
from odoo.tests import freeze_time, tagged

from .test_instalment import InstalmentCase

DAY = fields.Date.to_date


@tagged("post_install", "-at_install")
class TestDeadline(InstalmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Deadline = cls.env["fabloch.convention.deadline"]
        cls.Reminder = cls.env["fabloch.convention.reminder"]
        cls.company.convention_notice_days = 30

    def _of(self, convention, **vals):
        self.env.invalidate_all()
        return self.Deadline.search(
            [("convention_id", "=", convention.id)] + [(name, "=", value) for name, value in vals.items()]
        )

    def _run(self, day):
        with freeze_time(f"{day} 06:00:00"):
            self.env.invalidate_all()
            self.Reminder._cron_deadlines()

    def test_each_kind_has_its_day(self):
        convention = self._signed(
            ("2026-06-01", 300),
            notice_months=3,
            commitment_ids=[
                Command.create({"name": "A stand", "date_due": "2026-05-01"}),
                Command.create({"name": "Done", "date_due": "2026-05-01", "done_on": "2026-03-01"}),
                Command.create({"name": "Some day"}),
            ],
        )
        self.assertEqual(
            [(deadline.kind, deadline.date, deadline.open) for deadline in self._of(convention)],
            [
                ("commitment", DAY("2026-05-01"), True),
                ("instalment", DAY("2026-06-01"), True),
                ("renewal", DAY("2026-09-30"), True),
                ("end", DAY("2026-12-31"), True),
            ],
        )
        self.assertEqual(convention.next_due_date, DAY("2026-05-01"))
        self.assertEqual(convention.next_due_name, "A stand")
        self.assertEqual(self._of(convention)[0].action_open()["res_id"], convention.id)

    def test_two_workers_who_found_the_same_raise_it_once(self):
        convention = self._signed(
            commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-05-01"})], user_id=self.officer.id
        )
        with freeze_time("2026-05-02 06:00:00"):
            self.env.invalidate_all()
            due = self.Reminder._due()
            self.assertEqual(len(self.Reminder._raise(due)), len(due))
            self.assertFalse(self.Reminder._raise(due))
        self.assertEqual(len(convention.activity_ids.filtered(lambda each: "A stand" in each.summary)), 1)

    def test_what_is_done_paid_or_dropped_is_not_due(self):
        convention = self._signed(
            ("2026-06-01", 300),
            ("2026-11-01", 300),
            commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-05-01"})],
        )
        convention.commitment_ids.done = True
        convention.instalment_ids[0].charge_id.action_waive("x")
        convention.action_terminate("2026-10-01", "x")
        self.assertFalse(self._of(convention, open=True))

    def test_what_is_invoiced_is_late_after_the_invoice_s_own_due_date(self):
        convention = self._signed(("2026-03-05", 300))
        self.assertTrue(self._of(convention, kind="instalment", is_late=True))
        invoice = convention.instalment_ids.charge_id._invoice("2026-03-10").invoice_ids
        invoice.invoice_date_due = "2026-04-10"
        self.assertFalse(self._of(convention, kind="instalment", is_late=True))
        self.assertTrue(self._of(convention, kind="instalment", open=True))
        with freeze_time("2026-04-11"):
            self.assertTrue(self._of(convention, kind="instalment", is_late=True))

    def test_a_negotiation_has_no_deadline(self):
        self.assertFalse(self._of(self._ready(("2026-06-01", 300))))

    def test_an_amendment_s_deadlines_are_the_convention_s(self):
        convention = self._signed()
        amendment = self._write_text(self.Convention.browse(convention.action_amend()["res_id"]))
        amendment.write(
            {"date_end": "2027-03-31", "commitment_ids": [Command.create({"name": "More", "date_due": "2026-08-01"})]}
        )
        amendment.action_send_to_signature()
        amendment.action_sign()
        self.assertEqual(self._of(convention, kind="commitment").name, "More")
        self.assertEqual(self._of(convention, kind="end").date, DAY("2027-03-31"))
        self.assertFalse(self._of(amendment))

    @settings(max_examples=80, deadline=None)
    @given(
        st.dates(DAY("2018-01-01"), DAY("2027-12-31")),
        st.integers(0, 800),
        st.booleans(),
        st.integers(1, 30),
        st.integers(0, 3),
        st.integers(0, 7),
        st.dates(DAY("2018-01-01"), DAY("2034-12-31")),
    )
    def test_the_view_says_the_same_as_the_convention(self, start, length, tacit, months, limit, notice, day):
        convention = self._convention(
            date_start=start,
            date_end=start + relativedelta(days=length),
            tacit_renewal=tacit,
            renewal_months=months,
            renewal_limit=limit,
            notice_months=notice,
        )
        convention.sudo().write({"state": "signed", "signed_on": start})
        with freeze_time(f"{day} 12:00:00"):
            end, notice_row = (
                self._of(convention, kind="end"),
                self._of(convention, kind="notice" if tacit else "renewal"),
            )
            self.assertEqual(end.date, convention.last_day)
            renews = not tacit or not convention.last_day or convention.term_end < convention.last_day
            self.assertEqual(notice_row.date, convention.notice_date if notice and renews else False)

    # -- Activities --------------------------------------------------------------------------------------------

    def test_each_deadline_raises_one_activity_on_its_day(self):
        convention = self._signed(
            ("2026-06-01", 300),
            notice_months=3,
            tacit_renewal=True,
            renewal_months=12,
            user_id=self.officer.id,
            commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-05-01"})],
        )
        expected = []
        for day, words in (
            ("2026-04-30", None),
            ("2026-05-01", "A stand"),
            ("2026-06-01", None),
            ("2026-06-02", "late instalment"),
            ("2026-08-30", None),
            ("2026-08-31", "give notice by"),
        ):
            self._run(day)
            self._run(day)
            if words:
                expected.append(words)
            found = convention.activity_ids.sorted("id").mapped("summary")
            self.assertEqual(len(found), len(expected), (day, found))
            for summary, part in zip(found, expected, strict=True):
                self.assertIn(part, summary)
        self.assertEqual(convention.activity_ids.user_id, self.officer)
        self.assertEqual(max(convention.activity_ids.mapped("date_deadline")), DAY("2026-09-30"))

    def test_the_next_term_has_its_own_notice(self):
        convention = self._signed(notice_months=3, tacit_renewal=True, renewal_months=12)
        self._run("2026-09-20")
        self.assertEqual(len(convention.activity_ids), 1)
        self._run("2026-10-01")
        self.assertFalse(convention.activity_ids, "the notice has passed")
        self._run("2027-09-20")
        self.assertEqual(convention.activity_ids.date_deadline, DAY("2027-09-30"))

    def test_what_is_done_meanwhile_closes_its_activity(self):
        convention = self._signed(
            ("2026-05-01", 300),
            commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-05-01"})],
        )
        self._run("2026-05-02")
        self.assertEqual(len(convention.activity_ids), 2)
        convention.commitment_ids.done = True
        self._run("2026-05-03")
        self.assertIn("late instalment", convention.activity_ids.summary)
        convention.instalment_ids.charge_id.action_waive("x")
        self._run("2026-05-04")
        self.assertFalse(convention.activity_ids)

    def test_an_activity_that_somebody_did_is_not_raised_again(self):
        convention = self._signed(commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-05-01"})])
        self._run("2026-05-02")
        convention.activity_ids.action_feedback()
        self._run("2026-05-03")
        self.assertFalse(convention.activity_ids)

    def test_the_end_is_closed_by_the_renewal(self):
        convention = self._signed(notice_months=0)
        self._run("2026-12-31")
        self.assertIn("ends on", convention.activity_ids.summary)
        following = self._write_text(self.Convention.browse(convention.action_renew()["res_id"]))
        self._run("2027-01-02")
        self.assertTrue(convention.activity_ids)
        following.action_send_to_signature()
        self._run("2027-01-03")
        self.assertFalse(convention.activity_ids)

    def test_old_ends_are_history(self):
        convention = self._signed(date_start="2018-01-01", date_end="2018-12-31", notice_months=0)
        self._run("2026-05-02")
        self.assertFalse(convention.activity_ids)

    def test_without_a_follower_the_settings_one_is_asked(self):
        self.company.convention_user_id = self.manager
        convention = self._signed(
            user_id=False, commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-05-01"})]
        )
        self._run("2026-05-02")
        self.assertEqual(convention.activity_ids.user_id, self.manager)

    # -- Cost --------------------------------------------------------------------------------------------------

    def _queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_the_history_costs_the_cron_nothing(self):
        run = self.Reminder._cron_deadlines
        run()
        before = self._queries(run)
        for _ in range(30):
            self._signed(date_start="2018-01-01", date_end="2018-12-31")
        self.assertLessEqual(self._queries(run), before)

    def test_raising_twenty_costs_little_more_than_one(self):
        def due(count):
            for _ in range(count):
                self._signed(commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-03-01"})])
            return self._queries(self.Reminder._cron_deadlines)

        due(1)
        one, twenty = due(1), due(20)
        self.assertLess(twenty, one + 20, (one, twenty))

    def test_the_list_costs_the_same_for_any_number(self):
        fields_read = ["next_due_date", "next_due_name", "is_late", "status", "amount", "next_step", "charge_count"]
        one = self._signed(("2026-06-01", 300))
        many = self.Convention.union(*[self._signed(("2026-06-01", 300)) for _ in range(20)])
        one.read(fields_read)
        self.assertLessEqual(
            self._queries(lambda: many.read(fields_read)), self._queries(lambda: one.read(fields_read)) + 3
        )
