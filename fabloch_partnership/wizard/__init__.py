from . import tax_receipt_cancel
