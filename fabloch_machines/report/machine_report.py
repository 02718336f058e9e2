from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.fabloch_finance.report.revenue_report import MONTHS


class MachineReport(models.Model):
    """Use of the machines: hours, bookings, revenue and occupancy, day by day.

    Three kinds of rows: what was booked, on each day on which it is used (never the day on which it was entered; what
    is cancelled doesn't count, a no-show counts apart); what its charges bring, on the day of each charge; how long the
    machine was open, on each day that is over (`fabloch.machine.day`).
    """

    _name = "fabloch.machine.report"
    _inherit = ["fabloch.fiscal.year.report", "fabloch.ratio.report"]
    _description = "Use of the machines"
    _auto = False
    _rec_name = "machine_id"
    _order = "date desc, machine_id"
    _depends = {
        "fabloch.booking": [
            "machine_id",
            "member_category_id",
            "open_minutes",
            "partner_id",
            "start",
            "state",
            "stop",
            "units",
            "visitor",
        ],
        "fabloch.charge": ["amount", "amount_credited", "booking_id", "date", "rate_id", "waived"],
        "fabloch.machine": ["category_id", "company_id", "host_id", "resource_calendar_id", "workshop_id"],
        "fabloch.machine.day": ["date", "machine_id", "open_hours"],
        "resource.calendar": ["tz"],
        "res.company": ["fiscalyear_last_day", "fiscalyear_last_month", "resource_calendar_id"],
    }

    date = fields.Date(readonly=True)
    month = fields.Selection(MONTHS, readonly=True)
    machine_id = fields.Many2one("fabloch.machine", readonly=True)
    category_id = fields.Many2one("fabloch.machine.category", readonly=True)
    workshop_id = fields.Many2one("fabloch.machine", "Stands in", readonly=True)
    host_id = fields.Many2one("res.partner", "At the premises of", readonly=True)
    partner_id = fields.Many2one("res.partner", "Booked by", readonly=True)
    member_category_id = fields.Many2one(
        "fabloch.member.category", readonly=True, help="Of the person, when the booking was confirmed."
    )
    audience = fields.Selection(
        [("member", "Member"), ("visitor", "Visitor")], readonly=True, help="Whose prices the booking was charged at."
    )
    booking_id = fields.Many2one("fabloch.booking", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    bookings = fields.Integer(readonly=True, help="Confirmed ones, on the day on which they begin.")
    hours = fields.Float("Booked hours", readonly=True, help="Clock hours of confirmed bookings, times their units.")
    no_shows = fields.Integer("No-shows", readonly=True)
    no_show_hours = fields.Float("Hours of no-shows", readonly=True)
    open_hours = fields.Float(
        "Open hours", readonly=True, help="Of the days that are over, all units together, closures taken off."
    )
    booked_open_hours = fields.Float(
        "Booked open hours", readonly=True, help="What was booked of the open hours, on the days that are over."
    )
    occupancy = fields.Float(
        "Occupancy (%)",
        readonly=True,
        aggregator="avg",
        help="Booked open hours over open hours, each summed first. By machine, category, place or time: open hours "
        "are nobody's in particular.",
    )
    revenue = fields.Monetary(
        readonly=True, help="Untaxed: what the charges of bookings come to on their dates, credit notes taken off."
    )
    time_revenue = fields.Monetary("Revenue of machine time", readonly=True)
    consumable_revenue = fields.Monetary("Revenue of consumables", readonly=True)

    @api.model
    def _ratios(self, column):
        booked, open_hours = column("booked_open_hours"), column("open_hours")
        return {"occupancy": SQL("COALESCE(100.0 * %s / NULLIF(%s, 0.0), 0.0)", booked, open_hours)}

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT item.id, item.date, %(fiscal_year)s AS fiscal_year, to_char(item.date, 'MM') AS month,
                   item.machine_id, machine.category_id, machine.workshop_id, machine.host_id,
                   item.partner_id, item.member_category_id,
                   CASE item.visitor WHEN TRUE THEN 'visitor' WHEN FALSE THEN 'member' END AS audience,
                   item.booking_id, machine.company_id, company.currency_id,
                   item.bookings, item.hours, item.no_shows, item.no_show_hours,
                   item.open_hours, item.booked_open_hours,
                   %(occupancy)s AS occupancy,
                   item.time_revenue + item.consumable_revenue AS revenue, item.time_revenue, item.consumable_revenue
              FROM (%(use)s UNION ALL %(revenue)s UNION ALL %(capacity)s) item
              JOIN fabloch_machine machine ON machine.id = item.machine_id
              JOIN res_company company ON company.id = machine.company_id
            """,
            fiscal_year=self.env["fabloch.revenue.report"]._fiscal_year_expression(),
            use=self._use_query(),
            revenue=self._revenue_query(),
            capacity=self._capacity_query(),
            **self._ratios(lambda name: SQL.identifier("item", name)),
        )

    # The three kinds of rows have ids that leave 0, 1 and 2 when divided by 3. A column that a kind doesn't have is 0,
    # so that sums need no thought.

    @api.model
    def _use_query(self):
        """Give the SQL of what is booked: a row for each booking and day on which it runs, by its machine's clock.

        The open minutes that the booking stores are spread over its days as its clock time is; they count from the day
        on which the machine's own open hours are noted, so that what is over is held against what is over.
        """
        return SQL(
            """
            SELECT (b.id::bigint * 1000 + LEAST(n.number, 999)) * 3 AS id, day.date, b.machine_id,
                   b.partner_id, b.member_category_id, COALESCE(b.visitor, FALSE) AS visitor, b.id AS booking_id,
                   CASE WHEN b.state = 'confirmed' AND n.number = 0 THEN 1 ELSE 0 END AS bookings,
                   CASE WHEN b.state = 'confirmed' THEN part.seconds * b.units / 3600.0 ELSE 0.0 END AS hours,
                   CASE WHEN b.state = 'no_show' AND n.number = 0 THEN 1 ELSE 0 END AS no_shows,
                   CASE WHEN b.state = 'no_show' THEN part.seconds * b.units / 3600.0 ELSE 0.0 END AS no_show_hours,
                   0.0::float8 AS open_hours,
                   CASE WHEN b.state = 'confirmed' AND noted.id IS NOT NULL
                        THEN COALESCE(b.open_minutes, 0) / 60.0 * part.seconds / EXTRACT(EPOCH FROM b.stop - b.start)
                        ELSE 0.0 END::float8 AS booked_open_hours,
                   0.0 AS time_revenue, 0.0 AS consumable_revenue
              FROM fabloch_booking b
              JOIN fabloch_machine m ON m.id = b.machine_id
              JOIN res_company c ON c.id = m.company_id
              JOIN resource_calendar calendar ON calendar.id = COALESCE(m.resource_calendar_id, c.resource_calendar_id)
             CROSS JOIN LATERAL (
                SELECT (b.start AT TIME ZONE 'UTC' AT TIME ZONE calendar.tz)::date AS first,
                       ((b.stop - interval '1 second') AT TIME ZONE 'UTC' AT TIME ZONE calendar.tz)::date AS last
             ) span
             CROSS JOIN LATERAL generate_series(0, span.last - span.first) AS n (number)
             CROSS JOIN LATERAL (SELECT span.first + n.number AS date) day
             CROSS JOIN LATERAL (
                SELECT EXTRACT(
                    EPOCH FROM
                    LEAST(b.stop, (day.date + 1)::timestamp AT TIME ZONE calendar.tz AT TIME ZONE 'UTC')
                    - GREATEST(b.start, day.date::timestamp AT TIME ZONE calendar.tz AT TIME ZONE 'UTC')
                ) AS seconds
             ) part
              LEFT JOIN fabloch_machine_day noted ON noted.machine_id = b.machine_id AND noted.date = day.date
             WHERE b.state IN ('confirmed', 'no_show')
            """
        )

    @api.model
    def _revenue_query(self):
        """Give the SQL of what bookings bring: a row for each of their charges, consumables included."""
        return SQL(
            """
            SELECT charge.id::bigint * 3 + 1, charge.date, b.machine_id,
                   b.partner_id, b.member_category_id, COALESCE(b.visitor, FALSE), b.id,
                   0, 0.0, 0, 0.0, 0.0::float8, 0.0::float8,
                   CASE WHEN charge.rate_id IS NOT NULL
                        THEN charge.amount - COALESCE(charge.amount_credited, 0) ELSE 0.0 END,
                   CASE WHEN charge.rate_id IS NULL
                        THEN charge.amount - COALESCE(charge.amount_credited, 0) ELSE 0.0 END
              FROM fabloch_charge charge
              JOIN fabloch_booking b ON b.id = charge.booking_id
             WHERE charge.waived IS NOT TRUE
            """
        )

    @api.model
    def _capacity_query(self):
        """Give the SQL of what could be booked: a row for each machine and day that is over."""
        return SQL(
            """
            SELECT day.id::bigint * 3 + 2, day.date, day.machine_id,
                   NULL::integer, NULL::integer, NULL::boolean, NULL::integer,
                   0, 0.0, 0, 0.0, day.open_hours::float8, 0.0::float8, 0.0, 0.0
              FROM fabloch_machine_day day
            """
        )
