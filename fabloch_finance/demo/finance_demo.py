"""The demonstration's books: two full exercises and the one in progress, whatever today's date is.

Members, their fees and what they use are in `fabloch_membership/demo`. Amounts are invented.
"""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# Product category -> account of the association's chart.
INCOME_ACCOUNTS = {
    "demo_category_machine": "asso_7061",
    "demo_category_workshop": "pcg_7083",
    "demo_category_training": "asso_7062",
    "demo_category_initiation": "asso_7064",
    "demo_category_material": "pcg_707_account",
}
# Funder, account, amount in each exercise, month of the notification, month of the payment.
SUBSIDIES = [
    ("demo_partner_auray", "asso_7414", (8500, 9000, 9000), 2, 4),
    ("demo_partner_aqta", "asso_7414", (9500, 10000, 10000), 4, 7),
    ("demo_partner_region", "asso_7412", (13000, 12000, 12500), 5, 9),
    ("demo_partner_departement", "asso_7413", (5000, 5000, 4500), 6, 10),
]
SUBSIDISED_JOB = ("demo_partner_asp", "asso_7416", (380, 380, 380))  # a month
# Patron, month, amount in each exercise.
PATRONS = [
    ("demo_patron_shipyard", 3, (1500, 2000, 2500)),
    ("demo_patron_plastics", 6, (0, 1500, 2000)),
    ("demo_patron_foundation", 10, (1500, 2000, 2500)),
]
GIFTS = (90, 110, 130)  # small gifts, a month
CONTRIBUTION = ("demo_patron_foundation", 11, (1000, 1000, 1000))
SUNDRY_INCOME = (12, 240)  # month, amount
# Account, supplier, label, amount a month in the first exercise; it rises by 3 % a year.
MONTHLY_EXPENSES = [
    ("pcg_6132", "demo_supplier_landlord", "Loyer du fablab", 640),
    ("pcg_626", "demo_supplier_telecom", "Internet et téléphone", 46),
    ("pcg_6068", "demo_supplier_materials", "Matières et consommables", 390),
    ("pcg_6411", None, "Salaire du fabmanager", 2290),
    ("pcg_6451", None, "Cotisations sociales", 780),
]
ENERGY_BY_MONTH = (310, 300, 260, 190, 150, 120, 110, 100, 130, 180, 240, 300)
OTHER_EXPENSES = [  # account, supplier, label, months, amount
    ("pcg_6161", "demo_supplier_insurance", "Assurance multirisque", (1,), 1180),
    ("pcg_6155", "demo_supplier_machines", "Entretien des machines", (3, 6, 9, 12), 420),
    ("pcg_6063", "demo_supplier_materials", "Petit outillage", (2, 5, 8, 11), 260),
    ("pcg_6226", None, "Honoraires de l'expert-comptable", (4,), 900),
]
DEPRECIATION = 550  # a month


