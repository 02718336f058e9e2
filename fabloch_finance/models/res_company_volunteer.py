from odoo import fields, models
from odoo.exceptions import UserError

OFF_BALANCE = [("account_type", "=", "off_balance")]


class ResCompany(models.Model):
    """Where a company books the work of its volunteers: class 8, off the balance sheet (ANC 2018-06)."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    gift_volunteering_used_account_id = fields.Many2one(
        "account.account", "Volunteering: use", domain=OFF_BALANCE, check_company=True
    )
    gift_volunteering_given_account_id = fields.Many2one(
        "account.account", "Volunteering: gift", domain=OFF_BALANCE, check_company=True
    )

    def _fabloch_volunteer_accounts(self):
        """Return the accounts of the use and of the gift of volunteers' work; a branch has those of its house.

        :raises UserError: when one isn't chosen, with where to choose it.
        """
        self.ensure_one()
        company = self.sudo()
        accounts = []
        for name in ("gift_volunteering_used_account_id", "gift_volunteering_given_account_id"):
            if not (account := company[name] or company.root_id[name]):
                raise UserError(
                    self.env._(
                        "“%(setting)s” isn't set for %(company)s: choose it under Fablab > Configuration > Settings.",
                        setting=self._fields[name].get_description(self.env)["string"],
                        company=self.name,
                    )
                )
            accounts.append(account.with_env(self.env))
        return accounts

    def _fabloch_volunteer_journal(self):
        """Return the journal of miscellaneous entries, where the work of volunteers is booked.

        :raises UserError: when the company has none.
        """
        self.ensure_one()
        company = self.sudo()
        charts = self.env["account.chart.template"].with_company(company.root_id)
        journal = charts.ref("general", raise_if_not_found=False)
        if not journal or not journal.active:
            Journal = self.env["account.journal"].sudo()
            journal = Journal.search(
                [*Journal._check_company_domain(company), ("type", "=", "general")], order="sequence, id", limit=1
            )
        if not journal:
            raise UserError(self.env._("%s has no journal of miscellaneous operations: create one.", self.name))
        return journal.with_env(self.env)
