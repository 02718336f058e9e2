"""What an auditor tries: nothing is charged twice, nothing is lost, no state lies."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .test_instalment import InstalmentCase

DAY = fields.Date.to_date


@tagged("post_install", "-at_install")
class TestReview(InstalmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.company.create({"name": "Another fablab"})

    def _amend(self, convention, **vals):
        amendment = self._write_text(self.Convention.browse(convention.action_amend()["res_id"]))
        amendment.write(vals)
        amendment.action_send_to_signature()
        amendment.action_sign()
        return amendment

    def test_who_pays_follows_the_convention(self):
        convention = self._ready(("2026-06-01", 300), commitment_ids=[Command.create({"name": "A stand"})])
        for part in (convention.instalment_ids, convention.commitment_ids):
            for vals in ({"partner_id": self.patron.id}, {"company_id": self.other_company.id}):
                with self.subTest(part._name, vals=vals), self.assertRaises(AccessError):
                    part.with_user(self.officer).write(vals)

    def test_a_notification_cancelled_and_noted_again_is_income_once(self):
        convention = self._ready(
            ("2026-05-01", 1095),
            kind="subsidy",
            product=False,
            type_id=self.type_grant.id,
            date_start="2025-01-01",
            date_end="2027-12-31",
            republican_commitment_on="2025-01-01",
        )
        convention.action_send_to_signature()
        convention.action_sign("2026-03-01")
        instalment = convention.instalment_ids
        instalment.action_notify("2025-06-01")
        first = instalment.move_id + instalment.deferral_ids
        instalment.move_id.button_draft()
        instalment.move_id.button_cancel()
        self.assertEqual(instalment.state, "expected")
        instalment.action_notify("2025-07-01")
        moves = first.exists() | first.exists().reversal_move_ids | instalment.move_id | instalment.deferral_ids
        live = moves.filtered(lambda move: move.state != "cancel")
        self.assertEqual(self._balances(live), {"receivable": 1095, "income": -1095, "deferred": 0})

    def test_a_draft_bill_deleted_is_to_be_made_again(self):
        convention = self._signed(("2026-03-05", 300), kind="bill", product=False)
        instalment = convention.instalment_ids
        instalment.action_make_bill()
        instalment.move_id.unlink()
        self.assertEqual(instalment.state, "to_pay")
        instalment.action_make_bill()
        self.assertEqual(instalment.move_id.state, "draft")

    def test_a_dropped_charge_that_is_taken_up_again_says_so(self):
        convention = self._signed(("2026-06-01", 300))
        convention.action_terminate("2026-04-01", "x")
        self.assertEqual(convention.instalment_ids.state, "cancelled")
        convention.instalment_ids.charge_id.action_unwaive()
        self.assertEqual(convention.instalment_ids.state, "to_invoice")

    def test_a_renewal_lasts_as_long_as_the_amended_convention(self):
        convention = self._signed(("2026-06-01", 300))
        self._amend(
            convention,
            date_end="2027-12-31",
            instalment_ids=[
                Command.create(
                    {
                        "name": "Second year",
                        "date": "2027-06-01",
                        "amount": 200,
                        "kind": "charge",
                        "product_id": self.sponsored.id,
                    }
                )
            ],
        )
        following = self.Convention.browse(convention.action_renew()["res_id"])
        self.assertEqual((following.date_start, following.date_end), (DAY("2028-01-01"), DAY("2029-12-31")))
        self.assertEqual(following.instalment_ids.mapped("date"), [DAY("2028-06-01"), DAY("2029-06-01")])

    def test_counterparts_added_later_count_on_the_gifts_not_received(self):
        convention = self._signed(
            ("2026-06-01", 600),
            ("2026-09-01", 300),
            kind="donation",
            product=False,
            type_id=self.type_patronage.id,
            commitment_ids=[Command.create({"name": "Logo", "value": 90})],
        )
        gifts = convention.instalment_ids.donation_id
        self.assertEqual(gifts.mapped("counterpart_value"), [60, 30])
        self._amend(convention, commitment_ids=[Command.create({"name": "A stand", "value": 45})])
        self.assertEqual(gifts.mapped("counterpart_value"), [90, 45])
        self.assertIn("A stand", gifts[0].counterpart_description)

    def test_what_never_takes_effect_is_not_coming(self):
        convention = self._signed(date_start="2026-06-01", date_end="2026-12-31")
        convention.action_terminate("2026-05-31", "x")
        self.assertEqual(convention.status, "terminated")
        for status in ("terminated", "upcoming", "running"):
            found = self.Convention.search([("status", "=", status), ("id", "=", convention.id)])
            self.assertEqual(bool(found), status == "terminated", status)

    def test_an_end_long_past_is_history(self):
        convention = self._signed(date_start="2018-01-01", date_end="2018-12-31")
        with freeze_time("2019-01-15"):
            convention.invalidate_recordset()
            self.assertTrue(convention.is_late)
        convention.invalidate_recordset()
        self.assertFalse(convention.is_late)
        self.assertFalse(convention.next_due_name)

    def test_a_company_s_type_is_for_that_company(self):
        kind = self.type_partnership.copy({"code": "b", "company_id": self.other_company.id})
        with self.assertRaises(UserError):
            self._convention(type_id=kind.id)

    def test_the_activity_of_an_end_waits_until_somebody_decides(self):
        convention = self._signed(notice_months=0)
        cron = self.env["fabloch.convention.reminder"]._cron_deadlines
        for day in ("2026-12-31", "2027-03-15"):
            with freeze_time(f"{day} 06:00:00"):
                self.env.invalidate_all()
                cron()
                self.assertIn("the convention ends", convention.activity_ids.summary)
        following = self._write_text(self.Convention.browse(convention.action_renew()["res_id"]))
        with freeze_time("2027-03-16 06:00:00"):
            following.action_send_to_signature()
            self.env.invalidate_all()
            cron()
            self.assertFalse(convention.activity_ids)

    def test_our_side_s_books_and_notes_are_not_the_portal_s(self):
        convention = self._signed(("2026-06-01", 300), commitment_ids=[Command.create({"name": "A", "value": 5})])
        user = self._user("portal town", "base.group_portal")
        user.partner_id.parent_id = self.town
        ours = {
            convention: "access_token partner_signed_ip partner_signed_user_id termination_reason next_step "
            "grant_account_id charge_count donation_count move_count republican_commitment_file activity_ids",
            convention.instalment_ids: "charge_id donation_id move_id deferral_ids cancel_reason",
            convention.commitment_ids: "user_id",
        }
        for record, names in ours.items():
            record = record.with_user(user)
            record.read(["display_name", *({"state"} & set(record._fields))])
            for name in names.split():
                with self.subTest(record._name, field=name), self.assertRaises(AccessError):
                    record.read([name])
        for name in ("deadline", "reminder"):
            with self.assertRaises(AccessError):
                self.env[f"fabloch.convention.{name}"].with_user(user).search([])
