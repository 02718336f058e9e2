from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL, format_date

from ..spreadsheet_file import Column, Row, Table
from .year_end_pack import PackTables


def change_rate(amount, before):
    """Return by how much an amount changed, as a ratio of what it was; None when it was nothing.

    >>> change_rate(150, 100), change_rate(50, -100), change_rate(10, 0)
    (0.5, 1.5, None)
    """
    return (amount - before) / abs(before) if before else None


class YearEndRevenue(models.TransientModel):
    """01: the revenue by stream of the exercise beside the one before, and the control of it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        Stream = self.env["fabloch.revenue.stream"]
        years = [self._year(), self._year_before()]
        figures = [Stream._self_financing(year.date_from, year.date_to) for year in years]
        controls = [Stream._control(year.date_from, year.date_to) for year in years]
        order = {stream.id: rank for rank, stream in enumerate(Stream.with_context(active_test=False).search([]))}
        streams = sorted(
            {row["stream_id"]: row for row in [*figures[1]["streams"], *figures[0]["streams"]]}.values(),
            key=lambda row: order.get(row["stream_id"], len(order)),
        )
        months = self._revenue_by_month(years)
        tables = [
            self._revenue_table(years, figures, streams),
            self._self_financing_table(years, figures),
            self._control_table(years, controls),
            *self._control_accounts_tables(controls[0]),
            self._revenue_account_table(years, streams, months),
            self._revenue_month_table(years[0], streams, months),
            self._revenue_item_table(streams),
        ]
        notes = (
            self.env._(
                "Posted items of the income accounts: credit less debit. A stream that is ticked as self-financing is"
                " what the association earns, or what private people and bodies give it."
            ),
        )
        document = PackTables(
            self._file_name("01", self.env._("revenue by stream")), self.env._("Revenue by stream"), tables, notes
        )
        return [*super()._documents(), document]

    def _year_columns(self, years):
        """Return the columns of an amount in the exercise and in the one before, and of its change."""
        return [
            Column(years[0].name, "money"),
            Column(years[1].name, "money"),
            Column(self.env._("Change"), "money"),
            Column(self.env._("Change (%)"), "rate"),
        ]

    def _year_values(self, amount, before):
        """Return the cells of `_year_columns`."""
        return amount, before, self.currency_id.round(amount - before), change_rate(amount, before)

    def _revenue_table(self, years, figures, streams):
        """Return the streams with a subtotal for each kind, and how much of all revenue each is."""
        currency = self.currency_id
        amounts = [{row["stream_id"]: row["amount"] for row in figure["streams"]} for figure in figures]
        revenue = figures[0]["revenue"]

        def row(label, stream_ids, style="line"):
            this, before = (currency.round(sum(each.get(stream, 0.0) for stream in stream_ids)) for each in amounts)
            share = None if currency.is_zero(revenue) else this / revenue
            return Row((label, *self._year_values(this, before), share), style)

        rows = []
        kinds = dict(self.env["fabloch.revenue.stream"]._fields["kind"]._description_selection(self.env))
        for kind, label in kinds.items():
            # What has no stream stands with the other revenue, as in the self-financing rate.
            members = [stream for stream in streams if (stream["kind"] or "other") == kind]
            if members:
                rows.append(Row((label, None, None, None, None, None), "heading"))
                rows += [row(stream["name"], [stream["stream_id"]]) for stream in members]
                rows.append(
                    row(self.env._("Total: %s", label), [stream["stream_id"] for stream in members], "subtotal")
                )
        rows.append(row(self.env._("All revenue"), [stream["stream_id"] for stream in streams], "total"))
        columns = [Column(self.env._("Stream")), *self._year_columns(years), Column(self.env._("Share (%)"), "rate")]
        return Table(self.env._("By stream"), columns, rows)

    def _self_financing_table(self, years, figures):
        this, before = figures
        rate, rate_before = this["rate"], before["rate"]
        change = None if rate is None or rate_before is None else rate - rate_before
        return Table(
            self.env._("Self-financing"),
            [
                Column(""),
                Column(years[0].name, "money"),
                Column(years[1].name, "money"),
                Column(self.env._("Change"), "money"),
            ],
            [
                Row(
                    (
                        self.env._("Self-financing revenue"),
                        *self._year_values(this["self_financing"], before["self_financing"])[:3],
                    )
                ),
                Row((self.env._("All revenue"), *self._year_values(this["revenue"], before["revenue"])[:3])),
                Row((self.env._("Self-financing rate (change in points)"), rate, rate_before, change), "total", "rate"),
            ],
        )

    def _control_table(self, years, controls):
        labels = {
            "class_7": self.env._("Class of income in the ledger"),
            "streams": self.env._("Sum of the streams"),
            "difference": self.env._("Difference"),
        }
        return Table(
            self.env._("Control"),
            [Column(""), Column(years[0].name, "money"), Column(years[1].name, "money")],
            [
                Row((label, *(control[name] for control in controls)), "total" if name == "difference" else "line")
                for name, label in labels.items()
            ],
        )

    def _control_accounts_tables(self, control):
        """Return the tables of the accounts that the control finds fault with; none when all is well."""
        titles = {
            "without_stream": self.env._("Accounts without stream"),
            "elsewhere": self.env._("Accounts in one sum only"),
        }
        columns = [Column(self.env._("Account")), Column(self.env._("Name")), Column(self.env._("Amount"), "money")]
        return [
            Table(title, columns, [Row((account["code"], account["name"], account["amount"])) for account in accounts])
            for name, title in titles.items()
            if (accounts := control[name])
        ]

    # -- By account, by month, item by item ------------------------------------------------------------------------

    def _revenue_by_month(self, years):
        """Return the revenue of both years, one query: (stream id, account id, first day of the month, amount)."""
        self.env.flush_all()
        return [
            (stream, account, month, self.currency_id.round(float(amount)))
            for stream, account, month, amount in self.env.execute_query(
                SQL(
                    """
                    SELECT revenue.stream_id, revenue.account_id, date_trunc('month', revenue.date)::date,
                           SUM(revenue.amount)
                      FROM (%s) revenue
                     WHERE revenue.date BETWEEN %s AND %s AND revenue.company_id IN %s
                  GROUP BY 1, 2, 3
                  ORDER BY 3, 2, 1
                    """,
                    self.env["fabloch.revenue.report"]._table_query,
                    years[1].date_from,
                    years[0].date_to,
                    tuple(self._companies().ids),
                )
            )
        ]

    def _revenue_account_table(self, years, streams, months):
        accounts = self.env["account.account"].browse(sorted({account for _stream, account, _month, _amount in months}))
        rank = {stream["stream_id"]: number for number, stream in enumerate(streams)}
        names = {stream["stream_id"]: stream["name"] for stream in streams}
        sums = {}
        for stream, account, month, amount in months:
            both = sums.setdefault((stream or False, account), [0.0, 0.0])
            number = 0 if month >= years[0].date_from.replace(day=1) else 1
            both[number] = self.currency_id.round(both[number] + amount)
        ordered = sorted(accounts, key=lambda account: (account.code or "", account.id))
        position = {account.id: number for number, account in enumerate(ordered)}
        rows = []
        for stream, account_id in sorted(sums, key=lambda key: (rank[key[0]], position[key[1]])):
            account = self.env["account.account"].browse(account_id)
            values = self._year_values(*sums[stream, account_id])
            rows.append(Row((names[stream], account.code, account.name, *values)))
        totals = [self.currency_id.round(sum(both[number] for both in sums.values())) for number in (0, 1)]
        rows.append(Row((self.env._("All revenue"), None, None, *self._year_values(*totals)), "total"))
        columns = [Column(self.env._("Stream")), Column(self.env._("Account")), Column(self.env._("Name"))]
        return Table(self.env._("By account"), [*columns, *self._year_columns(years)], rows, printed=False)

    def _revenue_month_table(self, year, streams, months):
        first = year.date_from.replace(day=1)
        days = []
        while first <= year.date_to:
            days.append(first)
            first += relativedelta(months=1)
        round_ = self.currency_id.round
        sums = {}
        for stream, _account, month, amount in months:
            sums[stream or False, month] = round_(sums.get((stream or False, month), 0.0) + amount)
        rows = []
        for stream in streams:
            values = [sums.get((stream["stream_id"], day), 0.0) for day in days]
            rows.append(Row((stream["name"], *values, round_(sum(values)))))
        totals = [round_(sum(row.values[number] for row in rows)) for number in range(1, len(days) + 2)]
        rows.append(Row((self.env._("All revenue"), *totals), "total"))
        columns = [Column(format_date(self.env, day, date_format="MMM yyyy"), "money") for day in days]
        return Table(
            self.env._("By month"),
            [Column(self.env._("Stream")), *columns, Column(self.env._("Total"), "money")],
            rows,
            printed=False,
        )

    def _revenue_item_table(self, streams):
        """Return every item of the exercise, for whoever wants to see what a sum is made of."""
        names = {stream["stream_id"]: stream["name"] for stream in streams}
        year = self._year()
        items = self.env.execute_query(
            SQL(
                """
                SELECT revenue.date, move.name, revenue.stream_id, revenue.account_id, revenue.label, revenue.amount
                  FROM (%s) revenue
                  JOIN account_move move ON move.id = revenue.move_id
                 WHERE revenue.date BETWEEN %s AND %s AND revenue.company_id IN %s
              ORDER BY revenue.date, move.name, revenue.id
                """,
                self.env["fabloch.revenue.report"]._table_query,
                year.date_from,
                year.date_to,
                tuple(self._companies().ids),
            )
        )
        accounts = self.env["account.account"].browse({item[3] for item in items})
        codes = {account.id: account.code for account in accounts}
        return Table(
            self.env._("Items"),
            [
                Column(self.env._("Date"), "date"),
                Column(self.env._("Entry")),
                Column(self.env._("Stream")),
                Column(self.env._("Account")),
                Column(self.env._("Label")),
                Column(self.env._("Amount"), "money"),
            ],
            [
                Row((day, entry, names[stream or False], codes[account], label, self.currency_id.round(float(amount))))
                for day, entry, stream, account, label, amount in items
            ],
            printed=False,
        )
