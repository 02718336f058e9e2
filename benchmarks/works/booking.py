"""Book and confirm one machine hour, beside growing histories.

Both sides: the same user of the desk, the same hours, a free hour of the month to come; no mail (ours are sent by a
scheduled action, the peer's invitations are switched off), no message in the chatter. Ours also asks every rule, prices
the hour, writes why, and makes the charge; the peer makes the meeting and accepts for the attendee.
"""

from datetime import timedelta

from odoo import Command, fields, models

from .. import histories

TITLE = "Book and confirm one machine hour"
PEER = "resource_booking"
INSTALL = ("resource_booking",)
FLOOR = "one `create` of the booking and its occupancy"
UNIT = "a booking"
GOALS = {"peer": 5, "floor": 2, "flat": 1.3}
SIZES = (1_000, 20_000, 200_000)
BOOKINGS = 20

prepare = histories.grow


def sides(env):
    desk = histories.set_up(env)
    machines, types, people = histories.machines(env), histories.types(env), histories.people(env)
    hours = [(number, histories.midnight() + timedelta(days=2 + number, hours=18)) for number in range(BOOKINGS)]
    as_desk = env(user=desk)

    def ours():
        Booking = as_desk["fabloch.booking"]
        for number, start in hours:
            booking = Booking.create(
                {
                    "machine_id": machines[number].id,
                    "partner_id": people[number].id,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                }
            )
            booking.action_confirm()
            env.flush_all()
        return BOOKINGS

    def peer():
        quiet = {"no_mail_to_attendees": True, "dont_notify": True, "tracking_disable": True}
        Booking = as_desk["resource.booking"].with_context(**quiet)
        for number, start in hours:
            booking = Booking.create(
                {
                    "type_id": types[number].id,
                    "partner_ids": [Command.set(people[number].ids)],
                    "start": start,
                    "duration": 1,
                }
            )
            booking.action_confirm()
            env.flush_all()
        return BOOKINGS

    done = _rows(env, ours)

    def floor():
        Booking, Occupancy = env["fabloch.booking"], env["fabloch.occupancy"]
        for booking_vals, occupancy_vals in done:
            booking = models.BaseModel.create(Booking, [booking_vals])
            models.BaseModel.create(Occupancy, [{**occupancy_vals, "booking_id": booking.id}])
            env.flush_all()
        return BOOKINGS

    peer()
    states = set(env["resource.booking"].search([], order="id desc", limit=BOOKINGS).mapped("state"))
    assert states == {"confirmed"}, states
    env.cr.rollback()
    return {"ours": ours, "peer": peer, "floor": floor}


def _rows(env, ours):
    """What our side writes into its two tables: (values of a booking, values of its occupancy) for each."""
    ours()
    found = env["fabloch.booking"].search([], order="id desc", limit=BOOKINGS)
    assert set(found.mapped("state")) == {"confirmed"} and set(found.mapped("amount")) == {20}
    rows = [(_stored(booking), _stored(booking.occupancy_ids)) for booking in found]
    env.cr.rollback()
    env.invalidate_all()
    return rows


def _stored(record):
    names = [
        name
        for name, field in record._fields.items()
        if field.store and field.column_type and name not in models.MAGIC_COLUMNS
    ]
    vals = record.read(names, load=None)[0]
    return {name: fields.Datetime.to_string(vals[name]) if name in ("start", "stop") else vals[name] for name in names}
