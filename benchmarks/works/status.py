"""The status of many members: the page of the members' list, the same with its filter on, and how many of each status.

The members have one or two years of memberships in a mix as an association's: most are active, some in grace, to pay,
upcoming, lapsed, cancelled or draft, some are covered by another one's membership, some never were members. Both
sides hold the same people, years and numbers of members, written by SQL. Ours works out the status of the day at each
question. The peer, OCA membership, keeps it in a column of the contact, which its nightly job corrects; that job isn't
measured. Both are asked by the ordinary administrator, with the record rules, in the very call of the web client for
their own list (80 rows, their own columns, the number of all up to 10,000) and for the list grouped by status. The
floor: one plain SQL query each that gives the rows and numbers of ours; that they are the same is checked.
"""

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import SQL

from benchmarks import harness

TITLE = "Status of the members"
PEER = "membership (OCA), stored state"
INSTALL = ("membership",)
FLOOR = "one SQL query"
UNIT = "call"
GOALS = {"floor": 3}
SIZES = (harness.size(100_000),)

NAME = "Bench members"
PAGE, COUNTED = 80, 10_001
# Of a hundred members: how their second year stands with us, and with the peer (which knows no grace).
MIX = {
    "active": (60, "paid"),
    "grace": (5, "paid"),
    "waiting": (5, "waiting"),
    "upcoming": (3, "old"),
    "expired": (18, "old"),
    "cancelled": (3, "canceled"),
    "draft": (1, "none"),
    "none": (5, "none"),
}
STATUSES = ["active", "grace", "waiting", "upcoming", "expired", "cancelled", "draft"]
OURS_ACTIVE, PEERS_ACTIVE = ["active", "grace"], ["invoiced", "paid", "free"]
CONTACTS = [("type", "=", "contact")]


def prepare(env, size):
    """Writes that many members with their history, the same for both sides."""
    today = fields.Date.context_today(env.user)
    fee, old_fee = env["product.product"].create(
        [
            {"name": NAME, "type": "service", "list_price": 40},
            {
                "name": f"{NAME} (peer)",
                "type": "service",
                "list_price": 40,
                "membership": True,
                "membership_date_from": today - relativedelta(years=2),
                "membership_date_to": today + relativedelta(years=2),
            },
        ]
    )
    plan = env["fabloch.membership.plan"].create({"name": NAME, "product_id": fee.id, "grace_days": 30, "seats": 5})
    env.flush_all()
    figures = {
        "today": today,
        "size": size,
        "plan": plan.id,
        "product": old_fee.id,
        "company": env.company.id,
        "category": env.ref("fabloch_membership.member_category_particulier").id,
        "mix": [status for status, (share, _peer) in MIX.items() for _each in range(share)],
        "states": [state for share, state in MIX.values() for _each in range(share)],
    }
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE bench AS
            SELECT n, nextval('res_partner_id_seq')::int AS partner_id,
                   (%(mix)s)[1 + n * 37 %% 100] AS status, (%(states)s)[1 + n * 37 %% 100] AS state,
                   (%(mix)s)[1 + n * 37 %% 100] IN ('active', 'grace', 'waiting', 'expired') AS two_years,
                   -- The second year ends on some day that makes the status; the first one ended a year before.
                   %(today)s::date + CASE (%(mix)s)[1 + n * 37 %% 100]
                       WHEN 'grace' THEN -1 - n %% 29
                       WHEN 'expired' THEN -31 - n %% 600
                       WHEN 'upcoming' THEN 366 + n %% 30
                       ELSE 1 + n %% 330 END AS date_end
              FROM generate_series(1, %(size)s) n
            """,
            **figures,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (
                id, name, complete_name, email, active, type, autopost_bills, commercial_partner_id, lang,
                member_category_id, member_number, membership_state, membership_start, membership_stop
            )
            SELECT partner_id, name, name, 'member' || n || '@example.com', TRUE, 'contact', 'ask', partner_id, 'fr_FR',
                   %(category)s, CASE WHEN status != 'none' THEN 'B' || n END, state,
                   CASE WHEN state != 'none' THEN date_end - 730 END, CASE WHEN state != 'none' THEN date_end END
              FROM (SELECT *, 'Member ' || md5(n::text) AS name FROM bench) b
            """,
            **figures,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO fabloch_membership (
                partner_id, plan_id, company_id, category_id, date_start, date_end, grace_until,
                confirm_date, cancel_date, price, payment, in_order, is_renewed
            )
            SELECT partner_id, %(plan)s, %(company)s, %(category)s, date_end - 729, date_end - 365, date_end - 335,
                   date_end - 729, NULL, 40, 'paid', TRUE, TRUE
              FROM bench WHERE two_years
             UNION ALL
            SELECT partner_id, %(plan)s, %(company)s, %(category)s, date_end - 364, date_end, date_end + 30,
                   CASE WHEN status != 'draft' THEN date_end - 364 END,
                   CASE WHEN status = 'cancelled' THEN LEAST(date_end - 10, %(today)s) END, 40,
                   CASE status WHEN 'draft' THEN NULL WHEN 'waiting' THEN 'unpaid' ELSE 'paid' END,
                   status NOT IN ('draft', 'waiting'), FALSE
              FROM bench WHERE status != 'none'
            """,
            **figures,
        )
    )
    # A fifth of those who never had a membership of their own are covered by somebody's.
    env.cr.execute(
        """
        WITH covered AS (
            SELECT b.partner_id, host.partner_id AS host_id, host.state, host.date_end
              FROM bench b JOIN bench host ON host.n = b.n - 1
             WHERE b.status = 'none' AND b.n % 5 = 0
        ), peers AS (
            UPDATE res_partner p
               SET associate_member_id = host_id, membership_state = covered.state,
                   membership_start = date_end - 730, membership_stop = date_end
              FROM covered WHERE p.id = covered.partner_id
        )
        INSERT INTO fabloch_membership_beneficiary_rel (membership_id, partner_id)
        SELECT m.id, covered.partner_id
          FROM covered JOIN fabloch_membership m ON m.partner_id = covered.host_id AND m.date_end = covered.date_end
        """
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO membership_membership_line (
                partner_id, membership_id, company_id, date, date_from, date_to, date_cancel, member_price, state
            )
            SELECT partner_id, %(product)s, %(company)s, date_end - 729, date_end - 729, date_end - 365,
                   NULL::date, 40, 'paid'
              FROM bench WHERE two_years
             UNION ALL
            SELECT partner_id, %(product)s, %(company)s, date_end - 364, date_end - 364, date_end,
                   CASE WHEN status = 'cancelled' THEN LEAST(date_end - 10, %(today)s) END, 40,
                   CASE state WHEN 'old' THEN 'paid' ELSE state END
              FROM bench WHERE status NOT IN ('none', 'draft')
            """,
            **figures,
        )
    )
    env.cr.execute("DROP TABLE bench")


