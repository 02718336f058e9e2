"""What the demonstration shows, in figures: run by bin/demo in `odoo shell`, which provides `env`.

Every figure is asked of the models that the screens show; none is computed here a second time.
"""

from datetime import timedelta

from odoo import fields

WIDTH = 52


def show(title, columns, rows):
    """Prints a table: `rows` are (label, value…), values being texts, numbers of people or things, or None."""
    print()
    print(title.ljust(WIDTH) + "".join(column.rjust(14) for column in columns))
    for label, *values in rows:
        print(("  " + label)[:WIDTH].ljust(WIDTH) + "".join(text(value).rjust(14) for value in values))


def text(value):
    return "–" if value is None else value if isinstance(value, str) else f"{value:,}".replace(",", "\u202f")


def euros(amount):
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",") + " €"


def percent(rate):
    return None if rate is None else f"{100 * rate:.1f} %".replace(".", ",")


def exercises(env, today):
    """The (first day, last day) of the exercise before last, of the last full one and of the current one."""
    found = [env.company.compute_fiscalyear_dates(today)]
    for _before in range(2):
        found.insert(0, env.company.compute_fiscalyear_dates(found[0]["date_from"] - timedelta(days=1)))
    return [(dates["date_from"], dates["date_to"]) for dates in found]


def members(env, years):
    report = env["fabloch.membership.report"]

    def counts(domain, groupby=()):
        columns = []
        for start, _end in years:
            rows = report._read_group([("date_from", "=", start), *domain], groupby, ["members:count_distinct"])
            columns.append({row[0] if groupby else None: row[-1] for row in rows})
        return columns

    by_category = counts([], ["category_id"])
    rows = []
    for business in (False, True):
        if business:
            rows.append(
                ("Entreprises et indépendants, ensemble", *(c[None] for c in counts([("is_business", "=", True)])))
            )
        for category in env["fabloch.member.category"].search([("is_business", "=", business)]):
            values = [column.get(category, 0) for column in by_category]
            if any(values):
                rows.append((("  dont " if business else "") + category.name, *values))
    independents = [("is_business", "=", True), ("category_id.is_legal_person", "=", False)]
    rows.append(("  indépendants, ensemble", *(column[None] for column in counts(independents))))
    rows.append(("Adhérents, au total", *(column[None] for column in counts([]))))
    return rows


def situations(env):
    Partner = env["res.partner"]
    labels = dict(Partner._fields["membership_status"]._description_selection(env))
    rows = [
        (label, Partner.search_count([("membership_status", "=", status)]))
        for status, label in labels.items()
        if status != "none"
    ]
    return [*rows, ("à renouveler", Partner.search_count([("membership_to_renew", "=", True)]))]


def invoices(env, years):
    Move = env["account.move"]
    domain = [("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted")]
    made, amount, paid, due = [], [], [], []
    for start, end in years:
        dates = [("invoice_date", ">=", start), ("invoice_date", "<=", end)]
        [[count, total, residual]] = Move._read_group(
            domain + dates, [], ["__count", "amount_total_signed:sum", "amount_residual_signed:sum"]
        )
        made.append(count)
        paid.append(Move.search_count([*domain, *dates, ("payment_state", "in", ("paid", "in_payment", "reversed"))]))
        amount.append(euros(total))
        due.append(euros(residual))
    return [
        ("Factures émises", *made),
        ("dont payées", *paid),
        ("Montant facturé", *amount),
        ("Reste à payer", *due),
    ]


def to_invoice(env):
    charges = env["fabloch.charge"].search([("state", "=", "to_invoice")])
    groups = charges._invoicing_groups(fields.Date.context_today(charges))
    rows = [("à facturer", len(charges), euros(sum(group.amount for group in groups)))]
    return rows + [
        (f"  sera refusée : {group.payer.name}", len(group.charges), euros(group.amount))
        for group in groups
        if group.problem
    ]


def revenue(env, periods):
    found = [env["fabloch.revenue.stream"]._self_financing(*period) for period in periods]
    amounts = [{stream["stream_id"]: stream for stream in result["streams"]} for result in found]
    names = {}
    for streams in amounts:
        names.update({key: stream["name"] for key, stream in streams.items()})
    order = env["fabloch.revenue.stream"].search([]).ids
    rows = [
        (names[key], *(euros(streams[key]["amount"]) if key in streams else None for streams in amounts))
        for key in [*(key for key in order if key in names), *(key for key in names if not key)]
    ]
    return [
        *rows,
        ("Produits, au total", *(euros(result["revenue"]) for result in found)),
        ("dont autofinancement", *(euros(result["self_financing"]) for result in found)),
        ("Taux d'autofinancement", *(percent(result["rate"]) for result in found)),
    ]


def machines(env, start, end):
    """What was booked from `start` to `end` by category: bookings, hours, occupancy, time, consumables."""
    report = env["fabloch.machine.report"]
    measures = ["bookings:sum", "hours:sum", "occupancy:avg", "time_revenue:sum", "consumable_revenue:sum"]
    domain = [("company_id", "=", env.company.id), ("date", ">=", start), ("date", "<=", end)]

    def row(label, bookings, hours, occupancy, *amounts):
        return (label, bookings, f"{hours:.0f} h", percent(occupancy / 100), *map(euros, amounts))

    found = report._read_group(domain, ["category_id"], measures)
    [total] = report._read_group(domain, [], measures)
    rows = [row(category.name, *values) for category, *values in sorted(found, key=lambda line: line[0].sequence)]
    return [*rows, row("Ensemble", *total)]


