from odoo import api, models
from odoo.tools import ormcache


def rests_on_books(compute):
    """Mark what computes fields that aren't stored from charges, invoices, payments or what is stored of them.

    What such a field takes from the books it leaves out of its `@api.depends`: see `fabloch.books`.
    """
    compute.rests_on_books = True
    return compute


class Books(models.AbstractModel):
    """Mixin of charges, invoices and payments: whatever is written in one, no cached status outlives it.

    "Paid", "late", "member today" are never stored: a query says them. Would they say with `@api.depends` that they
    follow from the payment of an invoice, Odoo would weigh each of them, and whatever shows it, along every path from
    every line of every invoice, ours or not: a line's tree of triggers had 363 nodes for Odoo's own 132 (198 now), and
    much of the time that an invoice takes is spent in them. So they depend on other records only, are marked with
    `rests_on_books`, and go from the cache all at once.
    """

    _name = "fabloch.books"
    _description = "What statuses rest on"

    def modified(self, fnames, create=False, before=False):
        for model, names in self._fields_on_books():
            self.env[model].invalidate_model(names, flush=False)
        return super().modified(fnames, create=create, before=before)

    @api.model
    @ormcache()
    def _fields_on_books(self):
        """Return ((model, names of fields), …): the marked fields, and those that depend on them."""
        marked = [
            field
            for model in self.env.registry.values()
            if not model._abstract
            for field in model._fields.values()
            if isinstance(field.compute, str)
            and any(getattr(vars(part).get(field.compute), "rests_on_books", False) for part in model.__mro__)
        ]
        found = {}
        for field in marked + [other for each in marked for other in self.pool.get_dependent_fields(each)]:
            found.setdefault(field.model_name, {})[field.name] = None
        return tuple((model, tuple(names)) for model, names in found.items())
