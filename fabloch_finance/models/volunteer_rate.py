from odoo import api, fields, models


class VolunteerRate(models.Model):
    """What an hour of volunteers' work is worth from a date on, for one kind or for all of them.

    The association decides, and says on what it rests (a wage of the branch, the minimum wage…): the yearly accounts
    tell it. A kind's own rate goes before the rate of all kinds. Hours that are posted keep the value that they had.
    """

    _name = "fabloch.volunteer.rate"
    _description = "Hourly value of volunteering"
    _order = "date_from desc, kind_id, id"
    _rec_name = "date_from"

    kind_id = fields.Many2one("fabloch.volunteer.kind", index=True, ondelete="cascade", help="Empty: every kind.")
    date_from = fields.Date(string="In force from", required=True, help="Until the next rate of the same kind.")
    hourly_rate = fields.Monetary(required=True, string="Value of an hour")
    source = fields.Char(required=True, help="On what it rests: decision of the board, agreement, minimum wage…")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _once = models.UniqueIndex(
        "(company_id, COALESCE(kind_id, 0), date_from)",
        "This kind of volunteering has a rate from that date already: change that one, or choose another date.",
    )
    _positive = models.Constraint("CHECK (hourly_rate > 0)", "An hour of volunteering is worth more than 0.")

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._value_hours(rates.company_id)
        return rates

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        self._value_hours(companies | self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._value_hours(companies)
        return result

    @api.model
    def _value_hours(self, companies):
        """Value again the hours of these companies that aren't posted."""
        Hours = self.env["fabloch.volunteer.hours"].sudo()
        hours = Hours.search([("company_id", "in", companies.ids), ("posting_id", "=", False)])
        hours.modified(["kind_id"])

    @api.model
    def _history(self, companies):
        """Return {company: {kind id, or False for all: [(first day, rate), …]}}, the newest first, in one query."""
        history = {}
        for rate in self.sudo().search([("company_id", "in", companies.ids)], order="date_from desc, id desc"):
            of_company = history.setdefault(rate.company_id, {})
            of_company.setdefault(rate.kind_id.id, []).append((rate.date_from, rate.hourly_rate))
        return history
