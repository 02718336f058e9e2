from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.fabloch_finance.models.books import rests_on_books

STATES = [
    ("planned", "Planned"),
    ("to_invoice", "To invoice"),
    ("invoiced", "Invoiced"),
    ("pledged", "Pledged"),
    ("expected", "Expected"),
    ("notified", "Notified"),
    ("to_pay", "To pay"),
    ("paid", "Paid"),
    ("received", "Received"),
    ("refunded", "Given back"),
    ("cancelled", "Dropped"),
]
# Somebody still has something to do about these.
OPEN_STATES = ("to_invoice", "invoiced", "pledged", "expected", "notified", "to_pay")


class ConventionInstalmentState(models.Model):
    """What became of an instalment: it follows from its charge, gift, entry or bill, and is never stored.

    One SQL expression says it for everybody: forms, searches, groups and the deadlines.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention.instalment"

    state = fields.Selection(STATES, compute="_compute_state", search="_search_state")
    is_late = fields.Boolean(
        "Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="Its day is past and it isn't settled; once invoiced, the invoice's own due date counts.",
    )

    @rests_on_books
    @api.depends(
        "cancelled",
        "convention_id.state",
        "charge_id",
        "donation_id.confirm_date",
        "donation_id.cancel_date",
        "donation_id.given_date",
        "move_id",
    )
    def _compute_state(self):
        states = self._origin._query_states("state")
        for instalment in self:
            instalment.state = states.get(instalment._origin.id, "planned")

    @rests_on_books  # its invoice's own due date
    @api.depends("state", "date")
    @api.depends_context("tz")
    def _compute_is_late(self):
        late = self._origin._query_states("is_late")
        for instalment in self:
            instalment.is_late = late.get(instalment._origin.id, False)

    def _query_states(self, name):
        """Return {id: value} of the field `name` (`state` or `is_late`), in one query."""
        if not self.ids:
            return {}
        query = self.sudo().with_context(active_test=False)._search([("id", "in", self.ids)], bypass_access=True)
        return dict(
            self.env.execute_query(
                query.select(SQL.identifier(self._table, "id"), self._field_to_sql(self._table, name, query))
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "state":
            return self._state_sql(alias)
        if field_expr == "is_late":
            return self._late_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _state_sql(self, alias):
        """Return the SQL of the state for the rows of `alias`."""
        return self._sql_over_books(
            alias,
            SQL(
                """CASE
                WHEN charge.id IS NOT NULL THEN CASE
                    WHEN charge.state = 'waived' THEN 'cancelled'
                    WHEN charge.state = 'to_invoice' THEN 'to_invoice'
                    WHEN invoice.payment_state = 'reversed'
                      OR charge.amount_credited >= charge.amount THEN 'refunded'
                    WHEN invoice.state = 'posted' AND invoice.payment_state IN ('paid', 'in_payment') THEN 'paid'
                    ELSE 'invoiced' END
                WHEN gift.id IS NOT NULL THEN CASE
                    WHEN gift.state = 'received' THEN 'received'
                    WHEN gift.state = 'cancelled' THEN 'cancelled'
                    ELSE 'pledged' END
                WHEN part.cancelled THEN 'cancelled'
                WHEN part.kind = 'subsidy' AND entry.state = 'posted' THEN CASE
                    WHEN EXISTS (SELECT FROM account_move reversal
                                  WHERE reversal.reversed_entry_id = entry.id AND reversal.state = 'posted')
                         THEN 'cancelled'
                    WHEN EXISTS (SELECT FROM account_move_line line
                                  WHERE line.move_id = entry.id AND line.debit > 0 AND line.amount_residual <> 0)
                         THEN 'notified'
                    ELSE 'paid' END
                WHEN part.kind = 'bill' AND entry.state = 'posted' AND entry.payment_state = 'reversed'
                     THEN 'refunded'
                WHEN part.kind = 'bill' AND entry.state = 'posted'
                     AND entry.payment_state IN ('paid', 'in_payment') THEN 'paid'
                WHEN convention.state NOT IN ('signed', 'terminated') THEN 'planned'
                WHEN part.kind = 'subsidy' THEN 'expected'
                WHEN part.kind = 'bill' THEN 'to_pay'
                ELSE 'planned' END"""
            ),
        )

    @api.model
    def _late_sql(self, alias):
        """Return the SQL of `is_late` for the rows of `alias`."""
        due = self._sql_over_books(alias, SQL("COALESCE(invoice.invoice_date_due, entry.invoice_date_due, part.date)"))
        today = fields.Date.context_today(self)
        return SQL("(%s IN %s AND %s < %s::date)", self._state_sql(alias), OPEN_STATES, due, today)

    @api.model
    def _sql_over_books(self, alias, expression):
        """Return the SQL of `expression` over what became of the rows of `alias`, under the names used above.

        `alias` can't be one of these names.
        """
        for model, names in {
            "fabloch.convention": ["state"],
            "fabloch.charge": ["state", "invoice_id", "amount", "amount_credited"],
            "fabloch.donation": ["state"],
            "account.move": ["state", "payment_state", "reversed_entry_id", "invoice_date_due"],
            "account.move.line": ["amount_residual", "move_id", "debit"],
            "fabloch.convention.instalment": [
                "cancelled",
                "charge_id",
                "convention_id",
                "date",
                "donation_id",
                "kind",
                "move_id",
            ],
        }.items():
            self.env[model].flush_model(names)
        return SQL(
            """(SELECT %s
                  FROM fabloch_convention_instalment part
                  JOIN fabloch_convention convention ON convention.id = part.convention_id
             LEFT JOIN fabloch_charge charge ON charge.id = part.charge_id
             LEFT JOIN account_move invoice ON invoice.id = charge.invoice_id
             LEFT JOIN fabloch_donation gift ON gift.id = part.donation_id
             LEFT JOIN account_move entry ON entry.id = part.move_id
                 WHERE part.id = %s)""",
            expression,
            SQL.identifier(alias, "id"),
        )

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = tuple(state for state in value if state)
        if not states:
            return Domain.FALSE
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s IN %s", model._state_sql(alias), states),
            predicate=lambda instalment: instalment.state in states,
        )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = True in value
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s IS %s", model._late_sql(alias), SQL(str(wanted).upper())),
            predicate=lambda instalment: instalment.is_late == wanted,
        )
