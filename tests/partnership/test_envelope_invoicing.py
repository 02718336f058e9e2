"""One charge for each period that is over, for what was used in it; never twice, whatever is given back or killed."""

from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from .test_envelope_cover import EnvelopeCase


@tagged("post_install", "-at_install")
class TestInvoiceUses(EnvelopeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.use_of_lab = cls._product("Use of the fablab", property_account_income_id=cls.income_account.id)

    def _billed(self, unit="hour", quantity=100.0, **vals):
        vals = {"invoicing": "used", "period": "month", "invoice_product_id": self.use_of_lab.id, **vals}
        return self._envelope(unit, quantity, **vals)

    def _written(self, day, uses):
        """As if these rows had been written on that day: the database's own clock isn't frozen."""
        self.env.flush_all()
        self.cr.execute("UPDATE fabloch_allowance_use SET create_date = %s WHERE id IN %s", [day, tuple(uses.ids)])
        self.env.invalidate_all()

    def _amounts(self, charges):
        return [(charge.date, charge.amount) for charge in charges.sorted("date")]

    def test_hours_at_the_agreed_price_each_month(self):
        envelope = self._billed(invoice_price=15.0)
        self._pupil_books("2026-03-10 14:00", "2026-03-10 15:30")
        self._pupil_books("2026-03-31 14:00", "2026-03-31 15:00")
        self._pupil_books("2026-04-01 14:00", "2026-04-01 16:00")
        self._written("2026-03-10", envelope.use_ids)
        self.assertFalse(envelope._invoice_uses(date(2026, 3, 31)), "March isn't over")
        charges = envelope._invoice_uses(date(2026, 4, 1))
        self.assertEqual(self._amounts(charges), [(date(2026, 3, 31), 37.5)])
        self.assertEqual((charges.partner_id, charges.quantity, charges.price_unit), (self.school, 2.5, 15.0))
        self.assertIn("2 h 30 used until", charges.name)
        self.assertFalse(envelope._invoice_uses(date(2026, 4, 30)))
        self.assertEqual(self._amounts(envelope._invoice_uses(date(2026, 6, 1))), [(date(2026, 4, 30), 30.0)])
        run = charges._invoice(date(2026, 4, 1))
        self.assertEqual((run.invoice_ids.partner_id, run.invoice_ids.amount_untaxed), (self.school, 37.5))

    def test_ten_minutes_are_invoiced_to_the_cent(self):
        self.laser.write({"slot_minutes": 10, "shortest_minutes": 10})
        envelope = self._billed(invoice_price=15.0)
        self._pupil_books("14:00", "14:10")
        self._pupil_books("14:10", "14:20")
        charges = envelope._invoice_uses(date(2026, 4, 1))
        self.assertEqual((charges.amount, charges.quantity), (5.0, 1.0))

    def test_money_at_its_face_value_and_fees_at_theirs(self):
        money = self._billed("currency", 100.0)
        self._pupil_books()
        fees = self._billed("piece", 3.0, products=self.fee_plan.product_id, invoice_price=28.0)
        memberships = self.env["fabloch.membership"].create(
            [
                {"partner_id": pupil.id, "plan_id": self.fee_plan.id, "date_start": "2026-03-10"}
                for pupil in (self.pupil, self.other_pupil)
            ]
        )
        memberships.action_confirm()
        charges = (money | fees)._invoice_uses(date(2026, 4, 1))
        self.assertEqual({c.envelope_id: (c.quantity, c.amount) for c in charges}, {money: (1, 20.0), fees: (2, 56.0)})

    def test_quarter_and_end(self):
        quarter = self._billed(period="quarter", invoice_price=10.0)
        self._pupil_books("2026-03-10 14:00", "2026-03-10 15:00")
        self._pupil_books("2026-04-02 14:00", "2026-04-02 15:00")
        self.assertEqual(self._amounts(quarter._invoice_uses(date(2026, 7, 1))), [
            (date(2026, 3, 31), 10.0),
            (date(2026, 6, 30), 10.0),
        ])  # fmt: skip
        end = self._billed(period="end", invoice_price=10.0, date_to="2026-05-31", date_from="2026-05-01")
        end.beneficiary_ids = self.anna
        self._book("2026-05-12 14:00", "2026-05-12 16:00", partner=self.anna)
        self.assertFalse(end._invoice_uses(date(2026, 5, 31)))
        self.assertEqual(self._amounts(end._invoice_uses(date(2026, 6, 1))), [(date(2026, 5, 31), 20.0)])

    def test_a_termination_ends_the_last_period(self):
        envelope = self._billed(period="year", invoice_price=10.0)
        self._pupil_books()
        self.convention.sudo().write({"state": "terminated", "terminated_on": "2026-03-20"})
        self.assertFalse(envelope._invoice_uses(date(2026, 3, 20)))
        self.assertEqual(self._amounts(envelope._invoice_uses(date(2026, 3, 21))), [(date(2026, 3, 20), 10.0)])

    def test_given_back_before_is_not_invoiced_and_after_comes_off_the_next_period(self):
        envelope = self._billed(invoice_price=10.0)
        first = self._pupil_books("2026-03-20 09:00", "2026-03-20 11:00")
        self._pupil_books("2026-03-20 14:00", "2026-03-20 15:00").action_cancel("Ill", waive=True)
        with freeze_time(datetime(2026, 4, 1, 8)):
            self.assertEqual(self._amounts(envelope._invoice_uses(date(2026, 4, 1))), [(date(2026, 3, 31), 20.0)])
            first.action_cancel("Nobody could come", waive=True)
            self._written("2026-04-01 08:00", first.use_ids.filtered("returned_use_id"))
            self.assertFalse(envelope._invoice_uses(date(2026, 4, 2)), "April isn't over")
            self._pupil_books("2026-04-10 09:00", "2026-04-10 12:00")
            charges = envelope._invoice_uses(date(2026, 5, 1))
        self.assertEqual(self._amounts(charges), [(date(2026, 4, 30), 10.0)])
        self.assertEqual(envelope.quantity_left, 97.0)

    def test_what_was_used_is_invoiced_once_however_often_it_is_asked(self):
        envelope = self._billed(invoice_price=10.0)
        self._pupil_books()
        self._written("2026-03-10", envelope.use_ids)
        with freeze_time(datetime(2026, 4, 2, 8)):
            for _night in range(3):
                # A test's transaction isn't committed; the race below does it with real processes.
                with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100.0):
                    self.env["fabloch.allowance"]._cron_invoice_uses()
            self.assertFalse(envelope._invoice_uses(date(2026, 12, 31)))
        charges = self.env["fabloch.charge"].search([("envelope_id", "=", envelope.id)])
        self.assertEqual((len(charges), charges.billed_use_ids), (1, envelope.use_ids))

    def test_an_envelope_that_breaks_leaves_the_others_charged(self):
        bad, good = self._billed(invoice_price=10.0), self._billed(invoice_price=10.0)
        vals = {"partner_id": self.pupil.id, "product_id": self.use_of_lab.id, "date": "2026-03-10", "quantity": 1.0}
        uses = self.env["fabloch.allowance.use"].sudo().create([{**vals, "allowance_id": e.id} for e in (bad, good)])
        self._written("2026-03-10", uses)
        Allowance = type(self.env["fabloch.allowance"])
        invoice_uses = Allowance._invoice_uses

        def broken(envelopes, date):
            if bad in envelopes:
                raise ValueError("broken")
            return invoice_uses(envelopes, date)

        with (
            freeze_time(datetime(2026, 4, 2, 8)),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100.0),
            patch.object(Allowance, "_invoice_uses", broken),
            self.assertLogs("odoo.addons.fabloch_partnership", "ERROR"),
        ):
            self.env["fabloch.allowance"]._cron_invoice_uses()
        self.assertFalse(uses[0].billed_charge_id)
        self.assertEqual(uses[1].billed_charge_id.amount, 10.0)

    def test_an_envelope_that_is_paid_otherwise_is_never_invoiced(self):
        envelope = self._envelope("hour", 10.0)
        self._pupil_books()
        self.assertFalse(envelope._invoice_uses(date(2027, 1, 1)))

    def test_what_is_needed_to_invoice_is_asked_at_once(self):
        with self.assertRaisesRegex(ValidationError, "which product"), self.cr.savepoint():
            self._envelope("hour", 5.0, invoicing="used")
        envelope = self._billed(invoice_price=10.0)
        with self.assertRaises(AccessError):
            envelope.with_user(self.officer).billed_until = "2026-12-31"
        with self.assertRaises(AccessError):
            envelope.with_user(self.desk).action_invoice_uses()

    def test_the_same_queries_for_two_envelopes_and_for_twenty(self):
        def some(count):
            envelopes = self.env["fabloch.allowance"]
            for number in range(count):
                envelopes |= self._billed(invoice_price=10.0, beneficiary_ids=self.anna.ids, name=f"E{number}")
            self.env["fabloch.allowance.use"].create(
                [
                    {
                        "allowance_id": envelope.id,
                        "partner_id": self.anna.id,
                        "product_id": self.hour.id,
                        "date": "2026-03-10",
                        "quantity": 1.0,
                    }
                    for envelope in envelopes
                ]
            )
            return envelopes

        some(1)._invoice_uses(date(2026, 4, 1))
        few, many = some(2), some(20)
        counts = [self._queries(lambda e=e: e._invoice_uses(date(2026, 4, 1)) and None) for e in (few, many)]
        self.assertLessEqual(counts[1] - counts[0], 2, counts)
