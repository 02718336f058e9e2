"""Renewing many memberships in one go, up to their posted invoices.

Each member had a membership of one year that ended yesterday, with the same fee, the same account of income and no
tax on both sides; the invoices go into the same sales journal, are dated today, due today, posted, and not mailed.
Tracking and notes are as in the everyday screens on all sides. Ours: the window "Renew" on the memberships, which makes
the following membership of each, charges the fee and invoices it. The peer: the window "Invoice" of OCA membership
on the members, which makes the invoices and a line of membership for each, then Odoo's own button that posts them. The
floor: the very invoices that ours makes, given to Odoo in one `create` and posted, without any membership. That the
invoices are the same is checked on a few members before anything is measured.

Some invoices of last year stand there, paid: where there is no payment at all, PostgreSQL plans the query with which
Odoo looks for an invoice's payments in a way that takes minutes for thousands of new invoices, whoever makes them.
"""

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tools import format_date

from benchmarks import harness

TITLE = "Renewing memberships, invoices posted"
PEER = "membership (OCA)"
INSTALL = ("membership",)
FLOOR = "the same invoices, in one create and post"
UNIT = "membership"
GOALS = {"peer": 1.3}
SIZES = (harness.size(500), harness.size(5_000))
ROUNDS = {harness.size(5_000): 1}  # some minutes a side; the check on a few members has loaded what the calls need

NAME = "Bench yearly fee"
FEE = 45.0
PAID = harness.size(500)


def prepare(env, size):
    """Gives each of that many new members a membership that ended yesterday, ours and the peer's."""
    today = fields.Date.context_today(env.user)
    start, end = today - relativedelta(years=1), today - relativedelta(days=1)
    env.company.write({"fabloch_invoicing_post": True, "fabloch_invoicing_send": False})
    account = env["account.account"].search(
        [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
    )
    product = {
        "type": "service",
        "list_price": FEE,
        "taxes_id": [Command.clear()],
        "property_account_income_id": account.id,
    }
    ours, last_year, this_year = env["product.product"].create(
        [
            {**product, "name": NAME},
            {
                **product,
                "name": f"{NAME}, last year",
                "membership": True,
                "membership_date_from": start,
                "membership_date_to": end,
            },
            {
                **product,
                "name": f"{NAME}, this year",
                "membership": True,
                "membership_date_from": today,
                "membership_date_to": end + relativedelta(years=1),
            },
        ]
    )
    category = env.ref("fabloch_membership.member_category_particulier")
    plan = env["fabloch.membership.plan"].create({"name": NAME, "product_id": ours.id, "grace_days": 30})
    partners = env["res.partner"].create(
        [
            {
                "name": f"Member {number}",
                "street": f"{number} rue du Port",
                "zip": "56400",
                "city": "Auray",
                "lang": "fr_FR",
                "member_category_id": category.id,
            }
            for number in range(size)
        ]
    )
    env["fabloch.membership"].create(
        [
            {"partner_id": partner.id, "plan_id": plan.id, "date_start": start, "settled_elsewhere": True}
            for partner in partners
        ]
    )
    env["membership.membership_line"].create(
        [
            {
                "partner_id": partner.id,
                "membership_id": last_year.id,
                "member_price": FEE,
                "date": start,
                "date_from": start,
                "date_to": end,
                "state": "paid",
            }
            for partner in partners
        ]
    )
    assert this_year
    paid = _invoices(env, partners[:PAID], ours, start, NAME)
    paid.action_post()
    wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=paid.ids)
    wizard.create({"payment_date": start}).action_create_payments()


def sides(env):
    """The renewal of those of this size."""
    plan = env["fabloch.membership.plan"].search([("name", "=", NAME)], order="id desc", limit=1)
    memberships = env["fabloch.membership"].search([("plan_id", "=", plan.id)])
    _check_same(env, memberships[:5])

    def times(call):
        def once():
            made = call(env, memberships)
            assert len(made) == len(memberships), f"{len(made)} invoices of {len(memberships)}."
            return len(made)

        return once

    return {name: times(call) for name, call in CALLS.items()}


def _ours(env, memberships):
    wizard = env["fabloch.membership.batch.renew"].with_context(
        active_model="fabloch.membership", active_ids=memberships.ids
    )
    wizard = wizard.create({"invoice": True})
    wizard.action_renew()
    return wizard.new_membership_ids.charge_ids.invoice_id


def _peer(env, memberships):
    product = env["product.product"].search([("name", "=", f"{NAME}, this year")], order="id desc", limit=1)
    wizard = env["membership.invoice"].create({"product_id": product.id, "member_price": FEE})
    action = wizard.with_context(active_ids=memberships.partner_id.ids).membership_invoice()
    moves = env["account.move"].search(action["domain"])
    moves.action_post()
    return moves


def _floor(env, memberships):
    today = fields.Date.context_today(env.user)
    end = today + relativedelta(years=1, days=-1)
    name = f"{NAME}, du {format_date(env, today)} au {format_date(env, end)}"
    moves = _invoices(env, memberships.partner_id, memberships.plan_id.product_id, today, name)
    moves.action_post()
    return moves


def _invoices(env, partners, product, date, name):
    """An invoice of the fee for each, made in one create."""
    journal = env.company._fabloch_invoicing_journal()
    return env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "journal_id": journal.id,
                "partner_id": partner.id,
                "currency_id": env.company.currency_id.id,
                "invoice_date": date,
                "invoice_date_due": date,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": name,
                            "quantity": 1,
                            "product_uom_id": product.uom_id.id,
                            "price_unit": FEE,
                            "tax_ids": [],
                        }
                    )
                ],
            }
            for partner in partners
        ]
    )


CALLS = {"ours": _ours, "peer": _peer, "floor": _floor}


def _check_same(env, memberships):
    """Whoever writes them, the invoices are the same, but for their words on the peer's side."""
    found = {}
    for name, call in CALLS.items():
        moves = call(env, memberships).sorted("partner_id")
        of_move = ("state", "partner_id", "journal_id", "currency_id", "invoice_date", "invoice_date_due")
        of_line = ("account_id", "quantity", "price_unit", "tax_ids", "product_uom_id", "balance", "display_type")
        found[name] = [
            [move[each] for each in of_move] + [[line[each] for each in of_line] for line in move.line_ids]
            for move in moves
        ]
        found[f"words of {name}"] = moves.invoice_line_ids.mapped("name")
        env.cr.rollback()
        env.invalidate_all()
    assert found["ours"] == found["floor"] == found["peer"], "The three are to make the same invoices."
    assert found["words of ours"] == found["words of floor"], "The floor is to make our invoices word by word."
    assert len(found["ours"]) == len(memberships)
