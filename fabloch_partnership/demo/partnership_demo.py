"""The demonstration's partnerships: what was signed in 2018, what is negotiated, gifts and their receipts, mandates.

Conventions and gifts go through the methods that the staff's buttons call. Dates follow today's.
"""

from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fabloch_finance.demo.finance_demo import PATRONS
from odoo.addons.fabloch_machines import clock, periods

from . import stories

# What is paid how, and into which journal of the demonstration.
JOURNALS = {"cash": "cash", "cheque": "cheques", "transfer": "bank"}
NOTE_AMOUNTS = "Démonstration : entreprise et montants inventés."


class FinanceDemo(models.AbstractModel):
    _inherit = "fabloch.finance.demo"

    def _patrons(self):
        # They are gifts here, with their conventions, and post themselves.
        return []


class MachinesDemo(models.AbstractModel):
    _inherit = "fabloch.machines.demo"

    def _machines_booked(self):
        # The joinery's convention is in signature: nobody books its machine yet.
        return tuple(name for name in super()._machines_booked() if name != "joinery")


class PartnershipDemo(models.AbstractModel):
    """Conventions, gifts of each nature, receipts and mandates of the demonstration."""

    _name = "fabloch.partnership.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: partnerships"

    @api.model
    def _load(self):
        """Play the partnerships in the main company."""
        company = self.env.ref("base.main_company")
        officer = self.env.ref("fabloch_partnership.demo_user_officer")
        self = self.with_company(company)._in_french()
        self = self.with_context(default_user_id=officer.id)
        self._silence()
        self._speak_french()
        self._signed_in_2018()
        self._in_signature()
        self._sponsorship()
        self._drafts()
        patronages = self._patronages()
        self._gifts_of_patronages(patronages)
        self._gifts()
        self._fee_and_gift()
        self._receipts()
        self._envelope()
        self._mandates()

    def _silence(self):
        """Nothing is mailed from a demonstration, now or later."""
        self._find("ir_cron_donation_remind").active = False

    def _speak_french(self):
        """What the people of the demonstration read, sign and get is in French, where the language is there."""
        if french := self.env["res.lang"]._get_data(code="fr_FR"):
            self.env["res.partner"].search([("lang", "!=", french.code)]).lang = french.code

    def _find(self, xmlid):
        return self.env.ref(xmlid if "." in xmlid else f"fabloch_partnership.{xmlid}")

    def _kind(self, code):
        return self.env.ref(f"fabloch_partnership.convention_type_{code}")

    def _make(self, model, values):
        """Create the records of {name: values}, under these names."""
        return self.env[model]._load_records(
            [
                {"xml_id": f"fabloch_partnership.demo_{name}", "values": vals, "noupdate": True}
                for name, vals in values.items()
            ]
        )

    # -- Conventions ---------------------------------------------------------------------------------------------

    def _signed_in_2018(self):
        """The conventions that the report of 2018 names: some run today by tacit renewal, some are over."""
        values = {}
        for story in stories.OF_2018:
            partner = self._find(story.partner)
            partner.update({field: value for field, value in self._address(partner).items() if not partner[field]})
            start = date(2018, *story.signed)
            values[f"convention_{story.key}"] = {
                "partner_id": partner.id,
                "title": story.title,
                "type_id": self._kind(story.kind).id,
                "signatory_id": partner.id,
                "signatory_function": story.quality,
                "date_start": start,
                "date_end": start + relativedelta(years=story.years, days=-1),
                "tacit_renewal": story.tacit,
                "renewal_months": 12 if story.tacit else 0,
                "commitment_ids": [Command.create({"side": side, "name": text}) for side, text in story.commitments],
            }
        conventions = self._make("fabloch.convention", values)
        for convention in conventions:
            convention.message_post(body=stories.INVENTED)
            self._sign(convention, convention.date_start)

    def _address(self, partner):
        """What a convention demands of a partner's address; the report doesn't say it."""
        return {"street": "Adresse à compléter", "zip": "00000", "city": "À compléter"}

    def _in_signature(self):
        """The joinery in Baden: whoever signs for it can do so online; then its machine can be booked."""
        today = self._today()
        [convention] = self._make(
            "fabloch.convention",
            {
                "convention_odo": {
                    "partner_id": self._find("fabloch_membership.demo_partner_menuiserie_odo").id,
                    "title": "Accueil des adhérents sur la combinée à bois",
                    "type_id": self._kind("loan").id,
                    "signatory_id": self._find("demo_person_odo").id,
                    "date_start": today,
                    "date_end": today + relativedelta(years=1, days=-1),
                    "commitment_ids": [
                        Command.create({"side": side, "name": text})
                        for side, text in (
                            ("partner", "Recevoir nos adhérents à Baden, en présence d'un menuisier"),
                            ("us", "Ouvrir la découpe numérique aux projets de la menuiserie"),
                        )
                    ],
                }
            },
        )
        self._send_to_signature(convention)

    def _sponsorship(self):
        """A sponsor gets an equivalent counterpart: its instalments are invoices, the first one due already."""
        today = self._today()
        partner = self._partner("demo_supplier_energy")
        start = today - relativedelta(months=1)
        [convention] = self._make(
            "fabloch.convention",
            {
                "convention_energy": {
                    "partner_id": partner.id,
                    "title": "Parrainage de la fête du fablab",
                    "type_id": self._kind("sponsorship").id,
                    "signatory_id": partner.id,
                    "signatory_function": "direction",
                    "date_start": start,
                    "date_end": start + relativedelta(months=8, days=-1),
                    "commitment_ids": [
                        Command.create(
                            {
                                "side": "us",
                                "name": "Son enseigne sur l'affiche et à l'entrée de la fête",
                                "date_due": start + relativedelta(months=5),
                                "value": 1200.0,
                            }
                        )
                    ],
                    "instalment_ids": [
                        Command.create(
                            {
                                "date": start + relativedelta(months=months),
                                "name": text,
                                "amount": 600.0,
                                "product_id": self._find("product_sponsorship").id,
                            }
                        )
                        for months, text in ((0, "Parrainage, à la signature"), (5, "Parrainage, le jour de la fête"))
                    ],
                }
            },
        )
        convention.message_post(body=NOTE_AMOUNTS)
        self._sign(convention, start)

    def _drafts(self):
        """To negotiate: the funders and companies that the report wants to win."""
        today = self._today()
        start = today.replace(day=1) + relativedelta(months=2)
        self._make(
            "fabloch.convention",
            {
                f"convention_{story.key}": {
                    "partner_id": self._find(story.partner).id,
                    "title": story.title,
                    "type_id": self._kind(story.kind).id,
                    "date_start": start,
                    "date_end": start + relativedelta(years=1, days=-1),
                    "instalment_ids": [
                        Command.create({"date": today + relativedelta(months=months), "name": text, "amount": amount})
                        for months, text, amount in story.instalments
                    ],
                }
                for story in stories.DRAFTS
            },
        )

    def _patronages(self):
        """The mécénat conventions of three exercises; the last one to be renewed soon. Return {patron: convention}."""
        exercises, today = self._exercises(), self._today()
        ends = [exercises[-1] + relativedelta(years=1, days=-1), today + relativedelta(months=1, day=31)]
        values = {}
        for story, end in zip(stories.PATRONAGES, ends, strict=True):
            partner = self._partner(story.patron)
            values[f"convention_{story.key}"] = {
                "partner_id": partner.id,
                "title": story.title,
                "type_id": self._kind("patronage").id,
                "signatory_id": self._find(story.signatory).id,
                "date_start": exercises[0],
                "date_end": end,
                "commitment_ids": [
                    Command.create({"side": "us", "name": text, "value": value}) for text, value in story.counterparts
                ],
                "instalment_ids": [
                    Command.create({"date": day, "name": f"Mécénat {day.year}", "amount": amount})
                    for patron, day, amount in self._patrons_gifts()
                    if patron == story.patron and day <= end
                ],
            }
        conventions = self._make("fabloch.convention", values)
        for convention in conventions:
            convention.message_post(body=NOTE_AMOUNTS)
            self._sign(convention, convention.date_start)
        return dict(zip((story.patron for story in stories.PATRONAGES), conventions, strict=True))

    def _patrons_gifts(self):
        """Return the list of (patron, day, amount) that the demonstration's books are about."""
        return [
            (patron, start.replace(month=month, day=12), amounts[index])
            for index, start in enumerate(self._exercises())
            for patron, month, amounts in PATRONS
            if amounts[index]
        ]

    # -- Gifts ---------------------------------------------------------------------------------------------------

    def _gifts_of_patronages(self, conventions):
        """What the patrons have given by today; the rest of their instalments stays promised."""
        for patron, day, amount in self._patrons_gifts():
            convention = conventions.get(patron, self.env["fabloch.convention"])
            gifts = convention.donation_ids.filtered(lambda gift, day=day: gift.date == day)
            if day <= self._today():
                gifts = gifts or self.env["fabloch.donation"].create(
                    {"partner_id": self._partner(patron).id, "date": day, "amount": amount}
                )
                self._receive(gifts, day, "transfer")

    def _gifts(self):
        """Gifts of each nature of people and companies, all invented."""
        today = self._today()
        for story in stories.GIFTS:
            day = (today - relativedelta(months=story.months_ago)).replace(day=10)
            gift = self.env["fabloch.donation"].create(self._gift_vals(story, day))
            self._receive(gift, min(day, today), story.mode)
        # A promise in three parts: one came, one is late, one is to come.
        donor = self._find("demo_donor_loeiz")
        for months, came in ((-2, True), (-1, False), (2, False)):
            day = (today + relativedelta(months=months)).replace(day=5)
            gift = self.env["fabloch.donation"].create({"partner_id": donor.id, "date": day, "amount": 60.0})
            if came:
                self._receive(gift, day, "cheque")
            else:
                gift.action_confirm()

    def _gift_vals(self, story, day):
        vals = {
            "partner_id": self._find(story.donor).id,
            "nature": story.nature,
            "date": day,
            "form": story.form,
            "description": story.description,
            "counterpart_value": story.counterpart,
            "counterpart_description": "Un tee-shirt du fablab" if story.counterpart else False,
        }
        if story.nature == "skills":
            return vals | stories.SKILLS
        if story.nature == "expenses":
            return vals | {
                "waiver_date": day,
                "expense_ids": [
                    Command.create(
                        {
                            "date": day.replace(day=1) + timedelta(days=days),
                            "name": text,
                            "kind": "distance",
                            "vehicle": vehicle,
                            "distance": distance,
                        }
                    )
                    for days, text, vehicle, distance in stories.EXPENSES
                ],
            }
        return vals | {"amount": story.amount}

    def _fee_and_gift(self):
        """One cheque for a fee and a gift; and supporters, whose fee gives nothing tangible and so is a gift."""
        split = self.env["fabloch.donation.split"].create(
            {
                "partner_id": self._find("demo_donor_annaig").id,
                "plan_id": self.env.ref("fabloch_membership.demo_plan_individual").id,
                "total": 200.0,
                "date": self._today(),
                "journal_id": self.env.ref("fabloch_finance.demo_journal_cheques").id,
            }
        )
        split.action_split()
        supporter = self.env.ref("fabloch_membership.demo_plan_supporter")
        memberships = self.env["fabloch.membership"].search([("plan_id", "=", supporter.id)])
        memberships.filtered("fee_is_gift")[:3].action_fee_as_gift()

    # -- Receipts ------------------------------------------------------------------------------------------------

    def _receipts(self):
        """The receipts of the years before, each in the January after; of this year, those asked for at once."""
        self.env.company.write(stories.RECEIPT_SETTINGS)
        Receipt = self.env["fabloch.tax.receipt"]
        before, last, this = self._exercises()
        for first, end in ((before, last), (last, this)):
            day = min(end.replace(day=20), self._today())
            receipts = Receipt._issue(self._receiptable(first, end, day), date=day)
        gifts = self._receiptable(this, self._today() + timedelta(days=1), self._today())
        receipts |= Receipt._issue(gifts.filtered(lambda gift: gift.donor_kind == "company" or gift.nature != "cash"))
        receipts[:1].action_replace("Adresse du donateur corrigée")

    def _receiptable(self, first, end, day):
        """Return the gifts received from `first` to the day before `end` that a receipt issued on `day` can state."""
        gifts = self.env["fabloch.donation"].search(
            [("date_received", ">=", first), ("date_received", "<", end)], order="date_received, id"
        )
        # A foundation pays no tax that a gift would reduce: it asks for no receipt.
        gifts = gifts.filtered(lambda gift: gift.partner_id != self._partner("demo_patron_foundation"))
        refused = self.env["fabloch.tax.receipt"]._refusals(gifts, day)
        return gifts.filtered(lambda gift: gift not in refused)

    # -- Envelope ------------------------------------------------------------------------------------------------

    def _envelope(self):
        """The school's hours, and what its workshop has used of them in the last weeks."""
        convention = self._find("demo_convention_duquesclin")
        start = self._today().replace(day=1) - relativedelta(months=3)
        self._make(
            "fabloch.allowance",
            {
                "envelope_duquesclin": {
                    "convention_id": convention.id,
                    "partner_id": convention.partner_id.id,
                    "name": "Heures de machine des élèves",
                    "unit": "hour",
                    "quantity": 60.0,
                    "date_from": start,
                    "date_to": start + relativedelta(years=1, days=-1),
                }
            },
        )
        wednesday = self._today() - timedelta(days=self._today().weekday() - 2)
        for weeks in range(6, 0, -1):
            self._book_for_school(wednesday - timedelta(weeks=weeks))

    def _book_for_school(self, day):
        """Book the embroidery machine for two hours of that day, if it is free and the fablab open."""
        for hour in (9, 11, 14, 16):
            start = periods.to_utc(datetime.combine(day, time(hour)), "Europe/Paris")
            vals = {
                "machine_id": self.env.ref("fabloch_machines.demo_machine_embroidery").id,
                "partner_id": self._find("demo_person_duquesclin").id,
                "start": start,
                "stop": start + timedelta(hours=2),
                "state": "confirmed",
            }
            try:
                with clock.at(start - timedelta(days=3)), self.env.cr.savepoint():
                    booking = self.env["fabloch.booking"].create(vals)
            except UserError:
                # Taken, or a closing day.
                continue
            with clock.at(start):
                booking.action_check_in()
            return

    # -- Mandates ------------------------------------------------------------------------------------------------

    def _mandates(self):
        """Who represents the association in the networks."""
        today = self._today()
        self.env["fabloch.mandate"].create(
            [
                {
                    "network_id": self._find(story.network).id,
                    "partner_id": self._person(story.person).id,
                    "body_id": self._find(f"mandate_body_{story.body}").id,
                    "role": story.role,
                    "convention_id": self._find(f"demo_convention_{story.network.rsplit('_', 1)[-1]}").id,
                    "date_from": fields.Date.to_date(story.since)
                    if isinstance(story.since, str)
                    else today - relativedelta(months=story.since),
                    "date_to": today + timedelta(days=story.until) if story.until else False,
                    "elected_by": story.elected_by,
                    "note": story.note,
                }
                for story in stories.MANDATES
            ]
        )
        self.env["fabloch.mandate"].with_company(self.env.company)._to_remind()._remind()

    def _person(self, xmlid):
        """Return a contact, or the contact of a user."""
        found = self._find(xmlid)
        return found.partner_id if found._name == "res.users" else found

    # -- What is done: by the methods of the buttons -------------------------------------------------------------

    def _send_to_signature(self, convention):
        convention.action_send_to_signature()

    def _sign(self, convention, day):
        convention.action_send_to_signature()
        convention.action_sign(date=day)

    def _receive(self, gifts, day, mode):
        if mode:
            journal = self.env.ref(f"fabloch_finance.demo_journal_{JOURNALS[mode]}")
            gifts._receive(day, journal=journal, payment_mode=mode)
        else:
            gifts.action_confirm()
            gifts.action_receive(date=day)
