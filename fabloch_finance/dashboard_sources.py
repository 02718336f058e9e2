"""The pivots and lists of the dashboard, as Odoo's spreadsheets have them: numbered as formulas ask for them."""

from .dashboard import Pivot, Records

FILTER = "fabloch_fiscal_year"


def domain_of(piece):
    """Write a domain as JSON has it."""
    return [term if isinstance(term, str) else list(term) for term in piece.domain]


def matching_of(filtered):
    """Write which field the reader's choice of a fiscal year applies to, if any."""
    return {FILTER: {"chain": "fiscal_year", "type": "char"} if filtered else {}}


class Sources:
    """Those that the formulas name: `pivots` and `lists` hold only these."""

    def __init__(self, pieces):
        self.pieces = {piece.name: piece for piece in pieces if isinstance(piece, Pivot | Records)}
        self.numbers, self.pivots, self.lists = {}, {}, {}

    def number_of(self, name):
        """Return the number of a pivot or list, which is added when it is first needed."""
        if name not in self.numbers:
            source = self.pieces[name.removesuffix("_by_year")]
            target = self.lists if isinstance(source, Records) else self.pivots
            self.numbers[name] = number = str(len(target) + 1)
            target[number] = (
                self._list(source, number) if isinstance(source, Records) else self._pivot(source, number, name)
            )
        return self.numbers[name]

    def _pivot(self, pivot, number, name):
        each_year = name != pivot.name
        rows = ("fiscal_year", *pivot.rows) if each_year else pivot.rows
        return {
            "type": "ODOO",
            "id": number,
            "formulaId": number,
            "name": name,
            "model": pivot.model,
            "domain": domain_of(pivot),
            "context": {},
            "measures": [{"id": measure, "fieldName": measure} for measure in pivot.measures],
            "rows": [{"fieldName": row, "order": "asc"} for row in rows],
            "columns": [],
            "sortedColumn": {"measure": pivot.sort, "order": "desc", "domain": []} if pivot.sort else None,
            "fieldMatching": matching_of(pivot.by_year and not each_year),
        }

    def _list(self, records, number):
        return {
            "id": number,
            "name": records.name,
            "model": records.model,
            "columns": list(records.fields),
            "domain": domain_of(records),
            "context": {},
            "orderBy": [{"name": records.order, "asc": True}],
            "fieldMatching": {},
        }
