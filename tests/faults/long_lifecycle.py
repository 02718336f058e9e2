"""Our addons come and go on a database with data: installed one by one, updated twice, uninstalled one by one and all
at once. Nothing of them stays behind, nothing else is lost, and Odoo works after each."""

import contextlib
import re
import unittest

import databases

from odoo.tests import tagged

from tests.common import run_python

from .common import tell
from .lifecycle import LOAD, assert_odoo_works, figures, objects, odoo, rows

# From the lowest to the highest; fabloch_finance_mis installs itself with fabloch_finance.
HOUSE = ["fabloch_finance", "fabloch_membership", "fabloch_machines", "fabloch_partnership"]

# What people entered or what their work made: it stays when an addon goes, the books above all. In every other table
# each row must be as it was before the addon came.
WORK = re.compile(
    r"(account_|bus_|discuss_|fabloch_|mail_(activity |alias|followers|mail|message|notification|tracking)|product_"
    r"|res_(bank|company|currency|partner|users)|digest_digest_res_users|resource_|ir_(attachment|default) "
    r"|orm_signaling|mis_report_instance_res|payment_|l10n_)"
)
PLAN = re.compile(r"x_plan\d+_id")
# `ir.rule` declares this key to refuse, `res.groups` to follow: the one that Odoo checked last has it its way.
DECLARED_TWICE = "rule_group_rel_group_id_fkey"
# Of these a part is work, as the condition says.
PARTLY = {
    # names of accounts, taxes and journals of the chart that was loaded; of records that the books refer to: Odoo keeps
    # the record, and its name with it
    "ir_model_data": lambda row: bool(WORK.match(row["model"].replace(".", "_") + " ")),
    # rights that a new user has on Odoo's own
    "res_groups_users_rel": lambda row: True,
    # a scheduled action of Odoo's that asks to be called soon
    "ir_cron_trigger": lambda row: True,
    # Odoo's column for an analytic plan, which stays with the plan while entries are on it
    "ir_model_fields": lambda row: bool(PLAN.match(row["name"])),
    # the payments of another year are numbered anew
    "ir_sequence_date_range": lambda row: True,
}
# An update makes these anew: the views that an action lists, the call of a scheduled action, the manifests, a signal.
ANEW = ("ir_act_window_view ", "ir_cron_trigger ", "ir_module_module ", "orm_signaling_")
# Odoo writes these by itself: when and by whom, a text that it takes from the code, a view as it was before an update.
BY_ITSELF = {"create_date", "write_date", "write_uid", "info", "arch_prev"}
# Odoo tries to delete the records that the addon's files made, halving those which refuse: what the books refer to.
REFUSED = re.compile(r"bad query: b['\"]DELETE FROM")
# Our addons and models, not the databases of the tests.
MENTION = re.compile(r"fabloch[._](?!base_|test_)\w+")


def is_work(key, row):
    table = key.split()[0]
    return table == "ir_module_module" or bool(WORK.match(key)) or (table in PARTLY and PARTLY[table](row))


def changes(old, new):
    """The columns that differ between two states of one row."""
    return {
        column: (old.get(column), new.get(column))
        for column in old.keys() | new.keys()
        if old.get(column) != new.get(column) and column not in BY_ITSELF
    }


def differences(before, after, expected=lambda key, row: False):
    """What differs between two stands, one line each, but for the rows that are `expected` to."""
    (objects_before, rows_before), (objects_after, rows_after) = before, after
    lines = [f"left: {line}" for line in objects_after - objects_before]
    lines += [f"lost: {line}" for line in objects_before - objects_after]
    for key in rows_before.keys() | rows_after.keys():
        old, new = rows_before.get(key), rows_after.get(key)
        if expected(key, new or old):
            continue
        if not old or not new:
            lines.append(f"row {'left' if new else 'lost'}: {key} {new or old}")
        elif changed := changes(old, new):
            lines.append(f"row changed: {key} {changed}")
    return sorted(line[:400] for line in lines)


