"""What time it is for bookings: now, or the moment at which a history is being played.

A demonstration books, uses and cancels as it was done on the day. Nothing that comes from outside (a context, a call)
can set this clock, so that no rule about time can be got round through it.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo import fields

_moment = ContextVar("fabloch_machines_clock", default=None)


def now():
    """Return the present moment: naive, UTC, whole seconds."""
    return _moment.get() or fields.Datetime.now()


@contextmanager
def at(moment):
    """Within this block it is `moment` (naive, UTC)."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
