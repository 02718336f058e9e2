"""The officer's main road, in a real browser: a cheque of a donor."""

from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDonationTour(HttpCase):
    def test_the_officer_receives_a_cheque(self):
        donor = self.env["res.partner"].create({"name": "Tour Donor"})
        new_test_user(self.env, "giver desk", groups="fabloch_partnership.group_partnership_user", lang="en_US")
        self.start_tour("/odoo/fablab-gifts", "fabloch_partnership_cheque", login="giver desk")
        gift = self.env["fabloch.donation"].search([("partner_id", "=", donor.id)])
        self.assertEqual((gift.state, gift.amount, gift.payment_mode), ("received", 150.0, "cheque"))
