from odoo import api, fields, models
from odoo.tools import plaintext2html, split_every

from ..batches import committed

PAYERS_PER_BATCH = 50


class PaymentReminder(models.Model):
    """The reminders that go by themselves, and what a click answers."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.payment.reminder"

    @api.model
    def _cron_remind(self):
        """Remind all those whose turn it is in the companies that want it, in batches that are committed.

        Whoever can't be reminded holds up nobody: an activity on the payer says what is to be done. What was committed
        stays; the next call finds the rest, since who was reminded today isn't to be reminded any more.
        """
        companies = self.env["res.company"].search([("fabloch_remind_auto", "=", True)])
        items = self.env["fabloch.unpaid.report"].search(
            [("company_id", "in", companies.ids), ("status", "in", ("to_remind", "credit"))],
            # Those who can be reminded come first: the others come back on every run.
            order="status desc, company_id, partner_id",
        )
        moves = [rows.move_id.ids for rows in items.grouped(lambda row: (row.company_id, row.partner_id)).values()]
        for batch in committed(self.env, split_every(PAYERS_PER_BATCH, moves, list)):
            notices = self._remind(self.env["account.move"].browse([move_id for ids in batch for move_id in ids]))
            self._ask_to_act(notices)

    # -- Activities ------------------------------------------------------------------------------------------------

    def _ask_to_act(self, notices):
        """Put one activity on each payer who can't be reminded, or refresh the one he has; drop those of the others."""
        activity_type = self.env.ref("fabloch_finance.mail_activity_type_reminder")
        payers = self.env["res.partner"].union(*(notice.payer for notice in notices))
        activities = self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", activity_type.id),
                ("res_model", "=", payers._name),
                ("res_id", "in", payers.ids),
            ]
        )
        activity_of = {activity.res_id: activity for activity in activities}
        model_id = self.env["ir.model"]._get_id(payers._name)
        to_create, over = [], self.env["mail.activity"]
        for notice in notices:
            activity = activity_of.get(notice.payer.id)
            if not notice.to_act:
                over |= activity or over
            elif activity:
                activity.note = plaintext2html(notice.problem)
            else:
                to_create.append(
                    {
                        "activity_type_id": activity_type.id,
                        "res_model_id": model_id,
                        "res_id": notice.payer.id,
                        "user_id": notice.company._fabloch_reminder_user().id,
                        "summary": self.env._("Payment reminder not sent"),
                        "note": plaintext2html(notice.problem),
                        "date_deadline": fields.Date.context_today(self),
                    }
                )
        over.unlink()
        # One mail per payer would drown the accountant: the activity is enough.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(to_create)

    # -- Answers ---------------------------------------------------------------------------------------------------

    @api.model
    def _remind_and_tell(self, moves):
        """Remind the payers of these invoices; return the notification that tells who was reminded and who wasn't."""
        notices = self._remind(moves)
        skipped = [notice for notice in notices if notice.problem]
        lines = [self._told(notice) for notice in notices]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if skipped else "success",
                "title": self.env._(
                    "Reminders: %(sent)s sent, %(skipped)s not", sent=len(notices) - len(skipped), skipped=len(skipped)
                ),
                "message": "\n".join(lines[:10]) + ("\n…" if len(lines) > 10 else ""),
                "sticky": bool(skipped),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _told(self, notice):
        """Return what became of a notice, in a line."""
        if notice.problem:
            return f"{notice.payer.display_name}: {notice.problem}"
        return self.env._(
            "%(payer)s: %(level)s, invoices: %(invoices)s",
            payer=notice.payer.display_name,
            level=self._level_names()[notice.level],
            invoices=", ".join(notice.items.move_id.mapped("name")),
        )
