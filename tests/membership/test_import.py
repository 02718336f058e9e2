"""Members come in by Odoo's own import, from the template on the list: all rows or none."""

import io
from datetime import date, timedelta
from pathlib import Path

import openpyxl

from odoo.tests import tagged
from odoo.tools.misc import file_path

from .common import MembershipCase

OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "date_format": "%Y-%m-%d",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "advanced": False,
    "fields": [],
    "sheet": "Import",
    "keep_matches": False,
    "name_create_enabled_fields": {},
    "import_set_empty_fields": [],
    "import_skip_records": [],
    "fallback_values": {},
    "skip": 0,
    "limit": 10000,
}


@tagged("post_install", "-at_install")
class TestImport(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")

    def _template(self, lang):
        templates = self.env["res.partner"].with_context(lang=lang).get_import_templates()
        path = file_path(templates[0]["template"].lstrip("/"))
        return openpyxl.load_workbook(io.BytesIO(Path(path).read_bytes())).active

    def _import(self, headers, rows, lang="en_US"):
        """Return what Odoo's import says, fed by a workbook and mapped by the columns' headings alone."""
        book = openpyxl.Workbook()
        book.active.title = "Import"
        for row in [headers, *rows]:
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        wizard = (
            self.env["base_import.import"]
            .with_context(lang=lang)
            .create(
                {
                    "res_model": "res.partner",
                    "file": content.getvalue(),
                    "file_name": "members.xlsx",
                    "file_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                }
            )
        )
        preview = wizard.parse_preview(OPTIONS)
        self.assertNotIn("error", preview)
        paths = ["/".join(preview["matches"].get(column, [])) for column in range(len(headers))]
        return paths, wizard.execute_import(paths, headers, OPTIONS)

    def _headers(self, lang="en_US"):
        return [cell.value for cell in next(self._template(lang).iter_rows(max_row=1))]

    def _row(self, index, **vals):
        row = {
            "name": f"Member {index}",
            "company": "No",
            "email": f"member{index}@example.com",
            "phone": "",
            "street": "1 rue du Test",
            "zip": "56400",
            "city": "Auray",
            "category": "particulier",
            "number": "",
            "plan": "Rolling",
            "start": "2025-09-01",
            "end": "2026-08-31",
            "settled": "Yes",
            **vals,
        }
        return list(row.values())

    def test_headings_of_both_templates_name_the_fields(self):
        expected = [
            "name",
            "is_company",
            "email",
            "phone",
            "street",
            "zip",
            "city",
            "member_category_id",
            "member_number",
            "membership_ids/plan_id",
            "membership_ids/date_start",
            "membership_ids/date_end",
            "membership_ids/settled_elsewhere",
        ]
        for lang, category in (("en_US", "Individual"), ("fr_FR", "Particulier")):
            with self.subTest(lang):
                row = self._row(lang, category=category)
                paths, result = self._import(self._headers(lang), [row], lang=lang)
                self.assertEqual(paths, expected)
                self.assertFalse(result["messages"])
                member = self.env["res.partner"].browse(result["ids"])
                self.assertEqual((member.membership_status, member.member_category_id), ("active", self.individual))

    def test_5000_members_come_in_at_once(self):
        last_day = date(2025, 12, 31)
        rows = [
            self._row(
                number, number=f"A{number:05}", start=str(last_day - timedelta(days=number % 360)), end="2026-12-31"
            )
            for number in range(5000)
        ]
        _paths, result = self._import(self._headers(), rows)
        self.assertFalse(result["messages"])
        members = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(len(members), 5000)
        self.assertEqual(set(members.mapped("membership_status")), {"active"})
        self.assertEqual(members[4999].member_number, "A04999")
        self.assertFalse(members.membership_ids.charge_ids, "what was paid elsewhere is not charged again")

    def test_unpaid_members_come_in_as_drafts_that_are_confirmed_later(self):
        _paths, result = self._import(self._headers(), [self._row(1, settled="No"), self._row(2, settled="No", end="")])
        memberships = self.env["res.partner"].browse(result["ids"]).membership_ids
        self.assertEqual(set(memberships.mapped("status")), {"draft"})
        memberships.action_confirm()
        self.assertEqual(set(memberships.mapped("status")), {"waiting"})

    def test_wrong_rows_are_named_and_nothing_is_imported(self):
        for wrong, said in [
            ({"plan": "No such plan"}, "No such plan"),
            ({"category": "astronaut"}, "astronaut"),
            ({"start": "2026-09-01"}, "before it starts"),
            ({"plan": "For firms"}, "is for: "),
        ]:
            with self.subTest(said):
                self._plan("For firms", 100.0, category_ids=[(6, 0, self.sme.ids)])
                before = self.env["res.partner"].search_count([])
                rows = [self._row(number) for number in range(5)]
                rows[3] = self._row(3, **wrong)
                _paths, result = self._import(self._headers(), rows)
                self.assertFalse(result["ids"])
                self.assertEqual(self.env["res.partner"].search_count([]), before)
                errors = [message for message in result["messages"] if message.get("type") == "error"]
                named = [message for message in errors if said in message["message"]]
                self.assertTrue(named, result["messages"])
                self.assertIn(3, [message["rows"]["from"] for message in named])

    def test_same_member_twice_over_the_same_days_is_refused(self):
        self._running()
        row = self._row(1)
        second = [""] * 9 + row[9:]
        _paths, result = self._import(self._headers(), [row, second])
        self.assertFalse(result["ids"])
        self.assertIn("already has a membership", result["messages"][0]["message"])

    def test_number_of_another_member_is_refused(self):
        self._running()
        _paths, result = self._import(self._headers(), [self._row(1, number=self.anna.member_number)])
        self.assertFalse(result["ids"])
        self.assertIn("Another contact has this member number", result["messages"][0]["message"])

    def test_given_numbers_are_passed_over(self):
        sequence = self.env.ref("fabloch_membership.member_number_sequence")
        upcoming = sequence.get_next_char(sequence.number_next_actual)
        self._import(self._headers(), [self._row(1, number=upcoming)])
        self._running()
        self.assertNotEqual(self.anna.member_number, upcoming)
        self.assertTrue(self.anna.member_number)
