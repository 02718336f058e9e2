"""Calendar files (iCalendar, RFC 5545 and 5546) of events: plain data in, text out, no ORM.

Moments are naive UTC, as Odoo stores them, and stay UTC in the file: every calendar shows them by its own clock.
"""

from datetime import datetime
from typing import NamedTuple

import vobject
from vobject.icalendar import utc

PRODUCT = "-//Fabloch//Machines//EN"


class Event(NamedTuple):
    """One event. Its `uid` never changes; `sequence` rises with each change that people are told of."""

    uid: str
    sequence: int
    start: datetime
    stop: datetime
    summary: str
    location: str = ""
    description: str = ""
    cancelled: bool = False


def to_ics(events, stamp, organizer_name="", organizer_email=""):
    """Return the calendar file (str) of `events`.

    One cancelled event alone is a cancellation, which calendars take out by themselves. RFC 5546 has no cancellation
    of several events in one file, so those are published again with the status “cancelled”, as any others.

    :param datetime stamp: when this was written; naive, UTC.
    """
    calendar = vobject.iCalendar()
    calendar.add("prodid").value = PRODUCT
    calendar.add("method").value = "CANCEL" if len(events) == 1 and events[0].cancelled else "PUBLISH"
    for event in events:
        component = calendar.add("vevent")
        component.add("uid").value = event.uid
        component.add("sequence").value = str(event.sequence)
        component.add("dtstamp").value = stamp.replace(tzinfo=utc, microsecond=0)
        component.add("dtstart").value = event.start.replace(tzinfo=utc)
        component.add("dtend").value = event.stop.replace(tzinfo=utc)
        component.add("status").value = "CANCELLED" if event.cancelled else "CONFIRMED"
        component.add("summary").value = event.summary
        if event.location:
            component.add("location").value = event.location
        if event.description:
            component.add("description").value = event.description
        if organizer_email:
            organizer = component.add("organizer")
            organizer.value = f"mailto:{organizer_email}"
            if organizer_name:
                # A quote would end the parameter.
                organizer.params["CN"] = [organizer_name.replace('"', "'")]
    return calendar.serialize()
