from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .membership_status import STATUS_PRECEDENCE, STATUSES, VALID_STATUSES


class ResPartnerStatus(models.Model):
    """A contact's membership today: its own or the one that covers it, in the current company.

    Whatever the number of contacts, one query answers: `_membership_sql` gives each contact's best membership.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.partner"

    membership_status = fields.Selection(
        [("none", "Never a member"), *STATUSES],
        compute="_compute_membership",
        search="_search_membership_status",
        compute_sudo=True,
        help="Of the best membership of this contact, those that cover it included.",
    )
    current_membership_id = fields.Many2one(
        "fabloch.membership", "Current membership", compute="_compute_membership", compute_sudo=True
    )
    current_plan_id = fields.Many2one(
        "fabloch.membership.plan",
        "Current plan",
        compute="_compute_membership",
        search="_search_current_plan_id",
        compute_sudo=True,
    )
    membership_end = fields.Date("Member until", compute="_compute_membership", compute_sudo=True)
    membership_to_renew = fields.Boolean(
        compute="_compute_membership_to_renew", search="_search_membership_to_renew", compute_sudo=True
    )
    membership_count = fields.Integer(compute="_compute_membership_count", compute_sudo=True)

    @api.depends("membership_ids.status", "covering_membership_ids.status")
    @api.depends_context("company")
    def _compute_membership(self):
        Membership, Plan = self.env["fabloch.membership"], self.env["fabloch.membership.plan"]
        # The query says all of it: a list of members reads no membership.
        best = self._best_memberships()
        memberships = Membership.browse([found[0] for found in best.values()])
        of_partner = dict(zip(best, memberships, strict=True))
        plan_of = {plan.id: plan for plan in Plan.browse(sorted({found[1] for found in best.values()}))}
        for partner in self:
            key = partner._origin.id
            _id, plan_id, last_day, status = best.get(key, (False, False, False, "none"))
            partner.current_membership_id = of_partner.get(key, Membership)
            partner.membership_status = status
            partner.current_plan_id = plan_of.get(plan_id, Plan)
            partner.membership_end = last_day

    @api.depends("membership_ids.to_renew", "covering_membership_ids.to_renew", "current_membership_id")
    @api.depends_context("company")
    def _compute_membership_to_renew(self):
        for partner in self:
            membership = partner.current_membership_id
            partner.membership_to_renew = membership.to_renew and membership.partner_id == partner._origin

    @api.depends("membership_ids", "covering_membership_ids")
    def _compute_membership_count(self):
        Membership = self.env["fabloch.membership"]
        counts = dict.fromkeys(self._origin, 0)
        for path in ("partner_id", "beneficiary_ids"):
            for partner, count in Membership._read_group([(path, "in", self._origin.ids)], [path], ["__count"]):
                counts[partner] = counts.get(partner, 0) + count
        for partner in self:
            partner.membership_count = counts.get(partner._origin, 0)

    def _best_memberships(self):
        """Return {partner id: its best membership today, as (id, plan id, last day, status)}, in one query.

        In the current company; who has none is left out.
        """
        if not self._origin.ids:
            return {}
        rows = self.env.execute_query(self._membership_sql(self._origin.ids))
        return {partner_id: found for partner_id, *found in rows}

    @api.model
    def _membership_sql(self, partner_ids=None):
        """Return the SQL of one row for each contact with a membership in the current company: its best one.

        Columns: partner_id, id (membership), plan_id, last_day (see `_last_day`), status.
        """
        Membership = self.env["fabloch.membership"]
        Membership.flush_model(["partner_id", "plan_id", "company_id", "beneficiary_ids"])
        status = Membership._status_sql("m")
        only = SQL("AND m.member_id IN %s", tuple(partner_ids)) if partner_ids else SQL()
        return SQL(
            """
            SELECT DISTINCT ON (m.member_id) m.member_id AS partner_id, m.id, m.plan_id,
                   LEAST(m.date_end, m.cancel_date - 1) AS last_day, %(status)s AS status
              FROM (SELECT own.partner_id AS member_id, own.* FROM fabloch_membership own
                     UNION ALL
                    SELECT covered.partner_id, other.*
                      FROM fabloch_membership_beneficiary_rel covered
                      JOIN fabloch_membership other ON other.id = covered.membership_id) m
             WHERE m.company_id = %(company)s %(only)s
             ORDER BY m.member_id, array_position(%(precedence)s::text[], %(status)s), m.date_end DESC, m.id DESC
            """,
            status=status,
            company=self.env.company.id,
            only=only,
            precedence=STATUS_PRECEDENCE,
        )

    def _member_pricelists(self):
        """Return {partner id: pricelist} for those who have member prices today in the current company."""
        today = self.env["fabloch.membership"]._today()
        found = self._member_pricelists_on([(partner_id, today) for partner_id in self._origin.ids])
        return {partner_id: pricelist for (partner_id, _day), pricelist in found.items() if pricelist}

    @api.model
    def _member_pricelists_on(self, pairs):
        """Return {(partner id, day): pricelist} for those of the `pairs` who are members on that day.

        The pricelist is empty when their plan has none. Whatever the number of pairs, one query answers. In the
        current company.
        """
        if not pairs:
            return {}
        Pricelist = self.env["product.pricelist"]
        return {
            (partner_id, day): Pricelist.browse(pricelist_id)
            for partner_id, day, pricelist_id in self.env.execute_query(self._member_pricelist_sql(pairs))
        }

    @api.model
    def _member_pricelist_sql(self, pairs):
        """Return the SQL of (partner_id, day, pricelist_id) for those of the `pairs` who are members on that day."""
        Membership = self.env["fabloch.membership"]
        Membership.flush_model(["partner_id", "plan_id", "company_id", "beneficiary_ids"])
        self.env["fabloch.membership.plan"].flush_model(["pricelist_id", "sequence"])
        return SQL(
            """
            SELECT DISTINCT ON (c.partner_id, c.day) c.partner_id, c.day, pricelist.id AS pricelist_id
              FROM (SELECT asked.partner_id, asked.day, own.id
                      FROM (VALUES %(pairs)s) AS asked (partner_id, day)
                      JOIN fabloch_membership own ON own.partner_id = asked.partner_id
                     UNION ALL
                    SELECT asked.partner_id, asked.day, covering.membership_id
                      FROM (VALUES %(pairs)s) AS asked (partner_id, day)
                      JOIN fabloch_membership_beneficiary_rel covering
                        ON covering.partner_id = asked.partner_id) c
              JOIN fabloch_membership m ON m.id = c.id AND m.company_id = %(company)s
              JOIN fabloch_membership_plan plan ON plan.id = m.plan_id
              LEFT JOIN product_pricelist pricelist ON pricelist.id = plan.pricelist_id AND pricelist.active
             WHERE %(status)s IN %(valid)s
             ORDER BY c.partner_id, c.day, pricelist.id IS NULL, plan.sequence, plan.id
            """,
            pairs=SQL(", ").join(SQL("(%s, %s::date)", partner_id, day) for partner_id, day in pairs),
            company=self.env.company.id,
            status=Membership._status_sql("m", SQL("c.day")),
            valid=tuple(VALID_STATUSES),
        )

    @api.depends("current_plan_id")
    def _compute_product_pricelist(self):
        return super()._compute_product_pricelist()

    # -- Search, group and sort by what depends on today ---------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        column = {
            "membership_status": "status",
            "current_plan_id": "plan_id",
            "membership_end": "last_day",
        }.get(field_expr)
        if not column:
            return super()._field_to_sql(alias, field_expr, query)
        if query is None:
            value = SQL(
                "(SELECT best.%s FROM (%s) best WHERE best.partner_id = %s)",
                SQL.identifier(column),
                self.sudo()._membership_sql(),
                SQL.identifier(alias, "id"),
            )
        else:
            best = query.make_alias(alias, "membership_today")
            query.add_join(
                "LEFT JOIN",
                best,
                SQL("(%s)", self.sudo()._membership_sql()),
                SQL("%s = %s", SQL.identifier(best, "partner_id"), SQL.identifier(alias, "id")),
            )
            value = SQL.identifier(best, column)
        return SQL("COALESCE(%s, 'none')", value) if column == "status" else value

    def _search_best(self, condition):
        """Return the domain of the contacts whose best membership satisfies the SQL `condition` on `best`."""
        return Domain(
            "id",
            "any!",
            SQL("SELECT best.partner_id FROM (%s) best WHERE %s", self.sudo()._membership_sql(), condition),
        )

    def _search_membership_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain, above = Domain.FALSE, Domain.FALSE
        wanted = False
        # The best one is wanted: who has one of the first statuses, and none of those before them that aren't wanted.
        for place, status in enumerate(STATUS_PRECEDENCE):
            if status in value and not wanted:
                above = self._with_status(STATUS_PRECEDENCE[:place])
            elif status not in value and wanted:
                domain |= self._with_status(STATUS_PRECEDENCE[:place]) & ~above
            wanted = status in value
        anybody = self._with_status(STATUS_PRECEDENCE)
        if wanted:
            domain |= anybody & ~above
        if "none" in value or False in value:
            domain |= ~anybody
        return domain

    @api.model
    def _with_status(self, statuses):
        """Return the domain of the contacts with a membership in one of the `statuses`, best or not."""
        if not statuses:
            return Domain.FALSE
        memberships = (
            self.env["fabloch.membership"]
            .sudo()
            ._search([("status", "in", statuses), ("company_id", "=", self.env.company.id)])
        )
        return Domain("membership_ids", "any!", memberships) | Domain("covering_membership_ids", "any!", memberships)

    def _search_current_plan_id(self, operator, value):
        plans = self.env["fabloch.membership.plan"].sudo().with_context(active_test=False)
        if operator == "in":
            ids = [plan_id for plan_id in value if plan_id]
        elif operator in ("any", "any!"):
            ids = list(plans._search(value) if isinstance(value, Domain) else value)
        elif operator in ("ilike", "like", "=ilike", "=like"):
            ids = plans.search([("name", operator, value)]).ids
        else:
            return NotImplemented
        domain = self._search_best(SQL("best.plan_id IN %s", tuple(ids))) if ids else Domain.FALSE
        if operator == "in" and False in value:
            domain |= ~self._search_best(SQL("TRUE"))
        return domain

    def _search_membership_to_renew(self, operator, value):
        if operator != "in":
            return NotImplemented
        memberships = (
            self.env["fabloch.membership"]
            .sudo()
            ._search([("to_renew", "=", True), ("company_id", "=", self.env.company.id)])
        )
        domain = Domain("membership_ids", "any!", memberships)
        return domain if True in value else ~domain
