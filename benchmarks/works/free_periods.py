"""The free periods of 20 machines over a month, beside growing histories.

Both sides answer for each machine with its free hours of the next 30 days: ours in periods, the peer in the slots that
its portal's calendar shows. The floor is the one query that finds what takes these machines in the month.
"""

from datetime import timedelta

from odoo import fields

from .. import histories

TITLE = "Free periods of 20 machines over a month"
PEER = "resource_booking"
INSTALL = ("resource_booking",)
FLOOR = "one SQL query of what is taken"
UNIT = "a month of 20 machines"
GOALS = {"peer": 20, "flat": 1.3}
SIZES = (1_000, 20_000, 200_000)

prepare = histories.grow


def sides(env):
    desk = histories.set_up(env)
    machines, types, people = histories.machines(env), histories.types(env), histories.people(env)
    start = histories.midnight() + timedelta(days=1)
    stop = start + timedelta(days=histories.DAYS)
    as_desk = env(user=desk)

    def ours():
        return_value.update(ours=machines.with_env(as_desk)._free_periods(start, stop))

    def peer():
        local = fields.Datetime.context_timestamp(as_desk["res.partner"], start)
        found = {}
        for type_ in types.with_env(as_desk):
            booking = as_desk["resource.booking"].new(
                {"type_id": type_.id, "partner_ids": people[0].ids, "duration": 1}
            )
            found[type_] = booking._get_available_slots(local, local + timedelta(days=histories.DAYS))
        return_value.update(peer=found)

    def floor():
        env.cr.execute(
            "SELECT machine_id, unit, start, stop FROM fabloch_occupancy"
            " WHERE tsrange(start, stop) && tsrange(%s, %s) AND machine_id IN %s ORDER BY machine_id, start",
            (start, stop, tuple(machines.ids)),
        )
        env.cr.fetchall()

    return_value = {}
    ours(), peer()
    free = sum((end - begin).total_seconds() / 3600 for found in return_value["ours"].values() for begin, end in found)
    slots = sum(len(of_day) for found in return_value["peer"].values() for of_day in found.values())
    assert free == slots, (free, slots)
    return {"ours": ours, "peer": peer, "floor": floor}
