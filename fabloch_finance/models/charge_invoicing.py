import logging
from datetime import date as Date
from typing import NamedTuple

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

PAYERS_PER_BATCH = 100
ATTEMPTS_PER_BATCH = 5


class InvoicingProblem(NamedTuple):
    """Why a group of charges can't be invoiced.

    `scope` says who has to act: on the `payer`, on the `company` (for all its payers alike), or
    nobody, since there is `nothing` to invoice yet.
    """

    reason: str
    scope: str


class InvoicingGroup(NamedTuple):
    """The charges that make one invoice, and what prevents it, if anything does."""

    company: models.BaseModel
    payer: models.BaseModel
    currency: models.BaseModel
    charges: models.BaseModel
    problem: InvoicingProblem | None

    @property
    def amount(self):
        """Untaxed."""
        return self.currency.round(sum(self.charges.mapped("amount")))

    @property
    def total(self):
        """What is to be paid, taxes included: less than zero makes a credit note."""
        return self.currency.round(sum(charge._amounts()["total_included"] for charge in self.charges))


def last_monthly_date(today: Date, day: int) -> Date:
    """Return the latest monthly invoicing date that is not after `today`, for a `day` from 1 to 28.

    >>> last_monthly_date(Date(2026, 11, 4), 5)
    datetime.date(2026, 10, 5)
    >>> last_monthly_date(Date(2026, 11, 5), 5)
    datetime.date(2026, 11, 5)
    """
    this_month = today.replace(day=day)
    return this_month if this_month <= today else this_month - relativedelta(months=1)


