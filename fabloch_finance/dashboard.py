"""The pieces of the association's dashboard, and the formulas that they are made of.

An addon adds pieces in `spreadsheet.dashboard._fabloch_pieces`; the reader sees those whose figures they may read, laid
out by `dashboard_sheet`. To add a table: a `Pivot` of the model, then a `Table` whose rows `compared()` writes; its
model needs a field `fiscal_year`. Formulas are those of Odoo's spreadsheets; they name a pivot or a list by its name in
braces, the year that the reader chose and the one before by {year} and {before}.
"""

from typing import NamedTuple

KIND_COLOURS = {"own": "#1F77B4", "private": "#F0A030", "public": "#8A9BA8", "other": "#D5DADF"}
# Shades for the streams of one kind, the first of each being the colour of the kind.
KIND_SHADES = {
    "own": ("#1F77B4", "#17A2A2", "#6BAED6", "#2C4A7C", "#7BCCC4", "#A6BDDB"),
    "private": ("#F0A030", "#D9702B", "#F6CE8B"),
    "public": ("#8A9BA8", "#5D6D7A"),
    "other": ("#D5DADF", "#B9C0C7", "#E6E9EC"),
}


class Pivot(NamedTuple):
    """Figures of a model, measured as a whole or by `rows`, for the fiscal year that the reader chose.

    A model with a field `fiscal_year`; without it, set `by_year` to False: the figures are those of today. The same
    figures by fiscal year, whatever the reader chose, are the pivot of that name followed by `_by_year`.
    """

    name: str
    model: str
    measures: tuple
    rows: tuple = ()
    domain: tuple = ()
    sort: str = ""
    by_year: bool = True


class Records(NamedTuple):
    """Records of a model, to be listed one by one with `=ODOO.LIST({name},position,"field")`."""

    name: str
    model: str
    fields: tuple
    domain: tuple = ()
    order: str = "id"


class Card(NamedTuple):
    """A figure in large, over another one (`baseline`) that `caption` explains. A click opens the menu."""

    sequence: int
    title: str
    figure: str
    format: str
    baseline: str
    caption: str
    menu: str
    colour: str = "money"
    baseline_format: str = ""


class Chart(NamedTuple):
    """Bars or a line: a measure by one or two fields. A click on a bar opens its records.

    :param str model: the model that is read
    :param tuple group_by: what stands along the axis, then what each bar is made of
    :param dict colours: {label: colour}, for what each bar is made of
    :param bool filtered: of the fiscal year that the reader chose; otherwise of the years that `domain` says
    """

    sequence: int
    title: str
    model: str
    measure: str
    group_by: tuple
    menu: str
    domain: tuple = ()
    colours: dict = {}
    kind: str = "bar"
    stacked: bool = True
    filtered: bool = True
    wide: bool = False


class Row(NamedTuple):
    """A row of a table: words (or a formula that gives them), then at most three formulas and their formats.

    In them, {0}, {1} and {2} are the cells of the row itself. `level` 0 is a total, 1 a row, 2 a part of the row above.
    """

    label: str
    cells: tuple
    formats: tuple
    level: int = 1


class Table(NamedTuple):
    """Rows of figures under headings. A click on a figure opens its records."""

    sequence: int
    title: str
    headings: tuple
    rows: list
    menu: str


def now(pivot, measure, *group):
    """Give the formula of a figure of the year that the reader chose; `group` is field, value, field, value…"""
    return f'=PIVOT.VALUE({{{pivot}}},"{measure}"{_arguments(group)})+0'


def before(pivot, measure, *group):
    """Give the formula of the same figure in the year before; empty when the reader chose several years."""
    group = _arguments(group)
    return f'=IF({{before}}="","",PIVOT.VALUE({{{pivot}_by_year}},"{measure}","fiscal_year",{{before}}{group})+0)'


def compared(label, pivot, measure, *group, format="", level=1):
    """Give the row of a figure in the year, in the year before, and its change."""
    cells = now(pivot, measure, *group), before(pivot, measure, *group)
    if format == "share":
        return Row(label, (*cells, '=IF(OR({1}="",{1}=0),"",{0}-{1})'), (format, format, "points"), level)
    return Row(label, (*cells, '=IF(OR({1}="",{1}=0),"",{0}/{1}-1)'), (format, format, "change"), level)


def _arguments(group):
    """Write the arguments of a function: words between quotes, numbers and truth as they are."""
    return "".join(f',"{each}"' if isinstance(each, str) else f",{str(each).upper()}" for each in group)
