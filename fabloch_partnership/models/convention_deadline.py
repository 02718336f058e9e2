from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .convention_instalment_state import OPEN_STATES

KINDS = [
    ("notice", "Notice"),
    ("renewal", "Renewal to agree on"),
    ("end", "End"),
    ("commitment", "Commitment"),
    ("instalment", "Instalment"),
]
# An end or a notice that passed long ago is history, whatever was taken over or switched off meanwhile.
LATEST_DAYS = 30


class ConventionDeadline(models.Model):
    """What conventions have on which day: notices, ends, commitments that aren't done, money that isn't settled.

    A view over the conventions: nothing is stored, so nothing is ever out of date. An amendment's deadlines are those
    of the convention that it amends.
    """

    _name = "fabloch.convention.deadline"
    _description = "Deadline of a convention"
    _auto = False
    _order = "date, id"
    _rec_names_search = ["name", "convention_id", "partner_id"]

    kind = fields.Selection(KINDS, readonly=True)
    name = fields.Char("What", readonly=True)
    date = fields.Date(readonly=True)
    open = fields.Boolean("To do", readonly=True, help="Somebody still has to see to it.")
    is_late = fields.Boolean("Late", readonly=True, help="Its day is past. A renewal can be agreed on until the end.")
    convention_id = fields.Many2one("fabloch.convention", readonly=True)
    commitment_id = fields.Many2one("fabloch.convention.commitment", readonly=True)
    instalment_id = fields.Many2one("fabloch.convention.instalment", readonly=True)
    side = fields.Selection([("us", "Us"), ("partner", "The partner")], "Who", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    type_id = fields.Many2one("fabloch.convention.type", readonly=True)
    user_id = fields.Many2one("res.users", "Followed by", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(readonly=True)
    color = fields.Integer(related="type_id.color")

    @api.depends("kind", "name", "partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for deadline in self:
            deadline.display_name = f"{kinds.get(deadline.kind, '')} – {deadline.partner_id.name} – {deadline.name}"

    def action_open(self):
        """Open the convention of this deadline."""
        self.ensure_one()
        return self.convention_id._action_open()

    @property
    def _table_query(self):
        """See the class; `term` has each signed convention with the end of its term that runs today.

        An end that passed long ago is neither late nor to do: `open` is NULL, as nobody said what follows either.
        """
        self._flush_sources()
        instalments = self.env["fabloch.convention.instalment"]
        return SQL(
            """
            WITH base AS (
                SELECT convention.*,
                       (EXTRACT(YEAR FROM %(today)s::date) - EXTRACT(YEAR FROM agreed_end))::integer * 12
                       + (EXTRACT(MONTH FROM %(today)s::date) - EXTRACT(MONTH FROM agreed_end))::integer
                       AS months_since,
                       EXISTS (SELECT FROM fabloch_convention following
                                WHERE following.previous_id = convention.id AND following.active
                                  AND following.state != 'draft') AS renewed
                  FROM fabloch_convention convention
                 WHERE convention.state IN ('signed', 'terminated')
                   AND convention.amended_id IS NULL AND convention.active
            ), term AS (
                SELECT base.*,
                       CASE WHEN tacit_renewal AND terminated_on IS NULL THEN LEAST(last_day, (
                                SELECT MIN(ending) FROM (
                                    SELECT %(term_end)s AS ending
                                      FROM generate_series(GREATEST(months_since / renewal_months, 0),
                                                           GREATEST(months_since / renewal_months, 0) + 1) number
                                ) candidate WHERE ending >= %(today)s::date))
                            ELSE last_day END AS term_end
                  FROM base
            ), notice AS (
                SELECT term.*, %(notice)s AS notice_day
                  FROM term
                 WHERE state = 'signed' AND notice_months > 0
            )
            SELECT id * 4 AS id, CASE WHEN tacit_renewal THEN 'notice' ELSE 'renewal' END AS kind,
                   title AS name, notice_day AS date, FALSE AS is_late,
                   CASE WHEN tacit_renewal THEN notice_day >= %(today)s::date
                        ELSE NOT renewed AND term_end >= %(today)s::date END AS open,
                   id AS convention_id, NULL::integer AS commitment_id, NULL::integer AS instalment_id,
                   NULL AS side, partner_id, type_id, user_id, company_id, NULL::numeric AS amount
              FROM notice
             WHERE NOT tacit_renewal OR last_day IS NULL OR term_end < last_day
            UNION ALL
            SELECT id * 4 + 1, 'end', title, last_day,
                   state = 'signed' AND NOT renewed AND last_day < %(today)s::date AND last_day >= %(oldest)s::date,
                   state = 'signed' AND NOT renewed AND (last_day >= %(oldest)s::date OR NULL),
                   id, NULL, NULL, NULL, partner_id, type_id, user_id, company_id, NULL
              FROM term
             WHERE last_day IS NOT NULL
            UNION ALL
            SELECT commitment.id * 4 + 2, 'commitment', commitment.name, commitment.date_due,
                   commitment.date_due < %(today)s::date, TRUE,
                   COALESCE(convention.amended_id, convention.id), commitment.id, NULL, commitment.side,
                   convention.partner_id, convention.type_id, COALESCE(commitment.user_id, convention.user_id),
                   convention.company_id, NULL
              FROM fabloch_convention_commitment commitment
              JOIN fabloch_convention convention ON convention.id = commitment.convention_id
             WHERE commitment.done_on IS NULL AND commitment.date_due IS NOT NULL
               AND convention.state IN ('signed', 'terminated') AND convention.active
               AND (convention.terminated_on IS NULL OR commitment.date_due <= convention.terminated_on)
            UNION ALL
            SELECT instalment.id * 4 + 3, 'instalment', instalment.name, instalment.date,
                   %(late)s, TRUE,
                   COALESCE(convention.amended_id, convention.id), NULL, instalment.id,
                   CASE WHEN instalment.kind = 'bill' THEN 'us' ELSE 'partner' END,
                   convention.partner_id, convention.type_id, convention.user_id, convention.company_id,
                   instalment.amount
              FROM fabloch_convention_instalment instalment
              JOIN fabloch_convention convention ON convention.id = instalment.convention_id
             WHERE convention.state IN ('signed', 'terminated') AND convention.active
               AND %(state)s IN %(open_states)s
            """,
            today=fields.Date.context_today(self),
            oldest=fields.Date.context_today(self) - timedelta(days=LATEST_DAYS),
            term_end=_months_later(SQL("agreed_end"), SQL("number * renewal_months")),
            notice=_months_later(SQL("term_end"), SQL("-notice_months")),
            state=instalments._state_sql("instalment"),
            open_states=OPEN_STATES,
            late=instalments._late_sql("instalment"),
        )

    def _flush_sources(self):
        for model, names in {
            "fabloch.convention": [
                "active",
                "agreed_end",
                "amended_id",
                "company_id",
                "last_day",
                "notice_months",
                "partner_id",
                "previous_id",
                "renewal_months",
                "state",
                "tacit_renewal",
                "terminated_on",
                "title",
                "type_id",
                "user_id",
            ],
            "fabloch.convention.commitment": ["convention_id", "date_due", "done_on", "name", "side", "user_id"],
            "fabloch.convention.instalment": ["amount", "convention_id", "date", "name"],
        }.items():
            self.env[model].flush_model(names)


def _months_later(day, months):
    """Return the SQL of `day` so many months later, as `_add_months` gives it: the end of a month stays one."""
    return SQL(
        """CASE WHEN %(day)s = (date_trunc('month', %(day)s) + interval '1 month - 1 day')::date
                THEN (date_trunc('month', %(day)s) + make_interval(months => (%(months)s) + 1) - interval '1 day')::date
                ELSE (%(day)s + make_interval(months => %(months)s))::date END""",
        day=day,
        months=months,
    )
