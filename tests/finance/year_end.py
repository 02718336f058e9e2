"""Year-end packs for tests: making one, opening its zip, reading what its files say."""

import base64
import io
import zipfile

import openpyxl
from pypdf import PdfReader


class YearEndMixin:
    """For a test class that has `cls.company`."""

    @classmethod
    def _pack(cls, fiscal_year="2025", user=None):
        Pack = cls.env["fabloch.year.end.pack"].with_user(user or cls.env.user)
        return Pack.with_company(cls.company).create({"fiscal_year": fiscal_year})

    @classmethod
    def _in_its_company(cls, pack):
        return pack._for_its_company().with_context(lang="en_US")

    @classmethod
    def _opened(cls, kept):
        """{name: content} of a pack that was made."""
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(kept.with_context(bin_size=False).content))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    @classmethod
    def _pdf_text(cls, content):
        assert content.startswith(b"%PDF"), content[:20]
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        return " ".join(text.replace("\xa0", " ").split()).replace(" ,", ",")

    @classmethod
    def _sheets(cls, content):
        """{sheet: rows as tuples} of an Excel file."""
        book = openpyxl.load_workbook(io.BytesIO(content))
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}

    @classmethod
    def _table(cls, pack, name, title):
        """The rows of a table of a document, as lists, by the beginning of the document's name."""
        [document] = [each for each in cls._in_its_company(pack)._documents() if each.name.startswith(name)]
        [table] = [table for table in document.tables if table.title == title]
        return [list(row.values) for row in table.rows]

    @classmethod
    def _checks(cls, pack):
        return {check.code: check for check in cls._in_its_company(pack)._checks()}
