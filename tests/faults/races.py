"""Eight processes that call the server at the same moment, round after round, and what they were told."""

import json
import re
from collections import Counter
from contextlib import contextmanager

import databases

from tests.common import run_python, scratch_database
from tests.machines.racers import Racers

PROCESSES = 8

# For the preparations: users who may do all, and a product without tax.
START = f"""
import json
from datetime import date, datetime, timedelta
from odoo import Command
PROCESSES = {PROCESSES}
account = env["account.account"].search(
    [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
)
address = {{"street": "1 rue du Test", "zip": "56400", "city": "Auray"}}
def products(price, *names):
    return env["product.product"].create([{{
        "name": name, "type": "service", "list_price": price, "taxes_id": [Command.clear()],
        "property_account_income_id": account.id,
    }} for name in names])
def users(group):
    return env["res.users"].with_context(no_reset_password=True).create([
        {{"name": f"Desk {{n}}", "login": f"desk{{n}}", "email": f"desk{{n}}@example.com",
          "group_ids": [Command.set(env.ref(group).ids)]}} for n in range(PROCESSES)
    ]).ids
"""


# What may be wrong with invoices, and the query that counts it; independent of the addon's own searches.
LIVE_LINES = """
    SELECT l.fabloch_charge_id AS charge_id, l.price_subtotal FROM account_move_line l
      JOIN account_move m ON m.id = l.move_id
     WHERE l.fabloch_charge_id IS NOT NULL AND m.state <> 'cancel'
"""
INVOICED_ONCE = {
    "charges without a line": f"""
        SELECT count(*) FROM fabloch_charge c WHERE NOT EXISTS (SELECT FROM ({LIVE_LINES}) l WHERE l.charge_id = c.id)
    """,
    "charges on several lines": f"""
        SELECT count(*) FROM (SELECT charge_id FROM ({LIVE_LINES}) l GROUP BY charge_id HAVING count(*) > 1) several
    """,
    "lines of another amount": f"""
        SELECT count(*) FROM ({LIVE_LINES}) l JOIN fabloch_charge c ON c.id = l.charge_id
         WHERE c.amount <> l.price_subtotal
    """,
    "numbers left out, or given twice": """
        SELECT GREATEST(max(sequence_number), count(*)) - count(DISTINCT sequence_number)
          FROM account_move WHERE fabloch_run_id IS NOT NULL
    """,
    "invoices not posted": """
        SELECT count(*) FROM account_move WHERE fabloch_run_id IS NOT NULL AND state <> 'posted'
    """,
}


@contextmanager
def prepared(prepare):
    """A database of its own on which `prepare` has run: its name, and the facts that `prepare` printed as JSON."""
    with scratch_database() as name:
        # PostgreSQL looks for a deadlock after a second: every one of them would be waited for.
        databases.execute(f'ALTER DATABASE "{name}" SET deadlock_timeout = 50')
        yield name, json.loads(run_python(START + prepare, name, timeout=900).splitlines()[-1])


class Tally(Counter):
    """What came of the calls: `won`, `refused` by a rule in its words, or anything else, which is `odd`.

    :param str rule: pattern of the words in which a rule may refuse.
    """

    def __init__(self, rule):
        super().__init__(tried=0, won=0, refused=0, retried=0)
        self.rule = rule
        self.odd = []

    def count(self, answers):
        """Count the answers of one round; return how many won."""
        won = 0
        for answer in answers:
            self.update(tried=1, retried=answer["retried"])
            if answer["refused"] is None and answer["raw"] is None:
                won += 1
            elif answer["raw"] is None and re.search(self.rule, answer["refused"]):
                self["refused"] += 1
            else:
                self.odd.append(answer)
        self["won"] += won
        return won


def contest(name, rounds, calls_of, tally, preparation="", after_round=None):
    """Let eight processes do the calls of each round at the same moment.

    :param calls_of: function of the round that returns a list of `step`s for each process.
    :param after_round: function of the round and its answers.
    :return: for each round the answers.
    """
    with Racers(PROCESSES, name, preparation) as racers:
        answers = []
        for round_ in range(rounds):
            answers.append(racers.race_on(calls_of(round_)))
            tally.count(answers[-1])
            if after_round:
                after_round(round_, answers[-1])
        return answers


def count(name, query):
    """The number that `query` counts, outside Odoo."""
    [(number,)] = databases.execute(query, database=name)
    return int(number)
