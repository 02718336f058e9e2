"""The life of a convention: signature, lock, renewal, amendments, end; by its actions and by nothing else."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged

from .common import PartnershipCase

DAY = fields.Date.to_date


class ConventionCase(PartnershipCase):
    """10 March 2026; both signatories known; products and accounts for every kind of instalment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 09:00:00"))
        cls.president = cls._user("president", "fabloch_partnership.group_partnership_user")
        cls.company.convention_signatory_id = cls.president
        cls.mayor = cls.env["res.partner"].create(
            {"name": "Maryvonne Le Maire", "function": "Maire", "parent_id": cls.town.id}
        )
        cls.sponsored = cls._product("Sponsorship", property_account_income_id=cls.income_account.id)
        cls.type_sponsorship = cls.env.ref("fabloch_partnership.convention_type_sponsorship")
        cls.type_grant = cls.env.ref("fabloch_partnership.convention_type_grant")
        cls.type_network = cls.env.ref("fabloch_partnership.convention_type_network")

    def setUp(self):
        super().setUp()
        # Crons commit; inside a test everything stays in one transaction.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **options: 600)

    @classmethod
    def _ready(cls, *instalments, **vals):
        """A convention that lacks nothing; instalments are (date, amount, other values)."""
        kind = vals.pop("kind", "charge")
        product = vals.pop("product", cls.sponsored.id)
        partner = vals.get("partner") or cls.town
        defaults = {
            "signatory_id": partner.id if partner != cls.town else cls.mayor.id,
            "signatory_function": "Maire",
            "company_signatory_id": cls.president.id,
            "tacit_renewal": False,
            "republican_commitment_on": "2026-01-01",
            "instalment_ids": [
                Command.create(
                    {
                        "name": f"Part {number}",
                        "date": date,
                        "amount": amount,
                        "kind": kind,
                        "product_id": product,
                        **(more[0] if more else {}),
                    }
                )
                for number, (date, amount, *more) in enumerate(instalments, 1)
            ],
        }
        return cls._write_text(cls._convention(**{**defaults, **vals}))

    @classmethod
    def _write_text(cls, convention):
        """Give a convention a text that leaves no blank."""
        if "article_ids" in convention._fields:
            convention.article_ids = [Command.clear(), Command.create({"name": "Objet", "body": "<p>{objet}</p>"})]
        return convention

    @classmethod
    def _signed(cls, *instalments, **vals):
        convention = cls._ready(*instalments, **vals)
        convention.action_send_to_signature()
        convention.action_sign("2026-03-01")
        return convention


