"""What the demonstration says of partners, gifts and mandates. Plain Python.

That a partner is here and signed in 2018 stands in the association's report of that year. The objects, months,
durations and commitments are invented, and so is every amount; no money is invented for a partner that exists.
"""

from typing import NamedTuple

INVENTED = "Démonstration : l'objet, les dates et les engagements sont inventés ; la signature en 2018 ne l'est pas."


class Convention(NamedTuple):
    key: str
    partner: str
    title: str
    quality: str  # of whoever signs for the partner
    signed: tuple  # (month, day) of 2018
    years: int
    tacit: bool  # those that run today are renewed tacitly
    commitments: tuple  # (side, text)
    kind: str = "partnership"


OUR_WELCOME = ("us", "Accueillir les publics du partenaire au fablab")
THEIR_RELAY = ("partner", "Faire connaître le fablab auprès de ses publics")
OF_2018 = (
    Convention(
        "auray",
        "fabloch_finance.demo_partner_auray",
        "Fabriquer avec les habitants",
        "maire",
        (3, 12),
        1,
        True,
        (OUR_WELCOME, THEIR_RELAY),
    ),
    Convention(
        "pays_auray",
        "fabloch_membership.demo_partner_pays_auray",
        "Culture numérique dans le pays d'Auray",
        "présidence",
        (4, 5),
        3,
        False,
        (OUR_WELCOME, THEIR_RELAY),
    ),
    Convention(
        "duquesclin",
        "fabloch_membership.demo_partner_duquesclin",
        "Métiers d'art et fabrication numérique",
        "direction",
        (9, 3),
        1,
        True,
        (
            ("us", "Ouvrir les machines aux élèves, dans la limite d'une enveloppe d'heures"),
            ("partner", "Partager ses savoir-faire avec les adhérents"),
        ),
    ),
    Convention(
        "mal",
        "fabloch_membership.demo_partner_mal",
        "Ateliers ouverts à tous",
        "présidence",
        (5, 14),
        2,
        False,
        (OUR_WELCOME, THEIR_RELAY),
    ),
    Convention(
        "mission_locale",
        "fabloch_membership.demo_partner_mission_locale",
        "Découverte des métiers du numérique par les jeunes",
        "direction",
        (5, 28),
        1,
        True,
        (OUR_WELCOME, ("partner", "Orienter vers le fablab les jeunes qu'elle suit")),
    ),
    Convention(
        "musee_carnac",
        "fabloch_membership.demo_partner_musee_carnac",
        "Reproductions pour la médiation",
        "direction",
        (6, 18),
        1,
        True,
        (
            ("us", "Accompagner la numérisation et la reproduction d'objets"),
            ("partner", "Accueillir des démonstrations au musée"),
        ),
    ),
    Convention(
        "argonaute",
        "fabloch_membership.demo_partner_argonaute",
        "Ateliers partagés",
        "présidence",
        (6, 25),
        3,
        False,
        (OUR_WELCOME, THEIR_RELAY),
    ),
    Convention(
        "climactions",
        "fabloch_membership.demo_partner_climactions",
        "Fabriquer sobre et réparer",
        "présidence",
        (10, 8),
        1,
        True,
        (OUR_WELCOME, ("partner", "Animer une soirée par an sur le climat")),
    ),
    Convention(
        "parc_golfe",
        "fabloch_membership.demo_partner_parc_golfe",
        "Outils de terrain et sciences participatives",
        "présidence",
        (10, 15),
        1,
        True,
        (("us", "Prototyper des outils de terrain avec les agents du parc"), THEIR_RELAY),
    ),
    Convention(
        "envsn",
        "fabloch_membership.demo_partner_envsn",
        "Prototypes pour la voile",
        "direction",
        (11, 5),
        2,
        False,
        (OUR_WELCOME, ("partner", "Faire essayer les prototypes sur l'eau")),
    ),
    Convention(
        "enedis",
        "fabloch_membership.demo_partner_enedis",
        "Découverte de l'énergie et de sa mesure",
        "direction territoriale",
        (11, 19),
        3,
        False,
        (OUR_WELCOME, THEIR_RELAY),
    ),
    Convention(
        "rff",
        "fabloch_membership.demo_partner_rff",
        "Adhésion au Réseau Français des FabLabs",
        "présidence",
        (1, 15),
        1,
        True,
        (("us", "Respecter la charte des fablabs"),),
        "network",
    ),
    Convention(
        "mibs",
        "fabloch_membership.demo_partner_mibs",
        "Participation au réseau Makers In Bretagne Sud",
        "animation du réseau",
        (2, 19),
        1,
        True,
        (("us", "Prendre part aux actions communes"),),
        "network",
    ),
)


class Draft(NamedTuple):
    """A convention to negotiate: no money is said of those who exist."""

    key: str
    partner: str
    title: str
    kind: str
    instalments: tuple = ()  # (months from today, text, amount)


