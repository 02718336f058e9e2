from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

MEMBERS_SHOWN = 10


class Row(NamedTuple):
    """A line of a result; amounts are untaxed and exact (Decimal)."""

    record_id: int | None
    name: str
    before: Decimal  # charged
    today: Decimal  # the same bookings by today's card
    after: Decimal  # and by the scenario's
    bookings: int

    @property
    def change(self):
        return self.after - self.before

    @property
    def rate(self):
        """The change beside what was charged; None when that was nothing."""
        return float(self.change / self.before) if self.before else None


class Result(NamedTuple):
    """What a scenario would have changed."""

    total: Row
    streams: list  # of `Row`, as the three below
    machine_categories: list
    member_categories: list  # visitors together, whatever their category
    members: list  # those whom it changes most, the largest difference first
    cheaper: int  # bookings
    dearer: int
    same: int
    lost: int  # of them, those that nothing is on offer for any more: nothing comes in
    unpriced: int  # nothing is on offer for today either: they are left at what was charged
    given_up: int  # bookings that nothing was charged for in the end: they aren't replayed
    consumables: Decimal


class RateScenarioResult(models.Model):
    """What a scenario would have changed, told by stream, by machine, by member: computed at each look, never kept."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.rate.scenario"

    amount_before = fields.Monetary("Charged", compute="_compute_result", help="Untaxed, for the time booked.")
    amount_after = fields.Monetary("By this scenario", compute="_compute_result", help="The same bookings, untaxed.")
    amount_change = fields.Monetary("Difference", compute="_compute_result")
    change_rate = fields.Float("Difference (%)", compute="_compute_result")
    # Made from our own template, which escapes what it shows.
    result_html = fields.Html("Result", compute="_compute_result_html", sanitize=False)

    def _results(self):
        """Return {scenario: `Result`}; writes nothing.

        :raises AccessError: when the user may not read one of these scenarios.
        """
        replays = self._replay()
        Stream = self.env["fabloch.revenue.stream"].sudo()
        streams = {company: Stream._stream_by_account(company) for company in self.company_id}
        return {
            scenario: scenario.sudo()
            .with_company(scenario.company_id)
            ._sum_up(replayed, period, streams[scenario.company_id])
            for scenario, (replayed, period) in replays.items()
        }

    @api.depends("company_id", "date_from", "date_to", "price_date", "line_ids", "pricelist_ids")
    def _compute_result(self):
        saved = self.filtered("id")
        unsaved = self - saved
        unsaved.amount_before = unsaved.amount_after = unsaved.amount_change = unsaved.change_rate = 0.0
        for scenario, result in saved._results().items():
            total = result.total
            scenario.amount_before, scenario.amount_after = float(total.before), float(total.after)
            scenario.amount_change, scenario.change_rate = float(total.change), total.rate or 0.0

    @api.depends("company_id", "date_from", "date_to", "price_date", "line_ids", "pricelist_ids")
    @api.depends_context("lang")
    def _compute_result_html(self):
        saved = self.filtered("id")
        (self - saved).result_html = False
        for scenario, result in saved._results().items():
            scenario.result_html = self.env["ir.qweb"]._render(
                "fabloch_machines.rate_scenario_result", scenario._result_values(result)
            )

    def _sum_up(self, replayed, period, stream_by_account):
        """Return the `Result` of what `_replay` has told of this scenario."""
        sums = {
            name: defaultdict(lambda: [Decimal(0)] * 3 + [0]) for name in ("stream", "machine", "category", "payer")
        }
        total, counts = [Decimal(0)] * 3 + [0], defaultdict(int)
        members = set()
        stream_of = self._stream_of(
            {
                product_id
                for past, *prices in replayed.values()
                for found in (past.net, *prices)
                for product_id in found or ()
            },
            stream_by_account,
        )
        for past, before, today, after in replayed.values():
            if after is None:
                counts["unpriced" if today is None else "lost"] += 1
                after = before if today is None else {}
            today = before if today is None else today
            amounts = [sum(found.values(), Decimal(0)) for found in (before, today, after)]
            keys = {
                "machine": past.category_id,
                "category": "visitor" if past.visitor else past.member_category_id,
                "payer": past.payer_id,
            }
            if not past.visitor:
                members.add(past.payer_id)
            for each in [total, *(sums[name][key] for name, key in keys.items())]:
                for place, amount in enumerate(amounts):
                    each[place] += amount
                each[3] += 1
            for place, found in enumerate((before, today, after)):
                for product_id, amount in found.items():
                    sums["stream"][stream_of[product_id]][place] += amount
            for stream_id in {stream_of[product_id] for found in (before, after) for product_id in found}:
                sums["stream"][stream_id][3] += 1
            counts["cheaper" if amounts[2] < amounts[0] else "dearer" if amounts[2] > amounts[0] else "same"] += 1
        of_members = self._rows("res.partner", {key: value for key, value in sums["payer"].items() if key in members})
        most = sorted(of_members, key=lambda row: (-abs(row.change), row.name, row.record_id))
        return Result(
            total=Row(None, self.env._("Total"), *total),
            streams=self._rows("fabloch.revenue.stream", sums["stream"], self.env._("Without stream")),
            machine_categories=self._rows("fabloch.machine.category", sums["machine"]),
            member_categories=self._rows(
                "fabloch.member.category", sums["category"], self.env._("Without category"), self.env._("Visitors")
            ),
            members=[row for row in most if row.change][:MEMBERS_SHOWN],
            given_up=period.given_up,
            consumables=period.consumables,
            **{name: counts[name] for name in ("cheaper", "dearer", "same", "lost", "unpriced")},
        )

    def _rows(self, model, sums, none=None, visitors=None):
        """Return the `Row` of each record of `model`, in the order of the model."""
        others = {None: none, False: none, "visitor": visitors}
        ids = [key for key in sums if key not in others]
        records = self.env[model].browse(ids).with_context(active_test=False)
        if model != "res.partner":
            records = records.sorted()
        rows = [Row(record.id, record.display_name, *sums[record.id]) for record in records]
        return rows + [Row(None, name, *sums[key]) for key, name in others.items() if key in sums]

    def _stream_of(self, product_ids, by_account):
        """Return {product id: stream id or None}: of the account that its sales go to."""
        products = self.env["product.product"].browse(product_ids).with_company(self.company_id)
        return {product.id: by_account.get(product._get_product_accounts()["income"].id) for product in products}

    # -- Shown -------------------------------------------------------------------------------------------------------

    def _result_values(self, result, printed=False):
        """Values of the template of a result: texts that are ready to be shown."""
        self.ensure_one()
        tables = [
            (self.env._("Revenue by stream"), result.streams, None),
            (self.env._("By member category"), result.member_categories, None),
            (self.env._("By kind of machine"), result.machine_categories, None),
            (self.env._("The members it changes most"), result.members, "res.partner"),
        ]
        return {
            "bookings": result.total.bookings,
            "printed": printed,
            "total": self._shown(result.total, result.total),
            "remarks": self._remarks(result),
            "assumptions": self._assumptions(result),
            "tables": [
                {
                    "title": title,
                    "rows": [
                        self._shown(row, max(rows, key=lambda each: max(each.before, each.after)), model)
                        for row in rows
                    ],
                    "total": self._shown(result.total, result.total) if not model else None,
                }
                for title, rows, model in tables
            ],
        }

    def _remarks(self, result):
        """Return sentences about what was found."""
        remarks = [
            self.env._(
                "%(bookings)s bookings: %(dearer)s would have cost more, %(cheaper)s less, %(same)s the same.",
                bookings=result.total.bookings,
                dearer=result.dearer,
                cheaper=result.cheaper,
                same=result.same,
            )
        ]
        if result.lost:
            remarks.append(
                self.env._(
                    "For %s of them nothing would be on offer any more: they would have brought in nothing.",
                    result.lost,
                )
            )
        if result.unpriced:
            remarks.append(
                self.env._(
                    "%s are of machines that have no rate today: they are left at what was charged.", result.unpriced
                )
            )
        since = result.total.today - result.total.before
        if since:
            remarks.append(
                self.env._(
                    "By today's card the same bookings would have cost %(today)s: %(since)s of the difference comes "
                    "from prices or pricelists that have changed since, or were changed by hand.",
                    today=self._money(result.total.today),
                    since=self._money(since, signed=True),
                )
            )
        return remarks

    def _assumptions(self, result):
        """Return sentences on how it is reckoned."""
        in_part = self.env._(
            "A booking that was charged in part (late cancellation, no-show, discount, credit note, envelope) is "
            "replayed for the same part."
        )
        if result.given_up:
            in_part = self.env._(
                "%(in_part)s Left out: %(given_up)s bookings that nothing was charged for in the end.",
                in_part=in_part,
                given_up=result.given_up,
            )
        return [
            self.env._(
                "The same people book the same machines for the same hours: nobody is supposed to come more often, or "
                "less, because of the prices. Prepaid time stays prepaid."
            ),
            self.env._(
                "Each booking is priced as it would be at the desk: the cheapest combination of the units on offer, by "
                "the pricelist of its person on that day, member or visitor."
            ),
            in_part,
            self.env._(
                "Amounts are untaxed and for the time booked. Consumables (%s with these bookings), prepaid packs and "
                "membership fees stay as they are.",
                self._money(result.consumables),
            ),
        ]

    def _shown(self, row, largest, model=None):
        whole = max(largest.before, largest.after) or 1
        return {
            "name": row.name,
            "url": f"/odoo/{model}/{row.record_id}" if model else None,
            "before": self._money(row.before),
            "after": self._money(row.after),
            "change": self._money(row.change, signed=True),
            "rate": self._percent(row.rate),
            "sign": (row.change > 0) - (row.change < 0),
            "bookings": row.bookings,
            "before_width": round(100 * row.before / whole, 1),
            "after_width": round(100 * row.after / whole, 1),
        }

    def _money(self, amount, signed=False):
        text = formatLang(self.env, float(abs(amount) if signed else amount), currency_obj=self.currency_id)
        if not signed or not amount:
            return text
        return f"+{text}" if amount > 0 else f"−{text}"

    def _percent(self, rate):
        if rate is None:
            return ""
        text = formatLang(self.env, abs(100 * rate), digits=1)
        sign = "" if not round(rate, 3) else "+" if rate > 0 else "−"
        return f"{sign}{text}\N{NO-BREAK SPACE}%"

    # -- Printed -----------------------------------------------------------------------------------------------------

    def _printed(self):
        """Return what is printed: the result, beside it `period` and `replaced` (sentences), and the `prices` that
        change: {machines: [(unit, for whom, today, new), …]}."""
        self.ensure_one()
        self.check_access("read")
        scenario = self.sudo()
        prices = defaultdict(list)
        for line in scenario.line_ids:
            if (
                line.rate_id
                and line.offered
                and not self.currency_id.compare_amounts(line.new_price, line.current_price)
            ):
                continue
            if not line.rate_id and not line.offered:
                continue
            place = line.machine_id.name or line.category_id.name
            prices[place].append(
                (
                    line.name,
                    line.pricelist_id.name or self.env._("Public prices"),
                    self._money(line.current_price) if line.rate_id else self.env._("new"),
                    self._money(line.new_price) if line.offered else self.env._("no longer offered"),
                )
            )
        [result] = self._results().values()
        public = self.env._("Public prices")
        return {
            **self._result_values(result, printed=True),
            "period": self.env._(
                "Bookings from %(first)s to %(last)s, replayed by other prices",
                first=format_date(self.env, self.date_from),
                last=format_date(self.env, self.date_to),
            ),
            "replaced": [
                self.env._(
                    "Who pays by “%(old)s” would pay by “%(new)s”.",
                    old=line.pricelist_id.name or public,
                    new=line.new_pricelist_id.name or public,
                )
                for line in scenario.pricelist_ids
            ],
            "prices": dict(prices),
        }