def leftovers(before, after):
    """What an addon that came and went has changed, one line each."""
    names = {
        (row["module"], row["name"]): row["res_id"] for key, row in after[1].items() if key.startswith("ir_model_data ")
    }
    # Pricelists are switched on for everybody and stay so, as Odoo's own settings do: without them prices would change.
    pricelists = {"gid": names["base", "group_user"], "hid": names["product", "group_product_pricelist"]}
    lines = differences(before, after, lambda key, row: is_work(key, row) or row == pricelists)
    lines = [line for line in lines if line.startswith("row") or not (PLAN.search(line) or DECLARED_TWICE in line)]
    rows_before, rows_after = before[1], after[1]
    # Work doesn't speak of the addon either: in no link, attachment, message or filter.
    known = {mention for key, row in rows_before.items() for mention in mentions(key, row)}
    for key, row in rows_after.items():
        if spoken := mentions(key, row) - known:
            lines.append(f"row speaks of {spoken}: {key} {row}")
    return sorted(line[:400] for line in lines)


def mentions(key, row):
    """What the row says of our addons, unless it is the list of addons or the name of a record that is kept."""
    listed = key.startswith("ir_module_") or (key.startswith("ir_model_data ") and is_work(key, row))
    return set() if listed else set(MENTION.findall(str(row)))


def stand(name):
    return objects(name), rows(name)


@tagged("post_install", "-at_install")
class TestLongLifecycle(unittest.TestCase):
    """One database climbs the house; a copy of it at each floor comes down again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(cls._climbed())

    @classmethod
    @contextlib.contextmanager
    def _climbed(cls):
        """`floors`: what stood before each addon came, and a copy of the database with it and its demo data."""
        cls.floors = {}
        with contextlib.ExitStack() as stack:
            name = stack.enter_context(databases.scratch(databases.base()))
            for addon in HOUSE:
                before = stand(name)
                assert (warnings := odoo("module", "install", "-d", name, addon)) == [], warnings
                run_python(LOAD, name, timeout=1800)
                cls.floors[addon] = before, stack.enter_context(databases.scratch(name))
            yield

    def _removed(self, name, *addons, before):
        with databases.scratch(name) as copy:
            log = odoo("module", "uninstall", "-d", copy, *addons)
            self.assertEqual([line for line in log if not REFUSED.search(line)], [])
            left = leftovers(before, stand(copy))
            print("", *left, sep="\n")
            works = assert_odoo_works(copy)
        self.assertEqual(tell(f"uninstall {' '.join(addons)} ({works})", 1, 0 if left else 1), 0, "\n".join(left))

    def test_each_addon_alone(self):
        for addon in HOUSE:
            with self.subTest(addon=addon):
                before, name = self.floors[addon]
                self._removed(name, addon, before=before)

    def test_the_bridge_to_mis_builder_alone(self):
        """It came with fabloch_finance: MIS Builder is as before both, and nothing speaks of it."""
        before, name = self.floors[HOUSE[0]]
        with databases.scratch(name) as copy:
            self.assertEqual(odoo("module", "uninstall", "-d", copy, "fabloch_finance_mis"), [])
            _objects, found = stand(copy)
            left = [
                f"{key} {row}"[:400]
                for key, row in found.items()
                if key not in before[1] and (key.startswith("mis_") or "fabloch_finance_mis" in str(row))
            ]
            works = assert_odoo_works(copy)
        self.assertEqual(tell(f"uninstall fabloch_finance_mis ({works})", 1, 0 if left else 1), 0, "\n".join(left))

    def test_all_at_once(self):
        before, _name = self.floors[HOUSE[0]]
        _before, name = self.floors[HOUSE[-1]]
        self._removed(name, HOUSE[0], before=before)

    def test_two_upgrades_change_nothing(self):
        _before, name = self.floors[HOUSE[-1]]
        with databases.scratch(name) as copy:
            asked, stood = figures(copy), stand(copy)
            for _time in range(2):
                log = odoo("server", "-d", copy, "-u", ",".join(databases.addons()), "--no-http", "--stop-after-init")
                self.assertEqual(log, [])
                self.assertEqual(figures(copy), asked)
                self.assertEqual(differences(stood, stand(copy), lambda key, row: key.startswith(ANEW)), [])
            works = assert_odoo_works(copy)
        tell(f"-u of all addons ({works})", 2, 2, figures=sum(map(len, asked.values())))
