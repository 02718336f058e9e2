"""Data for the tests of machines: opening hours, a laser, a pool of printers, a workshop, people, a fixed day."""

from datetime import datetime

from odoo import Command, fields
from odoo.tests import TransactionCase, freeze_time, new_test_user

NOW = datetime(2026, 3, 10, 8, 0)  # a Tuesday, 9:00 in Auray


class MachinesCase(TransactionCase):
    """10 March 2026, 9:00 in Auray; open Monday to Saturday, 9:00 to 18:00; a laser at 20 € an hour, 12 € a half."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.env = cls.env(
            context=dict(
                cls.env.context, tracking_disable=True, no_reset_password=True, tz="Europe/Paris", lang="en_US"
            )
        )
        cls.company = cls.env.company
        cls.company.write(
            {
                "fabloch_invoicing_post": True,
                "fabloch_invoicing_send": False,
                "fabloch_invoicing_auto": True,
                "fabloch_invoicing_frequency": "monthly",
                "fabloch_invoicing_day": 1,
                "fabloch_hold_minutes": 15,
            }
        )
        cls.env["fabloch.charge"].search([("state", "=", "to_invoice")]).write(
            {"waived": True, "waived_reason": "Set aside for the test"}
        )
        cls.Booking = cls.env["fabloch.booking"]
        cls.account = cls.env["account.account"].search(
            [("company_ids", "in", cls.company.ids), ("account_type", "=", "income")], limit=1
        )
        cls.calendar = cls._calendar("Open hours", range(6), 9, 18)
        cls.hour, cls.half_hour = cls._service("Laser hour", 20.0), cls._service("Laser half hour", 12.0)
        cls.category = cls._category("Laser", cls.hour)
        cls.rate_hour = cls._rate(cls.category, "hour", 60, cls.hour)
        cls.rate_half = cls._rate(cls.category, "half hour", 30, cls.half_hour)
        cls.laser = cls._machine("Laser 1", cls.category)
        cls.anna, cls.yann = cls._partners("Anna Le Goff", "Yann Kerdoncuff")

    # -- Data ------------------------------------------------------------------------------------------------------

    @classmethod
    def _calendar(cls, name, weekdays, hour_from, hour_to, **vals):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "Europe/Paris",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"{name} {day}",
                            "dayofweek": str(day),
                            "hour_from": hour_from,
                            "hour_to": hour_to,
                            "day_period": "morning",
                        }
                    )
                    for day in weekdays
                ],
                **vals,
            }
        )

    @classmethod
    def _service(cls, name, price, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "taxes_id": [Command.clear()],
                "property_account_income_id": cls.account.id,
                **vals,
            }
        )

    @classmethod
    def _category(cls, name, product, **vals):
        return cls.env["fabloch.machine.category"].create({"name": name, "product_id": product.id, **vals})

    @classmethod
    def _rate(cls, category, name, minutes, product, **vals):
        return cls.env["fabloch.rate"].create(
            {"name": name, "category_id": category.id, "minutes": minutes, "product_id": product.id, **vals}
        )

    @classmethod
    def _machine(cls, name, category=None, **vals):
        return cls.env["fabloch.machine"].create(
            {
                "name": name,
                "category_id": (category or cls.category).id,
                "resource_calendar_id": cls.calendar.id,
                "slot_minutes": 30,
                "shortest_minutes": 30,
                "longest_minutes": 480,
                "horizon_days": 90,
                **vals,
            }
        )

    @classmethod
    def _partners(cls, *names, **vals):
        defaults = {
            "street": "1 rue du Test",
            "zip": "56400",
            "city": "Auray",
            "lang": "en_US",
            "member_category_id": cls.env.ref("fabloch_membership.member_category_particulier").id,
        }
        return cls.env["res.partner"].create([{"name": name, **defaults, **vals} for name in names])

    @classmethod
    def _member_plan(cls, prices, **vals):
        """A plan whose members pay `prices`: {product: price}."""
        pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Members",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": product.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                    for product, price in prices.items()
                ],
            }
        )
        fee = cls._service("Fee", 30.0)
        return cls.env["fabloch.membership.plan"].create(
            {"name": "Plan", "product_id": fee.id, "pricelist_id": pricelist.id, **vals}
        )

    @classmethod
    def _enrol(cls, partner, plan, start="2026-01-01", **vals):
        return cls.env["fabloch.membership"].create(
            {
                "partner_id": partner.id,
                "plan_id": plan.id,
                "date_start": start,
                "settled_elsewhere": True,
                **vals,
            }
        )

    # -- Shorthands ------------------------------------------------------------------------------------------------

    @staticmethod
    def _at(text):
        """UTC moment of an Auray wall clock text: "2026-03-10 14:00"."""
        from odoo.addons.fabloch_machines import periods

        return periods.to_utc(fields.Datetime.to_datetime(f"{text}:00"), "Europe/Paris")

    @classmethod
    def _vals(cls, start, stop, machine=None, partner=None, **vals):
        """Values of a booking; times as Auray's clock says: "2026-03-10 14:00", or "14:00" for that same day."""
        if len(start) == 5:
            start = f"2026-03-10 {start}"
        if len(stop) == 5:
            stop = f"{start[:10]} {stop}"
        return {
            "machine_id": (machine or cls.laser).id,
            "partner_id": (partner or cls.anna).id,
            "start": cls._at(start),
            "stop": cls._at(stop),
            **vals,
        }

    @classmethod
    def _book(cls, start, stop, machine=None, partner=None, confirm=True, **vals):
        booking = cls.Booking.create(cls._vals(start, stop, machine, partner, **vals))
        if confirm:
            booking.action_confirm()
        return booking

    @classmethod
    def _user(cls, login, groups="fabloch_machines.group_machines_user", **vals):
        return new_test_user(cls.env, login, groups=groups, company_id=cls.company.id, tz="Europe/Paris", **vals)

    def _queries(self, operation):
        """The number of queries of `operation`, from an empty cache of records."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        operation()
        self.env.flush_all()
        return self.cr.sql_log_count - before
