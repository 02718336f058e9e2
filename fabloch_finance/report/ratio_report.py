from odoo import api, models
from odoo.tools import SQL, Query


class RatioReport(models.AbstractModel):
    """A report with rates: in any group they are ratios of its sums, since an average of rates is wrong in a total."""

    _name = "fabloch.ratio.report"
    _description = "Report with rates"

    @api.model
    def _ratios(self, column):
        """Give the SQL of the rates: {field: SQL}.

        :param column: a function that gives the SQL of a column by its name, or that of its sum over a group
        """
        return {}

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        name, _colon, aggregate = aggregate_spec.partition(":")
        if aggregate == "avg":
            ratios = self._ratios(lambda column: SQL("SUM(%s)", self._field_to_sql(self._table, column, query)))
            if name in ratios:
                return ratios[name]
        return super()._read_group_select(aggregate_spec, query)
