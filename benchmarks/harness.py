"""How a work is measured.

A work is a module of `works/`:

    TITLE, PEER, FLOOR      what is done, whose addon stands beside it, what the floor is: texts of the table
    INSTALL                 the peer's addons, where they are none of Odoo's and ours need them not
    UNIT                    what one measured time is for ("a booking")
    GOALS                   {"peer": 5, "floor": 2, "flat": 1.5}: at least so many times faster than the peer, at most
                            so many times the floor, at most so many times the time of the smallest size
    SIZES                   the sizes at which it is measured, growing
    ROUNDS                  {size: rounds} of those at which a turn takes minutes: so many, and none for nothing
    prepare(env, size)      brings the database to that size, in the same measure for both sides
    sides(env)              {"ours": call, "peer": call, "floor": call}: each call does the work once; what it returns,
                            if it returns a number, is how many units it did

What a call writes is rolled back after it, so that each starts from the same rows.

A work of several figures on the same rows has `parts(env)` instead of `sides(env)`: {name of the part: sides}. One that
none of this fits (it starts a server, it installs addons) has `run(name, rounds)` alone, which yields the rows itself:
{"part": …, "size": …, "sides": {side: {"seconds": …}}}.

FABLOCH_BENCH_SMALL=1 divides the sizes by a hundred: for who writes a work, never for a figure to quote.
"""

import gc
import os
import time
from statistics import median

ROUNDS = 5
SMALL = os.environ.get("FABLOCH_BENCH_SMALL") == "1"


def size(number):
    """That many, or a hundredth of it while a work is written."""
    return max(1, number // 100) if SMALL else number


def measure(env, sides, rounds=ROUNDS, warm=False):
    """Let the sides take turns (A B A B …), after a turn of each for nothing.

    :param dict sides: {name: call}
    :param bool warm: what the calls need is loaded already: leave out the turn for nothing
    :return: {name: {"seconds": the median of a unit, "queries": of a unit, "all": each turn's seconds}}
    """
    found = {name: {"all": [], "queries": 0} for name in sides}
    for turn in range(bool(warm), rounds + 1):
        for name, call in sides.items():
            env.cr.rollback()
            env.invalidate_all()
            gc.collect()
            queries = env.cr.sql_log_count
            start = time.perf_counter()
            done = call()
            env.flush_all()
            seconds = time.perf_counter() - start
            units = done if isinstance(done, int) else 1
            if turn:
                found[name]["all"].append(seconds / units)
            found[name]["queries"] = (env.cr.sql_log_count - queries) / units
            env.cr.rollback()
    for figures in found.values():
        figures["seconds"] = median(figures["all"])
    return found


def analyze(env):
    """Commits, and gives the planner the statistics of what is there now."""
    env.flush_all()
    env.cr.commit()
    env.cr.execute(
        "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    for (table,) in env.cr.fetchall():
        env.cr.execute(f"ANALYZE {table}")  # pylint: disable=sql-injection
    env.cr.commit()
    env.invalidate_all()
