from odoo import models
from odoo.fields import Domain

from odoo.addons.fabloch_finance.spreadsheet_file import Column, Row, Table
from odoo.addons.fabloch_finance.wizard.year_end_pack import PackFile, PackOmission, PackTables


class YearEndPack(models.TransientModel):
    """05: the yearly statement of the tax receipts (CGI art. 222 bis), their list, the gifts of the exercise."""

    _inherit = "fabloch.year.end.pack"

    def _documents(self):
        name = self._file_name("05", self.env._("tax receipts 222bis"))
        statement = self.env["fabloch.tax.receipt.statement"].search(
            [("company_id", "=", self.company_id.id), ("year", "=", self._year().date_to.year)]
        )
        if statement:
            printed = PackFile(
                f"{name}.pdf",
                statement._render_pdf(),
                self.env._(
                    "%(count)s receipts, %(amount)s",
                    count=statement.receipt_count,
                    amount=self._money(statement.amount),
                ),
            )
        else:
            printed = PackOmission(f"{name}.pdf", self.env._("No tax receipt was issued in the exercise."))
        gifts = self.env["fabloch.donation"].search(self._received_gifts_domain(), order="gift_date, id")
        tables = [self._receipt_table(), self._gift_sum_table(gifts), self._gift_table(gifts)]
        sheets = PackTables(name, self.env._("Tax receipts and gifts"), tables, printed=False)
        return [*super()._documents(), printed, sheets]

    def _checks(self):
        gifts = self._received_gifts_domain() & Domain("receipt_line_ids", "not any", [("live", "=", True)])
        return [
            *super()._checks(),
            self._count_check(
                "gifts",
                self.env._("Gifts received on a tax receipt"),
                self.env._("Without receipt"),
                "fabloch.donation",
                list(gifts),
            ),
        ]

    def _received_gifts_domain(self):
        """Return the domain of the gifts of the exercise; without a day of reception, the day of the gift counts."""
        given = Domain(self._in_year("date_received")) | (
            Domain(self._in_year("date")) & Domain("date_received", "=", False)
        )
        return Domain("state", "=", "received") & given

    def _receipt_table(self):
        """Return the receipts that were issued in the exercise, the cancelled ones too: their amount isn't counted."""
        Receipt = self.env["fabloch.tax.receipt"]
        receipts = Receipt.search(self._in_year(), order="year, sequence_number")
        states = dict(Receipt._fields["state"]._description_selection(self.env))
        rows = [
            Row(
                (
                    receipt.name,
                    receipt.date,
                    receipt.donor_name,
                    receipt.form,
                    states[receipt.state],
                    receipt.amount if receipt.state == "live" else None,
                )
            )
            for receipt in receipts
        ]
        total = self.currency_id.round(sum(receipts.filtered(lambda receipt: receipt.state == "live").mapped("amount")))
        rows.append(Row((self.env._("Total"), None, None, None, None, total), "total"))
        return Table(
            self.env._("Tax receipts"),
            [
                Column(self.env._("Number")),
                Column(self.env._("Issued on"), "date"),
                Column(self.env._("Donor")),
                Column(self.env._("Model")),
                Column(self.env._("State")),
                Column(self.env._("Amount"), "money"),
            ],
            rows,
        )

    def _gift_labels(self):
        """Return the words of the donors' kinds and of the natures."""
        Donation = self.env["fabloch.donation"]
        return [dict(Donation._fields[name]._description_selection(self.env)) for name in ("donor_kind", "nature")]

    def _gift_sum_table(self, gifts):
        """Return the gifts of private people and those of companies (mécénat), by nature: number and amount."""
        kinds, natures = self._gift_labels()
        sums = {}
        for gift in gifts:
            count, amount = sums.get((gift.donor_kind, gift.nature), (0, 0.0))
            sums[gift.donor_kind, gift.nature] = count + 1, amount + gift.amount - gift.amount_refunded
        rows = [
            Row((kinds[kind], natures[nature], sums[kind, nature][0], self.currency_id.round(sums[kind, nature][1])))
            for kind in kinds
            for nature in natures
            if (kind, nature) in sums
        ]
        total = self.currency_id.round(sum(row.values[3] for row in rows))
        rows.append(Row((self.env._("Total"), None, sum(row.values[2] for row in rows), total), "total"))
        return Table(
            self.env._("Gifts received"),
            [
                Column(self.env._("Given as")),
                Column(self.env._("Nature")),
                Column(self.env._("Number of gifts"), "number"),
                Column(self.env._("Amount"), "money"),
            ],
            rows,
        )

    def _gift_table(self, gifts):
        kinds, natures = self._gift_labels()
        rows = [
            Row(
                (
                    gift.name,
                    gift.gift_date,
                    gift.partner_id.display_name,
                    kinds[gift.donor_kind],
                    natures[gift.nature],
                    gift.receipt_id.name,
                    self.currency_id.round(gift.amount - gift.amount_refunded),
                )
            )
            for gift in gifts
        ]
        rows.append(
            Row((self.env._("Total"), *[None] * 5, self.currency_id.round(sum(row.values[6] for row in rows))), "total")
        )
        return Table(
            self.env._("Gift by gift"),
            [
                Column(self.env._("Number")),
                Column(self.env._("Received on"), "date"),
                Column(self.env._("Donor")),
                Column(self.env._("Given as")),
                Column(self.env._("Nature")),
                Column(self.env._("Tax receipt")),
                Column(self.env._("Amount"), "money"),
            ],
            rows,
        )
