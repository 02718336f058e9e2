import logging
from collections import defaultdict
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import date_utils, format_date, split_every

from odoo.addons.fabloch_finance.batches import committed

_logger = logging.getLogger(__name__)

ENVELOPES_PER_BATCH = 50


class AllowanceInvoicing(models.Model):
    """What the partner is invoiced for the use of its envelope: one charge for each period that is over."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.allowance"

    invoicing = fields.Selection(
        [("granted", "Paid otherwise: instalments, or offered"), ("used", "What was used")],
        "Invoiced to the partner",
        default="granted",
        required=True,
    )
    period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year"), ("end", "Once, at the end")],
        "Invoiced each",
        default="quarter",
        required=True,
    )
    invoice_product_id = fields.Many2one(
        "product.product",
        "Product invoiced",
        check_company=True,
        ondelete="restrict",
        help="Its account and taxes are those of the invoice.",
    )
    invoice_price = fields.Monetary(
        "Price of one",
        compute="_compute_invoice_price",
        store=True,
        readonly=False,
        help="Untaxed, of an hour or of a unit. Money is invoiced at its face value.",
    )
    billed_until = fields.Date("Invoiced until", readonly=True, copy=False, help="The end of the last period invoiced.")

    _price_positive = models.Constraint("CHECK (invoice_price >= 0)", "The price of an envelope can't be less than 0.")

    @api.depends("invoice_product_id")
    def _compute_invoice_price(self):
        for envelope in self:
            product = envelope.invoice_product_id.with_company(envelope.company_id)
            envelope.invoice_price = product.lst_price if product else envelope.invoice_price

    @api.constrains("invoicing", "invoice_product_id", "convention_id")
    def _check_invoicing(self):
        for allowance in self:
            if allowance.invoicing != "used":
                continue
            if not allowance.convention_id:
                raise ValidationError(
                    self.env._("Only what a convention grants is invoiced by its use: %s.", allowance.name)
                )
            if not allowance.invoice_product_id:
                raise ValidationError(
                    self.env._("“%s” is invoiced by its use: say with which product.", allowance.name)
                )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"billed_until"}

    def _engine_refusal(self, names):
        if names != ["billed_until"]:
            return super()._engine_refusal([name for name in names if name != "billed_until"])
        return self.env._("Until when an envelope is invoiced follows from its charges and can't be set: invoice it.")

    def action_invoice_uses(self):
        """Charge what was used of these envelopes in the periods that are over; open the charges.

        :return: an action, or a notice when nothing was to be charged.
        """
        self.check_access("write")
        self._check_officer()
        charges = self._invoice_uses(fields.Date.context_today(self))
        if not charges:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._("Nothing was used in a period that is over and isn't invoiced yet."),
                },
            }
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.charge_action")
        action.update(domain=[("id", "in", charges.ids)], context={})
        return action

    def _invoice_uses(self, date):
        """Make one charge for each of these envelopes and each period that ended before `date`, for what was used in
        it: minutes, cents and pieces that no charge bears yet.

        What was given back, or used, after its period was invoiced comes with the next one. The envelope's row is
        locked: of two who do it at once, one finds nothing to do or starts again.

        :return: the charges.
        """
        envelopes = self.sudo().filtered(lambda envelope: envelope.invoicing == "used")
        if not envelopes:
            return self.env["fabloch.charge"]
        envelopes._lock_for_draw()
        envelopes.invalidate_recordset(["billed_until"])
        uses = self.env["fabloch.allowance.use"].sudo()
        unbilled = uses.search([("allowance_id", "in", envelopes.ids), ("billed_charge_id", "=", False)])
        by_envelope = unbilled.grouped("allowance_id")
        vals_list, borne = [], []
        for envelope in envelopes:
            periods = defaultdict(uses.browse)
            for use in by_envelope.get(envelope, uses):
                periods[envelope._period_end(envelope._billing_day(use))] |= use
            ended = sorted(end for end in periods if end and end < date)
            for end in ended:
                units = sum(envelope._to_units(use.quantity) for use in periods[end])
                if units:
                    vals_list.append(envelope._prepare_uses_charge_vals(end, units))
                    borne.append(periods[end])
            if ended:
                envelope.billed_until = max(ended[-1], envelope.billed_until or ended[-1])
        charges = self.env["fabloch.charge"].sudo().create(vals_list)
        for charge, found in zip(charges, borne, strict=True):
            found.write({"billed_charge_id": charge.id})
        return charges.sudo(self.env.su)

    def _billing_day(self, use):
        """Return the day that says in which period `use` is invoiced."""
        if not self.billed_until or use.date > self.billed_until:
            return use.date
        # Its own period is invoiced: it comes with the one in which it was written.
        return max(fields.Datetime.context_timestamp(self, use.create_date).date(), self.billed_until + timedelta(1))

    def _period_end(self, day):
        """Return the last day of the period in which `day` lies, or None as long as it has no end."""
        last_day = self._last_day()
        if self.period == "end":
            return max(last_day, day) if last_day else None
        end = date_utils.end_of(day, self.period)
        # What is left of a period after the end isn't waited for.
        return min(end, last_day) if last_day and day <= last_day else end

    def _last_day(self):
        """Return the last day on which this envelope can be used; False when it has none."""
        return min(filter(None, [self.date_to, self.convention_id.last_day]), default=False)

    def _prepare_uses_charge_vals(self, end, units):
        """Values of the charge for `units` (whole minutes, cents or pieces) used in the period that ends on `end`."""
        self.ensure_one()
        partner = self.convention_id.partner_id
        lang = partner.lang or self.env.lang
        env = self.with_context(lang=lang).env
        quantity = self._to_quantity(units)
        name = env._(
            "%(convention)s, envelope “%(envelope)s”: %(quantity)s used until %(end)s",
            convention=self.convention_id.name,
            envelope=self.name,
            quantity=self.with_env(env)._quantity_text(quantity),
            end=format_date(env, end, lang_code=lang),
        )
        price = 1.0 if self.unit == "currency" else self.invoice_price
        amount = self.currency_id.round(units / 60 * price if self.unit == "hour" else quantity * price)
        if self.unit == "currency" or self.currency_id.compare_amounts(round(quantity, 2) * price, amount):
            # An hour and 20 minutes are no number of hundredths: the sum is what was agreed.
            quantity, price = (1.0 if amount >= 0 else -1.0), abs(amount)
        return {
            "envelope_id": self.id,
            "partner_id": partner.id,
            "product_id": self.invoice_product_id.id,
            "product_uom_id": self.invoice_product_id.uom_id.id,
            "name": name,
            "quantity": quantity,
            "price_unit": price,
            "date": end,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }

    @api.model
    def _cron_invoice_uses(self):
        """Charge what was used of all envelopes in the periods that are over, in batches that are committed."""
        today = fields.Date.context_today(self)
        uses = self.env["fabloch.allowance.use"]._read_group(
            Domain("billed_charge_id", "=", False)
            & Domain("date", "<", today)
            & Domain("allowance_id.invoicing", "=", "used"),
            ["allowance_id"],
        )
        ids = sorted(allowance.id for (allowance,) in uses)
        for batch in committed(self.env, split_every(ENVELOPES_PER_BATCH, ids, list)):
            self._cron_invoice_batch(batch, today)

    @api.model
    def _cron_invoice_batch(self, ids, today):
        """Charge the uses of these envelopes; when one breaks the batch, it is left out and the others are charged."""
        try:
            with self.env.cr.savepoint():
                self.browse(ids)._invoice_uses(today)
        except psycopg2.errors.OperationalError:  # somebody draws from one of them now: the next night does it
            self.env.cr.rollback()
            self.env.invalidate_all()
            _logger.info("Envelopes %s are in use, tried again with the next run", ids)
        except Exception:
            if len(ids) == 1:
                _logger.exception("The uses of the envelope %s can't be charged", ids[0])
                return
            half = len(ids) // 2
            self._cron_invoice_batch(ids[:half], today)
            self._cron_invoice_batch(ids[half:], today)


class AllowanceUse(models.Model):
    _inherit = "fabloch.allowance.use"

    billed_charge_id = fields.Many2one(
        "fabloch.charge",
        "Invoiced by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The charge that invoices this use to the partner of the convention.",
    )


class Charge(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.charge"

    envelope_id = fields.Many2one(
        "fabloch.allowance",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The envelope whose use it invoices.",
    )
    billed_use_ids = fields.One2many("fabloch.allowance.use", "billed_charge_id", "Uses invoiced", readonly=True)

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"envelope_id", "billed_use_ids"}

    def _reinvoice_vals(self):
        return {**super()._reinvoice_vals(), "envelope_id": self.envelope_id.id}

    def action_reinvoice(self):
        again = super().action_reinvoice()
        # The charge that takes the credited one's place bears its uses.
        for charge in again.sudo().filtered("envelope_id"):
            charge.origin_charge_id.billed_use_ids.write({"billed_charge_id": charge.id})
        return again
