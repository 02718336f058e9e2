"""Two accountants post the same hours at the same moment: one entry."""

from odoo.tests import BaseCase, HttpCase, tagged

from ..common import run_python, scratch_database, spawn, wait_for
from .ledger import LedgerCase

PREPARE = """
company = env["res.company"].create({"name": "Racing association", "country_id": env.ref("base.fr").id})
env.user.company_ids += company
cr.commit()  # Odoo loads the country's usual chart then
env["account.chart.template"].try_loading("fr_association", company)
kind = env.ref("fabloch_finance.volunteer_kind_reception").id
env["fabloch.volunteer.rate"].create(
    {"company_id": company.id, "hourly_rate": 10, "date_from": "2025-01-01", "source": "Test"}
)
partner = env["res.partner"].create({"name": "Anna"}).id
env["fabloch.volunteer.hours"].create(
    [
        {"company_id": company.id, "partner_id": partner, "kind_id": kind, "hours": 1, "date": f"2025-02-{day:02d}"}
        for day in range(1, 11)
    ]
)
postings = env["fabloch.volunteer.posting"].create(
    [{"company_id": company.id, "date_from": "2025-01-01", "date_to": "2025-12-31"} for _number in range(2)]
)
print(",".join(map(str, postings.ids)))
"""
POST = """
from odoo.exceptions import UserError
posting = env["fabloch.volunteer.posting"].browse({posting})
posting = posting.with_context(allowed_company_ids=posting.company_id.ids)
print("ready", flush=True)
input()
try:
    at_last(lambda: posting.action_post())
except UserError as error:
    print("refused", error)
"""
COUNT = """
company = env["res.company"].search([("name", "=", "Racing association")])
lines = env["fabloch.volunteer.hours"].search([("company_id", "=", company.id)])
items = env["account.move.line"].search([("company_id", "=", company.id), ("debit", ">", 0)])
print(len(lines.posting_id), len(lines.filtered("posting_id")), items.mapped("debit"))
"""


@tagged("post_install", "-at_install")
class TestVolunteerRace(BaseCase):
    def _race(self, name, ids):
        racers = [spawn(POST.replace("{posting}", posting), name) for posting in ids]
        try:
            for racer in racers:
                wait_for(racer, "ready")
            for racer in racers:
                racer.stdin.write("go\n")
                racer.stdin.flush()
            return [racer.communicate(timeout=240) for racer in racers]
        finally:
            for racer in racers:
                racer.kill()

    def test_two_postings_of_one_period_take_the_hours_once(self):
        with scratch_database() as name:
            ids = run_python(PREPARE, name).split(",")
            answers = self._race(name, ids)
            self.assertEqual(sum("No hours are left" in output for output, _errors in answers), 1, answers)
            self.assertEqual(run_python(COUNT, name), "1 10 [100.0]")

    def test_two_clicks_on_one_posting_post_it_once(self):
        with scratch_database() as name:
            ids = run_python(PREPARE, name).split(",")
            self._race(name, [ids[0], ids[0]])
            self.assertEqual(run_python(COUNT, name), "1 10 [100.0]")


@tagged("post_install", "-at_install")
class TestVolunteerTour(LedgerCase, HttpCase):
    def test_the_desk_enters_the_hours_of_two_people(self):
        self.env["res.partner"].create([{"name": "Tour Volunteer"}, {"name": "Tour Helper"}])
        self._user("volunteer_desk", "fabloch_finance.group_finance_user")
        self.start_tour("/odoo", "fabloch_finance_volunteer", login="volunteer_desk")
        lines = self.env["fabloch.volunteer.hours"].search([("partner_id.name", "like", "Tour ")], order="id")
        self.assertEqual(
            [(line.partner_id.name, line.hours, line.kind_id) for line in lines],
            [
                ("Tour Volunteer", 2.5, self.env.ref("fabloch_finance.volunteer_kind_workshop")),
                ("Tour Helper", 1.0, self.env.ref("fabloch_finance.volunteer_kind_workshop")),
            ],
        )
