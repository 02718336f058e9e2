from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_datetime

from odoo.addons.fabloch_finance.guard import without_defaults

from .. import clock, periods
from .machine_verdict import MOMENT

STATES = [
    ("hold", "On hold"),
    ("confirmed", "Confirmed"),
    ("cancelled", "Cancelled"),
    ("no_show", "No-show"),
]
# In these a booking takes its machine.
LIVE_STATES = ("hold", "confirmed")
# What a booking takes: a change of it is checked, occupied and priced again.
TAKEN_FIELDS = {"machine_id", "partner_id", "start", "stop", "units"}
# Only the actions and the computations set these, never a form, an import or a call from outside.
ENGINE_FIELDS = {
    "amount",
    "arrived_at",
    "cancel_date",
    "cancel_reason",
    "category_id",
    "charge_ids",
    "company_id",
    "confirm_date",
    "currency_id",
    "hold_until",
    "member_category_id",
    "name",
    "occupancy_ids",
    "open_minutes",
    "prepaid_minutes",
    "price_explanation",
    "series_id",
    "use_ids",
    "visitor",
    "wait_id",
}


class Booking(models.Model):
    """A machine, some units of a pool, or a workshop, taken by somebody for one period.

    Beside this file: what it takes (booking_occupancy.py), what it costs (booking_charge.py),
    its end (booking_end.py), its mails (booking_mail.py).
    """

    _name = "fabloch.booking"
    _description = "Booking"
    _inherit = ["mail.thread", "mail.activity.mixin", "fabloch.engine.mixin"]
    _order = "start desc, id desc"
    _rec_names_search = ["name", "partner_id", "machine_id"]
    _check_company_auto = True

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    partner_id = fields.Many2one(
        "res.partner", "Booked by", required=True, index=True, tracking=True, ondelete="restrict", check_company=True
    )
    machine_id = fields.Many2one(
        "fabloch.machine", required=True, index=True, tracking=True, ondelete="restrict", check_company=True
    )
    category_id = fields.Many2one(
        "fabloch.machine.category",
        compute="_compute_from_machine",
        store=True,
        precompute=True,
        index=True,
        help="The machine's when it was booked.",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_from_machine", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_from_machine", store=True, precompute=True)
    start = fields.Datetime("From", required=True, tracking=True)
    stop = fields.Datetime(
        "To", compute="_compute_stop", store=True, readonly=False, precompute=True, required=True, tracking=True
    )
    units = fields.Integer(
        default=1, required=True, tracking=True, aggregator=None, help="How many identical units of a pool."
    )
    duration = fields.Float(
        "Hours",
        compute="_compute_duration",
        inverse="_inverse_duration",
        store=True,
        precompute=True,
        help="Clock hours of one unit.",
    )
    state = fields.Selection(STATES, required=True, default="hold", tracking=True, copy=False, index=True)
    hold_until = fields.Datetime(
        "Held until", readonly=True, copy=False, help="Not confirmed by then, the period is free again."
    )
    confirm_date = fields.Datetime("Confirmed on", readonly=True, copy=False)
    cancel_date = fields.Datetime("Cancelled on", readonly=True, copy=False)
    cancel_reason = fields.Char("Reason of the cancellation", readonly=True, copy=False, tracking=True)
    arrived_at = fields.Datetime("Arrived at", readonly=True, copy=False)
    note = fields.Text(help="What the workshop should know: material, project, help wanted.")
    exception_reason = fields.Char(
        "Exception",
        copy=False,
        tracking=True,
        help="A machine manager books against a rule (hours, notice, quota, authorisation) and says why. "
        "Nothing lets two bookings overlap.",
    )
    series_id = fields.Many2one(
        "fabloch.booking.series", "Repeats", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    occupancy_ids = fields.One2many("fabloch.occupancy", "booking_id", readonly=True)
    charge_ids = fields.One2many("fabloch.charge", "booking_id", "Charges", readonly=True, copy=False)
    use_ids = fields.One2many("fabloch.allowance.use", "booking_id", "Prepaid time", readonly=True, copy=False)
    member_category_id = fields.Many2one(
        "fabloch.member.category", readonly=True, copy=False, index="btree_not_null", help="When it was confirmed."
    )
    visitor = fields.Boolean(readonly=True, copy=False, help="Confirmed at the price for non-members.")
    open_minutes = fields.Integer(
        readonly=True, copy=False, help="How much of it, units together, lies in the opening hours."
    )
    prepaid_minutes = fields.Integer("Prepaid (minutes)", readonly=True, copy=False)
    amount = fields.Monetary(
        "Price",
        compute="_compute_amount",
        store=True,
        default=0.0,
        help="Untaxed: what its charges sum to, consumables included.",
    )

    _dates_ordered = models.Constraint("CHECK (stop > start)", "A booking ends after it starts: correct its times.")
    _units_positive = models.Constraint("CHECK (units >= 1)", "A booking takes at least one unit.")
    _upcoming_idx = models.Index("(machine_id, stop) WHERE state IN ('hold', 'confirmed')")
    _person_idx = models.Index("(partner_id, start)")
    _hold_idx = models.Index("(hold_until) WHERE state = 'hold'")
    _start_idx = models.Index("(start)")

    def _check_company(self, fnames=None):
        # The company is the machine's, and a contact that all companies share agrees with any.
        apart = self.filtered(lambda booking: booking.partner_id.sudo().company_id)
        return super(Booking, apart)._check_company(fnames)

    @api.depends("machine_id")
    def _compute_from_machine(self):
        for booking in self:
            if booking.machine_id:
                settings = self.env["fabloch.machine"]._settings(booking.machine_id._origin.id)
                booking.category_id = settings.category_id
                booking.company_id = settings.company_id
                booking.currency_id = settings.currency_id
            else:
                booking.category_id = booking.company_id = booking.currency_id = False

    @api.depends("machine_id", "start")
    def _compute_stop(self):
        for booking in self:
            if booking.start and booking.machine_id and (not booking.stop or booking.stop <= booking.start):
                length = max(booking.machine_id.shortest_minutes, min(60, booking.machine_id.longest_minutes or 60))
                booking.stop = booking.start + timedelta(minutes=length)

    @api.depends("start", "stop")
    def _compute_duration(self):
        for booking in self:
            if booking.start and booking.stop:
                booking.duration = (booking.stop - booking.start).total_seconds() / 3600
            else:
                booking.duration = 0.0

    @api.onchange("duration")
    def _inverse_duration(self):
        for booking in self:
            if booking.start and booking.duration:
                try:
                    stop = booking.start + timedelta(minutes=round(booking.duration * 60))
                except OverflowError as error:
                    raise ValidationError(
                        self.env._("A booking can't last %s hours: give the time of its end.", booking.duration)
                    ) from error
                if stop != booking.stop:
                    booking.stop = stop

    @api.depends("charge_ids.amount", "charge_ids.waived", "charge_ids.amount_credited")
    def _compute_amount(self):
        for booking in self:
            booking.amount = sum(
                charge.amount - charge.amount_credited for charge in booking.charge_ids if not charge.waived
            )

    @api.depends("name", "partner_id", "machine_id")
    def _compute_display_name(self):
        for booking in self:
            booking.display_name = self.env._(
                "%(machine)s, %(person)s",
                machine=booking.machine_id.name or "",
                person=booking.partner_id.display_name or booking.name,
            )

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, {*self._engine_fields(), "state"})
        if not self.env.su:
            self._check_engine_fields(vals_list)
            for vals in vals_list:
                if vals.get("state", "hold") not in LIVE_STATES:
                    self._refuse_state()
        vals_list = [dict(vals) for vals in vals_list]
        states = [vals.pop("state", False) or "hold" for vals in vals_list]
        if not set(states) <= set(LIVE_STATES):
            raise UserError(self.env._("A booking begins on hold or confirmed: cancel it, or mark the no-show, later."))
        sequence_id = self.env["ir.model.data"]._xmlid_to_res_id("fabloch_machines.booking_sequence")
        numbers = self.env["ir.sequence"].sudo().browse(sequence_id)._draw_many(len(vals_list))
        now = clock.now()
        for vals, number in zip(vals_list, numbers, strict=True):
            vals["name"] = number
            if machine_id := vals.get("machine_id"):
                settings = self.env["fabloch.machine"]._settings(machine_id)
                vals.setdefault("hold_until", now + timedelta(minutes=settings.hold))
        # The first lines of the chatter would say what the form says, at ten queries a booking.
        bookings = super(Booking, self.with_context(tracking_disable=True)).create(vals_list)
        bookings = bookings.with_env(self.env)
        bookings._check_exception_right()
        bookings._take()
        to_confirm = bookings.browse(
            [booking.id for booking, state in zip(bookings, states, strict=True) if state == "confirmed"]
        )
        if to_confirm:
            to_confirm.action_confirm()
        return bookings

    def _check_engine_create(self, vals_list):
        """What was given is checked above: the number and the end of the hold are added since."""

    def write(self, vals):
        if not self.env.su:
            self._check_engine_fields([vals])
            if "state" in vals:
                self._refuse_state()
        taken = TAKEN_FIELDS.intersection(vals)
        if not taken:
            result = super().write(vals)
            if "exception_reason" in vals:
                self._check_exception_right()
            return result
        before = {booking: tuple(booking[name] for name in sorted(TAKEN_FIELDS)) for booking in self}
        left = self.machine_id
        result = super().write(vals)
        if "exception_reason" in vals:
            self._check_exception_right()
        moved = self.filtered(lambda booking: before[booking] != tuple(booking[name] for name in sorted(TAKEN_FIELDS)))
        moved._check_may_move()
        start = sorted(TAKEN_FIELDS).index("start")
        moved._take(kept=moved.filtered(lambda booking: booking.start == before[booking][start]))
        moved.filtered(lambda booking: booking.state == "confirmed")._reprice()
        moved._after_move(left)
        return result

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | ENGINE_FIELDS

    def _engine_refusal(self, names):
        return self.env._(
            "These fields of a booking follow from its dates, its price or an action and can't be set: %s. "
            "Use the buttons of the booking.",
            ", ".join(names),
        )

    def _refuse_state(self):
        raise AccessError(self.env._("The state of a booking follows from its buttons: confirm, cancel or no-show."))

    def _check_exception_right(self):
        if self.env.su or not any(self.mapped("exception_reason")):
            return
        if not self._may_make_exceptions():
            raise AccessError(
                self.env._("Only a machine manager books against a rule: leave “Exception” empty, or ask one.")
            )

    def _may_make_exceptions(self):
        """Return whether the user may book against a rule: the person, whatever rights the code has for a moment."""
        return self.env.user.has_group("fabloch_machines.group_machines_manager")

    def _check_may_move(self):
        for booking in self:
            if booking.state not in LIVE_STATES:
                raise UserError(
                    self.env._(
                        "%s is no longer running, so it can't be moved: make another booking.", booking.display_name
                    )
                )

    def _after_move(self, left=None):
        """What follows when these bookings have moved or ended: what they left may be offered to who waits for it.

        :param left: the machines that they were on, where these may be others.
        """

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        for booking in self:
            if booking.confirm_date:
                raise UserError(
                    self.env._(
                        "%s was confirmed and is kept: cancel it instead, with the reason.", booking.display_name
                    )
                )

    # -- Helpers ---------------------------------------------------------------------------------------------------

    @api.model
    def _live_on(self, machines, moment):
        """Return the bookings of `machines` that run after `moment`, in order."""
        return self.search(
            [("machine_id", "in", machines.ids), ("stop", ">", moment), ("state", "in", LIVE_STATES)], order="start, id"
        )

    def _tz(self):
        return self.env["fabloch.machine"]._settings(self.machine_id.id).tz

    def _local(self, moment):
        """Return `moment` (naive UTC) by the clock on the machine's wall."""
        return periods.to_local(moment, self._tz())

    def _local_text(self, moment=None, lang=None):
        """Return a moment of this booking (default: its start) as people read it where the machine stands."""
        self.ensure_one()
        return format_datetime(
            self.env, moment or self.start, tz=self._tz(), dt_format=MOMENT, lang_code=lang or self.env.lang
        )
