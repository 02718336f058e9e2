from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .convention_instalment_made import _open


class ConventionScreen(models.Model):
    """What the screens show beside the terms: what to do next, what is due, what is linked."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention"

    type_color = fields.Integer(related="type_id.color")
    partner_image = fields.Image(related="partner_id.avatar_128", string="Picture")
    next_step = fields.Text("What to do next", compute="_compute_next_step", groups="base.group_user")
    next_due_date = fields.Date("Next deadline", compute="_compute_next_due", compute_sudo=True)
    next_due_name = fields.Char("What is due", compute="_compute_next_due", compute_sudo=True)
    is_late = fields.Boolean("Something is late", compute="_compute_next_due", compute_sudo=True)
    charge_count = fields.Integer("Charges", compute="_compute_counts", compute_sudo=True, groups="base.group_user")
    donation_count = fields.Integer(
        "Gift count", compute="_compute_counts", compute_sudo=True, groups="base.group_user"
    )
    move_count = fields.Integer(
        "Entries and bills", compute="_compute_counts", compute_sudo=True, groups="base.group_user"
    )
    amendment_count = fields.Integer("Amendment count", compute="_compute_counts", compute_sudo=True)

    @api.depends("state", "commitment_ids.done_on", "instalment_ids.state")
    @api.depends_context("tz", "lang")
    def _compute_next_due(self):
        Deadline = self.env["fabloch.convention.deadline"]
        first = {}
        if self.ids:
            query = SQL(
                """SELECT DISTINCT ON (convention_id) convention_id, kind, name, date, is_late
                     FROM (%s) deadline
                    WHERE open AND convention_id IN %s
                 ORDER BY convention_id, date, id""",
                Deadline._table_query,
                tuple(self.ids),
            )
            first = {row[0]: row[1:] for row in self.env.execute_query(query)}
        kinds = dict(Deadline._fields["kind"]._description_selection(self.env))
        for convention in self:
            kind, name, date, late = first.get(convention.id) or (None, None, None, False)
            convention.next_due_date = date
            convention.next_due_name = kind in ("commitment", "instalment") and name or kinds.get(kind, False)
            convention.is_late = late

    @api.depends(
        "status",
        "over_threshold",
        "sent_on",
        "signatory_id",
        "signatory_function",
        "company_signatory_id",
        "company_signed_on",
        "partner_signed_on",
        "instalment_ids.product_id",
        "next_due_date",
        "term_end",
    )
    @api.depends_context("tz", "lang")
    def _compute_next_step(self):
        for convention in self:
            convention.next_step = " ".join(filter(None, convention._next_steps()))

    def _next_steps(self):
        """Return the sentences that say what is to be done now; other files may add theirs."""
        self.ensure_one()
        steps = [self._next_step_of_status()]
        if self.over_threshold and self.state in ("draft", "in_signature"):
            steps.append(
                self.env._(
                    "Over the legal threshold in a year: the convention has to be signed before the grant is notified "
                    "(loi 2000-321, art. 10)."
                )
            )
        return steps

    def _next_step_of_status(self):
        day = {
            name: format_date(self.env, self[name])
            for name in ("date_start", "last_day", "notice_date", "term_end", "next_due_date")
        }
        if self.sent_on:
            day["sent_on"] = format_date(self.env, fields.Datetime.context_timestamp(self, self.sent_on).date())
        if self.status == "draft":
            if missing := self.partner_id and self._signature_obstacles():
                return self.env._("Before the signature, add: %s.", ", ".join(missing))
            return self.env._("Send it to signature when both sides agree.")
        if self.status == "in_signature":
            return self.env._(
                "In signature since %(day)s. Still to sign: %(who)s.",
                day=day["sent_on"],
                who=", ".join(
                    name
                    for name, signed_on in (
                        (self.company_signatory_id.name or self.company_id.name, self.company_signed_on),
                        (self.signatory_id.name or self.partner_id.name, self.partner_signed_on),
                    )
                    if not signed_on
                ),
            )
        if self.status == "upcoming":
            return self.env._("Signed; starts on %s.", day["date_start"])
        if self.status == "expired":
            return self.env._("Over since %s: renew it, or archive it.", day["last_day"])
        if self.state == "terminated":
            return self.env._(
                "Ends on %(day)s by will: %(reason)s.", day=day["last_day"], reason=self.termination_reason or ""
            )
        if self.is_late:
            return self.env._(
                "Late since %(day)s: %(what)s.", day=day["next_due_date"], what=self.next_due_name.split("\n")[0]
            )
        if self.status == "to_renew":
            return self.env._("Ends on %s: agree on what follows, and renew it.", day["last_day"])
        if self.tacit_renewal and self.term_end != self.last_day:
            return self.env._(
                "Renewed tacitly on %(end)s unless notice is given by %(notice)s.",
                end=day["term_end"],
                notice=day["notice_date"],
            )
        return False

    @api.depends("instalment_ids.charge_id", "donation_ids", "amendment_ids", "instalment_ids.move_id")
    def _compute_counts(self):
        family = self + self.amendment_ids
        charges = self._count_by_convention("fabloch.charge", "instalment_id.convention_id", family)
        donations = self._count_by_convention("fabloch.donation", "convention_id", family)
        moves = self._count_by_convention("account.move", "fabloch_instalment_id.convention_id", family)
        for convention in self:
            amendments = convention.amendment_ids
            members = [convention.id, *amendments.ids]
            convention.amendment_count = len(amendments)
            convention.charge_count = sum(charges.get(each, 0) for each in members)
            convention.donation_count = sum(donations.get(each, 0) for each in members)
            convention.move_count = sum(moves.get(each, 0) for each in members) + len(
                convention.instalment_ids.move_id | amendments.instalment_ids.move_id
            )

    def _count_by_convention(self, model, path, conventions):
        """Return {convention id: number of records of `model` that `path` leads from to `conventions`}."""
        found = self.env[model]._read_group([(path, "in", conventions.ids)], [path], ["__count"])
        return {convention.id: count for convention, count in found}

    def action_open_charges(self):
        """Open the charges of these conventions and their amendments."""
        return _open((self + self.amendment_ids).instalment_ids.charge_id, self.env._("Charges"))

    def action_open_donations(self):
        """Open the gifts of these conventions and their amendments."""
        return _open((self + self.amendment_ids).donation_ids, self.env._("Gifts"))

    def action_open_moves(self):
        """Open the entries and bills of these conventions and their amendments."""
        return _open((self + self.amendment_ids).instalment_ids._moves(), self.env._("Entries and bills"))

    def action_open_amendments(self):
        """Open the amendments of these conventions."""
        return _open(self.amendment_ids, self.env._("Amendments"))

    def action_open_following(self):
        """Open the convention that renews this one."""
        return self.next_ids[:1]._action_open()

    def action_open_previous(self):
        """Open the convention that this one renews, or amends."""
        return (self.previous_id or self.amended_id)[:1]._action_open()


class ConventionInstalment(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.convention.instalment"

    def _moves(self):
        """Return the entries and bills of these instalments, those of later years included."""
        return self.move_id + self.deferral_ids

    def action_open_convention(self):
        """Open the convention of this instalment."""
        return self.convention_id._action_open()


class ResPartner(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "res.partner"

    convention_count = fields.Integer(compute="_compute_convention_count", groups="fabloch_finance.group_finance_board")

    def _compute_convention_count(self):
        """Count the conventions of each partner and of the contacts below it; amendments apart."""
        counts = dict(
            self.env["fabloch.convention"]._read_group(
                [("partner_id", "child_of", self.ids), ("amended_id", "=", False)], ["partner_id"], ["__count"]
            )
        )
        ids = set(self.ids)
        self.convention_count = 0
        for partner, count in counts.items():
            while partner:
                if partner.id in ids:
                    self.browse(partner.id).convention_count += count
                partner = partner.parent_id

    def action_open_conventions(self):
        """Open the conventions of this partner and of the contacts below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.convention_action")
        return {
            **action,
            "domain": [("partner_id", "child_of", self.ids)],
            "context": {"default_partner_id": self.id},
        }
