from .models.tax_receipt_guard import drop_guard


def uninstall_hook(env):
    """The tables of the tax receipts go by the removal itself; what guards them goes first."""
    drop_guard(env.cr)
