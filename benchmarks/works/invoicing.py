"""Invoice 500 payers, five lines each, posted.

The three sides make the same 500 invoices: same product, prices, taxes, journal and day; no mail is sent, no message is
written by hand. Ours takes 2,500 charges, locks them, groups them by payer, ties each to its line and writes the run;
the peer reads 500 contracts of five lines and moves their next date on; the floor is given the values.
"""

from odoo import Command, fields

TITLE = "Invoice 500 payers, 5 lines each, posted"
PEER = "contract"
INSTALL = ("contract",)
FLOOR = "batched `account.move.create` and `action_post`"
UNIT = "500 invoices"
GOALS = {"peer": 1.3, "floor": 1.05}
SIZES = (500,)
LINES = 5


def prepare(env, size):
    company = env.company
    company.write({"fabloch_invoicing_send": False, "fabloch_invoicing_auto": True})
    journal = env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", company.id)], limit=1)
    tax = company.account_sale_tax_id
    product = env["product.product"].create(
        {"name": "Laser", "type": "service", "list_price": 10, "taxes_id": [Command.set(tax.ids)]}
    )
    payers = env["res.partner"].create(
        [
            {
                "name": f"Payer {number}",
                "street": "1 rue du Test",
                "zip": "56400",
                "city": "Auray",
                "country_id": env.ref("base.fr").id,
            }
            for number in range(size)
        ]
    )
    day = fields.Date.today()
    env["fabloch.charge"].create(
        [
            {"partner_id": payer.id, "product_id": product.id, "name": f"Laser {line}", "price_unit": 10 + line}
            for payer in payers
            for line in range(LINES)
        ]
    )
    env["contract.contract"].with_context(tracking_disable=True).create(
        [
            {
                "name": f"Contract of {payer.name}",
                "partner_id": payer.id,
                "journal_id": journal.id,
                "line_recurrence": False,
                "recurring_next_date": day,
                "date_start": day,
                "recurring_rule_type": "monthly",
                "contract_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": f"Laser {line}",
                            "quantity": 1,
                            "price_unit": 10 + line,
                            "uom_id": product.uom_id.id,
                        }
                    )
                    for line in range(LINES)
                ],
            }
            for payer in payers
        ]
    )


def sides(env):
    day = fields.Date.today()
    charges = env["fabloch.charge"].search([("state", "=", "to_invoice")])
    contracts = env["contract.contract"].search([])
    product = charges.product_id
    journal = contracts.journal_id

    def ours():
        runs = charges._invoice(day)
        assert not runs.failure_ids, runs.failure_ids.mapped("reason")
        return runs.invoice_ids

    def peer():
        moves = contracts.with_context(tracking_disable=True)._recurring_create_invoice(day)
        moves.action_post()
        return moves

    def floor():
        moves = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": payer.id,
                    "invoice_date": day,
                    "journal_id": journal.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "name": f"Laser {line}",
                                "quantity": 1,
                                "price_unit": 10 + line,
                                "tax_ids": [Command.set(product.taxes_id.ids)],
                            }
                        )
                        for line in range(LINES)
                    ],
                }
                for payer in charges.partner_id
            ]
        )
        moves.action_post()
        return moves

    made = {}
    for name, call in (("ours", ours), ("peer", peer), ("floor", floor)):
        made[name] = _facts(call())
        env.cr.rollback()
        env.invalidate_all()
    assert made["ours"] == made["floor"] == made["peer"], {name: facts[:3] for name, facts in made.items()}
    return {"ours": ours, "peer": peer, "floor": floor}


def _facts(moves):
    """What an accountant would compare: payer, day, accounts, amounts, state."""
    return sorted(
        (
            move.partner_id.id,
            str(move.invoice_date),
            move.state,
            move.amount_untaxed,
            move.amount_total,
            sorted((line.account_id.code, line.debit, line.credit) for line in move.line_ids),
        )
        for move in moves
    )
