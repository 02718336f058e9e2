"""Who represents us where, on any day: mandates, their reminder, the printed list, the affiliation of a network."""

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import PartnershipCase

DAY = fields.Date.to_date


class MandateCase(PartnershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Mandate = cls.env["fabloch.mandate"]
        cls.network, cls.other_network = cls._payers("Réseau", "Autre réseau", is_company=True, is_network=True)
        cls.delegate, cls.other_delegate = cls._payers("Juju", "Maëlle")
        cls.board = cls.env.ref("fabloch_partnership.mandate_body_board")
        cls.bureau = cls.env.ref("fabloch_partnership.mandate_body_bureau")

    @classmethod
    def _mandate(cls, date_from, date_to=False, **vals):
        return cls.Mandate.create(
            {
                "network_id": cls.network.id,
                "partner_id": cls.delegate.id,
                "body_id": cls.board.id,
                "role": "Membre",
                "date_from": date_from,
                "date_to": date_to,
                "user_id": cls.officer.id,
                **vals,
            }
        )

    def _held_on(self, day):
        return self.Mandate.search([("active_on", "=", day), ("network_id", "in", self._networks().ids)])

    def _networks(self):
        return self.network | self.other_network


@tagged("post_install", "-at_install")
class TestMandate(MandateCase):
    def test_who_represents_us_on_a_day(self):
        first = self._mandate("2018-08-25", "2021-08-24")
        second = self._mandate("2021-08-25")
        other = self._mandate("2020-01-01", "2020-12-31", network_id=self.other_network.id)
        for day, held in (
            ("2018-08-24", self.Mandate),
            ("2018-08-25", first),
            ("2020-06-01", first | other),
            ("2021-08-24", first),
            ("2021-08-25", second),
            ("2040-01-01", second),
        ):
            self.assertEqual(self._held_on(day), held.search([("id", "in", held.ids)]), day)
            for mandate in first | second | other:
                self.assertEqual(mandate._is_held_on(DAY(day)), mandate in held, (day, mandate.display_name))

    def test_held_today_is_searched_as_it_is_shown(self):
        mandates = self.Mandate.union(
            self._mandate("2026-01-01", "2026-03-09"),
            self._mandate("2026-03-10", "2026-03-10", body_id=self.bureau.id),
            self._mandate("2026-03-11"),
            self._mandate("2020-01-01", partner_id=self.other_delegate.id),
        )
        with freeze_time("2026-03-10 10:00:00"):
            mandates.invalidate_recordset()
            self.assertEqual(mandates.mapped("is_current"), [False, True, False, True])
            for value in (True, False):
                found = self.Mandate.search([("id", "in", mandates.ids), ("is_current", "=", value)])
                self.assertEqual(found, mandates.filtered(lambda each, v=value: each.is_current == v).sorted())
            after = self.Mandate.search([("id", "in", mandates.ids), ("active_on", ">", "2026-03-10")])
            self.assertEqual(after, (mandates[2] | mandates[3]).sorted())

    def test_nobody_holds_one_role_twice(self):
        self._mandate("2024-01-01", "2026-12-31")
        for dates in (("2026-12-31", False), ("2020-01-01", "2024-01-01"), ("2025-01-01", "2025-02-01")):
            with self.assertRaisesRegex(ValidationError, "Juju holds this role there already"), self.cr.savepoint():
                self._mandate(*dates, role="  MEMBRE ")
        self._mandate("2027-01-01", role="membre")
        self._mandate("2024-01-01", role="Trésorier")
        self._mandate("2024-01-01", body_id=self.bureau.id)
        self._mandate("2024-01-01", partner_id=self.other_delegate.id)

    def test_a_changed_end_is_checked_too(self):
        first = self._mandate("2024-01-01", "2024-12-31")
        self._mandate("2025-01-01")
        with self.assertRaisesRegex(ValidationError, "End that mandate first"), self.cr.savepoint():
            first.date_to = "2025-01-01"

    def test_a_mandate_sits_in_a_network(self):
        with self.assertRaisesRegex(ValidationError, "isn't marked as a network"), self.cr.savepoint():
            self._mandate("2024-01-01", network_id=self.town.id)
        self._mandate("2024-01-01")
        with self.assertRaisesRegex(ValidationError, "stays a network"), self.cr.savepoint():
            self.network.is_network = False
        self.other_network.is_network = False

    def test_held_again_follows_without_gap(self):
        mandate = self._mandate("2024-01-01", "2026-03-31", elected_by="AG", elected_on="2023-12-20")
        action = mandate.with_user(self.officer).action_hold_again()
        following = self.Mandate.browse(action["res_id"])
        self.assertEqual((following.date_from, following.date_to), (DAY("2026-04-01"), False))
        self.assertEqual((following._seat(), following.elected_on), (mandate._seat(), False))
        with self.assertRaisesRegex(ValidationError, "has no end"), self.cr.savepoint():
            following.action_hold_again()
        with self.assertRaisesRegex(ValidationError, "already"), self.cr.savepoint():
            mandate.action_hold_again()

    def test_a_body_is_typed(self):
        with Form(self.Mandate.with_user(self.officer)) as form:
            form.network_id = self.network
            form.partner_id = self.delegate
            name = self.env["fabloch.mandate.body"].with_user(self.officer).name_create("Commission juridique")
            form.body_id = self.env["fabloch.mandate.body"].browse(name[0])
        self.assertEqual(form.record.body_id.name, "Commission juridique")

    def test_access(self):
        mandate = self._mandate("2024-01-01")
        reader = self._user("board reader", "fabloch_finance.group_finance_board")
        self.assertEqual(mandate.with_user(reader).role, "Membre")
        with self.assertRaises(AccessError):
            mandate.with_user(reader).role = "Président"
        employee = self._user("employee", "base.group_user")
        portal = new_test_user(self.env, "portal delegate", groups="base.group_portal")
        for user in (employee, portal):
            with self.assertRaises(AccessError):
                mandate.with_user(user).read(["role"])
        other = self.env["res.company"].create({"name": "Autre association"})
        self.officer.write({"company_ids": [(4, other.id)]})
        elsewhere = self._mandate("2024-01-01", company_id=other.id)
        Mandate = self.Mandate.with_user(self.officer)
        self.assertFalse(Mandate.with_context(allowed_company_ids=self.company.ids).search([("id", "=", elsewhere.id)]))
        self.assertTrue(Mandate.with_context(allowed_company_ids=other.ids).search([("id", "=", elsewhere.id)]))


@tagged("post_install", "-at_install")
class TestMandateReminder(MandateCase):
    def _activities(self, mandate):
        return self.env["mail.activity"].search([("res_model", "=", mandate._name), ("res_id", "in", mandate.ids)])

    def _cron(self, day):
        with freeze_time(f"{day} 08:00:00"), self.enter_registry_test_mode():
            self.env.ref("fabloch_partnership.ir_cron_mandate_remind").method_direct_trigger()
        self.env.invalidate_all()

    def test_once_before_the_end(self):
        self.company.mandate_remind_before = 30
        mandate = self._mandate("2024-01-01", "2026-06-30")
        self._cron("2026-05-30")
        self.assertFalse(self._activities(mandate))
        for day in ("2026-05-31", "2026-06-01", "2026-06-30"):
            self._cron(day)
            activity = self._activities(mandate)
            self.assertEqual(len(activity), 1, day)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.officer, DAY("2026-06-30")))
        activity.action_done()
        self._cron("2026-06-30")
        self.assertFalse(self._activities(mandate))
        mandate.date_to = "2026-12-31"
        self._cron("2026-12-15")
        self.assertEqual(len(self._activities(mandate)), 1, "a new end is reminded of")

    def test_none_when_it_is_no_use(self):
        self.company.mandate_remind_before = 30
        followed = self._mandate("2024-01-01", "2026-06-30")
        self._mandate("2026-07-01")
        over = self._mandate("2024-01-01", "2026-05-31", body_id=self.bureau.id)
        endless = self._mandate("2024-01-01", role="Observateur")
        self._cron("2026-06-10")
        self.assertFalse(self._activities(followed | over | endless))
        self.company.mandate_remind_before = 0
        ending = self._mandate("2024-01-01", "2026-06-20", partner_id=self.other_delegate.id)
        self._cron("2026-06-10")
        self.assertFalse(self._activities(ending))

    def test_whoever_left_is_replaced(self):
        self.company.mandate_remind_before = 30
        self.company.convention_signatory_id = self.manager
        mandate = self._mandate("2024-01-01", "2026-06-30")
        self.officer.active = False
        self._cron("2026-06-10")
        self.assertEqual(self._activities(mandate).user_id, self.manager)

    def test_many_cost_little_more(self):
        with freeze_time("2026-03-10 08:00:00"):
            self.company.mandate_remind_before = 30
            for count in (2, 40):
                mandates = self.Mandate.union(
                    *(
                        self._mandate("2024-01-01", "2026-03-20", role=f"Siège {count}.{number}")
                        for number in range(count)
                    )
                )
                self.env.flush_all()
                before = self.cr.sql_log_count
                mandates._remind()
                self.env.flush_all()
                cost = self.cr.sql_log_count - before
                if count == 2:
                    few = cost
            self.assertLess(cost, few + 25)


