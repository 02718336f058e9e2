from odoo import fields, models
from odoo.fields import Command


class DonationEntry(models.Model):
    """What a gift writes in the books.

    Money: a receipt in the journal of gifts, paid through Odoo's own payments. Goods and skills: class 8, both sides.
    Waived expenses: the expense against what is owed to the volunteer, then that debt against the gift.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.donation"

    # -- Money ---------------------------------------------------------------------------------------------

    def _post_receipts(self, date):
        """Post the receipts of these gifts of money that have none, unpaid, in one batch."""
        missing = self.filtered(lambda donation: not donation.move_id or donation.move_id.state == "cancel")
        missing._create_entries([donation._prepare_receipt_vals(date) for donation in missing])

    def _create_entries(self, vals_list):
        """Make, link and post one entry for each gift of the recordset, in its order."""
        if not self:
            return
        moves = self.env["account.move"].create(vals_list)
        for donation, move in zip(self.sudo(), moves, strict=True):
            donation.move_id = move
        moves._post(soft=False)

    def _prepare_receipt_vals(self, date):
        """Values of the receipt of this gift of money, dated `date`."""
        self.ensure_one()
        company = self.company_id
        return {
            "move_type": "out_receipt",
            "company_id": company.id,
            "journal_id": company._gift_setting("gift_journal_id").id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": date,
            "date": date,
            "invoice_date_due": date,
            "invoice_payment_term_id": False,
            "ref": self.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": self._entry_label(),
                        "quantity": 1.0,
                        "price_unit": self.amount,
                        "account_id": company._gift_setting(f"gift_{self.donor_kind}_account_id").id,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }

    def _pay(self, moves, date, journal, payment_method_line=None, memo=None, group=False):
        """Register the payment of the whole of `moves`, as Odoo's own payment window does.

        :param bool group: one payment for all of them: one cheque for a fee and a gift.
        """
        vals = {"payment_date": date, "journal_id": journal.id, "group_payment": group}
        if payment_method_line:
            vals["payment_method_line_id"] = payment_method_line.id
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids, dont_redirect_to_payments=True
        )
        if memo and (group or len(moves) == 1):
            vals["communication"] = memo
        return register.create(vals)._create_payments()

    # -- In kind -------------------------------------------------------------------------------------------

    def _post_in_kind(self, date):
        """Post goods, skills and waived expenses, given on `date`."""
        self.sudo().write({"given_date": date})
        self._create_entries([donation._prepare_in_kind_vals(date) for donation in self])
        for claim in self.filtered(lambda donation: donation.nature == "expenses"):
            owed = claim.move_id.line_ids.filtered(lambda line: line.account_id.account_type == "liability_current")
            if owed.account_id.reconcile:
                owed.reconcile()

    def _prepare_in_kind_vals(self, date):
        """Values of the entry of this gift in kind, dated `date`."""
        self.ensure_one()
        lines = self._expense_lines() if self.nature == "expenses" else self._class_8_lines()
        label = self._entry_label()
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.company_id._gift_setting("gift_kind_journal_id").id,
            "date": date,
            "ref": f"{self.name} {label}",
            "line_ids": [
                Command.create(
                    {
                        "name": name or label,
                        "account_id": account.id,
                        "partner_id": self.partner_id.id,
                        "debit": max(balance, 0.0),
                        "credit": max(-balance, 0.0),
                    }
                )
                for account, balance, name in lines
            ],
        }

    def _class_8_lines(self):
        """Return [(account, balance, label)]: how the association uses the gift, and where it comes from."""
        if self.nature == "goods":
            kind = "lent" if self.goods_lent else "goods"
        else:
            # The work of a person is volunteering; that of a company's staff is a service.
            kind = "skills" if self.donor_kind == "company" else "volunteering"
        setting = self.company_id._gift_setting
        return [
            (setting(f"gift_{kind}_used_account_id"), self.amount, False),
            (setting(f"gift_{kind}_given_account_id"), -self.amount, False),
        ]

    def _expense_lines(self):
        """Return [(account, balance, label)]: the expenses, owed to the volunteer, who then waives them."""
        setting = self.company_id._gift_setting
        owed = setting("gift_volunteer_account_id")
        return [
            *((line.account_id or line._default_account(), line.amount, line.name) for line in self.expense_ids),
            (owed, -self.amount, False),
            (owed, self.amount, False),
            (setting("gift_waived_account_id"), -self.amount, False),
        ]

    def _entry_label(self):
        return self.env._("Gift of %s", self.partner_id.display_name)

    # -- Undone --------------------------------------------------------------------------------------------

    def _reverse_entries(self, reason):
        """Reverse what these gifts have in the books, today."""
        moves = self.filtered(lambda donation: donation.payment != "refunded").move_id
        moves.filtered(lambda move: move.state == "draft").button_cancel()
        posted = moves.filtered(lambda move: move.state == "posted")
        if not posted:
            return
        today = fields.Date.context_today(self)
        posted._reverse_moves(
            [{"date": today, "invoice_date": today, "ref": f"{move.ref or move.name}: {reason}"} for move in posted],
            cancel=True,
        )
