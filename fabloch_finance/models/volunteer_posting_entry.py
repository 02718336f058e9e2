from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date


class VolunteerPostingEntry(models.Model):
    """What a posting writes: 864 against 875, a pair of lines a kind, and the time sheet attached to the entry."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.volunteer.posting"

    def action_post(self):
        """Book every hour of these periods that no posting has, and lock them.

        :raises UserError: when there is nothing to post, a rate or an account is missing, or it was posted already.
        """
        self.check_access("write")
        for posting in self:
            posting.lock_for_update()
            posting.invalidate_recordset(["state"])
            if posting.state != "draft":
                raise UserError(self.env._("“%s” was posted already: make another one.", posting.display_name))
            lines = (
                self.env["fabloch.volunteer.hours"]
                .sudo()
                ._take_unposted(posting.company_id, posting.date_from, posting.date_to)
            )
            posting._check_postable(lines)
            move = self.env["account.move"].with_company(posting.company_id).create(posting._prepare_move_vals(lines))
            move.action_post()
            lines.posting_id = posting
            posting.sudo().write(
                {
                    "state": "posted",
                    "move_id": move.id,
                    "posted_hours": sum(lines.mapped("hours")),
                    "posted_value": sum(lines.mapped("value")),
                }
            )
            posting._attach_sheet()
        return True

    def action_cancel(self):
        """Reverse the entries of these postings on the same day, and free their hours.

        :raises UserError: when one isn't posted; by Odoo when the books of that day are locked.
        """
        self.check_access("write")
        for posting in self:
            posting.lock_for_update()
            posting.invalidate_recordset(["state"])
            if posting.state != "posted":
                raise UserError(self.env._("“%s” isn't posted: there is nothing to cancel.", posting.display_name))
        self.sudo().state = "cancelled"
        hours = self.sudo().hours_ids
        hours.posting_id = False
        # Free again, they follow the rates, which may have changed since they were posted.
        hours.modified(["kind_id"])
        for posting in self:
            move = posting.move_id
            move._reverse_moves(
                [{"date": move.date, "ref": self.env._("Cancelled: %s", posting.display_name)}], cancel=True
            )
        return True

    def _check_postable(self, lines):
        self.ensure_one()
        if not lines:
            raise UserError(
                self.env._(
                    "No hours are left to post from %(start)s to %(end)s: they are posted already, or weren't entered.",
                    start=format_date(self.env, self.date_from),
                    end=format_date(self.env, self.date_to),
                )
            )
        if unvalued := lines.filtered(lambda line: not line.hourly_rate)[:1]:
            raise UserError(
                self.env._(
                    "No rate values the hours “%(kind)s” of %(day)s: add one under Volunteers > Hourly values, from "
                    "that day or before.",
                    kind=unvalued.kind_id.name,
                    day=format_date(self.env, unvalued.date),
                )
            )

    def _prepare_move_vals(self, lines):
        """Values of the entry of these hours, in the language of the association."""
        self.ensure_one()
        spoken = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)
        used, given = self.company_id._fabloch_volunteer_accounts()
        commands = []
        for kind, of_kind in lines.with_env(spoken.env).sudo().grouped("kind_id").items():
            amount = self.currency_id.round(sum(of_kind.mapped("value")))
            label = spoken.env._("%(kind)s: %(hours)s h", kind=kind.name, hours=f"{sum(of_kind.mapped('hours')):.2f}")
            commands += [
                Command.create({"name": label, "account_id": account.id, "balance": balance})
                for account, balance in ((used, amount), (given, -amount))
            ]
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.company_id._fabloch_volunteer_journal().id,
            "date": self.date_to,
            "ref": spoken.name,
            "line_ids": commands,
        }

    def _attach_sheet(self):
        """Attach the time sheet to the entry: its evidence, as it was on that day."""
        self.ensure_one()
        spoken = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang).sudo()
        content, kind = spoken.env["ir.actions.report"]._render_qweb_pdf(
            "fabloch_finance.report_volunteer_sheet", spoken.ids
        )
        self.env["ir.attachment"].sudo().create(
            {
                "name": f"{spoken.name.replace('/', '-')}.{kind}",
                "res_model": "account.move",
                "res_id": self.move_id.id,
                "raw": content,
            }
        )

    def _sheet(self):
        """Return the time sheet: [(person, hours by date)], by name."""
        self.ensure_one()
        people = self.hours_ids.sorted(lambda line: (line.date, line.id)).grouped("partner_id")
        return sorted(people.items(), key=lambda item: (item[0].name or "", item[0].id))
