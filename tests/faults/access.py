"""What the tests of access rights share: a reader, each group of ours, each model of ours, and records of any model.

The records are written straight into their tables. What may be done to a record follows from its columns alone (whose
it is, which company's), so no rule of our models needs to be met to make one; and a report, which has no table, gets
one for the time of the test. Nothing is listed by hand: a new model, group or report is found here by itself.
"""

import json
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from unittest.mock import patch

from odoo.tests import new_test_user
from odoo.tools import SQL

OWNERS = ("own", "other", "other_company")
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
BASE_GROUPS = ("base.group_public", "base.group_portal", "base.group_user")
# Stands in every text of every record, and in people's names.
SECRET = "secret"
NOW = datetime(2026, 3, 10, 9, 0)
# Names of fields that end what another field begins.
ENDS = ("stop", "date_to", "date_end", "until")
# What the database, or a rule of access, asks of a record beside its required fields.
HINTS = {
    # The portal shows a convention from its signature on; that a signed one is kept is told with its name.
    "fabloch.convention": {"state": "in_signature", "signed_sha256": "x"},
    "fabloch.tax.receipt": {"year": NOW.year, "amount": 2.0},
}
# Required numbers and days that must differ from record to record.
NUMBERED = {
    "fabloch.tax.receipt": ["sequence_number"],
    "fabloch.tax.receipt.counter": ["year"],
    "fabloch.volunteer.rate": ["date_from"],
}


def our_models(env):
    """The names of every model of ours that a call from outside can name: tables, reports and wizards."""
    return sorted(name for name, model in env.registry.items() if name.startswith("fabloch.") and not model._abstract)


def our_groups(env):
    """{external id: group} of Odoo's three kinds of user, then of every group that an addon of ours defines."""
    data = env["ir.model.data"].search([("model", "=", "res.groups"), ("module", "=like", "fabloch\\_%")], order="id")
    names = [*BASE_GROUPS, *(f"{line.module}.{line.name}" for line in data)]
    return {name: env.ref(name) for name in names}


class Access:
    """A user whose groups are changed at will, and for each model three records: theirs, somebody else's of the same
    company, and theirs in a company that they don't belong to (where nothing but the company keeps them away). What is
    made for somebody else bears the maker's name, so creating is tried on a fourth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        abroad = cls.env["res.company"].create({"name": "Elsewhere", "currency_id": company.currency_id.id})
        cls.reader, stranger, another = (
            new_test_user(cls.env, f"{SECRET}-{name}", "base.group_user", context={"no_reset_password": True})
            for name in ("reader", "stranger", "another")
        )
        cls.product = cls.env["product.product"].create({"name": "Anything"})
        cls._numbers, cls._made = count(1), {}
        # Whose it is, who made it, and where.
        cls._whose = {
            "own": (cls.reader, cls.reader, company),
            "other": (stranger, stranger, company),
            "other_company": (cls.reader, cls.reader, abroad),
            "made_for_other": (another, cls.reader, company),
        }
        cls.models, cls.groups = our_models(cls.env), our_groups(cls.env)
        tables = cls.enterClassContext(ExitStack())
        for name in cls.models:
            if cls.env.registry[name]._table_query:
                tables.enter_context(cls._table_for(cls.env[name]))
        cls.env.flush_all()
        cls.records = {(name, owner): cls._record(name, owner) for name in cls.models for owner in cls._whose}
        cls.env.invalidate_all()

    @classmethod
    def _table_for(cls, report):
        """Gives a report a table of its own with the columns of its query, and no row yet."""
        table = SQL.identifier(f"{report._table}_rows")
        cls.env.cr.execute(SQL("CREATE TABLE %s AS SELECT * FROM (%s) q WITH NO DATA", table, report._table_query))
        return patch.object(cls.env.registry[report._name], "_table_query", SQL("SELECT * FROM %s", table))

    @classmethod
    def _record(cls, model, owner):
        """The record of `model` that is `owner`'s, made if it isn't there yet."""
        key = model, owner
        if key not in cls._made:
            cls._made[key] = cls._insert(cls.env[model], owner)
        return cls._made[key]

    @classmethod
    def _insert(cls, model, owner):
        table = f"{model._table}_rows" if model._table_query else model._table
        number = next(cls._numbers)
        values = {"id": 1_000_000 + number}
        for name, field in model._fields.items():
            if field.store and field.column_type and name != "id":
                value = cls._value(field, owner, number)
                if value is not None:
                    values[name] = json.dumps({"en_US": value}) if field.translate else value
        names = SQL(", ").join(map(SQL.identifier, values))
        cls.env.cr.execute(SQL("INSERT INTO %s (%s) VALUES %s", SQL.identifier(table), names, tuple(values.values())))
        return model.browse(values["id"])

    @classmethod
    def _value(cls, field, owner, number):
        """What stands in the column of `field`, or None for nothing."""
        user, maker, company = cls._whose[owner]
        if field.name in NUMBERED.get(field.model_name, ()):
            return NOW + timedelta(days=number) if field.type == "date" else number
        if field.name in HINTS.get(field.model_name, {}):
            return HINTS[field.model_name][field.name]
        if field.name == "create_uid":
            return maker.id
        if field.type == "many2one":
            people = {"res.users": user, "res.partner": user.partner_id, "res.company": company}
            if field.comodel_name in people:
                return people[field.comodel_name].id
        if field.name == "active":
            return True
        if not field.required:
            return None
        if field.type == "many2one":
            known = {
                "res.currency": company.currency_id,
                "product.product": cls.product,
                "uom.uom": cls.product.uom_id,
            }
            return (known.get(field.comodel_name) or cls._record(field.comodel_name, owner)).id
        if field.type in ("date", "datetime"):
            return NOW + timedelta(days=field.name in ENDS)
        if field.type == "selection":
            return field.get_values(cls.env)[0]
        simple = {"boolean": True, "integer": 1, "float": 1.0, "monetary": 1.0, "json": "[]", "binary": b"x"}
        return simple.get(field.type, str(number) if getattr(field, "size", None) else f"{SECRET} {number}")

    def _target(self, model, owner, letter):
        """The record of `owner`'s on which this operation of the reader is tried."""
        if letter == "c" and owner == "other":
            owner = "made_for_other"
        return self.records[model, owner].with_user(self.reader)

    def _become(self, group):
        """Makes the reader a user of this group and no other."""
        self.reader.group_ids = [(6, 0, self.groups[group].ids)]
        self.env.flush_all()
