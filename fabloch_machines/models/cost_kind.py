from odoo import fields, models


class CostKind(models.Model):
    """A kind of what machines cost: a set of expense accounts, by the beginning of their codes.

    An expense account without kind is no cost of the machines, except for what is put on one by the analytic
    distribution: that is another cost, a fixed one.
    """

    _name = "fabloch.cost.kind"
    _description = "Kind of machine cost"
    _inherit = "fabloch.account.prefix.mixin"
    _order = "sequence, id"

    code = fields.Char(
        help="A short stable word. Depreciation, maintenance, consumables and energy have their own column in the cost "
        "recovery, every other code is in “Other costs”."
    )
    behaviour = fields.Selection(
        [("fixed", "Fixed"), ("variable", "With the hours")],
        required=True,
        default="fixed",
        help="Fixed: the same whether the machine is used or not, such as depreciation. With the hours: it grows with "
        "the use, such as energy.",
    )
    account_prefixes = fields.Char(
        help="First digits of the expense accounts, separated by commas: “6155, 6156”. The longest prefix wins."
    )

    _code_company_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "Another kind of cost has this code: choose another one, or change that kind.",
    )

    def _account_kind_query(self):
        """Give the query of the kinds of expense accounts: account_id, company_id, owner_id (may be null).

        The one place that says which kind an account belongs to.
        """
        return self._account_owner_query(("expense", "expense_other", "expense_depreciation", "expense_direct_cost"))
