"""Every method of ours that RPC reaches, called with hostile values as the server calls it.

The rule. A visitor (portal, or a colleague with none of our groups) is refused in words, learns nothing of others and
writes nothing, whatever they send. A member of the staff is refused in words too, and never reaches another company's
records. In words: Odoo's own errors (`UserError` and its kin), what the database's constraints say (the server makes a
message of it), Odoo's "Expected singleton", and Python's TypeError about an argument. An AttributeError, a KeyError,
an error of PostgreSQL or of arithmetic is a defect.

Where the very shape of a call is wrong, ids that are no integers or values that are no dict, Odoo itself answers so
for each of its models, before and around our code: there we only demand that nothing is written.
"""

import inspect
import json
import math
import traceback
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg2 import Error as PostgresError
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import hostile
from .common import of, tell
from .world import WorldCase

VISITORS, STAFF = ("plain", "portal"), ("reception", "managers")
SECRET = "Gwenola"
# What Odoo defines for every model, and our addons override.
ORM = ("create", "write", "unlink", "copy", "copy_data", "default_get")
LOUD = ("odoo.sql_db", "odoo.models.unlink", "odoo.addons.base.models.ir_rule", "odoo.tests")


class TakenBack(Exception):
    """So that a call that was let through leaves nothing to the next one."""


def deterministic(examples):
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # The call is in the message; to shrink it costs minutes.
        phases=[Phase.generate],
    )


