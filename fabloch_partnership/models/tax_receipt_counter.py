from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class TaxReceiptCounter(models.Model):
    """The last receipt number of a company and year; nobody has access to it.

    It is counted up within the transaction that makes the receipts: a rollback or a kill takes both back, so that no
    number is ever left out. Two transactions at once wait for each other; the later one is then tried again.
    """

    _name = "fabloch.tax.receipt.counter"
    _description = "Counter of tax receipts"
    _rec_name = "year"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    year = fields.Integer(required=True, readonly=True)
    last = fields.Integer("Last number", required=True, readonly=True)
    last_date = fields.Date("Date of the last receipt", required=True, readonly=True)

    _one_a_year = models.UniqueIndex("(company_id, year)", "A company has one counter a year.")

    @api.model
    def _take(self, company, date, count):
        """Take the next `count` numbers of `company` for receipts of that `date`.

        :return: the list of the numbers, in order.
        :raises UserError: when a receipt of a later date has its number already: numbers follow the dates.
        """
        self.flush_model()
        [(last, last_date)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_tax_receipt_counter AS counter
                       (company_id, year, last, last_date, create_uid, create_date)
                VALUES (%(company)s, %(year)s, %(count)s, %(date)s, %(uid)s, now() AT TIME ZONE 'UTC')
                    ON CONFLICT (company_id, year) DO UPDATE
                   SET last = counter.last + EXCLUDED.last, last_date = GREATEST(counter.last_date, EXCLUDED.last_date)
             RETURNING last, last_date
                """,
                company=company.id,
                year=date.year,
                count=count,
                date=date,
                uid=self.env.uid,
            )
        )
        if last_date > date:
            raise UserError(
                self.env._(
                    "A tax receipt of %(last)s has its number already, and numbers follow the dates: "
                    "issue on that day or later.",
                    last=format_date(self.env, last_date),
                )
            )
        self.invalidate_model()
        return list(range(last - count + 1, last + 1))
