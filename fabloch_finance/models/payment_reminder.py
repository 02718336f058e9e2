import logging
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_amount, format_date

from ..report.unpaid_report import LAST_LEVEL

_logger = logging.getLogger(__name__)


class Notice(NamedTuple):
    """One mail to write: what a payer has to be reminded of in a company, or what prevents it."""

    company: models.BaseModel
    payer: models.BaseModel
    items: models.BaseModel  # of fabloch.unpaid.report, the most advanced ones first
    levels: dict  # {invoice: the level that this mail gives it}, its own and not that of the mail
    problem: str = ""  # why it can't go
    to_act: bool = False  # somebody has to do something before this payer can be reminded

    @property
    def level(self):
        """That of the mail: of its most advanced invoice."""
        return max(self.levels.values(), default=0)

    @property
    def recipient(self):
        """The contact whose address is used: the payer's, else that of its house."""
        return self.payer if self.payer.email_normalized else self.payer.commercial_partner_id

    @property
    def amount(self):
        """Left to pay, in the currency of the company."""
        return self.company.currency_id.round(sum(self.items.mapped("amount")))


class PaymentReminder(models.Model):
    """A reminder of one invoice: its level, when, to whom, by whom, what was owed then. Written once, never changed.

    A payer gets one mail for all the late invoices whose turn it is, whichever of them somebody clicked: two mails on a
    day are one too many. Each invoice climbs its own ladder (1, 2, 3, with the days of the settings between); the mail
    has the tone of the most advanced one, and says for each which reminder it is.

    The rows and the mail (queued for Odoo's own mail sender) are made in one transaction: a process that is killed
    leaves both or none, and the unique index stops a second one on the same day, whichever process writes it.
    """

    _name = "fabloch.payment.reminder"
    _description = "Payment reminder"
    _order = "date desc, id desc"
    _rec_name = "move_id"

    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", "Payer", required=True, readonly=True, index=True, ondelete="restrict")
    level = fields.Integer(required=True, readonly=True, aggregator="max", help="1, 2 or 3.")
    date = fields.Date("Sent on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True)
    email = fields.Char("Sent to", readonly=True)
    amount = fields.Monetary("Owed then", readonly=True, help="What was late of this invoice, in its currency.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    message_id = fields.Many2one("mail.message", "Mail", readonly=True, index="btree_not_null", ondelete="set null")
    mail_body = fields.Html(related="message_id.body", string="Text of the mail")

    _once_a_day = models.UniqueIndex("(move_id, date)", "This invoice was reminded of today already.")
    _level_range = models.Constraint(
        "CHECK (level BETWEEN 1 AND 3)", "A payment reminder is the first, second or third."
    )

    # -- Reminding -------------------------------------------------------------------------------------------------

    @api.model
    def _remind(self, moves):
        """Remind the payers of these invoices of all that is late and whose turn it is, one mail a payer.

        :param moves: invoices that the user may read
        :return: a list of notices, those that went with an empty `problem`, the others with the reason
        :raise AccessError: when the user isn't of those who invoice
        """
        if not (self.env.su or self.env.user.has_group("fabloch_finance.group_finance_user")):
            raise AccessError(
                self.env._("Only those who invoice send payment reminders: ask one of them, or for that role.")
            )
        moves.check_access("read")
        notices = self.sudo()._notices(moves.sudo())
        ready = [notice for notice in notices if not notice.problem]
        told = self.sudo()._deliver(ready) + [notice for notice in notices if notice.problem]
        self.env["fabloch.unpaid.report"].invalidate_model()
        return told

    @api.model
    def _notices(self, moves):
        """Return what is to be told to the payers of `moves`, one notice a payer and company. Constant queries."""
        Report = self.env["fabloch.unpaid.report"]
        Report.invalidate_model()  # what was read earlier in this transaction may have been paid or paused since
        rows = Report.search(
            [
                ("kind", "=", "invoice"),
                ("company_id", "in", moves.company_id.ids),
                ("partner_id", "in", moves.partner_id.ids),
                ("days_late", ">", 0),
            ],
            order="level desc, date_due, id",
        ).grouped(lambda row: (row.company_id, row.partner_id))
        pairs = moves.grouped(lambda move: (move.company_id, move.partner_id))
        return [
            self._notice(company, payer, rows.get((company, payer), Report))
            for company, payer in sorted(pairs, key=lambda pair: (pair[0].id, pair[1].display_name or ""))
        ]

    def _notice(self, company, payer, late):
        """Return the notice of a payer, whose late items are `late`."""
        ripe = late.filtered(lambda item: item.status == "to_remind").with_prefetch(late._prefetch_ids)
        if not late:
            return Notice(company, payer, late, {}, self.env._("Nothing is late, or everything is paid."))
        if not ripe:
            return Notice(company, payer, late, {}, *self._why_not(late))
        levels = {}
        for item in ripe:
            levels[item.move_id] = max(levels.get(item.move_id, 0), item.level + 1)
        notice = Notice(company, payer, ripe, levels)
        if not notice.recipient.email_normalized:
            problem = self.env._("No valid e-mail address: write it on the contact, or phone.")
            return notice._replace(problem=problem, to_act=True)
        return notice

    def _why_not(self, late):
        """Return why nothing of these late items is to be reminded of, and whether somebody has to act."""
        by_status = late.grouped("status")
        if items := by_status.get("credit"):
            amount = format_amount(self.env, items[0].payer_credit, items[0].currency_id)
            return (
                self.env._(
                    "%(amount)s of this payer waits to be allocated: match it with an invoice first.", amount=amount
                ),
                True,
            )
        if "today" in by_status:
            return self.env._("Reminded today already."), False
        if items := by_status.get("waiting"):
            date = format_date(self.env, min(items.mapped("remind_on")))
            return self.env._("Too early: the next reminder can go from %s.", date), False
        if items := by_status.get("paused"):
            texts = [record._fabloch_pause_text() for record in (*items.move_id, *items.partner_id)]
            texts.append(items.commercial_partner_id._fabloch_pause_text())
            reason = next(filter(None, texts), self.env._("excluded from follow-up, or its payment is blocked"))
            return self.env._("Paused: %s.", reason), False
        return self.env._("Reminded three times: phone, or decide what follows."), False

    @api.model
    def _deliver(self, notices):
        """Send these notices: all at once, or by halves until the one that can't be sent is alone.

        :return: the notices, with the problem of those that couldn't be sent
        """
        if not notices:
            return []
        try:
            with self.env.cr.savepoint():
                return self._deliver_at_once(notices)
        except psycopg2.OperationalError:
            raise  # a race with another worker: the whole transaction has to start again
        except Exception as error:
            if len(notices) == 1:
                _logger.warning("Reminding %s failed", notices[0].payer.display_name, exc_info=True)
                return [notices[0]._replace(problem=str(error) or type(error).__name__, to_act=True)]
        half = len(notices) // 2
        return self._deliver(notices[:half]) + self._deliver(notices[half:])

    def _deliver_at_once(self, notices):
        rows = self._insert(notices)
        self._give_access_tokens(rows)
        sent = [notice for notice in notices if all(move in rows for move in notice.items.move_id)]
        for level in range(1, LAST_LEVEL + 1):
            of_level = {notice.items[0].move_id.id: notice for notice in sent if notice.level == level}
            if not of_level:
                continue
            template = self.env.ref(f"fabloch_finance.mail_template_reminder_{level}")
            mails = template.with_context(fabloch_notices=of_level).send_mail_batch(list(of_level))
            for notice, mail in zip(of_level.values(), mails, strict=True):
                for move in notice.items.move_id:
                    rows[move].message_id = mail.mail_message_id
        self._log(rows.values())
        done = self.env._("Reminded today already.")
        return [notice if notice in sent else notice._replace(problem=done) for notice in notices]

    def _insert(self, notices):
        """Write the rows of these notices, those of today left out; return {invoice: row}."""
        self.flush_model()
        today = fields.Date.context_today(self)
        values = []
        for notice in notices:
            for move, level in notice.levels.items():
                items = notice.items.filtered(lambda item, move=move: item.move_id == move)
                amount = move.currency_id.round(sum(items.mapped("document_amount")))
                values.append(
                    SQL(
                        "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')",
                        move.id,
                        notice.company.id,
                        notice.payer.id,
                        level,
                        today,
                        self.env.uid,
                        notice.recipient.email_normalized,
                        amount,
                        move.currency_id.id,
                        self.env.uid,
                    )
                )
        # Always in the same order, so that two workers wait for one another and don't block each other.
        inserted = self.env.execute_query(
            SQL(
                """
                INSERT INTO fabloch_payment_reminder
                            (move_id, company_id, partner_id, level, date, user_id, email, amount, currency_id,
                             create_uid, create_date)
                SELECT *
                  FROM (VALUES %s) AS row (move_id, company_id, partner_id, level, date, user_id, email, amount,
                                           currency_id, create_uid, create_date)
              ORDER BY move_id
                    ON CONFLICT DO NOTHING
             RETURNING id, move_id
                """,
                SQL(", ").join(values),
            )
        )
        self.invalidate_model()
        rows = self.browse([row_id for row_id, _move_id in inserted])
        moves = self.env["account.move"].browse([move_id for _row_id, move_id in inserted])
        moves.invalidate_recordset(["fabloch_reminder_ids", "fabloch_reminder_level"])
        return dict(zip(moves, rows, strict=True))

    def _give_access_tokens(self, moves):
        """Make the portal's links work: one statement, where Odoo would write each invoice as if it changed."""
        moves = self.env["account.move"].union(*moves)
        moves.flush_recordset(["access_token"])
        self.env.cr.execute(
            SQL(
                "UPDATE account_move SET access_token = gen_random_uuid()::text"
                " WHERE id IN %s AND access_token IS NULL",
                tuple(moves.ids) or (0,),
            )
        )
        moves.invalidate_recordset(["access_token"])

    def _log(self, rows):
        """Tell in each invoice that it was reminded of."""
        bodies = {
            row.move_id.id: self.env._(
                "%(level)s sent to %(email)s: %(amount)s late.",
                level=row._level_name(),
                email=row.email,
                amount=format_amount(self.env, row.amount, row.currency_id),
            )
            for row in rows
        }
        self.env["account.move"].browse(bodies)._message_log_batch(bodies)

    def _level_name(self):
        return self._level_names()[self.level]

    @api.model
    def _level_names(self):
        """Return the names of the levels in the user's language: {1: "First reminder"...}."""
        return {
            1: self.env._("First reminder"),
            2: self.env._("Second reminder"),
            3: self.env._("Last reminder"),
        }
