"""Who may do what: the board reads, the officer negotiates and signs, the manager sets up, the rest sees nothing."""

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.common import rights_of

from .test_instalment import InstalmentCase

BOARD = "fabloch_finance.group_finance_board"
OFFICER = "fabloch_partnership.group_partnership_user"
MANAGER = "fabloch_partnership.group_partnership_manager"
GROUPS = ["base.group_user", BOARD, OFFICER, MANAGER, "base.group_portal", "base.group_public"]
MODELS = {
    # model: rights (read, write, create, unlink) of nobody in particular, board, officer, manager, portal, public
    "fabloch.convention": ("", "r", "rwcu", "rwcu", "r", ""),
    "fabloch.convention.article": ("", "r", "rwcu", "rwcu", "r", ""),
    "fabloch.convention.commitment": ("", "r", "rwcu", "rwcu", "r", ""),
    "fabloch.convention.deadline": ("", "r", "r", "r", "", ""),
    "fabloch.convention.instalment": ("", "r", "rwcu", "rwcu", "r", ""),
    "fabloch.convention.reminder": ("", "", "r", "r", "", ""),
    "fabloch.convention.sign.for.us": ("", "rwcu", "rwcu", "rwcu", "", ""),
    "fabloch.convention.sign.paper": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.convention.terminate": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.convention.type": ("", "r", "r", "rwcu", "", ""),
    "fabloch.convention.type.article": ("", "r", "r", "rwcu", "", ""),
    "fabloch.donation": ("", "r", "rwcu", "rwcu", "", ""),
    "fabloch.donation.cancel": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.donation.expense": ("", "r", "rwcu", "rwcu", "", ""),
    "fabloch.donation.promise": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.donation.receive": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.donation.reminder": ("", "r", "r", "r", "", ""),
    "fabloch.donation.report": ("", "r", "r", "r", "", ""),
    "fabloch.donation.split": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.envelope.statement": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.mandate": ("", "r", "rwcu", "rwcu", "", ""),
    "fabloch.mandate.body": ("", "r", "rwc", "rwcu", "", ""),
    "fabloch.mandate.on": ("", "rwcu", "rwcu", "rwcu", "", ""),
    "fabloch.promise.report": ("", "r", "r", "r", "", ""),
    "fabloch.tax.receipt": ("", "r", "r", "r", "r", ""),
    "fabloch.tax.receipt.batch": ("", "r", "rwcu", "rwcu", "", ""),
    "fabloch.tax.receipt.cancel": ("", "", "", "rwcu", "", ""),
    "fabloch.tax.receipt.counter": ("", "", "", "", "", ""),
    "fabloch.tax.receipt.issue": ("", "", "rwcu", "rwcu", "", ""),
    "fabloch.tax.receipt.line": ("", "r", "r", "r", "", ""),
    "fabloch.tax.receipt.refusal": ("", "r", "r", "r", "", ""),
    "fabloch.tax.receipt.statement": ("", "r", "r", "r", "", ""),
}


