"""Revenue by stream and month over three fiscal years of a large ledger.

Ours: the report by stream, grouped as its pivot screen asks for it. The peer: a MIS report with one indicator for each
stream, over the very accounts of that stream, and a column for each of the 36 months, as its own screen computes it
(`compute`). The floor: one GROUP BY over the journal items and a table of accounts' streams made beforehand. The three
give the same figures to the cent, which is checked before anything is measured. The ledger is written by SQL: a
company of its own, posted entries of ten items, half of the items on some forty accounts of income.
"""

from dateutil.relativedelta import relativedelta

from odoo import Command, fields

from benchmarks.harness import size
from tests.finance.big_ledger import YEARS, fill, plain_group_by

TITLE = "Revenue by stream and month, three years"
PEER = "mis_builder"
FLOOR = "one GROUP BY"
UNIT = "report"
GOALS = {"peer": 1.0, "floor": 1.5}
SIZES = (size(1_000_000),)

COMPANY = "Large association"
FIRST, LAST = fields.Date.to_date(f"{YEARS[0]}-01-01"), fields.Date.to_date(f"{YEARS[-1]}-12-31")


def prepare(env, size):
    """Fills the ledger, and sets up the MIS report that gives the same figures."""
    company = fill(env, size)
    accounts = env["account.account"].with_company(company)
    codes = {}
    for account_id, stream_id in env["fabloch.revenue.stream"]._stream_by_account(company).items():
        codes.setdefault(stream_id, []).append(accounts.browse(account_id).code)
    report = env["mis.report"].create(
        {
            "name": COMPANY,
            "kpi_ids": [
                Command.create(
                    {"name": _kpi(stream_id), "description": _kpi(stream_id), "expression": f"-balp[{','.join(found)}]"}
                )
                for stream_id, found in codes.items()
            ],
        }
    )
    env["mis.report.instance"].create(
        {
            "name": COMPANY,
            "report_id": report.id,
            "company_id": company.id,
            "target_move": "posted",
            "comparison_mode": True,
            "period_ids": [
                Command.create(
                    {
                        "name": str(month),
                        "mode": "fix",
                        "manual_date_from": month,
                        "manual_date_to": month + relativedelta(day=31),
                    }
                )
                for month in _months()
            ],
        }
    )


def sides(env):
    """The same report three times."""
    company = env["res.company"].search([("name", "=", COMPANY)])
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    report = env["fabloch.revenue.report"]
    instance = env["mis.report.instance"].search([("company_id", "=", company.id)])
    domain = [("company_id", "=", company.id), ("date", ">=", FIRST), ("date", "<=", LAST)]
    calls = {
        "ours": lambda: report._read_group(domain, ["stream_id", "date:month"], ["amount:sum"]),
        "peer": instance.compute,
        "floor": plain_group_by(env, company),
    }
    env.cr.commit()  # the floor's table of accounts outlives the turns
    _check_same(calls)
    return calls


def _check_same(calls):
    ours = {
        (_kpi(stream.id), str(month)): round(amount, 2)
        for stream, month, amount in calls["ours"]()
        if stream and amount
    }
    floor = {
        (_kpi(stream_id), str(month)): round(float(amount), 2)
        for stream_id, month, amount in calls["floor"]()
        if stream_id and amount
    }
    peer = {
        (row["label"], str(month)): round(cell["val"], 2)
        for row in calls["peer"]()["body"]
        for month, cell in zip(_months(), row["cells"], strict=True)
        if cell.get("val")
    }
    assert ours == floor == peer, "The three reports are to show the same figures."
    assert len({stream for stream, _month in ours}) > 5, "Figures by stream are to measure something."


def _kpi(stream_id):
    return f"stream_{stream_id}"


def _months():
    return [FIRST + relativedelta(months=number) for number in range(12 * len(YEARS))]
