from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from odoo.addons.fabloch_finance import arguments

from ..shares import share_out_amount
from .convention_status import _add_months


class AccountMove(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "account.move"

    fabloch_instalment_id = fields.Many2one(
        "fabloch.convention.instalment",
        "Subsidy carried over",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="This entry brings the share of a later year of that subsidy to income.",
    )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        reversals = super()._reverse_moves(default_values_list, cancel)
        self._take_back_later_years(cancel)
        return reversals

    def button_cancel(self):
        result = super().button_cancel()
        self._take_back_later_years(cancel=True)
        return result

    def _take_back_later_years(self, cancel):
        """A notification that is taken back takes the shares of later years along."""
        entries = self.filtered(lambda move: move.move_type == "entry")
        if entries:
            subsidies = self.env["fabloch.convention.instalment"].sudo().search([("move_id", "in", entries.ids)])
            later = subsidies.deferral_ids
            later.filtered(lambda move: move.state == "draft").unlink()
            if posted := later.exists().filtered(lambda move: move.state == "posted" and not move.reversal_move_ids):
                posted._reverse_moves(cancel=cancel)


class ConventionGrant(models.Model):
    """What the law demands of a public grant (subvention): loi 2000-321 art. 10, contrat d'engagement républicain."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    is_grant = fields.Boolean(compute="_compute_is_grant", help="It brings a subsidy.")
    over_threshold = fields.Boolean(
        "Convention compulsory",
        compute="_compute_is_grant",
        search="_search_over_threshold",
        help="In one calendar year, the partner's subsidies are over the legal threshold (loi 2000-321 art. 10).",
    )
    grant_account_id = fields.Many2one(
        "account.account",
        "Income account",
        ondelete="restrict",
        check_company=True,
        groups="base.group_user",
        domain=[("account_type", "in", ("income", "income_other"))],
        help="Where this subsidy is income: by who gives it. Empty: the one of the settings.",
    )
    republican_commitment_on = fields.Date(
        "Contrat d'engagement républicain signed on", copy=False, help="Demanded for public grants."
    )
    republican_commitment_file = fields.Binary(
        "Signed contrat d'engagement républicain", attachment=True, copy=False, groups="base.group_user"
    )
    republican_commitment_filename = fields.Char(copy=False)

    @api.depends("type_id", "instalment_ids.kind", "instalment_ids.amount", "instalment_ids.date", "partner_id")
    def _compute_is_grant(self):
        subsidies = self.instalment_ids.filtered(lambda each: each.kind == "subsidy")
        over = subsidies._over_threshold()
        for convention in self:
            own = convention.instalment_ids.filtered(lambda each: each.kind == "subsidy")
            convention.is_grant = bool(own) or convention.type_id.instalment_kind == "subsidy"
            convention.over_threshold = any(instalment in over for instalment in own)

    def _search_over_threshold(self, operator, value):
        if operator != "in":
            return NotImplemented
        subsidies = self.env["fabloch.convention.instalment"].sudo().search([("kind", "=", "subsidy")])
        over = Domain("id", "in", subsidies._over_threshold().convention_id.ids)
        return over if True in value else ~over

    def _signature_obstacles(self):
        reasons = super()._signature_obstacles()
        if self._lacks_republican_commitment(self.date_start):
            reasons.append(self._republican_reason())
        return reasons

    def _lacks_republican_commitment(self, date):
        self.ensure_one()
        if not self.is_grant or self.republican_commitment_on:
            return False
        since = self.env["fabloch.legal.parameter"]._get("republican_commitment_from", date, raise_if_not_found=False)
        return bool(since) and date >= since

    def _republican_reason(self):
        return self.env._(
            "the day on which the contrat d'engagement républicain was signed (compulsory for public grants, loi "
            "2000-321 art. 10-1)"
        )


class ConventionInstalmentGrant(models.Model):
    """A subsidy: income when it is notified; what belongs to later fiscal years is deferred and comes with them."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention.instalment"

    def action_notify(self, date=None):
        """Note that these subsidies were notified, and post them: a receivable against income.

        The share of later fiscal years, in proportion to the days that the subsidy covers, goes to deferred income and
        comes to income on the first day of each of these years, by entries that Odoo posts on that day.

        :param date date: the day of the notification, by default today.
        :raises UserError: when one is no subsidy or is notified already, when the law demands what is missing, or when
            the settings lack an account.
        """
        self.convention_id.check_access("write")
        date = arguments.day(self.env, date) or fields.Date.context_today(self)
        over = self._over_threshold()
        for instalment in self:
            instalment._check_notifiable(date, instalment in over)
        instalments = self.sudo()
        for company, of_company in instalments.grouped("company_id").items():
            of_company.with_company(company)._post_notified(date)
        (over & self).sudo()._raise_report_activities()
        return True

    def _check_notifiable(self, date, over_threshold):
        convention = self.convention_id
        words = {"subsidy": self.display_name}
        if self.kind != "subsidy" or self.state not in ("planned", "expected"):
            raise UserError(
                self.env._("“%(subsidy)s” is no subsidy that waits for its notification: look at its state.", **words)
            )
        if self.sudo().move_id.state == "draft":
            raise UserError(
                self.env._("The entry of “%(subsidy)s” was put back to draft: post it, or cancel it first.", **words)
            )
        if over_threshold and convention.state not in ("signed", "terminated"):
            threshold = self.env["fabloch.legal.parameter"]._get("grant_convention_threshold", self.date)
            raise UserError(
                self.env._(
                    "“%(subsidy)s”: over %(threshold)s a year from one public body, a signed convention is compulsory "
                    "(loi 2000-321 du 12 avril 2000, art. 10). Have the convention signed first.",
                    threshold=formatLang(self.env, threshold, currency_obj=self.currency_id),
                    **words,
                )
            )
        if convention._lacks_republican_commitment(date):
            raise UserError(
                self.env._(
                    "“%(subsidy)s” can't be noted as notified without %(what)s.",
                    what=convention._republican_reason(),
                    **words,
                )
            )

    def _over_threshold(self):
        """Return those of these subsidies whose partner gives more than the legal threshold in their calendar year.

        What counts with a subsidy: the others of its convention, and what the same partner has notified or signed.
        """
        subsidies = self.filtered(lambda each: each.kind == "subsidy" and each.date and each.partner_id)
        over = self.browse()
        if not subsidies:
            return over
        parameters = self.env["fabloch.legal.parameter"]
        firm = (
            Domain("convention_id.state", "in", ("signed", "terminated"))
            | Domain("move_id", "!=", False)
            | Domain("convention_id", "in", subsidies.convention_id.ids)
        )
        others = self.sudo().search(
            Domain("kind", "=", "subsidy")
            & Domain("cancelled", "=", False)
            & Domain("partner_id.commercial_partner_id", "in", subsidies.partner_id.commercial_partner_id.ids)
            & Domain("date", ">=", fields.Date.start_of(min(subsidies.mapped("date")), "year"))
            & Domain("date", "<=", fields.Date.end_of(max(subsidies.mapped("date")), "year"))
            & firm
        )

        def key(subsidy):
            return subsidy.company_id, subsidy.partner_id.commercial_partner_id, subsidy.date.year

        # What a form holds and hasn't saved yet counts as it stands there.
        saved = others - subsidies._origin
        totals = {}
        for subsidy in [*saved, *subsidies]:
            totals[key(subsidy)] = totals.get(key(subsidy), 0.0) + subsidy.amount
        for subsidy in subsidies:
            threshold = parameters._get("grant_convention_threshold", subsidy.date, raise_if_not_found=False)
            if threshold is not None and subsidy.currency_id.compare_amounts(totals[key(subsidy)], threshold) > 0:
                over += subsidy
        return over

    # -- Entries -----------------------------------------------------------------------------------------------

    def _post_notified(self, date):
        """Post these subsidies of one company, notified on `date`, and prepare the entries of later years."""
        company = self.company_id
        accounts = company._grant_accounts()
        moves = self.env["account.move"].with_company(company)
        vals_list, later = [], []
        for instalment in self:
            this_year, *next_years = instalment._shares_of_years(date)
            vals_list.append(instalment._prepare_notified_vals(date, accounts, this_year[1], next_years))
            later += [instalment._prepare_deferral_vals(accounts, *share) for share in next_years]
        entries = moves.create(vals_list)
        for instalment, entry in zip(self, entries, strict=True):
            instalment.move_id = entry
        entries._post()
        # Those of a year that has begun already, when the notification is noted late, are posted at once.
        deferrals = moves.create(later)
        today = fields.Date.context_today(self)
        if begun := deferrals.filtered(lambda move: move.date <= today):
            begun._post()

    def _shares_of_years(self, date):
        """Return [(first day, amount)] of the fiscal years of this subsidy: the year of `date`, with all that came
        before, then each later one, in proportion to the days that it covers, exact to the cent."""
        self.ensure_one()
        first = self.period_start or self.convention_id.date_start
        last = max(first, self.period_end or self.convention_id.agreed_end)
        year = self.company_id.compute_fiscalyear_dates(date)
        starts, days = [year["date_from"]], [max((min(last, year["date_to"]) - first).days + 1, 0)]
        while year["date_to"] < last:
            year = self.company_id.compute_fiscalyear_dates(year["date_to"] + relativedelta(days=1))
            starts.append(year["date_from"])
            days.append(max((min(last, year["date_to"]) - max(first, year["date_from"])).days + 1, 0))
        amounts = share_out_amount(self.amount, days, self.currency_id)
        return [
            share
            for number, share in enumerate(zip(starts, amounts, strict=True))
            if not number or not self.currency_id.is_zero(share[1])
        ]

    def _prepare_notified_vals(self, date, accounts, income, next_years):
        """Values of the entry of this subsidy: `income` for the year of `date`, the rest deferred."""
        self.ensure_one()
        lines = [(accounts["receivable"], self.amount), (self._income_account(accounts), -income)]
        lines.append((accounts["deferred"], -sum(amount for _start, amount in next_years)))
        return {**self._prepare_entry_vals(date, lines), "ref": self.display_name}

    def _prepare_deferral_vals(self, accounts, start, amount):
        """Values of the entry that brings `amount` to income on `start`, the first day of a later fiscal year."""
        self.ensure_one()
        lines = [(accounts["deferred"], amount), (self._income_account(accounts), -amount)]
        return {
            **self._prepare_entry_vals(start, lines),
            "ref": self.env._(
                "%(subsidy)s: share of the year that starts on %(day)s",
                subsidy=self.display_name,
                day=format_date(self.env, start),
            ),
            "auto_post": "at_date",
            "fabloch_instalment_id": self.id,
        }

    def _income_account(self, accounts):
        return self.convention_id.grant_account_id or accounts["income"]

    def _prepare_entry_vals(self, date, lines):
        currency = self.currency_id
        return {
            "move_type": "entry",
            "date": date,
            "journal_id": self.company_id._grant_journal().id,
            "line_ids": [
                Command.create(
                    {
                        "name": self.display_name,
                        "partner_id": self.partner_id.commercial_partner_id.id,
                        "account_id": account.id,
                        "balance": currency.round(balance),
                    }
                )
                for account, balance in lines
                if not currency.is_zero(balance)
            ],
        }

    # -- Report ------------------------------------------------------------------------------------------------

    def _raise_report_activities(self):
        """Remind whoever follows these grants over the threshold of the financial report due for each year."""
        months = self.env["fabloch.legal.parameter"]._get("grant_report_months")
        rows = []
        for instalment in self:
            convention = instalment.convention_id.amended_id or instalment.convention_id
            day = instalment.period_start or convention.date_start
            last = max(day, instalment.period_end or convention.agreed_end)
            while day <= last:
                year_end = convention.company_id.compute_fiscalyear_dates(day)["date_to"]
                due = _add_months(year_end, int(months))
                rows.append((convention, year_end, due))
                day = year_end + relativedelta(days=1)
        self.env["fabloch.convention.reminder"]._raise_reports(rows)