DRAFTS = (
    Draft("aqta", "fabloch_finance.demo_partner_aqta", "Le fablab au service du territoire", "partnership"),
    Draft("region", "fabloch_finance.demo_partner_region", "Le fablab, lieu de formation aux machines", "partnership"),
    Draft(
        "shipyard_use",
        "fabloch_finance.demo_patron_shipyard",
        "Prototypage de pièces d'accastillage",
        "service",
        ((2, "Premier trimestre de prototypage", 900.0), (5, "Deuxième trimestre de prototypage", 900.0)),
    ),
    Draft(
        "plastics",
        "fabloch_finance.demo_patron_plastics",
        "Mécénat pour le recyclage des plastiques",
        "patronage",
        ((3, "Versement annuel", 2000.0),),
    ),
)


class Patronage(NamedTuple):
    """A mécénat convention of an invented company; its instalments are the gifts of the demonstration's books."""

    key: str
    patron: str  # as the books call it
    signatory: str
    title: str
    counterparts: tuple  # (text, value)


PATRONAGES = (
    Patronage(
        "shipyard",
        "demo_patron_shipyard",
        "demo_person_shipyard",
        "Mécénat pour l'atelier",
        (("Logo sur la page des partenaires", 90.0), ("Invitation à la fête du fablab", 60.0)),
    ),
    Patronage(
        "foundation",
        "demo_patron_foundation",
        "demo_person_foundation",
        "Mécénat pour l'accueil des jeunes",
        (("Nom au rapport d'activité", 60.0),),
    ),
)


class Gift(NamedTuple):
    donor: str
    nature: str
    months_ago: int  # on the 10th of that month; 0: some days ago
    amount: float = 0.0
    mode: str | None = None  # of payment; None: it is only promised
    description: str | None = None
    counterpart: float = 0.0
    received: bool = True
    form: str = "manual"


GIFTS = (
    Gift("demo_donor_annaig", "cash", 16, 120.0, "cheque"),
    Gift("demo_donor_annaig", "cash", 5, 150.0, "cheque"),
    Gift("demo_donor_annaig", "cash", 1, 50.0, "transfer"),
    Gift("demo_donor_loeiz", "cash", 14, 500.0, "transfer"),
    Gift("demo_donor_loeiz", "cash", 2, 300.0, "transfer", counterpart=30.0),
    Gift("demo_donor_no_address", "cash", 3, 40.0, "cash"),
    Gift(
        "fabloch_finance.demo_patron_plastics",
        "goods",
        4,
        860.0,
        description="Douze plaques d'acrylique de 3 mm, 60 × 90 cm, neuves, pour les ateliers de découpe",
    ),
    Gift(
        "fabloch_membership.demo_customer_agency",
        "skills",
        3,
        description="Refonte du site de l'association par un graphiste de l'agence",
    ),
    Gift("demo_volunteer", "expenses", 2),
)
SKILLS = {"skill_days": 3.0, "skill_people": 1, "skill_day_cost": 240.0}
EXPENSES = (  # days after the month's 1st, what for, vehicle, kilometres
    (2, "Auray – Lorient, réunion du réseau MIBS", "car_5", 88.0),
    (6, "Auray – Carnac, démonstration au musée", "car_5", 31.0),
)


class Mandate(NamedTuple):
    network: str
    person: str
    body: str
    role: str
    since: str | int  # a date, or months before today
    until: int | None = None  # days after today
    elected_by: str | None = None
    note: str | None = None


MANDATES = (
    Mandate(
        "fabloch_membership.demo_partner_rff",
        "fabloch_partnership.demo_person_juju",
        "board",
        "Membre",
        "2018-08-01",
        elected_by="Assemblée générale du RFF, août 2018",
        note="Le grand Ouest y est représenté pour la première fois. Le jour n'est pas dit.",
    ),
    Mandate(
        "fabloch_membership.demo_partner_mibs",
        "fabloch_machines.demo_user_manager",
        "working_group",
        "Membre",
        23,
        40,
        "Bureau de l'association",
        "Démonstration : mandat inventé.",
    ),
    Mandate(
        "fabloch_membership.demo_partner_mibs",
        "fabloch_finance.demo_user_board",
        "steering",
        "Suppléante",
        46,
        -330,
        "Bureau de l'association",
        "Démonstration : mandat inventé.",
    ),
)

# What each receipt states of the association; in the words of its statutes, which the demonstration invents.
RECEIPT_SETTINGS = {
    "receipt_object": "Ouvrir à tous un atelier de fabrication numérique et y partager les savoir-faire",
    "receipt_category": "Œuvre ou organisme d'intérêt général",
    "receipt_signatory_name": "Soizic Bureau",
    "receipt_signatory_function": "Présidente",
}
