def post_init_hook(env):
    """Prepare the companies that exist already: journals of gifts, and their accounts on the association chart."""
    env["account.chart.template"]._load_gift_settings(env["res.company"].search([]))
