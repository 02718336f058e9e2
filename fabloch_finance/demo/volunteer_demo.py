"""The demonstration's volunteers: their hours over the three exercises, the past ones posted. Amounts are invented."""

from datetime import timedelta

from odoo import api, models

# Value of an hour from the beginning of each exercise; training is worth more.
RATES = (11.65, 11.9, 12.1)
TRAINING_RATES = (18.0, 18.5, 19.0)
RATE_SOURCE = "Conseil d'administration : salaire minimum, arrondi"
TRAINING_SOURCE = "Conseil d'administration : animateur, grille de la branche"
# Person, kind, weekday (Monday 0), every how many weeks, hours in each exercise, note.
HABITS = [
    ("demo_volunteer_reception", "reception", 2, 1, (3.0, 3.5, 4.0), "Permanence du mercredi"),
    ("demo_volunteer_reception", "reception", 5, 2, (2.5, 3.0, 3.0), "Samedi ouvert"),
    ("demo_volunteer_workshop", "workshop", 5, 2, (4.0, 4.0, 4.5), "Atelier bois"),
    ("demo_volunteer_workshop", "training", 3, 4, (2.0, 2.5, 3.0), "Initiation à la découpe laser"),
    ("demo_volunteer_upkeep", "upkeep", 0, 3, (2.25, 2.5, 2.75), "Entretien des machines"),
    ("demo_volunteer_treasurer", "administration", 1, 2, (2.0, 2.0, 2.5), "Comptabilité et banque"),
    ("demo_volunteer_treasurer", "administration", 3, 8, (3.0, 3.0, 3.0), "Conseil d'administration"),
]


class VolunteerDemo(models.AbstractModel):
    """Hours of volunteers, from the first exercise to today."""

    _name = "fabloch.volunteer.demo"
    _inherit = "fabloch.finance.demo"
    _description = "Demonstration data: volunteers"

    @api.model
    def _load(self):
        """Make the rates and the hours, and post those of the exercises that are over."""
        company = self.env.ref("base.main_company")
        self = self.with_company(company)._in_french()
        starts, today = self._exercises(), self._today()
        training = self.env.ref("fabloch_finance.volunteer_kind_training")
        self.env["fabloch.volunteer.rate"].create(
            [
                {"date_from": start, "hourly_rate": rate, "source": source, "kind_id": kind.id}
                for rates, source, kind in (
                    (RATES, RATE_SOURCE, training.browse()),
                    (TRAINING_RATES, TRAINING_SOURCE, training),
                )
                for start, rate in zip(starts, rates, strict=True)
            ]
        )
        hours = []
        day = starts[0]
        while day <= today:
            index = sum(start <= day for start in starts) - 1
            week = (day - starts[0]).days // 7
            hours += [
                {
                    "partner_id": self._partner(person).id,
                    "kind_id": self.env.ref(f"fabloch_finance.volunteer_kind_{kind}").id,
                    "date": day,
                    "hours": amounts[index],
                    "note": note,
                }
                for person, kind, weekday, every, amounts, note in HABITS
                if day.weekday() == weekday and week % every == 0 and day.month != 8
            ]
            day += timedelta(days=1)
        self.env["fabloch.volunteer.hours"].create(hours)
        postings = self.env["fabloch.volunteer.posting"].create(
            [{"date_from": start, "date_to": start.replace(month=12, day=31)} for start in starts[:-1]]
        )
        postings.action_post()
