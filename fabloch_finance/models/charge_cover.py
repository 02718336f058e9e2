from odoo import api, fields, models
from odoo.tools import formatLang

from .allowance import DrawRequest
from .allowance_cover import COVER_UNITS, CoverRequest

# What an allowance has paid was paid for these: when one changes, it is asked anew.
PRICE_FIELDS = {
    "company_id",
    "currency_id",
    "discount",
    "partner_id",
    "price_unit",
    "product_id",
    "quantity",
    "tax_ids",
}


class ChargeCover(models.Model):
    """What allowances of money or of pieces pay of a charge: the user is charged for the rest.

    The charge keeps its price: what is covered and what is charged sum to it, to the cent. Amounts are untaxed; a
    charge with taxes is covered whole or not at all. When the charge goes, what was taken is given back exactly.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    amount_covered = fields.Monetary(
        "Covered", readonly=True, copy=False, default=0.0, help="Untaxed: what allowances pay of the price."
    )
    covered_by = fields.Char(readonly=True, copy=False, help="What is covered, and by which allowance.")
    cover_use_ids = fields.One2many("fabloch.allowance.use", "charge_id", "Taken from", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        charges = super().create(vals_list)
        if not (self.env.su and self.env.context.get("fabloch_cover_later")):
            charges._cover()
        return charges

    def write(self, vals):
        again = self.browse()
        if PRICE_FIELDS.intersection(vals) and not (self.env.su and self.env.context.get("fabloch_cover_stays")):
            again = self.filtered("amount_covered")
            again._uncover()
            # Another person may have an allowance that this one hadn't.
            again = self if "partner_id" in vals else again
        result = super().write(vals)
        if again:
            again._cover()
        return result

    def unlink(self):
        self._uncover()
        return super().unlink()

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"amount_covered", "covered_by", "cover_use_ids"}

    def action_waive(self, reason=False):
        result = super().action_waive(reason)
        self._uncover()
        return result

    def action_unwaive(self):
        result = super().action_unwaive()
        self._cover()
        return result

    def _reinvoice_vals(self):
        vals = super()._reinvoice_vals()
        if self.amount_covered:
            # What was covered stays so: only the rest was invoiced and credited.
            vals.update(quantity=1.0, price_unit=self.amount, discount=0.0)
        return vals

    # -- What is coverable -------------------------------------------------------------------------

    def _is_coverable(self):
        """Return whether allowances may pay this charge: upper addons say it of what their people use.

        What nobody says it of, an instalment or an envelope's own invoice, is never covered.
        """
        self.ensure_one()
        return False

    def _cover_date(self):
        """Return the day of the use, on which the allowance has to be valid."""
        self.ensure_one()
        return self.date

    def _is_open_to_cover(self):
        return bool(
            self.amount > 0
            and not self.amount_covered
            and self.state == "to_invoice"
            # Charged again after a credit note: it was decided who pays.
            and not self.origin_charge_id
            and self.currency_id == self.company_id.currency_id
            and self._is_coverable()
        )

    def _cover_request(self):
        """Return the `CoverRequest` of this charge."""
        self.ensure_one()
        return CoverRequest(
            self.partner_id,
            self.product_id,
            self.quantity,
            self.price_unit * (1 - (self.discount or 0.0) / 100),
            self.amount,
            self._cover_date(),
            bool(self.tax_ids),
        )

    # -- Covering and giving back ------------------------------------------------------------------

    def _cover(self, candidates=None):
        """Let allowances of pieces and of money pay what they can of these charges: one query when there are none.

        :param candidates: the allowances to ask, when the caller has looked for them already.
        :return: the charges that are covered, wholly or in part.
        """
        Allowance = self.env["fabloch.allowance"]
        covered = self.sudo().browse()
        if candidates is not None and not candidates.filtered(lambda allowance: allowance.unit in COVER_UNITS):
            return covered
        for company, charges in (
            self.sudo().filtered(lambda each: each._is_open_to_cover()).grouped("company_id").items()
        ):
            requests = [charge._cover_request() for charge in charges]
            found = Allowance._candidates(requests, company, COVER_UNITS) if candidates is None else candidates
            found = found.filtered(lambda allowance: allowance.unit in COVER_UNITS)
            found._lock_for_draw()
            shares = found._cover_shares(requests, company)
            draws = [
                DrawRequest(
                    request.partner,
                    request.product,
                    0.0,
                    "currency",
                    request.date,
                    {"charge_id": charge.id, "name": charge.name.split("\n", 1)[0]},
                )
                for charge, request in zip(charges, requests, strict=True)
            ]
            Allowance._record_uses(draws, [[(cover.allowance, cover.units) for cover in each] for each in shares])
            for charge, covers in zip(charges, shares, strict=True):
                if covers:
                    amount = company.currency_id.round(sum(cover.amount for cover in covers))
                    allowances = found.browse({cover.allowance.id: None for cover in covers})
                    charge._set_cover(amount, charge._cover_text(amount, allowances))
                    covered |= charge
        return covered

    def _cover_text(self, amount, allowances):
        """Say in the user's language which allowances pay how much of this charge."""
        lang = self.partner_id.lang or self.env.lang
        here = self.with_context(lang=lang)
        words = {"allowances": ", ".join(allowances._cover_names(lang))}
        if self.currency_id.compare_amounts(amount, self.amount) >= 0:
            return here.env._("Covered by %(allowances)s", **words)
        return here.env._(
            "%(covered)s of %(price)s are covered by %(allowances)s",
            covered=formatLang(here.env, amount, currency_obj=self.currency_id),
            price=formatLang(here.env, self.amount, currency_obj=self.currency_id),
            **words,
        )

    def _set_cover(self, amount, text=False):
        self.sudo().with_context(fabloch_cover_stays=True).write({"amount_covered": amount, "covered_by": text})

    def _live_cover_uses(self):
        """Return what was taken for these charges, apart from what was given back."""
        return self.sudo().cover_use_ids.filtered(lambda use: not use.returned_use_id and not use.return_ids)

    def _uncover(self):
        """Give back what allowances paid of these charges: the user owes the whole price."""
        covered = self.sudo().filtered("amount_covered")
        if covered:
            covered._live_cover_uses()._give_back()
            covered._set_cover(0.0)

    # -- A share of a charge -----------------------------------------------------------------------

    def _kept(self, percent):
        """Return (discount, amount covered) with which `percent` of this charge is kept, for user and allowance."""
        self.ensure_one()
        discount = self._reduced_discount(percent)
        if not self.amount_covered:
            return discount, 0.0
        price = self._amounts(discount, covered=0.0)["total_excluded"]
        if self.currency_id.is_zero(self.amount):
            return discount, price
        return discount, min(price, self.currency_id.round(self.amount_covered * percent / 100))

    def _keep_share(self, percent, why):
        """Keep `percent` of these charges, which aren't invoiced; allowances get the rest of what they paid back.

        :param str why: what is written beside the reduced price.
        """
        for charge in self:
            discount, covered = charge._kept(percent)
            charge._keep_cover(percent, covered)
            charge.sudo().with_context(fabloch_cover_stays=True).write(
                {
                    "discount": discount,
                    "amount_covered": covered,
                    "name": f"{charge.name} ({why}, {percent:g} %)",
                }
            )

    def _keep_cover(self, percent, amount=None):
        """Give back what allowances paid of these charges but for `percent` of it: whole cents, whole pieces.

        :param float amount: how much of the money stays taken, when the charge is kept for that much.
        """
        for charge in self.filtered("amount_covered"):
            uses = charge._live_cover_uses()
            uses._give_back()
            pieces = uses.filtered(lambda use: use.unit == "piece")
            money = uses - pieces
            pieces._retake(int(sum(pieces.mapped("quantity")) * percent / 100))
            if pieces or amount is None:
                amount = charge.currency_id.round(sum(money.mapped("quantity")) * percent / 100)
            money._retake(amount)

    # -- What it costs the user --------------------------------------------------------------------

    def _amounts(self, discount=None, covered=None):
        """Return what the user owes, as (untaxed, total); see the base.

        :param float covered: instead of what is covered now, to foresee it.
        """
        amounts = super()._amounts(discount)
        covered = self.amount_covered if covered is None else covered
        if not covered:
            return amounts
        rest = (self.currency_id or self.company_id.currency_id).round(amounts["total_excluded"] - covered)
        return {"total_excluded": rest, "total_included": 0.0 if self.tax_ids else rest}

    def _prepare_invoice_line_vals(self, sign):
        vals = super()._prepare_invoice_line_vals(sign)
        if self.amount_covered:
            vals.update(
                quantity=sign,
                price_unit=self.amount,
                discount=0.0,
                name=f"{self.name}\n{self.covered_by or ''}".strip(),
            )
        return vals
