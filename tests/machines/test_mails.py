"""Mails about bookings: each once, at the right time, in the person's language, with a calendar file that is right."""

import base64
from datetime import UTC, datetime, timedelta

import vobject

from odoo.tests import tagged

from odoo.addons.fabloch_machines import clock, ics

from .common import MachinesCase


class MailCase(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Mail = cls.env["fabloch.booking.mail"]
        cls.anna.email, cls.yann.email = "anna@example.com", "yann@example.com"
        cls.company.write({"fabloch_booking_reminder": True, "email": "hello@example.com"})
        cls.laser.location = "Ground floor"

    def setUp(self):
        super().setUp()
        # The test's own transaction stays whole.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **options: 600)

    def _cron(self):
        """Run the scheduled action; return the mails that it made, in order."""
        before = self.env["mail.mail"].search([])
        self.Mail._cron_send_mails()
        return (self.env["mail.mail"].search([]) - before).sorted("id")

    def _told(self, *bookings):
        return [(mail.kind, mail.sequence) for booking in bookings for mail in booking.mail_ids.sorted("id")]

    def _file(self, mail):
        [attachment] = mail.attachment_ids
        self.assertTrue(attachment.name.endswith(".ics"))
        return vobject.readOne(base64.b64decode(attachment.datas).decode())

    def _later(self, **delta):
        return clock.at(clock.now() + timedelta(**delta))


@tagged("post_install", "-at_install")
class TestMails(MailCase):
    def test_confirmation_once_with_a_calendar_file(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00", note="Signs")
        [mail] = self._cron()
        self.assertFalse(self._cron())
        self.assertEqual(self._told(booking), [("confirmed", 0)])
        self.assertEqual(mail.recipient_ids, self.anna)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Laser 1", mail.subject)
        for text in ("Tuesday 17 March 2026", "9:00", "12:00", "Ground floor", booking.name, "60.00", "cancel before"):
            self.assertIn(text, mail.body_html)
        calendar = self._file(mail)
        self.assertEqual(calendar.method.value, "PUBLISH")
        event = calendar.vevent
        self.assertEqual(event.dtstart.value, datetime(2026, 3, 17, 8, tzinfo=UTC))
        self.assertEqual(event.dtend.value, datetime(2026, 3, 17, 11, tzinfo=UTC))
        self.assertEqual((event.sequence.value, event.status.value), ("0", "CONFIRMED"))
        self.assertIn("Laser 1", event.summary.value)
        self.assertIn("Ground floor", event.location.value)
        for text in (booking.name, "60.00", "Signs"):
            self.assertIn(text, event.description.value)

    def test_the_hour_is_right_on_both_sides_of_the_change(self):
        self._book("2026-03-28 09:00", "2026-03-28 10:00")
        self._book("2026-03-30 09:00", "2026-03-30 10:00")
        mails = self._cron()
        starts = [self._file(mail).vevent.dtstart.value for mail in mails]
        self.assertEqual(starts, [datetime(2026, 3, 28, 8, tzinfo=UTC), datetime(2026, 3, 30, 7, tzinfo=UTC)])
        for mail in mails:
            self.assertIn("9:00", mail.body_html)

    def test_moved_keeps_the_uid_and_raises_the_sequence(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        first = self._file(self._cron()).vevent
        booking.write({"start": self._at("2026-03-18 10:00"), "stop": self._at("2026-03-18 11:00")})
        [mail] = self._cron()
        self.assertFalse(self._cron())
        self.assertIn("has changed", mail.body_html)
        self.assertIn("Wednesday 18 March 2026", mail.body_html)
        event = self._file(mail).vevent
        self.assertEqual(event.uid.value, first.uid.value)
        self.assertEqual(event.sequence.value, "1")
        self.assertEqual(event.dtstart.value, datetime(2026, 3, 18, 9, tzinfo=UTC))
        booking.write({"start": self._at("2026-03-17 09:00"), "stop": self._at("2026-03-17 12:00")})
        self.assertEqual(self._file(self._cron()).vevent.sequence.value, "2")
        self.assertEqual(self._told(booking), [("confirmed", 0), ("moved", 1), ("moved", 2)])

    def test_moved_before_the_confirmation_was_sent_is_confirmed_as_it_is_now(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        booking.write({"start": self._at("2026-03-18 10:00"), "stop": self._at("2026-03-18 11:00")})
        [mail] = self._cron()
        self.assertIn("Wednesday 18 March 2026", mail.body_html)
        self.assertEqual(self._told(booking), [("confirmed", 0)])

    def test_a_change_that_says_nothing_is_not_told(self):
        booking = self._book("16:00", "17:00")
        self._cron()
        booking.note = "Plywood"
        booking.action_check_in()
        self.assertFalse(self._cron())

    def test_cancelled_with_reason_and_what_is_kept(self):
        booking = self._book("16:00", "17:00")
        self._cron()
        booking.action_cancel("Ill")
        [mail] = self._cron()
        self.assertFalse(self._cron())
        for text in ("is cancelled", "Ill", "10.00", "is kept"):
            self.assertIn(text, mail.body_html)
        calendar = self._file(mail)
        self.assertEqual(calendar.method.value, "CANCEL")
        self.assertEqual((calendar.vevent.sequence.value, calendar.vevent.status.value), ("1", "CANCELLED"))

    def test_cancelled_in_time_costs_nothing_and_gives_prepaid_time_back(self):
        self.env["fabloch.allowance"].create(
            {"name": "Pack", "partner_id": self.anna.id, "quantity": 10, "date_from": "2026-01-01"}
        )
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        [mail] = self._cron()
        self.assertIn("3 h of prepaid time", mail.body_html)
        self.assertIn("Prepaid time left: 7 h", mail.body_html)
        self.assertIn("Prepaid time left: 7 h", self._file(mail).vevent.description.value)
        booking.action_cancel()
        [mail] = self._cron()
        self.assertIn("It costs you nothing.", mail.body_html)
        self.assertIn("3 h of prepaid time has come back to you.", mail.body_html)

    def test_what_was_credited_is_said(self):
        booking = self._book("16:00", "17:00")
        self._cron()
        booking.action_invoice()
        booking.action_cancel()
        [mail] = self._cron()
        for text in ("10.00", "is kept", "is credited"):
            self.assertIn(text, mail.body_html)

    def test_cancelled_before_the_confirmation_was_sent_is_not_confirmed(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        booking.action_cancel()
        [mail] = self._cron()
        self.assertIn("is cancelled", mail.body_html)
        self.assertEqual(self._told(booking), [("cancelled", 0)])

    def test_what_is_over_is_not_mailed_about(self):
        booking = self._book("10:00", "11:00")
        other = self._book("11:00", "12:00")
        with self._later(hours=2):
            [mail] = self._cron()
            self.assertEqual((mail.res_id, self._told(booking)), (other.id, []))
        with self._later(hours=3):
            booking.action_cancel(waive=True)
            self.assertFalse(self._cron())

    def test_a_hold_is_not_mailed_about(self):
        self._book("2026-03-17 09:00", "2026-03-17 12:00", confirm=False)
        self.assertFalse(self._cron())
        with self._later(hours=1):
            self.Booking._cron_expire()
            self.assertFalse(self._cron())

    def test_nobody_without_an_address_is_mailed(self):
        for email in (False, ""):
            self.anna.email = email
            self._book("2026-03-17 09:00", "2026-03-17 12:00").action_cancel()
        self.assertFalse(self._cron())

    def test_the_reminder_leaves_a_day_before_and_once(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        self._cron()
        for start, kinds in (("2026-03-16 08:59", []), ("2026-03-16 09:00", ["reminder"]), ("2026-03-16 09:05", [])):
            with clock.at(self._at(start)):
                before = booking.mail_ids
                mails = self._cron()
                self.assertEqual((booking.mail_ids - before).mapped("kind"), kinds)
                self.assertEqual(len(mails), len(kinds))
                if mails:
                    self.assertIn("Reminder", mails.subject)
                    self.assertFalse(mails.attachment_ids)

    def test_no_reminder_when_it_was_just_booked_or_is_too_near_or_not_wanted(self):
        fresh = self._book("2026-03-11 09:00", "2026-03-11 10:00")
        late = self._book("2026-03-17 09:00", "2026-03-17 10:00")
        self._cron()
        with clock.at(self._at("2026-03-10 10:00")):
            self.assertFalse(self._cron())
        with clock.at(self._at("2026-03-17 07:30")):
            self.assertFalse(self._cron())
        self.company.fabloch_booking_reminder = False
        with clock.at(self._at("2026-03-16 10:00")):
            self.assertFalse(self._cron())
        self.assertEqual(self._told(fresh, late), [("confirmed", 0)] * 2)

    def test_a_booking_that_moves_after_its_reminder_is_reminded_of_again(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        self._cron()
        with clock.at(self._at("2026-03-16 10:00")):
            self._cron()
            booking.write({"start": self._at("2026-03-20 09:00"), "stop": self._at("2026-03-20 12:00")})
            self._cron()
        with clock.at(self._at("2026-03-19 10:00")):
            self._cron()
        self.assertEqual([kind for kind, _n in self._told(booking)], ["confirmed", "reminder", "moved", "reminder"])

    def test_the_offer_to_who_waits(self):
        taken = self._book("14:00", "15:00")
        wait = self.laser._wait_for(self.yann, taken.start, taken.stop)
        self._cron()
        taken.action_cancel()
        mails = self._cron()
        offer = mails.filtered(lambda mail: mail.recipient_ids == self.yann)
        self.assertEqual(offer.res_id, wait.booking_id.id)
        self.assertIn("11:00", offer.body_html)  # two hours from now, by Auray's clock
        self.assertFalse(self._cron())
        wait.booking_id.action_confirm()
        self.assertIn("is confirmed", self._cron().body_html)

    def test_mails_speak_the_persons_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.anna.lang = "fr_FR"
        template = self.env.ref("fabloch_machines.mail_template_booking_confirmed")
        template.with_context(lang="fr_FR").subject = "Réservé : {{ object._local_text() }}"
        self._book("2026-03-17 09:00", "2026-03-17 12:00")
        self._book("2026-03-18 09:00", "2026-03-18 12:00", partner=self.yann)
        french, english = self._cron()
        self.assertIn("Réservé : mar. 17 mars, 09:00", french.subject)
        self.assertIn("mardi 17 mars 2026", french.body_html)
        self.assertIn("Booked", english.subject)
        self.assertIn("Wednesday 18 March 2026", english.body_html)

    def test_a_mail_that_fails_stops_nobody_elses(self):
        bad = self._book("2026-03-17 09:00", "2026-03-17 12:00")
        good = self._book("2026-03-18 09:00", "2026-03-18 12:00", partner=self.yann)
        place_text = type(self.Booking)._place_text

        def fail(booking):
            if booking == bad:
                raise ValueError("no place")
            return place_text(booking)

        self.patch(type(self.Booking), "_place_text", fail)
        with self.assertLogs("odoo.addons.fabloch_machines.models.booking_mail", "ERROR"):
            mails = self._cron()
        self.assertEqual(mails.mapped("res_id"), good.ids)
        self.assertEqual(self._told(bad, good), [("confirmed", 0)])

    def test_confirming_asks_nothing_for_mails(self):
        booking = self._book("2026-03-17 09:00", "2026-03-17 12:00", confirm=False)
        asked = []
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            booking.action_confirm()
            self.env.flush_all()
        asked = [line for line in logs.output if "booking_mail" in line or "mail_mail" in line]
        self.assertFalse(asked)

    def test_finding_what_to_mail_costs_the_same_whatever_there_is(self):
        self._book("2026-03-17 09:00", "2026-03-17 10:00")
        self._cron()
        few = self._queries(self._cron)
        self.Booking.create(
            [self._vals(f"2026-03-{day} 09:00", f"2026-03-{day} 10:00", state="confirmed") for day in range(18, 22)]
        )
        self._cron()
        self.assertEqual(self._queries(self._cron), few)

    def test_the_rows_are_for_the_staff_of_the_company(self):
        self._book("2026-03-17 09:00", "2026-03-17 12:00")
        self._cron()
        self.assertEqual(len(self.Mail.with_user(self._user("desk")).search([])), len(self.Mail.search([])))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._user("stranger")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.Mail.with_user(stranger).search([]))


@tagged("post_install", "-at_install")
class TestSeriesMails(MailCase):
    def _series(self, **vals):
        wizard = self.env["fabloch.booking.repeat"].create(
            {
                **self._vals("2026-03-17 09:00", "2026-03-17 12:00"),
                "unit": "week",
                "end": "count",
                "count": 4,
                **vals,
            }
        )
        wizard.action_preview()
        return self.env["fabloch.booking.series"].browse(wizard.action_create_series()["res_id"])

    def test_one_mail_with_one_file_for_all_dates(self):
        series = self._series()
        [mail] = self._cron()
        self.assertFalse(self._cron())
        self.assertEqual((mail.model, mail.res_id), (series._name, series.id))
        for text in ("Tuesday 17 March 2026", "Tuesday 7 April 2026", "Every Tuesday"):
            self.assertIn(text, mail.body_html)
        events = self._file(mail).vevent_list
        self.assertEqual(
            [event.dtstart.value for event in events],
            [datetime(2026, *day, tzinfo=UTC) for day in ((3, 17, 8), (3, 24, 8), (3, 31, 7), (4, 7, 7))],
        )
        self.assertEqual(len({event.uid.value for event in events}), 4)
        self.assertEqual(self._told(*series.booking_ids), [("confirmed", 0)] * 4)

    def test_one_date_that_moves_is_told_alone_under_its_uid(self):
        series = self._series()
        events = self._file(self._cron()).vevent_list
        booking = series.booking_ids.sorted("start")[1]
        booking.write({"start": self._at("2026-03-25 09:00"), "stop": self._at("2026-03-25 12:00")})
        [mail] = self._cron()
        event = self._file(mail).vevent
        self.assertEqual((event.uid.value, event.sequence.value), (events[1].uid.value, "1"))

    def test_cancelled_together_is_one_mail(self):
        series = self._series()
        first = self._file(self._cron()).vevent_list
        series.action_cancel_ahead("Lens broken")
        [mail] = self._cron()
        self.assertFalse(self._cron())
        self.assertIn("Lens broken", mail.body_html)
        self.assertIn("Tuesday 31 March 2026", mail.body_html)
        calendar = self._file(mail)
        self.assertEqual({event.uid.value for event in calendar.vevent_list}, {event.uid.value for event in first})
        self.assertEqual({event.status.value for event in calendar.vevent_list}, {"CANCELLED"})
        self.assertEqual({event.sequence.value for event in calendar.vevent_list}, {"1"})


@tagged("post_install", "-at_install")
class TestIcs(MailCase):
    def test_what_would_break_a_line_comes_back_as_it_was(self):
        text = "Laser; 3 mm, “plywood”\nsecond line " + "é" * 100
        event = ics.Event("u@x", 3, datetime(2026, 3, 17, 8), datetime(2026, 3, 17, 9), text, text, text)
        written = ics.to_ics([event], datetime(2026, 3, 10), 'The "Lab"', "lab@example.com")
        self.assertTrue(all(len(line.encode()) <= 75 for line in written.split("\r\n")))
        read = vobject.readOne(written).vevent
        self.assertEqual((read.summary.value, read.location.value, read.description.value), (text, text, text))
        self.assertEqual(read.organizer.value, "mailto:lab@example.com")
        self.assertIn("DTSTART:20260317T080000Z", written)
