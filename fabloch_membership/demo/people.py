"""The demonstration's members: who joins when, renews and leaves. Plain Python; nobody here exists.

The same people on every computer; the dates follow the three exercises that are given, the last one being in progress.
"""

import unicodedata
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from ..period import rolling_end

FIRST_NAMES = (
    "Maëlle Yann Nolwenn Erwan Soazig Gwenaël Rozenn Tanguy Enora Malo Katell Ronan Gwenn Loïc Awena Corentin Tifenn "
    "Goulven Azilis Briec Lena Kilian Morgane Titouan Aziliz Denez Mona Alan Bleuenn Fañch Maïwenn Judicaël Nolwen "
    "Armel Youna Brendan Solenn Edern Armelle Gireg"
).split()
LAST_NAMES = (
    "Kerbihan|Le Menhir|Troadec|Kergoat|Le Dolmen|Guivarch|Kermorvan|Le Goéland|Quéméner|Kerlann|Le Bigorneau|Tanguy|"
    "Kerouan|Le Korrigan|Pennec|Kerdoncuff|Le Phare|Rozec|Kerviel|Le Cormoran|Salaün|Kerzerho|Le Bernique|Cadoret|"
    "Kerino|Le Tadorne|Morvan|Kergonan|Le Roscoff|Nicolazic|Kermario|Le Couesnon|Floc'h|Kerléano|Le Goémon|Jégo|"
    "Kervadec|Le Chaland|Hascoët|Kerlescan|Le Sinagot"
).split("|")
TOWNS = (
    ("56400", "Auray"),
    ("56400", "Brech"),
    ("56400", "Pluneret"),
    ("56400", "Auray"),
    ("56950", "Crac'h"),
    ("56870", "Baden"),
    ("56400", "Ploemel"),
    ("56400", "Auray"),
    ("56340", "Carnac"),
    ("56740", "Locmariaquer"),
    ("56330", "Pluvigner"),
    ("56550", "Belz"),
)
ASSOCIATIONS = (
    "Repair-café des Korrigans",
    "Les Voiles en carton",
    "Ludothèque du Poulpe",
    "Compagnie des Marionnettes salées",
    "Jardin partagé du Goémon",
    "Radio-club de l'Estran",
    "Les Vieux Gréements miniatures",
    "Collectif du Menhir tordu",
    "La Recyclerie des Embruns",
    "Les Bricoleuses du Golfe",
    "Astro-club de la Marée basse",
    "Le Fest-noz électronique",
)
COMPANIES = (
    "Voilerie du Bigorneau",
    "Plasturgie du Poulpe",
    "Accastillage des Sept Îlots",
    "Moules et Composites du Goéland",
    "Signalétique de la Bernique",
    "Nautisme du Sinagot",
)
ACTIVITIES = {
    "profession_liberale": "Architecte|Designer|Paysagiste|Ergonome|Scénographe|Urbaniste|Géomètre|Ergothérapeute",
    "auto_entrepreneur": "Graphiste|Maquettiste|Couture|Photographie|Réparation de vélos|Création de bijoux|"
    "Création de jeux|Objets connectés|Luminaires|Papeterie",
    "artisan": "Ébénisterie|Céramique|Maroquinerie|Encadrement d'art|Ferronnerie|Charpente de marine|Lutherie|Vitrail",
    "artiste": "Arts plastiques|Sculpture|Gravure|Marionnettes|Installations lumineuses|Peinture",
}
# Category -> members who join in the first exercise, how many of them leave after it; who join in the second, how many
# of them leave after it; who join in the third. The second exercise, the last full one, has the figures of the
# association's report: 9 associations, 5 SMEs and 45 independents (41 businesses the year before).
YEARLY = {
    "association": (7, 1, 3, 1, 2),
    "pme": (4, 0, 1, 0, 1),
    "profession_liberale": (8, 1, 2, 1, 2),
    "auto_entrepreneur": (13, 2, 6, 3, 4),
    "artisan": (10, 1, 3, 1, 2),
    "artiste": (6, 1, 2, 1, 1),
}
INDIVIDUALS = (72, 40, 44)  # who join in each exercise
PEOPLE_COVERED = {"pme": 3, "association": 2}
MODES = ("bank", "cheques", "bank", "cash", "bank", "cheques", "bank")


class Person(NamedTuple):
    name: str
    email: str
    address: dict


class Member(NamedTuple):
    key: str
    category: str
    plan: str
    name: str
    activity: str | None
    address: dict
    email: str
    joins: date  # the day on which the first membership is made
    starts: date  # its first day
    renewals: list  # the days on which it is renewed
    mode: str  # journal of the payments
    owes: bool  # the last fee stays unpaid
    people: list  # who is covered besides the member

    @property
    def is_company(self):
        return self.category in ("association", "pme")

    @property
    def is_faithful(self):
        return len(self.renewals) > 1 and not self.owes


def desk_day(day):
    """Return the first day, from `day` on, on which memberships are taken: the 7th and the 21st of each month."""
    for number in (7, 21):
        if day.day <= number:
            return day.replace(day=number)
    return (day + relativedelta(months=1)).replace(day=7)


