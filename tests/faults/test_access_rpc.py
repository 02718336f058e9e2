"""What the matrix of rights says holds for calls from outside: each is made as a browser makes it."""

from datetime import date

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from .access import OPERATIONS, OWNERS, SECRET, Access
from .common import of, tell
from .test_access_matrix import reviewed

FORBIDDEN = "odoo.exceptions.AccessError"
# What a rule of the business answers to who had the right to ask.
BUSINESS = {"odoo.exceptions.UserError", "odoo.exceptions.ValidationError"}
# What is written where buttons alone change the required fields.
WRITABLE = {"fabloch.booking": {"note": "Bring gloves"}, "fabloch.member.card": {"active": False}}
LOGGERS = ("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


@tagged("post_install", "-at_install")
class TestAccessByCalls(Access, HttpCase):
    def test_each_call_is_answered_as_the_matrix_says(self):
        matrix, tried, lost = reviewed(), 0, []
        self.authenticate(self.reader.login, self.reader.login)
        # 25 is prime to the 12 calls of a model: in bin/test each group makes each kind of call on some models.
        step = of(25, 1)
        for number, group in enumerate(self.groups):
            self._become(group)
            cells = [(model, owner, letter) for model in self.models for owner in OWNERS for letter in OPERATIONS]
            for model, owner, letter in cells[number % step :: step]:
                letters = matrix[model, group][OWNERS.index(owner)]
                tried += 1
                if reason := self._disagrees(self._target(model, owner, letter).sudo(), letter, letters):
                    lost.append(f"{group} on {model}, {owner}, {OPERATIONS[letter]}: {reason}")
        tell("Rights: calls from outside", tried, tried - len(lost))
        self.assertFalse(lost, "\n".join(["calls that are not answered as the matrix says:", *lost]))

    def _disagrees(self, record, letter, letters):
        """Makes the call, takes back what it did, and returns in what the answer isn't that of the matrix, or None."""
        before = self._table(record)
        with self.env.cr.savepoint() as savepoint:
            answers = [self._call(record._name, *call) for call in getattr(self, f"_{OPERATIONS[letter]}")(record)]
            changed = self._table(record) != before and not self._made_elsewhere(record, letter, answers[0])
            savepoint.rollback()
            self.env.invalidate_all()
        errors = {answer["error"]["data"]["name"] for answer in answers if "error" in answer}
        if letter in letters:
            wrong = errors - BUSINESS if letter != "r" else errors or answers[1]["result"] == []
        elif changed:
            wrong = "done all the same"
        else:
            # A rule of the business may refuse before the right is asked for, if that tells nothing of the record; what
            # is said of one that was to be made is what the caller gave.
            may_tell = letter == "c" or "r" in letters or not self._tells(answers)
            wrong = errors - ({FORBIDDEN} | BUSINESS if may_tell else {FORBIDDEN})
            wrong = wrong or letter != "c" and not errors and any(answer.get("result") for answer in answers)
        return wrong and f"{wrong}: {str(answers)[:300]}"

    def _made_elsewhere(self, record, letter, answer):
        """Whether a record was made in a company that isn't the one asked for, as it follows from something else."""
        if letter != "c" or "error" in answer or "company_id" not in record._fields:
            return False
        return record.browse(answer["result"]).company_id != record.company_id

    def _tells(self, answers):
        """Whether a refusal that isn't the access rights' says something that stands on the record."""
        errors = [answer["error"]["data"] for answer in answers if "error" in answer]
        return any(SECRET in error["message"] for error in errors if error["name"] != FORBIDDEN)

    def _table(self, record):
        """The record as it stands in its table, and how many there are."""
        table = SQL.identifier(f"{record._table}_rows" if record._table_query else record._table)
        query = SQL("SELECT to_jsonb(t), (SELECT count(*) FROM %s) FROM %s t WHERE id = %s", table, table, record.id)
        return self.env.execute_query(query)

    # -- The calls: (method, arguments) -------------------------------------------------------------------------------

    def _read(self, record):
        reader = record.with_user(self.reader)
        names = [name for name, field in self._columns(record) if reader._has_field_access(field, "read")]
        # Without the names of what it points at, which are no part of the record.
        return [("read", [record.ids, names, None]), ("search_read", [[["id", "=", record.id]], ["id"]])]

    def _write(self, record):
        values = self._given(record)
        values = {name: self._other(record._fields[name], value) for name, value in values.items()}
        return [("write", [record.ids, WRITABLE.get(record._name, values)])]

    def _create(self, record):
        return [("create", [self._given(record)])]

    def _unlink(self, record):
        return [("unlink", [record.ids])]

    def _columns(self, record):
        return [(name, field) for name, field in record._fields.items() if field.store and field.column_type]

    def _given(self, record):
        """What a person gives to make such a record: its company and its required fields, but for the engine's."""
        engine = record._engine_fields() if hasattr(record, "_engine_fields") else set()
        names = [
            name
            for name, field in self._columns(record)
            if (field.required and not field.readonly or name == "company_id")
            and not field.related
            and name not in engine
        ]
        values = record.read([*names, "id"], load=None)[0]
        return {name: self._plain(values[name]) for name in names}

    def _plain(self, value):
        if isinstance(value, bytes):
            return value.decode()
        return fields.Datetime.to_string(value) if isinstance(value, date) else value

    def _other(self, field, value):
        """Another value for this field; that of a link stays."""
        if field.type in ("char", "text", "html"):
            return f"{value} x"
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        return value + 1 if field.type in ("integer", "float", "monetary") else value

    def _call(self, model, method, arguments):
        params = {"model": model, "method": method, "args": arguments, "kwargs": {}}
        with mute_logger(*LOGGERS):
            return self.url_open(f"/web/dataset/call_kw/{model}/{method}", json={"params": params}, timeout=60).json()
