"""Every screen of ours with five records and with fifty: as many queries."""

from collections import defaultdict

from lxml import etree

from odoo.tests import tagged

from .common import tell
from .world import WorldCase

FEW, MANY = 5, 50
KINDS = ("list", "kanban", "form", "pivot", "graph", "calendar", "timeline")
# Attributes of a calendar or a timeline that name fields.
ATTRIBUTES = ("date_start", "date_stop", "date_delay", "color", "default_group_by", "all_day")
# Of these there can't be fifty, and why; they are read with what there is, five at least where more exist.
FEWER = {
    "fabloch.threshold.report": "four thresholds a company and year",
    "fabloch.self.financing.report": "one row a fiscal year with revenue",
    "fabloch.revenue.control": "one row a fiscal year with revenue",
}


@tagged("post_install", "-at_install")
class TestScreensWalk(WorldCase):
    SIZE = MANY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=cls.users["managers"])

    def _views(self):
        """The views of our models, those that we define for others, and those of others that we add fields to."""
        View = self.env["ir.ui.view"].sudo()
        ours = View.search([("type", "in", KINDS)]).filtered(
            lambda view: (view.model or "").startswith("fabloch.") or (view.xml_id or "").startswith("fabloch_")
        )
        found = View
        for view in ours:
            while view.mode != "primary" and view.inherit_id:
                view = view.inherit_id
            found |= view
        return found.filtered(lambda view: view.model in self.env and not self.env[view.model]._transient)

    def _fields_of(self, node):
        """The field tags of a view, without those of the lists within it."""
        for child in node:
            if child.tag == "field":
                yield child
            else:
                yield from self._fields_of(child)

    def _specification(self, model, node, own_only):
        """What the client asks for to draw a view: its fields, and those of the lists within it."""
        asked = {}
        known = self.env[model].fields_get()
        for field in self._fields_of(node):
            name = field.get("name")
            if name not in known or (own_only and not self.env[model]._fields[name]._modules[0].startswith("fabloch_")):
                continue
            kind = known[name]["type"]
            if kind in ("one2many", "many2many"):
                comodel = known[name]["relation"]
                inner = [each for each in field if each.tag in ("list", "kanban")]
                fields = self._specification(comodel, inner[0], False) if inner else {"display_name": {}}
                asked[name] = {"fields": fields}
            else:
                asked[name] = {"fields": {"display_name": {}}} if kind == "many2one" else {}
        for attribute in ATTRIBUTES:
            name = (node.get(attribute) or "").split(":")[0]
            if name in known:
                asked.setdefault(name, {"fields": {"display_name": {}}} if known[name]["type"] == "many2one" else {})
        return asked

    def _reader(self, view):
        """A function that reads, for the records of some ids, what this view shows."""
        Model = self.env[view.model]
        arch = etree.fromstring(Model.get_view(view.id, view.type)["arch"])
        own_only = not view.model.startswith("fabloch.") and not (view.xml_id or "").startswith("fabloch_")
        if view.type in ("pivot", "graph"):
            known = Model.fields_get()
            fields = [field for field in arch.xpath("field") if field.get("name") in known]
            rows = [field for field in fields if field.get("type") != "measure"]
            groups = [":".join(filter(None, (field.get("name"), field.get("interval")))) for field in rows]
            measures = {field.get("name") for field in fields if field.get("type") == "measure"}
            measures |= {
                name
                for name, field in known.items()
                if view.type == "pivot"
                and field.get("aggregator")
                and field["store"]
                and field["type"] in ("integer", "float", "monetary")
                and name != "id"
            }
            aggregates = [
                "__count",
                *(f"{name}:{known[name]['aggregator']}" for name in sorted(measures) if known[name].get("aggregator")),
            ]
            sets = [groups[:size] for size in range(len(groups) + 1)]
            return lambda ids: Model.formatted_read_grouping_sets([("id", "in", ids)], sets, aggregates)
        asked = self._specification(view.model, arch, own_only)
        self.assertTrue(asked, view.xml_id)
        if view.type == "kanban" and (group := arch.get("default_group_by")):
            # The columns, then the cards of all of them: how many are open at first is Odoo's affair.
            return lambda ids: (
                Model.web_read_group([("id", "in", ids)], [group], ["__count"]),
                Model.web_search_read([("id", "in", ids)], asked, limit=1000),
            )
        return lambda ids: Model.web_search_read([("id", "in", ids)], asked, limit=1000)

    def _queries(self, read, ids):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        read(ids)
        return self.env.cr.sql_log_count - before

    def test_every_screen_costs_the_same_for_few_and_for_many(self):
        views, flat = self._views(), 0
        for view in views:
            with self.subTest(f"{view.model} {view.type} {view.xml_id}"):
                records = self.env[view.model].with_context(active_test=False).search([], limit=2 * MANY)
                if len(records) < MANY:
                    print("FEWER", view.model, len(records)) if view.type == "list" else 0
                few = records[:: max(1, len(records) // FEW)][:FEW]
                read = self._reader(view)
                read(records.ids)
                less, more = self._queries(read, few.ids), self._queries(read, records.ids)
                if more > less + 1 and view.type == "form":
                    arch = etree.fromstring(self.env[view.model].get_view(view.id, view.type)["arch"])
                    spec = self._specification(view.model, arch, False)
                    for name, sub in spec.items():
                        r = lambda ids: self.env[view.model].web_search_read(
                            [("id", "in", ids)], {name: sub}, limit=1000
                        )
                        a, b = self._queries(r, few.ids), self._queries(r, records.ids)
                        if b > a:
                            print("   ", name, a, b)
                if more > less + 5:
                    import collections
                    from unittest.mock import patch
                    from odoo.sql_db import Cursor

                    seen = collections.Counter()
                    old = Cursor.execute

                    def ex(self_, q, params=None, log_exceptions=True):
                        seen[str(getattr(q, "code", q))[:400]] += 1
                        return old(self_, q, params, log_exceptions)

                    with patch.object(Cursor, "execute", ex):
                        self._queries(read, records.ids)
                    print("\n", [x for x in seen.most_common(6) if x[1] > 3])
                if more != less:
                    print(view.model, view.type, view.xml_id, less, more, len(records))
                flat += more <= less
        self.assertFalse(tell("Screens with 5 and with 50 records", tried=len(views), survived=flat))
