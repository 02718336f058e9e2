from odoo import fields, models
from odoo.tools import SQL

from ..models.donation import DONOR_KINDS, NATURES


class DonationReport(models.Model):
    """Gifts by fiscal year: what is promised and has yet to come, what was received, what of it is on a tax receipt.

    A row for each confirmed gift, in the fiscal year in which it was received or is expected; none for those that
    were cancelled or given back.
    """

    _name = "fabloch.donation.report"
    _description = "Gifts by fiscal year"
    _auto = False
    _rec_name = "donation_id"
    _order = "date desc, id desc"
    _depends = {
        "fabloch.donation": [
            "amount",
            "amount_refunded",
            "commercial_partner_id",
            "company_id",
            "donor_kind",
            "gift_date",
            "nature",
            "state",
        ],
        "fabloch.tax.receipt.line": ["amount", "donation_id", "live"],
        "res.company": ["currency_id", "fiscalyear_last_day", "fiscalyear_last_month"],
    }

    date = fields.Date(readonly=True, help="The day on which it was received; until then, on which it is expected.")
    fiscal_year = fields.Char(readonly=True, help="The year in which it ends, after the one in which it begins.")
    donation_id = fields.Many2one("fabloch.donation", "Gift", readonly=True)
    partner_id = fields.Many2one("res.partner", "Donor", readonly=True)
    donor_kind = fields.Selection(DONOR_KINDS, "Gives as", readonly=True)
    nature = fields.Selection(NATURES, readonly=True)
    promised = fields.Monetary("Yet to come", readonly=True)
    received = fields.Monetary(readonly=True, help="What was given back is taken off.")
    receipted = fields.Monetary("On a receipt", readonly=True, help="On a tax receipt that isn't cancelled.")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT item.id, item.date, %(fiscal_year)s AS fiscal_year, item.id AS donation_id,
                   item.partner_id, item.donor_kind, item.nature,
                   CASE WHEN item.state = 'pledged' THEN item.amount ELSE 0.0 END AS promised,
                   CASE WHEN item.state = 'received' THEN item.amount - item.amount_refunded ELSE 0.0 END AS received,
                   item.receipted, item.company_id, company.currency_id
              FROM (
                       SELECT gift.id, gift.gift_date AS date, gift.commercial_partner_id AS partner_id,
                              gift.donor_kind, gift.nature, gift.state, gift.amount,
                              COALESCE(gift.amount_refunded, 0.0) AS amount_refunded,
                              COALESCE(line.amount, 0.0) AS receipted, gift.company_id
                         FROM fabloch_donation gift
                    LEFT JOIN fabloch_tax_receipt_line line ON line.donation_id = gift.id AND line.live
                        WHERE gift.state IN ('pledged', 'received')
                   ) item
              JOIN res_company company ON company.id = item.company_id
            """,
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
        )
