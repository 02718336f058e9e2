from odoo import models

from ..spreadsheet_file import Column, Row, Table
from .year_end_pack import Check, PackTables


class YearEndThresholds(models.TransientModel):
    """03: what the law limits, beside its limit: lucrative receipts, sales to members, public money."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        document = PackTables(
            self._file_name("03", self.env._("thresholds")),
            self.env._("Thresholds"),
            [self._threshold_table(year) for year in (self._year(), self._year_before())],
        )
        return [*super()._documents(), document]

    def _checks(self):
        thresholds = self._thresholds(self._year())
        over = thresholds.filtered(lambda threshold: threshold.level != "ok")
        return [
            *super()._checks(),
            Check(
                "thresholds",
                self.env._("Thresholds kept"),
                ", ".join(over.mapped("name")) or self.env._("None is near."),
                not over,
                thresholds._name,
                [("id", "in", over.ids)],
            ),
        ]

    def _thresholds(self, year):
        """Return the gauges whose year ends in an exercise: lucrative receipts are of a calendar year.

        The law measures the legal entity: those of a branch are its root company's.
        """
        return self.env["fabloch.threshold.report"].search(
            [
                ("company_id", "=", self.company_id.root_id.id),
                ("date_to", ">=", year.date_from),
                ("date_to", "<=", year.date_to),
            ],
            order="date_to, id",
        )

    def _threshold_table(self, year):
        thresholds = self._thresholds(year)
        levels = dict(thresholds._fields["level"]._description_selection(self.env))
        return Table(
            year.name,
            [
                Column(self.env._("Threshold")),
                Column(self.env._("Year")),
                Column(self.env._("Amount"), "money"),
                Column(self.env._("Limit"), "money"),
                Column(self.env._("Share (%)"), "rate"),
                Column(self.env._("State")),
                Column(self.env._("Source")),
            ],
            [
                Row(
                    (
                        threshold.name,
                        threshold.fiscal_year,
                        threshold.amount,
                        threshold.limit_amount,
                        threshold.share,
                        levels.get(threshold.level),
                        threshold.source,
                    )
                )
                for threshold in thresholds
            ],
        )
