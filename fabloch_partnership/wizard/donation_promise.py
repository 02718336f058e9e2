from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

STEPS = [
    ("month", "Every month"),
    ("quarter", "Every quarter"),
    ("year", "Every year"),
]
MONTHS = {"month": 1, "quarter": 3, "year": 12}


class DonationPromise(models.TransientModel):
    """A promise in instalments: one promised gift for each date, which sum to the whole to the cent."""

    _name = "fabloch.donation.promise"
    _description = "Promise in instalments"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", "Donor", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    convention_id = fields.Many2one("fabloch.convention", check_company=True)
    total = fields.Monetary(required=True)
    count = fields.Integer("Instalments", required=True, default=12)
    step = fields.Selection(STEPS, "When", required=True, default="month")
    date = fields.Date("First one on", required=True, default=fields.Date.context_today)
    preview = fields.Char(compute="_compute_preview")

    @api.constrains("count", "total")
    def _check_count(self):
        for wizard in self:
            cents = round(wizard.total / wizard.currency_id.rounding)
            if not 1 <= wizard.count <= min(120, max(cents, 1)) or cents < 1:
                raise ValidationError(self.env._("A promise has from 1 to 120 instalments, each of them more than 0."))

    @api.depends("total", "count", "step", "date")
    def _compute_preview(self):
        for wizard in self:
            if wizard.count < 1 or not wizard.date or wizard.total <= 0:
                wizard.preview = False
                continue
            amounts = wizard._amounts()
            wizard.preview = self.env._(
                "%(count)s gifts, the first of %(first)s on %(start)s, the last of %(last)s on %(end)s.",
                count=wizard.count,
                first=wizard.currency_id.format(amounts[0]),
                start=fields.Date.to_string(wizard.date),
                last=wizard.currency_id.format(amounts[-1]),
                end=fields.Date.to_string(wizard._date(wizard.count - 1)),
            )

    def _amounts(self):
        """Return the instalments' amounts: equal to the cent, the first ones a cent more when it doesn't come out."""
        self.ensure_one()
        unit = self.currency_id.rounding
        base, more = divmod(round(self.total / unit), self.count)
        return [self.currency_id.round((base + (rank < more)) * unit) for rank in range(self.count)]

    def _date(self, rank):
        # From the first date, so that the 31st comes back after a shorter month.
        return self.date + relativedelta(months=MONTHS[self.step] * rank)

    def action_promise(self):
        """Make the promised gifts.

        :return: the action that opens them.
        """
        self.ensure_one()
        Donation = self.env["fabloch.donation"]
        gifts = Donation.create(
            [
                {
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "convention_id": self.convention_id.id,
                    "date": self._date(rank),
                    "amount": amount,
                }
                for rank, amount in enumerate(self._amounts())
            ]
        )
        gifts[1:].sudo().write({"promise_id": gifts[0].id})
        gifts.action_confirm()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.donation_action")
        action.update(domain=[("id", "in", gifts.ids)], context={})
        return action
