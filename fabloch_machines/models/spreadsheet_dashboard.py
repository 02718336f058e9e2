from odoo import api, models

from odoo.addons.fabloch_finance.dashboard import Card, Chart, Pivot, Table, before, compared, now

REPORT = "fabloch.machine.report"


class SpreadsheetDashboard(models.Model):
    _inherit = "spreadsheet.dashboard"

    @api.model
    def _fabloch_pieces(self):
        """Add the use of the machines and of the workshop: booked hours, occupancy, rental."""
        menu = "fabloch_machines.machine_report_menu"
        occupancy_menu = "fabloch_machines.machine_report_occupancy_menu"
        year_before = self.env._("the year before")
        hours, occupancy = ("machines", "hours"), ("machines", "occupancy")
        return [
            *super()._fabloch_pieces(),
            *(
                Pivot(name, REPORT, ("hours", "bookings", "occupancy"), domain=(("machine_id.kind", "=", kind),))
                for name, kind in (("machines", "machine"), ("workshops", "workshop"))
            ),
            Card(
                50,
                self.env._("Machine hours"),
                now(*hours),
                "hours",
                before(*hours),
                year_before,
                menu,
                "machines",
            ),
            Card(
                60,
                self.env._("Occupancy of the machines"),
                now(*occupancy),
                "share",
                before(*occupancy),
                year_before,
                occupancy_menu,
                "machines",
            ),
            Chart(
                220,
                self.env._("Booked hours, month by month"),
                REPORT,
                "hours",
                ("date:month", "category_id"),
                menu,
                domain=(("hours", ">", 0),),
            ),
            Chart(
                230,
                self.env._("Occupancy of the machines (%), month by month"),
                REPORT,
                "occupancy",
                ("date:month",),
                occupancy_menu,
                domain=(
                    ("machine_id.kind", "=", "machine"),
                    "|",
                    ("open_hours", ">", 0),
                    ("booked_open_hours", ">", 0),
                ),
                colours={"": "#F0A030"},
                kind="line",
            ),
            Table(
                240,
                self.env._("Machines and workshop rental"),
                self._fabloch_headings(),
                [
                    compared(self.env._("Machines: hours"), "machines", "hours", format="hours"),
                    compared(self.env._("Machines: bookings"), "machines", "bookings", format="count"),
                    compared(self.env._("Machines: occupancy"), "machines", "occupancy", format="share"),
                    compared(self.env._("Workshop: hours"), "workshops", "hours", format="hours"),
                    compared(self.env._("Workshop: occupancy"), "workshops", "occupancy", format="share"),
                    *self._fabloch_rental_rows(),
                ],
                menu,
            ),
        ]

    @api.model
    def _fabloch_rental_rows(self):
        """Give what the workshop's rental brings: the ledger says it, not the bookings."""
        streams = self._fabloch_streams().filtered(lambda stream: stream.code == "workshop")
        return [
            compared(self.env._("Workshop: revenue"), "revenue", "amount", "stream_id", stream.id, format="money")
            for stream in streams
        ]
