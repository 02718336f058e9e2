from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .year_end_pack import Check


class YearEndChecks(models.TransientModel):
    """What to look at before an exercise is closed, as far as charges, entries and streams are concerned."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.year.end.pack"

    def _money(self, amount):
        """Return an amount with its currency, in the reader's language."""
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _count_check(self, code, name, label, model, domain):
        """Return a check that is passed when a search finds nothing."""
        count = self.env[model].search_count(domain)
        result = self.env._("%(label)s: %(count)s", label=label, count=count)
        return Check(code, name, result, not count, model, domain)

    def _checks(self):
        return [
            *super()._checks(),
            self._over_check(),
            *self._control_checks(),
            self._count_check(
                "draft_entries",
                self.env._("Entries and invoices posted"),
                self.env._("Still in draft"),
                "account.move",
                [*self._in_year(), ("state", "=", "draft")],
            ),
            self._count_check(
                "charges",
                self.env._("Charges of the exercise invoiced"),
                self.env._("Still to invoice"),
                "fabloch.charge",
                [*self._in_year(), ("state", "=", "to_invoice")],
            ),
            self._count_check(
                "bank",
                self.env._("Bank transactions matched"),
                self.env._("Not matched yet"),
                "account.bank.statement.line",
                [*self._in_year(), ("is_reconciled", "=", False), ("state", "=", "posted")],
            ),
            self._lock_check(),
        ]

    def _over_check(self):
        year = self._year()
        over = year.date_to < fields.Date.context_today(self)
        last_day = format_date(self.env, year.date_to)
        return Check(
            "over",
            self.env._("Exercise over"),
            self.env._("It ended on %s.", last_day) if over else self.env._("It runs until %s.", last_day),
            over,
        )

    def _control_checks(self):
        """Hold the streams against the ledger's class of income."""
        year = self._year()
        control = self.env["fabloch.revenue.stream"]._control(year.date_from, year.date_to)
        without = control["without_stream"]
        return [
            Check(
                "control",
                self.env._("Streams equal the ledger's income"),
                self.env._(
                    "Ledger: %(ledger)s; streams: %(streams)s; difference: %(difference)s",
                    ledger=self._money(control["class_7"]),
                    streams=self._money(control["streams"]),
                    difference=self._money(control["difference"]),
                ),
                self.currency_id.is_zero(control["difference"]) and not control["elsewhere"],
                "account.account",
                [("id", "in", [account["account_id"] for account in control["elsewhere"]])],
            ),
            Check(
                "without_stream",
                self.env._("Every income account has a stream"),
                ", ".join(f"{account['code']} ({self._money(account['amount'])})" for account in without)
                or self.env._("None without."),
                not without,
                "account.account",
                [("id", "in", [account["account_id"] for account in without])],
            ),
        ]

    def _lock_check(self):
        """Tell whether entries of the exercise can still be made or changed."""
        company, year = self.company_id, self._year()
        locked = max(filter(None, [company.fiscalyear_lock_date, company.hard_lock_date]), default=None)
        passed = bool(locked and locked >= year.date_to)
        return Check(
            "locked",
            self.env._("Exercise locked"),
            self.env._("Locked up to %s.", format_date(self.env, locked))
            if passed
            else self.env._("Not locked: its entries can still change."),
            passed,
        )
