from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.fabloch_finance.arguments import words


class ResPartner(models.Model):
    _inherit = "res.partner"

    member_category_id = fields.Many2one(
        "fabloch.member.category", "Member category", index="btree_not_null", ondelete="restrict", tracking=True
    )
    member_number = fields.Char(copy=False, tracking=True, help="Given with the first membership and kept for life.")
    membership_ids = fields.One2many("fabloch.membership", "partner_id", "Memberships")
    covering_membership_ids = fields.Many2many(
        "fabloch.membership",
        "fabloch_membership_beneficiary_rel",
        "partner_id",
        "membership_id",
        string="Covered by",
        copy=False,
        help="Memberships of others, a company's say, that cover this person.",
    )
    membership_mail_opt_out = fields.Boolean(
        "No renewal mails", tracking=True, help="The contact doesn't want mails about the end of a membership."
    )

    _member_number_unique = models.UniqueIndex(
        "(member_number) WHERE member_number IS NOT NULL",
        "Another contact has this member number: leave it empty, the next free one is given.",
    )

    @api.constrains("covering_membership_ids")
    def _check_covered_from_membership(self):
        """Who is covered is chosen on the membership alone, which looks after rights, seats and member numbers."""
        raise ValidationError(
            self.env._(
                "Whom a membership covers is chosen on the membership: open it and choose %s there, "
                "under “People covered”.",
                ", ".join(self.mapped("display_name")),
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._strip_member_number(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._strip_member_number(vals)
        if "member_number" in vals:
            for partner in self:
                if partner.member_number and partner.member_number != vals["member_number"]:
                    raise UserError(
                        self.env._(
                            "%(member)s keeps the member number %(number)s for life: it can't be changed.",
                            member=partner.display_name,
                            number=partner.member_number,
                        )
                    )
        return super().write(vals)

    @api.model
    def _strip_member_number(self, vals):
        if "member_number" in vals:
            vals["member_number"] = words(self.env, vals["member_number"]) or False

    @api.model
    def get_import_templates(self):
        # The headings are the fields' labels, by which Odoo recognises the columns.
        french = (self.env.lang or "").startswith("fr")
        name = "modele_import_adherents" if french else "members_import_template"
        template = {
            "label": self.env._("Import Template for Members"),
            "template": f"/fabloch_membership/static/xls/{name}.xlsx",
        }
        return [template, *super().get_import_templates()]

    @api.model
    def _sql_error_to_message(self, exc):
        # Memberships that come with their contact, in an import: their rules speak for themselves.
        membership = self.env["fabloch.membership"]
        if exc.diag.table_name == membership._table:
            return membership._sql_error_to_message(exc)
        return super()._sql_error_to_message(exc)

    def _assign_member_number(self):
        """Give a member number to those of the recordset that have none."""
        nameless = self.sudo().filtered(lambda partner: not partner.member_number)
        for partner, number in zip(nameless, nameless._next_member_numbers(len(nameless)), strict=True):
            partner.member_number = number

    @api.model
    def _next_member_numbers(self, count):
        """Return the next `count` member numbers; those already given, by an import say, are passed over.

        One call of the sequence a number would be one query a member: PostgreSQL draws them at once.
        """
        sequence = self.env.ref("fabloch_membership.member_number_sequence").sudo()
        numbers = []
        while len(numbers) < count:
            drawn = sequence._draw_many(count - len(numbers))
            taken = self.with_context(active_test=False).sudo().search([("member_number", "in", drawn)])
            numbers += [number for number in drawn if number not in set(taken.mapped("member_number"))]
        return numbers

    def action_open_memberships(self):
        """Open the memberships of these contacts, and those that cover them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_membership.membership_action")
        action.update(
            domain=["|", ("partner_id", "in", self.ids), ("beneficiary_ids", "in", self.ids)],
            context={"default_partner_id": self[:1].id},
        )
        return action

    def action_renew_membership(self):
        """Renew the current membership of this contact."""
        self.ensure_one()
        memberships = self._memberships_to_renew()
        if not memberships:
            raise UserError(self.env._("%s has no membership to renew: enrol this contact.", self.display_name))
        return memberships.action_renew()

    def _memberships_to_renew(self):
        """Return the memberships of these contacts that a renewal means: those that end soon, or else the current one.

        Only their own: whoever is covered by a firm's membership doesn't renew it, nor make the firm pay.
        """
        found = self.env["fabloch.membership"]
        for partner in self:
            own = partner.membership_ids.filtered(lambda membership: membership.company_id == self.env.company)
            due = own.filtered("to_renew")
            ended = own.filtered("confirm_date").sorted(lambda membership: (membership.date_end, membership.id))
            found |= due or (partner.current_membership_id & own) or ended[-1:]
        return found