def parts(env):
    """The page of the list, the same with the active ones alone, and the numbers by status."""
    env = env(user=env.ref("base.user_admin"), su=False)
    partners = env["res.partner"]
    columns = ("member_number", "complete_name", "current_plan_id", "membership_end", "email", "membership_status")
    peers_columns = ("name", "membership_state", "associate_member_id", "membership_start", "membership_stop")

    def page(names, domain):
        named = {name: {"fields": {"display_name": {}}} if name.endswith("_id") else {} for name in names}
        return partners.web_search_read(domain, named, limit=PAGE, count_limit=COUNTED)

    active = [*CONTACTS, ("membership_status", "in", OURS_ACTIVE)]
    peers_active = [*CONTACTS, ("membership_state", "in", PEERS_ACTIVE)]
    found = {
        "page": {
            "ours": lambda: page(columns, CONTACTS),
            "peer": lambda: page(peers_columns, CONTACTS),
            "floor": lambda: _rows(env, _page_sql(env, SQL("TRUE"))),
        },
        "active only": {
            "ours": lambda: page(columns, active),
            "peer": lambda: page(peers_columns, peers_active),
            "floor": lambda: _rows(env, _page_sql(env, _active_sql(env))),
        },
        "numbers": {
            "ours": lambda: partners._read_group(CONTACTS, ["membership_status"], ["__count"]),
            "peer": lambda: partners._read_group(CONTACTS, ["membership_state"], ["__count"]),
            "floor": lambda: _rows(env, _numbers_sql(env)),
        },
    }
    _check_same(found, partners, active, peers_active)
    return found


