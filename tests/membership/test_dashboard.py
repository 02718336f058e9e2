"""The members on the dashboard: every figure against plain SQL on the memberships, year over year."""

from datetime import date

from odoo.tests import HttpCase, tagged

from tests.dashboard import DashboardMixin

from .common import MembershipCase

CATEGORIES = {
    "Individuals": ("particulier", "particulier_reduit"),
    "Associations": ("association",),
    "Public bodies and schools": ("collectivite", "etablissement_public", "etablissement_enseignement"),
    "Businesses": ("pme", "grande_entreprise", "profession_liberale", "auto_entrepreneur", "artisan", "artiste"),
    "Small and medium-sized businesses": ("pme",),
    "Self-employed and other businesses": (
        "grande_entreprise",
        "profession_liberale",
        "auto_entrepreneur",
        "artisan",
        "artiste",
    ),
}
# How many members of each category in 2025 and in 2026.
MEMBERS = {
    "particulier": (4, 6),
    "particulier_reduit": (1, 2),
    "association": (3, 2),
    "pme": (2, 5),
    "grande_entreprise": (1, 0),
    "artisan": (0, 1),
    "artiste": (2, 2),
    "collectivite": (1, 1),
}


@tagged("post_install", "-at_install")
class TestDashboard(DashboardMixin, MembershipCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code, numbers in MEMBERS.items():
            category = cls.env.ref(f"fabloch_membership.member_category_{code}")
            partners = cls._partners(*(f"{code} {number}" for number in range(7)), member_category_id=category.id)
            for year, number in zip((2025, 2026), numbers, strict=True):
                for partner in partners[:number]:
                    cls._membership(
                        partner, settled_elsewhere=True, start=date(year, 2, 1), date_end=date(year, 12, 31)
                    )
        # One person with two plans is one member; who hasn't paid is none.
        twice = cls.env["fabloch.membership"].search([("partner_id.name", "=", "particulier 0")])[0].partner_id
        cls._membership(twice, cls.fixed, settled_elsewhere=True, start=date(2026, 3, 1), date_end=date(2026, 12, 31))
        cls._membership(cls.anna, confirm=True)
        cls.board = cls._user("dashboard_board", "fabloch_finance.group_finance_board")

    def _members(self, year, codes=None):
        [[members]] = self._sql(
            """
            SELECT COUNT(DISTINCT membership.partner_id)
              FROM fabloch_membership membership
              JOIN fabloch_member_category category ON category.id = membership.category_id
             WHERE EXTRACT(YEAR FROM membership.date_start) = %s AND membership.company_id = %s
               AND membership.in_order AND membership.confirm_date IS NOT NULL AND membership.cancel_date IS NULL
               AND category.code = ANY(%s)
            """,
            year,
            self.company.id,
            list(codes or MEMBERS),
        )
        return members

    def test_every_figure_is_that_of_the_memberships(self):
        self._open(self.board, "2026", "2025")
        self._check_definitions()

        def figures(codes=None):
            members, members_before = self._members(2026, codes), self._members(2025, codes)
            return members, members_before, members / members_before - 1 if members_before else ""

        rows = {label: figures(codes) for label, codes in CATEGORIES.items()} | {"Members, together": figures()}
        self.assertEqual(rows["Members, together"][:2], (19, 14), "the test's own figures")
        self.assertEqual(rows["Businesses"][:2], (8, 5))
        cards = {
            "Members of the year": rows["Members, together"][:2],
            "Business members": rows["Businesses"][:2],
        }
        expected = self._check(cards, {"Members by category": rows})
        self._check_in_browser("dashboard_board", (None, expected))

    def test_chart_is_that_of_the_memberships(self):
        self._open(self.board, "2026", "2025")
        keys = {
            "individual": "Individuals",
            "association": "Associations",
            "body": "Public bodies and schools",
            "pme": "Small and medium-sized businesses",
            "business": "Self-employed and other businesses",
        }
        expected = {
            (str(year), key): members
            for year in (2025, 2026)
            for key, label in keys.items()
            if (members := self._members(year, CATEGORIES[label]))
        }
        self.assertEqual(self._chart_points("Members by category, the last fiscal years"), expected)
