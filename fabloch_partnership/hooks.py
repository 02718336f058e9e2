def post_init_hook(env):
    """Give the companies that are on the association chart already the accounts of subsidies and network fees."""
    for company in env["res.company"].search([("chart_template", "=", "fr_association")]):
        charts = env["account.chart.template"].with_company(company)
        charts._load_data({"res.company": charts._get_fr_association_convention_accounts()})
