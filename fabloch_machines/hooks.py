from odoo import Command


def uninstall_hook(env):
    """The group of accountants stays; that it shows analytic accounts, for the costs of machines, goes."""
    accountants = env.ref("fabloch_finance.group_finance_manager", raise_if_not_found=False)
    if accountants:
        accountants.implied_ids = [Command.unlink(env.ref("analytic.group_analytic_accounting").id)]
