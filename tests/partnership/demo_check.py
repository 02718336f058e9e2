"""What the demonstration must show of partners."""

from odoo import fields


def check(env):
    today = fields.Date.context_today(env["res.company"].with_context(tz="Europe/Paris"))
    conventions = env["fabloch.convention"].search([])

    def of(name):
        return env.ref(f"fabloch_partnership.demo_convention_{name}")

    # Signed in 2018, all of them; some run today, some are over.
    named = conventions.filtered(lambda each: each.signed_on and each.signed_on.year == 2018)
    assert len(named) == 13, named.mapped("display_name")
    assert set(named.mapped("status")) == {"running", "expired"}, named.mapped("status")
    assert {"draft", "in_signature", "to_renew"} <= set(conventions.mapped("status"))

    # No money is invented for whoever exists.
    fictitious = env.ref("fabloch_finance.demo_tag_fictitious")
    for record in (*conventions, *env["fabloch.donation"].search([]), *env["fabloch.tax.receipt"].search([])):
        assert not record.amount or fictitious in record.partner_id.commercial_partner_id.category_id, (
            record.display_name
        )

    # The joinery is in signature: nobody can book its machine, nobody did.
    joinery = env.ref("fabloch_machines.demo_machine_joinery")
    assert of("odo").state == "in_signature" and joinery.host_id == of("odo").partner_id
    assert not joinery.host_bookable
    assert not env["fabloch.booking"].search_count([("machine_id", "=", joinery.id)])

    # Gifts of each nature, with receipts; whoever has no address has none.
    gifts = env["fabloch.donation"].search([("state", "=", "received")])
    assert set(gifts.filtered("receipt_id").mapped("nature")) == {"cash", "goods", "skills", "expenses"}
    homeless = env.ref("fabloch_partnership.demo_donor_no_address")
    assert not gifts.filtered(lambda gift: gift.partner_id == homeless).receipt_id
    receipts = env["fabloch.tax.receipt"].search([])
    assert set(receipts.mapped("state")) == {"live", "cancelled"} and all(receipts.mapped("pdf"))
    for year, of_year in receipts.grouped("year").items():
        assert sorted(of_year.mapped("sequence_number")) == list(range(1, len(of_year) + 1)), year
    assert env["fabloch.donation"].search_count([("is_late", "=", True)]) == 1

    # The school uses its hours, and pays nothing for them.
    envelope = env.ref("fabloch_partnership.demo_envelope_duquesclin")
    assert 0 < envelope.quantity_used < envelope.quantity
    assert not env["fabloch.charge"].search([("partner_id", "child_of", envelope.partner_id.id)]).filtered("amount")

    # Who represents us where.
    held = env["fabloch.mandate"].search([("active_on", "=", "2018-09-01")])
    assert held.partner_id.name == "Juju" and held.body_id == env.ref("fabloch_partnership.mandate_body_board")
    assert held.is_current and held.network_id.affiliation_id == of("rff")
    assert env["mail.activity"].search_count([("res_model", "=", "fabloch.mandate")]) == 1

    assert not env["mail.mail"].search_count([])
    assert not env["account.move"].search_count([("state", "!=", "posted")])
    assert not env["account.move"].search_count([("date", ">", today)])
    for login, group in (("partenariats", "fabloch_partnership.group_partnership_user"), ("odo", "base.group_portal")):
        user = env["res.users"].search([("login", "=", login)])
        assert user.has_group(group), login
        credentials = {"type": "password", "login": login, "password": login}
        user.with_user(user)._check_credentials(credentials, {"interactive": True})
    assert env.ref("fabloch_partnership.demo_user_odo").partner_id == of("odo").signatory_id
