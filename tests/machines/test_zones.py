"""Users, machines and companies in time zones of their own; what becomes of waits and holds at the edges."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import NOW, MachinesCase


@tagged("post_install", "-at_install")
class TestZones(MachinesCase):
    def setUp(self):
        super().setUp()
        # The test's own transaction stays whole.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **options: 600)

    def test_somebody_far_away_books_invoices_and_sells_as_on_the_spot(self):
        # 23:30 on the 10th in Auray is the 10th's afternoon in Los Angeles, and the 11th in Auckland.
        self.laser.always_open = True
        pack = self._service("Pack", 100.0, fabloch_pack_hours=2)
        for zone in ("Pacific/Auckland", "America/Los_Angeles"):
            with self.subTest(zone), freeze_time(self._at("2026-03-10 23:30")):
                user = self._user(f"far_{zone[:4]}")
                user.tz = zone
                env = self.env(user=user, context={"tz": zone, "lang": "en_US"})
                [person] = self._partners(f"Person of {zone}")
                env["fabloch.pack.sell"].create(
                    {"partner_id": person.id, "product_id": pack.id, "invoice_now": False}
                ).action_sell()
                # In ten minutes, before the clock strikes twelve where the machine stands.
                start = self._at("2026-03-11 00:30") + timedelta(days=zone.startswith("P"))
                booking = env["fabloch.booking"].create(
                    {
                        "machine_id": self.laser.id,
                        "partner_id": person.id,
                        "start": start,
                        "stop": start + timedelta(hours=1),
                    }
                )
                booking.action_confirm()
                self.assertEqual(booking.prepaid_minutes, 60)
                booking.invalidate_recordset()
                booking.read()
                self.assertEqual(person.with_env(env).prepaid_hours, 1.0)

    def test_pack_sold_shortly_after_midnight_is_valid_on_the_spot(self):
        """Sold at 0:30 in Auray by a user without a zone (UTC: still the day before)."""
        pack = self._service("Pack", 100.0, fabloch_pack_hours=2)
        self.laser.always_open = True
        with freeze_time(self._at("2026-03-11 00:30")):
            env = self.env(context={"tz": False, "lang": "en_US"})
            env["fabloch.pack.sell"].create(
                {"partner_id": self.anna.id, "product_id": pack.id, "invoice_now": False}
            ).action_sell()
            booking = self._book("2026-03-11 01:00", "2026-03-11 02:00")
        self.assertEqual(booking.prepaid_minutes, 60)

    def test_an_hour_that_ended_is_invoiced_by_a_night_in_another_zone(self):
        booking = self._book("2026-03-10 10:00", "2026-03-10 11:00")
        self.assertEqual(str(booking.charge_ids.date), "2026-03-10")
        for zone in ("Pacific/Auckland", "America/Los_Angeles"):
            with self.subTest(zone), freeze_time(self._at("2026-03-10 23:30")), self.env.cr.savepoint() as savepoint:
                booking.with_context(tz=zone).action_invoice()
                invoice = booking.charge_ids.invoice_id
                self.assertEqual(str(invoice.invoice_date), "2026-03-10")
                savepoint.rollback()
                self.env.invalidate_all()

    # -- Holds and offers --------------------------------------------------------------------------------------------

    def test_an_offer_that_ended_can_still_be_confirmed_while_the_period_is_free_and_only_then(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        first = self.laser._wait_for(self.yann, booking.start, booking.stop)
        booking.action_cancel()
        self.assertEqual(first.state, "offered")
        later = first.offered_until + timedelta(minutes=1)
        with freeze_time(later):
            # Somebody else books it: the offer is over, whether a cron has run or not.
            other = self._book("2026-03-12 10:00", "2026-03-12 11:00")
            self.assertEqual(other.state, "confirmed")
            with self.assertRaises(UserError):
                first.action_confirm()
            self.env["fabloch.booking.wait"]._cron_offer()
        self.assertEqual((first.state, first.booking_id.state), ("expired", "cancelled"))
        self.assertFalse(first.booking_id.charge_ids)

    def test_an_offered_booking_given_to_somebody_else_ends_the_offer(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        wait = self.laser._wait_for(self.yann, booking.start, booking.stop)
        booking.action_cancel()
        hold = wait.booking_id
        hold.partner_id = self.anna
        hold.action_confirm()
        self.assertNotEqual(wait.state, "booked", "Yann hasn't booked anything")

    def test_an_offered_booking_that_is_moved_elsewhere_no_longer_answers_the_wait(self):
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        wait = self.laser._wait_for(self.yann, booking.start, booking.stop)
        booking.action_cancel()
        hold = wait.booking_id
        hold.write({"start": hold.start + timedelta(days=1), "stop": hold.stop + timedelta(days=1)})
        hold.action_confirm()
        self.assertEqual(wait.state, "booked")

    def test_a_portal_user_confirms_what_is_offered_to_it_and_nothing_else(self):
        portal = self._user("yann_portal", "base.group_portal", partner_id=self.yann.id)
        booking = self._book("2026-03-12 10:00", "2026-03-12 11:00")
        wait = self.laser._wait_for(self.yann, booking.start, booking.stop)
        booking.action_cancel()
        stranger = self._user("stranger_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            wait.with_user(stranger).action_confirm()
        wait.with_user(portal).action_confirm()
        self.assertEqual((wait.state, wait.booking_id.state, wait.booking_id.amount), ("booked", "confirmed", 20.0))

    def test_an_expired_hold_is_not_cancelled_for_money(self):
        hold = self._book("2026-03-12 10:00", "2026-03-12 11:00", confirm=False)
        with freeze_time(NOW + timedelta(days=3)):
            self.Booking._cron_expire()
            self.assertEqual(hold.state, "cancelled")
            self.env["fabloch.booking.mail"]._cron_send_mails()
        self.assertFalse(hold.charge_ids)
        self.assertFalse(self.env["fabloch.booking.mail"].search([("booking_id", "=", hold.id)]))

    def test_the_clock_of_a_history_stays_in_its_block(self):
        from odoo.addons.fabloch_machines import clock

        before = clock.now()
        try:
            with clock.at(NOW - timedelta(days=9)):
                raise UserError("stop")
        except UserError:
            pass
        self.assertEqual(clock.now(), before)
