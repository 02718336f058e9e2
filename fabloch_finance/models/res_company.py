from odoo import fields, models

FREQUENCIES = [("immediate", "As soon as billable"), ("monthly", "Once a month")]


class ResCompany(models.Model):
    _inherit = "res.company"

    fabloch_invoicing_frequency = fields.Selection(
        FREQUENCIES,
        "Invoicing frequency",
        default="immediate",
        required=True,
        help="For payers who have no frequency of their own.",
    )
    fabloch_invoicing_day = fields.Integer(
        "Monthly invoicing day",
        default=1,
        required=True,
        help="Day of the month, 1 to 28, on which those who are invoiced monthly get what is billable by then.",
    )
    fabloch_invoicing_auto = fields.Boolean(
        "Automatic invoicing", default=True, help="Charges are invoiced every day by the scheduled action."
    )
    fabloch_invoicing_post = fields.Boolean(
        "Post the invoices", default=True, help="Otherwise they wait as drafts for the accountant."
    )
    fabloch_invoicing_send = fields.Boolean(
        "Mail the invoices", default=True, help="Posted invoices are mailed in the background, with their PDF."
    )
    fabloch_invoicing_journal_id = fields.Many2one(
        "account.journal",
        "Invoicing journal",
        check_company=True,
        domain=[("type", "=", "sale")],
        help="The first sale journal when empty.",
    )
    fabloch_invoicing_user_id = fields.Many2one(
        "res.users", "Invoicing follow-up", help="Who is asked to act when a payer can't be invoiced."
    )

    _fabloch_invoicing_day_range = models.Constraint(
        "CHECK (fabloch_invoicing_day BETWEEN 1 AND 28)",
        "The monthly invoicing day goes from 1 to 28, so that every month has it.",
    )

    def _fabloch_invoicing_journal(self):
        """Return the journal in which the charges of this company are invoiced (may be empty)."""
        self.ensure_one()
        return self.fabloch_invoicing_journal_id or self.env["account.journal"].search(
            [*self.env["account.journal"]._check_company_domain(self), ("type", "=", "sale")], limit=1
        )

    def _fabloch_follow_up_user(self, candidates=None, group="fabloch_finance.group_finance_user"):
        """Return who is asked to act for this company: one of the candidates who may, or else an accountant of its own.

        :param candidates: users, the first one first; the one of the settings when empty.
        :param str group: the group in which one has to be; any user of the company's when empty.
        """
        self.ensure_one()
        company = self.sudo()
        accountants = company.env.ref("fabloch_finance.group_finance_manager").all_user_ids
        candidates = (candidates or company.fabloch_invoicing_user_id).sudo() | accountants.sorted("id")
        able = candidates.filtered(
            lambda user: (
                user.active
                and not user._is_superuser()
                and company in user.company_ids
                and (not group or user.has_group(group))
            )
        )
        return able[:1] or company.env.ref("base.user_admin")
