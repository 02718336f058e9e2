from odoo import api, models

from ..dashboard import KIND_COLOURS, KIND_SHADES, Card, Chart, Pivot, Row, Table, before, compared, now

REPORT = "fabloch.revenue.report"
RATE = "fabloch.self.financing.report"
PAYERS = 10


class SpreadsheetDashboard(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "spreadsheet.dashboard"

    @api.model
    def _fabloch_pieces(self):
        return [*super()._fabloch_pieces(), *self._fabloch_rate_pieces(), *self._fabloch_revenue_pieces()]

    @api.model
    def _fabloch_rate_pieces(self):
        """Give the self-financing rate: what is self-financing over all revenue."""
        menu = "fabloch_finance.self_financing_report_menu"
        this_year, that_year = self._fabloch_rates()
        return [
            Pivot("rate", RATE, ("self_financing_amount", "revenue")),
            Card(
                10,
                self.env._("Self-financing rate"),
                this_year,
                "rate",
                that_year,
                self.env._("the year before"),
                menu,
            ),
            Card(
                20,
                self.env._("Self-financing"),
                now("rate", "self_financing_amount"),
                "money",
                now("rate", "revenue"),
                self.env._("of revenue"),
                menu,
            ),
        ]

    @api.model
    def _fabloch_rates(self):
        """Give the formulas of the rate in the year and in the year before; empty without revenue."""
        return tuple(
            f'=IFERROR(({function("rate", "self_financing_amount")[1:]})/({function("rate", "revenue")[1:]}),"")'
            for function in (now, before)
        )

    @api.model
    def _fabloch_revenue_pieces(self):
        """Give the revenue by stream and by kind, and who pays it."""
        menu = "fabloch_finance.revenue_report_menu"
        streams = self._fabloch_streams()
        kinds = dict(self.env[REPORT]._fields["kind"]._description_selection(self.env))
        money = {"format": "money"}
        rows = [
            # A name isn't a formula.
            compared(stream.name.lstrip("="), "revenue", "amount", "stream_id", stream.id, **money)
            for stream in streams
        ]
        rows += [
            compared(self.env._("Revenue, together"), "revenue", "amount", level=0, **money),
            compared(self.env._("of which self-financing"), "rate", "self_financing_amount", level=2, **money),
            Row(
                self.env._("Self-financing rate"),
                (*self._fabloch_rates(), '=IF({1}="","",({0}-{1})*100)'),
                ("rate", "rate", "points"),
                level=0,
            ),
        ]
        payers = [
            Row(
                f'=PIVOT.HEADER({{payers}},"#partner_id",{place})',
                (
                    f'=PIVOT.VALUE({{payers}},"amount","#partner_id",{place})',
                    '=IFERROR(IF({0}="","",{0}/PIVOT.VALUE({own},"amount")*100),"")',
                ),
                ("money", "share"),
            )
            for place in range(1, PAYERS + 1)
        ]
        return [
            Pivot("revenue", REPORT, ("amount",), rows=("stream_id",)),
            Pivot("own", REPORT, ("amount",), domain=(("kind", "=", "own"),)),
            Pivot(
                "payers",
                REPORT,
                ("amount",),
                rows=("partner_id",),
                domain=(("kind", "=", "own"), ("partner_id", "!=", False)),
                sort="amount",
            ),
            Chart(
                100,
                self.env._("Revenue by stream, month by month"),
                REPORT,
                "amount",
                ("date:month", "stream_id"),
                menu,
                colours=self._fabloch_stream_colours(streams),
                wide=True,
            ),
            Table(110, self.env._("Revenue by stream"), self._fabloch_headings(), rows, menu),
            Chart(
                120,
                self.env._("Own revenue and subsidies, the last fiscal years"),
                REPORT,
                "amount",
                ("fiscal_year", "kind"),
                menu,
                domain=(("fiscal_year", "in", self._fabloch_last_years()),),
                colours={kinds[kind]: colour for kind, colour in KIND_COLOURS.items()},
                filtered=False,
            ),
            Table(
                300,
                self.env._("Ten best payers"),
                (self._fabloch_headings()[0], self.env._("Share of own")),
                payers,
                menu,
            ),
        ]

    @api.model
    def _fabloch_streams(self):
        """Give the streams that the ledger has revenue in, in their order."""
        if not self.env[REPORT].has_access("read"):
            return self.env["fabloch.revenue.stream"]
        found = self.env[REPORT]._read_group([("company_id", "in", self.env.companies.ids)], ["stream_id"])
        return self.env["fabloch.revenue.stream"].union(*(stream for [stream] in found)).sorted()

    @api.model
    def _fabloch_stream_colours(self, streams):
        """Give {stream: colour}: the streams of a kind have shades of its colour."""
        colours, used = {}, dict.fromkeys(KIND_SHADES, 0)
        for stream in streams:
            shades = KIND_SHADES[stream.kind]
            colours[stream.display_name] = shades[used[stream.kind] % len(shades)]
            used[stream.kind] += 1
        return colours
