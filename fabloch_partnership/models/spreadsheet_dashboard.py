from odoo import api, models

from odoo.addons.fabloch_finance.dashboard import Card, Pivot, Records, Row, Table, before, now

GIFTS = "fabloch.donation.report"
CONVENTIONS = "fabloch.convention"
AMOUNTS = ("promised", "received", "receipted")
TO_RENEW = 7


class SpreadsheetDashboard(models.Model):
    _inherit = "spreadsheet.dashboard"

    @api.model
    def _fabloch_pieces(self):
        return [*super()._fabloch_pieces(), *self._fabloch_gift_pieces(), *self._fabloch_convention_pieces()]

    @api.model
    def _fabloch_gift_pieces(self):
        """Give what is promised and has yet to come, what was received, and what of it is on a live receipt."""
        menu = "fabloch_partnership.donation_report_menu"

        def row(label, function, *group, level=1):
            return Row(label, tuple(function("gifts", amount, *group) for amount in AMOUNTS), ("money",) * 3, level)

        return [
            Pivot("gifts", GIFTS, AMOUNTS, rows=("donor_kind",)),
            Card(
                70,
                self.env._("Gifts received"),
                now("gifts", "received"),
                "money",
                now("gifts", "promised"),
                self.env._("promised, yet to come"),
                menu,
                "partners",
            ),
            Table(
                250,
                self.env._("Patronage and gifts"),
                (self.env._("Yet to come"), self.env._("Received"), self.env._("On a receipt")),
                [
                    row(self.env._("Patronage of companies"), now, "donor_kind", "company"),
                    row(self.env._("Gifts of individuals"), now, "donor_kind", "individual"),
                    row(self.env._("Gifts, together"), now, level=0),
                    row(self.env._("Companies, the year before"), before, "donor_kind", "company"),
                    row(self.env._("Individuals, the year before"), before, "donor_kind", "individual"),
                    row(self.env._("Together, the year before"), before, level=0),
                ],
                menu,
            ),
        ]

    @api.model
    def _fabloch_convention_pieces(self):
        """Give the conventions that run today, and those to renew: whatever year the reader chose."""
        menu = "fabloch_partnership.convention_menu"
        running, to_renew, signing = (
            Pivot(f"conventions_{name}", CONVENTIONS, ("__count",), domain=(("status", "in", statuses),), by_year=False)
            for name, statuses in (
                ("running", ["running", "to_renew"]),
                ("to_renew", ["to_renew"]),
                ("signing", ["in_signature"]),
            )
        )
        ending = Records("ending", CONVENTIONS, ("partner_id", "last_day"), domain=to_renew.domain, order="last_day")
        return [
            running,
            to_renew,
            signing,
            ending,
            Card(
                80,
                self.env._("Conventions running today"),
                now(running.name, "__count"),
                "count",
                now(to_renew.name, "__count"),
                self.env._("to renew"),
                menu,
                "partners",
            ),
            Table(
                310,
                self.env._("Conventions today"),
                (self.env._("How many"), self.env._("Until")),
                [
                    Row(self.env._("In signature"), (now(signing.name, "__count"),), ("count",)),
                    Row(self.env._("Running"), (now(running.name, "__count"),), ("count",)),
                    Row(self.env._("of which to renew:"), (now(to_renew.name, "__count"),), ("count",), level=2),
                    *(
                        Row(
                            f'=ODOO.LIST({{ending}},{place},"partner_id")',
                            ("", f'=ODOO.LIST({{ending}},{place},"last_day")'),
                            ("", ""),
                        )
                        for place in range(1, TO_RENEW + 1)
                    ),
                ],
                menu,
            ),
        ]
