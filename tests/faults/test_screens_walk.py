"""Every screen of ours with five records and with fifty: as many queries.

The views are found in the database: those of our models, those that our addons define for others, and those of others
that our addons add fields to. Each is read as the web client reads it: the fields that it names, with the lists within
it. A form is read for all records at once, as an export or a script does.
"""

from lxml import etree

from odoo.tests import tagged

from .common import tell
from .world import WorldCase

FEW, MANY = 5, 50
# Five records don't have every kind of thing hanging on them that fifty have: each kind is read once more.
KINDS_MORE = 3
KINDS = ("list", "kanban", "form", "pivot", "graph", "calendar", "timeline")
# Attributes of a calendar or a timeline that name fields.
ATTRIBUTES = ("date_start", "date_stop", "date_delay", "color", "default_group_by", "all_day")
# Of these there can't be fifty: how many there are, at which they are read, and why.
FEWER = {
    "fabloch.revenue.control": (10, "a row for each fiscal year with revenue"),
    "fabloch.self.financing.report": (10, "a row for each fiscal year with revenue"),
    "fabloch.tax.receipt.statement": (5, "a row for each year since today's forms of receipts are in force"),
    "fabloch.threshold.report": (4, "a row for each threshold of the year"),
    "res.company": (1, "the association itself"),
}
# What a form works out for the one document that is open, and no list may show: what it would cost if it were
# confirmed now, as if no other were.
OF_ONE = {"fabloch.booking": {"authorisation_status", "prepaid_left", "price_preview", "price_total"}}


@tagged("post_install", "-at_install")
class TestScreensWalk(WorldCase):
    SIZE = MANY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=cls.users["managers"])

    def _views(self):
        """All views of ours but the windows that are gone when they are closed."""
        View = self.env["ir.ui.view"].sudo()
        found = View
        for view in View.search([("type", "in", KINDS)]):
            if self._is_ours(view):
                while view.mode != "primary" and view.inherit_id:
                    view = view.inherit_id
                found |= view
        return found.filtered(lambda view: view.model in self.env and not self.env[view.model]._transient)

    @staticmethod
    def _is_ours(view):
        return (view.model or "").startswith("fabloch.") or (view.xml_id or "").startswith("fabloch_")

    def _fields_of(self, node):
        """The field tags of a view, without those of the lists within it."""
        for child in node:
            if child.tag == "field":
                yield child
            else:
                yield from self._fields_of(child)

    def _specification(self, model, node, own_only=False):
        """What the client asks for to draw a view: its fields, and those of the lists within it."""
        known = self.env[model].fields_get()
        asked = {}
        for field in self._fields_of(node):
            name = field.get("name")
            if name not in known or (own_only and not self._is_own_field(model, name)):
                continue
            asked[name] = {}
            if known[name]["type"] in ("one2many", "many2many", "many2one"):
                inner = next((each for each in field if each.tag in ("list", "kanban")), None)
                names = {"display_name": {}}
                asked[name]["fields"] = names if inner is None else self._specification(known[name]["relation"], inner)
        for name in ((node.get(attribute) or "").split(":")[0] for attribute in ATTRIBUTES):
            if name in known:
                asked.setdefault(name, {"fields": {"display_name": {}}} if known[name]["type"] == "many2one" else {})
        return asked

    def _is_own_field(self, model, name):
        return any(module.startswith("fabloch_") for module in self.env[model]._fields[name]._modules)

    def _reader(self, view):
        """A function that reads, for the records of some ids, what this view shows; None if that is nothing of ours."""
        arch = etree.fromstring(self.env[view.model].get_view(view.id, view.type)["arch"])
        if view.type in ("pivot", "graph"):
            return self._reader_of_sums(view, arch)
        Model = self.env[view.model]
        asked = self._specification(view.model, arch, own_only=not self._is_ours(view))
        if view.type == "form":
            for name in OF_ONE.get(view.model, ()):
                asked.pop(name, None)
        if not asked:
            return None
        if view.type == "kanban" and (group := arch.get("default_group_by")):
            # The columns, then the cards of all of them: how many are open at first is Odoo's affair.
            return lambda ids: (
                Model.web_read_group([("id", "in", ids)], [group], ["__count"]),
                Model.web_search_read([("id", "in", ids)], asked, limit=1000),
            )
        return lambda ids: Model.web_search_read([("id", "in", ids)], asked, limit=1000)

    def _reader_of_sums(self, view, arch):
        Model, known = self.env[view.model], self.env[view.model].fields_get()
        fields = [field for field in arch.xpath("field") if field.get("name") in known]
        groups = [
            ":".join(filter(None, (field.get("name"), field.get("interval"))))
            for field in fields
            if field.get("type") != "measure"
        ]
        measures = [field.get("name") for field in fields if field.get("type") == "measure"]
        sums = [f"{name}:{known[name]['aggregator']}" for name in measures if known[name].get("aggregator")]
        sets = [groups[:size] for size in range(len(groups) + 1)]
        return lambda ids: Model.formatted_read_grouping_sets([("id", "in", ids)], sets, ["__count", *sums])

    def _queries(self, read, ids):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        read(ids)
        return self.env.cr.sql_log_count - before

    def test_every_screen_costs_the_same_for_few_and_for_many(self):
        tried = flat = 0
        for view in self._views():
            with self.subTest(f"{view.type} of {view.model}", view=view.xml_id):
                read = self._reader(view)
                if not read:
                    # We add a button, a filter or a page's title to a screen of Odoo: nothing of ours is read.
                    self.assertFalse(self._is_ours(view), "it shows no field")
                    continue
                tried += 1
                many = self.env[view.model].with_context(active_test=False).search([], limit=2 * MANY)
                least, _why = FEWER.get(view.model, (MANY, None))
                self.assertGreaterEqual(len(many), least, "too few records to tell")
                few = many[:: len(many) // FEW or 1][:FEW]
                read(many.ids)
                cheap, dear = self._queries(read, few.ids), self._queries(read, many.ids)
                self.assertLessEqual(dear, cheap + KINDS_MORE, f"{cheap} for {len(few)}, {dear} for {len(many)}")
                flat += 1
        self.assertGreater(tried, 100)
        self.assertFalse(tell("Screens, with 5 and with 50 records", tried=tried, survived=flat))
