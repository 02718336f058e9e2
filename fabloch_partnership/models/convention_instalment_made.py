from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..shares import share_out_amount


class ConventionInstalmentMade(models.Model):
    """What the signature makes of instalments: charges, gifts; and what becomes of them when they are dropped."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention.instalment"

    # -- At the signature --------------------------------------------------------------------------------------

    def _make(self):
        """Make the charges and the gifts of these instalments of signed conventions (superuser mode)."""
        due = self.filtered(lambda each: not each.cancelled and not each._is_made())
        due.filtered(lambda each: each.kind == "charge")._make_charges()
        due.filtered(lambda each: each.kind == "donation")._make_donations()

    def _make_charges(self):
        charges = self.env["fabloch.charge"].create([instalment._prepare_charge_vals() for instalment in self])
        for instalment, charge in zip(self, charges, strict=True):
            instalment.charge_id = charge
            if any(tax.price_include for tax in charge.tax_ids):
                # The convention says an untaxed amount: such a price has the tax in it.
                charge.price_unit = charge.tax_ids.with_context(force_price_include=False).compute_all(
                    instalment.amount, currency=instalment.currency_id
                )["total_included"]

    def _prepare_charge_vals(self):
        """Values of the charge of this instalment, due on its date."""
        self.ensure_one()
        return {
            "instalment_id": self.id,
            "partner_id": self.partner_id.id,
            "product_id": self.product_id.id,
            "name": self._name_for_partner(),
            "quantity": 1,
            "price_unit": self.amount,
            "date": self.date,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }

    def _name_for_partner(self):
        """Return what an invoice or a receipt says of this instalment, in the partner's language."""
        here = self.with_context(lang=self.partner_id.lang or self.env.lang)
        return here.env._(
            "%(instalment)s (convention %(number)s)", instalment=self.name, number=self.convention_id.name
        )

    def _make_donations(self):
        if not self:
            return
        values = {}
        for convention, instalments in self.grouped("convention_id").items():
            shares = share_out_amount(
                convention.counterpart_value, instalments.mapped("amount"), convention.currency_id
            )
            values.update(zip(instalments, shares, strict=True))
        donations = self.env["fabloch.donation"].create(
            [instalment._prepare_donation_vals(values[instalment]) for instalment in self]
        )
        for instalment, donation in zip(self, donations, strict=True):
            instalment.donation_id = donation
        donations.action_confirm()

    def _prepare_donation_vals(self, counterpart_value):
        """Values of the promise that this instalment is, with its share of the value of our counterparts."""
        self.ensure_one()
        counterparts = self.convention_id.commitment_ids.filtered(lambda each: each.side == "us" and each.value)
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "convention_id": self.convention_id.id,
            "date": self.date,
            "nature": "cash",
            "amount": self.amount,
            "description": self.name,
            "counterpart_value": counterpart_value,
            "counterpart_description": "\n".join(counterparts.mapped("name")) or False,
        }

    # -- Dropped -----------------------------------------------------------------------------------------------

    def _can_be_dropped(self):
        """Tell whether nothing irrevocable was made of this instalment: no invoice, money or notification."""
        self.ensure_one()
        if self.state == "invoiced":
            invoice = self.charge_id.invoice_id
            return invoice.state == "draft" and not invoice.posted_before
        return self.state in ("planned", "to_invoice", "pledged", "expected") or (
            self.state == "to_pay" and not self.move_id
        )

    def _drop(self, reason):
        """Drop these instalments (superuser mode): charges are waived, gifts cancelled, for the given reason."""
        charges = self.charge_id
        charges._take_off_drafts()
        charges.filtered(lambda charge: charge.state == "to_invoice").action_waive(reason)
        gifts = self.donation_id.filtered(lambda gift: gift.state in ("draft", "pledged"))
        if gifts:
            gifts.action_cancel(reason)
        self.write({"cancelled": True, "cancel_reason": reason})

    # -- Bills -------------------------------------------------------------------------------------------------

    def action_make_bill(self):
        """Make the draft vendor bills of these fees that we pay, and open them.

        :raises UserError: for an instalment that is no fee of a signed convention, or whose bill is made already.
        """
        self.check_access("read")
        self.convention_id.check_access("write")
        for instalment in self:
            if instalment.state != "to_pay" or instalment.move_id.state in ("draft", "posted"):
                raise UserError(
                    self.env._(
                        "“%s” is no fee to pay of a signed convention, or its bill is made already.",
                        instalment.display_name,
                    )
                )
        bills = self.env["account.move"].sudo()
        for company, instalments in self.sudo().grouped("company_id").items():
            made = bills.with_company(company).create([each._prepare_bill_vals() for each in instalments])
            for instalment, bill in zip(instalments, made, strict=True):
                instalment.move_id = bill
            bills += made
        return _open(bills, self.env._("Bills"))

    def _prepare_bill_vals(self):
        """Values of the vendor bill of this instalment."""
        self.ensure_one()
        line = {"name": self.name, "quantity": 1, "price_unit": self.amount, "product_id": self.product_id.id}
        if not self.product_id and (account := self.company_id.convention_fee_account_id):
            line["account_id"] = account.id
        return {
            "move_type": "in_invoice",
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "invoice_origin": self.convention_id.name,
            "ref": self.display_name,
            "invoice_line_ids": [Command.create(line)],
        }

    def action_open(self):
        """Open what became of this instalment: its invoice or charge, gift, entry or bill."""
        self.ensure_one()
        made = self.charge_id.invoice_id or self.charge_id or self.donation_id or self.move_id
        if not made:
            raise UserError(self.env._("Nothing was made of “%s” yet.", self.display_name))
        return _open(made, "")


