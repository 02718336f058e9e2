"""Mails about the end of a membership: each once, in the member's language, never to who said no."""

import re
from datetime import date, timedelta

from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from ..common import run_python, scratch_database, spawn
from .common import MembershipCase


@tagged("post_install", "-at_install")
class TestCampaign(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna.email = "anna@example.com"
        cls.membership = cls._running(start=date(2025, 4, 1))  # until 31 March 2026
        cls.Reminder = cls.env["fabloch.membership.reminder"]

    def _remind(self, day):
        """Return the kinds of mails sent to Anna on `day` by the scheduled action."""
        before = self.membership.reminder_ids
        with freeze_time(day), mute_logger("odoo.addons.mail.models.mail_mail"):
            self.env.invalidate_all()
            self._cron()
        self.membership.invalidate_recordset()
        return (self.membership.reminder_ids - before).mapped("kind")

    def _cron(self):
        """The scheduled action, without its commits: the test's own transaction stays whole."""
        today = self.Membership._today()
        for kind, domain in self.Reminder._due_domains(self.company, today).items():
            self.Reminder._send(self.Membership.search(domain), kind)

    def _mails(self):
        return self.env["mail.mail"].search(
            [("model", "=", "fabloch.membership"), ("res_id", "=", self.membership.id)], order="id"
        )

    def test_each_mail_is_sent_once_on_its_day(self):
        days = [date(2026, 2, 20) + timedelta(days=number) for number in range(90)]
        sent = {str(day): kinds for day in days if (kinds := self._remind(day))}
        self.assertEqual(sent, {"2026-03-01": ["before"], "2026-03-31": ["on"], "2026-04-15": ["after"]})
        self.assertEqual(len(self._mails()), 3)

    def test_days_without_server_are_caught_up(self):
        self.assertEqual(self._remind("2026-03-20"), ["before"])
        self.assertEqual(self._remind("2026-04-02"), ["on"])
        self.assertEqual(self._remind("2026-04-25"), ["after"])

    def test_mail_before_the_end_is_never_sent_after_it(self):
        self.assertEqual(self._remind("2026-04-01"), ["on"])

    def test_those_who_left_long_ago_are_left_in_peace(self):
        self.assertEqual(self._remind("2026-07-01"), [])

    def test_renewed_cancelled_unpaid_and_archived_get_nothing(self):
        self.yann.email = "yann@example.com"
        self._membership(self.yann, start=date(2025, 4, 1), confirm=True)
        self.membership._renew()
        self._remind("2026-03-15")
        self.assertFalse(self.Reminder.search([("company_id", "=", self.company.id)]))

    def test_who_said_no_gets_nothing(self):
        self.anna.membership_mail_opt_out = True
        self.assertEqual(self._remind("2026-03-15"), [])

    def test_settings_choose_the_mails(self):
        self.company.write({"membership_remind_before": 7, "membership_remind_on": False, "membership_remind_after": 0})
        days = [date(2026, 3, 10) + timedelta(days=number) for number in range(60)]
        sent = {str(day): kinds for day in days if (kinds := self._remind(day))}
        self.assertEqual(sent, {"2026-03-24": ["before"]})

    def test_mail_is_in_the_member_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["fabloch_membership"], ["fr_FR"])
        self.anna.lang = "fr_FR"
        self._remind("2026-03-15")
        mail = self._mails()
        self.assertIn("Votre adhésion se termine le 31", mail.subject)
        self.assertIn("Bonjour Anna Le Goff", mail.body_html)
        self.assertIn("Ne plus recevoir", mail.body_html)

    def test_mail_carries_the_opt_out_link_of_its_member(self):
        self._remind("2026-03-15")
        self.assertIn(self.membership._opt_out_url(), self._mails().body_html)

    def test_second_mail_of_a_kind_is_refused_by_the_database(self):
        self.assertEqual(self.Reminder._send(self.membership, "before"), self.membership)
        self.assertFalse(self.Reminder._send(self.membership, "before"))
        self.assertEqual(len(self._mails()), 1)

    def test_batch_costs_the_same_number_of_queries_for_1_and_for_50_members(self):
        memberships = self.Membership
        for partner in self._partners(*(f"P{number}" for number in range(51)), email="p@example.com"):
            memberships |= self._membership(partner, start=date(2025, 4, 1), settled_elsewhere=True)
        self.Reminder._send(memberships[:1], "after")
        counts = []
        for batch in (memberships[:1], memberships[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.Reminder._send(batch, "before")
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # Odoo writes its messages one by one: what is ours must not add to that.
        self.assertLess((counts[1] - counts[0]) / 49, 12, counts)


@tagged("post_install", "-at_install")
class TestOptOutPage(HttpCase):
    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Anna Le Goff", "email": "anna@example.com"})
        token = self.env["fabloch.membership"]._opt_out_token(self.partner.id)
        self.path = f"/membership/unsubscribe/{self.partner.id}/{token}"

    def test_get_asks_and_post_stops_the_mails(self):
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("Anna", page.text)
        self.assertFalse(self.partner.membership_mail_opt_out, "mail scanners open links")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        done = self.url_open(self.path, data={"csrf_token": token})
        self.assertEqual(done.status_code, 200)
        self.partner.invalidate_recordset()
        self.assertTrue(self.partner.membership_mail_opt_out)

    @mute_logger("odoo.http")
    def test_post_without_csrf_token_changes_nothing(self):
        self.assertEqual(self.url_open(self.path, data={"x": "1"}).status_code, 400)
        self.assertFalse(self.partner.membership_mail_opt_out)

    def test_token_of_another_contact_or_a_wrong_one_is_refused(self):
        other = self.env["res.partner"].create({"name": "Other"})
        for path in (
            self.path.replace(f"/{self.partner.id}/", f"/{other.id}/"),
            self.path[:-1] + ("0" if self.path[-1] != "0" else "1"),
            "/membership/unsubscribe/999999999/abc",
        ):
            page = self.url_open(path)
            self.assertEqual(page.status_code, 404)
        self.assertFalse(other.membership_mail_opt_out)


PREPARE = """
category = env.ref("fabloch_membership.member_category_particulier")
product = env["product.product"].create({"name": "Fee", "type": "service"})
plan = env["fabloch.membership.plan"].create({"name": "Plan", "product_id": product.id})
from datetime import date, timedelta
for number in range(30):
    partner = env["res.partner"].create({"name": f"P{number}", "email": f"p{number}@example.com"})
    env["fabloch.membership"].create({
        "partner_id": partner.id, "plan_id": plan.id, "settled_elsewhere": True,
        "date_start": date.today() - timedelta(days=300), "date_end": date.today() + timedelta(days=5)})
"""
SEND = """
print("ready", flush=True)
input()
env["fabloch.membership.reminder"]._cron_remind()
"""
COUNT = """
mails = env["mail.mail"].search([("model", "=", "fabloch.membership")])
print(len(mails), len(set(mails.mapped("res_id"))), env["fabloch.membership.reminder"].search_count([]))
"""


@tagged("post_install", "-at_install")
class TestCampaignRace(MembershipCase):
    def test_two_processes_at_once_and_one_more_send_each_mail_once(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            racers = [spawn(SEND, name) for _number in range(2)]
            try:
                for racer in racers:
                    self.assertEqual(racer.stdout.readline().strip(), "ready")
                for racer in racers:
                    racer.stdin.write("go\n")
                    racer.stdin.flush()
                for racer in racers:
                    racer.wait(120)
            finally:
                for racer in racers:
                    racer.kill()
                    racer.communicate()
            run_python(SEND.replace("input()", ""), name)
            self.assertEqual(run_python(COUNT, name), "30 30 30")
