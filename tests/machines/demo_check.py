"""What the demonstration must show of machines, once the scheduled action has invoiced."""

from datetime import timedelta

from odoo import fields


def check(env):
    Booking, Charge = env["fabloch.booking"], env["fabloch.charge"]
    today = fields.Date.context_today(env["res.company"].with_context(tz="Europe/Paris"))
    bookings = Booking.search([])
    assert set(bookings.mapped("state")) == {"hold", "confirmed", "cancelled", "no_show"}
    people = bookings.partner_id.commercial_partner_id
    members = (
        people.filtered("member_number") | bookings.filtered(lambda b: not b.visitor and b.confirm_date).partner_id
    )
    assert len(members) >= 60, len(members)
    companies = people.filtered(lambda p: p.is_company or p.member_category_id.is_business)
    assert len(companies) >= 20, len(companies)
    assert bookings.filtered("visitor")
    now = fields.Datetime.now()
    assert bookings.filtered(lambda b: b.arrived_at and b.start <= now < b.stop)

    # Each confirmed booking costs what is quoted; a cancelled one what its policy keeps.
    Machine = env["fabloch.machine"]
    confirmed = bookings.filtered(lambda b: b.state == "confirmed")
    quotes = Machine._quotes(confirmed._requests(), confirmed.mapped("prepaid_minutes"))
    for booking, quote in zip(confirmed, quotes, strict=True):
        time_charges = booking._time_charges()
        assert time_charges or not quote.total, booking
        assert not booking.currency_id.compare_amounts(sum(time_charges.mapped("amount")), quote.total), booking

    # The cron alone invoiced the last full month, to the cent, nobody twice.
    month_end = today.replace(day=1) - timedelta(days=1)
    month = month_end.replace(day=1)
    due = Charge.search([("booking_id", "!=", False), ("date", ">=", month), ("date", "<=", month_end)])
    assert len(due) > 60, len(due)
    assert not due.filtered(lambda charge: charge.state == "to_invoice")
    run = env["fabloch.invoicing.run"].search([], order="id desc", limit=1)
    lines = due.filtered(lambda charge: charge.state == "invoiced").invoice_line_id
    assert lines.move_id.fabloch_run_id == run, lines.move_id.fabloch_run_id
    assert run.invoice_date == today
    assert set(run.failure_ids.partner_id.mapped("name")) <= {"Atelier des Embruns sans adresse"}
    owed = sum(due.filtered(lambda charge: charge.state == "invoiced").mapped("amount"))
    assert abs(sum(lines.mapped("price_subtotal")) - owed) < 0.005
    assert set(lines.move_id.mapped("state")) == {"posted"}
    old = Charge.search([("booking_id", "!=", False), ("date", "<", month)])
    assert {"paid", "not_paid"} <= set(old.invoice_line_id.move_id.mapped("payment_state")) | {"paid"}
    assert not Charge.search_count([("booking_id", "!=", False), ("state", "=", "invoiced"), ("date", ">", today)])

    report = env["fabloch.machine.report"]
    [[hours, occupancy, revenue]] = report._read_group(
        [("date", ">=", month), ("date", "<=", month_end)], [], ["hours:sum", "occupancy:avg", "revenue:sum"]
    )
    assert hours > 100 and 3 < occupancy < 60, (hours, occupancy)
    assert abs(revenue - sum(due.filtered(lambda charge: not charge.waived).mapped("amount"))) < 0.005
    for login, group in (
        ("accueil", "fabloch_machines.group_machines_user"),
        ("atelier", "fabloch_machines.group_machines_manager"),
    ):
        user = env["res.users"].search([("login", "=", login)])
        assert user.has_group(group), login
    assert not env["res.users"].search([("login", "=", "accueil")]).has_group("fabloch_machines.group_machines_manager")
    assert not env["mail.mail"].search_count([("email_to", "!=", False)])
