import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.fabloch_finance.batches import committed

from .. import clock

_logger = logging.getLogger(__name__)

BATCH = 50
KINDS = [
    ("confirmed", "Confirmation"),
    ("moved", "Change"),
    ("reminder", "Reminder"),
    ("cancelled", "Cancellation"),
    ("offer", "Offer to the waitlist"),
]
# The reminder leaves so long before the start ...
REMINDER = timedelta(hours=24)
# ... not any more when the start is nearer than that, ...
REMINDER_LATEST = timedelta(hours=2)
# ... and not to those who were mailed about the booking within so long before it.
REMINDER_FRESH = timedelta(hours=36)


class BookingMail(models.Model):
    """A mail about a booking: one row a mail, so that each is sent once, whatever happens.

    Nothing is noted when somebody books, moves or cancels: a booking that nobody was told of is found, and what it was
    when its person was last told shows whether it has moved since. The row and the mail (queued for Odoo's own mail
    sender) are made in one transaction, and the unique index stops a second one.
    """

    _name = "fabloch.booking.mail"
    _description = "Mail about a booking"
    _order = "id desc"
    _rec_name = "booking_id"

    booking_id = fields.Many2one("fabloch.booking", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    key = fields.Char(
        required=True, readonly=True, help="What tells apart two mails of one kind: the change, the day reminded of."
    )
    sequence = fields.Integer(
        required=True, readonly=True, aggregator=None, help="Of the calendar file: raised with every change told."
    )
    date = fields.Datetime("Sent on", required=True, readonly=True)
    # What was told.
    partner_id = fields.Many2one("res.partner", "Sent to", required=True, readonly=True, index=True, ondelete="cascade")
    machine_id = fields.Many2one("fabloch.machine", required=True, readonly=True, index=True, ondelete="cascade")
    start = fields.Datetime("From", required=True, readonly=True)
    stop = fields.Datetime("To", required=True, readonly=True)
    units = fields.Integer(required=True, readonly=True, aggregator=None)

    _once = models.UniqueIndex("(booking_id, kind, key)", "This mail about this booking was sent already.")

    @api.model
    def _cron_send_mails(self):
        """Mail those whose booking was confirmed, moved or cancelled, comes tomorrow, or is offered to them.

        In batches that are committed. A repeating booking is told in one mail.
        """
        work = [
            (kind, series_id, ids)
            for kind, _label in KINDS
            for series_id, due in self._due(kind).items()
            for ids in ([due] if series_id else split_every(BATCH, due, list))
        ]
        for kind, series_id, ids in committed(self.env, work, size=lambda mail: len(mail[-1])):
            self._send_safely(kind, ids, self.env["fabloch.booking.series"].browse(series_id))

    @api.model
    def _due(self, kind):
        """Return {series id or None: booking ids} of the mails of this kind to send now."""
        self._flush_what_is_asked()
        rows = self.env.execute_query(SQL("SELECT booking_id, series_id FROM (%s) due", self._due_query(kind)))
        together = {}
        for booking_id, series_id in rows:
            # A change or a reminder is about one date.
            key = series_id if kind in ("confirmed", "cancelled") else None
            together.setdefault(key, []).append(booking_id)
        for series_id in [key for key, ids in together.items() if key and len(ids) == 1]:
            together.setdefault(None, []).extend(together.pop(series_id))
        return together

    @api.model
    def _flush_what_is_asked(self):
        for model, names in {
            "fabloch.booking": None,
            "fabloch.booking.mail": None,
            "res.partner": ["active", "email"],
            "res.company": ["fabloch_booking_reminder"],
        }.items():
            self.env[model].flush_model(names)

    @api.model
    def _due_query(self, kind, booking_ids=None):
        """Return the query (SQL) of the rows to write for the mails of this kind that are due now.

        :param list booking_ids: only these bookings.
        """
        now = clock.now()
        mailed = SQL(
            "NOT EXISTS (SELECT 1 FROM fabloch_booking_mail m WHERE m.booking_id = b.id AND m.kind = %s)", kind
        )
        told_otherwise = SQL(
            "(told.start, told.stop, told.machine_id, told.units, told.partner_id)"
            " IS DISTINCT FROM (b.start, b.stop, b.machine_id, b.units, b.partner_id)"
        )
        condition = {
            "confirmed": SQL("b.state = 'confirmed' AND told.id IS NULL AND %s", mailed),
            "moved": SQL("b.state = 'confirmed' AND told.id IS NOT NULL AND %s", told_otherwise),
            "cancelled": SQL("b.state = 'cancelled' AND %s", mailed),
            "reminder": SQL(
                "b.state = 'confirmed' AND c.fabloch_booking_reminder AND b.start > %s AND b.start <= %s"
                " AND told.date <= b.start - interval '1 second' * %s AND NOT %s",
                now + REMINDER_LATEST,
                now + REMINDER,
                REMINDER_FRESH.total_seconds(),
                told_otherwise,
            ),
            "offer": SQL("b.state = 'hold' AND b.wait_id IS NOT NULL AND b.hold_until > %s AND %s", now, mailed),
        }[kind]
        key = {
            "moved": SQL("(told.sequence + 1)::varchar"),
            "reminder": SQL("to_char(b.start, 'YYYY-MM-DD HH24:MI')"),
        }.get(kind, SQL("''"))
        sequence = SQL("COALESCE(told.sequence + 1, 0)") if kind in ("moved", "cancelled") else SQL("0")
        return SQL(
            """
            SELECT b.id AS booking_id, b.series_id, b.company_id, %(key)s AS key, %(sequence)s AS sequence,
                   b.partner_id, b.machine_id, b.start, b.stop, b.units
              FROM fabloch_booking b
              JOIN res_partner p ON p.id = b.partner_id AND p.active AND p.email <> ''
              JOIN res_company c ON c.id = b.company_id
              LEFT JOIN LATERAL (
                   SELECT m.* FROM fabloch_booking_mail m
                    WHERE m.booking_id = b.id AND m.kind IN ('confirmed', 'moved')
                    ORDER BY m.sequence DESC LIMIT 1
                   ) told ON TRUE
             WHERE b.stop > %(now)s AND %(confirmed)s AND %(condition)s %(only)s
             ORDER BY b.series_id, b.start, b.id
            """,
            key=key,
            sequence=sequence,
            now=now,
            # Word for word the condition of an index: what is over costs nothing here.
            confirmed=SQL("TRUE") if kind == "offer" else SQL("b.confirm_date IS NOT NULL"),
            condition=condition,
            only=SQL("AND b.id IN %s", tuple(booking_ids)) if booking_ids else SQL(),
        )

    @api.model
    def _send_safely(self, kind, booking_ids, series):
        """Mail about these bookings; if that fails, about each that can be: one that fails stops nobody else's."""
        try:
            with self.env.cr.savepoint():
                self._send(kind, booking_ids, series)
            return
        except Exception:
            if series or len(booking_ids) == 1:
                # Whatever it was, the next call tries again.
                _logger.exception("The mails “%s” about the bookings %s could not be made", kind, booking_ids)
                return
        for booking_id in booking_ids:
            self._send_safely(kind, [booking_id], series)

    @api.model
    def _send(self, kind, booking_ids, series=None):
        """Mail about these bookings, those left out that aren't due or were mailed about already.

        :param series: the series that they are of, for one mail about all of them.
        :return: the bookings that were mailed about.
        """
        self._flush_what_is_asked()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_booking_mail
                       (booking_id, kind, key, sequence, date, company_id, partner_id, machine_id, start, stop, units,
                        create_uid, create_date)
                SELECT booking_id, %(kind)s, key, sequence, %(now)s, company_id, partner_id, machine_id, start, stop,
                       units, %(uid)s, %(now)s
                  FROM (%(due)s) due
                 ORDER BY booking_id
                    ON CONFLICT DO NOTHING
             RETURNING booking_id
                """,
                kind=kind,
                now=clock.now(),
                uid=self.env.uid,
                due=self._due_query(kind, booking_ids),
            )
        )
        self.invalidate_model()
        bookings = self.env["fabloch.booking"].browse([booking_id for (booking_id,) in rows])
        bookings.invalidate_recordset(["mail_ids"])
        if not bookings:
            return bookings
        if series:
            template = self.env.ref(f"fabloch_machines.mail_template_series_{kind}")
            told = bookings.sorted("start")
            template.with_context(fabloch_told_booking_ids=told.ids).send_mail_batch(series.ids, force_send=False)
        else:
            template = self.env.ref(f"fabloch_machines.mail_template_booking_{kind}")
            template.send_mail_batch(bookings.ids, force_send=False)
        return bookings
