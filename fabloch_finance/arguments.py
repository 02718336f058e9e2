"""Arguments of the methods that others call from outside: RPC passes on whatever it is sent."""

from odoo import fields
from odoo.exceptions import UserError

# What PostgreSQL's integers and ids hold.
LARGEST = 2**31 - 1


def may_be_id(number):
    """Tell whether a whole number may be a record's id: the database takes no other."""
    return 0 < number <= LARGEST


def day(env, value):
    """Return the date that `value` is, or None when it is empty.

    :param value: a date, a moment, or a text like 2026-03-10.
    :raises UserError: for anything else.
    """
    return _convert(env, fields.Date.to_date, value, "2026-03-10")


def moment(env, value):
    """Return the moment (naive, UTC) that `value` is, or None when it is empty.

    :param value: a moment, a date, or a text like 2026-03-10 14:00:00.
    :raises UserError: for anything else.
    """
    return _convert(env, fields.Datetime.to_datetime, value, "2026-03-10 14:00:00")


def words(env, value):
    """Return the text `value` without the spaces around it; "" when it is empty.

    :raises UserError: for what isn't a text.
    """
    if not value:
        return ""
    if not isinstance(value, str):
        raise UserError(env._("A text is needed here, not this: %s", str(value)[:100]))
    return value.strip()


def _convert(env, convert, value, example):
    try:
        return convert(value) or None
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(
            env._(
                "This is no date: %(value)s. Write it like this: %(example)s.",
                value=str(value)[:100],
                example=example,
            )
        ) from error
