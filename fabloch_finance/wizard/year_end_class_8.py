from odoo import models
from odoo.tools import SQL

from ..spreadsheet_file import Column, Row, Table
from .year_end_pack import Check, PackTables


class YearEndClass8(models.TransientModel):
    """02: the voluntary contributions in kind, at the foot of the income statement (ANC 2018-06, class 8).

    What volunteers, lenders and givers bring stands in credit (resources), what became of it in debit (uses): an
    account is on the side on which its balance is. Both sides are equal, else the table says so.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        years = [self._year(), self._year_before()]
        accounts = self._class_8(years)
        uses = [account for account in accounts if account["side"] == "use"]
        resources = [account for account in accounts if account["side"] == "resource"]
        document = PackTables(
            self._file_name("02", self.env._("voluntary contributions")),
            self.env._("Voluntary contributions in kind"),
            [
                self._class_8_table(self.env._("Uses of contributions"), years, uses),
                self._class_8_table(self.env._("Sources of contributions"), years, resources),
                self._class_8_balance_table(years, accounts),
            ],
            (
                self.env._(
                    "Off-balance accounts: neither income nor expense. Uses and sources are equal"
                    " (regulation ANC 2018-06)."
                ),
            ),
        )
        return [*super()._documents(), document]

    def _checks(self):
        [debit, credit] = self._class_8_totals(self._class_8([self._year(), self._year_before()]))[:2]
        draft = [*self._in_year(), ("parent_state", "=", "draft"), ("account_id.account_type", "=", "off_balance")]
        count = self.env["account.move.line"].search_count(draft)
        return [
            *super()._checks(),
            Check(
                "class_8_equal",
                self.env._("Voluntary contributions: uses equal sources"),
                self.env._(
                    "Uses: %(debit)s; sources: %(credit)s", debit=self._money(debit), credit=self._money(credit)
                ),
                self.currency_id.is_zero(debit - credit),
                "account.move.line",
                [*self._in_year(), ("parent_state", "=", "posted"), ("account_id.account_type", "=", "off_balance")],
            ),
            Check(
                "class_8_draft",
                self.env._("Voluntary contributions posted"),
                self.env._("Items still in draft: %s", count),
                not count,
                "account.move.line",
                draft,
            ),
            self._count_check(
                "volunteer_hours",
                self.env._("Volunteer hours posted"),
                self.env._("Not posted yet"),
                "fabloch.volunteer.hours",
                [*self._in_year(), ("posting_id", "=", False)],
            ),
        ]

    def _class_8(self, years):
        """Return the off-balance accounts that moved in the exercise or the one before, by code: a list of dicts.

        `debit`, `credit` and `balance` of the exercise, `balance_before`, on the side of the account: positive where it
        should be. One query for the sums.
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT item.account_id,
                       COALESCE(SUM(item.debit) FILTER (WHERE item.date >= %(first)s), 0) AS debit,
                       COALESCE(SUM(item.credit) FILTER (WHERE item.date >= %(first)s), 0) AS credit,
                       COALESCE(SUM(item.balance) FILTER (WHERE item.date < %(first)s), 0) AS before
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                 WHERE item.parent_state = 'posted' AND account.account_type = 'off_balance'
                   AND item.date BETWEEN %(start)s AND %(last)s AND item.company_id IN %(companies)s
              GROUP BY item.account_id
                """,
                first=years[0].date_from,
                start=years[1].date_from,
                last=years[0].date_to,
                companies=tuple(self._companies().ids),
            )
        )
        round_ = self.currency_id.round
        accounts = {
            account.id: account for account in self.env["account.account"].browse(row["account_id"] for row in rows)
        }
        result = []
        for row in rows:
            debit, credit, before = (round_(float(row[name])) for name in ("debit", "credit", "before"))
            balance = round_(debit - credit)
            side = "use" if (balance or before) > 0 else "resource"
            sign = 1 if side == "use" else -1
            account = accounts[row["account_id"]]
            result.append(
                {
                    "code": account.code or "",
                    "name": account.name,
                    "side": side,
                    "debit": debit,
                    "credit": credit,
                    "balance": round_(sign * balance),
                    "before": round_(sign * before),
                }
            )
        return sorted(result, key=lambda account: (account["code"], account["name"]))

    def _class_8_table(self, title, years, accounts):
        names = ("debit", "credit", "balance", "before")
        rows = [Row((account["code"], account["name"], *(account[name] for name in names))) for account in accounts]
        totals = [self.currency_id.round(sum(account[name] for account in accounts)) for name in names]
        rows.append(Row((None, self.env._("Total: %s", title), *totals), "total"))
        columns = [
            Column(self.env._("Account")),
            Column(self.env._("Name")),
            Column(self.env._("Debit"), "money"),
            Column(self.env._("Credit"), "money"),
            Column(years[0].name, "money"),
            Column(years[1].name, "money"),
        ]
        return Table(title, columns, rows)

    def _class_8_totals(self, accounts):
        """Return the uses and the resources of the exercise, then of the one before."""
        return [
            self.currency_id.round(sum(account[name] for account in accounts if account["side"] == side))
            for name in ("balance", "before")
            for side in ("use", "resource")
        ]

    def _class_8_balance_table(self, years, accounts):
        use, resource, use_before, resource_before = self._class_8_totals(accounts)
        round_ = self.currency_id.round
        return Table(
            self.env._("Control"),
            [Column(""), Column(years[0].name, "money"), Column(years[1].name, "money")],
            [
                Row((self.env._("Uses of contributions"), use, use_before)),
                Row((self.env._("Sources of contributions"), resource, resource_before)),
                Row((self.env._("Difference"), round_(use - resource), round_(use_before - resource_before)), "total"),
            ],
        )