def _check_same(found, partners, active, peers_active):
    for part in ("page", "active only"):
        ours, floor = found[part]["ours"](), found[part]["floor"]()
        read = [
            (
                each["id"],
                each["member_number"] or None,
                each["complete_name"],
                each["current_plan_id"] and each["current_plan_id"]["display_name"] or None,
                each["membership_end"] or None,
                each["email"] or None,
                each["membership_status"],
                ours["length"],
            )
            for each in ours["records"]
        ]
        assert read == floor, f"{part}: the floor is to give our rows."
        assert len(read) == min(PAGE, len(floor)) > 0
    ours, floor = dict(found["numbers"]["ours"]()), dict(found["numbers"]["floor"]())
    assert ours == floor, "The floor is to give our numbers."
    counts = [partners.search_count(active), partners.search_count(peers_active)]
    assert counts[0] == counts[1] > 0, "Both sides have as many members."
    assert set(ours) == set(MIX), "Every status is to be there."


def _rows(env, query):
    env.cr.execute(query)
    return env.cr.fetchall()


def _status(env):
    """How a membership `m` stands, as a place in STATUSES: of several, the least one counts."""
    return SQL(
        """CASE WHEN m.cancel_date <= %(today)s THEN 6
                WHEN m.confirm_date IS NULL THEN 7
                WHEN m.grace_until < %(today)s THEN 5
                WHEN m.in_order IS NOT TRUE THEN 3
                WHEN m.date_start > %(today)s THEN 4
                WHEN m.date_end >= %(today)s THEN 1
                ELSE 2 END""",
        today=fields.Date.context_today(env.user),
    )


def _active_sql(env):
    running = SQL(
        """m.company_id = %(company)s AND m.confirm_date IS NOT NULL AND m.in_order
           AND (m.cancel_date IS NULL OR m.cancel_date > %(today)s)
           AND m.date_start <= %(today)s AND m.grace_until >= %(today)s""",
        company=env.company.id,
        today=fields.Date.context_today(env.user),
    )
    return SQL(
        """(p.id IN (SELECT m.partner_id FROM fabloch_membership m WHERE %(running)s)
            OR p.id IN (SELECT covered.partner_id
                          FROM fabloch_membership_beneficiary_rel covered
                          JOIN fabloch_membership m ON m.id = covered.membership_id
                         WHERE %(running)s))""",
        running=running,
    )


def _page_sql(env, condition):
    return SQL(
        """
        SELECT p.id, p.member_number, p.complete_name, COALESCE(plan.name->>'fr_FR', plan.name->>'en_US'),
               best.last_day, p.email, COALESCE((%(names)s)[best.status], 'none'),
               (SELECT COUNT(*) FROM (
                   SELECT 1 FROM res_partner p WHERE p.active AND p.type = 'contact' AND %(condition)s LIMIT %(counted)s
               ) counted)
          FROM (
                   SELECT * FROM res_partner p WHERE p.active AND p.type = 'contact' AND %(condition)s
                    ORDER BY p.complete_name, p.id DESC LIMIT %(page)s
               ) p
          LEFT JOIN LATERAL (
                   SELECT m.plan_id, LEAST(m.date_end, m.cancel_date - 1) AS last_day, %(status)s AS status
                     FROM (SELECT id FROM fabloch_membership WHERE partner_id = p.id
                            UNION ALL
                           SELECT membership_id FROM fabloch_membership_beneficiary_rel WHERE partner_id = p.id) own
                     JOIN fabloch_membership m ON m.id = own.id AND m.company_id = %(company)s
                    ORDER BY status, m.date_end DESC, m.id DESC LIMIT 1
               ) best ON TRUE
          LEFT JOIN fabloch_membership_plan plan ON plan.id = best.plan_id
         ORDER BY p.complete_name, p.id DESC
        """,
        names=STATUSES,
        condition=condition,
        counted=COUNTED,
        page=PAGE,
        status=_status(env),
        company=env.company.id,
    )


def _numbers_sql(env):
    return SQL(
        """
        SELECT COALESCE((%(names)s)[best.status], 'none'), COUNT(*)
          FROM res_partner p
          LEFT JOIN (
                   SELECT partner_id, MIN(status) AS status
                     FROM (SELECT m.partner_id, %(status)s AS status
                             FROM fabloch_membership m WHERE m.company_id = %(company)s
                            UNION ALL
                           SELECT covered.partner_id, %(status)s
                             FROM fabloch_membership_beneficiary_rel covered
                             JOIN fabloch_membership m ON m.id = covered.membership_id
                            WHERE m.company_id = %(company)s) each
                    GROUP BY partner_id
               ) best ON best.partner_id = p.id
         WHERE p.active AND p.type = 'contact'
         GROUP BY 1
        """,
        names=STATUSES,
        status=_status(env),
        company=env.company.id,
    )
