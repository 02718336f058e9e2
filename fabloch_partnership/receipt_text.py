"""What a tax receipt prints and checks, without the ORM: numbers of companies, amounts in French."""

import re

from num2words import num2words

LA_POSTE = "356000000"


def luhn_sum(digits: str) -> int:
    """Return the sum of Luhn's formula, which ends with 0 for a right number.

    >>> luhn_sum("732829320") % 10
    0
    """
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 * (value > 9)
    return total


def siren_of(number: str | None) -> str | None:
    """Return the SIREN (9 digits) that a SIREN or SIRET holds, or None when it is neither.

    The establishments of La Poste follow a rule of their own.

    >>> siren_of("732 829 320"), siren_of("73282932000074"), siren_of("732829321")
    ('732829320', '732829320', None)
    """
    digits = re.sub(r"[\s.\u00a0\u202f-]", "", number or "")
    if not re.fullmatch(r"[0-9]{9}([0-9]{5})?", digits) or luhn_sum(digits[:9]) % 10:
        return None
    if len(digits) == 14 and luhn_sum(digits) % 10:
        if not (digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0):
            return None
    return digits[:9]


def siren_text(siren: str) -> str:
    """Return a SIREN in groups of three.

    >>> siren_text("732829320").replace("\\u00a0", " ")
    '732 829 320'
    """
    return "\u00a0".join(siren[start : start + 3] for start in (0, 3, 6))


def amount_text(amount: float, symbol: str = "€") -> str:
    """Return an amount in figures, the French way, whatever language the reader has chosen.

    >>> amount_text(1234567.5).replace("\\u00a0", " ")
    '1 234 567,50 €'
    """
    figures = f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{figures}\u00a0{symbol}"


def amount_words(amount: float) -> str:
    """Return euros in words, in French.

    >>> amount_words(80), amount_words(1200.5)
    ('quatre-vingts euros', 'mille deux cents euros et cinquante centimes')
    >>> amount_words(1_000_000), amount_words(0.01)
    ("un million d'euros", 'zéro euro et un centime')
    """
    cents = round(amount * 100)
    euros, cents = divmod(cents, 100)
    words = num2words(euros, lang="fr")
    if euros and euros % 1_000_000 == 0:
        words += " d'euros"
    else:
        words += " euros" if euros > 1 else " euro"
    if cents:
        words += f" et {num2words(cents, lang='fr')} centime{'s' * (cents > 1)}"
    return words
