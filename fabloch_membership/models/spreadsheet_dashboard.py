from odoo import api, models

from odoo.addons.fabloch_finance.dashboard import Card, Chart, Pivot, Table, before, compared, now

REPORT = "fabloch.membership.report"
COLOURS = {
    "individual": "#2E9E6B",
    "association": "#8CCFA8",
    "pme": "#1F5F8B",
    "business": "#5FA4D0",
    "body": "#B9C0C7",
}


class SpreadsheetDashboard(models.Model):
    _inherit = "spreadsheet.dashboard"

    @api.model
    def _fabloch_pieces(self):
        """Add the members by category, as the association reports them, beside the year before."""
        menu = "fabloch_membership.membership_report_menu"
        labels = dict(self.env[REPORT]._fields["reported_as"]._description_selection(self.env))

        def row(key, business=False):
            group = ("members", "members", "is_business", business, "reported_as", key)
            return compared(labels[key], *group, format="count", level=2 if business else 1)

        year_before = self.env._("the year before")
        business = ("members", "members", "is_business", True)
        return [
            *super()._fabloch_pieces(),
            Pivot("members", REPORT, ("members",), rows=("is_business", "reported_as")),
            Card(
                30,
                self.env._("Members of the year"),
                now("members", "members"),
                "count",
                before("members", "members"),
                year_before,
                menu,
                "members",
            ),
            Card(
                40,
                self.env._("Business members"),
                now(*business),
                "count",
                before(*business),
                year_before,
                menu,
                "members",
            ),
            Table(
                200,
                self.env._("Members by category"),
                self._fabloch_headings(),
                [
                    row("individual"),
                    row("association"),
                    row("body"),
                    compared(self.env._("Businesses"), *business, format="count"),
                    row("pme", business=True),
                    row("business", business=True),
                    compared(self.env._("Members, together"), "members", "members", format="count", level=0),
                ],
                menu,
            ),
            Chart(
                210,
                self.env._("Members by category, the last fiscal years"),
                REPORT,
                "members",
                ("fiscal_year", "reported_as"),
                menu,
                domain=(("fiscal_year", "in", self._fabloch_last_years()), ("members", "!=", False)),
                colours={labels[key]: colour for key, colour in COLOURS.items()},
                filtered=False,
            ),
        ]