class AccountMove(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "account.move"

    def unlink(self):
        """A bill that is deleted while it is a draft is to be made again."""
        bills = (
            self.env["fabloch.convention.instalment"]
            .sudo()
            .search([("move_id", "in", self.ids), ("kind", "=", "bill")])
        )
        bills.move_id = False
        return super().unlink()


class Convention(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    def _after_sign(self):
        self.instalment_ids._make()
        for amendment in self.filtered(lambda each: each.amended_id and each.counterpart_value):
            if not amendment.instalment_ids.donation_id:
                amendment._add_counterparts_to_gifts()
        return super()._after_sign()

    def _add_counterparts_to_gifts(self):
        """Share out what this amendment gives in return, without gifts of its own, over the gifts still promised."""
        self.ensure_one()
        family = self.amended_id + self.amended_id._amendments_in_force()
        gifts = family.instalment_ids.donation_id.filtered(lambda gift: gift.state == "pledged")
        shares = share_out_amount(self.counterpart_value, gifts.mapped("amount"), self.currency_id) if gifts else []
        added = self.commitment_ids.filtered(lambda each: each.side == "us" and each.value).mapped("name")
        for gift, share in zip(gifts, shares, strict=True):
            gift.write(
                {
                    "counterpart_value": gift.counterpart_value + share,
                    "counterpart_description": "\n".join(filter(None, [gift.counterpart_description, *added])),
                }
            )

    def _signature_obstacles(self):
        reasons = super()._signature_obstacles()
        for instalment in self.instalment_ids.filtered(lambda each: each.kind == "charge" and not each.product_id):
            reasons.append(self.env._("the product that “%s” is invoiced with: its account and taxes", instalment.name))
        return reasons


def _open(records, name):
    """Return the action that opens `records`, in a form when there is but one."""
    action = {"type": "ir.actions.act_window", "res_model": records._name}
    if len(records) == 1:
        return {**action, "res_id": records.id, "views": [(False, "form")]}
    return {**action, "name": name, "views": [(False, "list"), (False, "form")], "domain": [("id", "in", records.ids)]}
