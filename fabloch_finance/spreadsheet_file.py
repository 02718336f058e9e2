"""Tables that are written as they are into an Excel file, or printed: columns, rows, sheets. Without the ORM."""

import io
import re
from datetime import date, datetime
from typing import NamedTuple

import xlsxwriter

# What a column or a row holds -> how Excel shows it. A rate is a ratio: 0.25 is 25 %.
NUMBER_FORMATS = {
    "money": "#,##0.00",
    "rate": "0.0%",
    "hours": "#,##0.0",
    "number": "#,##0",
    "date": "dd/mm/yyyy",
    "text": "@",
}
BOLD = {"heading", "subtotal", "total"}
WIDEST = 60


class Column(NamedTuple):
    """A column: its heading, and what its cells hold (a key of NUMBER_FORMATS)."""

    label: str
    kind: str = "text"


class Row(NamedTuple):
    """A row of a table. `kind` replaces that of the columns which aren't text: a rate below sums of money."""

    values: tuple
    style: str = "line"  # line, heading, subtotal or total
    kind: str | None = None

    def kind_of(self, column):
        """Tell what the cell in `column` holds."""
        return self.kind if self.kind and column.kind not in ("text", "date") else column.kind


class Table(NamedTuple):
    """A table: a sheet of the Excel file; a part of the printed document unless it is too long for paper."""

    title: str
    columns: list
    rows: list
    printed: bool = True


def sheet_name(title, taken):
    """Return a name that Excel accepts for a sheet (31 characters, some forbidden), which isn't in `taken`.

    >>> sheet_name("By month: 2024/2025", set())
    'By month 2024-2025'
    >>> sheet_name("By month", {"by month"})
    'By month 2'
    """
    base = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?\\]", "", title.replace("/", "-"))).strip(" '")[:31] or "1"
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base[: 30 - len(str(number))]} {number}"
    return name


def workbook(tables, title="", author="", day=None):
    """Return an Excel file (bytes) with a sheet for each table: real numbers, headings that stay in sight.

    The same tables give the same bytes.

    :param list tables: of `Table`
    :param str title: of the document, in its properties
    :param str author: whose document it is
    :param date day: what the properties give as the day on which it was made
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    day = day or date(2000, 1, 1)
    book.set_properties({"title": title, "author": author, "created": datetime(day.year, day.month, day.day)})
    formats = {}

    def cell_format(kind, style):
        if (kind, style) not in formats:
            properties = {"num_format": NUMBER_FORMATS[kind], "bold": style in BOLD or style == "header"}
            if style in ("header", "subtotal", "total"):
                properties["bottom" if style == "header" else "top"] = 1
            if style == "header":
                properties |= {"text_wrap": True, "valign": "top", "align": "left" if kind == "text" else "right"}
            formats[kind, style] = book.add_format(properties)
        return formats[kind, style]

    taken = set()
    for table in tables:
        name = sheet_name(table.title, taken)
        taken.add(name.lower())
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for number, column in enumerate(table.columns):
            sheet.write_string(0, number, column.label, cell_format(column.kind, "header"))
            sheet.set_column(number, number, _width(table, number))
        for line, row in enumerate(table.rows, start=1):
            for number, (column, value) in enumerate(zip(table.columns, row.values, strict=True)):
                _write(sheet, line, number, value, cell_format(row.kind_of(column), row.style))
    book.close()
    return content.getvalue()


def _write(sheet, line, number, value, cell_format):
    if value is None or value is False or value == "":
        sheet.write_blank(line, number, None, cell_format)
    elif isinstance(value, date):
        sheet.write_datetime(line, number, datetime(value.year, value.month, value.day), cell_format)
    elif isinstance(value, str):
        # Never a formula, whatever somebody has called an account.
        sheet.write_string(line, number, value, cell_format)
    else:
        sheet.write_number(line, number, value, cell_format)


def _width(table, number):
    """Return the width of a column in characters: what its text needs, or what a number does."""
    texts = [str(row.values[number]) for row in table.rows if isinstance(row.values[number], str)]
    longest = max(map(len, texts), default=0)
    return min(max(longest, 14 if table.columns[number].kind != "text" else 10) + 2, WIDEST)
