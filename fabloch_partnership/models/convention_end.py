from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.fabloch_finance import arguments


class ConventionEnd(models.Model):
    """How a convention ends by somebody's will, and what falls with it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    def action_terminate(self, date=None, reason=None):
        """End these conventions: `date` is their last day; what they would bring later is dropped.

        Charges not invoiced yet are waived, gifts not received are cancelled. What is invoiced, received or notified
        already stays: giving it back is the accountant's business.

        :param date date: the last day; by default the end that a notice given today allows.
        :param str reason: why; needed when it ends earlier than a notice given today allows.
        :raises UserError: when one is not signed, is over already, is an amendment, or the day doesn't fit.
        """
        self.check_access("write")
        date, reason = arguments.day(self.env, date), arguments.words(self.env, reason)
        for convention in self:
            day = date or convention._notice_end()
            convention._check_termination(day, reason)
            convention.sudo()._terminate(day, reason or self.env._("Not renewed"))
        return True

    def _notice_end(self, today=None):
        """Return the first end that a notice given on the day `today` still reaches: of this term, or of the next."""
        self.ensure_one()
        today = today or fields.Date.context_today(self)
        end = self._term_end(today)
        if self.tacit_renewal and end and self._notice_of(end) < today and end != self.last_day:
            end = self._term_end(fields.Date.add(end, days=1))
        return end

    def _check_termination(self, day, reason):
        self.ensure_one()
        words = {"convention": self.display_name, "day": format_date(self.env, day)}
        if self.amended_id:
            raise UserError(
                self.env._(
                    "%(amendment)s is an amendment: end the convention %(convention)s itself.",
                    amendment=self.name,
                    convention=self.amended_id.name,
                )
            )
        if self.state != "signed":
            raise UserError(self.env._("%(convention)s is not signed, or is ended already.", **words))
        before_start = fields.Date.subtract(self.date_start, days=1)
        if day < before_start:
            raise UserError(
                self.env._(
                    "%(convention)s starts on %(start)s: its last day can't be before, on %(day)s. For one that never "
                    "takes effect, choose the day before its start.",
                    start=format_date(self.env, self.date_start),
                    **words,
                )
            )
        if self.last_day and day >= self.last_day and not (self.tacit_renewal and day == self.last_day):
            raise UserError(
                self.env._(
                    "%(convention)s ends by itself on %(end)s: only an earlier day can end it.",
                    end=format_date(self.env, self.last_day),
                    **words,
                )
            )
        if not reason and day < self._notice_end():
            raise UserError(
                self.env._(
                    "A notice given today ends %(convention)s on %(end)s. Say why it ends earlier, on %(day)s.",
                    end=format_date(self.env, self._notice_end()),
                    **words,
                )
            )

    def _terminate(self, day, reason):
        in_force = self + self.amendment_ids.filtered(lambda each: each.state == "signed")
        pending = self.amendment_ids - in_force
        pending.write({"state": "draft", "active": False})
        self._due_after(day)._drop(self.env._("%(convention)s ended: %(reason)s", convention=self.name, reason=reason))
        in_force.write({"state": "terminated", "terminated_on": day, "termination_reason": reason})

    def _due_after(self, day):
        """Return the instalments of this convention and its amendments that fall after `day` and can be dropped."""
        self.ensure_one()
        instalments = (self + self.amendment_ids).instalment_ids
        return instalments.filtered(lambda each: each.date > day and each._can_be_dropped())

    def action_open_termination(self):
        """Open the wizard that asks for the last day and the reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End the convention"),
            "res_model": "fabloch.convention.terminate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_convention_id": self.id},
        }
