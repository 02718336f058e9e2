from .models.tax_receipt_guard import drop_guard


def post_init_hook(env):
    """Prepare the companies that exist already: journals of gifts, accounts of gifts, subsidies and network fees."""
    env["account.chart.template"]._load_gift_settings(env["res.company"].search([]))
    for company in env["res.company"].search([("chart_template", "=", "fr_association")]):
        charts = env["account.chart.template"].with_company(company)
        charts._load_data({"res.company": charts._get_fr_association_convention_accounts()})


def uninstall_hook(env):
    """The tables of the tax receipts go by the removal itself; what guards them goes first."""
    drop_guard(env.cr)