@tagged("post_install", "-at_install")
class TestConventionLife(ConventionCase):
    # -- Signature ---------------------------------------------------------------------------------------------

    def test_what_is_missing_is_said_at_once(self):
        convention = self._convention(
            company_signatory_id=False,
            partner=self.env["res.partner"].create({"name": "No address", "is_company": True}),
            instalment_ids=[Command.create({"name": "Stand", "date": "2026-05-01", "amount": 100, "kind": "charge"})],
        )
        self._write_text(convention)
        with self.assertRaises(UserError) as caught:
            convention.action_send_to_signature()
        for words in ("address", "who signs for the partner", "who signs for us", "“Stand”"):
            self.assertIn(words, str(caught.exception))
        self.assertEqual(convention.state, "draft")

    def test_a_convention_goes_from_step_to_step_only(self):
        convention = self._ready().with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Send it to signature first"):
            convention.action_sign()
        convention.action_send_to_signature()
        with self.assertRaises(UserError):
            convention.action_send_to_signature()
        convention.action_back_to_draft()
        convention.action_send_to_signature()
        with self.assertRaisesRegex(UserError, "day to come"):
            convention.action_sign("2026-03-11")
        with self.assertRaisesRegex(AccessError, "terminated_on"):
            convention.action_sign("2026-03-10", terminated_on="2026-04-01")
        convention.action_sign("2026-03-05")
        self.assertEqual((convention.state, convention.signed_on), ("signed", DAY("2026-03-05")))
        with self.assertRaises(UserError):
            convention.action_back_to_draft()

    # -- Lock --------------------------------------------------------------------------------------------------

    def _call(self, user, record, method, *args, **kwargs):
        """Call as a client does."""
        return call_kw(record.env[record._name].with_user(user), method, [record.ids, *args], kwargs)

    def test_what_is_sent_or_signed_is_locked_for_administrators_too(self):
        admin = self.env.ref("base.user_admin")
        convention = self._ready(
            ("2026-06-01", 300), commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-06-01"})]
        )
        convention.action_send_to_signature()
        commitment, instalment = convention.commitment_ids, convention.instalment_ids
        terms = [
            (convention, {"title": "Other"}),
            (convention, {"partner_id": self.patron.id}),
            (convention, {"date_end": "2027-12-31"}),
            (convention, {"notice_months": 11}),
            (convention, {"commitment_ids": [Command.create({"name": "More"})]}),
            (convention, {"commitment_ids": [Command.update(commitment.id, {"name": "Less"})]}),
            (convention, {"commitment_ids": [Command.delete(commitment.id)]}),
            (convention, {"commitment_ids": [Command.clear()]}),
            (convention, {"instalment_ids": [Command.update(instalment.id, {"amount": 1})]}),
            (convention, {"instalment_ids": [Command.unlink(instalment.id)]}),
            (commitment, {"value": 5}),
            (commitment, {"date_due": False}),
            (instalment, {"amount": 1}),
            (instalment, {"date": "2027-01-01"}),
            (instalment, {"kind": "donation"}),
        ]
        for state in ("in_signature", "signed"):
            if state == "signed":
                convention.action_sign("2026-03-01")
            for user in (self.officer, self.manager, admin):
                for record, vals in terms:
                    with self.subTest(state=state, user=user.login, vals=vals), self.assertRaises(UserError):
                        self._call(user, record, "write", vals)
                    self.env.invalidate_all()
                for record in (convention, commitment, instalment):
                    with self.assertRaises(UserError):
                        self._call(user, record, "unlink")
                for model, vals in (
                    (commitment, {"convention_id": convention.id, "name": "New"}),
                    (
                        instalment,
                        {"convention_id": convention.id, "name": "x", "amount": 1, "date": "2026-05-01"}
                        | {"kind": "bill"},
                    ),
                ):
                    with self.assertRaises(UserError):
                        call_kw(model.browse().with_user(user), "create", [[{**vals}]], {})
        self.assertEqual(convention.amount, 300)
        self._call(self.officer, convention, "write", {"user_id": self.officer.id, "title": convention.title})
        self._call(self.officer, commitment, "write", {"done_on": "2026-05-30", "user_id": self.officer.id})
        self.assertTrue(commitment.done)

    def test_a_part_does_not_move_into_a_signed_convention(self):
        signed = self._signed()
        draft = self._ready(("2026-06-01", 300), commitment_ids=[Command.create({"name": "A stand"})])
        for part in (draft.commitment_ids, draft.instalment_ids):
            with self.assertRaises(UserError):
                self._call(self.officer, part, "write", {"convention_id": signed.id})

    def test_engine_fields_are_set_by_actions_only(self):
        values = {
            "state": "signed",
            "signed_on": "2026-01-01",
            "sent_on": "2026-01-01",
            "terminated_on": "2026-01-02",
            "termination_reason": "x",
            "name": "MINE",
            "amended_id": self._signed().id,
            "previous_id": self._signed().id,
            "last_day": "2030-01-01",
        }
        convention = self._ready(("2026-06-01", 300))
        admin = self.env.ref("base.user_admin")
        base = {"partner_id": self.town.id, "title": "x", "type_id": self.type_partnership.id}
        for user in (self.officer, admin):
            for name, value in values.items():
                with self.subTest(name=name), self.assertRaises(AccessError):
                    self._call(user, convention, "write", {name: value})
                with self.subTest(name=name), self.assertRaises(AccessError):
                    call_kw(self.Convention.with_user(user), "create", [[{**base, name: value}]], {})
            for name, value in (("charge_id", 1), ("donation_id", 1), ("move_id", 1), ("cancelled", True)):
                with self.subTest(name=name), self.assertRaises(AccessError):
                    self._call(user, convention.instalment_ids, "write", {name: value})
        context = {f"default_{name}": value for name, value in values.items()}
        made = self.Convention.with_user(self.officer).with_context(**context).create(dict(base))
        self.assertEqual((made.state, made.signed_on, made.amended_id.id), ("draft", False, False))
        self.assertNotEqual(made.name, "MINE")

    def test_only_a_negotiation_or_what_is_over_is_archived(self):
        convention = self._ready().with_user(self.officer)
        convention.action_send_to_signature()
        with self.assertRaises(UserError):
            convention.active = False
        convention.action_sign("2026-03-01")
        with self.assertRaises(UserError):
            convention.active = False
        with freeze_time("2027-01-01"):
            convention.invalidate_recordset()
            convention.active = False
        self._ready().with_user(self.officer).active = False

    def test_what_was_sent_once_is_never_deleted(self):
        convention = self._ready()
        convention.action_send_to_signature()
        convention.action_back_to_draft()
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            convention.unlink()
        self._ready().with_user(self.officer).unlink()

    # -- Renewal -----------------------------------------------------------------------------------------------

    def test_renewal_follows_without_gap_with_everything_moved(self):
        convention = self._signed(
            ("2026-06-30", 300),
            ("2026-11-15", 200),
            commitment_ids=[Command.create({"name": "Stand", "date_due": "2026-02-28", "value": 40})],
        )
        action = convention.with_user(self.officer).action_renew()
        following = self.Convention.browse(action["res_id"])
        self.assertEqual(
            (following.date_start, following.date_end, following.state, following.previous_id),
            (DAY("2027-01-01"), DAY("2027-12-31"), "draft", convention),
        )
        self.assertEqual(following.instalment_ids.mapped("date"), [DAY("2027-06-30"), DAY("2027-11-15")])
        self.assertEqual(following.instalment_ids.mapped("amount"), [300, 200])
        self.assertEqual(set(following.instalment_ids.mapped("state")), {"planned"})
        self.assertEqual(following.commitment_ids.date_due, DAY("2027-02-28"))
        self.assertNotEqual(following.name, convention.name)
        with self.assertRaisesRegex(UserError, following.name):
            convention.action_renew()
        following.active = False
        convention.invalidate_recordset()
        convention.action_renew()

    def test_what_never_ends_by_itself_is_not_renewed(self):
        with self.assertRaisesRegex(UserError, "tacitly without limit"):
            self._signed(tacit_renewal=True, renewal_months=12).action_renew()
        limited = self._signed(tacit_renewal=True, renewal_months=12, renewal_limit=2)
        following = self.Convention.browse(limited.action_renew()["res_id"])
        self.assertEqual((following.date_start, following.date_end), (DAY("2029-01-01"), DAY("2029-12-31")))
        with self.assertRaisesRegex(UserError, "not signed yet"):
            following.action_renew()

    # -- Amendments --------------------------------------------------------------------------------------------

    def _amendment(self, convention):
        return self._write_text(self.Convention.browse(convention.with_user(self.officer).action_amend()["res_id"]))

    def test_an_amendment_moves_the_end_and_adds_its_money(self):
        convention = self._signed(("2026-06-01", 300))
        amendment = self._amendment(convention)
        self.assertEqual(amendment.name, f"{convention.name}-A1")
        amendment.with_user(self.officer).write(
            {
                "date_end": "2027-06-30",
                "instalment_ids": [
                    Command.create(
                        {"name": "More", "date": "2027-03-01", "amount": 50, "kind": "charge"}
                        | {"product_id": self.sponsored.id}
                    )
                ],
            }
        )
        self.assertEqual(convention.last_day, DAY("2026-12-31"))
        with self.assertRaisesRegex(UserError, f"{convention.name}-A1"):
            convention.action_amend()
        amendment.action_send_to_signature()
        amendment.action_sign("2026-03-10")
        self.assertEqual((convention.last_day, convention.total_amount), (DAY("2027-06-30"), 350))
        self.assertEqual(amendment.instalment_ids.state, "to_invoice")
        self.assertEqual(amendment.last_day, DAY("2027-06-30"))
        second = self._amendment(amendment)
        self.assertEqual((second.name, second.amended_id), (f"{convention.name}-A2", convention))
        self.assertEqual(second.date_end, DAY("2027-06-30"))

    def test_an_amendment_keeps_the_partner_and_the_tacit_terms(self):
        convention = self._signed(tacit_renewal=True, renewal_months=12, notice_months=2)
        amendment = self._amendment(convention)
        self.assertEqual((amendment.tacit_renewal, amendment.notice_months), (True, 2))
        for vals in ({"partner_id": self.patron.id}, {"notice_months": 0}, {"tacit_renewal": False}):
            with self.assertRaisesRegex(UserError, "can't differ"):
                amendment.with_user(self.officer).write(vals)
        amendment.date_end = "2027-06-30"
        amendment.action_send_to_signature()
        amendment.action_sign()
        self.assertFalse(convention.last_day)
        self.assertEqual((convention.term_end, convention.notice_date), (DAY("2027-06-30"), DAY("2027-04-30")))

    def test_only_what_is_in_force_is_amended(self):
        with self.assertRaisesRegex(UserError, "not in force"):
            self._ready().action_amend()
        convention = self._signed()
        with freeze_time("2027-01-01"), self.assertRaisesRegex(UserError, "not in force"):
            convention.invalidate_recordset()
            convention.action_amend()

    # -- End ---------------------------------------------------------------------------------------------------

    def test_an_early_end_needs_a_reason_and_drops_what_is_not_due(self):
        convention = self._signed(("2026-06-01", 300), ("2026-10-01", 200)).with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Say why"):
            convention.action_terminate("2026-07-31")
        convention.action_terminate("2026-07-31", "They moved")
        self.assertEqual((convention.state, convention.last_day), ("terminated", DAY("2026-07-31")))
        self.assertEqual(convention.status, "running")
        self.assertEqual(convention.instalment_ids.mapped("state"), ["to_invoice", "cancelled"])
        charge = convention.instalment_ids[1].charge_id
        self.assertTrue(charge.waived)
        self.assertIn("They moved", charge.waived_reason)
        with freeze_time("2026-08-01"):
            convention.invalidate_recordset()
            self.assertEqual(convention.status, "terminated")

    def test_what_is_invoiced_stays_after_the_end(self):
        convention = self._signed(("2026-03-05", 300), ("2026-10-01", 200))
        convention.instalment_ids.charge_id._invoice("2026-12-31")
        self.assertEqual(convention.instalment_ids.mapped("state"), ["invoiced", "invoiced"])
        wizard = self.env["fabloch.convention.terminate"].create({"convention_id": convention.id, "reason": "x"})
        wizard.date = "2026-03-10"
        self.assertEqual(wizard.kept_ids, convention.instalment_ids[1])
        wizard.action_terminate()
        self.assertEqual(convention.instalment_ids.mapped("state"), ["invoiced", "invoiced"])

    def test_a_tacit_one_ends_with_the_term_that_the_notice_reaches(self):
        terms = {"tacit_renewal": True, "renewal_months": 12, "notice_months": 3}
        for day, end in (("2026-09-30", "2026-12-31"), ("2026-10-01", "2027-12-31")):
            convention = self._signed(**terms)
            with freeze_time(day):
                convention.invalidate_recordset()
                wizard = self.env["fabloch.convention.terminate"].create({"convention_id": convention.id})
                self.assertEqual((wizard.date, wizard.early), (DAY(end), False), day)
                wizard.action_terminate()
            self.assertEqual(convention.last_day, DAY(end), day)

    def test_an_end_that_makes_no_sense_is_refused(self):
        convention = self._signed()
        with self.assertRaisesRegex(UserError, "ends by itself"):
            convention.action_terminate("2027-02-01", "x")
        with self.assertRaisesRegex(UserError, "can't be before"):
            convention.action_terminate("2025-12-30", "x")
        with self.assertRaisesRegex(UserError, "not signed"):
            self._ready().action_terminate("2026-06-01", "x")
        amendment = self._amendment(convention)
        with self.assertRaisesRegex(UserError, "is an amendment"):
            amendment.action_terminate("2026-06-01", "x")
        convention.action_terminate("2025-12-31", "Never started")
        self.assertFalse(convention.is_running)
        self.assertFalse(amendment.active)
        with self.assertRaisesRegex(UserError, "ended already"):
            convention.action_terminate("2026-06-01", "x")

    # -- Cost --------------------------------------------------------------------------------------------------

    def _queries_to_sign(self, count):
        conventions = self.Convention.union(
            *[self._ready(("2026-06-01", 300), ("2026-07-01", 30)) for _ in range(count)]
        )
        conventions.action_send_to_signature()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        conventions.action_sign()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_signing_twenty_costs_as_many_queries_as_one(self):
        self._queries_to_sign(1)
        one, twenty = self._queries_to_sign(1), self._queries_to_sign(20)
        self.assertLess(twenty, one * 1.6, (one, twenty))
