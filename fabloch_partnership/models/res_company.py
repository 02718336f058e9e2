from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    convention_signatory_id = fields.Many2one(
        "res.users",
        "Signs conventions",
        domain=[("share", "=", False)],
        help="Who signs for the association by default: its president, as a rule.",
    )
    convention_user_id = fields.Many2one(
        "res.users",
        "Follows conventions",
        domain=[("share", "=", False)],
        help="Gets the activities of the conventions that nobody follows.",
    )
    convention_notice_days = fields.Integer(
        "Days before the notice",
        default=30,
        help="The activity is raised that many days before the last day of notice.",
    )
    convention_we_sign_first = fields.Boolean(
        "We sign conventions first",
        default=True,
        help="The partner is mailed once our signatory has signed: the partner's signature makes the convention."
        " Otherwise they are mailed at once, and ours comes last.",
    )
    grant_receivable_account_id = fields.Many2one(
        "account.account",
        "Subsidies receivable",
        check_company=True,
        domain=[("reconcile", "=", True)],
        help="What public bodies have notified and not paid yet.",
    )
    grant_income_account_id = fields.Many2one(
        "account.account", "Income from subsidies", check_company=True, help="Unless the convention says another one."
    )
    grant_deferred_account_id = fields.Many2one(
        "account.account", "Deferred income", check_company=True, help="The share of subsidies of later fiscal years."
    )
    convention_fee_account_id = fields.Many2one(
        "account.account", "Fees paid to networks", check_company=True, help="When the instalment has no product."
    )

    _convention_notice_days_positive = models.Constraint(
        "CHECK (convention_notice_days >= 0)", "The days before the notice are 0 or more."
    )

    def _grant_accounts(self):
        """Return the accounts of subsidies: {`receivable`, `income`, `deferred`}.

        :raises UserError: when the settings lack one.
        """
        self.ensure_one()
        accounts = {
            "receivable": self.grant_receivable_account_id,
            "income": self.grant_income_account_id,
            "deferred": self.grant_deferred_account_id,
        }
        if not all(accounts.values()):
            raise UserError(
                self.env._(
                    "Choose the accounts of subsidies (receivable, income, deferred income) first: Fablab > "
                    "Configuration > Settings, under Partnerships."
                )
            )
        return accounts

    def _grant_journal(self):
        """Return the journal of the entries of subsidies: the company's first one of miscellaneous operations."""
        self.ensure_one()
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.id)], order="sequence, id", limit=1
        )
        if not journal:
            raise UserError(self.env._("%s has no journal of miscellaneous operations: create one.", self.name))
        return journal