@tagged("post_install", "-at_install")
class TestHostileRpc(WorldCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.people | cls.houses).write({"name": SECRET})
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreign = cls._move_some_elsewhere()
        cls.methods = cls._our_methods()
        cls.outcomes = Counter()

    def setUp(self):
        super().setUp()
        self.outcomes.clear()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **options: 600)

    @classmethod
    def _our_methods(cls):
        """{model: {name: method}}: what RPC may call of what our addons define or override."""
        found = {}
        for model in sorted(cls.env.registry):
            names = {
                name
                for each in type(cls.env[model]).mro()
                if each.__module__.startswith("odoo.addons.fabloch_") and each._name != "base"
                for name, value in vars(each).items()
                if callable(value) and not name.startswith("_")
            }
            for name in sorted(names):
                try:
                    found.setdefault(model, {})[name] = get_public_method(cls.env[model], name)
                except AccessError:  # @api.private
                    continue
        return found

    @classmethod
    def _move_some_elsewhere(cls):
        """Give the last record of each model to another company, and return {model: their ids}.

        By SQL: it is about what is not ours, however it came there.
        """
        cls.env.flush_all()
        found = {}
        for name in sorted(cls.env.registry):
            model = cls.env[name]
            company = model._fields.get("company_id")
            if not name.startswith("fabloch.") or not model._auto or not (company and company.store):
                continue
            try:
                with cls.env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
                    cls.env.cr.execute(
                        f"UPDATE {model._table} SET company_id = %s WHERE id = (SELECT max(id) FROM {model._table}"
                        f" HAVING count(*) > 1) RETURNING id",
                        [cls.elsewhere.id],
                    )
                    found[name] = [row[0] for row in cls.env.cr.fetchall()]
            except Exception:  # sealed, as receipts are
                continue
        cls.env.invalidate_all()
        return {name: ids for name, ids in found.items() if ids}

    def _foreign_rows(self):
        rows = {}
        for name, ids in self.foreign.items():
            self.env.cr.execute(
                f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {self.env[name]._table} t WHERE id = ANY(%s)",
                [ids],
            )
            rows[name] = self.env.cr.fetchone()
        return rows

    def _call(self, who, model, name, args):
        """Call as the server does; returns (outcome, result or error, tables written) and takes everything back."""
        env = self.env(user=self.users[who], context={})
        result, outcome, written = None, "raw", {}
        try:
            with self.env.cr.savepoint(flush=False), mute_logger(*LOUD):
                before = hostile.written(self.env.cr)
                result = call_kw(env[model], name, args, {})
                env.flush_all()
                after = hostile.written(self.env.cr)
                written = {table: count - before.get(table, 0) for table, count in after.items()}
                written = {table: count for table, count in written.items() if count}
                outcome = "done"
                # A record that all companies share is everybody's to delete: Odoo's own models have such.
                ours = model.startswith("fabloch.") or name not in ORM
                if written and ours and self._foreign_rows() != self.before_elsewhere:
                    outcome = "reached another company"
                raise TakenBack
        except TakenBack:
            return outcome, result, written
        except (UserError, IntegrityError) as error:
            return "refused", error, {}
        except Exception as error:
            return ("refused" if self._in_words(error, name) else "raw"), error, {}
        finally:
            self.env.transaction.clear()

    @staticmethod
    def _in_words(error, name):
        """Whether an error that isn't Odoo's own kind is one all the same: see the rule at the top."""
        if isinstance(error, TypeError) or (isinstance(error, ValueError) and "Expected singleton" in str(error)):
            return True
        if name not in ORM:
            return False
        # Odoo's own method, reached through nothing but our overrides of such ones: of the lines of a record, too.
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/tests/" not in frame.filename]
        ours = [index for index, frame in enumerate(frames) if "/fabloch_" in frame.filename]
        through = {frames[index].name for index in ours} <= set(ORM)
        return through and (not ours or {frame.name for frame in frames[ours[-1] + 1 :][:1]} <= set(ORM))

    def _arguments(self, model, method, data, well_formed=True):
        """What stands for each argument of a method, ids first; those with a default are left out at times."""
        dicts = hostile.dicts([name for name, field in self.env[model]._fields.items() if field.store])
        kinds = {
            "vals": dicts,
            "vals_list": dicts | st.lists(dicts, max_size=2),
            "default": st.none() | dicts,
            "fields": st.lists(st.sampled_from([*self.env[model]._fields, *hostile.NAMES]), max_size=3),
        }
        arguments = []
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            if parameter.kind != parameter.POSITIONAL_OR_KEYWORD:
                break
            if parameter.default is not parameter.empty and data.draw(st.booleans()):
                break
            kind = kinds.get(parameter.name.replace("fields_list", "fields"), hostile.values)
            if not well_formed and parameter.name in kinds:
                kind = hostile.no_dict
            arguments.append(data.draw(kind))
        if getattr(method, "_api_model", False):
            return arguments
        ids = hostile.ids(self._known(model), self.foreign.get(model)) if well_formed else hostile.no_ids
        return [data.draw(ids), *arguments]

    def _known(self, model):
        records = self.env[model]
        if records._abstract:
            return []
        return self.known.setdefault(model, records.with_context(active_test=False).search([], limit=6).ids)

    def _fuzz(self, groups, examples, well_formed=True):
        """Call every method of every model, one user of each group for each example."""
        self.known, self.before_elsewhere = {}, self._foreign_rows()
        for model, methods in self.methods.items():
            with self.subTest(model):
                self._fuzz_model(model, methods, groups, examples, well_formed)
        return tell(
            self.NAMES[self._testMethodName],
            tried=sum(self.outcomes.values()),
            survived=self.outcomes["done"] + self.outcomes["refused"],
            methods=sum(map(len, self.methods.values())),
            refused=self.outcomes["refused"],
        )

    def _fuzz_model(self, model, methods, groups, examples, well_formed):
        @deterministic(examples)
        @given(st.data())
        def attempt(data):
            for name, method in methods.items():
                for group in groups:
                    who = data.draw(st.sampled_from(group))
                    arguments = self._arguments(model, method, data, well_formed)
                    outcome, what, written = self._call(who, model, name, arguments)
                    call = f"{who}: {model}.{name}{str(arguments)[:300]}"
                    if not well_formed and outcome == "raw":
                        outcome = "refused"
                    self.outcomes[outcome] += 1
                    if outcome == "raw":
                        raise AssertionError(call) from what
                    self.assertIn(outcome, ("done", "refused"), call)
                    if who in VISITORS:
                        self.assertFalse(written, call)
                        self.assertNotIn(SECRET, json.dumps(what, default=str), call)

        attempt()

    def _fields(self, model):
        """The fields that a caller may name in values, those that screens show as read-only too."""
        return [
            name
            for name, field in self.env[model]._fields.items()
            if field.store and name not in ("id", "create_uid", "create_date", "write_uid", "write_date")
        ]

    def _fuzz_fields(self, examples):
        """For each model of ours, hostile values in one field at a time of records that are right otherwise."""
        self.known, self.before_elsewhere = {}, self._foreign_rows()
        for model in sorted(self.env.registry):
            if not model.startswith("fabloch.") or self.env[model]._abstract or not self.env[model]._auto:
                continue
            with self.subTest(model):
                self._fuzz_fields_of(model, examples)
        return tell(
            "Hostile values in the fields of our models",
            tried=sum(self.outcomes.values()),
            survived=self.outcomes["done"] + self.outcomes["refused"],
            refused=self.outcomes["refused"],
        )

    def _fuzz_fields_of(self, model, examples):
        known = self._known(model)
        right = self.env[model].browse(known[:1]).copy_data()[0] if known else {}
        fields = self._fields(model)

        @deterministic(examples)
        @given(st.data())
        def attempt(data):
            name, value = data.draw(st.sampled_from(fields)), data.draw(hostile.values)
            calls = [("create", [{**right, name: value}])]
            if known:
                calls.append(("write", [[data.draw(st.sampled_from(known))], {name: value}]))
            for method, arguments in calls:
                who = data.draw(st.sampled_from(STAFF))
                outcome, what, _written = self._call(who, model, method, arguments)
                call = f"{who}: {model}.{method} {name} = {str(value)[:200]}"
                if outcome == "refused" and isinstance(what, PostgresError) and not isinstance(what, IntegrityError):
                    outcome = "raw"
                self.outcomes[outcome] += 1
                if outcome == "raw":
                    raise AssertionError(call) from what
                self.assertIn(outcome, ("done", "refused"), call)
                spoilt = isinstance(value, float) and not math.isfinite(value)
                if spoilt and self.env[model]._fields[name].type in ("float", "monetary"):
                    self.assertEqual(outcome, "refused", call)

        attempt()

    NAMES = {
        "test_no_visitor_gets_anything_or_a_traceback": "Hostile RPC by visitors",
        "test_the_staff_is_refused_in_words": "Hostile RPC by the staff",
        "test_a_call_of_the_wrong_shape_writes_nothing": "RPC of the wrong shape",
    }

    def test_no_visitor_gets_anything_or_a_traceback(self):
        self.assertFalse(self._fuzz([VISITORS], of(3, 40)))

    def test_the_staff_is_refused_in_words(self):
        self.assertFalse(self._fuzz([STAFF], of(4, 100)))

    def test_a_hostile_value_in_any_field_is_refused_in_words(self):
        self.assertFalse(self._fuzz_fields(of(6, 200)))

    def test_a_call_of_the_wrong_shape_writes_nothing(self):
        self.assertFalse(self._fuzz([VISITORS], of(2, 20), well_formed=False))
