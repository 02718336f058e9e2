from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import FinanceCase


@tagged("post_install", "-at_install")
class TestUnpaidTour(FinanceCase, HttpCase):
    def test_from_the_list_to_the_reminder(self):
        payer = self._payers("Tour Payer", email="payer@example.com", lang="en_US")
        due = fields.Date.today() - timedelta(days=100)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": payer.id,
                "invoice_date": due,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "price_unit": 42})],
            }
        )
        invoice.action_post()
        user = self._user("desk", "fabloch_finance.group_finance_user")
        user.lang = "en_US"
        self.start_tour("/odoo", "fabloch_finance_unpaid", login="desk")
        self.assertEqual(invoice.fabloch_reminder_ids.mapped(lambda row: (row.level, row.user_id)), [(1, user)])
        self.assertEqual(invoice.fabloch_reminder_ids.message_id.notified_partner_ids | payer, payer)
