from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round


class Charge(models.Model):
    """Credit notes for charges, whatever else stands on their invoices."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    def _share(self, percent):
        """Return `percent` of what this charge is invoiced for, as (untaxed, total), rounded in its currency."""
        self.ensure_one()
        amounts = self._amounts()
        return tuple(
            self.currency_id.round(amounts[name] * percent / 100) for name in ("total_excluded", "total_included")
        )

    def _reduced_discount(self, percent):
        """Return the discount that leaves `percent` of this charge, on top of the one that it has."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Discount")
        left = (100 - (self.discount or 0.0)) * percent / 100
        return float_round(100 - left, precision_digits=digits)

    def _left_to_credit(self, percent):
        """Return what a credit note still has to take back, as (untaxed, total), for `percent` to be credited in all.

        What is kept is rounded, as a reduced charge would be, and all the rest is taken back: what is kept and what
        is credited make what was invoiced, to the cent. What was credited before counts.
        """
        self.ensure_one()
        currency, amounts = self.currency_id, self._amounts()
        kept = self._share(100 - percent)
        due = [amounts["total_excluded"] - kept[0], amounts["total_included"] - kept[1]]
        if not currency.is_zero(self.amount_credited):
            posted = self.credit_line_ids.filtered(lambda line: line.parent_state == "posted")
            due[0] -= self.amount_credited
            due[1] -= sum(line.price_total if line.move_type == "out_refund" else -line.price_total for line in posted)
        due = [currency.round(amount) for amount in due]
        # More than asked was given back already: nothing is asked back for it.
        return (0.0, 0.0) if due[0] * self.amount <= 0 else tuple(due)

    def _credit(self, percent, reason):
        """Bring what is credited of these invoiced charges to `percent`: one posted credit note an invoice, set off
        against it. What was credited before counts.

        :param float percent: more than 0, up to 100, of each charge.
        :param str reason: what the credit note says.
        :return: the credit notes; none for what was credited already.
        :raises UserError: when an invoice, or a credit note for one of the charges, is a draft.
        """
        moves = self.env["account.move"].sudo()
        for charge in self.sudo():
            if charge.invoice_id.state != "posted":
                raise UserError(
                    self.env._(
                        "The invoice of “%s” is still a draft: post it, or delete its line, then try again.",
                        charge.display_name,
                    )
                )
            if draft := charge.credit_line_ids.filtered(lambda line: line.parent_state == "draft"):
                raise UserError(
                    self.env._(
                        "The credit note %(note)s for “%(charge)s” is a draft: post or delete it, then try again.",
                        charge=charge.display_name,
                        note=draft.move_id[:1].display_name,
                    )
                )
        due = self.sudo().filtered(lambda charge: any(charge._left_to_credit(percent)))
        for invoice, charges in due.grouped("invoice_id").items():
            note = moves.with_company(invoice.company_id).create(charges._prepare_credit_note_vals(percent, reason))
            note.action_post()
            moves += note
            owed, given = (
                move.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled)
                for move in (invoice, note)
            )
            if owed and given and owed[0].balance * given[0].balance < 0:
                (owed + given).reconcile()
        return moves

    def _prepare_credit_note_vals(self, percent, reason):
        """Values of the credit note that brings what is credited of these charges, which stand on one invoice, to
        `percent`."""
        invoice = self.invoice_id
        sign = 1 if sum(charge._left_to_credit(percent)[1] for charge in self) >= 0 else -1
        refund = sign > 0
        return {
            "move_type": "out_refund" if refund else "out_invoice",
            "journal_id": invoice.journal_id.id,
            "partner_id": invoice.partner_id.id,
            "currency_id": invoice.currency_id.id,
            "fiscal_position_id": invoice.fiscal_position_id.id,
            "invoice_date": fields.Date.context_today(self),
            "reversed_entry_id": invoice.id if refund == (invoice.move_type == "out_invoice") else False,
            "ref": reason,
            "invoice_line_ids": [Command.create(charge._prepare_credit_line_vals(percent, sign)) for charge in self],
        }

    def _prepare_credit_line_vals(self, percent, sign):
        """Values of the credit note's line for this charge: the invoice's own line when all of it is taken back, or
        else the exact amount."""
        vals = {**self._prepare_invoice_line_vals(sign), "fabloch_credited_charge_id": self.id}
        del vals["fabloch_charge_id"]
        untaxed, total = self._left_to_credit(percent)
        if self.currency_id.compare_amounts(untaxed, self.amount):
            # A price with tax in it is written as such.
            included = any(tax.price_include for tax in self.tax_ids)
            vals.update(quantity=sign, discount=0.0, price_unit=total if included else untaxed)
        return vals

    def _take_off_drafts(self):
        """Take these charges off invoices that were never posted, which are none yet: they are to be invoiced again.

        A draft that bears nothing else is deleted. One that was posted once has its number: it is left alone.

        :return: the charges that were taken off.
        """
        taken = self.sudo().filtered(
            lambda charge: charge.invoice_id.state == "draft" and not charge.invoice_id.posted_before
        )
        drafts = taken.invoice_id
        taken.invoice_line_id.unlink()
        drafts.filtered(
            lambda move: not move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        ).unlink()
        return taken.sudo(self.env.su)
