"""Data for the tests of members: plans at round prices, people with a whole address, a fixed day."""

from datetime import date

from odoo import Command, fields
from odoo.tests import TransactionCase, freeze_time, new_test_user

TODAY = date(2026, 3, 10)


class MembershipCase(TransactionCase):
    """10 March 2026, a calendar fiscal year; a rolling plan at 30 €, and a fixed one with prorata at 120 €."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.company = cls.env.company
        cls.company.write(
            {
                "fiscalyear_last_day": 31,
                "fiscalyear_last_month": "12",
                "fabloch_invoicing_post": True,
                "fabloch_invoicing_send": False,
                "membership_invoice_now": True,
                "membership_active_unpaid": False,
                "membership_remind_before": 30,
                "membership_remind_on": True,
                "membership_remind_after": 15,
            }
        )
        # Whatever memberships the database holds are none of these tests' business.
        cls.env["fabloch.membership"].search([("cancel_date", "=", False)]).write(
            {"cancel_date": "2000-01-01", "cancel_reason": "Set aside for the test"}
        )
        cls.Membership = cls.env["fabloch.membership"]
        cls.account = cls.env["account.account"].search(
            [("company_ids", "in", cls.company.ids), ("account_type", "=", "income")], limit=1
        )
        cls.individual = cls.env.ref("fabloch_membership.member_category_particulier")
        cls.sme = cls.env.ref("fabloch_membership.member_category_pme")
        cls.rolling = cls._plan("Rolling", 30.0)
        cls.fixed = cls._plan("Fixed", 120.0, period="fixed", prorata=True)
        cls.anna, cls.yann = cls._partners("Anna Le Goff", "Yann Kerdoncuff")

    @classmethod
    def _plan(cls, name, price, **vals):
        product = cls.env["product.product"].create(
            {
                "name": f"Fee {name}",
                "type": "service",
                "list_price": price,
                "taxes_id": [Command.clear()],
                "property_account_income_id": cls.account.id,
            }
        )
        return cls.env["fabloch.membership.plan"].create({"name": name, "product_id": product.id, **vals})

    @classmethod
    def _partners(cls, *names, **vals):
        defaults = {
            "street": "1 rue du Test",
            "zip": "56400",
            "city": "Auray",
            "lang": "en_US",
            "member_category_id": cls.individual.id,
        }
        return cls.env["res.partner"].create([{"name": name, **defaults, **vals} for name in names])

    @classmethod
    def _membership(cls, partner=None, plan=None, start=TODAY, confirm=False, **vals):
        membership = cls.Membership.create(
            {
                "partner_id": (partner or cls.anna).id,
                "plan_id": (plan or cls.rolling).id,
                "date_start": start,
                **vals,
            }
        )
        if confirm:
            membership._confirm(date=min(membership.date_start, fields.Date.today()))
        return membership

    @classmethod
    def _pay(cls, memberships):
        """Pay the invoices of `memberships` whole, by the bank."""
        invoices = memberships.charge_ids.invoice_id.filtered(lambda move: move.payment_state != "paid")
        for invoice in invoices:
            cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({})._create_payments()
        return invoices

    @classmethod
    def _running(cls, partner=None, plan=None, start=TODAY, **vals):
        """A confirmed and paid membership."""
        membership = cls._membership(partner, plan, start, confirm=True, **vals)
        cls._pay(membership)
        return membership

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(cls.env, login, groups=groups, company_id=cls.company.id, tz=cls.env.user.tz)
