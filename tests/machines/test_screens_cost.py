"""What the screens cost: as many queries for fifty records as for five."""

from odoo.tests import tagged

from .common import MachinesCase

FEW, MANY = 5, 40


@tagged("post_install", "-at_install")
class TestScreensCost(MachinesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category.write({"requires_authorisation": True, "late_cancel_percent": 50.0})
        cls.plan = cls._member_plan({cls.hour: 15.0})
        cls.people = cls._partners(*(f"Person {number}" for number in range(MANY)))
        for person in cls.people[::2]:
            cls._enrol(person, cls.plan)
        cls.machines = cls.env["fabloch.machine"].concat(
            *(cls._machine(f"Machine {number}", cls.category, always_open=True) for number in range(MANY))
        )
        cls.authorisations = cls.env["fabloch.authorisation"].create(
            [{"partner_id": person.id, "category_id": cls.category.id} for person in cls.people]
        )
        pack = cls._service("Pack", 100.0, fabloch_pack_hours=1)
        cls.env["fabloch.charge"].create(
            [{"partner_id": person.id, "product_id": pack.id} for person in cls.people[::3]]
        )
        cls.bookings = cls.Booking.create(
            [
                {
                    **cls._vals("09:30", "12:30", machine, person),
                    "state": "hold" if number % 4 == 3 else "confirmed",
                }
                for number, (machine, person) in enumerate(zip(cls.machines, cls.people, strict=True))
            ]
        )
        cls.waits = cls.env["fabloch.booking.wait"].create(
            [
                {
                    "partner_id": person.id,
                    "machine_id": booking.machine_id.id,
                    "start": booking.start,
                    "stop": booking.stop,
                }
                for booking, person in zip(cls.bookings, cls.people[1:] + cls.people[0], strict=True)
            ]
        )
        cls.closures = cls.env["fabloch.closure"].create(
            [
                {
                    "name": f"Cleaning {number}",
                    "machine_ids": [(6, 0, machine.ids)],
                    "start": cls._at("2026-03-20 10:00"),
                    "stop": cls._at("2026-03-20 11:00"),
                }
                for number, machine in enumerate(cls.machines)
            ]
        )
        cls.reception = cls._user("reception_cost")

    def _fields_of(self, model, kind, xmlid=None):
        view = self.env.ref(xmlid).id if xmlid else False
        arch = self.env[model].with_user(self.reception).get_view(view, kind)
        return {name: {} for name in arch["models"][model]}

    def _read(self, records, specification):
        records = records.with_user(self.reception)
        return records.web_read(
            {
                name: {"fields": {"display_name": {}}} if records._fields[name].type == "many2one" else {}
                for name in specification
                if name in records.fields_get([name])
            }
        )

    def _assert_flat(self, records, kind, xmlid=None):
        specification = self._fields_of(records._name, kind, xmlid)
        self._read(records, specification)
        few = self._queries(lambda: self._read(records[:FEW], specification))
        many = self._queries(lambda: self._read(records, specification))
        self.assertLessEqual(many, few + 2, f"{kind} of {records._name}: {few} queries for {FEW}, {many} for {MANY}")

    def test_what_the_screens_read_costs_the_same_for_few_and_for_many(self):
        allowances = self.env["fabloch.allowance"].search([("partner_id", "in", self.people.ids)])
        for records in (
            self.bookings,
            self.machines,
            self.authorisations,
            self.waits,
            self.closures,
            allowances,
            self.people,
            self.env["fabloch.charge"].search([("booking_id", "in", self.bookings.ids)]),
        ):
            for kind in ("list", "kanban"):
                with self.subTest(records._name, kind=kind):
                    self._assert_flat(records, kind)
        for view in self.env["ir.ui.view"].search(
            [
                ("model", "=", "fabloch.booking"),
                ("type", "in", ["list", "kanban", "calendar"]),
                ("mode", "=", "primary"),
            ]
        ):
            with self.subTest(view.name):
                self._assert_flat(self.bookings, view.type, view.get_external_id()[view.id])

    def test_a_batch_that_ends_costs_a_few_queries_a_booking(self):
        confirmed = self.bookings.filtered(lambda booking: booking.state == "confirmed")
        first, few, many = confirmed[:1], confirmed[1:4], confirmed[4:]
        first.action_cancel()
        few_queries, many_queries = self._queries(few.action_cancel), self._queries(many.action_cancel)
        each = (many_queries - few_queries) / (len(many) - len(few))
        self.assertLess(each, 5, f"{few_queries} queries for {len(few)}, {many_queries} for {len(many)}")
