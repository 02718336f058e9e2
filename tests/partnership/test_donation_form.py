"""The officer's screens, filled as in the browser."""

from odoo.fields import Date
from odoo.tests import Form, tagged

from .donation_common import DonationCase


@tagged("post_install", "-at_install")
class TestDonationForm(DonationCase):
    def test_a_self_employed_donor_is_changed_by_hand(self):
        with Form(self.Donation.with_user(self.officer)) as form:
            form.partner_id = self.patron
            self.assertEqual(form.donor_kind, "company")
            form.partner_id = self.donor
            self.assertEqual(form.donor_kind, "individual")
            form.donor_kind = "company"
            form.amount = 50
        self.assertEqual(form.record.donor_kind, "company")

    def test_skills_show_their_amount_live(self):
        with Form(self.Donation.with_user(self.officer)) as form:
            form.partner_id = self.patron
            form.nature = "skills"
            form.skill_days = 2
            form.skill_people = 2
            form.skill_day_cost = 300
            self.assertEqual(form.amount, 1200.0)
            form.description = "Design of a hull"

    def test_a_claim_shows_its_amount_live(self):
        with Form(self.Donation.with_user(self.officer)) as form:
            form.partner_id = self.donor
            form.nature = "expenses"
            with form.expense_ids.new() as line:
                line.name = "Auray – Lorient"
                line.vehicle = "car_5"
                line.distance = 100
                self.assertEqual(line.amount, 63.6)
            with form.expense_ids.new() as line:
                line.name = "Glue"
                line.kind = "receipt"
                line.amount = 6.4
            self.assertEqual(form.amount, 70.0)
        self.assertEqual(form.record.amount, 70.0)

    def test_the_window_of_a_cheque_comes_filled(self):
        gift = self._gift(amount=80, payment_mode="cheque")
        action = gift.with_user(self.officer).action_receive()
        wizard = self.env[action["res_model"]].with_user(self.officer).with_context(**action["context"])
        with Form(wizard) as form:
            self.assertEqual((form.amount, form.payment_mode, form.journal_id), (80.0, "cheque", self.bank))
            form.date = "2026-03-12"
        form.record.action_receive()
        self.assertEqual((gift.state, gift.date_received), ("received", Date.to_date("2026-03-12")))

    def test_cash_in_the_box_is_cash(self):
        box = self.env["account.journal"].create({"name": "Box", "code": "BOX", "type": "cash"})
        gift = self._gift(amount=20)
        self._receive(gift, journal_id=box.id)
        self.assertEqual((gift.state, gift.payment_mode), ("received", "cash"))

    def test_the_promise_says_what_it_makes(self):
        with Form(self.env["fabloch.donation.promise"].with_user(self.officer)) as form:
            form.partner_id = self.donor
            form.total = 100
            form.count = 3
            form.date = "2026-01-31"
            self.assertIn("2026", form.preview)

    def test_the_settings_open(self):
        accountant = self._user("gift accountant", "fabloch_finance.group_finance_manager")
        accountant.group_ids += self.env.ref("base.group_system")
        with Form(self.env["res.config.settings"].with_user(accountant)) as form:
            form.gift_remind_after = 20
        form.record.execute()
        self.assertEqual(self.company.gift_remind_after, 20)

    def test_views_open_for_the_board(self):
        board = self._user("board viewer", "fabloch_finance.group_finance_board")
        self.Donation.with_user(board).get_views([(False, kind) for kind in ("list", "form", "kanban", "search")])
        self._gift().with_user(board).read(["amount", "counterpart_limit", "benefit_note", "state"])
