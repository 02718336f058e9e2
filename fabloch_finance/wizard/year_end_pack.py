import ast
import base64
import hashlib
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError


class PackFile(NamedTuple):
    """A file of the pack, made already: its name with its ending, its content, a word on it for the contents page."""

    name: str
    content: bytes
    note: str = ""


class PackTables(NamedTuple):
    """A document of the pack that is made of tables: printed (PDF), and as an Excel file.

    `name` has no ending; `tables` are `spreadsheet_file.Table`; `notes` are sentences under the printed tables.
    """

    name: str
    title: str
    tables: list
    notes: tuple = ()
    printed: bool = True


class PackOmission(NamedTuple):
    """What the pack should have and doesn't: which document, and why."""

    name: str
    reason: str


class Check(NamedTuple):
    """A point to look at before the exercise is closed: what was found, and the records to correct."""

    code: str
    name: str
    result: str
    passed: bool
    model: str | None = None
    domain: list = []


class YearEndPack(models.TransientModel):
    """The year-end pack: what the accountant, the general assembly and the tax office ask for, in one file.

    The screen first shows what isn't in order yet (`_checks`); it warns and never prevents. The pack (`_documents`) is
    kept in `fabloch.year.end.file` with its SHA-256. An addon adds to either by a method that calls `super()`.

    Only the accountant makes and reads packs: the FEC has the whole ledger. The figures are those of the company with
    its branches and of no other; they are read in superuser mode, so that no document depends on who makes it.
    """

    _name = "fabloch.year.end.pack"
    _description = "Year-end pack"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    fiscal_year = fields.Selection(
        selection="_selection_fiscal_year",
        string="Exercise",
        required=True,
        default=lambda self: self.env.company._fabloch_fiscal_year(ago=1).name,
    )
    date_from = fields.Date("From", compute="_compute_dates")
    date_to = fields.Date("To", compute="_compute_dates")
    check_ids = fields.One2many("fabloch.year.end.check", "pack_id", compute="_compute_check_ids", store=True)
    warning_count = fields.Integer("Open points", compute="_compute_warning_count")
    file_ids = fields.Many2many("fabloch.year.end.file", string="Packs made", compute="_compute_file_ids")

    @api.model
    def _selection_fiscal_year(self):
        """Offer the exercises of the ledger, the last one and the one in progress, latest first."""
        company = self.env.company
        [(first, last)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [("company_id", "child_of", company.id), ("parent_state", "=", "posted")], [], ["date:min", "date:max"]
            )
        )
        today = fields.Date.context_today(self)
        first = min(first or today, company._fabloch_fiscal_year(today, ago=1).date_to)
        year = company._fabloch_fiscal_year(max(last or today, today))
        names = [year.name]
        while year.date_from > first:
            year = company._fabloch_fiscal_year(year.date_from - relativedelta(days=1))
            names.append(year.name)
        return [(name, name) for name in names]

    @api.depends("fiscal_year")
    def _compute_display_name(self):
        for pack in self:
            pack.display_name = self.env._("Year-end pack %s", pack.fiscal_year or "").strip()

    @api.depends("fiscal_year", "company_id")
    def _compute_dates(self):
        for pack in self:
            year = pack._year() if pack.fiscal_year else None
            pack.date_from = year and year.date_from
            pack.date_to = year and year.date_to

    @api.depends("fiscal_year", "company_id")
    def _compute_check_ids(self):
        for pack in self:
            commands = [Command.clear()]
            if pack.fiscal_year:
                checks = pack._for_its_company()._checks()
                commands += [
                    Command.create(
                        {
                            "sequence": number,
                            "code": check.code,
                            "name": check.name,
                            "result": check.result,
                            "state": "passed" if check.passed else "open",
                            "model": check.model,
                            "domain": repr(check.domain),
                        }
                    )
                    for number, check in enumerate(sorted(checks, key=lambda check: check.passed))
                ]
            pack.check_ids = commands

    @api.depends("check_ids.state")
    def _compute_warning_count(self):
        for pack in self:
            pack.warning_count = len(pack.check_ids.filtered(lambda check: check.state == "open"))

    @api.depends("company_id")
    def _compute_file_ids(self):
        for pack in self:
            pack.file_ids = self.env["fabloch.year.end.file"].search([("company_id", "=", pack.company_id.id)])

    # -- Actions ---------------------------------------------------------------------------------------------------

    @api.model
    def action_new(self):
        """Open the screen on the last full exercise; saved already, so that what it lists can be opened."""
        return self.create({})._action_open()

    def action_check(self):
        """Look again at what isn't in order, after corrections."""
        self.ensure_one()
        self._compute_check_ids()
        return self._action_open()

    def action_make(self):
        """Make the pack, keep it and download it."""
        return self._make().action_download()

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Year-end pack"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }

    # -- What addons extend ----------------------------------------------------------------------------------------

    def _checks(self):
        """Return what to look at before closing, a list of `Check`; the sentences are in the reader's language.

        Called on the pack in the world of its company, see `_for_its_company`. An addon adds its own to `super()`.
        """
        self.ensure_one()
        return []

    def _documents(self):
        """Return what goes into the pack: a list of `PackTables`, `PackFile` and `PackOmission`, in any order.

        Their names begin with a number, by which they are sorted: finance has 01 to 03 and the FEC, membership 04,
        partnership 05, machines 06. Called on the pack in the world of its company and in the company's language. The
        same data give the same documents. An addon adds its own to `super()`.
        """
        self.ensure_one()
        return []

    # -- For the documents -----------------------------------------------------------------------------------------

    def _year(self):
        """Return the `FiscalYear` of the pack.

        :raises UserError: when it is no year, which a screen never sends.
        """
        self.ensure_one()
        try:
            return self.company_id._fabloch_fiscal_year_named(self.fiscal_year)
        except (OverflowError, ValueError) as error:
            raise UserError(
                self.env._("Choose an exercise of the list, not this: %s", self.fiscal_year[:100])
            ) from error

    def _year_before(self):
        """Return the `FiscalYear` before that of the pack."""
        return self.company_id._fabloch_fiscal_year(self._year().date_from - relativedelta(days=1))

    def _companies(self):
        """Return the company of the pack and its branches, whose figures count in it."""
        return self.env["res.company"].sudo().search([("id", "child_of", self.company_id.id)])

    def _in_year(self, field="date", year=None):
        """Return the domain of what lies in the exercise (or in another `year`), in the company and its branches."""
        year = year or self._year()
        return [
            ("company_id", "child_of", self.company_id.id),
            (field, ">=", fields.Date.to_string(year.date_from)),
            (field, "<=", fields.Date.to_string(year.date_to)),
        ]

    def _for_its_company(self):
        """Return the pack as its documents read it: in superuser mode, in the world of its company and branches.

        :raise AccessError: when the user may not make packs, or not of this company
        """
        self.ensure_one()
        self.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._(
                    "You don't work in “%s” now: choose it among your companies first.", self.company_id.sudo().name
                )
            )
        others = self._companies() - self.company_id
        return self.sudo().with_context(allowed_company_ids=[self.company_id.id, *others.ids])

    # -- The making ------------------------------------------------------------------------------------------------

    def _make(self):
        """Make the pack and keep it.

        :return: the `fabloch.year.end.file`
        :raise AccessError: see `_for_its_company`
        """
        self.ensure_one()
        language = self.company_id.sudo().partner_id.lang or self.env.lang
        pack = self._for_its_company().with_context(lang=language)
        name, content, document_count, checks = pack._zip()
        year = pack._year()
        return (
            self.env["fabloch.year.end.file"]
            .sudo()
            .create(
                {
                    "name": name,
                    "company_id": self.company_id.id,
                    "fiscal_year": year.name,
                    "date_from": year.date_from,
                    "date_to": year.date_to,
                    "content": base64.b64encode(content),
                    "size": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "document_count": document_count,
                    "warning_count": sum(not check.passed for check in checks),
                }
            )
            .sudo(False)
        )


class YearEndCheck(models.TransientModel):
    """A point of the check-list, as it was found."""

    _name = "fabloch.year.end.check"
    _description = "Check before a year-end pack"
    _order = "sequence, id"

    pack_id = fields.Many2one("fabloch.year.end.pack", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer()
    code = fields.Char(readonly=True)
    name = fields.Char("Check", readonly=True)
    result = fields.Char("Found", readonly=True)
    state = fields.Selection([("passed", "In order"), ("open", "To look at")], readonly=True)
    model = fields.Char(readonly=True)
    domain = fields.Char(readonly=True)

    def action_open(self):
        """Open the records to look at."""
        self.ensure_one()
        domain = ast.literal_eval(self.domain or "[]")
        action = {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"create": False},
        }
        if self.model == "res.company":
            action |= {"view_mode": "form", "views": [(False, "form")], "res_id": self.pack_id.company_id.id}
        return action
