"""What the screens cost: as many queries for fifty records as for five."""

from odoo import Command
from odoo.tests import freeze_time, tagged

from .receipt_case import ReceiptCase
from .test_instalment import InstalmentCase

FEW, MANY = 5, 50
# What opens these screens; a form is read for all records at once, as an export or a script does.
KINDS = {
    "fabloch.convention": ("kanban", "list", "form"),
    "fabloch.convention.instalment": ("list",),
    "fabloch.convention.commitment": ("list",),
    "fabloch.convention.deadline": ("list", "calendar"),
    "fabloch.allowance": ("list", "form"),
    "fabloch.donation": ("list", "kanban", "form"),
    "fabloch.tax.receipt": ("list", "form"),
    "fabloch.tax.receipt.batch": ("list", "form"),
    "fabloch.mandate": ("list", "kanban", "form"),
}


@tagged("post_install", "-at_install")
class TestScreensCost(InstalmentCase, ReceiptCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._payers(*(f"Partner {number}" for number in range(MANY)), is_company=True, is_network=True)
        cls.partners.company_registry = "44306184100047"
        cls.partners.legal_form = "SARL"
        cls.conventions = cls.Convention.union(*map(cls._one_more, range(MANY)))
        cls.conventions.action_send_to_signature()
        cls.conventions[::4].action_back_to_draft()
        cls.conventions.filtered(lambda each: each.state == "in_signature").action_sign("2026-03-01")
        cls.conventions.instalment_ids.charge_id.filtered(lambda each: each.date.month == 3)._invoice("2026-03-10")
        cls.gifts = cls.env["fabloch.donation"].union(*(cls._gift(partner) for partner in cls.partners))
        cls.receipts = cls.env["fabloch.tax.receipt"].union(*map(cls.env["fabloch.tax.receipt"]._issue, cls.gifts))
        cls.envelopes = cls.env["fabloch.allowance"].search([("partner_id", "in", cls.partners.ids)])
        uses = cls.env["fabloch.allowance.use"].sudo()
        for envelope in cls.envelopes:
            use = {"allowance_id": envelope.id, "partner_id": envelope.partner_id.id, "date": "2026-02-01"}
            uses.create({**use, "product_id": cls.sponsored.id, "quantity": 2})
        cls.batches = cls.env["fabloch.tax.receipt.batch"].create(
            [
                {"date_from": "2026-01-01", "date_to": f"2026-{1 + number // 28:02}-{1 + number % 28:02}"}
                for number in range(MANY)
            ]
        )
        cls.mandates = cls.env["fabloch.mandate"].create(
            [
                {
                    "network_id": partner.id,
                    "partner_id": partner.id,
                    "body_id": cls.env.ref("fabloch_partnership.mandate_body_board").id,
                    "date_from": "2024-01-01",
                }
                for partner in cls.partners
            ]
        )

    @classmethod
    def _one_more(cls, number):
        """A convention of each kind in turn, with something due, an envelope and, for some, an end long ago."""
        partner = cls.partners[number]
        kind = ("charge", "donation", "subsidy", "bill")[number // 5 % 4]
        product = cls.sponsored.id if kind == "charge" else False
        part = {"kind": kind, "product_id": product}
        year = 2018 if kind == "charge" and number % 3 == 2 else 2026
        convention = cls._ready(
            partner=partner,
            user_id=cls.officer.id,
            type_id=(cls.type_network if number % 2 else cls.type_partnership).id,
            date_start=f"{year}-01-01",
            date_end=f"{year}-12-31",
            instalment_ids=[
                Command.create({"name": f"Part {month}", "date": f"{year}-{month:02}-01", "amount": 100, **part})
                for month in (3, 9)
            ],
            commitment_ids=[Command.create({"name": "A stand", "date_due": f"{year}-02-01", "value": 5})],
        )
        cls.env["fabloch.allowance"].create({"name": "Hours", "convention_id": convention.id, "quantity": 10})
        return convention

    def _queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _read(self, records, names):
        # As the screen does: read by id, whatever they were found through.
        records = records.with_user(self.officer).browse(records.ids)
        known = records.fields_get(names)
        return records.web_read(
            {
                name: {"fields": {"display_name": {}}} if records._fields[name].type == "many2one" else {}
                for name in names
                if name in known
            }
        )

    def _assert_flat(self, records, view):
        arch = self.env[records._name].with_user(self.officer).get_view(view.id, view.type)
        names = list(arch["models"][records._name])
        self._read(records, names)
        few = self._queries(lambda: self._read(records[:FEW], names))
        many = self._queries(lambda: self._read(records, names))
        self.assertLessEqual(many, few + 3, f"{view.type} of {records._name}: {few} for {FEW}, {many} for {MANY}")

    def test_what_the_screens_read_costs_the_same_for_few_and_for_many(self):
        deadlines = self.env["fabloch.convention.deadline"].search([("convention_id", "in", self.conventions.ids)])
        for records in (
            self.conventions,
            self.conventions.instalment_ids,
            self.conventions.commitment_ids,
            deadlines,
            self.envelopes,
            self.gifts,
            self.receipts,
            self.batches,
            self.mandates,
        ):
            self.assertGreaterEqual(len(records), MANY, records._name)
            views = self.env["ir.ui.view"].search(
                [
                    ("model", "=", records._name),
                    ("type", "in", KINDS[records._name]),
                    ("mode", "=", "primary"),
                ]
            )
            self.assertLessEqual({"list"}, set(views.mapped("type")), records._name)
            for view in views:
                with self.subTest(view.name):
                    self._assert_flat(records, view)

    def test_what_contacts_and_machines_say_of_partnerships_costs_the_same_for_few_and_for_many(self):
        category = self.env["fabloch.machine.category"].create({"name": "Joinery", "product_id": self.sponsored.id})
        joineries = self.env["fabloch.machine"].create(
            [{"name": each.name, "category_id": category.id, "host_id": each.id} for each in self.partners]
        )
        for records in (self.partners, joineries):
            names = [name for name, field in records._fields.items() if field._module == "fabloch_partnership"]
            self.assertTrue(names, records._name)
            self._read(records, names)
            few = self._queries(lambda records=records, names=names: self._read(records[:FEW], names))
            many = self._queries(lambda records=records, names=names: self._read(records, names))
            self.assertLessEqual(many, few + 3, f"{records._name}: {few} for {FEW}, {many} for {MANY}")

    def test_the_activities_of_a_day_cost_the_same_whatever_lies_behind(self):
        cron = self.env["fabloch.convention.reminder"]._cron_deadlines
        cron()
        quiet = self._queries(cron)
        with freeze_time("2029-03-10"):
            self.env.invalidate_all()
            cron()
            self.assertLessEqual(self._queries(cron), quiet)