class FinanceDemo(models.AbstractModel):
    """What the demonstration data can't say in XML: journals, and entries whose dates follow today's."""

    _name = "fabloch.finance.demo"
    _description = "Demonstration data: books"

    @api.model
    def _load(self):
        """Prepare the main company's books and post the entries of its three exercises up to today."""
        company = self.env.ref("base.main_company")
        self = self.with_company(company)._in_french()
        if company.chart_template != "fr_association":
            if company._existing_accounting():
                raise UserError(
                    self.env._(
                        "%s has entries on another chart of accounts: load the demo data elsewhere.", company.name
                    )
                )
            self.env["account.chart.template"].try_loading("fr_association", company, install_demo=False)
        self._set_company(company)
        self._set_journals()
        moves = self.env["account.move"].create(self._entries())
        moves.action_post()

    def _in_french(self):
        """Return this model in the environment of the demonstration: French, without the chatter of a history."""
        french = self.env["res.lang"]._get_data(code="fr_FR")
        return self.with_context(
            lang=french.code or self.env.lang, tracking_disable=True, mail_create_nosubscribe=True, mail_notrack=True
        )

    def _today(self):
        return fields.Date.context_today(self.with_context(tz="Europe/Paris"))

    def _exercises(self):
        """Return the first day of the exercise before last, of the last full one, and of the one in progress."""
        year = self._today().year
        return [date(year - 2, 1, 1), date(year - 1, 1, 1), date(year, 1, 1)]

    def _ref(self, xmlid):
        """Return an account or journal of the chart by its name there."""
        return self.env["account.chart.template"].ref(xmlid)

    def _partner(self, name):
        return self.env.ref(f"fabloch_finance.{name}") if name else None

    # -- Settings ----------------------------------------------------------------------------------------------

    def _set_company(self, company):
        if french := self.env["res.lang"]._get_data(code="fr_FR"):
            company.partner_id.lang = french.code
            self.env["res.users"].search([("share", "=", False)]).lang = french.code
        # The monthly invoicing is always some time ago, so that charges wait for the next one on any day.
        company.fabloch_invoicing_day = 1 if self._today().day > 10 else 20
        for category, account in INCOME_ACCOUNTS.items():
            self.env.ref(f"fabloch_finance.{category}").property_account_income_categ_id = self._ref(account)

    def _set_journals(self):
        """Bank, cash and cheques; payments go straight to the bank and the till, and wait as cheques to be cashed."""
        Journal = self.env["account.journal"]
        for xmlid, code in (("sale", "FAC"), ("purchase", "ACH"), ("bank", "BNQ")):
            self._ref(xmlid).code = code
        bank = self._ref("bank")
        bank.bank_account_id = self.env.ref("fabloch_finance.demo_bank_account")
        cash, cheques = Journal.create(
            [
                {
                    "name": "Caisse",
                    "code": "CAI",
                    "type": "cash",
                    "default_account_id": self._ref("pcg_53_account").id,
                },
                {
                    "name": "Chèques",
                    "code": "CHQ",
                    "type": "bank",
                    "default_account_id": self._ref("pcg_5112").id,
                },
            ]
        )
        for journal, name in ((bank, "Virement ou carte"), (cash, "Espèces"), (cheques, "Chèque")):
            lines = journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids
            lines.payment_account_id = journal.default_account_id
            journal.inbound_payment_method_line_ids.name = name
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"fabloch_finance.demo_journal_{name}", "record": journal, "noupdate": True}
                for name, journal in (("bank", bank), ("cash", cash), ("cheques", cheques))
            ]
        )

    # -- Entries -----------------------------------------------------------------------------------------------

    def _entries(self):
        """Return the values of the entries that are not after today, in the order of their dates."""
        today = self._today()
        entries = [self._opening()]
        for index, start in enumerate(self._exercises()):
            entries += self._subsidies(index, start) + self._giving(index, start)
            entries += [self._expenses(index, start + relativedelta(months=month)) for month in range(12)]
        return sorted((vals for vals in entries if vals["date"] <= today), key=lambda vals: vals["date"])

    def _entry(self, journal, day, ref, *lines):
        """Values of an entry of the lines (account, partner, label, amount): debit positive, the rest is the bank's."""
        rows = [
            (self._ref(account), self._partner(partner), label, round(amount, 2))
            for account, partner, label, amount in lines
        ]
        if rest := -round(sum(amount for *_row, amount in rows), 2):
            rows.append((self._ref("bank").default_account_id, rows[0][1] if len(rows) == 1 else None, ref, rest))
        return {
            "move_type": "entry",
            "journal_id": self._ref(journal).id,
            "date": day,
            "ref": ref,
            "line_ids": [
                Command.create(
                    {"account_id": account.id, "partner_id": partner and partner.id, "name": label, "balance": amount}
                )
                for account, partner, label, amount in rows
            ],
        }

    def _opening(self):
        ref = "Reprise des soldes"
        return self._entry("general", self._exercises()[0], ref, ("pcg_110", None, ref, -21400.0))

    def _subsidies(self, index, start):
        """Income when notified, then paid."""
        entries = []
        for funder, account, amounts, notified, paid in SUBSIDIES:
            ref = f"Subvention {start.year}, {self._partner(funder).name}"
            receivable = ("pcg_441_account", funder, ref, amounts[index])
            entries += [
                self._entry(
                    "general",
                    start.replace(month=notified, day=18),
                    f"Notification : {ref}",
                    (account, funder, ref, -amounts[index]),
                    receivable,
                ),
                self._entry(
                    "bank",
                    start.replace(month=paid, day=9),
                    f"Versement : {ref}",
                    (*receivable[:3], -amounts[index]),
                ),
            ]
        funder, account, amounts = SUBSIDISED_JOB
        entries += [
            self._entry(
                "bank",
                start.replace(month=month, day=22),
                f"Aide à l'emploi, {month:02d}/{start.year}",
                (account, funder, "Aide à l'emploi", -amounts[index]),
            )
            for month in range(1, 13)
        ]
        return entries

    def _patrons(self):
        """Return the gifts of companies that are plain entries here; none where an upper addon plays them itself."""
        return PATRONS

    def _giving(self, index, start):
        entries = [
            self._entry(
                "bank", start.replace(month=month, day=12), "Mécénat", ("asso_7542", patron, "Mécénat", -amounts[index])
            )
            for patron, month, amounts in self._patrons()
            if amounts[index]
        ]
        entries += [
            self._entry(
                "bank",
                start.replace(month=month, day=15),
                f"Dons en ligne, {month:02d}/{start.year}",
                ("asso_75411", None, "Dons en ligne", -(GIFTS[index] + 15 * (month % 4))),
            )
            for month in range(1, 13)
        ]
        patron, month, amounts = CONTRIBUTION
        label = "Contribution au projet « Makers en Bretagne »"
        entries.append(
            self._entry("bank", start.replace(month=month, day=6), label, ("asso_7551", patron, label, -amounts[index]))
        )
        month, amount = SUNDRY_INCOME
        label = "Vide-grenier des makers"
        entries.append(
            self._entry("bank", start.replace(month=month, day=5), label, ("pcg_7588", None, label, -amount))
        )
        return entries

    def _expenses(self, index, month):
        """One entry for what a month costs, on its 28th."""
        rise = 1.03**index
        lines = [(account, partner, label, amount * rise) for account, partner, label, amount in MONTHLY_EXPENSES]
        lines.append(("pcg_6061", "demo_supplier_energy", "Électricité", ENERGY_BY_MONTH[month.month - 1] * rise))
        lines += [
            (account, partner, label, amount * rise)
            for account, partner, label, months, amount in OTHER_EXPENSES
            if month.month in months
        ]
        lines += [
            ("pcg_68112", None, "Amortissement des machines", DEPRECIATION),
            ("pcg_2815", None, "Amortissement des machines", -DEPRECIATION),
        ]
        return self._entry("general", month.replace(day=28), f"Charges de {month:%m/%Y}", *lines)
