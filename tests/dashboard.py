"""Reads the figures of the dashboard, twice: here, from what each formula asks of its pivot, and in a browser."""

import json
import re

from odoo.addons.spreadsheet.utils.validate_data import fields_in_spreadsheet, menus_xml_ids_in_spreadsheet

PIVOT = r'PIVOT\.VALUE\((\d+),"(\w+)"((?:,(?:"[^"]*"|[^,()"]+))*)\)'

# Waits until everything is there, then compares cells and looks for errors.
SCRIPT = """
(async () => {
    const steps = %s, wrong = [];
    const services = odoo.__WOWL_DEBUG__.root.env.services;
    const dashboard = () => services.spreadsheet_dashboard_loader?.getActiveDashboard();
    const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const cells = (model) => model.getters.getSheetIds().flatMap((id) => model.getters.getEvaluatedCells(id));
    const isLoading = (model) => cells(model).some((cell) => /loading/i.test(cell.message || cell.value));
    const settle = async () => {
        for (let quiet = 0, tries = 0; quiet < 4 && tries < 500; tries++) {
            const model = dashboard()?.model;
            quiet = model && document.querySelector(".o-figure") && !isLoading(model) ? quiet + 1 : 0;
            await wait(200);
        }
    };
    await settle();
    const model = dashboard().model;
    for (const [years, expected] of steps) {
        if (years) {
            const value = { operator: "in", strings: years };
            model.dispatch("SET_GLOBAL_FILTER_VALUE", { id: "fabloch_fiscal_year", value });
            await wait(300);
            await settle();
        }
        for (const [address, value] of Object.entries(expected)) {
            const [sheetId, xc] = address.split("!");
            const [, letter, number] = xc.match(/^([A-Z])(\\d+)$/);
            const position = { sheetId, col: letter.charCodeAt(0) - 65, row: Number(number) - 1 };
            const found = model.getters.getEvaluatedCell(position).value ?? "";
            const isNumber = typeof value === "number" && typeof found === "number";
            if (isNumber ? Math.abs(found - value) > 1e-6 : found !== value) {
                wrong.push(`${years} ${address}: ${JSON.stringify(found)} instead of ${JSON.stringify(value)}`);
            }
        }
        for (const cell of cells(model).filter((cell) => cell.type === "error")) {
            wrong.push(`${years} ${cell.value} ${cell.message}`);
        }
    }
    if (wrong.length) {
        console.error(wrong.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


class DashboardMixin:
    """For a test class whose data is there; `_open` serves the dashboard to a user."""

    def _open(self, user, year, year_before):
        self.reader = self.env(user=user, su=False)
        self.dashboard = self.reader.ref("fabloch_finance.dashboard_self_financing")
        served = json.loads(self.dashboard._get_serialized_readonly_dashboard())
        self.snapshot, self.year, self.year_before = served["snapshot"], year, year_before
        self.main, self.data = (sheet["cells"] for sheet in self.snapshot["sheets"])
        return self.snapshot

    def _check_definitions(self):
        """Every field and menu that the dashboard names is there, as Odoo checks its own dashboards."""
        for model, chains in fields_in_spreadsheet(self.snapshot).items():
            for chain in chains:
                names, current = chain.split("."), self.env[model]
                for name in names:
                    self.assertIn(name, current._fields, chain)
                    if current._fields[name].relational:
                        current = self.env[current._fields[name].comodel_name]
        for xmlid in menus_xml_ids_in_spreadsheet(self.snapshot):
            self.assertTrue(self.env.ref(xmlid).action, xmlid)

    # -- Where things stand ----------------------------------------------------------------------------------------

    def _cards(self):
        """{title: (address of the figure, address of the one below)}"""
        figures = [figure["data"] for figure in self.snapshot["sheets"][0]["figures"]]
        return {
            card["title"]["text"]: tuple(card[key].replace("Data!", "data!") for key in ("keyValue", "baseline"))
            for card in figures
            if card["type"] == "scorecard"
        }

    def _charts(self):
        figures = [figure["data"] for figure in self.snapshot["sheets"][0]["figures"]]
        return {chart["title"]["text"]: chart for chart in figures if chart["type"] != "scorecard"}

    def _tables(self):
        """{title: [(label, [addresses])]}"""
        tables = {}
        for xc, content in self.main.items():
            if link := re.match(r"\[(.+)\]\(odoo://", content):
                letter, row, rows = xc[0], int(xc[1:]) + 2, []
                while f"{letter}{row}" in self.main:
                    others = [f"{chr(ord(letter) + place)}{row}" for place in (1, 2, 3)]
                    rows.append((self.main[f"{letter}{row}"].strip(), [xc for xc in others if xc in self.main]))
                    row += 1
                tables[link[1]] = rows
        return tables

    # -- What they are ---------------------------------------------------------------------------------------------

    def _figure(self, address):
        """The figure of a cell of the forms that `fabloch_finance.dashboard` writes."""
        sheet, xc = address.split("!")
        formula = (self.data if sheet == "data" else self.main)[xc]
        found = [self._pivot_value(*call) for call in re.findall(PIVOT, formula)]
        if not found:
            return formula
        if "PIVOT.VALUE" in formula and ")/(" in formula:
            return found[0] / found[1] if found[1] else ""
        return found[0]

    def _pivot_value(self, number, measure, arguments):
        pivot = self.snapshot["pivots"][number]
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|[^,]+', arguments)]
        domain, rows = list(pivot["domain"]), [row["fieldName"] for row in pivot["rows"]]
        domain += self._filter_of(pivot)
        asked = dict(zip(words[::2], words[1::2], strict=True))
        self.assertEqual(list(asked), rows[: len(asked)], "groups are asked in their order")
        model = self.reader[pivot["model"]]
        for name, word in asked.items():
            kind = model._fields[name].type
            word = self.year_before if word.startswith("Data!$A$2") else word
            domain.append(
                [name, "=", int(word) if kind == "many2one" else word == "TRUE" if kind == "boolean" else word]
            )
        spec = "__count" if measure == "__count" else f"{measure}:{model._fields[measure].aggregator}"
        [[value]] = model._read_group(domain, [], [spec])
        return value or 0

    def _filter_of(self, definition):
        """The domain that the chosen year adds to a pivot or a chart."""
        return [
            [match["chain"], "in", [self.year]] for match in definition["fieldMatching"].values() if match.get("chain")
        ]

    def _chart_points(self, title):
        """{group: value} of a chart, as it asks for it; records are given by their display name."""
        chart = self._charts()[title]
        domain, meta = list(chart["searchParams"]["domain"]), chart["metaData"]
        domain += self._filter_of(chart)
        model = self.reader[meta["resModel"]]
        measure = f"{meta['measure']}:{model._fields[meta['measure']].aggregator}"
        points = {}
        for *groups, value in model._read_group(domain, meta["groupBy"], [measure]):
            key = tuple(group.display_name if hasattr(group, "_name") else group for group in groups)
            points[key] = round(value, 2)
        return points

    # -- Comparing -------------------------------------------------------------------------------------------------

    def _check(self, cards, tables):
        """Compare figures with what SQL says; return {address: figure} for the browser.

        :param dict cards: {title: (figure, the one below)}
        :param dict tables: {title: {label: figures}}; a third figure that the row makes of the two others is left to
            the browser
        """
        expected = {}
        for title, figures in cards.items():
            for address, figure in zip(self._cards()[title], figures, strict=True):
                self.assertAlmostEqual(self._figure(address), figure, 6, f"{title} {address}")
                expected[address] = figure
        for title, rows in tables.items():
            found = self._tables()[title]
            self.assertEqual([label for label, _addresses in found], list(rows), title)
            for label, addresses in found:
                for place, (xc, figure) in enumerate(zip(addresses, rows[label], strict=True)):
                    if place < 2 or "PIVOT.VALUE" in self.main[xc]:
                        self.assertAlmostEqual(self._figure(f"dashboard!{xc}"), figure, 6, f"{title}: {label} {xc}")
                    expected[f"dashboard!{xc}"] = figure
        return expected

    def _check_in_browser(self, login, *steps):
        """Open the dashboard as a reader; at each step choose years (None: leave them), compare, look for errors.

        :param steps: (years, {address: figure})
        """
        path = "/odoo/action-fabloch_finance.dashboard_self_financing_action"
        self.browser_js(path, SCRIPT % json.dumps(steps), "odoo.isReady === true", login=login, timeout=300)

    def _sql(self, query, *parameters):
        self.env.flush_all()
        self.env.cr.execute(query, parameters)
        return self.env.cr.fetchall()
