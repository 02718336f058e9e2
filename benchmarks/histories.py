"""The same history of bookings on both sides: 20 machines, each with its own hours and its own bookings.

600 bookings lie in the 30 days to come, whatever the size; the rest lies in the past, ten a machine and day, one hour
each. The machines are open every day from 8:00 to 20:00. Each booking is confirmed, by one of 200 people. On our side
it has its row of occupancy and its charge, on the peer's its meeting and the attendee who accepted.
"""

from datetime import datetime

from odoo import Command
from odoo.tools import SQL

MACHINES = 20
PEOPLE = 200
DAYS = 30
AHEAD = MACHINES * DAYS
BOOKER = "benchmark.desk"


def midnight():
    """The first moment of today, naive, in UTC as everything here."""
    return datetime.combine(datetime.now().date(), datetime.min.time())


def set_up(env):
    """Makes the machines, the people and the user who books on both sides, once; returns what they are."""
    if desk := env["res.users"].search([("login", "=", BOOKER)]):
        return desk
    hours = env["resource.calendar"].create(
        {
            "name": "8 to 20",
            "tz": "UTC",
            "attendance_ids": [Command.clear()]
            + [
                Command.create(
                    {"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 20, "day_period": "full_day"}
                )
                for day in range(7)
            ],
        }
    )
    product = env["product.product"].create({"name": "Machine hour", "type": "service", "list_price": 20})
    category = env["fabloch.machine.category"].create({"name": "Benchmark", "product_id": product.id})
    env["fabloch.rate"].create({"name": "hour", "category_id": category.id, "minutes": 60, "product_id": product.id})
    env["fabloch.machine"].create(
        [
            {
                "name": f"Machine {number}",
                "category_id": category.id,
                "resource_calendar_id": hours.id,
                "horizon_days": 0,
            }
            for number in range(MACHINES)
        ]
    )
    for number in range(MACHINES):
        resource = env["resource.resource"].create(
            {"name": f"Resource {number}", "resource_type": "material", "calendar_id": hours.id, "tz": "UTC"}
        )
        combination = env["resource.booking.combination"].create({"resource_ids": [Command.set(resource.ids)]})
        env["resource.booking.type"].create(
            {
                "name": f"Type {number}",
                "resource_calendar_id": hours.id,
                "duration": 1,
                "slot_duration": 1,
                "modifications_deadline": 0,
                "combination_rel_ids": [Command.create({"combination_id": combination.id})],
            }
        )
    env["res.partner"].create(
        [{"name": f"Maker {number}", "email": f"maker{number}@example.com"} for number in range(PEOPLE)]
    )
    groups = ("fabloch_machines.group_machines_user", "resource_booking.group_manager")
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Desk",
                "login": BOOKER,
                "tz": "UTC",
                "group_ids": [Command.set([env.ref(group).id for group in groups])],
            }
        )
    )


def machines(env):
    return env["fabloch.machine"].search([("name", "=like", "Machine %")], order="id")


def types(env):
    return env["resource.booking.type"].search([("name", "=like", "Type %")], order="id")


def people(env):
    return env["res.partner"].search([("name", "=like", "Maker %")], order="id")


