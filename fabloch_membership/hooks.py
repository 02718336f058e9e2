def post_init_hook(env):
    """Give each company a public pricelist: without one, Odoo would fall back on any pricelist for non-members."""
    env["res.company"].search([])._activate_or_create_pricelists()
