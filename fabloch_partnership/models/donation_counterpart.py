from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang


class DonationCounterpart(models.Model):
    """What the donor gets for a gift, and how much of it leaves it a gift.

    A company: at most a share of the gift. An individual: at most that share of the gift, and for all gifts of the
    calendar year at most a fixed cap. Over it the gift is none: it is sponsorship, which is invoiced.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    counterpart_value = fields.Monetary(
        "Value of the counterparts", tracking=True, help="What the donor gets for it, valued by the association."
    )
    counterpart_description = fields.Text("Counterparts")
    counterpart_limit = fields.Monetary(
        "Counterparts allowed",
        compute="_compute_counterpart_limit",
        help="A company: a share of each gift. An individual: that share of each gift, and a fixed cap over all gifts "
        "of one donor in a calendar year. The legal parameters hold both.",
    )
    counterpart_ok = fields.Boolean("Counterparts within the limit", compute="_compute_counterpart_limit")
    charge_id = fields.Many2one(
        "fabloch.charge",
        "Invoiced instead",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The sponsorship that is invoiced because this was no gift.",
    )

    _counterpart_positive = models.Constraint(
        "CHECK (counterpart_value >= 0)", "The value of the counterparts can't be less than 0."
    )

    @api.depends("amount", "counterpart_value", "donor_kind", "partner_id", "gift_date", "date", "company_id", "state")
    def _compute_counterpart_limit(self):
        for donation, (limit, within) in self._counterpart_limits().items():
            donation.counterpart_limit = limit
            donation.counterpart_ok = within

    def _counterpart_limits(self):
        """Return {gift: (highest value of its counterparts, whether they are within it)}, in one query."""
        others = self._other_counterparts()
        found = {}
        for donation in self:
            limit = donation._counterpart_limit(others.get(donation, 0.0))
            value = donation.counterpart_value
            currency = donation.currency_id or self.env.company.currency_id
            # Without any counterpart there is nothing to limit.
            found[donation] = (limit, not value or currency.compare_amounts(value, limit) <= 0)
        return found

    def _counterpart_limit(self, others):
        """Return the highest value of this gift's counterparts, in its currency, never under 0.

        :param float others: value of the counterparts of the donor's other gifts of that calendar year.
        """
        self.ensure_one()
        parameter = self.env["fabloch.legal.parameter"]._get
        day = self.gift_date or self.date
        currency = self.currency_id or self.env.company.currency_id
        share = parameter(f"gift_{self.donor_kind or 'individual'}_counterpart_share", day)
        # Down to the cent: what is allowed never exceeds the share.
        limit = currency.round(self.amount * share / 100)
        if currency.compare_amounts(limit * 100, self.amount * share) > 0:
            limit = currency.round(limit - currency.rounding)
        if self.donor_kind != "company":
            cap = parameter("gift_individual_counterpart_cap", day)
            limit = min(limit, max(currency.round(cap - others), 0.0))
        return limit

    def _other_counterparts(self):
        """Return {gift: value of the counterparts of the donor's other gifts of its calendar year}, in one query."""
        donors = self.partner_id.commercial_partner_id
        days = [day for donation in self if (day := donation.gift_date or donation.date)]
        if not donors.ids or not days:
            return {}
        found = self.sudo().search_fetch(
            Domain("commercial_partner_id", "in", donors.ids)
            & Domain("donor_kind", "=", "individual")
            & Domain("state", "in", ("pledged", "received"))
            & Domain("counterpart_value", ">", 0)
            & Domain("gift_date", ">=", f"{min(days).year}-01-01")
            & Domain("gift_date", "<=", f"{max(days).year}-12-31"),
            ["commercial_partner_id", "company_id", "gift_date", "counterpart_value"],
        )

        def key(donation):
            donor = donation.partner_id.commercial_partner_id
            return donor._origin.id, donation.company_id.id, (donation.gift_date or donation.date or days[0]).year

        grouped = found.grouped(key)
        return {
            donation: sum((grouped.get(key(donation), found.browse()) - donation._origin).mapped("counterpart_value"))
            for donation in self
        }

    @api.constrains(
        "amount",
        "company_id",
        "confirm_date",
        "counterpart_value",
        "date",
        "donor_kind",
        "nature",
        "partner_id",
        "skill_day_cost",
        "skill_days",
        "skill_people",
    )
    def _check_counterpart(self):
        # Not through the fields: they may be in the midst of being computed.
        live = self.filtered(lambda each: each.state in ("pledged", "received"))
        for donation, (limit, within) in live._counterpart_limits().items():
            if within:
                continue
            values = {
                name: formatLang(self.env, value, currency_obj=donation.currency_id)
                for name, value in (
                    ("value", donation.counterpart_value),
                    ("limit", limit),
                    ("amount", donation.amount),
                )
            }
            if donation.donor_kind == "company":
                message = self.env._(
                    "The counterparts of %(gift)s are worth %(value)s, but a company's gift of %(amount)s allows "
                    "%(limit)s (mécénat). It is sponsorship: invoice it instead, or lower the counterparts.",
                    gift=donation.display_name,
                    **values,
                )
            else:
                message = self.env._(
                    "The counterparts of %(gift)s are worth %(value)s, but %(limit)s is all that a gift of %(amount)s "
                    "allows after the donor's other gifts of the year. Invoice it instead, or lower the counterparts.",
                    gift=donation.display_name,
                    **values,
                )
            raise ValidationError(message)

    def action_invoice_instead(self):
        """Turn these gifts, which are none, into sponsorship: a charge to invoice; the gift is cancelled.

        The amount is taken untaxed: sponsorship bears the taxes of its product (account 7063).

        :return: the action that opens the charges.
        :raises UserError: when something was posted already, or no product is set.
        """
        self.check_access("write")
        for donation in self:
            if donation.cancel_date or donation._is_posted():
                raise UserError(
                    self.env._(
                        "%s is in the books or cancelled: cancel it first, and charge the sponsorship by hand.",
                        donation.display_name,
                    )
                )
        charges = self.env["fabloch.charge"].create([donation._prepare_sponsorship_vals() for donation in self])
        self.action_cancel(self.env._("Invoiced as sponsorship"))
        for donation, charge in zip(self.sudo(), charges, strict=True):
            donation.charge_id = charge
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.charge_action_all")
        action.update(domain=[("id", "in", charges.ids)], context={})
        return action

    def _prepare_sponsorship_vals(self):
        """Values of the charge that takes the place of this gift."""
        self.ensure_one()
        product = self.company_id._gift_setting("sponsorship_product_id")
        localized = product.with_context(lang=self.partner_id.lang)
        counterparts = (self.counterpart_description or "").strip()
        return {
            "partner_id": self.partner_id.id,
            "product_id": product.id,
            "name": f"{localized.display_name}\n{counterparts}" if counterparts else localized.display_name,
            "quantity": 1.0,
            "price_unit": self.amount,
            "date": self.date,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }
