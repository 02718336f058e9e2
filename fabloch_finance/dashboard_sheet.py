"""How the pieces of the dashboard are laid out as a spreadsheet of Odoo's dashboards.

The cards stand in rows of four, then charts and tables two by two, in the order of their sequences; a wide chart has a
row for itself. A second sheet, Data, holds what cards show and the fiscal years.
"""

import re

from .dashboard import Card, Chart, Table
from .dashboard_sources import FILTER, Sources, domain_of, matching_of

CARD_COLOURS = {"money": "#EAF3FA", "members": "#EAF7F0", "machines": "#FFF6E5", "partners": "#F3EEFA"}
# A size is in points in a cell, in pixels on a chart: 13 points are 17 pixels.
TITLE = {"textColor": "#01666B", "bold": True, "fontSize": 13, "verticalAlign": "middle"}
HEAD = {"textColor": "#6C757D", "bold": True, "fontSize": 10, "verticalAlign": "middle"}
TEXT = {"textColor": "#343A40", "fontSize": 11, "verticalAlign": "middle"}
LINE = {"style": "thin", "color": "#CCCCCC"}
# Two halves of a column of words and three of figures, with a gap between them: pixels.
COLUMNS = (272, 86, 86, 86, 20, 272, 86, 86, 86)
HALVES = ("ABCD", "FGHI")
HALF, GAP = 530, 20
ROW, TITLE_ROW = 27, 40
CARD_ROWS, CHART_ROWS = 4, 12
# Of figures; `rate` and `change` are of 1, `share` and `points` of 100. `money` is the company's.
FORMATS = {
    "count": "#,##0",
    "hours": "#,##0[$\u00a0h]",
    "rate": "0.0[$\u00a0]%",
    "change": "+0[$\u00a0]%;-0[$\u00a0]%;0[$\u00a0]%",
    "share": "0.0[$\u00a0%]",
    "points": "+0.0[$\u00a0pt];-0.0[$\u00a0pt];0.0[$\u00a0pt]",
}


