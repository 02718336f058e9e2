"""Data for the tests of charges and their invoicing."""

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user

TODAY = fields.Date.to_date("2026-03-10")


class FinanceCase(TransactionCase):
    """A company with a chart of accounts, a service at 20 €, and payers with a whole address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.company = cls.env.company
        cls.company.write(
            {"fabloch_invoicing_post": True, "fabloch_invoicing_send": False, "fabloch_invoicing_auto": True}
        )
        # Whatever charges the database holds are none of these tests' business.
        cls.env["fabloch.charge"].search([("state", "=", "to_invoice")]).write(
            {"waived": True, "waived_reason": "Set aside for the test"}
        )
        cls.Charge = cls.env["fabloch.charge"]
        cls.income_account = cls.env["account.account"].search(
            [("company_ids", "in", cls.company.ids), ("account_type", "=", "income")], limit=1
        )
        cls.product = cls._product("Laser cutting", property_account_income_id=cls.income_account.id)
        cls.payer, cls.other_payer = cls._payers("Anna Le Goff", "Yann Kerdoncuff")

    @classmethod
    def _product(cls, name, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": 20.0,
                "taxes_id": [Command.clear()],
                **vals,
            }
        )

    @classmethod
    def _payers(cls, *names, **vals):
        address = {"street": "1 rue du Test", "zip": "56400", "city": "Auray"}
        return cls.env["res.partner"].create([{"name": name, **address, **vals} for name in names])

    @classmethod
    def _charges(cls, payer=None, amounts=(20.0,), date=TODAY, **vals):
        payer = payer or cls.payer
        return cls.Charge.create(
            [
                {
                    "partner_id": payer.id,
                    "product_id": cls.product.id,
                    "name": f"Laser {number}",
                    "price_unit": amount,
                    "date": date,
                    **vals,
                }
                for number, amount in enumerate(amounts)
            ]
        )

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(cls.env, login, groups=groups, tz=cls.env.user.tz)
