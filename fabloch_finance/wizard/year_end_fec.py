import re

from stdnum.fr import siren as siren_rule

from odoo import models

from .year_end_pack import Check, PackFile, PackOmission


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
        heading, *lines = (line.split("|") for line in content.decode().splitlines())
        sums = [
            self.currency_id.round(sum(float(line[heading.index(name)].strip().replace(",", ".")) for line in lines))
            for name in ("Debit", "Credit")
        ]
        return *sums, len(lines)
