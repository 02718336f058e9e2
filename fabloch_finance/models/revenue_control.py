from odoo import api, models
from odoo.tools import SQL


class RevenueStream(models.Model):
    """TO BE REPLACED AT MERGE by the real control of the branch h-rev: the least that its contract asks for."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.revenue.stream"

    @api.model
    def _control(self, date_from, date_to):
        """Hold the revenue of the report against the ledger's class of income."""
        company = self.env.company
        Account = self.env["account.account"].sudo()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.account_id, -SUM(item.balance)
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                  JOIN res_company company ON company.id = item.company_id
                 WHERE item.parent_state = 'posted' AND item.date BETWEEN %s AND %s
                   AND starts_with(company.parent_path, %s)
                   AND starts_with(account.code_store->>split_part(company.parent_path, '/', 1), '7')
              GROUP BY item.account_id
                """,
                date_from,
                date_to,
                company.sudo().parent_path,
            )
        )
        ledger = {account: float(amount) for account, amount in rows}
        report = dict(
            self.env["fabloch.revenue.report"]
            .sudo()
            ._read_group(
                [("date", ">=", date_from), ("date", "<=", date_to), ("company_id", "child_of", company.id)],
                ["account_id"],
                ["amount:sum"],
            )
        )
        report = {account.id: amount for account, amount in report.items()}
        streams = self._stream_by_account(company)

        def listed(amounts):
            return [
                {"account_id": account.id, "code": account.code, "name": account.name, "amount": amounts[account.id]}
                for account in Account.browse(amounts).sorted("code")
            ]

        class_7 = company.currency_id.round(sum(ledger.values()))
        total = company.currency_id.round(sum(report.values()))
        return {
            "class_7": class_7,
            "streams": total,
            "difference": company.currency_id.round(class_7 - total),
            "without_stream": listed({account: amount for account, amount in report.items() if not streams[account]}),
            "elsewhere": listed(
                {account: amount for account, amount in ledger.items() if account not in report}
                | {account: amount for account, amount in report.items() if account not in ledger}
            ),
        }