def members(exercises, today):
    """Return the list of `Member` of the demonstration.

    :param list exercises: first days of three exercises (calendar years).
    :param date today: in the last one.
    """
    directory = _Directory()
    found = [
        member for category, counts in YEARLY.items() for member in _yearly(directory, category, counts, exercises)
    ]
    for joining, count in enumerate(INDIVIDUALS):
        found += [_individual(directory, joining, index, count, exercises) for index in range(count)]
    return found + _of_today(directory, today)


class _Directory:
    """Gives invented people, one after the other."""

    def __init__(self):
        self.count = 0

    def person(self):
        index = self.count
        self.count += 1
        first = FIRST_NAMES[index * 17 % len(FIRST_NAMES)]
        last = LAST_NAMES[index * 23 % len(LAST_NAMES)]
        return Person(f"{first} {last}", _email(f"{first}.{last}"), self.address())

    def address(self):
        code, town = TOWNS[self.count % len(TOWNS)]
        street = f"{1 + self.count * 7 % 60} rue de l'Exemple"
        return {"street": street, "zip": code, "city": town}


def _email(text):
    ascii_text = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() or letter == "." else "-" for letter in ascii_text) + "@courriel.example"


def _yearly(directory, category, counts, exercises):
    """The members of one category whose memberships follow the fiscal year."""
    joins, leaves = (counts[0], counts[2], counts[4]), (counts[1], counts[3], 0)
    number = 0
    for joining, count in enumerate(joins):
        for index in range(count):
            number += 1
            leaving = index < leaves[joining]
            start = exercises[joining]
            # In the first exercise they were members already; the others come all along the year.
            day = start + timedelta(days=4 * number if not joining else 20 + 300 * index // count)
            day = desk_day(min(day, start.replace(month=11)))
            renewals = [
                desk_day(date(year.year, 1, 2) + timedelta(days=number * 11 % 50)) for year in exercises[joining + 1 :]
            ]
            person = directory.person()
            names = {"association": ASSOCIATIONS, "pme": COMPANIES}.get(category)
            activities = ACTIVITIES.get(category, "").split("|")
            yield Member(
                key=f"{category}_{number}",
                category=category,
                plan={"association": "association", "pme": "pme"}.get(category, "independent"),
                name=names[number - 1] if names else person.name,
                activity=activities[number % len(activities)] or None,
                address=person.address,
                email=_email(f"contact.{names[number - 1]}") if names else person.email,
                joins=day,
                starts=day if joining else start,
                renewals=[] if leaving else renewals,
                mode="bank" if category == "pme" else MODES[number % len(MODES)],
                owes=joining == 2 and category in ("auto_entrepreneur", "artisan") and index == count - 1,
                people=[directory.person() for _index in range(PEOPLE_COVERED.get(category, 0))],
            )


def _individual(directory, joining, index, count, exercises):
    """An individual, whose memberships last twelve months from the day of joining."""
    day = desk_day(exercises[joining] + timedelta(days=index * 355 // count))
    number = sum(INDIVIDUALS[:joining]) + index + 1
    owes = joining > 0 and index % 19 == 11
    years = 1 if owes or index % 10 in (1, 4, 8) else 2 if index % 10 == 6 else 4
    reduced = index % 10 in (2, 5, 8)
    supporter = index % 24 == 7
    person = directory.person()
    return Member(
        key=f"individual_{number}",
        category="particulier_reduit" if reduced else "particulier",
        plan="reduced" if reduced else "supporter" if supporter else "individual",
        name=person.name,
        activity=None,
        address=person.address,
        email=person.email,
        joins=day,
        starts=day,
        renewals=_rolling_renewals(day, years, lead=index * 7 % 25 - 5),
        mode=MODES[index % len(MODES)],
        owes=owes,
        people=[],
    )


def _rolling_renewals(start, years, lead):
    """Days of renewal, at the desk, `lead` days or less before the end of each of the `years`."""
    days = []
    for _year in range(years - 1):
        end = rolling_end(start, 12)
        days.append(desk_day(end - timedelta(days=lead)))
        start = end + timedelta(days=1)
    return days


def _of_today(directory, today):
    """Somebody in each situation that the screens show, on any day."""
    year = relativedelta(years=1)

    def days(number):
        return timedelta(days=number)

    situations = [
        ("adherente", today + days(18) - 2 * year, [today + days(10) - year], "bank", False),  # to renew
        ("to_renew", today + days(9) - year, [], "cash", False),
        ("grace", today - days(12) - year, [], "cheques", False),
        ("upcoming", today + days(11) - year, [today - days(2)], "cash", False),
        ("waiting", today - days(6), [], "bank", True),
        ("lapsed", today - days(75) - year, [], "cash", False),
        ("cancelled", today - days(120), [], "cash", False),
        ("joining_soon", today - days(3), [], "cheques", False),
    ]
    found = []
    for key, joins, renewals, mode, owes in situations:
        person = directory.person()
        found.append(
            Member(
                key=key,
                category="particulier",
                plan="individual",
                name="Rozenn Adhérente" if key == "adherente" else person.name,
                activity=None,
                address=person.address,
                email="adherente@courriel.example" if key == "adherente" else person.email,
                joins=joins,
                starts=today + days(9) if key == "joining_soon" else joins,
                renewals=renewals,
                mode=mode,
                owes=owes,
                people=[],
            )
        )
    return found
