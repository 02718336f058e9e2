"""Every model of ours, every group, every operation, on one's own record, another's and another company's.

`access_matrix.csv` says what is allowed, and was reviewed line by line. A right that changes, a new model and a new
group make this test fail until the file says so. To write it anew from what is measured, then to review its diff:

    FABLOCH_ACCESS_WRITE=1 bin/test tests/faults/test_access_matrix.py -q; git diff tests/faults/access_matrix.csv

Letters: r(ead), w(rite), c(reate), u(nlink, that is delete); `-` is nothing at all. What surprises in the file, and is
meant so:

- Every role reads what the board reads, for each group implies it: the reception sees gifts and the budget, too.
- `c` on another's record is to make one for somebody else: so it stands alone where one sees only what one made.
- A wizard is whose it is who opened it, and nobody else's. One that holds no company has nothing to hide from its own
  maker in another company; what it does there is refused by the records that it works on.
- What has no company is common to all: legal parameters, member categories, kinds of volunteering, bodies of networks,
  and the articles that types of conventions share.
- Every member of staff enters volunteer hours, their own or somebody's, and corrects those that they entered.
- The counter of tax receipts is nobody's: the engine moves it.
"""

import difflib
import os
from pathlib import Path

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .access import OPERATIONS, OWNERS, Access
from .common import tell

MATRIX = Path(__file__).with_name("access_matrix.csv")
HEADER = ("model", "group", *OWNERS)
# A many2one tells the name of what it points at even to who may not read that. Where this is meant: group, field, why.
NAMES_TOLD = {
    # What an allowance of one's own paid for, and where it was bought.
    ("base.group_portal", "fabloch.allowance.charge_id"),
    ("base.group_portal", "fabloch.allowance.use.charge_id"),
    ("base.group_portal", "fabloch.allowance.use.billed_charge_id"),
    # What kind of convention one's own is.
    ("base.group_portal", "fabloch.convention.type_id"),
    # With which others one's own receipt was made: a period and a kind, nobody's name.
    ("base.group_portal", "fabloch.tax.receipt.batch_id"),
    # In which posting one's own hours are: a period.
    ("base.group_user", "fabloch.volunteer.hours.posting_id"),
}


def reviewed():
    """The matrix of the file: {(model, group): the letters of one's own, another's and another company's record}."""
    lines = [line.split(",") for line in MATRIX.read_text().splitlines()[1:]]
    return {(model, group): cells for model, group, *cells in lines}


@tagged("post_install", "-at_install")
class TestAccessMatrix(Access, TransactionCase):
    def test_each_group_can_do_exactly_its_row(self):
        measured = {}
        for group in self.groups:
            self._become(group)
            measured |= {(model, group): self._letters(model) for model in self.models}
        rows = [(model, group) for model in self.models for group in self.groups]
        lines = [",".join(line) for line in (HEADER, *((*row, *measured[row]) for row in rows))]
        if os.environ.get("FABLOCH_ACCESS_WRITE"):
            MATRIX.write_text("\n".join(lines) + "\n")
        expected, tried = reviewed(), len(rows) * len(OWNERS) * len(OPERATIONS)
        tell(
            "Rights: a group's operation on a record",
            tried,
            tried - sum(self._differ(measured[row], expected.get(row, ["-"] * len(OWNERS))) for row in rows),
        )
        difference = "\n".join(difflib.unified_diff(MATRIX.read_text().splitlines(), lines, n=0, lineterm=""))
        self.assertFalse(difference, f"rights are not those of {MATRIX.name} (-: reviewed, +: measured):\n{difference}")

    def test_no_link_tells_a_name_that_its_reader_may_not_read(self):
        told = set()
        for group in self.groups:
            self._become(group)
            for name in self.models:
                model = self.env[name].with_user(self.reader)
                if model.has_access("read"):
                    told |= {(group, f"{name}.{field.name}") for field in self._links(model)}
        self.assertEqual(told, NAMES_TOLD)

    def test_no_form_asks_for_what_its_reader_may_not_read(self):
        """One that does can't be opened. Whoever has a role reads what the board does; the portal has no forms."""
        asked = set()
        for group in ("base.group_user", "fabloch_finance.group_finance_board"):
            self._become(group)
            for name in self.models:
                model = self.env[name].with_user(self.reader)
                if model.has_access("read"):
                    asked |= {(group, f"{name}.{field.name}") for field in self._lists(model)}
        self.assertFalse(asked)

    def _lists(self, model):
        """The x2many fields on the forms of `model`, as the reader gets them, to what the reader may not read."""
        forms = self.env["ir.ui.view"].search(
            [("model", "=", model._name), ("type", "=", "form"), ("mode", "=", "primary")]
        )
        shown = [
            model._fields[node.get("name")]
            for form in forms
            for node in etree.fromstring(model.get_view(form.id, "form")["arch"]).xpath("//field[not(ancestor::field)]")
        ]
        return [
            field
            for field in shown
            if field.type in ("one2many", "many2many") and not model.env[field.comodel_name].has_access("read")
        ]

    def _links(self, model):
        """The many2one fields that the reader has on `model`, to models of ours that the reader has not."""
        return [
            field
            for field in model._fields.values()
            if field.type == "many2one"
            and field.comodel_name in self.models
            and model._has_field_access(field, "read")
            and not model.env[field.comodel_name].has_access("read")
        ]

    def _differ(self, some, others):
        """How many operations are allowed in one of two rows and not in the other."""
        return sum(len((set(cell) ^ set(other)) - {"-"}) for cell, other in zip(some, others, strict=True))

    def _letters(self, model):
        """What the reader may do to each of the records of `model`."""
        cells = []
        for owner in OWNERS:
            targets = {letter: self._target(model, owner, letter) for letter in OPERATIONS}
            letters = "".join(letter for letter, name in OPERATIONS.items() if targets[letter].has_access(name))
            self.assertEqual("r" in letters, self._found(targets["r"]), f"search and read on {model}, {owner}")
            cells.append(letters or "-")
        return cells

    def _found(self, record):
        """Whether a search by the reader finds the record, which goes another way than the check of a record."""
        try:
            return bool(record.with_context(active_test=False).search([("id", "=", record.id)]))
        except AccessError:
            return False
