"""Data for the tests of conventions, gifts and receipts."""

from odoo import fields

from tests.finance.common import FinanceCase

TODAY = fields.Date.to_date("2026-03-10")


class PartnershipCase(FinanceCase):
    """A town, a company that gives, a donor, and an officer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Convention = cls.env["fabloch.convention"]
        cls.officer = cls._user("officer", "fabloch_partnership.group_partnership_user")
        cls.manager = cls._user("partnership manager", "fabloch_partnership.group_partnership_manager")
        cls.town, cls.patron = cls._payers("Ville d'Auray", "Chantier naval", is_company=True)
        cls.donor = cls._payers("Mona Ar Floc'h")
        cls.type_partnership = cls.env.ref("fabloch_partnership.convention_type_partnership")
        cls.type_patronage = cls.env.ref("fabloch_partnership.convention_type_patronage")

    @classmethod
    def _convention(cls, partner=None, **vals):
        return cls.Convention.create(
            {
                "partner_id": (partner or cls.town).id,
                "title": "Fabriquer avec les habitants",
                "type_id": cls.type_partnership.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                **vals,
            }
        )
