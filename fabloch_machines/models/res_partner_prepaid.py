from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """What a contact has left of prepaid time, and may use machines for."""

    _inherit = "res.partner"

    prepaid_hours = fields.Float(
        "Prepaid hours left",
        compute="_compute_prepaid",
        groups="fabloch_finance.group_finance_board",
        help="That this contact may use today: the own ones, and those of a company or a membership.",
    )
    prepaid_until = fields.Date(
        "First to expire",
        compute="_compute_prepaid",
        groups="fabloch_finance.group_finance_board",
        help="Until when the first of these hours have to be used.",
    )
    allowance_count = fields.Integer(
        "Number of allowances", compute="_compute_prepaid", groups="fabloch_finance.group_finance_board"
    )
    authorisation_ids = fields.One2many(
        "fabloch.authorisation",
        "partner_id",
        "Authorisations",
        groups="fabloch_finance.group_finance_board",
    )
    authorisation_count = fields.Integer(
        "Number of valid authorisations",
        compute="_compute_authorisation_count",
        groups="fabloch_finance.group_finance_board",
    )

    @api.depends_context("uid", "company", "tz")
    def _compute_prepaid(self):
        balances = self._prepaid_balance()
        counts = {
            partner.id: len(allowances) for partner, allowances in self._allowances_by_user(self._allowances()).items()
        }
        for partner in self:
            minutes, until = balances[partner]
            partner.prepaid_hours = minutes / 60
            partner.prepaid_until = until
            partner.allowance_count = counts.get(partner.id, 0)

    def _prepaid_balance(self, date=None, company=None):
        """Return {partner: (minutes, first expiry)}: the prepaid time that each of these contacts may use.

        Their own, their company's, and what a membership grants them; whatever the machine. The same few queries
        whatever the number of contacts. The expiry is that of the first of them that has one, or else False.

        :param date date: on which they would use it (default: today).
        """
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        usable = self._allowances(company).filtered_domain(
            Domain("date_from", "<=", date)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", date))
            & self.env["fabloch.allowance"]._in_force_domain(date)
        )
        left = {allowance: allowance._to_units(allowance.quantity_left) for allowance in usable}
        by_user = self._allowances_by_user(usable.filtered(left.get))
        return {
            partner: (
                sum(left[allowance] for allowance in by_user[partner]),
                min((allowance.date_to for allowance in by_user[partner] if allowance.date_to), default=False),
            )
            for partner in self
        }

    def _allowances(self, company=None):
        """Return the allowances of time in `company` (default: the current one) that any of these contacts has."""
        Allowance = self.env["fabloch.allowance"].sudo()
        users = self._origin
        if not users:
            return Allowance
        return Allowance.search(
            Domain("company_id", "=", (company or self.env.company).id)
            & Domain("unit", "=", "hour")
            & Allowance._people_domain(users)
        )

    def _allowances_by_user(self, allowances):
        """Return {partner: those of `allowances` that it may use}, for each contact of the recordset."""
        by_beneficiary, by_holder = defaultdict(allowances.browse), defaultdict(allowances.browse)
        for allowance in allowances:
            if not allowance.beneficiary_ids:
                by_holder[allowance.partner_id.id] |= allowance
            for partner in allowance.beneficiary_ids | allowance.membership_id.beneficiary_ids:
                by_beneficiary[partner.id] |= allowance
        return {
            partner: by_beneficiary[partner._origin.id]
            | by_holder[partner._origin.id]
            | by_holder[partner.commercial_partner_id._origin.id]
            for partner in self
        }

    @api.depends("authorisation_ids.status")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_authorisation_count(self):
        counts = dict(
            self.env["fabloch.authorisation"]._read_group(
                [("partner_id", "in", self.ids), ("status", "in", ["valid", "expiring"])], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.authorisation_count = counts.get(partner._origin, 0)

    def action_open_allowances(self):
        """Open the prepaid time of this contact: the own, and what others share with it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_finance.allowance_action")
        action.update(
            domain=[("id", "in", self._allowances().ids)],
            context={"default_partner_id": self.id},
        )
        return action

    def action_open_authorisations(self):
        """Open the authorisations of this contact."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_machines.authorisation_action")
        action.update(domain=[("partner_id", "=", self.id)], context={"default_partner_ids": self.ids})
        return action
