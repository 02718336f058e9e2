from odoo import fields, models
from odoo.exceptions import UserError

INCOME = "[('account_type', 'in', ('income', 'income_other'))]"
EXPENSE = "[('account_type', 'in', ('expense', 'expense_direct_cost'))]"
OFF_BALANCE = "[('account_type', '=', 'off_balance')]"


def _account(label, domain, **options):
    """A company's account for gifts: chosen in the settings, given by the association chart.

    It may be deleted, when another chart is loaded.
    """
    return fields.Many2one("account.account", label, domain=domain, check_company=True, **options)


class ResCompany(models.Model):
    """Where a company books its gifts, and when it reminds of promises."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.company"

    gift_journal_id = fields.Many2one(
        "account.journal",
        "Journal of gifts",
        domain=[("type", "=", "sale")],
        check_company=True,
        help="Receipts of gifts of money.",
    )
    gift_kind_journal_id = fields.Many2one(
        "account.journal",
        "Journal of gifts in kind",
        domain=[("type", "=", "general")],
        check_company=True,
        help="Goods, skills, and waived expenses.",
    )
    gift_individual_account_id = _account("Gifts of individuals", INCOME)
    gift_company_account_id = _account("Gifts of companies (mécénat)", INCOME)
    gift_waived_account_id = _account("Expenses waived by volunteers", INCOME)
    gift_volunteer_account_id = _account("Owed to volunteers", "[('account_type', '=', 'liability_current')]")
    gift_trip_account_id = _account("Trips of volunteers", EXPENSE)
    gift_other_expense_account_id = _account("Other expenses of volunteers", EXPENSE)
    gift_goods_used_account_id = _account("Goods given: use", OFF_BALANCE)
    gift_goods_given_account_id = _account("Goods given: gift", OFF_BALANCE)
    gift_lent_used_account_id = _account("Goods lent: use", OFF_BALANCE)
    gift_lent_given_account_id = _account("Goods lent: gift", OFF_BALANCE)
    gift_skills_used_account_id = _account("Skills of companies: use", OFF_BALANCE)
    gift_skills_given_account_id = _account("Skills of companies: gift", OFF_BALANCE)
    sponsorship_product_id = fields.Many2one(
        "product.product",
        "Product of sponsorship",
        domain=[("sale_ok", "=", True)],
        check_company=True,
        help="What is invoiced instead of a gift when the counterparts are too high.",
    )
    gift_remind_after = fields.Integer(
        "Days after the date of a promise", default=15, help="One mail for a gift that didn't come; none at 0."
    )

    _gift_remind_positive = models.Constraint(
        "CHECK (gift_remind_after >= 0)", "The days after the date of a promise are 0 or more."
    )

    def _gift_setting(self, name):
        """Return an account, a journal or a product of the settings for gifts; a branch has those of its house.

        :param str name: the field.
        :raises UserError: when none is chosen, with where to choose it.
        """
        self.ensure_one()
        company = self.sudo()
        value = company[name] or company.root_id[name]
        if not value and name == "sponsorship_product_id":
            value = self.env.ref("fabloch_partnership.product_sponsorship", raise_if_not_found=False)
        if not value:
            raise UserError(
                self.env._(
                    "“%(setting)s” isn't set for %(company)s: choose it under Fablab > Configuration > Settings.",
                    setting=self._fields[name].get_description(self.env)["string"],
                    company=self.name,
                )
            )
        return value.with_env(self.env)