def grow(env, size):
    """Brings both histories to `size` bookings, by SQL."""
    set_up(env)
    env.flush_all()
    env.cr.execute("SELECT count(*) FROM fabloch_booking")
    [there] = env.cr.fetchone()
    combinations = types(env).combination_rel_ids.combination_id
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE slot ON COMMIT DROP AS
            SELECT number, 1 + number %% %(machines)s AS machine, 1 + number * 7919 %% %(people)s AS person,
                   CASE WHEN number < %(ahead)s
                        THEN %(today)s::timestamp + interval '1 day' * (1 + number / %(machines)s)
                             + interval '1 hour' * (9 + number %% 8)
                        ELSE %(today)s::timestamp
                             - interval '1 day' * (1 + (number - %(ahead)s) / %(machines)s / 10)
                             + interval '1 hour' * (8 + (number - %(ahead)s) / %(machines)s %% 10)
                   END AS start
              FROM generate_series(%(there)s, %(size)s - 1) number
            """,
            machines=MACHINES,
            people=PEOPLE,
            ahead=AHEAD,
            today=midnight(),
            there=there,
            size=size,
        )
    )
    _ours(env)
    _theirs(env, combinations)


def _ours(env):
    machine = machines(env)[0]
    settings = env["fabloch.machine"]._settings(machine.id)
    rate = env["fabloch.rate"].search([("category_id", "=", machine.category_id.id)])
    env.cr.execute(
        SQL(
            """
            WITH booking AS (
                INSERT INTO fabloch_booking (
                    name, partner_id, machine_id, category_id, company_id, currency_id, start, stop, units, duration,
                    state, confirm_date, amount, visitor, open_minutes, prepaid_minutes, create_date, write_date
                )
                SELECT 'H' || number, (%(people)s)[person], (%(machines)s)[machine], %(category)s, %(company)s,
                       %(currency)s, start, start + interval '1 hour', 1, 1, 'confirmed', start - interval '3 days', 20,
                       TRUE, 60, 0, start - interval '3 days', start - interval '3 days'
                  FROM slot
             RETURNING *
            ), occupancy AS (
                INSERT INTO fabloch_occupancy (machine_id, unit, start, stop, kind, booking_id, company_id)
                SELECT machine_id, 1, start, stop, 'booking', id, company_id FROM booking
            )
            INSERT INTO fabloch_charge (
                booking_id, rate_id, partner_id, invoice_partner_id, product_id, product_uom_id, company_id,
                currency_id, name, quantity, price_unit, discount, amount, amount_credited, amount_covered, date, state
            )
            SELECT id, %(rate)s, partner_id, partner_id, %(product)s, %(uom)s, company_id, currency_id,
                   name, 1, 20, 0, 20, 0, 0, start::date, 'invoiced'
              FROM booking
            """,
            people=people(env).ids,
            machines=machines(env).ids,
            category=settings.category_id,
            company=settings.company_id,
            currency=settings.currency_id,
            rate=rate.id,
            product=rate.product_id.id,
            uom=rate.product_id.uom_id.id,
        )
    )


def _theirs(env, combinations):
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE meeting ON COMMIT DROP AS
            SELECT slot.*, nextval('calendar_event_id_seq')::integer AS event,
                   nextval('resource_booking_id_seq')::integer AS booking
              FROM slot;
            INSERT INTO calendar_event (
                id, name, user_id, active, allday, recurrency, start, stop, duration, show_as, privacy, create_date
            )
            SELECT event, 'H' || number, %(user)s, TRUE, FALSE, FALSE, start, start + interval '1 hour', 1, 'busy',
                   'public', start - interval '3 days'
              FROM meeting;
            INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
            SELECT event, (%(people)s)[person] FROM meeting;
            INSERT INTO calendar_attendee (event_id, partner_id, state, availability)
            SELECT event, (%(people)s)[person], 'accepted', 'busy' FROM meeting;
            INSERT INTO resource_booking (
                id, meeting_id, combination_id, user_id, type_id, state, active, combination_auto_assign, start, stop,
                duration, create_date
            )
            SELECT booking, event, (%(combinations)s)[machine], %(user)s, (%(types)s)[machine], 'confirmed', TRUE,
                   FALSE, start, start + interval '1 hour', 1, start - interval '3 days'
              FROM meeting;
            INSERT INTO res_partner_resource_booking_rel (resource_booking_id, res_partner_id)
            SELECT booking, (%(people)s)[person] FROM meeting
            """,
            user=env["res.users"].search([("login", "=", BOOKER)]).id,
            people=people(env).ids,
            types=types(env).ids,
            combinations=combinations.ids,
        )
    )
