from odoo import models

from odoo.addons.fabloch_finance.spreadsheet_file import Column, Row, Table
from odoo.addons.fabloch_finance.wizard.year_end_pack import PackTables

COUNTS = ("members", "new_members", "renewed_members", "returned_members", "lapsed_members", "members_before")


class YearEndPack(models.TransientModel):
    """04: the members of the exercise beside the year before, by category and by plan, firms apart."""

    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        document = PackTables(
            self._file_name("04", self.env._("memberships")),
            self.env._("Memberships"),
            [self._member_category_table(), self._member_table(self.env._("By plan"), ["plan_id"])],
            (
                self.env._(
                    "Distinct members: whoever holds two plans counts once in each total. Lapsed: a member of the year"
                    " before who isn't one of this year. Fees: of the memberships that start in the year."
                ),
            ),
        )
        return [*super()._documents(), document]

    def _member_columns(self, label):
        """Return the columns of a table of members; the headings are those of the report."""
        years = self._year(), self._year_before()
        report = self.env["fabloch.membership.report"].fields_get(COUNTS, ["string"])
        return [
            Column(label),
            *(Column(report[name]["string"], "number") for name in COUNTS),
            *(Column(self.env._("Fees %s", year.name), "money") for year in years),
        ]

    def _member_figures(self, groupby):
        """Return the figures of the exercise: (group, ..., the counts, fees, fees of the year before)."""
        return self.env["fabloch.membership.report"]._read_group(
            [("company_id", "child_of", self.company_id.id), ("fiscal_year", "=", self._year().name)],
            groupby,
            [*(f"{name}:count_distinct" for name in COUNTS), "amount:sum", "amount_before:sum"],
        )

    def _member_row(self, label, figures, style="line"):
        counts, fees = figures[: len(COUNTS)], figures[len(COUNTS) :]
        return Row((label, *counts, *(self.currency_id.round(amount or 0.0) for amount in fees)), style)

    def _member_total(self):
        [figures] = self._member_figures([])
        return self._member_row(self.env._("All members"), figures, "total")

    def _member_table(self, label, groupby):
        """Return the figures by group, in the groups' order, and the total: less than the sum, if some are in two."""
        groups = sorted(self._member_figures(groupby), key=lambda group: (not group[0], group[0].display_name or ""))
        rows = [self._member_row(record.display_name or self.env._("None"), figures) for record, *figures in groups]
        return Table(label, self._member_columns(""), [*rows, self._member_total()])

    def _member_category_table(self):
        """Return the figures by category: the firms with their subtotal, then everybody else."""
        subtotals = {business: figures for business, *figures in self._member_figures(["is_business"])}
        groups = self._member_figures(["is_business", "category_id"])
        groups.sort(key=lambda group: (not group[1], group[1].sequence, group[1].name or "", group[1].id))
        labels = {True: self.env._("Businesses"), False: self.env._("Other members")}
        rows = []
        for business in (True, False):
            rows += [
                self._member_row(category.name or self.env._("Without category"), figures)
                for of_business, category, *figures in groups
                if of_business == business
            ]
            if business in subtotals:
                label = self.env._("Total: %s", labels[business])
                rows.append(self._member_row(label, subtotals[business], "subtotal"))
        return Table(self.env._("By category"), self._member_columns(""), [*rows, self._member_total()])
