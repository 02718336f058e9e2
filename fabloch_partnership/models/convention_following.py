from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .convention_status import _add_months


class ConventionFollowing(models.Model):
    """What comes after a signed convention: the one that renews it, the amendments (avenants) that change it."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    _renewed_once = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL AND active",
        "This convention is renewed already: see the one that follows it.",
    )

    total_amount = fields.Monetary(
        "Amount with its amendments",
        compute="_compute_total",
        store=True,
        help="Its own instalments and those of its signed amendments, untaxed.",
    )
    total_counterpart_value = fields.Monetary("Counterparts with its amendments", compute="_compute_total", store=True)

    @api.depends(
        "amount",
        "counterpart_value",
        "amendment_ids.state",
        "amendment_ids.amount",
        "amendment_ids.counterpart_value",
    )
    def _compute_total(self):
        for convention in self:
            in_force = convention + convention._amendments_in_force()
            convention.total_amount = sum(in_force.mapped("amount"))
            convention.total_counterpart_value = sum(in_force.mapped("counterpart_value"))

    def _amendments_in_force(self):
        """Return the signed amendments of these conventions, ended ones included."""
        return self.amendment_ids.filtered(lambda each: each.state in ("signed", "terminated"))

    # -- Renew -------------------------------------------------------------------------------------------------

    def action_renew(self):
        """Make the convention that follows each of these, to be negotiated, from the day after the last one; open them.

        Its commitments and instalments are those of today, amendments included, moved to the new dates.

        :raises UserError: when one can't be renewed, with the reason.
        """
        self.browse().check_access("create")
        for convention in self:
            if reason := convention._renewal_obstacle():
                raise UserError(
                    self.env._("%(convention)s: %(reason)s", convention=convention.display_name, reason=reason)
                )
        # One that was given up makes room in the database first.
        self.flush_model(["active", "previous_id"])
        # What it follows is the action's word: nobody else may write it.
        following = self.sudo().create([convention._prepare_next_vals() for convention in self.sudo()])
        return following.sudo(self.env.su)._action_open()

    def _renewal_obstacle(self):
        """Return why this convention can't be renewed, if so."""
        self.ensure_one()
        if self.amended_id:
            return self.env._("an amendment isn't renewed: renew %s.", self.amended_id.name)
        if self.state not in ("signed", "terminated"):
            return self.env._("it is not signed yet.")
        if self.next_ids:
            return self.env._("it is renewed already by %s.", self.next_ids[0].name)
        if not self.last_day:
            return self.env._("it is renewed tacitly without limit: amend it, or end it first.")
        return None

    def _prepare_next_vals(self):
        """Values of the convention that follows this one without gap or overlap, as long as this one was agreed for."""
        self.ensure_one()
        start = self.last_day + relativedelta(days=1)
        move = _mover(self.date_start, start)
        in_force = self + self._amendments_in_force()
        instalments = in_force.instalment_ids.filtered(lambda each: not each.cancelled)
        return {
            **self.copy_data()[0],
            "date_start": start,
            "date_end": move(self.agreed_end + relativedelta(days=1)) - relativedelta(days=1),
            "previous_id": self.id,
            "user_id": self.user_id.id or self.env.uid,
            "commitment_ids": [
                Command.create({**part.copy_data()[0], "convention_id": False, "date_due": move(part.date_due)})
                for part in in_force.commitment_ids
            ],
            "instalment_ids": [
                Command.create(
                    {
                        **part.copy_data()[0],
                        "convention_id": False,
                        "date": move(part.date),
                        "period_start": move(part.period_start),
                        "period_end": move(part.period_end),
                    }
                )
                for part in instalments
            ],
        }

    # -- Amend -------------------------------------------------------------------------------------------------

    def action_amend(self):
        """Make an amendment (avenant) of this convention, to be negotiated and signed; open it.

        Once signed, its end replaces the convention's, its commitments and instalments add to the convention's. An
        amendment of an amendment amends the convention itself.

        :raises UserError: when the convention is not signed, is over, or has an amendment that isn't signed yet.
        """
        self.ensure_one()
        self.browse().check_access("create")
        root = self.amended_id or self
        # Two at once would take the same number, and each would miss what the other one changes.
        root.sudo().lock_for_update()
        if root.state != "signed" or root.status == "expired":
            raise UserError(
                self.env._("%s is not in force: only what is signed and not over is amended.", root.display_name)
            )
        pending = root.amendment_ids.filtered(lambda each: each.state in ("draft", "in_signature"))
        if pending:
            raise UserError(
                self.env._(
                    "%(amendment)s, which amends %(convention)s already, is not signed yet: change it, have it signed "
                    "or archive it first.",
                    amendment=pending[0].name,
                    convention=root.name,
                )
            )
        return self.sudo().create(root.sudo()._prepare_amendment_vals()).sudo(self.env.su)._action_open()

    def _prepare_amendment_vals(self):
        """Values of an amendment of this convention that changes nothing yet."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        start = max(today, self.date_start)
        return {
            "name": self._next_amendment_name(),
            "amended_id": self.id,
            "title": self.title,
            "type_id": self.type_id.id,
            "partner_id": self.partner_id.id,
            "signatory_id": self.signatory_id.id,
            "signatory_function": self.signatory_function,
            "company_id": self.company_id.id,
            "company_signatory_id": self.company_signatory_id.id,
            "user_id": self.user_id.id or self.env.uid,
            "date_start": min(start, self.agreed_end),
            "date_end": self.agreed_end,
            "tacit_renewal": self.tacit_renewal,
            "renewal_months": self.renewal_months,
            "renewal_limit": self.renewal_limit,
            "notice_months": self.notice_months,
        }

    def _next_amendment_name(self):
        amendments = self.with_context(active_test=False).search([("amended_id", "=", self.id)])
        numbers = [name.rpartition("-A")[2] for name in amendments.mapped("name")]
        return f"{self.name}-A{max([int(number) for number in numbers if number.isdigit()], default=0) + 1}"

    def _action_open(self):
        """Return the action that opens these conventions."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.convention_action")
        if len(self) == 1:
            action.update(views=[(False, "form")], res_id=self.id)
        else:
            action.update(domain=[("id", "in", self.ids)], context={})
        return action


def _mover(old_start, new_start):
    """Return a function that moves a date as `old_start` moves to `new_start`: by whole months where that is so."""
    months = (new_start.year - old_start.year) * 12 + new_start.month - old_start.month

    def move(day):
        if not day:
            return day
        if old_start + relativedelta(months=months) == new_start:
            return _add_months(day, months)
        return day + (new_start - old_start)

    return move
