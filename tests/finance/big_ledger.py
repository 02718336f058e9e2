"""A large ledger for the measurements, written by SQL in seconds, and what times one query beside another."""

import json
import time
from statistics import median

from odoo.tools import SQL

YEARS = (2023, 2024, 2025)
ITEMS_PER_MOVE = 10


def fill(env, items):
    """Writes that many posted journal items over three fiscal years, half of them income.

    Some 40 income accounts, in every stream, as many of expense and of third parties; 2,000 partners.

    :return: the company, on the association's chart
    """
    company = env["res.company"].create({"name": "Large association", "country_id": env.ref("base.fr").id})
    env.cr.precommit.clear()  # Odoo would load the chart that it guesses, at the commit
    env.user.company_ids += company
    env["account.chart.template"].try_loading("fr_association", company)
    accounts = env["account.account"].with_company(company).search([("company_ids", "in", company.ids)], order="code")
    income = accounts.filtered(lambda account: account.internal_group == "income")
    streams = env["fabloch.revenue.stream"]._stream_by_account(company)
    one_each = {streams[account.id]: account.id for account in income}
    income_ids = list({*one_each.values(), *income.ids[: 40 - len(one_each)]})
    expense_ids = accounts.filtered(lambda account: account.internal_group == "expense").ids[:40]
    journal = env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "general")], limit=1)
    env.flush_all()
    # What is written here points where it should: checking every row would take most of the time.
    env.cr.execute(
        "SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid IN ('account_move'::regclass, 'account_move_line'::regclass)"
    )
    for (statement,) in env.cr.fetchall():
        env.cr.execute(statement)
    env.cr.execute(
        "INSERT INTO res_partner (name, complete_name, active, autopost_bills, type)"
        " SELECT 'Partner ' || n, 'Partner ' || n, TRUE, 'ask', 'contact' FROM generate_series(1, 2000) n RETURNING id"
    )
    partner_ids = [partner for (partner,) in env.cr.fetchall()]
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id IN %s", (tuple(partner_ids),))
    figures = {
        "company": company.id,
        "currency": company.currency_id.id,
        "journal": journal.id,
        "first": f"{YEARS[0]}-01-01",
        "days": 365 * len(YEARS),
        "moves": items // ITEMS_PER_MOVE,
        "income": income_ids,
        "expense": expense_ids,
        "partners": partner_ids,
        "items": ITEMS_PER_MOVE,
    }
    env.cr.execute(
        SQL(
            """
            WITH move AS (
                INSERT INTO account_move (name, state, move_type, date, journal_id, company_id, currency_id, auto_post)
                SELECT 'BIG/' || n, 'posted', 'entry', %(first)s::date + (n * 7919 %% %(days)s)::integer,
                       %(journal)s, %(company)s, %(currency)s, 'no'
                  FROM generate_series(1, %(moves)s) n
             RETURNING id, date, name
            )
            INSERT INTO account_move_line (
                move_id, move_name, date, parent_state, journal_id, company_id, company_currency_id, currency_id,
                account_id, partner_id, display_type, name, debit, credit, balance, amount_currency
            )
            SELECT move.id, move.name, move.date, 'posted', %(journal)s, %(company)s, %(currency)s, %(currency)s,
                   CASE WHEN part %% 2 = 0 THEN (%(income)s)[1 + (move.id * 31 + part * 17) %% %(incomes)s]
                        ELSE (%(expense)s)[1 + (move.id * 13 + part) %% %(expenses)s] END,
                   (%(partners)s)[1 + (move.id * 37) %% 2000],
                   'product', 'Item ' || part,
                   GREATEST(amount.balance, 0), GREATEST(-amount.balance, 0), amount.balance, amount.balance
              FROM move
        CROSS JOIN generate_series(1, %(items)s) part
        CROSS JOIN LATERAL (
                       SELECT (CASE WHEN part %% 2 = 0 THEN -1 ELSE 1 END)
                                  * ((move.id * 7 + part / 2 * 1013) %% 90000 - 5000) / 100.0 AS balance
                   ) amount
            """,
            **figures,
            incomes=len(income_ids),
            expenses=len(expense_ids),
        )
    )
    env.cr.commit()
    for table in (
        "account_account",
        "account_account_res_company_rel",
        "account_move",
        "account_move_line",
        "res_company",
        "res_partner",
    ):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()
    env.invalidate_all()
    return company


def plain_group_by(env, company):
    """Gives a call of the plain SQL with the same figures, by stream and month, from a table of accounts' streams."""
    env.cr.execute(
        SQL(
            "CREATE TEMP TABLE stream_of_account AS SELECT account_id, stream_id FROM (%s) map WHERE company_id = %s",
            env["fabloch.revenue.stream"]._account_stream_query(),
            company.id,
        )
    )
    env.cr.execute("ANALYZE stream_of_account")

    def call():
        env.cr.execute(
            """
            SELECT map.stream_id, date_trunc('month', item.date)::date, SUM(-item.balance)
              FROM account_move_line item
              JOIN stream_of_account map ON map.account_id = item.account_id
             WHERE item.parent_state = 'posted' AND item.company_id = %s AND item.date BETWEEN %s AND %s
          GROUP BY 1, 2
            """,
            (company.id, f"{YEARS[0]}-01-01", f"{YEARS[-1]}-12-31"),
        )
        return env.cr.fetchall()

    return call


def durations(rounds, **calls):
    """Calls each in turn, `rounds` times after one for nothing, and gives the median seconds of each."""
    seconds = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: median(found) for name, found in seconds.items()}


def count_queries(env, call):
    """Counts the queries of a call."""
    before = env.cr.sql_log_count
    call()
    return env.cr.sql_log_count - before


def tell(figures):
    print(json.dumps(figures), flush=True)
