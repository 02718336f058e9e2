import hashlib
import io
import re
import zipfile

from odoo import fields, models
from odoo.tools import format_date, format_datetime
from odoo.tools.misc import formatLang

from ..pdf_parts import split_pdf
from ..spreadsheet_file import Column, Row, Table, workbook
from .year_end_pack import PackFile, PackOmission, PackTables


class YearEndPrint(models.TransientModel):
    """The files of a pack: its tables printed and in Excel, the page of contents, the zip."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.year.end.pack"

    def _zip(self):
        """Make the zip.

        :return: its name, its content, how many documents it has, its checks
        """
        documents = self._documents()
        checks = sorted(self._checks(), key=lambda check: check.passed)
        files = self._files([document for document in documents if not isinstance(document, PackOmission)])
        omissions = [document for document in documents if isinstance(document, PackOmission)]
        contents = PackTables(
            self._file_name("00", self.env._("contents")),
            self.env._("Year-end pack"),
            self._contents_tables(files, sorted(omissions), checks),
            (
                self.env._(
                    "Made by %(user)s on %(date)s. Each SHA-256 is the fingerprint of a file: whoever computes it again"
                    " and finds the same has the file as it was made.",
                    user=self.env.user.name,
                    date=format_datetime(self.env, fields.Datetime.now(), tz=self.company_id.partner_id.tz or "UTC"),
                ),
            ),
        )
        files = [*self._print([contents]), *files]
        year = self._year()
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                # Every file bears the last day of the exercise: the same data give the same archive.
                info = zipfile.ZipInfo(file.name, (*year.date_to.timetuple()[:3], 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, file.content)
        word = self.env._("year-end")
        name = f"{self._slug(word)}-{year.name}-{self._slug(self.company_id.name)}.zip"
        return name, content.getvalue(), len(files), checks

    def _file_name(self, number, words):
        """Return the name of a document's file, without ending; `words` are in the language of the pack."""
        return f"{number}-{self._slug(words)}"

    def _slug(self, text):
        """Return a text as a part of a file's name: lower case, without accents, spaces or anything else."""
        return self.env["ir.http"]._slugify(re.sub(r"['’]", " ", text)) or str(self.company_id.id)

    def _files(self, documents):
        """Return the `PackFile` of each document, by name; all that is printed by one call of the renderer."""
        ready = [document for document in documents if isinstance(document, PackFile)]
        tables = [document for document in documents if isinstance(document, PackTables)]
        sheets = [
            PackFile(
                f"{document.name}.xlsx",
                workbook(document.tables, document.title, self.company_id.name, self._year().date_to),
            )
            for document in tables
        ]
        printed = self._print([document for document in tables if document.printed])
        return sorted([*ready, *sheets, *printed], key=lambda file: file.name)

    def _contents_tables(self, files, omissions, checks):
        """Return the tables of the page of contents."""
        tables = [
            Table(
                self.env._("Documents"),
                [
                    Column(self.env._("File")),
                    Column(self.env._("Bytes"), "number"),
                    Column(self.env._("SHA-256 and remarks")),
                ],
                [
                    Row(
                        (
                            file.name,
                            len(file.content),
                            "\n".join(filter(None, [hashlib.sha256(file.content).hexdigest(), file.note])),
                        )
                    )
                    for file in files
                ],
            )
        ]
        if omissions:
            tables.append(
                Table(
                    self.env._("Not in this pack"),
                    [Column(self.env._("Document")), Column(self.env._("Reason"))],
                    [Row((omission.name, omission.reason)) for omission in omissions],
                )
            )
        tables.append(
            Table(
                self.env._("Checks"),
                [Column(self.env._("Check")), Column(self.env._("State")), Column(self.env._("Found"))],
                [
                    Row(
                        (check.name, self.env._("In order") if check.passed else self.env._("To look at"), check.result)
                    )
                    for check in checks
                ],
            )
        )
        return tables

    # -- Printing --------------------------------------------------------------------------------------------------

    def _print(self, documents):
        """Return the PDF of each of these `PackTables`, in order."""
        bodies = [self._page(document) for document in documents]
        if not bodies:
            return []
        report = self.env.ref("fabloch_finance.action_report_year_end").sudo()
        report = report.with_context(fabloch_static_page=True)

        def run(pages):
            return report._run_wkhtmltopdf(pages, report_ref=report.report_name)

        # A renderer without outline can't print several that are told apart.
        contents = split_pdf(run(bodies), len(bodies)) or [split_pdf(run([body]), 1)[0] for body in bodies]
        return [
            PackFile(f"{document.name}.pdf", content) for document, content in zip(documents, contents, strict=True)
        ]

    def _page(self, document):
        """Return a document as a page of its own, complete in itself: no style or font is fetched from anywhere."""
        company = self.company_id
        year = self._year()
        values = {
            "document": document,
            "tables": [table for table in document.tables if table.printed],
            "company": company,
            "language": (self.env.lang or "en").split("_")[0],
            "exercise": self.env._(
                "exercise %(year)s, from %(first)s to %(last)s; amounts in %(currency)s",
                year=year.name,
                first=format_date(self.env, year.date_from),
                last=format_date(self.env, year.date_to),
                currency=self.currency_id.name,
            ),
            "cell": self._cell_text,
        }
        # Without the doctype the renderer would fall back to the manners of 1997.
        return f"<!DOCTYPE html>{self.env['ir.qweb']._render('fabloch_finance.report_year_end_document', values)}"

    def _cell_text(self, value, kind):
        """Return what a cell reads on paper, in the language of the pack; nothing for an empty cell."""
        if value is None or value is False or value == "":
            return ""
        if kind == "date":
            return format_date(self.env, value)
        if kind == "rate":
            return f"{formatLang(self.env, 100 * value, digits=1)}\u00a0%"
        digits = {"money": 2, "hours": 1, "number": 0}.get(kind)
        return str(value) if digits is None else formatLang(self.env, value, digits=digits)
