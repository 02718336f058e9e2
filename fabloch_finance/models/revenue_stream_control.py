from odoo import api, models
from odoo.tools import SQL


class RevenueStream(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.revenue.stream"

    @api.model
    def _control(self, date_from, date_to):
        """Compare the sum of the streams with the ledger, for the current company and its branches.

        One query, independent of the report's own on the ledger's side.

        :param date date_from: first day
        :param date date_to: last day
        :return: a dict, amounts in the company's currency: `class_7`, credit less debit of the posted items on the
            accounts whose code begins with the company's class of income; `streams`, the sum of the report;
            `difference`, class_7 less streams; `without_stream`, the accounts of the report that have no stream, and
            `elsewhere`, those whose amount is not the same in both sums (their amounts sum to the difference), each a
            list of dicts `account_id`, `code`, `name`, `amount`
        :raise AccessError: when the user may not read the control
        """
        Account = self.env["fabloch.revenue.control.account"]
        Account.check_access("read")
        self.env.flush_all()
        company = self.env.company
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT account_id, code, name, SUM(class_7) AS class_7, SUM(streams) AS streams,
                       SUM(difference) AS difference, COALESCE(SUM(streams) FILTER (WHERE without_stream), 0) AS nowhere,
                       bool_or(without_stream) AS without_stream, bool_or(difference != 0) AS elsewhere
                  FROM (%s) compared
              GROUP BY account_id, code, name
              ORDER BY code
                """,
                Account._compared_query(
                    by_year=False,
                    condition=SQL(
                        "item.date BETWEEN %s AND %s AND item.company_id IN"
                        " (SELECT id FROM res_company WHERE starts_with(parent_path, %s))",
                        date_from,
                        date_to,
                        company.sudo().parent_path,
                    ),
                ),
            )
        )

        def total(name):
            return company.currency_id.round(float(sum(row[name] for row in rows)))

        def named(test, amount):
            return [
                {key: row[key] for key in ("account_id", "code", "name")}
                | {"amount": company.currency_id.round(float(row[amount]))}
                for row in rows
                if row[test]
            ]

        return {
            "class_7": total("class_7"),
            "streams": total("streams"),
            "difference": total("difference"),
            "without_stream": named("without_stream", "nowhere"),
            "elsewhere": named("elsewhere", "difference"),
        }
