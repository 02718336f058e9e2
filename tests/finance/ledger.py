"""An association with its chart of accounts, for the tests of what is read from the ledger."""

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user


class LedgerCase(TransactionCase):
    """A company on the association chart, the only one that the environment may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._company("Association of the test")
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                allowed_company_ids=cls.company.ids,
                tracking_disable=True,
                no_reset_password=True,
            )
        )
        cls.company = cls.company.with_env(cls.env)
        cls.Stream = cls.env["fabloch.revenue.stream"]
        cls.Report = cls.env["fabloch.revenue.report"]

    @classmethod
    def _company(cls, name, chart="fr_association", **vals):
        company = cls.env["res.company"].create({"name": name, "country_id": cls.env.ref("base.fr").id, **vals})
        cls.env.user.company_ids += company
        cls.env["account.chart.template"].try_loading(chart, company)
        return company

    @classmethod
    def _accounts(cls, company=None):
        """Every account of a company, by code."""
        company = company or cls.company
        accounts = cls.env["account.account"].with_company(company)
        accounts = accounts.with_context(allowed_company_ids=company.ids).search([("company_ids", "in", company.ids)])
        return {account.code: account for account in accounts}

    @classmethod
    def _entry(cls, *lines, date="2026-03-10", company=None, post=True, **vals):
        """A journal entry of (account code, credit less debit), balanced on account 512.

        :param lines: tuples (code, amount) or (code, amount, partner)
        """
        company = company or cls.company
        accounts = cls._accounts(company)
        commands = []
        for code, amount, *partner in lines:
            commands.append(
                Command.create(
                    {
                        "account_id": accounts[code].id,
                        "partner_id": partner[0].id if partner else False,
                        "name": f"Item on {code}",
                        "balance": -amount,
                    }
                )
            )
        commands.append(
            Command.create({"account_id": accounts["471000"].id, "balance": sum(line[1] for line in lines)})
        )
        move = (
            cls.env["account.move"]
            .with_context(allowed_company_ids=company.ids)
            .create({"move_type": "entry", "date": fields.Date.to_date(date), "line_ids": commands, **vals})
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, login, groups=groups, company_id=company.id, company_ids=[Command.set(company.ids)]
        )
