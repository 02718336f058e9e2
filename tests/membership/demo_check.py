"""What the demonstration must show of members, before anything of today is invoiced."""

from odoo import fields


def check(env):
    today = fields.Date.context_today(env["res.company"].with_context(tz="Europe/Paris"))
    statuses = env["fabloch.membership"].search([]).mapped("status")
    assert set(statuses) == {"draft", "waiting", "upcoming", "active", "grace", "expired", "cancelled"}, set(statuses)
    assert env["res.partner"].search_count([("membership_to_renew", "=", True)]) > 1
    charges = env["fabloch.charge"].search([("state", "=", "to_invoice")])
    groups = charges._invoicing_groups(today)
    assert [group.payer.name for group in groups if group.problem] == ["Atelier des Embruns sans adresse"]
    assert len(groups) > 2
    assert not env["account.move"].search_count([("state", "!=", "posted")])
    assert not env["account.move"].search_count([("date", ">", today)])
    assert not env["mail.mail"].search_count([("email_to", "!=", False)])
    for login, group in (
        ("accueil", "fabloch_membership.group_membership_user"),
        ("compta", "fabloch_finance.group_finance_manager"),
        ("bureau", "fabloch_finance.group_finance_board"),
        ("adherente", "base.group_portal"),
    ):
        user = env["res.users"].search([("login", "=", login)])
        assert user.has_group(group), login
        credentials = {"type": "password", "login": login, "password": login}
        user.with_user(user)._check_credentials(credentials, {"interactive": True})