class Sheet:
    """The spreadsheet made of the pieces: `snapshot()` is what Odoo's dashboards read."""

    def __init__(self, pieces, years, chosen, labels, money):
        """Take the pieces, in any order.

        :param list years: (name, name of the year before) of the fiscal years to choose from, the latest first
        :param str chosen: the fiscal year that is shown first
        :param dict labels: the words of the sheet itself: `filter`, `sheet`, `every_year`
        :param str money: the format of amounts
        """
        self.years, self.chosen, self.labels = years, chosen, labels
        self.formats = FORMATS | {"money": money}
        self.sources = Sources(pieces)
        self.cards = sorted((piece for piece in pieces if isinstance(piece, Card)), key=lambda card: card.sequence)
        self.blocks = sorted((p for p in pieces if isinstance(p, Chart | Table)), key=lambda block: block.sequence)
        self.figures, self.menus = [], {}
        self.cells, self.data, self.styles, self.cell_formats, self.borders = {}, {}, {}, {}, {}
        self.style_ids, self.format_ids, self.rows = [], [], {}

    def snapshot(self):
        self._put_years()
        row = self._put_cards()
        row = self._put_blocks(row)
        return {
            "version": "18.5.10",
            "sheets": [
                self._sheet("dashboard", self.labels["sheet"], self.cells, len(COLUMNS), row + 1)
                | {
                    "cols": {str(number): {"size": size} for number, size in enumerate(COLUMNS)},
                    "rows": {str(number): {"size": self.rows.get(number, ROW)} for number in range(row + 1)},
                    "styles": self.styles,
                    "formats": self.cell_formats,
                    "borders": self.borders,
                    "figures": self.figures,
                },
                self._sheet("data", "Data", self.data, 5, 60) | {"formats": self.data_formats},
            ],
            "styles": {str(number): style for number, style in enumerate(self.style_ids, 1)},
            "formats": {str(number): code for number, code in enumerate(self.format_ids, 1)},
            "borders": {"1": {"bottom": LINE}, "2": {"top": LINE}},
            "pivots": self.sources.pivots,
            "pivotNextId": len(self.sources.pivots) + 1,
            "lists": self.sources.lists,
            "listNextId": len(self.sources.lists) + 1,
            "globalFilters": [
                {
                    "id": FILTER,
                    "type": "text",
                    "label": self.labels["filter"],
                    "rangesOfAllowedValues": [f"Data!D1:D{len(self.years)}"],
                    "defaultValue": {"operator": "in", "strings": [self.chosen]},
                }
            ],
            "chartOdooMenusReferences": self.menus,
            "settings": {},
        }

    def _sheet(self, sheet_id, name, cells, columns, rows):
        return {
            "id": sheet_id,
            "name": name,
            "colNumber": columns,
            "rowNumber": rows,
            "cells": cells,
            "areGridLinesVisible": False,
            "isVisible": True,
        }

    def _put_years(self):
        """Write the year that the reader chose (A1), the one before (A2), and the years to choose from."""
        self.data_formats = {}
        self.data["A1"] = f'=ODOO.FILTER.VALUE("{self.labels["filter"]}")'
        self.data["A2"] = f'=IFERROR(VLOOKUP(CONCATENATE(A1,""),D1:E{len(self.years)},2,FALSE),"")'
        self.data["A3"] = f'=IF(A1="","{self.labels["every_year"]}",A1)'
        for number, (year, year_before) in enumerate(self.years, 1):
            # As words: a fiscal year may be 2024-2025.
            self.data |= {f"D{number}": f'="{year}"', f"E{number}": f'="{year_before}"'}

    def _put_cards(self):
        width = (2 * HALF + GAP - 3 * GAP) // 4
        for number, card in enumerate(self.cards):
            line, place = divmod(number, 4)
            row = 4 + number
            self.data |= {f"B{row}": self._formula(card.figure), f"C{row}": self._formula(card.baseline)}
            self.data_formats[f"B{row}"] = self._format(card.format)
            self.data_formats[f"C{row}"] = self._format(card.baseline_format or card.format)
            definition = {
                "type": "scorecard",
                "title": {"text": card.title, "color": "#434343", "bold": True},
                "background": CARD_COLOURS[card.colour],
                "keyValue": f"Data!B{row}",
                "baseline": f"Data!C{row}",
                "baselineMode": "text",
                "baselineDescr": {"text": card.caption},
                "baselineColorUp": "#00A04A",
                "baselineColorDown": "#DC6965",
                "humanize": False,
            }
            x, y = place * (width + GAP), ROW // 2 + line * (CARD_ROWS * ROW + ROW // 2)
            self._figure(f"card{number}", definition, card.menu, 0, x, y, width, CARD_ROWS * ROW)
        lines = -(-len(self.cards) // 4)
        return -(-(lines * (CARD_ROWS * ROW + ROW // 2) + ROW) // ROW) if lines else 0

    def _put_blocks(self, row):
        """Lay out the charts and the tables, two by two; return the first free row."""
        blocks = list(self.blocks)
        while blocks:
            pair = [blocks.pop(0)]
            if not self._is_wide(pair[0]) and blocks:
                # What comes next and isn't wide stands beside it.
                beside = next((block for block in blocks if not self._is_wide(block)), None)
                if beside:
                    blocks.remove(beside)
                    pair.append(beside)
            height = max(len(block.rows) + 1 if isinstance(block, Table) else CHART_ROWS for block in pair)
            self.rows[row] = TITLE_ROW
            for half, block in enumerate(pair):
                if isinstance(block, Table):
                    self._put_table(block, HALVES[half], row)
                else:
                    self._put_chart(block, half, row, TITLE_ROW + height * ROW)
            row += height + 2
        return row

    def _is_wide(self, block):
        return isinstance(block, Chart) and block.wide

    def _put_chart(self, chart, half, row, height):
        name = f"chart{len(self.figures)}"
        definition = {
            "type": f"odoo_{chart.kind}",
            "title": {"text": chart.title, "bold": True, "color": TITLE["textColor"], "fontSize": 17},
            "background": "#FFFFFF",
            "legendPosition": "top" if len(chart.group_by) > 1 else "none",
            "stacked": chart.stacked,
            "verticalAxisPosition": "left",
            "fillArea": chart.kind == "line",
            "dataSets": [{"backgroundColor": next(iter(chart.colours.values()), "")}]
            if len(chart.group_by) == 1
            else [],
            "metaData": {
                "resModel": chart.model,
                "measure": chart.measure,
                "groupBy": list(chart.group_by),
                "mode": chart.kind,
                "order": None,
                "colours": chart.colours,
            },
            "searchParams": {
                "context": {},
                "domain": domain_of(chart),
                "groupBy": list(chart.group_by),
                "orderBy": [],
            },
            "fieldMatching": matching_of(chart.filtered),
        }
        width = 2 * HALF + GAP if chart.wide else HALF
        column = COLUMNS.index(GAP) + 1 if half else 0
        self._figure(name, definition, chart.menu, column, 0, 0, width, height, row)

    def _put_table(self, table, letters, row):
        self._write(letters[0], row, f"[{table.title}](odoo://ir_menu_xml_id/{table.menu})", TITLE)
        for letter, heading in zip(letters, ("", *table.headings), strict=False):
            align = {"align": "left" if letter == letters[0] else "right"}
            self._write(letter, row + 1, self._formula(heading), HEAD | align)
        for letter in letters:
            self.borders[f"{letter}{row + 1}"] = 1
            self.borders[f"{letter}{row + 2}"] = 1
        for number, line in enumerate(table.rows, row + 2):
            style = TEXT | {"bold": line.level == 0}
            own = {str(place): f"{letter}{number + 1}" for place, letter in enumerate(letters[1:])}
            label = f"\u2003{line.label}" if line.level == 2 else line.label
            self._write(letters[0], number, self._formula(label), style)
            for place, (formula, code) in enumerate(zip(line.cells, line.formats, strict=True)):
                style_of = style | {"align": "right"} | ({"textColor": HEAD["textColor"]} if place else {})
                self._write(letters[place + 1], number, self._formula(formula, own), style_of, code)
            if line.level == 0:
                for letter in letters:
                    self.borders[f"{letter}{number + 1}"] = 2

    def _figure(self, name, definition, menu, column, x, y, width, height, row=0):
        self.figures.append(
            {
                "id": name,
                "tag": "chart",
                "col": column,
                "row": row,
                "offset": {"x": x, "y": y},
                "width": width,
                "height": height,
                "data": definition | {"chartId": name},
            }
        )
        self.menus[name] = menu

    def _write(self, letter, row, content, style, code=""):
        cell = f"{letter}{row + 1}"
        if content:
            self.cells[cell] = content
        self.styles[cell] = self._number(self.style_ids, style)
        if code:
            self.cell_formats[cell] = self._format(code)

    def _format(self, code):
        return self._number(self.format_ids, self.formats[code])

    def _number(self, known, value):
        if value not in known:
            known.append(value)
        return known.index(value) + 1

    def _formula(self, formula, own=None):
        """Put cells, pivots and lists in the place of the names in braces; words stay as they are."""
        if not formula.startswith("="):
            return formula
        own = own or {}
        words = {"year": "Data!$A$3", "before": "Data!$A$2"} | own
        return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1]) or self.sources.number_of(found[1]), formula)
