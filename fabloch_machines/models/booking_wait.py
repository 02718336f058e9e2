from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from odoo.addons.fabloch_finance.batches import committed

from .. import clock
from .machine_quote import QuoteRequest

BATCH = 100
ENGINE_FIELDS = {"booking_id", "company_id", "offered_until", "passed_date", "passed_reason", "state"}


class BookingWait(models.Model):
    """Somebody waits for a period that is taken. When it frees, the first in the line gets it on hold for some time.

    Beside this file: how it is offered (booking_wait_offer.py), what ends an offer (booking_waited.py).
    """

    _name = "fabloch.booking.wait"
    _description = "Waitlist"
    _inherit = "fabloch.engine.mixin"
    _order = "id"
    _rec_names_search = ["partner_id", "machine_id"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", "Who waits", required=True, index=True, ondelete="cascade", check_company=True
    )
    machine_id = fields.Many2one("fabloch.machine", required=True, index=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one(related="machine_id.company_id", store=True, precompute=True, index=True)
    start = fields.Datetime("From", required=True)
    stop = fields.Datetime("To", required=True)
    units = fields.Integer(required=True, default=1, aggregator=None)
    note = fields.Text()
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("offered", "Offered"),
            ("booked", "Booked"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="waiting",
    )
    booking_id = fields.Many2one(
        "fabloch.booking",
        "Offered booking",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="On hold for the person until the offer ends.",
    )
    offered_until = fields.Datetime("Offered until", readonly=True, copy=False)
    passed_reason = fields.Text(
        "Passed over because",
        readonly=True,
        copy=False,
        help="The period was free, and a rule was against this person: the next in the line was asked.",
    )
    passed_date = fields.Datetime("Passed over on", readonly=True, copy=False)

    _dates_ordered = models.Constraint("CHECK (stop > start)", "A period ends after it starts: correct its times.")
    _units_positive = models.Constraint("CHECK (units >= 1)", "One waits for at least one unit.")
    _once = models.UniqueIndex(
        "(partner_id, machine_id, start, stop) WHERE state IN ('waiting', 'offered')",
        "This person waits for this period already.",
    )
    _waiting_idx = models.Index("(start) WHERE state = 'waiting'")

    @api.depends("partner_id", "machine_id")
    def _compute_display_name(self):
        for wait in self:
            wait.display_name = self.env._(
                "%(person)s waits for %(machine)s",
                person=wait.partner_id.display_name or "",
                machine=wait.machine_id.name or "",
            )

    @api.model_create_multi
    def create(self, vals_list):
        waits = super().create(vals_list)
        waits._check_may_wait()
        return waits

    def write(self, vals):
        self._check_engine_fields([vals])
        if not self.env.su and {"machine_id", "partner_id", "start", "stop", "units"}.intersection(vals):
            raise UserError(
                self.env._("The place in the line is for one period: leave the waitlist, and wait for another.")
            )
        return super().write(vals)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "These fields of the waitlist follow from what frees and from the buttons, and can't be set: %s.",
            ", ".join(names),
        )

    def _check_may_wait(self):
        """Nobody waits for what is free, for what is over, or for what the rules refuse in any case.

        :raises UserError: which of these it is, and what to do.
        """
        Machine = self.env["fabloch.machine"]
        now = clock.now()
        for _company, waits in self.grouped("company_id").items():
            requests = waits._requests()
            checks = Machine._rule_checks(requests, None)
            verdicts = Machine._verdicts(requests, rules=False, propose=False, explain=False)
            for wait, request, check, verdict in zip(waits, requests, checks, verdicts, strict=True):
                if wait.start <= now:
                    raise UserError(
                        self.env._(
                            "%s has begun: one waits for a period that lies ahead.",
                            Machine._moment(wait.start, Machine._settings(wait.machine_id.id).tz),
                        )
                    )
                if reason := check(request, Machine._settings(wait.machine_id.id)):
                    raise UserError(reason)
                if not verdict.reason:
                    raise UserError(
                        self.env._("%s is free in this period: book it instead of waiting.", wait.machine_id.name)
                    )

    def _requests(self):
        """Return what each of these waits asks for, in the terms of `fabloch.machine`."""
        return [QuoteRequest(wait.machine_id, wait.partner_id, wait.start, wait.stop, wait.units) for wait in self]

    # -- Actions ---------------------------------------------------------------------------------------------------

    def action_confirm(self):
        """Confirm the bookings that are offered here.

        :raises UserError: when nothing is offered, or the offer is over and the period is taken since.
        """
        self._check_own()
        for wait in self:
            if wait.state != "offered":
                raise UserError(self.env._("Nothing is offered to %s here.", wait.partner_id.display_name))
        return self.booking_id.sudo().action_confirm()

    def action_cancel(self):
        """Leave the waitlist; what was offered is offered to the next one.

        :raises UserError: when one waits no longer.
        """
        self._check_own()
        for wait in self:
            if wait.state not in ("waiting", "offered"):
                raise UserError(self.env._("%s waits no longer.", wait.partner_id.display_name))
        offered = self.filtered(lambda wait: wait.state == "offered")
        (self - offered).sudo().state = "cancelled"
        # The booking's own end says so here, too.
        offered.booking_id.sudo().action_cancel(self.env._("The offer was refused"))
        return True

    def _check_own(self):
        self.check_access("read")
        if self.env.su or self.env.user.has_group("fabloch_machines.group_machines_user"):
            return
        if self.partner_id - self.env.user.partner_id:
            raise AccessError(self.env._("Only who waits, or the reception, answers an offer or leaves the waitlist."))

    # -- Cron ------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_offer(self):
        """End the offers nobody took, and offer whatever has become free without anyone noticing."""
        now = clock.now()
        self.env["fabloch.booking"]._cron_expire()
        self.search([("state", "=", "waiting"), ("start", "<=", now)]).write({"state": "expired"})
        waiting = self.search([("state", "=", "waiting")]).ids
        for batch in committed(self.env, split_every(BATCH, waiting, list)):
            self.browse(batch)._offer()
