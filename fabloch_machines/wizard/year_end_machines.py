from odoo import models

from odoo.addons.fabloch_finance.spreadsheet_file import Column, Row, Table
from odoo.addons.fabloch_finance.wizard.year_end_pack import PackTables

FIGURES = ("hours", "open_hours", "occupancy", "revenue")
AGGREGATES = ("hours:sum", "open_hours:sum", "occupancy:avg", "revenue:sum")


class YearEndPack(models.TransientModel):
    """06: the use of the machines in the exercise beside the year before."""

    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        document = PackTables(
            self._file_name("06", self.env._("machines")),
            self.env._("Use of the machines"),
            [self._machine_table()],
            (
                self.env._(
                    "Booked hours: confirmed bookings, on the days on which they run. Occupancy: booked open hours over"
                    " open hours. Revenue: untaxed, of the charges of bookings, on their dates."
                ),
            ),
        )
        return [*super()._documents(), document]

    def _machine_table(self):
        years = [self._year(), self._year_before()]
        by_machine = [self._machine_figures(year, ["machine_id"]) for year in years]
        totals = [self._machine_figures(year, []).get(None) for year in years]
        machines = self.env["fabloch.machine"].union(*by_machine[0], *by_machine[1])
        rows = [
            self._machine_row(machine.display_name, *(figures.get(machine) for figures in by_machine))
            for machine in sorted(machines, key=lambda machine: (machine.display_name, machine.id))
        ]
        columns = [Column(self.env._("Machine"))]
        kinds = ("hours", "rate", "money")
        labels = (self.env._("Booked hours"), self.env._("Occupancy"), self.env._("Revenue"))
        for label, kind in zip(labels, kinds, strict=True):
            columns += [Column(f"{label} {year.name}", kind) for year in years]
        rows.append(self._machine_row(self.env._("All machines"), *totals, style="total"))
        return Table(self.env._("By machine"), columns, rows)

    def _machine_figures(self, year, groupby):
        """Return {machine (None for all of them): its figures} in a year."""
        groups = self.env["fabloch.machine.report"]._read_group(self._in_year(year=year), groupby, AGGREGATES)
        return {
            (group[0] if groupby else None): dict(zip(FIGURES, group[-len(FIGURES) :], strict=True)) for group in groups
        }

    def _machine_row(self, label, this, before, style="line"):
        """Return the row of a machine: no occupancy where it was never open."""
        values = []
        for name in ("hours", "occupancy", "revenue"):
            for figures in (this or {}, before or {}):
                value = figures.get(name) or 0.0
                if name == "occupancy":
                    values.append(value / 100 if figures.get("open_hours") else None)
                else:
                    values.append(self.currency_id.round(value) if name == "revenue" else value)
        return Row((label, *values), style)
