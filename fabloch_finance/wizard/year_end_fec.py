import csv
import io
import re

from stdnum.fr import siren as siren_rule

from odoo import models

from .year_end_pack import Check, PackFile, PackOmission


class FecExport(models.TransientModel):
    """Odoo's FEC, without the off-balance accounts in what it carries forward.

    The voluntary contributions (class 8) stand at the foot of an exercise's income statement and begin the next one at
    nothing, as income and expenses do: Odoo would open the exercise with those of all the years before.
    """

    _inherit = "l10n_fr.fec.export.wizard"

    def _get_base_domain(self):
        # By their ids: Odoo joins the accounts by itself.
        Account = self.env["account.account"]
        off_balance = Account.search(
            [*Account._check_company_domain(self.env.company), ("account_type", "=", "off_balance")]
        )
        return [
            *super()._get_base_domain(),
            "|",
            ("account_id", "not in", off_balance.ids),
            ("date", ">=", self.date_from),
        ]


class YearEndFec(models.TransientModel):
    """The FEC (fichier des écritures comptables, LPF art. A47 A-1): Odoo's own, of the posted entries.

    Odoo locks the exercise when its FEC is exported for good; the pack asks for it as a test and locks nothing.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        return [*super()._documents(), self._fec()]

    def _checks(self):
        siren = self._siren()
        return [
            *super()._checks(),
            Check(
                "siren",
                self.env._("SIREN of the association"),
                siren or self._siren_missing(),
                bool(siren),
                "res.company",
                [("id", "=", self.company_id.id)],
            ),
        ]

    def _siren(self):
        """Return the SIREN that stands in the company's number (SIREN or SIRET) or in its VAT number, or None."""
        company = self.company_id
        number = re.sub(r"[^0-9]", "", company.company_registry or "")
        candidates = [number[:9] if len(number) in (9, 14) else "", re.sub(r"\s", "", company.vat or "")[4:13]]
        return next((candidate for candidate in candidates if siren_rule.is_valid(candidate)), None)

    def _siren_missing(self):
        return self.env._(
            "None, or it is wrong: the pack has no FEC. Write it as the company's number (SIREN or SIRET)."
        )

    def _fec(self):
        """Return the FEC as a `PackFile`, its number of lines and its sums as remark."""
        siren = self._siren()
        if not siren:
            return PackOmission("FEC", self._siren_missing())
        year = self._year()
        export = self.env["l10n_fr.fec.export.wizard"].create(
            {"date_from": year.date_from, "date_to": year.date_to, "export_type": "official", "test_file": True}
        )
        content = export.generate_fec()["file_content"]
        debit, credit, count = self._fec_sums(content)
        remark = self.env._(
            "%(count)s lines; debit %(debit)s, credit %(credit)s",
            count=count,
            debit=self._money(debit),
            credit=self._money(credit),
        )
        return PackFile(f"{siren}FEC{year.date_to:%Y%m%d}.txt", content, remark)

    def _fec_sums(self, content):
        """Return the sum of the debits and of the credits of a FEC, and how many lines it has below its heading."""
        # Read as Odoo writes it: a label may hold quotes, and characters that Python takes for the end of a line.
        heading, *lines = csv.reader(io.StringIO(content.decode(), newline=""), delimiter="|")
        sums = [
            self.currency_id.round(sum(float(line[heading.index(name)].strip().replace(",", ".")) for line in lines))
            for name in ("Debit", "Credit")
        ]
        return *sums, len(lines)
