def post_init_hook(env):
    """Prepare the companies that exist already.

    Each gets a public pricelist: without one Odoo falls back on any pricelist for whoever has none. Those on the
    association chart get the accounts of the membership fees.
    """
    companies = env["res.company"].search([])
    companies._activate_or_create_pricelists()
    for company in companies.filtered(lambda company: company.chart_template == "fr_association"):
        charts = env["account.chart.template"].with_company(company)
        charts._load_data({"product.category": charts._get_fr_association_fee_categories()})
