import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


def split_prefixes(text):
    """Return the beginnings of account codes that a text names, separated by commas, semicolons or spaces."""
    return [prefix for prefix in re.split(r"[,;\s]+", text or "") if prefix]


def is_prefix(text):
    """Tell whether a text may be the beginning of an account code."""
    return bool(re.fullmatch(r"[A-Za-z0-9.]+", text))


class AccountPrefixMixin(models.AbstractModel):
    """What accounts belong to by the beginning of their codes: revenue streams, kinds of cost; the longest prefix wins.

    A record without company holds for every company; otherwise it holds for its company and that one's branches.
    """

    _name = "fabloch.account.prefix.mixin"
    _description = "Owner of accounts by the beginning of their codes"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="A short stable word that other programs may rely on.")
    account_prefixes = fields.Char(
        help="First digits of the accounts, separated by commas: “7061, 7083”. The longest prefix wins.",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company. Otherwise for this one and its branches."
    )
    active = fields.Boolean(default=True)

    @api.constrains("account_prefixes", "company_id", "active")
    def _check_account_prefixes(self):
        """Refuse what is no prefix, and one prefix in two records of a company: which would win?"""
        taken = {}
        for record in self.sudo().search([("account_prefixes", "!=", False)]):
            for prefix in record._prefixes():
                if not is_prefix(prefix):
                    raise ValidationError(
                        self.env._(
                            "“%(prefix)s” in “%(record)s” is not the beginning of an account code. Write digits"
                            " separated by commas, such as “7061, 7083”.",
                            prefix=prefix,
                            record=record.display_name,
                        )
                    )
                other = taken.setdefault((prefix, record.company_id), record)
                if other != record:
                    raise ValidationError(
                        self.env._(
                            "The prefix %(prefix)s is in “%(record)s” and in “%(other)s”: leave it in one of them, or"
                            " write a longer prefix in the other.",
                            prefix=prefix,
                            record=record.display_name,
                            other=other.display_name,
                        )
                    )

    def copy_data(self, default=None):
        return [
            dict(vals, code=f"{record.code}_copy", account_prefixes=False)
            for record, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _prefixes(self):
        """Give the record's prefixes, cleaned."""
        self.ensure_one()
        return split_prefixes(self.account_prefixes)

    @api.model
    def _account_owner_query(self, account_types, by_hand=None):
        """Give the query of who owns each account: account_id, company_id, owner_id (may be null).

        A company shares the accounts of the companies above it, and the code of an account depends on the root company.

        :param tuple account_types: the types of the accounts that may have an owner
        :param str by_hand: the column of the account that names its owner whatever its code, if there is one
        """
        return SQL(
            """
            WITH owner_prefix AS MATERIALIZED (
                SELECT owner.id, owner.company_id, owner.sequence, prefix
                  FROM %(owners)s owner
            CROSS JOIN LATERAL regexp_split_to_table(owner.account_prefixes, '[,;[:space:]]+') AS prefix
                 WHERE owner.active AND prefix != ''
            )
            SELECT candidate.account_id,
                   candidate.company_id,
                   COALESCE(candidate.owner_id, by_prefix.owner_id) AS owner_id
              FROM (
                       SELECT DISTINCT account.id AS account_id,
                              company.id AS company_id,
                              %(by_hand)s AS owner_id,
                              account.code_store->>split_part(company.parent_path, '/', 1) AS code,
                              string_to_array(company.parent_path, '/') AS company_path
                         FROM account_account account
                         JOIN account_account_res_company_rel owner ON owner.account_account_id = account.id
                         JOIN res_company owner_company ON owner_company.id = owner.res_company_id
                         JOIN res_company company ON starts_with(company.parent_path, owner_company.parent_path)
                        WHERE account.account_type IN %(account_types)s
                   ) candidate
         LEFT JOIN LATERAL (
                       SELECT owner.id AS owner_id
                         FROM owner_prefix owner
                        WHERE starts_with(candidate.code, prefix)
                          AND (owner.company_id IS NULL OR owner.company_id::text = ANY(candidate.company_path))
                     ORDER BY length(prefix) DESC, owner.company_id NULLS LAST, owner.sequence, owner.id
                        LIMIT 1
                   ) by_prefix ON candidate.owner_id IS NULL
            """,
            by_hand=SQL.identifier("account", by_hand) if by_hand else SQL("NULL::integer"),
            account_types=tuple(account_types),
            owners=SQL.identifier(self._table),
        )