def bookings(env, start, end):
    """What the bookings that begin and end between two days were quoted, charged and invoiced for their time."""
    Booking = env["fabloch.booking"]
    # A day more at each end, for the time zone; then by the clock where the machine stands.
    around = [("start", ">=", start - timedelta(days=1)), ("stop", "<=", end + timedelta(days=2))]
    found = Booking.search([("company_id", "=", env.company.id), ("state", "=", "confirmed"), *around]).filtered(
        lambda booking: booking._local(booking.start).date() >= start and booking._local(booking.stop).date() <= end
    )
    quotes = env["fabloch.machine"]._quotes(found._requests(), found.mapped("prepaid_minutes"))
    charges = found._time_charges()
    return [
        ("Réservations honorées dans le mois", len(found), None),
        ("  devis, recalculés", len(quotes), euros(sum(quote.total for quote in quotes))),
        ("  prestations", len(charges), euros(sum(charges.mapped("amount")))),
        (
            "  lignes de facture",
            len(charges.invoice_line_id),
            euros(sum(charges.invoice_line_id.mapped("price_subtotal"))),
        ),
    ]


def last_run(env):
    """The invoices of the last run, and what they brought to each stream of revenue."""
    run = env["fabloch.invoicing.run"].search([("company_id", "=", env.company.id)], limit=1)
    by_stream = env["fabloch.revenue.report"]._read_group(
        [("move_id", "in", run.invoice_ids.ids)], ["stream_id"], ["amount:sum"]
    )
    return [
        (f"Dernière facturation ({run.name}), hors taxe", run.invoice_count, euros(run.amount)),
        *((f"  {stream.name}", None, euros(amount)) for stream, amount in by_stream),
        ("  payeurs refusés", run.failure_count, None),
    ]


def conventions(env):
    Convention = env["fabloch.convention"]
    statuses = Convention._fields["status"]._description_selection(env)
    rows = [(label, Convention.search_count([("status", "=", status)])) for status, label in statuses]
    return [*(row for row in rows if row[1]), ("Conventions, au total", Convention.search_count([]))]


def gifts(env):
    """What was promised, received and put on a live receipt of the current company, by nature of the gift."""
    Donation, company = env["fabloch.donation"], [("company_id", "=", env.company.id)]

    def amounts(model, domain, groupby):
        return dict(model._read_group([*company, *domain], groupby, ["amount:sum"]))

    promised, received = (amounts(Donation, [("state", "=", state)], ["nature"]) for state in ("pledged", "received"))
    receipted = amounts(env["fabloch.tax.receipt.line"], [("live", "=", True)], ["nature"])
    natures = Donation._fields["nature"]._description_selection(env)
    columns = (promised, received, receipted)
    return [(label, *(euros(column.get(nature, 0.0)) for column in columns)) for nature, label in natures]


def receipts(env):
    by_year = env["fabloch.tax.receipt"]._read_group(
        [("company_id", "=", env.company.id), ("state", "=", "live")], ["year"], ["__count", "amount:sum"]
    )
    return [(f"Reçus émis en {year}", count, euros(amount)) for year, count, amount in sorted(by_year)]


def mandates(env):
    held = env["fabloch.mandate"].search([("is_current", "=", True)])
    return [(f"{each.partner_id.name} : {each.network_id.name}", f"{each.date_from:%d/%m/%Y}") for each in held]


def summary(env):
    env = env(context=dict(env.context, lang="fr_FR", tz="Europe/Paris"))
    today = fields.Date.context_today(env.user)
    years = exercises(env, today)
    names = [str(end.year) for _start, end in years]
    names[-1] += " en cours"
    print(f"\n{env.company.name}, le {today:%d/%m/%Y}")
    show("Adhérents de l'exercice", names, members(env, years))
    show("Contacts, aujourd'hui", ["nombre"], situations(env))
    show("Factures aux adhérents et aux clients", names, invoices(env, years))
    show("Prestations", ["nombre", "montant"], to_invoice(env))
    if "fabloch.machine.report" in env:
        end = today.replace(day=1) - timedelta(days=1)
        start = end.replace(day=1)
        columns = ["réservations", "heures", "occupation", "temps", "consommables"]
        show(f"Machines, {start:%m/%Y}", columns, machines(env, start, end))
        rows = [*bookings(env, start, end), *last_run(env)]
        show("Réservations, du devis à la facture", ["nombre", "montant"], rows)
    if "fabloch.convention" in env:
        show("Partenariats : conventions", ["nombre"], conventions(env))
        show("Partenariats : dons", ["promis", "reçus", "sur reçu"], gifts(env))
        show("Partenariats : reçus fiscaux", ["nombre", "montant"], receipts(env))
        show("Partenariats : mandats exercés aujourd'hui", ["depuis"], mandates(env))
    same_date = fields.Date.subtract(today, years=1)
    show(
        "Recettes par flux",
        [*names, f"au {same_date:%d/%m/%Y}"],
        revenue(env, [*years[:-1], (years[-1][0], today), (years[-2][0], same_date)]),
    )


summary(env)  # noqa: F821
