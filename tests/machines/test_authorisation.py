"""Authorisations: granted, ending, lost, withdrawn, renewed, and the mails before."""

from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import MachinesCase


@tagged("post_install", "-at_install")
class TestAuthorisation(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Authorisation = cls.env["fabloch.authorisation"]
        cls.category.write({"requires_authorisation": True, "authorisation_months": 12})
        cls.printing = cls._category(
            "Printing", cls.hour, requires_authorisation=True, authorisation_months=0, authorisation_unused_months=6
        )
        cls.desk = cls._user("desk")

    def _grant(self, start="2026-01-01", partner=None, category=None, **vals):
        return self.Authorisation.create(
            {
                "partner_id": (partner or self.anna).id,
                "category_id": (category or self.category).id,
                "date": start,
                **vals,
            }
        )

    def _found(self, status):
        return self.Authorisation.search([("partner_id", "in", (self.anna | self.yann).ids), ("status", "=", status)])

    def test_status_follows_from_its_dates_and_today(self):
        for start, end, status in (
            ("2026-03-10", False, "valid"),
            ("2026-03-11", False, "upcoming"),
            ("2025-01-01", "2026-03-09", "expired"),
            ("2025-01-01", "2026-03-10", "expiring"),
            ("2025-01-01", "2026-04-09", "expiring"),
            ("2025-01-01", "2026-04-10", "valid"),
        ):
            with self.subTest(start=start, end=end):
                found = self._grant(start, date_end=end)
                if not end:
                    found.date_end = False
                self.assertEqual(found.status, status)
                self.assertIn(found, self._found(status))
                for other in {"valid", "upcoming", "expired", "expiring", "unused", "withdrawn"} - {status}:
                    self.assertNotIn(found, self._found(other))

    def test_records_and_database_say_the_same(self):
        """For any combination of dates, withdrawal, use and successor."""
        combinations = [
            (start, end, category, withdrawn, followed)
            for start in ("2025-01-01", "2025-09-10", "2025-09-11", "2026-03-10", "2026-03-11")
            for end in (False, "2026-03-11", "2026-04-09", "2026-12-31")
            for category in (self.category, self.printing)
            for withdrawn in (False, True)
            for followed in (False, True)
        ]
        people = self._partners(*(f"Person {number}" for number in range(len(combinations))))
        made = self.Authorisation
        for person, (start, end, category, withdrawn, followed) in zip(people, combinations, strict=True):
            found = self._grant(start, person, category)
            found.date_end = end
            if followed:
                self._grant("2026-03-12", person, category)
            if withdrawn:
                found.action_withdraw("Test")
            made |= found
        made.invalidate_recordset()
        statuses = {found: found.status for found in made}
        self.assertEqual(set(statuses.values()), {"valid", "expiring", "upcoming", "unused", "withdrawn"})
        grouped = {}
        for status, records in self.Authorisation._read_group([("id", "in", made.ids)], ["status"], ["id:recordset"]):
            grouped.update(dict.fromkeys(records, status))
        self.assertEqual(grouped, statuses)

    def test_lost_when_unused_and_kept_by_a_booking(self):
        held = self._grant("2025-09-10", category=self.printing)
        self.assertEqual((held.lost_on, held.status), (date(2026, 3, 10), "valid"))
        printer = self._machine("Printer", self.printing)
        self._rate(self.printing, "hour", 60, self.hour)
        late = self._grant("2025-09-09", self.yann, self.printing)
        self.assertEqual(late.status, "unused")
        with self.assertRaisesRegex(UserError, "not used for too long"):
            self._book("14:00", "15:00", printer, self.yann)
        self._book("14:00", "15:00", printer, self.anna)
        held.invalidate_recordset()
        self.assertEqual((held.lost_on, held.status), (date(2026, 9, 10), "valid"))
        self.assertIn(held, self._found("valid"))

    def test_granting_in_one_go_leaves_out_who_has_it(self):
        self._grant("2026-01-01")
        wizard = (
            self.env["fabloch.authorisation.grant"]
            .with_user(self.desk)
            .create(
                {
                    "partner_ids": [fields.Command.set((self.anna | self.yann).ids)],
                    "category_ids": [fields.Command.set((self.category | self.printing).ids)],
                    "note": "Introduction",
                }
            )
        )
        self.assertEqual(wizard.held, "Laser, Anna Le Goff")
        wizard.action_grant()
        made = self.Authorisation.search([("note", "=", "Introduction")])
        self.assertEqual(
            {(found.partner_id, found.category_id) for found in made},
            {(self.anna, self.printing), (self.yann, self.category), (self.yann, self.printing)},
        )
        self.assertEqual(made.granted_by_id, self.desk)
        self.assertEqual(made.filtered(lambda found: found.category_id == self.category).date_end, date(2027, 3, 9))
        with self.assertRaisesRegex(UserError, "authorised already"):
            wizard.action_grant()

    def test_renewing_follows_without_gap_or_from_today(self):
        soon = self._grant("2025-03-21")
        self.assertEqual((soon.date_end, soon.status), (date(2026, 3, 20), "expiring"))
        soon.with_user(self.desk).action_renew()
        following = soon.next_ids
        self.assertEqual((following.date, following.status), (date(2026, 3, 21), "upcoming"))
        self.assertEqual(following.granted_by_id, self.desk)
        self.assertEqual(soon.status, "valid", "nothing to worry about any more")
        with self.assertRaisesRegex(UserError, "renewed already"):
            soon.action_renew()
        self._book("2026-03-20 14:00", "2026-03-20 15:00")
        self._book("2026-03-21 14:00", "2026-03-21 15:00")
        over = self._grant("2024-03-01", self.yann)
        over.action_renew()
        self.assertEqual(over.next_ids.date, date(2026, 3, 10))

    def test_withdrawing_says_why_and_what_is_booked(self):
        held = self._grant()
        booking = self._book("14:00", "15:00")
        wizard = (
            self.env["fabloch.authorisation.withdraw"]
            .with_user(self.desk)
            .create({"authorisation_ids": [fields.Command.set(held.ids)], "reason": "Left it running"})
        )
        self.assertEqual(wizard.booking_ids, booking)
        wizard.action_withdraw()
        self.assertEqual(
            (held.status, held.revoked_on, held.revoked_by_id, held.revoked_reason),
            ("withdrawn", date(2026, 3, 10), self.desk, "Left it running"),
        )
        with self.assertRaisesRegex(UserError, "was withdrawn"):
            self._book("16:00", "17:00")
        with self.assertRaisesRegex(UserError, "was withdrawn on .* already: Left it running"):
            held.action_withdraw("Again")
        with self.assertRaisesRegex(UserError, "withdrawn: grant a new one"):
            held.action_renew()
        with self.assertRaisesRegex(UserError, "Say why"):
            self._grant(partner=self.yann).action_withdraw(" ")

    def test_engine_fields_are_written_by_the_actions_only(self):
        held = self._grant().with_user(self.desk)
        for vals in ({"revoked_on": "2026-01-01"}, {"granted_by_id": self.env.user.id}, {"revoked_reason": "x"}):
            with self.assertRaises(AccessError):
                held.write(vals)
            with self.assertRaises(AccessError):
                held.create({"partner_id": self.yann.id, "category_id": self.category.id, **vals})
        other = held.with_context(default_granted_by_id=self.env.user.id).create(
            {"partner_id": self.yann.id, "category_id": self.category.id}
        )
        self.assertEqual(other.granted_by_id, self.desk)
        with self.assertRaisesRegex(UserError, "stays with its person"):
            held.partner_id = self.yann
        with self.assertRaises(AccessError):
            held.unlink()

    def test_portal_users_read_their_own(self):
        portal = new_test_user(self.env, "outside", groups="base.group_portal")
        own, other = self._grant(partner=portal.partner_id), self._grant()
        self.assertEqual(self.Authorisation.with_user(portal).search([]), own)
        self.assertEqual(own.with_user(portal).status, "valid")
        with self.assertRaises(AccessError):
            other.with_user(portal).read(["date"])
        with self.assertRaises(AccessError):
            own.with_user(portal).date_end = "2030-01-01"
        with self.assertRaises(AccessError):
            own.with_user(portal).action_renew()
        with self.assertRaises(AccessError):
            own.with_user(portal).action_withdraw("x")

    # -- Mails ---------------------------------------------------------------------------------------------------

    def _remind(self):
        Reminder = self.env["fabloch.authorisation.reminder"]
        before = Reminder.search([])
        Reminder._send(Reminder._due())
        return (Reminder.search([]) - before).mapped(lambda sent: (sent.authorisation_id, sent.kind, sent.deadline))

    def test_each_mail_is_sent_once(self):
        self.anna.email = "anna@example.com"
        soon = self._grant("2025-03-21")
        self._grant("2025-05-01", self._partners("Later", email="later@example.com"))
        self._grant("2025-03-21", self.yann)  # no address
        unused = self._grant("2025-09-20", category=self.printing)
        self.assertCountEqual(
            self._remind(),
            [(soon, "expiring", date(2026, 3, 20)), (unused, "unused", date(2026, 3, 20))],
        )
        mails = self.env["mail.mail"].search([("model", "=", "fabloch.authorisation"), ("res_id", "=", soon.id)])
        self.assertIn("Laser", mails.subject)
        self.assertEqual(self._remind(), [])
        soon.date_end = "2026-03-25"
        self.assertEqual(self._remind(), [(soon, "expiring", date(2026, 3, 25))], "another day, another mail")

    def test_who_renewed_or_wants_none_is_left_alone(self):
        self.anna.email = self.yann.email = "people@example.com"
        self._grant("2025-03-21")._renew()
        self.assertEqual(self._remind(), [])
        held = self._grant("2025-03-21", self.yann)
        self.category.authorisation_reminder_days = 0
        self.assertEqual(self._remind(), [])
        self.category.authorisation_reminder_days = 5
        self.assertEqual(self._remind(), [])
        self.category.authorisation_reminder_days = 10
        self.assertEqual(self._remind(), [(held, "expiring", date(2026, 3, 20))])

    def test_a_list_of_statuses_costs_the_same_whatever_its_length(self):
        people = self._partners(*(f"Person {number}" for number in range(60)))
        few, many = people[:3], people
        for person in people:
            self._grant("2025-10-01", person, self.printing)

        def read(partners):
            self.Authorisation.search([("partner_id", "in", partners.ids)]).mapped("status")

        self.assertEqual(self._queries(lambda: read(few)), self._queries(lambda: read(many)))
