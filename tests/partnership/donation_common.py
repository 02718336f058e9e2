"""Data for the tests of gifts."""

from .common import TODAY, PartnershipCase

SETTINGS = {
    "gift_individual_account_id": "income",
    "gift_company_account_id": "income",
    "gift_waived_account_id": "income",
    "gift_volunteer_account_id": "liability_current",
    "gift_trip_account_id": "expense",
    "gift_other_expense_account_id": "expense",
    **{
        f"gift_{kind}_{side}_account_id": "off_balance"
        for kind in ("goods", "lent", "skills", "volunteering")
        for side in ("used", "given")
    },
}


class DonationCase(PartnershipCase):
    """A company with an account of its own for each setting of gifts, a bank, and gifts of its donors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Donation = cls.env["fabloch.donation"]
        accounts = cls.env["account.account"].create(
            [
                {
                    "name": name,
                    "code": f"GIFT{index:02d}",
                    "account_type": account_type,
                    "reconcile": account_type == "liability_current",
                }
                for index, (name, account_type) in enumerate(SETTINGS.items())
            ]
        )
        cls.company.write(dict(zip(SETTINGS, accounts.ids, strict=True)))
        cls.bank = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        )

    @classmethod
    def _gift(cls, partner=None, amount=100.0, env=None, **vals):
        return cls.Donation.with_env(env or cls.env).create(
            {"partner_id": (partner or cls.donor).id, "amount": amount, "date": TODAY, **vals}
        )

    @classmethod
    def _receive(cls, gifts, date=TODAY, **vals):
        """Receive gifts through the officer's window."""
        wizard = gifts.env["fabloch.donation.receive"].create(
            {"donation_ids": [(6, 0, gifts.ids)], "date": date, "journal_id": cls.bank.id, **vals}
        )
        wizard.action_receive()
        return wizard
