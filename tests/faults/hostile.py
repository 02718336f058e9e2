"""What somebody who means harm, or a broken script, sends: values of every kind; and how to see what they wrote."""

from hypothesis import strategies as st

LONG = "x" * 50_000
SCALARS = [
    None,
    False,
    True,
    *(0, 1, -1, 2**31, 2**63, -(2**63) - 1, 10**30),
    *(0.0, -0.5, 1e308, float("nan"), float("inf"), float("-inf")),
    *("", " ", "0", "-1", "1e999", "NaN", LONG, "\x00", "a\x00b", "\ud800", "é\u202e\U0001f600"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "9999-12-31 23:59:59", "0001-01-01", "2026-03-10 10:00:00"),
    *("' OR 1=1 --", "1); DROP TABLE fabloch_booking; --", "%s %(x)s %", "{0.__class__}", "{{7*7}}", "${7*7}"),
    *("<script>alert(1)</script>", "<t t-esc='7*7'/>", "../../etc/passwd", "__class__", "draft", "confirmed"),
]
NESTED = [
    *([], [[]], [[[[[1]]]]], [None], {}, {"": None}, {"id": [1]}, [{}], [[1, 2], [3]], {"a": {"b": {"c": []}}}),
    # What commands of lists of records look like, and what they must not look like.
    *([[6, 0, [1, 2**31]]], [[0, 0, {}]], [[0, 0, {"no_such_field": 1}]], [[1, 0, {}]], [[2, 2**62]], [[3]]),
    *([[4, "x"]], [[5]], [["x"]], [[9, 9, 9]], [6, 0]),
]
NAMES = ["id", "create_uid", "company_id", "active", "no_such_field", "__class__", "", "partner_id.name", "\x00"]

values = st.sampled_from(SCALARS) | st.sampled_from(NESTED) | st.integers() | st.floats() | st.text(max_size=20)


def dicts(fields):
    """Values for some of these fields, and for names that are no field."""
    return st.dictionaries(st.sampled_from([*fields, *fields, *NAMES]), values, max_size=3)


def ids(own, others):
    """Ids as a caller names records: known ones, those of another company, and those of nothing."""
    known = st.sampled_from(own or [2**30])
    foreign = st.sampled_from(others or [2**30])
    return (
        known.map(lambda one: [one])
        | foreign.map(lambda one: [one])
        | st.tuples(known, foreign).map(list)
        | st.lists(known, max_size=3)
        | st.sampled_from([[], [2**30], [2**31 - 1], [-1]])
    )


# What RPC lets through though it is no list of ids, or no dict of values.
no_ids = st.sampled_from(
    [None, False, "1", "x", "' OR 1=1 --", 2**31, 2**63, [2**63], [0], ["x"], [None], [[1]], {}, {"id": 1}, 1.5]
)
no_dict = st.sampled_from([None, 1, "x", [], [None], [[]], ["x"], [["x"]], 1.5, True])


def written(cr):
    """{table: how many rows this transaction has written to it}, kept or taken back."""
    cr.execute(
        """
        SELECT relname, n_tup_ins + n_tup_upd + n_tup_del
          FROM pg_stat_xact_user_tables
         WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
        """
    )
    return dict(cr.fetchall())
