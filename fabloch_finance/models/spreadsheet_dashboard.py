import json

from odoo import api, models

from ..dashboard import Card, Chart, Pivot, Records, Table
from ..dashboard_sheet import Sheet
from .res_company_fiscal import year_before


class SpreadsheetDashboard(models.Model):
    """The association's dashboard is put together when it is opened: what each addon adds, for whoever reads it.

    It is one record, `fabloch_finance.dashboard_self_financing`. An addon adds to it in `_fabloch_pieces`; the words
    are the reader's, and what the reader may not read is left out.
    """

    _inherit = "spreadsheet.dashboard"

    def _get_serialized_readonly_dashboard(self):
        data = super()._get_serialized_readonly_dashboard()
        if self != self.env.ref("fabloch_finance.dashboard_self_financing", raise_if_not_found=False):
            return data
        data = json.loads(data)
        data["snapshot"] = self._fabloch_snapshot() | {"settings": data["snapshot"]["settings"]}
        return json.dumps(data)

    @api.model
    def _fabloch_pieces(self):
        """Give the pieces of the dashboard, a list in any order (see `fabloch_finance.dashboard`).

        Another addon extends it: `return super()._fabloch_pieces() + [Pivot(…), Card(…), Table(…)]`. A piece names its
        pivots in its formulas; sequences leave room: the cards count from 10 to 80, charts and tables from 100 on.
        """
        return []

    @api.model
    def _fabloch_snapshot(self):
        """Give the spreadsheet of the dashboard, as the current user may read it, in their language."""
        years, current = self._fabloch_years()
        labels = {
            "filter": self.env._("Fiscal year"),
            "sheet": self.env._("Self-financing"),
            "every_year": self.env._("Every year"),
        }
        return Sheet(
            self._fabloch_readable(self._fabloch_pieces()), years, current, labels, self._fabloch_money()
        ).snapshot()

    @api.model
    def _fabloch_years(self):
        """Give [(fiscal year, the one before)], the latest first, of the ledger and of today; and today's."""
        Report, today = self.env["fabloch.self.financing.report"], self.env.company._fabloch_fiscal_year()
        names = {today.name}
        if Report.has_access("read"):
            [[found]] = Report._read_group(
                [("company_id", "in", self.env.companies.ids)], [], ["fiscal_year:array_agg_distinct"]
            )
            names |= set(found or ())
        return [(name, year_before(name)) for name in sorted(names, reverse=True)], today.name

    @api.model
    def _fabloch_last_years(self, count=5):
        """Give the names of the last fiscal years, this one included, of the companies that the user looks at."""
        return sorted({each._fabloch_fiscal_year(ago=ago).name for each in self.env.companies for ago in range(count)})

    @api.model
    def _fabloch_headings(self):
        """Give the headings of a table of rows made by `compared`."""
        return ("={year}", "={before}", self.env._("Change"))

    @api.model
    def _fabloch_money(self):
        """Give the format of amounts: whole units of the company's currency, as the currency is written."""
        currency = self.env.company.currency_id
        if currency.position == "before":
            return f"[${currency.symbol}]#,##0"
        return f"#,##0[$\u00a0{currency.symbol}]"

    @api.model
    def _fabloch_readable(self, pieces):
        """Leave out what the user may not read: nobody sees a broken figure."""
        sources = {piece.name: piece for piece in pieces if isinstance(piece, Pivot | Records)}
        hidden = {name for name, source in sources.items() if not self.env[source.model].has_access("read")}

        def is_readable(piece):
            if isinstance(piece, Chart):
                return self.env[piece.model].has_access("read")
            if isinstance(piece, Card | Table):
                words = repr(piece)
                return not any(f"{{{name}}}" in words or f"{{{name}_by_year}}" in words for name in hidden)
            return piece.name not in hidden

        return [piece for piece in pieces if is_readable(piece)]
