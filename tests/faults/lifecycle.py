"""Whole databases: what stands in one, its figures, whether Odoo works on it."""

import json
import re
import subprocess
import sys
from contextlib import closing

import psycopg2
from psycopg2 import sql

from tests.common import run_python
from tests.infra.test_demonstration import IMPORT

# What PostgreSQL keeps, one line each, with its definition: a column that lost its NOT NULL is another column.
OBJECTS = {
    "relation": "SELECT relkind::text || ' ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "column": """
        SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
            pg_get_expr(adbin, adrelid))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
        AND relkind IN ('r', 'v', 'm', 'p')
    """,
    "constraint": """
        SELECT concat_ws(' ', nullif(conrelid, 0)::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "view": "SELECT viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public'",
    "function": """
        SELECT oid::regprocedure::text || ' ' || prosrc FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a'
    """,
    "trigger": "SELECT tgenabled::text || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "type": "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace",
    "extension": "SELECT extname FROM pg_extension",
    "schema": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'",
}


def objects(name):
    """Everything that stands in the schema of a database, as `kind: definition`."""
    with closing(psycopg2.connect(dbname=name)) as connection, connection.cursor() as cursor:
        found = set()
        for kind, query in OBJECTS.items():
            cursor.execute(query)
            found |= {f"{kind}: {line}" for (line,) in cursor.fetchall()}
    return found


def rows(name):
    """Every row of every table, as its key (`table id`, or the whole row where it has no id) and its content."""
    with closing(psycopg2.connect(dbname=name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT to_jsonb(t) FROM {} t").format(sql.Identifier(table)))
            for (row,) in cursor.fetchall():
                found[f"{table} {row['id'] if 'id' in row else json.dumps(row, sort_keys=True)}"] = row
    return found


def odoo(*arguments, timeout=1800):
    """Runs Odoo's own command line; returns what it logged as a warning or worse, and raises if it failed."""
    command = [sys.executable, "-m", "odoo", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stderr
    return re.findall(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*", done.stderr, re.MULTILINE)


LOAD = IMPORT + "databases._load_chart(env)\nif databases.addons():\n    databases._load_demo_data(env)"

# Every figure that a person may read: how many records there are of each of our models, reports among them, and the sum
# of every number on them; the ledger's too, by account.
FIGURES = """
import json
companies = env["res.company"].search([])
figures = {}
asked = [name for name in env if name.startswith("fabloch.")] + ["account.move", "account.move.line", "account.payment"]
for name in sorted(asked):
    Model = env[name].with_context(active_test=False, allowed_company_ids=companies.ids)
    if Model._abstract or Model._transient:
        continue
    numbers = [
        field.name
        for field in Model._fields.values()
        if field.store and field.column_type and field.type in ("integer", "float", "monetary") and field.name != "id"
    ]
    [totals] = Model._read_group([], [], ["__count", *(number + ":sum" for number in numbers)])
    figures[name] = {"records": totals[0], **{n: round(t or 0, 6) for n, t in zip(numbers, totals[1:])}}
by_account = env["account.move.line"]._read_group([], ["account_id", "parent_state"], ["balance:sum"])
figures["accounts"] = {f"{account.id} {state}": round(sum, 2) for account, state, sum in by_account}
print(json.dumps(figures))
"""

# What a person does on any Odoo. What can't be opened, posted or run raises, and says what it was.
WORKS = """
from odoo import Command
def attempt(what, work):
    try:
        with env.cr.savepoint():
            return work()
    except Exception as error:
        raise AssertionError(f"{what}: {error!r}") from error
done = 0
lost = env.registry.check_tables_exist(cr)
views = env["ir.ui.view"].search([("type", "!=", "qweb"), ("model", "!=", False), ("mode", "=", "primary")])
for view in views:
    attempt(f"view {view.name}", lambda: env[view.model].get_view(view.id, view.type))
actions = env["ir.actions.act_window"].search([])
for action in actions:
    for mode in action.view_mode.split(","):
        attempt(f"action {action.name} {mode}", lambda: env[action.res_model].get_view(False, mode))
for menu in env["ir.ui.menu"].with_context(**{"ir.ui.menu.full_list": True}).search([]):
    if menu._fields["action"].convert_to_read(menu.action, menu):
        assert menu.action.exists(), f"menu {menu.complete_name} opens nothing"
for server_action in env["ir.actions.server"].search([]):
    assert server_action.model_name in env, f"action {server_action.name} on {server_action.model_name}"
attempt("settings", lambda: env["res.config.settings"].create({}).execute())
attempt("menus", lambda: env["ir.ui.menu"].load_web_menus(False))
partner = attempt("partner", lambda: env["res.partner"].create({
    "name": "Someone new", "email": "new@example.com", "street": "1 rue", "zip": "56400", "city": "Auray",
    "country_id": env.ref("base.fr").id,
}))
product = env["product.product"].create({"name": "Something", "type": "service", "list_price": 100})
def bill():
    invoice = env["account.move"].create({
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_line_ids": [Command.create({"product_id": product.id, "quantity": 2})],
    })
    invoice.action_post()
    env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
        {}
    ).action_create_payments()
    invoice.flush_recordset()
    return invoice
invoice = attempt("invoice", bill)
assert invoice.state == "posted" and invoice.amount_untaxed == 200, (invoice.state, invoice.amount_untaxed)
assert invoice.payment_state in ("paid", "in_payment"), invoice.payment_state
def page():
    return env["ir.actions.report"]._render_qweb_html("account.report_invoice", invoice.ids)[0].decode()
assert invoice.name in attempt("printed invoice", page)
attempt("message", lambda: partner.message_post(body="Hello"))
cr.commit()
# Odoo's own question to its publisher leaves the machine.
crons = env["ir.cron"].search([("model_id.model", "!=", "publisher_warranty.contract")])
for cron in crons:
    name = cron.cron_name
    try:
        cron.method_direct_trigger()
    except Exception as error:
        raise AssertionError(f"scheduled action {name}: {error!r}") from error
print(f"{len(views)} views, {len(actions)} actions, {len(crons)} scheduled actions work")
"""


def figures(name):
    return json.loads(run_python(FIGURES, name, timeout=600))


def assert_odoo_works(name):
    """The database starts without a warning, and people work on it."""
    assert odoo("server", "-d", name, "--no-http", "--stop-after-init", "--log-level=warn") == []
    return run_python(WORKS, name, timeout=900)
