"""Several documents printed by one call of the renderer, taken apart again. Without the ORM."""

import io

from pypdf import PdfReader, PdfWriter


def split_pdf(content, count):
    """Return the list of the `count` documents (bytes) that a PDF holds one after the other.

    Each of them has one heading of first rank, with which it begins: the outline tells on which page. What is returned
    bears neither date nor outline: the same pages give the same bytes.

    :param bytes content: what the renderer printed
    :param int count: how many documents were given to it
    :return: None when the outline doesn't tell them apart: a renderer without outline prints them one by one
    """
    reader = PdfReader(io.BytesIO(content))
    starts = [0] if count == 1 else _outline_pages(reader)
    if len(starts) != count or sorted(set(starts)) != starts or starts[0]:
        return None
    contents = []
    for start, end in zip(starts, [*starts[1:], len(reader.pages)], strict=True):
        writer = PdfWriter()
        writer.append(reader, pages=(start, end), import_outline=False)
        with io.BytesIO() as part:
            writer.write(part)
            contents.append(part.getvalue())
    return contents


def _outline_pages(reader):
    """Return the pages (from 0) of the headings of first rank, as the renderer notes them."""
    root = reader.trailer["/Root"]
    places = root.get("/Dests", {})
    node, pages = root.get("/Outlines", {}).get("/First"), []
    while node:
        node = node.get_object()
        if node["/Dest"] not in places:
            return []
        pages.append(places[node["/Dest"]][0])
        node = node.get("/Next")
    return pages
