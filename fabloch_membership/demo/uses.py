"""What the demonstration's members and customers use and pay for. Plain Python, the same on every computer."""

import random
from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

# Product of fabloch_finance's demonstration -> usual quantities.
USUAL = [
    ("laser", (1, 1.5, 2, 3)),
    ("laser", (0.5, 1, 2.5)),
    ("cnc", (2, 3, 4)),
    ("printing", (4, 6, 10)),
    ("embroidery", (2, 3)),
    ("workshop", (1, 2)),
    ("workshop", (1, 3)),
    ("plywood", (2, 5)),
]
MACHINES = {product for product, _quantities in USUAL}
PAYERS_A_MONTH = (5, 6, 7)  # in each exercise
QUIET_MONTHS = {7: 2, 8: 4}  # fewer payers in July and August
TRAININGS = ((5, 11), (3, 6, 11), (3, 5, 6, 10, 11))  # months, in each exercise
CLASSES = ((4, 6), (3, 5, 11), (2, 4, 6, 11))


class Use(NamedTuple):
    date: object
    user: str
    product: str
    quantity: float


def uses(exercises, today, regulars, individuals, trainees):
    """Return the list of `Use` up to `today`, by date.

    :param list exercises: first days of the three exercises.
    :param list regulars, individuals, trainees: keys of members who are members all the time.
    """
    chance = random.Random("La FABrique du Loch")
    found = []

    def add(day, *use):
        found.append(Use(day, *use))

    for exercise, start in enumerate(exercises):
        for month in range(12):
            first = start + relativedelta(months=month)
            number = exercise * 12 + month
            for index in range(PAYERS_A_MONTH[exercise] - QUIET_MONTHS.get(first.month, 0)):
                user = regulars[(number * 7 + index * 5) % len(regulars)]
                for product, quantities in chance.sample(USUAL, 3 + index % 2):
                    add(first + timedelta(days=chance.randrange(28)), user, product, chance.choice(quantities))
            person = individuals[number % len(individuals)]
            add(first + timedelta(days=12), person, "initiation", 1)
            add(first + timedelta(days=16), person, "laser", 1)
            if month % 3 == 1:
                add(first + timedelta(days=8), "customer_agency", "laser", 3)
            if month % 2:
                add(first + timedelta(days=4), "adherente", "printing", 5)
            if first.month in TRAININGS[exercise]:
                add(first + timedelta(days=9), trainees[number % len(trainees)], "training", 1)
            if first.month in CLASSES[exercise]:
                add(first + timedelta(days=11), "customer_school", "class", 2)
    return sorted((use for use in found if use.date <= today), key=lambda use: use.date)
