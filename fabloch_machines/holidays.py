"""The public holidays of France, as article L. 3133-1 of the code du travail lists them."""

from datetime import date, timedelta

from dateutil.easter import easter

# (month, day, code); Easter's follow from it.
FIXED = (
    (1, 1, "new_year"),
    (5, 1, "labour"),
    (5, 8, "victory"),
    (7, 14, "national"),
    (8, 15, "assumption"),
    (11, 1, "all_saints"),
    (11, 11, "armistice"),
    (12, 25, "christmas"),
)
AFTER_EASTER = ((1, "easter_monday"), (39, "ascension"), (50, "whit_monday"))


def french_holidays(year: int) -> list[tuple[date, str]]:
    """Return the eleven (day, code) of `year`, in order; two may fall on one day.

    >>> [str(day) for day, code in french_holidays(2026) if code == "ascension"]
    ['2026-05-14']
    """
    sunday = easter(year)
    days = [(date(year, month, day), code) for month, day, code in FIXED]
    days += [(sunday + timedelta(days=after), code) for after, code in AFTER_EASTER]
    return sorted(days)
