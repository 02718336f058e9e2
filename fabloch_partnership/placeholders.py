"""Fields in a text: `{montant}` in an article becomes the sum. Nothing in the text is ever evaluated.

A text is HTML that people write. Only its text nodes are looked at, and a value is put in as a text node or as a
table made here: what a value holds can't become markup, and there is no expression to inject.

>>> unknown("<p>{objet} de {qui}, {montant</p>", {"objet"})
['{qui}', '{montant']
>>> fill("<p>Pour <b>{objet}</b> : {montant}.</p>", {"objet": "<i>x</i>", "montant": "5 €"})
Markup('<p>Pour <b>&lt;i&gt;x&lt;/i&gt;</b>\\xa0: 5\\xa0€.</p>')
>>> fill("<p>{lots}</p>", {"lots": Table(["Lot"], [["un & deux"]])})
Markup('<table class="o_table"><thead><tr><th>Lot</th></tr></thead><tbody><tr><td>un &amp; deux</td></tr></tbody>\
</table>')
"""

import re
from typing import NamedTuple

from lxml import etree, html
from markupsafe import Markup, escape

FIELD = re.compile(r"\{(\w+)\}")
# What is left of a field that was begun or ended: a wrong name, a brace too many, a name in two formats.
BRACE = re.compile(r"\{[^{}]{0,40}\}?|\}")
# A French text never breaks its line there.
BEFORE_SIGN = re.compile(r" (?=[:;?!»%€])|(?<=«) ")


class Table(NamedTuple):
    """A value that is a table: heads, rows, which columns are numbers, the last row, what stands there without rows."""

    heads: list
    rows: list
    numbers: tuple = ()
    total: tuple = ()
    empty: str = ""

    def _element(self):
        if not self.rows:
            element = etree.Element("p", {"class": "o_empty"})
            element.text = self.empty
            return element
        element = etree.Element("table", {"class": "o_table"})
        parts = [("thead", "th", [self.heads]), ("tbody", "td", self.rows)]
        if self.total:
            parts.append(("tfoot", "td", [self.total]))
        for part, tag, rows in parts:
            body = etree.SubElement(element, part)
            for row in rows:
                line = etree.SubElement(body, "tr")
                for column, text in enumerate(row):
                    cell = etree.SubElement(line, tag, {"class": "o_number"} if column in self.numbers else {})
                    cell.text = str(text)
        return element


def unknown(source, allowed):
    """Return what stands between braces in the HTML `source` and is none of the `allowed` names, as written."""
    return [
        found
        for _element, _where, text in _texts(_parse(source))
        for found in BRACE.findall(FIELD.sub(lambda field: "" if field[1] in allowed else field[0], text))
    ]


def used(source):
    """Return the names of the fields in the HTML `source`."""
    return {name for _element, _where, text in _texts(_parse(source)) for name in FIELD.findall(text)}


def crowded(source, names):
    """Return those of `names` (tables) that are not alone in their paragraph, in the order of the text."""
    return [
        name
        for element, where, text in _texts(_parse(source))
        for name in FIELD.findall(text)
        if name in names and not _is_alone(element, where, text)
    ]


def fill(source, values):
    """Return the HTML `source` with `values` in the place of its fields.

    :param dict values: name: text, or `Table` for a field that is alone in its paragraph.
    """
    root = _parse(source)
    for element, where, text in list(_texts(root)):
        names = FIELD.findall(text)
        table = values.get(names[0]) if names else None
        if isinstance(table, Table) and _is_alone(element, where, text):
            replacement = table._element()
            replacement.tail = element.tail
            element.getparent().replace(element, replacement)
            continue
        filled = FIELD.sub(lambda field: str(values.get(field[1], field[0])), text)
        setattr(element, where, BEFORE_SIGN.sub("\u00a0", filled))
    return _serialize(root)


def blocks(source):
    """Return the paragraphs, lists and tables of the HTML `source`, each as HTML.

    >>> blocks("<p>a</p><ul><li>b</li></ul> c")
    [Markup('<p>a</p>'), Markup('<ul><li>b</li></ul> c')]
    """
    root = _parse(source)
    found = [Markup(html.tostring(each, encoding="unicode")) for each in root]  # noqa: S704 (serialized from a tree)
    return ([escape(root.text)] if (root.text or "").strip() else []) + found


def _parse(source):
    return html.fragment_fromstring(str(source or ""), create_parent="div")


def _serialize(root):
    inside = html.tostring(root, encoding="unicode", with_tail=False)
    return Markup(inside.removeprefix("<div>").removesuffix("</div>"))  # noqa: S704 (serialized from a tree)


def _texts(root):
    """Yield each text of the tree: its element, the attribute that holds it, and the text."""
    for element in root.iter():
        for where in ("text", "tail"):
            text = getattr(element, where)
            # The tail of the root is outside; the text of a comment is no text.
            if text and not (where == "tail" and element is root) and not (where == "text" and callable(element.tag)):
                yield element, where, text


def _is_alone(element, where, text):
    return (
        where == "text"
        and element.tag in ("p", "div")
        and element.getparent() is not None
        and not len(element)
        and bool(FIELD.fullmatch(text.strip()))
    )
