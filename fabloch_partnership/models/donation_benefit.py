from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import date_utils, formatLang

from .. import benefit


class DonationBenefit(models.Model):
    """What the donor may deduct: information only, never on a receipt."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    benefit_amount = fields.Monetary("Tax reduction (estimate)", compute="_compute_benefit")
    benefit_note = fields.Char("Information only", compute="_compute_benefit")

    @api.depends("amount", "donor_kind", "partner_id.turnover", "gift_date", "date", "state", "nature", "company_id")
    def _compute_benefit(self):
        others = self._other_gifts()
        for donation in self:
            day = donation.gift_date or donation.date
            found = self._benefit_estimate(
                donation.donor_kind,
                donation.amount,
                others.get(donation, 0.0),
                donation.partner_id.commercial_partner_id.turnover,
                day,
            )
            donation.benefit_amount = float(found.reduction)
            donation.benefit_note = donation._benefit_note(found, day)

    @api.model
    def _benefit_estimate(self, donor_kind, amount, others, turnover, date):
        """Estimate what a donor may deduct for a gift, by the legal parameters in force.

        :param str donor_kind: `individual` (art. 200) or `company` (art. 238 bis).
        :param float amount: the gift; `others`: the donor's other gifts of the year that are known here.
        :param float turnover: of the company in a year, without VAT; 0 when it isn't known.
        :param date date: the day of the gift.
        :return: `benefit.Benefit`.
        """

        def parameter(code):
            return self.env["fabloch.legal.parameter"]._get(code, date)

        if donor_kind != "company":
            return benefit.individual(amount, parameter("gift_individual_rate"))
        return benefit.company(
            amount,
            others,
            parameter("gift_company_rate"),
            parameter("gift_company_rate_threshold"),
            parameter("gift_company_rate_reduced"),
            benefit.ceiling(
                parameter("gift_company_cap_amount"), parameter("gift_company_cap_turnover_share"), turnover
            ),
        )

    def _benefit_note(self, found, day):
        """Return the sentence that goes with the estimate."""

        def money(amount):
            return formatLang(self.env, float(amount), currency_obj=self.currency_id or self.env.company.currency_id)

        parameter = self.env["fabloch.legal.parameter"]._get
        if self.donor_kind != "company":
            return self.env._(
                "Information only: the gift would cost the donor %(cost)s, if all gifts of the year stay within "
                "%(share)s %% of the taxable income, which we don't know.",
                cost=money(found.cost),
                share=f"{parameter('gift_individual_income_share', day):g}",
            )
        if found.carried:
            return self.env._(
                "Information only: the gift would cost the donor %(cost)s; %(carried)s is over the year's ceiling and "
                "carried over %(years)s years.",
                cost=money(found.cost),
                carried=money(found.carried),
                years=f"{parameter('gift_company_carry_years', day):g}",
            )
        return self.env._(
            "Information only: the gift would cost the donor %(cost)s, as far as we know the other gifts and the "
            "turnover.",
            cost=money(found.cost),
        )

    def _other_gifts(self):
        """Return {gift: what the same company gave us before it in its fiscal year}, in one query."""
        companies = self.filtered(lambda each: each.donor_kind == "company" and (each.gift_date or each.date))
        donors = companies.partner_id.commercial_partner_id
        if not donors.ids:
            return {}
        found = self.sudo().search_fetch(
            Domain("commercial_partner_id", "in", donors.ids)
            & Domain("donor_kind", "=", "company")
            & Domain("state", "in", ("pledged", "received")),
            ["commercial_partner_id", "company_id", "gift_date", "amount"],
        )
        totals = {}
        for donation in companies:
            donor = donation.partner_id.commercial_partner_id
            day = donation.gift_date or donation.date
            first, _last = date_utils.get_fiscal_year(
                day, day=donor.fiscalyear_last_day or 31, month=donor.fiscalyear_last_month or 12
            )
            before = found.filtered(
                lambda other, own=donation, donor=donor, first=first, day=day: (
                    other.commercial_partner_id == donor._origin
                    and other.company_id == own.company_id
                    # Of two gifts of one day, only the later one comes after the other.
                    and first <= other.gift_date
                    and (other.gift_date, other.id) < (day, own._origin.id or float("inf"))
                )
            )
            totals[donation] = donation.currency_id.round(sum(before.mapped("amount")))
        return totals