@tagged("post_install", "-at_install")
class TestAccess(InstalmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._user("portal partner", "base.group_portal")
        cls.portal.partner_id.parent_id = cls.town
        cls.board = cls._user("board member", BOARD)

    def test_each_group_can_do_exactly_its_row(self):
        users = [self._user(f"user{number}", group) for number, group in enumerate(GROUPS)]
        for model, rights in MODELS.items():
            for user, group, letters in zip(users, GROUPS, rights, strict=True):
                self.assertEqual(rights_of(self.env[model].with_user(user)), letters, f"{group} on {model}")

    def test_every_model_of_the_addon_has_its_row(self):
        named = {
            name
            for name, cls in self.env.registry.items()
            if not cls._abstract and cls._original_module == "fabloch_partnership"
        }
        self.assertEqual(named ^ set(MODELS), set())

    def _records(self):
        convention = self._signed(
            ("2026-06-01", 300), commitment_ids=[Command.create({"name": "A stand", "date_due": "2026-06-01"})]
        )
        draft = self._ready(("2026-06-01", 300), ("2026-06-01", 100, {"kind": "subsidy"}))
        waiting = self._ready(("2026-06-01", 300))
        waiting.action_send_to_signature()
        return convention | draft | waiting

    def _picture(self, conventions):
        self.env.invalidate_all()
        everything = self.Convention.with_context(active_test=False).search([])
        return (
            [(each.state, each.active, each.name, each.last_day) for each in everything],
            everything.commitment_ids.mapped("done_on"),
            [(each.amount, each.state) for each in everything.instalment_ids],
            self.env["fabloch.charge"].search_count([]),
            self.env["account.move"].search_count([]),
            self.env["fabloch.donation"].search_count([]),
        )

    def test_public_methods_called_by_who_only_reads_or_less_change_nothing(self):
        conventions = self._records()
        self.env.flush_all()
        targets = {
            "fabloch.convention": conventions,
            "fabloch.convention.instalment": conventions.instalment_ids,
            "fabloch.convention.commitment": conventions.commitment_ids,
            "fabloch.convention.deadline": self.env["fabloch.convention.deadline"].search([])[:2],
        }
        before = self._picture(conventions)
        tried = set()
        for model, records in targets.items():
            for name in self._own_public_methods(model):
                for user in (self.portal, self.board):
                    for record in records:
                        tried.add(name)
                        for kwargs in ({}, {"date": "2026-03-10"}, {"date": "2026-03-10", "reason": "x"}):
                            with mute_logger("odoo.addons.base.models.ir_model"):
                                try:
                                    with self.env.cr.savepoint():
                                        call_kw(self.env[model].with_user(user), name, [record.ids], dict(kwargs))
                                        self.env.flush_all()
                                except (AccessError, UserError, TypeError):
                                    pass
                self.assertEqual(self._picture(conventions), before, f"{model}.{name}")
        for name in ("action_sign", "action_terminate", "action_renew", "action_amend", "action_notify"):
            self.assertIn(name, tried)

    def _own_public_methods(self, model):
        """Names of the methods that our addon defines on `model` and a call from outside reaches."""
        found = {
            name
            for cls in type(self.env[model]).mro()
            if cls.__module__.startswith("odoo.addons.fabloch_partnership")
            for name, member in vars(cls).items()
            if callable(member) and not name.startswith("_")
        }
        names = []
        for name in sorted(found - {"create", "write", "unlink"}):
            try:
                get_public_method(self.env[model], name)
            except AccessError:
                continue
            names.append(name)
        return names

    def test_an_officer_takes_a_convention_through_its_life(self):
        convention = self._ready(("2026-06-01", 300)).with_user(self.officer)
        convention.action_send_to_signature()
        convention.action_sign("2026-03-09")
        self.assertEqual(convention.instalment_ids.state, "to_invoice")
        convention.action_amend()
        self.env["fabloch.convention.terminate"].with_user(self.officer).create(
            {"convention_id": convention.id, "date": "2026-04-30", "reason": "x"}
        ).action_terminate()
        convention.action_renew()
        self.assertEqual(convention.with_user(self.board).state, "terminated")

    def test_no_company_sees_another_s(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._user("stranger", MANAGER)
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        conventions = self._records()
        self.env["fabloch.convention.reminder"]._cron_deadlines()
        for model in MODELS:
            records = self.env[model].with_user(stranger)
            found = records.search([]) if records.has_access("read") else records
            if "company_id" in found._fields:
                self.assertFalse(found.filtered(lambda record: record.sudo().company_id == self.company), model)
        for call in ("action_send_to_signature", "action_sign", "action_back_to_draft", "action_renew", "action_amend"):
            for convention in conventions:
                with self.assertRaises(UserError):
                    getattr(convention.with_user(stranger), call)()
        with self.assertRaises(UserError):
            conventions.instalment_ids.with_user(stranger).action_notify()

    def test_each_screen_opens_for_the_board(self):
        self._records()
        for xmlid in ("convention", "convention_deadline", "convention_commitment", "convention_instalment"):
            action = self.env.ref(f"fabloch_partnership.{xmlid}_action")
            Model = self.env[action.res_model].with_user(self.board)
            for kind in action.view_mode.split(","):
                arch = Model.get_view(view_type=kind)
                if kind in ("list", "kanban", "form"):
                    nodes = etree.fromstring(arch["arch"]).xpath("//field[not(ancestor::field)]")
                    names = {node.get("name") for node in nodes}
                    self.assertTrue(Model.search([], limit=5).read(names), kind)
