"""The demonstration's history: every day on which something happened, from the first exercise to today, in order.

Everything goes through the methods that the staff's buttons call: memberships are confirmed and renewed, charges
invoiced by the engine, payments registered; nothing is written as if it had happened.
"""

from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, models
from odoo.tools import SQL

from . import people, uses

CANCEL_REASON = "Déménagement loin d'Auray"
WAIVE_REASON = "Impression ratée à cause d'une panne de la machine"


class MembershipDemo(models.AbstractModel):
    """Members, fees and uses of three exercises, up to today."""

    _name = "fabloch.membership.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: members"

    @api.model
    def _load(self):
        """Make the members and play their history in the main company."""
        company = self.env.ref("base.main_company")
        # Nothing is mailed from a demonstration, now or later.
        company.fabloch_invoicing_send = False
        History(self.with_company(company)._in_french()).play()

    def _machine_uses_end(self):
        """Return the first day from which an upper addon says what is used of the machines; None if none does."""
        return None


class History:
    """Plays the days one after the other; `at_hand` is what is remembered of each member, by key."""

    def __init__(self, demo):
        self.demo, self.env = demo, demo.env
        self.today, exercises = demo._today(), demo._exercises()
        self.members = people.members(exercises, self.today)
        faithful = [member.key for member in self.members if member.is_faithful]
        self.uses = uses.uses(
            exercises,
            self.today,
            regulars=[key for key in faithful if not key.startswith(("individual", "association", "adherente"))][::2],
            individuals=[key for key in faithful if key.startswith("individual")],
            trainees=[key for key in faithful if key.startswith("pme")],
        )
        if end := demo._machine_uses_end():
            self.uses = [use for use in self.uses if use.date < end or use.product not in uses.MACHINES]
        self.cut_offs = self._cut_offs(exercises[0])
        # Somebody whose address nobody asked for: the last invoicing failed for them, the next one will.
        self.uses.append(uses.Use(self.cut_offs[-1] - timedelta(days=4), "customer_no_address", "cnc", 2))
        self.uses.sort(key=lambda use: use.date)
        self.partners, self.people, self.memberships = {}, {}, {}
        self.payments = defaultdict(lambda: self.env["account.move"])  # (day, journal): invoices

    def _cut_offs(self, first):
        """Return the days of the monthly invoicing."""
        first = first.replace(day=self.env.company.fabloch_invoicing_day)
        days = (first + relativedelta(months=number) for number in range(1, 36))
        return [day for day in days if day <= self.today]

    def play(self):
        self._create_partners()
        joining, renewing = defaultdict(list), defaultdict(list)
        for member in self.members:
            joining[member.joins].append(member)
            for day in member.renewals:
                renewing[day].append(member)
        for day in sorted({*joining, *renewing, *self.cut_offs}):
            if day > self.today:
                break
            self._subscribe(joining[day], renewing[day], day)
            if day in self.cut_offs:
                self._charge(day)
                self._pay(day)
                self._deposit(day)
                if day.month % 6 == 2:
                    # Three years in one transaction: PostgreSQL learns only here how its tables have grown.
                    # Not those that all databases share: they would stay locked until the demonstration is there.
                    self.env.flush_all()
                    tables = self.env.execute_query(SQL("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
                    names = SQL(", ").join(SQL.identifier(name) for [name] in tables)
                    self.env.cr.execute(SQL("ANALYZE %s", names))
        self._leave_open()

    # -- Members -------------------------------------------------------------------------------------------------

    def _create_partners(self):
        """Those who have joined by today, with the people whom their memberships cover."""
        self.members = [member for member in self.members if member.joins <= self.today]
        country, tag = self.env.ref("base.fr"), self.env.ref("fabloch_finance.demo_tag_fictitious")
        common = {"country_id": country.id, "category_id": [Command.link(tag.id)]}
        partners = self._create(
            "res.partner",
            {
                f"demo_member_{member.key}": {
                    **common,
                    **member.address,
                    "name": member.name,
                    "email": member.email,
                    "is_company": member.is_company,
                    "function": member.activity,
                    "member_category_id": self.env.ref(f"fabloch_membership.member_category_{member.category}").id,
                }
                for member in self.members
            },
        )
        self.partners = dict(zip([member.key for member in self.members], partners, strict=True))
        covered = self._create(
            "res.partner",
            {
                f"demo_member_{member.key}_{number}": {
                    "parent_id": self.partners[member.key].id,
                    "name": person.name,
                    "email": person.email,
                    "category_id": common["category_id"],
                }
                for member in self.members
                for number, person in enumerate(member.people, 1)
            },
        )
        self.people = covered.grouped("parent_id")
        for key in ("customer_agency", "customer_school", "customer_no_address"):
            self.partners[key] = self.env.ref(f"fabloch_membership.demo_{key}")

    def _create(self, model, values):
        """Create the records of {name: values}, under these names."""
        return self.env[model]._load_records(
            [
                {"xml_id": f"fabloch_membership.{name}", "values": vals, "noupdate": True}
                for name, vals in values.items()
            ]
        )

    def _subscribe(self, joining, renewing, day):
        """Those who join and those who renew on `day`."""
        Membership = self.env["fabloch.membership"]
        new = Membership.create([self._membership_vals(member) for member in joining])
        member_of = dict(zip(new, joining, strict=True))
        if renewing:
            ending = {self.memberships[member.key]: member for member in renewing}
            following = Membership.union(*ending)._renew(date=day, confirm=False)
            member_of.update((membership, ending[membership.previous_id]) for membership in following)
        Membership.union(*member_of).with_context(ir_sequence_date=day)._confirm(date=day)
        for index, (membership, member) in enumerate(member_of.items()):
            self.memberships[member.key] = membership
            if not member.owes:
                # Transfers take some days; cash and cheques are given over the counter.
                delay = index % 4 * 6 if member.mode == "bank" else 0
                self.payments[day + timedelta(days=delay), member.mode] |= membership.charge_ids.invoice_id

    def _membership_vals(self, member):
        partner = self.partners[member.key]
        return {
            "partner_id": partner.id,
            "plan_id": self._plan(member.plan).id,
            "date_start": member.starts,
            "beneficiary_ids": [Command.set(self.people[partner].ids if partner in self.people else [])],
        }

    def _plan(self, name):
        return self.env.ref(f"fabloch_membership.demo_plan_{name}")

    # -- Uses ----------------------------------------------------------------------------------------------------

    def _charge(self, day=None):
        """Charge what was used up to `day` (everything that is left by default); invoice it when there is a day."""
        used = [use for use in self.uses if not day or use.date <= day]
        self.uses = self.uses[len(used) :]
        charges = self.env["fabloch.charge"].create([self._charge_vals(use) for use in used])
        if not day:
            return charges
        invoices = charges.with_context(ir_sequence_date=day)._invoice(day).invoice_ids
        recent = day > self.today - timedelta(days=300)
        for index, invoice in enumerate(invoices.sorted("id")):
            # Of old invoices two a year are still unpaid, of recent ones nearly one a month.
            if (index + day.month) % 17 != 11 or not (recent or day.month in (7, 10)):
                mode = "bank" if invoice.commercial_partner_id.is_company or index % 3 else "cheques"
                self.payments[day + timedelta(days=index % 4 * 6), mode] |= invoice
        return charges

    def _charge_vals(self, use):
        partner = self.partners[use.user]
        product = self.env.ref(f"fabloch_finance.demo_product_{use.product}")
        vals = {
            # A company's people use the machines, the company pays.
            "partner_id": self.people[partner][:1].id if use.user.startswith("pme") else partner.id,
            "product_id": product.id,
            "quantity": use.quantity,
            "date": use.date,
        }
        if not use.user.startswith("customer"):
            # The members' price of that day: today's price is not always theirs.
            pricelist = self.env.ref("fabloch_membership.demo_pricelist_member")
            vals["price_unit"] = pricelist._get_product_price(product, use.quantity)
        return vals

    # -- Payments ------------------------------------------------------------------------------------------------

    def _pay(self, day):
        """Register the payments that came in by `day`, each with its date, and match them with their invoices.

        What the payment window does for one invoice after the other, done for all of them at once.
        """
        due = [
            (paid, mode, line)
            for paid, mode in sorted(key for key in self.payments if key[0] <= day)
            for line in self.payments.pop((paid, mode)).line_ids
            if line.account_type == "asset_receivable"
        ]
        payments = self.env["account.payment"].create([self._payment_vals(*args) for args in due])
        payments.action_post()
        lines = [line for _paid, _mode, line in due]
        counterparts = payments.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        counterpart_of = {line.payment_id: line for line in counterparts}
        self.env["account.move.line"]._reconcile_plan(
            [line | counterpart_of[payment] for line, payment in zip(lines, payments, strict=True)]
        )

    def _payment_vals(self, paid, mode, line):
        journal = self.env.ref(f"fabloch_finance.demo_journal_{mode}")
        return {
            "date": paid,
            "amount": line.amount_residual,
            "payment_type": "inbound",
            "partner_type": "customer",
            "memo": line.move_id.name,
            "journal_id": journal.id,
            "partner_id": line.partner_id.id,
            "payment_method_line_id": journal.inbound_payment_method_line_ids[:1].id,
            "destination_account_id": line.account_id.id,
            "invoice_ids": [Command.link(line.move_id.id)],
        }

    def _deposit(self, day):
        """Carry the cheques and the cash to the bank."""
        Line = self.env["account.move.line"]
        moves = self.env["account.move"]
        for mode, account, label in (
            ("cheques", "pcg_5112", "Remise de chèques"),
            ("cash", "pcg_53_account", "Dépôt d'espèces"),
        ):
            till = self.env.ref(f"fabloch_finance.demo_journal_{mode}").default_account_id
            domain = [("account_id", "=", till.id), ("parent_state", "=", "posted"), ("date", "<=", day)]
            [[amount]] = Line._read_group(domain, [], ["balance:sum"])
            if amount:
                moves |= moves.create(self.demo._entry("bank", day, label, (account, None, label, -amount)))
        moves.action_post()
        cheques = self.env.ref("fabloch_finance.demo_journal_cheques").default_account_id
        open_lines = [("account_id", "=", cheques.id), ("parent_state", "=", "posted"), ("reconciled", "=", False)]
        Line.search([*open_lines, ("date", "<=", day)]).reconcile()

    # -- Today ---------------------------------------------------------------------------------------------------

    def _leave_open(self):
        """What the screens show as still to be done, or done otherwise than usual."""
        self._pay(self.today)
        self._charge()
        spoilt = self.env["fabloch.charge"].create(self._charge_vals(uses.Use(self.today, "adherente", "printing", 2)))
        spoilt.action_waive(WAIVE_REASON)
        self.memberships["cancelled"].action_cancel(CANCEL_REASON, date=self.today - timedelta(days=30))
        plans = {"lapsed": "individual", "customer_agency": "pme"}
        self.env["fabloch.membership"].create(
            [
                {"partner_id": self.partners[key].id, "plan_id": self._plan(plan).id, "date_start": self.today}
                for key, plan in plans.items()
            ]
        )
