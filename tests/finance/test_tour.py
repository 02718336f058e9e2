from odoo.tests import HttpCase, tagged

from .common import FinanceCase


@tagged("post_install", "-at_install")
class TestInvoicingTour(FinanceCase, HttpCase):
    def test_from_the_charges_to_the_invoices(self):
        payer, homeless = self._payers("Tour Payer", "Tour Homeless")
        homeless.city = False
        today = self.Charge._fields["date"].context_today(self.Charge)
        charges = self._charges(payer, [20, 30], date=today) | self._charges(homeless, date=today)
        self._user("desk", "fabloch_finance.group_finance_user")
        self.start_tour("/odoo", "fabloch_finance_invoicing", login="desk")
        self.assertEqual(charges.mapped("state"), ["invoiced", "invoiced", "to_invoice"])
