"""What a credit note takes back of charges: what is kept and what is credited make what was invoiced, to the cent."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY, FinanceCase


@tagged("post_install", "-at_install")
class TestCredit(FinanceCase):
    def _tax(self, amount, included=False):
        return self.env["account.tax"].create(
            {
                "name": f"Tax {amount} {included}",
                "amount": amount,
                "type_tax_use": "sale",
                "price_include_override": "tax_included" if included else "tax_excluded",
            }
        )

    def _invoiced(self, amounts=(20.0,), **vals):
        charges = self._charges(amounts=amounts, **vals)
        charges._invoice(TODAY)
        self.assertEqual(set(charges.mapped("invoice_id.state")), {"posted"})
        return charges

    def test_one_of_two_charges_is_credited_and_set_off(self):
        used, cancelled = self._invoiced((20.0, 12.5))
        note = cancelled._credit(100, "Cancelled")
        self.assertEqual((note.state, note.move_type, note.amount_total), ("posted", "out_refund", 12.5))
        self.assertEqual((cancelled.amount_credited, used.amount_credited), (12.5, 0.0))
        self.assertEqual(used.invoice_id.amount_residual, 20.0)
        self.assertEqual(note.amount_residual, 0.0)
        self.assertEqual(note.reversed_entry_id, used.invoice_id)

    def test_a_paid_invoice_leaves_the_credit_to_give_back(self):
        charge = self._invoiced()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=charge.invoice_id.ids
        ).create({})._create_payments()
        note = charge._credit(50, "Late")
        self.assertEqual((note.amount_total, note.amount_residual), (10.0, 10.0))

    def test_discount_and_taxes(self):
        for tax in (self._tax(20), self._tax(20, included=True)):
            charge = self._invoiced((33.33,), quantity=3, discount=12.5, tax_ids=[Command.set(tax.ids)])
            invoice = charge.invoice_id
            note = charge._credit(100, "Cancelled")
            self.assertEqual(
                (note.amount_untaxed, note.amount_total), (invoice.amount_untaxed, invoice.amount_total), tax.name
            )
            self.assertEqual(invoice.amount_residual, 0.0)

    def test_several_notes_never_take_back_more_than_asked(self):
        charge = self._invoiced((20.0,))
        charge._credit(30, "First")
        self.assertEqual(charge.amount_credited, 6.0)
        self.assertFalse(charge._credit(30, "The same again"), "30 % in all")
        self.assertFalse(charge._credit(10, "Less"), "nothing is asked back")
        charge._credit(100, "All of it")
        self.assertEqual((charge.amount_credited, charge.invoice_id.amount_residual), (20.0, 0.0))

    def test_drafts_are_left_to_people(self):
        charge = self._invoiced()
        charge.invoice_id.button_draft()
        with self.assertRaisesRegex(UserError, "still a draft: post it"):
            charge._credit(100, "Cancelled")
        charge.invoice_id.action_post()
        reversal = charge.invoice_id._reverse_moves()
        with self.assertRaisesRegex(UserError, "credit note .* is a draft"):
            charge._credit(100, "Cancelled")
        reversal.unlink()
        self.assertTrue(charge._credit(100, "Cancelled"))

    def test_a_draft_that_was_never_posted_is_no_invoice_yet(self):
        self.company.fabloch_invoicing_post = False
        first, second = charges = self._charges(amounts=(20.0, 5.0))
        charges._invoice(TODAY)
        draft = first.invoice_id
        self.assertEqual(first._take_off_drafts(), first)
        self.assertEqual((first.state, second.invoice_id), ("to_invoice", draft))
        second._take_off_drafts()
        self.assertFalse(draft.exists(), "nothing stands on it any more")
        charges._invoice(TODAY)
        charges.invoice_id.action_post()
        charges.invoice_id.button_draft()
        self.assertFalse(charges._take_off_drafts(), "it has a number")

    def test_a_charge_on_a_credit_note_is_taken_back_by_another_one(self):
        owed, given = self._charges(amounts=(10.0, -40.0))
        (owed + given)._invoice(TODAY)
        self.assertEqual(owed.invoice_id.move_type, "out_refund")
        note = owed._credit(100, "Cancelled")
        self.assertEqual((note.move_type, note.amount_total, owed.amount_credited), ("out_refund", 10.0, 10.0))
        back = given._credit(100, "Cancelled")
        self.assertEqual((back.move_type, back.amount_total, given.amount_credited), ("out_invoice", 40.0, -40.0))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.integers(1, 200_000),
        st.integers(1, 7),
        st.sampled_from([0, 0, 10, 12.5, 33.33]),
        st.sampled_from([1, 25, 33.3, 50, 66.67, 99]),
        st.sampled_from([None, False, True]),
    )
    def test_kept_and_credited_make_what_was_invoiced(self, cents, quantity, discount, percent, included):
        with self.env.cr.savepoint() as savepoint:
            taxes = self._tax(20, included) if included is not None else self.env["account.tax"]
            charge = self._charges(
                amounts=(cents / 100,), quantity=quantity, discount=discount, tax_ids=[Command.set(taxes.ids)]
            )
            charge._invoice(TODAY)
            invoice = charge.invoice_id
            if invoice:
                kept = charge.currency_id.round(charge._amounts()["total_included"] * (100 - percent) / 100)
                charge._credit(percent, "Late")
                self.assertAlmostEqual(invoice.amount_residual, kept, delta=0.0101 if included is False else 0.001)
                if not included:
                    untaxed = charge.currency_id.round(charge.amount * (100 - percent) / 100)
                    self.assertEqual(
                        charge.currency_id.compare_amounts(charge.amount - charge.amount_credited, untaxed), 0
                    )
            savepoint.rollback()
