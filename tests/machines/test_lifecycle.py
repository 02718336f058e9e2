"""The addon upgraded and uninstalled on a database with bookings and invoices, by real processes."""

import unittest

from odoo.tests import tagged

from tests.common import run_python, scratch_database

PREPARE = """
from datetime import datetime, timedelta
product = env["product.product"].create({"name": "Hour", "type": "service", "list_price": 10, "taxes_id": [(5,)]})
account = env["account.account"].search(
    [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
)
product.property_account_income_id = account
category = env["fabloch.machine.category"].create({"name": "Printers", "product_id": product.id})
env["fabloch.rate"].create({"name": "hour", "category_id": category.id, "minutes": 60, "product_id": product.id})
machine = env["fabloch.machine"].create({"name": "Printer", "category_id": category.id, "always_open": True})
person = env["res.partner"].create(
    {"name": "Anna", "email": "anna@example.com", "street": "1 rue", "zip": "56400", "city": "Auray"}
)
pack = env["product.product"].create(
    {"name": "Pack", "type": "service", "list_price": 50, "taxes_id": [(5,)], "fabloch_pack_hours": 1}
)
pack.property_account_income_id = account
env["fabloch.charge"].create({"partner_id": person.id, "product_id": pack.id})
start = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=3)
bookings = env["fabloch.booking"].create(
    [
        {
            "machine_id": machine.id,
            "partner_id": person.id,
            "start": start + timedelta(days=day),
            "stop": start + timedelta(days=day, hours=1),
            "state": "confirmed",
        }
        for day in range(3)
    ]
)
bookings[1].action_invoice()
bookings[2].action_cancel()
env["fabloch.closure"].create(
    {
        "name": "Cleaning",
        "machine_ids": [(6, 0, machine.ids)],
        "start": start + timedelta(days=9),
        "stop": start + timedelta(days=9, hours=2),
    }
)
env["fabloch.authorisation"].create({"partner_id": person.id, "category_id": category.id})
"""

FACTS = """
env.cr.execute(
    "SELECT b.state, b.start, b.stop, b.amount, b.prepaid_minutes, count(o) FROM fabloch_booking b"
    " LEFT JOIN fabloch_occupancy o ON o.booking_id = b.id GROUP BY b.id ORDER BY b.id"
)
print(env.cr.fetchall())
env.cr.execute("SELECT state, amount, date, booking_id FROM fabloch_charge ORDER BY id")
print(env.cr.fetchall())
"""

UPGRADE = """
env["ir.module.module"].search([("name", "=", "fabloch_machines")]).button_immediate_upgrade()
"""

UNINSTALL = """
env["ir.module.module"].search([("name", "=", "fabloch_machines")]).button_immediate_uninstall()
"""

# Whatever is left of the addon, one line each; then the charge of before is invoiced, and a new one too.
AFTER = """
left = []
asked = {
    "table": "SELECT relname FROM pg_class WHERE relname ~ "
    "'^fabloch_(booking|machine|occupancy|closure|authorisation|rate|opening|pack|holidays)'",
    "column": "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE column_name IN "
    "('booking_id', 'rate_id', 'outdated', 'taken_back', "
    "'fabloch_pack_hours', 'fabloch_hold_minutes', 'fabloch_wait_minutes')",
    "external id": "SELECT name FROM ir_model_data WHERE module = 'fabloch_machines'",
    "external id given by another addon": "SELECT name FROM ir_model_data WHERE name ~ "
    "'^(selection|model_inherit)__fabloch_(booking|machine|closure|authorisation|rate)'",
    "constraint": "SELECT c.name FROM ir_model_constraint c JOIN ir_module_module m ON m.id = c.module "
    "WHERE m.name = 'fabloch_machines'",
    "model": "SELECT model FROM ir_model WHERE model ~ "
    "'^fabloch[.](booking|machine|occupancy|closure|authorisation|rate)'",
    "scheduled action": "SELECT cron_name FROM ir_cron WHERE cron_name ~ "
    "'(booking|hold|waitlist|authorisation|open hours)'",
    "menu": "SELECT name::varchar FROM ir_ui_menu WHERE action IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM ir_actions WHERE id = split_part(action, ',', 2)::integer)",
    "view": "SELECT name FROM ir_ui_view WHERE model ~ '^fabloch[.](booking|machine|closure|rate)'",
    "filter": "SELECT name::varchar FROM ir_filters WHERE model_id ~ '^fabloch[.](booking|machine)'",
    "attachment": "SELECT name FROM ir_attachment WHERE res_model ~ '^fabloch[.](booking|machine)'",
    "message": "SELECT model FROM mail_message WHERE model ~ '^fabloch[.](booking|machine|authorisation)'",
    "template": "SELECT name::varchar FROM mail_template WHERE model ~ '^fabloch[.](booking|machine|authorisation)'",
    "sequence": "SELECT code FROM ir_sequence WHERE code ~ 'fabloch[._]booking'",
}
for kind, query in asked.items():
    env.cr.execute(query)
    left += [f"{kind} {name}" for (name,) in env.cr.fetchall()]
print("left:", left)
due = env["fabloch.charge"].search([("state", "=", "to_invoice"), ("partner_id.name", "=", "Anna")])
product = env["product.product"].search([("name", "=", "Hour")])
due |= due.create({"partner_id": due.partner_id.id, "product_id": product.id})
run = due._invoice(max(due.mapped("date")))
print("invoiced:", set(due.mapped("state")), run.failure_ids.mapped("reason"))
for model in ("res.partner", "product.template", "fabloch.charge", "fabloch.allowance", "fabloch.membership.plan"):
    for kind in ("form", "list", "kanban", "search"):
        env[model].get_view(view_type=kind)
print("views fine")
"""


@tagged("post_install", "-at_install")
class TestLifecycle(unittest.TestCase):
    def test_upgrade_and_uninstall_with_bookings_and_invoices(self):
        with scratch_database() as name:
            run_python(PREPARE, name)
            before = run_python(FACTS, name)
            run_python(UPGRADE, name)
            self.assertEqual(run_python(FACTS, name), before, "an upgrade changes no booking, no charge")
            run_python(UNINSTALL, name)
            after = run_python(AFTER, name)
        self.assertIn("left: []", after)
        self.assertIn("invoiced: {'invoiced'} []", after)
        self.assertIn("views fine", after)
