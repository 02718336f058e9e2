"""Unpaid invoices of several ages, for the tests of the payment reminders."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command, fields

from .ledger import LedgerCase

TODAY = date(2026, 3, 10)


class UnpaidCase(LedgerCase):
    """An association on 10 March 2026, whose invoices are due on the day that the test says."""

    @classmethod
    def setUpClass(cls):
        clock = freeze_time(f"{TODAY} 09:00:00")
        clock.start()
        cls.addClassCleanup(clock.stop)
        super().setUpClass()
        cls.Unpaid = cls.env["fabloch.unpaid.report"]
        cls.Reminder = cls.env["fabloch.payment.reminder"]
        cls.company.email = "bureau@asso.example"
        cls.anna, cls.yann = cls._payers("Anna", "Yann")

    @classmethod
    def _payers(cls, *names, **vals):
        return cls.env["res.partner"].create(
            [
                {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.com", "lang": "en_US", **vals}
                for name in names
            ]
        )

    @classmethod
    def _move(cls, payer, amount, days_late=20, kind="out_invoice", company=None, **vals):
        """A posted document that was due `days_late` days ago."""
        due = fields.Date.today() - timedelta(days=days_late)
        company = company or cls.company
        move = (
            cls.env["account.move"]
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "move_type": kind,
                    "partner_id": payer.id,
                    "company_id": company.id,
                    "invoice_date": due,
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create({"name": "Laser", "price_unit": amount, "tax_ids": [Command.clear()]})
                    ],
                    **vals,
                }
            )
        )
        move.action_post()
        return move

    @classmethod
    def _pay(cls, invoices, **vals):
        context = {"active_model": "account.move", "active_ids": invoices.ids}
        return cls.env["account.payment.register"].with_context(**context).create(vals)._create_payments()

    @classmethod
    def _rows(cls, records):
        """The rows of the report about payers or documents."""
        name = "move_id" if records._name == "account.move" else "partner_id"
        return cls.Unpaid.search([(name, "in", records.ids)])

    @classmethod
    def _told(cls, moves):
        """{payer: why not, or ''} of a reminder."""
        return {notice.payer.name: notice.problem for notice in cls.Reminder._remind(moves)}

    @classmethod
    def _mails(cls, payers):
        return cls.env["mail.mail"].search([("recipient_ids", "in", payers.ids), ("model", "=", "account.move")])