@tagged("post_install", "-at_install")
class TestMandateList(MandateCase):
    def test_list_on_a_date(self):
        first = self._mandate("2018-08-25", "2021-08-24")
        self._mandate("2021-08-25")
        wizard = self.env["fabloch.mandate.on"].with_user(self.officer)
        wizard = wizard.create({"date": "2019-01-01", "network_ids": self._networks().ids})
        action = wizard.action_show()
        self.assertEqual(self.Mandate.search(action["domain"]), first)
        wizard.date = "2000-01-01"
        with self.assertRaisesRegex(UserError, "Nobody of ours"), self.cr.savepoint():
            wizard.action_print()

    def test_printed_list(self):
        self.network.network_purpose = "Faire vivre les fablabs"
        mandates = self._mandate("2018-08-25", "2021-08-24") | self._mandate("2021-08-25")
        wizard = self.env["fabloch.mandate.on"].with_user(self.officer)
        wizard = wizard.create({"date": "2019-01-01", "network_ids": self.network.ids})
        action = wizard.action_print()
        report = self.env["ir.actions.report"].with_user(self.officer).with_context(lang="en_US")
        content, _kind = report._render_qweb_html(action["report_name"], mandates[0].ids, data=action["data"])
        text = " ".join(html.fromstring(content).text_content().split())
        for part in ("Réseau", "Faire vivre les fablabs", "Juju", "Membre", "01/01/2019", "08/25/2018", "08/24/2021"):
            self.assertIn(part, text)
        self.assertNotIn("08/25/2021", text)

    def test_affiliation_of_a_network(self):
        kind = self.env.ref("fabloch_partnership.convention_type_network")
        old, running = (
            self._convention(self.network, type_id=kind.id, tacit_renewal=False, date_start=start, date_end=end)
            for start, end in (("2024-01-01", "2024-12-31"), ("2026-01-01", "2026-12-31"))
        )
        other = self._convention(self.network, date_start="2026-01-01", date_end="2030-12-31")
        other.sudo().state = "signed"
        with freeze_time("2026-03-10 08:00:00"):
            network = self.network.with_user(self.officer)
            self.assertFalse(network.affiliation_id)
            (old | running).sudo().write({"state": "signed"})
            network.invalidate_recordset()
            self.assertEqual((network.affiliation_id, network.is_affiliated), (running, True))
            self.assertEqual(network.affiliation_end, DAY("2026-12-31"))
        with freeze_time("2027-03-10 08:00:00"):
            network.invalidate_recordset()
            running.invalidate_recordset()
            self.assertEqual((network.affiliation_id, network.is_affiliated), (running, False))

    def test_whoever_writes_contacts_duplicates_a_network(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user,base.group_partner_manager")
        self.network.network_purpose = "Speaks for the fablabs"
        self.assertTrue(self.network.with_user(clerk).copy().is_network)

    def test_counts_on_the_contact(self):
        self._mandate("2024-01-01", "2024-12-31")
        self._mandate("2025-01-01")
        with freeze_time("2026-03-10 08:00:00"):
            for partner in (self.network, self.delegate):
                partner.invalidate_recordset()
                self.assertEqual((partner.current_mandate_count, partner.has_mandates), (1, True))
            self.assertEqual((self.town.current_mandate_count, self.town.has_mandates), (0, False))
            partners = self._networks() | self.delegate | self.other_delegate | self.town | self.patron
            partners.invalidate_recordset()
            partners.mapped("name")
            with self.assertQueryCount(6):
                partners.mapped("current_mandate_count")
        action = self.delegate.action_open_mandates()
        self.assertEqual(len(self.Mandate.search(action["domain"])), 2)
