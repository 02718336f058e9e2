from odoo import models
from odoo.tools import SQL, Query

from ..models.revenue_stream import KINDS as STREAM_KINDS

# What has no stream comes last.
KINDS = [*STREAM_KINDS, ("none", "Without stream")]


class RevenueKindOrder(models.AbstractModel):
    """A report with a `kind` of revenue: its groups stand in the order in which people read them, not by letter."""

    _name = "fabloch.revenue.kind.order"
    _description = "Order of the kinds of revenue"

    def _read_group_orderby(self, order: str, groupby_terms: dict[str, SQL], query: Query) -> SQL:
        """Put own revenue first and the rest last."""
        if "kind" not in groupby_terms:
            return super()._read_group_orderby(order, groupby_terms, query)
        kind = groupby_terms["kind"]
        terms = groupby_terms | {
            "kind": SQL("array_position(ARRAY[%s], %s)", SQL(", ").join(SQL("%s", key) for key, _name in KINDS), kind)
        }
        ordered = super()._read_group_orderby(order, terms, query)
        groupby_terms.update(terms, kind=kind)
        return ordered