class Charge(models.Model):
    """The engine that turns charges into invoices: any number of workers, never twice."""

    _inherit = "fabloch.charge"

    def _invoice(self, date=None, invoice_date=None):
        """Invoice the billable charges of this recordset, one invoice per company, payer and currency.

        Charges that another worker is invoicing at this moment are left to it. A payer who can't be
        invoiced holds up nobody: the failure is on the run, and an activity asks for the remedy.
        Nothing is committed here: the caller's transaction makes all the invoices or none.

        :param date date: cut-off: charges billable up to that day (default: today).
        :param date invoice_date: the date of the invoices (default: the cut-off).
        :return: the `fabloch.invoicing.run`, one for each company of the recordset.
        """
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        runs = self.env["fabloch.invoicing.run"]
        for company, charges in self.grouped("company_id").items():
            # What a run says of itself is the engine's word: nobody else may write it.
            run = runs.sudo().create({"company_id": company.id, "date": date, "invoice_date": invoice_date or date})
            run._process(charges)
            run.state = "done"
            runs |= run.sudo(self.env.su)
        return runs

    @api.model
    def _cron_invoice(self):
        """Invoice what is due today in every company that wants it, in batches that are committed.

        Whoever is invoiced monthly gets what was billable by the last monthly day: a day without
        server is caught up. When the time of the scheduled action is over, or the process dies, the
        next call goes on with the same run and does not try again those who failed in it.
        """
        today = fields.Date.context_today(self)
        Run = self.env["fabloch.invoicing.run"]
        companies = self.env["res.company"].search([("fabloch_invoicing_auto", "=", True)])
        work = []
        for company in companies:
            run = Run._resume(company, today)
            domain = self._due_domain(company, today)
            payer_ids = self._due_payer_ids(domain & Domain("invoice_partner_id", "not in", run._tried_payer_ids()))
            if payer_ids:
                run = run or Run.create({"company_id": company.id, "date": today, "invoice_date": today})
                work.append((run.with_context(lang=run._follow_up_user().lang), domain, payer_ids))
            else:
                run._finish()
        remaining = sum(len(payer_ids) for _run, _domain, payer_ids in work)
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=remaining)
        for run, domain, payer_ids in work:
            for batch in split_every(PAYERS_PER_BATCH, payer_ids, list):
                self._cron_invoice_batch(run, domain, batch)
                remaining -= len(batch)
                if batch[-1] == payer_ids[-1]:
                    run._finish()
                if not commit(len(batch), remaining=remaining):
                    return

    @api.model
    def _cron_invoice_batch(self, run, domain, payer_ids):
        """Invoice the due charges of these payers in `run`.

        When another worker was quicker with the same charges, look again. When something nobody foresaw breaks the
        batch, halve it until the payer that breaks it stands alone, with its failure on the run.
        """
        due = domain & Domain("invoice_partner_id", "in", payer_ids)
        for attempt in range(1, ATTEMPTS_PER_BATCH + 1):
            try:
                with self.env.cr.savepoint():
                    run._process(self.search(due))
                return
            except psycopg2.errors.OperationalError:  # serialization failure, deadlock
                self.env.cr.rollback()
                self.env.invalidate_all()
                if attempt == ATTEMPTS_PER_BATCH:
                    raise
                _logger.info("Invoicing: somebody else took the same charges, trying again (%s)", attempt)
            except Exception as error:
                if len(payer_ids) == 1:
                    _logger.warning("Invoicing of the payer %s failed", payer_ids[0], exc_info=True)
                    run._record_crash(self.search(due), error)
                    return
                break
        half = len(payer_ids) // 2
        self._cron_invoice_batch(run, domain, payer_ids[:half])
        self._cron_invoice_batch(run, domain, payer_ids[half:])

    @api.model
    def _due_domain(self, company, today):
        """Domain of what `company` has to invoice on the day `today` (frequency of each payer)."""
        monthly = ["monthly"]
        if company.fabloch_invoicing_frequency == "monthly":
            monthly.append(False)
        monthly_cut_off = last_monthly_date(today, company.fabloch_invoicing_day)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "to_invoice")
            & Domain("date", "<=", today)
            & (
                self._monthly_due_domain(monthly_cut_off)
                | Domain("invoice_partner_id.invoicing_frequency", "not in", monthly)
                | Domain("immediate", "=", True) & Domain("invoice_partner_id.invoicing_frequency", "=", False)
            )
        )

    @api.model
    def _monthly_due_domain(self, cut_off):
        """Domain of what the monthly invoicing of the day `cut_off` takes; upper addons narrow it."""
        return Domain("date", "<=", cut_off)

    @api.model
    def _due_payer_ids(self, domain):
        [[ids]] = self._read_group(domain, [], ["invoice_partner_id:array_agg_distinct"])
        return sorted(ids or [])

    # -- What makes an invoice, and what prevents it ---------------------------------------------

    def _lock_billable(self, date):
        """Return the charges to invoice by `date`, locked for this transaction; others' are skipped."""
        billable = self._billable(date)
        return billable.try_lock_for_update() if billable else billable

    def _billable(self, date):
        """Return those of these charges that can be invoiced by `date`; upper addons leave out what isn't yet."""
        return self.filtered(lambda charge: charge.state == "to_invoice" and charge.date <= date)

    def _grouped_for_invoicing(self):
        """Return the list of `InvoicingGroup` that these charges make, without looking for problems."""
        in_order = self.sorted(lambda charge: (charge.date, charge.id))
        return [
            InvoicingGroup(*key, charges, None)
            for key, charges in in_order.grouped(
                lambda charge: (charge.company_id, charge.invoice_partner_id, charge.currency_id)
            ).items()
        ]

    def _invoicing_groups(self, invoice_date):
        """Return the list of `InvoicingGroup` that these charges make, each with its problem if any.

        Preview and run both ask this method, so that what the preview tells is what the run does.
        """
        company_problem = {}
        groups = []
        for group in self._grouped_for_invoicing():
            key = (group.company, bool(group.charges.tax_ids))
            if key not in company_problem:
                company_problem[key] = self._company_problem(group.company, invoice_date, key[1])
            problem = company_problem[key] or group.charges._payer_problem(group)
            groups.append(group._replace(problem=problem))
        return groups

    @api.model
    def _company_problem(self, company, invoice_date, taxed):
        """Return what prevents `company` from invoicing anyone on `invoice_date`, or None."""
        journal = company._fabloch_invoicing_journal()
        if not (journal.active and journal.type == "sale"):
            return InvoicingProblem(
                self.env._("%s has no sale journal in use: create one, or choose one in the settings.", company.name),
                "company",
            )
        locks = company._get_violated_lock_dates(invoice_date, taxed, journal)
        if locks:
            return InvoicingProblem(
                self.env._(
                    "The period is locked (%(locks)s): choose an invoice date after the lock, "
                    "or let the accountant lift it.",
                    locks=company._format_lock_dates(locks),
                ),
                "company",
            )
        return None

    def _payer_problem(self, group):
        """Return what prevents these charges, which make `group`, from being invoiced, or None.

        Upper addons extend it with what they demand of a payer.
        """
        company, payer, currency = group.company, group.payer.with_company(group.company), group.currency
        if not payer.active:
            reason = self.env._("The contact is archived: restore it, or waive its charges.")
        elif payer.company_id and payer.company_id != company:
            reason = self.env._("The contact belongs to %s: choose another payer.", payer.company_id.name)
        elif missing := payer._fabloch_missing_address():
            reason = self.env._("The address lacks: %s. A lawful invoice shows it.", ", ".join(missing))
        elif not currency.active:
            reason = self.env._("The currency %s is archived: activate it.", currency.name)
        elif archived := self.tax_ids.filtered(lambda tax: not tax.active):
            reason = self.env._(
                "A tax is archived: %s. Restore it, or choose another one on the charge.",
                ", ".join(archived.mapped("name")),
            )
        elif missing := self._products_without_account(company):
            reason = self.env._(
                "No income account for: %s. Set it on the product or its category.",
                ", ".join(missing.mapped("display_name")),
            )
        elif currency.is_zero(group.total):
            return InvoicingProblem(
                self.env._("The charges make up for each other: there is nothing to invoice yet."), "nothing"
            )
        else:
            return None
        return InvoicingProblem(reason, "payer")

    def _products_without_account(self, company):
        def has_account(product):
            account = product._get_product_accounts()["income"]
            return account and account.active

        products = self.product_id.with_company(company)
        return products.filtered(lambda product: not has_account(product))

    # -- Values, for others to extend --------------------------------------------------------------

    def _prepare_invoice_vals(self, group, run):
        """Values of the invoice of `group`; a credit note when there is less than nothing to pay."""
        sign = -1 if group.total < 0 else 1
        vals = {
            "move_type": "out_invoice" if sign > 0 else "out_refund",
            "journal_id": run.journal_id.id,
            "partner_id": group.payer.id,
            "currency_id": group.currency.id,
            "invoice_date": run.invoice_date,
            "fabloch_run_id": run.id,
            "invoice_line_ids": [Command.create(line) for line in group.charges._prepare_invoice_lines_vals(sign)],
        }
        if not group.payer.with_company(group.company).property_payment_term_id:
            vals["invoice_date_due"] = run.invoice_date  # Odoo would take the day on which the run is made
        return vals

    def _prepare_invoice_lines_vals(self, sign):
        """Values of the lines of one invoice, under the name of each user when there are several."""

        def lines_of(charges):
            return [charge._prepare_invoice_line_vals(sign) | charge._known_line_vals(sign) for charge in charges]

        by_user = self.grouped("partner_id")
        if len(by_user) == 1:
            return lines_of(self)
        lines = []
        for user, charges in by_user.items():
            lines.append({"display_type": "line_section", "name": user.name})
            lines += lines_of(charges)
        return [dict(vals, sequence=sequence) for sequence, vals in enumerate(lines)]

    def _prepare_invoice_line_vals(self, sign):
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "name": self.name,
            "quantity": sign * self.quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "fabloch_charge_id": self.id,
        }

    def _known_line_vals(self, sign):
        """Values of the line of this charge that Odoo works out and writes once the line is made, unless it has them.

        It does so line by line, three times: nearly half of what an invoice costs. It still compares, and puts right
        what differs (where taxes are rounded globally, say).
        """
        self.ensure_one()
        taxes = self.tax_ids.flatten_taxes_hierarchy().filtered(lambda tax: tax.tax_exigibility == "on_invoice")
        tags = self.product_id.account_tag_ids | taxes.get_tax_tags(sign < 0, "base")
        vals = {"tax_tag_ids": [Command.set(tags.ids)]}
        if self.currency_id == self.company_id.currency_id:
            vals["amount_currency"] = vals["balance"] = -self.amount
        return vals
