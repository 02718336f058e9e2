"""Enrolment: contact, membership, invoice and payment in one go, or nothing at all."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import TODAY, MembershipCase


@tagged("post_install", "-at_install")
class TestEnrol(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("desk", "fabloch_membership.group_membership_user")
        cls.firm_plan = cls._plan("Firm", 200.0, category_ids=[(6, 0, cls.sme.ids)], sequence=0)
        cls.rolling.write({"category_ids": [(6, 0, cls.individual.ids)], "sequence": 0})

    def _form(self):
        return Form(self.env["fabloch.membership.enrol"].with_user(self.user))

    def _enrolled(self, form):
        return self.Membership.browse(form.save().action_enrol()["res_id"])

    def test_new_contact_becomes_a_paid_member_in_one_go(self):
        form = self._form()
        form.name = "Rozenn Guillou"
        form.street, form.zip, form.city = "3 rue du Test", "56400", "Auray"
        form.category_id = self.individual
        self.assertEqual((form.plan_id, form.price), (self.rolling, 30.0))
        membership = self._enrolled(form)
        self.assertEqual((membership.status, membership.payment), ("active", "paid"))
        self.assertEqual(membership.date_start, TODAY)
        partner = membership.partner_id
        self.assertEqual(
            (partner.name, partner.member_category_id, partner.city), ("Rozenn Guillou", self.individual, "Auray")
        )
        self.assertTrue(partner.member_number)
        self.assertEqual(membership.charge_ids.invoice_id.amount_residual, 0.0)

    def test_known_contact_brings_its_category_and_plan(self):
        self.anna.member_category_id = self.sme
        form = self._form()
        form.partner_id = self.anna
        self.assertEqual((form.category_id, form.plan_id, form.price), (self.sme, self.firm_plan, 200.0))
        self.assertEqual(self._enrolled(form).partner_id, self.anna)

    def test_another_category_proposes_another_plan(self):
        form = self._form()
        form.partner_id = self.anna
        self.assertEqual(form.plan_id, self.rolling)
        form.category_id = self.sme
        self.assertEqual(form.plan_id, self.firm_plan)
        self._enrolled(form)
        self.assertEqual(self.anna.member_category_id, self.sme)

    def test_paid_later_waits(self):
        form = self._form()
        form.partner_id = self.anna
        form.pay_now = False
        membership = self._enrolled(form)
        self.assertEqual((membership.status, membership.payment), ("waiting", "unpaid"))

    def test_payment_is_in_the_chosen_journal_with_its_reference(self):
        journal = self.env["account.journal"].create({"name": "Till", "type": "cash", "code": "TILL"})
        form = self._form()
        form.partner_id = self.anna
        form.journal_id = journal
        form.payment_reference = "Cheque 123"
        membership = self._enrolled(form)
        payment = self.env["account.payment"].search([("partner_id", "=", self.anna.id)])
        self.assertEqual((payment.journal_id, payment.amount), (journal, 30.0))
        self.assertIn("Cheque 123", payment.memo)
        self.assertEqual(membership.payment, "paid")

    def test_company_that_keeps_drafts_still_takes_the_payment(self):
        self.company.fabloch_invoicing_post = False
        form = self._form()
        form.partner_id = self.anna
        self.assertEqual(self._enrolled(form).status, "active")

    def test_free_membership_takes_no_payment(self):
        form = self._form()
        form.partner_id = self.anna
        form.price = 0.0
        membership = self._enrolled(form)
        self.assertEqual((membership.status, membership.invoice_count), ("active", 0))

    def test_missing_address_is_said_and_nothing_is_made(self):
        contacts, memberships = self.env["res.partner"].search_count([]), self.Membership.search_count([])
        form = self._form()
        form.name = "No Address"
        form.category_id = self.individual
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "Street, Zip, City"), self.cr.savepoint():
            wizard.action_enrol()
        self.env.invalidate_all()
        self.assertEqual(self.env["res.partner"].search_count([]), contacts)
        self.assertEqual(self.Membership.search_count([]), memberships)

    def test_nobody_chosen_is_said(self):
        vals = {"category_id": self.individual.id, "plan_id": self.rolling.id}
        with self.assertRaisesRegex(UserError, "give the name of the new one"):
            self.env["fabloch.membership.enrol"].create(vals).action_enrol()
